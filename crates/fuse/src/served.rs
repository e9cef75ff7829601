//! What the mount works on: the volume, open files, and the mount options.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ecma167::BlockSize;
use ecma167::general::Timestamp;
use fuser::{FileAttr, INodeNo};

use crate::attributes::{Owner, attributes, directory, unknown};
use crate::error::Error;
use crate::handles::Handles;
use crate::number::{Numbered, Numbers};
use crate::past::Past;
use crate::report::Report;
use crate::tree::{Tree, size_of};

/// How long the kernel may keep an answer. Nothing but this mount changes the volume.
pub(crate) const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// The state of a mount.
pub(crate) struct Served {
    /// The volume, until the mount ends.
    pub tree: Option<Tree>,
    pub numbers: Numbers,
    /// The generations, if the mount shows them.
    pub past: Option<Past>,
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
        let (node, size) = match self.numbers.numbered(number) {
            Numbered::Now(address) => {
                let tree = self.tree()?;
                let node = tree.node(address)?;
                let size = tree.size(&node)?;
                (node, size)
            }
            Numbered::Then(generation, address) => self.then(generation, address, |volume, node| {
                let size = size_of(&node, |node| Ok(volume.symlink_target(node)?))?;
                Ok((node, size))
            })?,
            Numbered::Oncefs | Numbered::At => return Ok(self.directory(number)),
        };
        Ok(attributes(&node, number, size, self.owner, self.block_size))
    }

    /// The attributes of a directory of the mount alone.
    fn directory(&self, number: INodeNo) -> FileAttr {
        let recorded = self
            .past
            .as_ref()
            .map_or_else(Timestamp::unspecified, Past::recorded);
        directory(number, &recorded, self.owner, self.block_size)
    }

    /// The attributes for a listing, and how long the kernel may keep them. A node that cannot be read is
    /// still listed; using it reports the fault. The root of a generation is read only when it is used.
    pub fn attributes_in_listing(&mut self, number: INodeNo) -> (FileAttr, Duration) {
        if let Numbered::Then(_, None) = self.numbers.numbered(number) {
            return (self.directory(number), Duration::ZERO);
        }
        match self.attributes(number) {
            Ok(attributes) => (attributes, KEPT),
            Err(_) => (unknown(number, self.block_size), Duration::ZERO),
        }
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
