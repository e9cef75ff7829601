//! What the mount works on: the volume, open files, and the mount options.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ecma167::BlockSize;
use ecma167::general::Timestamp;
use fuser::{FileAttr, INodeNo};
use volume::Node;

use crate::attributes::{Owner, attributes};
use crate::error::Error;
use crate::handles::Handles;
use crate::number::Numbers;
use crate::report::Report;
use crate::tree::Tree;

/// The state of a mount.
pub(crate) struct Served {
    /// The volume, until the mount ends.
    pub tree: Option<Tree>,
    pub numbers: Numbers,
    pub handles: Handles,
    pub owner: Owner,
    /// The size of a block of the volume.
    pub block_size: BlockSize,
    /// Whether it is mounted read-only, whatever the disc takes.
    pub read_only: bool,
    pub clock: fn() -> Timestamp,
    pub report: Box<dyn Fn(&Report<'_>) + Send>,
    pub commit_after: Option<Duration>,
    /// When the first uncommitted change was made.
    pub waiting_since: Option<Instant>,
    /// Blocks of the medium used up from mounting to the last commit.
    pub used_at_commit: u64,
    /// The result of the last commit, once the disc is given back.
    pub outcome: Option<Result<(), Error>>,
    /// Whether the mount has ended.
    pub ended: bool,
}

impl Served {
    pub fn tree(&mut self) -> Result<&mut Tree, Error> {
        self.tree.as_mut().ok_or(Error::Ended)
    }

    /// The attributes of the node with a number.
    pub fn attributes(&mut self, number: INodeNo) -> Result<FileAttr, Error> {
        let address = self.numbers.address(number);
        let node = self.tree()?.node(address)?;
        self.attributes_of(&node)
    }

    pub fn attributes_of(&mut self, node: &Node) -> Result<FileAttr, Error> {
        let size = self.tree()?.size(node)?;
        let number = self.numbers.number(node.address);
        Ok(attributes(node, number, size, self.owner, self.block_size))
    }

    /// Reports a fault of the disc: the program that asked only gets EIO.
    pub fn tell(&self, what: &str, error: &Error) {
        (self.report)(&Report::Failed { what, error });
    }
}

/// The state, shared by the serving and the waiting threads.
#[derive(Clone)]
pub(crate) struct Shared(Arc<(Mutex<Served>, Condvar)>);

impl Shared {
    pub fn new(served: Served) -> Self {
        Self(Arc::new((Mutex::new(served), Condvar::new())))
    }

    /// Locks the state for one operation. A change that a panic broke off is half done; the recording detects
    /// that itself.
    pub fn lock(&self) -> MutexGuard<'_, Served> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets [`Shared::wait`] return: the mount has ended.
    pub fn end(&self) {
        let mut served = self.lock();
        served.give_back();
        served.ended = true;
        self.0.1.notify_all();
    }

    /// Wakes the waiting thread: there is something to commit.
    pub fn wake(&self) {
        self.0.1.notify_all();
    }

    /// Commits by the clock until the mount has ended. Returns the result of the last commit.
    pub fn wait(&self) -> Result<(), Error> {
        let mut served = self.lock();
        loop {
            if served.ended {
                return served.outcome.take().unwrap_or(Ok(()));
            }
            served = match served.until_commit() {
                Some(Duration::ZERO) => {
                    if let Err(error) = served.commit() {
                        served.tell("a commit", &error);
                    }
                    served
                }
                Some(time) => {
                    let waited = self.0.1.wait_timeout(served, time);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.0.1.wait(served).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}
