//! Walks the names of a volume. The walk ends on any disc, even a hostile one: it enters no directory twice
//! and limits the depth.
//!
//! It reads directories but no nodes, because each node is a read elsewhere on the disc and a list of names
//! needs none of files.

use std::collections::HashSet;

use ecma167::RecordedAddress;
use ecma167::file::FileCharacteristics;

use crate::error::Error;
use crate::node::Node;
use crate::read::Directory;
use crate::volume::Volume;

/// Maximum depth of nested directories that a walk enters.
pub const DEEPEST: usize = 1 << 16;
/// Maximum length in bytes of a path that a walk enters. UDF allows 1,023 (`UDF 2.60 2`), and the system
/// accepts 4,095 at once.
pub const LONGEST_PATH: usize = 128 << 10;

/// Maximum number of directories held open. One further up is opened again when the walk returns to it.
const HELD: usize = 32;

/// A volume whose directories can be walked.
pub trait Directories {
    /// A directory that is being read.
    type Cursor;
    /// The error of reading.
    type Error;

    /// Returns the node at an address.
    ///
    /// # Errors
    /// Fails if the node cannot be read.
    fn node(&mut self, address: RecordedAddress) -> Result<Node, Self::Error>;

    /// Opens a directory to read it after the entry whose [`Named::end`] is `after`, or from its start if
    /// that is 0.
    ///
    /// # Errors
    /// Fails if the directory cannot be read.
    fn begin(&mut self, directory: &Node, after: u64) -> Result<Self::Cursor, Self::Error>;

    /// Returns the next entry that is neither deleted nor the parent's, or `None` at the end.
    ///
    /// # Errors
    /// Fails if an entry is damaged. Its name is lost, and the next call continues after it.
    fn next(&mut self, cursor: &mut Self::Cursor) -> Result<Option<Named>, Self::Error>;
}

/// An entry of a directory, with what a walk needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The name. The disc may have any characters in it.
    pub name: String,
    /// The address of the node that it names.
    pub address: RecordedAddress,
    /// Whether that is a directory, according to the entry (`ECMA-167 4/14.4.3`).
    pub is_directory: bool,
    /// The offset in bytes after this entry, at which reading continues.
    pub end: u64,
}

/// A step of a walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// An entry of a directory.
    Entry {
        /// The path of the entry: that of its directory and the name.
        path: String,
        /// The entry.
        named: Named,
    },
    /// The end of the contents of a directory.
    Leave,
}

/// What a walk could not read, and continues without.
#[derive(Debug)]
pub struct Missed<E> {
    /// The path of the directory; empty for the root.
    pub path: String,
    /// The reason.
    pub why: Why<E>,
}

/// Why names are missing from a walk.
#[derive(Debug)]
pub enum Why<E> {
    /// The directory could not be opened, so all its names are missing.
    NotOpened(E),
    /// Some names of the directory could not be read.
    Names(E),
    /// The directory was already entered by another name (`ECMA-167 4/8.8`).
    SecondName,
    /// The directory is nested deeper than [`DEEPEST`], or its path is longer than [`LONGEST_PATH`] bytes.
    TooDeep,
}

/// A walk in the order on the disc. Each directory comes before its contents.
pub struct Walk<D: Directories> {
    frames: Vec<Frame<D::Cursor>>,
    entered: HashSet<RecordedAddress>,
    /// The path of the lowest directory.
    path: String,
    /// The directory to enter at the next step.
    next: Option<(Node, String)>,
}

struct Frame<C> {
    address: RecordedAddress,
    /// `None` if the directory could not be opened (its end is a step all the same), or is not held open.
    cursor: Option<C>,
    /// The end of the last entry, after which a directory that is not held open continues.
    resume: Option<u64>,
    /// Length of its path in bytes.
    path: usize,
}

