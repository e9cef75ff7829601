//! The walk over the files of a disc. A hostile disc cannot make it endless: no directory is entered twice, and none too deep.

use std::collections::HashSet;

use ecma167::RecordedAddress;
use volume::{Directory, DirectoryEntry, Node, NodeKind, Volume};

use crate::failure::{Context, Exit, Failure, Outcome};

/// Directories below each other that are entered: the walk holds as many of them open.
const DEEPEST: usize = 1024;
/// Bytes of the longest path of a directory that is entered; UDF has 1,023 (`UDF 2.60 2.3.4`), the system 4,095.
const LONGEST_PATH: usize = 16 << 10;

/// What the walk comes by.
pub enum Step {
    /// A file, and of a directory what it holds next.
    Entry(Box<Entry>),
    /// The end of what a directory holds.
    Leave,
}

/// A file in a directory.
pub struct Entry {
    /// From the root of the volume.
    pub path: String,
    /// Its name; the disc may have anything here.
    pub name: String,
    /// What it is.
    pub node: Node,
}

/// A walk, directories before what they hold, in the order of the disc.
pub struct Tree {
    frames: Vec<Frame>,
    entered: HashSet<RecordedAddress>,
    /// The directory that was handed out last: entered at the next step.
    next: Option<(Node, String)>,
}

struct Frame {
    directory: Directory,
    path: String,
}

impl Tree {
    /// The walk over what a directory holds. The directory itself is not handed out, its end is.
    pub fn new(node: Node, path: &str) -> Self {
        let path = path.trim_end_matches('/').to_owned();
        Self {
            frames: Vec::new(),
            entered: HashSet::new(),
            next: Some((node, path)),
        }
    }

    /// Passes over what the directory that was handed out last holds; no [`Step::Leave`] follows.
    pub fn skip(&mut self) {
        self.next = None;
    }

    /// The next step; `None` at the end. The walk may go on after a failure.
    pub fn step(&mut self, volume: &mut Volume) -> Option<Outcome<Step>> {
        if let Some((node, path)) = self.next.take() {
            match self.enter(volume, &node, &path) {
                Ok(directory) => self.frames.push(Frame { directory, path }),
                Err(failure) => return Some(Err(failure)),
            }
        }
        let frame = self.frames.last_mut()?;
        let next = frame.directory.next_live(volume).map_err(part_of_directory);
        match next.at(shown(&frame.path)) {
            Ok(Some(entry)) => Some(self.entry(volume, entry)),
            Ok(None) => {
                self.frames.pop();
                Some(Ok(Step::Leave))
            }
            Err(failure) => Some(Err(failure)),
        }
    }

    fn entry(&mut self, volume: &mut Volume, entry: DirectoryEntry) -> Outcome<Step> {
        let parent = self.frames.last().map_or("", |frame| &frame.path);
        let path = format!("{parent}/{}", entry.name);
        let node = volume.node(entry.address()).at(&path)?;
        if node.kind == NodeKind::Directory {
            self.next = Some((node.clone(), path.clone()));
        }
        Ok(Step::Entry(Box::new(Entry {
            path,
            name: entry.name,
            node,
        })))
    }

    fn enter(&mut self, volume: &mut Volume, node: &Node, path: &str) -> Outcome<Directory> {
        if self.frames.len() >= DEEPEST || path.len() > LONGEST_PATH {
            let message = format_args!(
                "not entered: {DEEPEST} directories below each other and a path of {LONGEST_PATH} bytes are the most"
            );
            return Err(Failure::new(Exit::Damaged, "too-deep", message).at(shown(path)));
        }
        if !self.entered.insert(node.address) {
            let message = "a directory with a second name (ECMA-167 4/8.8): its contents were listed before";
            return Err(Failure::new(Exit::Damaged, "damaged", message).at(shown(path)));
        }
        volume.directory(node).at(shown(path))
    }
}

/// The root has an empty path here.
fn shown(path: &str) -> &str {
    if path.is_empty() { "/" } else { path }
}

/// Names the damage of a directory for what it is: what the rest of it holds still comes.
fn part_of_directory(error: volume::Error) -> Failure {
    let mut failure = Failure::from(error);
    if failure.exit == Exit::Damaged {
        failure.message = format!("names in this directory are lost: {}", failure.message);
    }
    failure
}
