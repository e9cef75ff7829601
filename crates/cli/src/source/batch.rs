//! What the reader hands to the recorder: events of the walk, and the bytes that they tell of.

use std::ops::Range;
use std::path::{Path, PathBuf};

use recording::{Attributes, Kind};

use crate::failure::{Failure, Outcome};

/// Bytes that a batch holds: as much as the drive takes in one command.
pub const BATCH_BYTES: usize = 1 << 20;

/// A file of the host, whatever its names: device and number.
pub type Key = (u32, u32, u64);

/// Some events, one after the other.
pub struct Batch {
    pub events: Vec<Event>,
    pub bytes: Box<[u8]>,
    pub used: usize,
}

/// One step of the walk.
pub enum Event {
    /// A directory, before what it holds.
    Enter { place: Place, attributes: Attributes },
    /// Its end.
    Leave,
    /// A regular file of so many bytes; where it is not empty, [`Event::Data`] and [`Event::End`] follow.
    File {
        place: Place,
        attributes: Attributes,
        size: u64,
        key: Option<Key>,
    },
    /// Bytes of the last file, from byte `at` on: a range of the batch's.
    Data { at: u64, range: Range<usize> },
    /// The last file ends here, with a hole where no data reached.
    End { length: u64 },
    /// Anything else.
    Other {
        place: Place,
        attributes: Attributes,
        kind: Kind,
        key: Option<Key>,
    },
    /// One more name of a file that came before.
    Link { place: Place, key: Key },
    /// The walk cannot go on.
    Failed(Failure),
}

/// Where something is put, and what it is called in words.
pub struct Place {
    /// The path of what the user named; of all else the name stands below the directory that was entered last.
    pub named: Option<PathBuf>,
    /// The name that it gets; `None` for a directory of which only the contents are added.
    pub name: Option<String>,
}

impl Place {
    /// The path as the user would name it, in a directory with that path.
    pub fn path(&self, directory: &Path) -> PathBuf {
        match (&self.named, &self.name) {
            (Some(path), _) => path.clone(),
            (None, Some(name)) => directory.join(name),
            (None, None) => directory.to_owned(),
        }
    }

    /// The name, which everything but the contents of a directory has.
    pub fn name(&self) -> Outcome<&str> {
        let name = self.name.as_deref();
        name.ok_or_else(|| Failure::failed("a file without a name"))
    }
}

impl Batch {
    /// An empty one.
    pub fn new() -> Self {
        Self {
            events: Vec::new(),
            bytes: vec![0; BATCH_BYTES].into_boxed_slice(),
            used: 0,
        }
    }

    /// Makes it empty again.
    pub fn clear(&mut self) {
        self.events.clear();
        self.used = 0;
    }
}
