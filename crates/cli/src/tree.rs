//! The walk over the names of a disc, and the words for what it misses.

use ecma167::RecordedAddress;
pub use volume::{DEEPEST, LONGEST_PATH};
use volume::{Missed, Node, Volume, Walk, Why};

use crate::failure::{Context, Exit, Failure, Outcome};
use crate::failure_kind::FailureKind;

/// What the walk comes by.
pub enum Step {
    /// A name.
    Entry(Entry),
    /// The end of what a directory holds.
    Leave,
}

/// A name in a directory.
pub struct Entry {
    /// From the root of the volume.
    pub path: String,
    /// The name; the disc may have anything here.
    pub name: String,
    /// Whether it is that of a directory, as the directory above says (`ECMA-167 4/14.4.3`).
    pub is_directory: bool,
    address: RecordedAddress,
}

impl Entry {
    /// What has this name.
    pub fn node(&self, volume: &mut Volume) -> Outcome<Node> {
        volume.node(self.address).at(&self.path)
    }
}

/// A walk, directories before what they hold, in the order of the disc.
pub struct Tree(Walk<Volume>);

impl Tree {
    /// The walk over what a directory holds. The directory itself is not handed out, its end is.
    pub fn new(node: Node, path: &str) -> Self {
        Self(Walk::new(node, path))
    }

    /// Goes on with what a directory holds, up to its [`Step::Leave`].
    pub fn enter(&mut self, node: Node, path: &str) {
        self.0.enter(node, path);
    }

    /// The next step; `None` at the end. The walk may go on after a failure.
    pub fn step(&mut self, volume: &mut Volume) -> Option<Outcome<Step>> {
        let step = match self.0.step(volume)? {
            Ok(volume::Step::Leave) => Ok(Step::Leave),
            Ok(volume::Step::Entry { path, named }) => Ok(Step::Entry(Entry {
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

fn failure(missed: Missed<volume::Error>) -> Failure {
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
    // The root has an empty path here.
    failure.at(if missed.path.is_empty() { "/" } else { &missed.path })
}

/// Names the damage of a directory for what it is: what the rest of it holds still comes.
fn part_of_directory(error: volume::Error) -> Failure {
    let failure = Failure::from(error);
    match failure.exit {
        Exit::Damaged => failure.after("names in this directory are lost"),
        _ => failure,
    }
}
