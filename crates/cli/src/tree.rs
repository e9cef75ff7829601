//! Walks the names on a disc. A hostile disc cannot make it endless: it enters no directory twice, and none
//! too deep.
//!
//! It reads directories but no nodes: each node is a read elsewhere on the disc, and a list of names needs
//! none of files.

use std::collections::HashSet;

use ecma167::RecordedAddress;
use ecma167::file::FileCharacteristics;
use volume::{Directory, Node, Volume};

use crate::failure::{Context, Exit, Failure, Outcome};
use crate::failure_kind::FailureKind;

/// Most nested directories that are entered or recorded.
pub const DEEPEST: usize = 1 << 16;
/// Longest path in bytes that is entered or recorded; UDF has 1,023 (`UDF 2.60 2`), the system takes 4,095 at
/// once.
pub const LONGEST_PATH: usize = 128 << 10;

/// Directories held open: one higher up is opened again when the walk returns to it.
const HELD: usize = 32;

/// A step of the walk.
pub enum Step {
    /// A name.
    Entry(Entry),
    /// The end of a directory's contents.
    Leave,
}

/// A name in a directory.
pub struct Entry {
    /// Path from the root of the volume.
    pub path: String,
    /// The name; the disc may have anything here.
    pub name: String,
    /// Whether it names a directory, by the entry in its parent (`ECMA-167 4/14.4.3`).
    pub is_directory: bool,
    address: RecordedAddress,
}

impl Entry {
    /// The node with this name.
    pub fn node(&self, volume: &mut Volume) -> Outcome<Node> {
        volume.node(self.address).at(&self.path)
    }
}

/// A walk, directories before their contents, in the order of the disc.
pub struct Tree {
    frames: Vec<Frame>,
    entered: HashSet<RecordedAddress>,
    /// The path of the lowest directory.
    path: String,
    /// The directory to enter at the next step.
    next: Option<(Node, String)>,
}

struct Frame {
    address: RecordedAddress,
    /// `None` if it could not be opened, though its end still comes; and while it is not held open.
    directory: Option<Directory>,
    /// The byte after the last entry, where a directory that is not held open continues.
    resume: Option<u64>,
    /// Length of its path in bytes.
    path: usize,
}

impl Frame {
    /// The directory, opened again if necessary; `None` if it could not be opened.
    fn directory(&mut self, volume: &mut Volume) -> Result<Option<&mut Directory>, volume::Error> {
        if self.directory.is_none()
            && let Some(offset) = self.resume.take()
        {
            let node = volume.node(self.address)?;
            let mut directory = volume.directory(&node)?;
            directory.go_to(offset);
            self.directory = Some(directory);
        }
        Ok(self.directory.as_mut())
    }
}

impl Tree {
    /// A walk over the contents of a directory. It returns the end of the directory but not the directory
    /// itself.
    pub fn new(node: Node, path: &str) -> Self {
        let mut tree = Self {
            frames: Vec::new(),
            entered: HashSet::new(),
            path: String::new(),
            next: None,
        };
        tree.enter(node, path);
        tree
    }

    /// Continues with the contents of a directory, up to its [`Step::Leave`].
    pub fn enter(&mut self, node: Node, path: &str) {
        self.next = Some((node, path.trim_end_matches('/').to_owned()));
    }

    /// The next step; `None` at the end. The walk may continue after a failure.
    pub fn step(&mut self, volume: &mut Volume) -> Option<Outcome<Step>> {
        if let Some((node, path)) = self.next.take() {
            let opened = self.open(volume, &node, &path);
            let (directory, failure) = match opened {
                Ok(directory) => (Some(directory), None),
                Err(failure) => (None, Some(failure)),
            };
            if let Some(far) = self.frames.len().checked_sub(HELD) {
                self.frames[far].directory = None;
            }
            self.frames.push(Frame {
                address: node.address,
                directory,
                resume: None,
                path: path.len(),
            });
            self.path = path;
            if let Some(failure) = failure {
                return Some(Err(failure));
            }
        }
        let frame = self.frames.last_mut()?;
        self.path.truncate(frame.path);
        let next = match frame.directory(volume) {
            Ok(Some(directory)) => directory.next_live(volume),
            Ok(None) => Ok(None),
            Err(error) => {
                frame.resume = None;
                Err(error)
            }
        };
        match next.map_err(part_of_directory).at(shown(&self.path)) {
            Ok(Some(entry)) => {
                frame.resume = Some(entry.offset + entry.length as u64);
                Some(Ok(Step::Entry(Entry {
                    path: format!("{}/{}", self.path, entry.name),
                    is_directory: entry.characteristics.contains(FileCharacteristics::DIRECTORY),
                    address: entry.address(),
                    name: entry.name,
                })))
            }
            Ok(None) => {
                self.frames.pop();
                Some(Ok(Step::Leave))
            }
            Err(failure) => Some(Err(failure)),
        }
    }

    fn open(&mut self, volume: &mut Volume, node: &Node, path: &str) -> Outcome<Directory> {
        if self.frames.len() >= DEEPEST || path.len() > LONGEST_PATH {
            let message = format_args!(
                "not entered: the limit is {DEEPEST} nested directories and a path of {LONGEST_PATH} bytes"
            );
            return Err(Failure::new(Exit::Damaged, FailureKind::TooDeep, message).at(shown(path)));
        }
        if !self.entered.insert(node.address) {
            let message = "a directory with a second name (ECMA-167 4/8.8): its contents were listed before";
            return Err(Failure::new(Exit::Damaged, FailureKind::Damaged, message).at(shown(path)));
        }
        volume.directory(node).at(shown(path))
    }
}

/// The path to show: the root has an empty path here.
fn shown(path: &str) -> &str {
    if path.is_empty() { "/" } else { path }
}

/// Says that part of a directory is damaged; the rest of its contents is still listed.
fn part_of_directory(error: volume::Error) -> Failure {
    let failure = Failure::from(error);
    match failure.exit {
        Exit::Damaged => failure.after("names in this directory are lost"),
        _ => failure,
    }
}