impl<C> Frame<C> {
    /// Returns the open directory, and opens it again if it was not held. Returns `None` if it could not be
    /// opened.
    fn cursor<D: Directories<Cursor = C>>(&mut self, volume: &mut D) -> Result<Option<&mut C>, D::Error> {
        if self.cursor.is_none()
            && let Some(end) = self.resume.take()
        {
            let node = volume.node(self.address)?;
            self.cursor = Some(volume.begin(&node, end)?);
        }
        Ok(self.cursor.as_mut())
    }
}

impl<D: Directories> Walk<D> {
    /// Creates a walk over the contents of a directory. It returns no entry for the directory itself, but its
    /// end.
    #[must_use]
    pub fn new(directory: Node, path: &str) -> Self {
        let mut walk = Self {
            frames: Vec::new(),
            entered: HashSet::new(),
            path: String::new(),
            next: None,
        };
        walk.enter(directory, path);
        walk
    }

    /// Continues with the contents of a directory, up to its [`Step::Leave`].
    pub fn enter(&mut self, directory: Node, path: &str) {
        self.next = Some((directory, path.trim_end_matches('/').to_owned()));
    }

    /// Returns the next step, or `None` at the end. The walk can continue after what it missed.
    pub fn step(&mut self, volume: &mut D) -> Option<Result<Step, Missed<D::Error>>> {
        if let Some((node, path)) = self.next.take() {
            let opened = self.open(volume, &node, &path);
            if let Some(far) = self.frames.len().checked_sub(HELD) {
                self.frames[far].cursor = None;
            }
            let (cursor, missed) = match opened {
                Ok(cursor) => (Some(cursor), None),
                Err(why) => (None, Some(why)),
            };
            self.frames.push(Frame {
                address: node.address,
                cursor,
                resume: None,
                path: path.len(),
            });
            self.path = path;
            if let Some(why) = missed {
                return Some(Err(self.missed(why)));
            }
        }
        let frame = self.frames.last_mut()?;
        self.path.truncate(frame.path);
        let next = match frame.cursor(volume) {
            Ok(Some(cursor)) => volume.next(cursor),
            Ok(None) => Ok(None),
            Err(error) => {
                frame.resume = None;
                Err(error)
            }
        };
        match next {
            Ok(Some(named)) => {
                frame.resume = Some(named.end);
                let path = format!("{}/{}", self.path, named.name);
                Some(Ok(Step::Entry { path, named }))
            }
            Ok(None) => {
                self.frames.pop();
                Some(Ok(Step::Leave))
            }
            Err(error) => Some(Err(self.missed(Why::Names(error)))),
        }
    }

    fn missed(&self, why: Why<D::Error>) -> Missed<D::Error> {
        let path = self.path.clone();
        Missed { path, why }
    }

    fn open(&mut self, volume: &mut D, node: &Node, path: &str) -> Result<D::Cursor, Why<D::Error>> {
        if self.frames.len() >= DEEPEST || path.len() > LONGEST_PATH {
            return Err(Why::TooDeep);
        }
        if !self.entered.insert(node.address) {
            return Err(Why::SecondName);
        }
        volume.begin(node, 0).map_err(Why::NotOpened)
    }
}

impl Directories for Volume {
    type Cursor = Directory;
    type Error = Error;

    fn node(&mut self, address: RecordedAddress) -> Result<Node, Error> {
        Self::node(self, address)
    }

    fn begin(&mut self, directory: &Node, after: u64) -> Result<Directory, Error> {
        let mut cursor = self.directory(directory)?;
        if after > 0 {
            cursor.skip_to(after);
        }
        Ok(cursor)
    }

    fn next(&mut self, cursor: &mut Directory) -> Result<Option<Named>, Error> {
        let entry = cursor.next_live(self)?;
        Ok(entry.map(|entry| Named {
            address: entry.address(),
            is_directory: entry.characteristics.contains(FileCharacteristics::DIRECTORY),
            end: entry.offset + entry.length as u64,
            name: entry.name,
        }))
    }
}
