//! The entries of a directory.

use ecma167::RecordedAddress;
use recording::Entries;
use volume::{Directories as _, Directory, Named};

use crate::error::{AtPath, Result};
use crate::file::File;
use crate::metadata::Metadata;
use crate::turn::Turn;

/// An iterator over the entries of a directory, in the order on the disc. Reads the directory piece by piece.
///
/// After an error, the iterator continues with the next entry after the damage. After an error of the drive,
/// it ends.
pub struct ReadDir<'v> {
    turn: &'v Turn,
    cursor: Cursor,
    path: String,
}

enum Cursor {
    Entries(Entries),
    Streams(Directory),
    Nothing,
}

/// An entry of a directory.
pub struct DirEntry<'v> {
    turn: &'v Turn,
    name: String,
    path: String,
    address: RecordedAddress,
    is_dir: bool,
    is_metadata: bool,
}

impl<'v> ReadDir<'v> {
    pub(crate) fn new(turn: &'v Turn, entries: Entries, path: &str) -> Self {
        Self {
            turn,
            cursor: Cursor::Entries(entries),
            path: format!("{}/", path.trim_end_matches('/')),
        }
    }

    /// Creates an iterator over the streams of the node at `path`; `streams` is `None` if it has none.
    pub(crate) fn of_streams(turn: &'v Turn, streams: Option<Directory>, path: &str) -> Self {
        Self {
            turn,
            cursor: streams.map_or(Cursor::Nothing, Cursor::Streams),
            path: format!("{}:", path.trim_end_matches('/')),
        }
    }

    fn read(&mut self) -> Result<Option<DirEntry<'v>>> {
        match &mut self.cursor {
            Cursor::Entries(entries) => {
                let next = self.turn.lock().next(entries).at(&self.path)?;
                Ok(next.map(|named| {
                    let path = format!("{}{}", self.path, named.name);
                    DirEntry::new(self.turn, path, named)
                }))
            }
            Cursor::Streams(streams) => {
                let next = streams.next_live(self.turn.lock().volume()).at(&self.path)?;
                Ok(next.map(|stream| DirEntry {
                    turn: self.turn,
                    path: format!("{}{}", self.path, stream.name),
                    address: stream.address(),
                    is_dir: false,
                    is_metadata: stream.is_metadata(),
                    name: stream.name,
                }))
            }
            Cursor::Nothing => Ok(None),
        }
    }
}

impl<'v> Iterator for ReadDir<'v> {
    type Item = Result<DirEntry<'v>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

impl<'v> DirEntry<'v> {
    pub(crate) fn new(turn: &'v Turn, path: String, named: Named) -> Self {
        Self {
            turn,
            path,
            name: named.name,
            address: named.address,
            is_dir: named.is_directory,
            is_metadata: false,
        }
    }

    /// Returns the name, which can be joined to a path of the host: it is never empty, `.` or `..`, and
    /// contains neither `/` nor NUL. Such a name on a disc is translated (`UDF 2.60 4.2.2.1`). Other
    /// characters, including control characters, are kept.
    #[must_use]
    pub fn file_name(&self) -> &str {
        &self.name
    }

    /// Returns the path: that of the directory joined with the name. The separator before the name of a
    /// stream is `:`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns whether this is a directory, according to the entry (`ECMA-167 4/14.4.3`). Reads nothing.
    #[must_use]
    pub fn is_dir(&self) -> bool {
        self.is_dir
    }

    /// Returns whether this is a stream for programs, not for users (`UDF 2.60 3.3.5.2`). Reads nothing.
    #[must_use]
    pub fn is_metadata(&self) -> bool {
        self.is_metadata
    }

    /// Returns the metadata. Reads the file entry, which may be anywhere on the disc.
    ///
    /// # Errors
    /// Fails if the volume cannot be read.
    pub fn metadata(&self) -> Result<Metadata> {
        let node = self.turn.lock().node(self.address).at(&self.path)?;
        Ok(Metadata::new(node))
    }

    /// Opens the entry for reading.
    ///
    /// # Errors
    /// Fails as [`Volume::open`](crate::Volume::open) does.
    pub fn open(&self) -> Result<File<'v>> {
        File::open(self.turn, self.address, &self.path)
    }
}

impl std::fmt::Debug for DirEntry<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("DirEntry").field(&self.path).finish()
    }
}

impl std::fmt::Debug for ReadDir<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ReadDir").field(&self.path).finish()
    }
}
