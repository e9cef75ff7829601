//! Walks the names of a disc, and describes what it cannot read.

use oncefs::nodes::{self, Missed, Node, Volume, Walk, Why};
pub use oncefs::nodes::{DEEPEST, LONGEST_PATH};
use oncefs::{RecordedAddress, VolumeError};

use crate::failure::{Context, Exit, Failure, Outcome};
use crate::failure_kind::FailureKind;

/// A step of a walk.
pub enum Step {
    /// An entry of a directory.
    Entry(Entry),
    /// The end of the contents of a directory.
    Leave,
}

/// An entry of a directory.
pub struct Entry {
    /// The path from the root of the volume.
    pub path: String,
    /// The name. The disc may have any characters in it.
    pub name: String,
    /// Whether it names a directory, according to the entry (`ECMA-167 4/14.4.3`).
    pub is_directory: bool,
    address: RecordedAddress,
}

impl Entry {
    /// Reads the node that the entry names.
    pub fn node(&self, volume: &mut Volume) -> Outcome<Node> {
        volume.node(self.address).at(&self.path)
    }
}

/// A walk in the order on the disc. Each directory comes before its contents.
pub struct Tree(Walk<Volume>);

impl Tree {
    /// Creates a walk over the contents of a directory. It returns no entry for the directory itself, but its
    /// end.
    pub fn new(node: Node, path: &str) -> Self {
        Self(Walk::new(node, path))
    }

    /// Continues with the contents of a directory, up to its [`Step::Leave`].
    pub fn enter(&mut self, node: Node, path: &str) {
        self.0.enter(node, path);
    }

    /// Returns the next step, or `None` at the end. The walk can continue after a failure.
    pub fn step(&mut self, volume: &mut Volume) -> Option<Outcome<Step>> {
        let step = match self.0.step(volume)? {
            Ok(nodes::Step::Leave) => Ok(Step::Leave),
            Ok(nodes::Step::Entry { path, named }) => Ok(Step::Entry(Entry {
                path,
                name: named.name,
                is_directory: named.is_directory,
                address: named.address,
            })),
            Err(missed) => Err(failure(missed)),
        };
        Some(step)
    }
}

fn failure(missed: Missed<VolumeError>) -> Failure {
    let failure = match missed.why {
        Why::NotOpened(error) => error.into(),
        Why::Names(error) => part_of_directory(error),
        Why::SecondName => {
            let message = "a directory with a second name (ECMA-167 4/8.8): its contents were listed before";
            Failure::new(Exit::Damaged, FailureKind::Damaged, message)
        }
        Why::TooDeep => {
            let message = format_args!(
                "not entered: {DEEPEST} directories below each other and a path of {LONGEST_PATH} bytes are the most"
            );
            Failure::new(Exit::Damaged, FailureKind::TooDeep, message)
        }
    };
    // The path of the root is empty here.
    failure.at(if missed.path.is_empty() { "/" } else { &missed.path })
}

/// Reports damage of a directory as lost names, because the walk continues with the rest of the directory.
fn part_of_directory(error: VolumeError) -> Failure {
    let failure = Failure::from(error);
    match failure.exit {
        Exit::Damaged => failure.after("names in this directory are lost"),
        _ => failure,
    }
}
