//! The walk over the names of a volume. A hostile disc cannot make it endless: no directory is entered twice,
//! and none too deep.
//!
//! It reads directories and no nodes: each is a read somewhere else on the disc, and a list of names needs
//! none of files.

use std::collections::HashSet;

use ecma167::RecordedAddress;
use ecma167::file::FileCharacteristics;

use crate::error::Error;
use crate::node::Node;
use crate::read::Directory;
use crate::volume::Volume;

/// Directories below each other that are entered.
pub const DEEPEST: usize = 1 << 16;
/// Bytes of the longest path that is entered; UDF has 1,023 (`UDF 2.60 2`), the system takes 4,095 at once.
pub const LONGEST_PATH: usize = 128 << 10;

/// Directories whose reading is held: one higher up is opened again when the walk comes back to it.
const HELD: usize = 32;

/// What has directories to walk over.
pub trait Directories {
    /// A directory that is being read.
    type Cursor;
    /// What reading can meet.
    type Error;

    /// The node at an address.
    ///
    /// # Errors
    /// What reading it met.
    fn node(&mut self, address: RecordedAddress) -> Result<Node, Self::Error>;

    /// Begins to read a directory, after what an entry said in [`Named::end`], or from its start with 0.
    ///
    /// # Errors
    /// What reading it met.
    fn begin(&mut self, directory: &Node, after: u64) -> Result<Self::Cursor, Self::Error>;

    /// The next entry that is neither deleted nor the parent's; `None` at the end.
    ///
    /// # Errors
    /// What is damaged is lost, and the next call goes on after it.
    fn next(&mut self, cursor: &mut Self::Cursor) -> Result<Option<Named>, Self::Error>;
}

/// An entry of a directory, as a walk needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The name; the disc may have anything here.
    pub name: String,
    /// What it names.
    pub address: RecordedAddress,
    /// Whether that is a directory, as the directory above says (`ECMA-167 4/14.4.3`).
    pub is_directory: bool,
    /// Where reading goes on after it.
    pub end: u64,
}

/// What a walk comes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A name, with its path.
    Entry {
        /// The path of the directory with the name.
        path: String,
        /// The entry.
        named: Named,
    },
    /// The end of what a directory holds.
    Leave,
}

/// Something that a walk goes on without.
#[derive(Debug)]
pub struct Missed<E> {
    /// The path of the directory; that of the root is empty.
    pub path: String,
    /// Why.
    pub why: Why<E>,
}

/// Why names are missing from a walk.
#[derive(Debug)]
pub enum Why<E> {
    /// The directory could not be opened: all its names are.
    NotOpened(E),
    /// Some of its names could not be read.
    Names(E),
    /// It was entered before by another name (`ECMA-167 4/8.8`).
    SecondName,
    /// [`DEEPEST`] directories below each other and a path of [`LONGEST_PATH`] bytes are the most.
    TooDeep,
}

/// A walk, directories before what they hold, in the order of the disc.
pub struct Walk<D: Directories> {
    frames: Vec<Frame<D::Cursor>>,
    entered: HashSet<RecordedAddress>,
    /// The path of the lowest directory.
    path: String,
    /// The directory that is entered at the next step.
    next: Option<(Node, String)>,
}

struct Frame<C> {
    address: RecordedAddress,
    /// None where it could not be opened, its end comes all the same; and where it is not held.
    cursor: Option<C>,
    /// The end of the last entry, from which on a directory that is not held goes on.
    resume: Option<u64>,
    /// Bytes of its path.
    path: usize,
}

impl<C> Frame<C> {
    /// The directory, opened again where it was not held; `None` where it could not be opened.
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
    /// The walk over what a directory holds. The directory itself is not handed out, its end is.
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

    /// Goes on with what a directory holds, up to its [`Step::Leave`].
    pub fn enter(&mut self, directory: Node, path: &str) {
        self.next = Some((directory, path.trim_end_matches('/').to_owned()));
    }

    /// The next step; `None` at the end. The walk may go on after what it missed.
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
            cursor.go_to(after);
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
