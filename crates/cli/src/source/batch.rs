//! What the reader hands to the recorder: events of the walk, and the bytes that they tell of.

use std::ops::Range;
use std::path::{Path, PathBuf};

use recording::{Attributes, NodeKind};

use super::status::Key;
use super::unkept::Unkept;
use crate::failure::{Outcome, Refusal};

/// Bytes that a batch holds: as much as the drive takes in one command.
pub const BATCH_BYTES: usize = 1 << 20;

/// Some events, one after the other.
pub struct Batch {
    pub events: Vec<Event>,
    pub bytes: Box<[u8]>,
    pub used: usize,
}

/// One step of the walk.
pub enum Event {
    /// A directory, before what it holds.
    Enter {
        place: Destination,
        attributes: Attributes,
    },
    /// Its end.
    Leave,
    /// A regular file; [`Event::Data`] and at last [`Event::End`] or [`Event::Torn`] follow.
    File {
        /// Files are counted from 1.
        number: u64,
        place: Destination,
        attributes: Attributes,
        /// Bytes, as far as that is known: `None` for what ends at its end.
        size: Option<u64>,
        /// Bytes that are no hole.
        data: u64,
        key: Option<Key>,
    },
    /// Bytes of the last file, from byte `at` on: a range of the batch's.
    Data { at: u64, range: Range<usize> },
    /// The last file ends here and is whole, with a hole where no data reached.
    End { length: u64 },
    /// What came of the last file is not one state of it. Without a reason it comes again.
    Torn { reason: Option<String> },
    /// A file or directory that is left out.
    Missing(Refusal),
    /// Anything else.
    Other {
        place: Destination,
        attributes: Attributes,
        kind: NodeKind,
        /// The path to which a symbolic link leads.
        target: Option<String>,
        key: Option<Key>,
    },
    /// One more name of a file that came before.
    Link { place: Destination, key: Key },
    /// The walk has ended: how, and what it met beside.
    Ended {
        walked: Outcome,
        /// Files of the disc itself, which were passed over.
        own: Vec<String>,
        unkept: Unkept,
    },
}

/// Where something is put, and what it is called in words.
pub struct Destination {
    /// The path of what the user named; of all else the name stands below the directory that was entered last.
    pub named: Option<PathBuf>,
    /// The name that it gets; `None` for a directory of which only the contents are added.
    pub name: Option<String>,
}

impl Destination {
    /// The path as the user would name it, in a directory with that path.
    pub fn path(&self, directory: &Path) -> PathBuf {
        match (&self.named, &self.name) {
            (Some(path), _) => path.clone(),
            (None, Some(name)) => directory.join(name),
            (None, None) => directory.to_owned(),
        }
    }

    /// The name, which everything but the contents of a directory has.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
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
