//! What the reader sends to the recorder: the events of the walk, and the bytes they refer to.

use std::ops::Range;
use std::path::{Path, PathBuf};

use oncefs::nodes::{Attributes, NodeKind};

use super::status::Key;
use super::unkept::Unkept;
use crate::failure::{Outcome, Refusal};

/// Bytes in a batch: as much as the drive takes in one command.
pub const BATCH_BYTES: usize = 1 << 20;

/// Some events in order.
pub struct Batch {
    pub events: Vec<Event>,
    pub bytes: Box<[u8]>,
    pub used: usize,
}

/// One step of the walk.
pub enum Event {
    /// A directory, before its contents.
    Enter {
        place: Destination,
        attributes: Attributes,
    },
    /// Its end.
    Leave,
    /// A regular file; [`Event::Data`] and finally [`Event::End`] or [`Event::Torn`] follow.
    File {
        /// Files are counted from 1.
        number: u64,
        place: Destination,
        attributes: Attributes,
        /// Size in bytes; `None` if unknown until the end.
        size: Option<u64>,
        /// Bytes outside holes.
        data: u64,
        key: Option<Key>,
    },
    /// Bytes of the last file, from byte `at` on: a range of the batch.
    Data { at: u64, range: Range<usize> },
    /// The last file ends here and is complete, with a hole after its last data.
    End { length: u64 },
    /// The data of the last file are not one state of it. Without a reason they are sent again.
    Torn { reason: Option<String> },
    /// A file or directory that is left out.
    Missing(Refusal),
    /// Anything else.
    Other {
        place: Destination,
        attributes: Attributes,
        kind: NodeKind,
        /// The target of a symbolic link.
        target: Option<String>,
        key: Option<Key>,
    },
    /// Another name of a file sent before.
    Link { place: Destination, key: Key },
    /// The end of the walk: its result, and what else it met.
    Ended {
        walked: Outcome,
        /// Files of the disc itself, which were skipped.
        own: Vec<String>,
        unkept: Unkept,
    },
}

/// Where something goes, and how to refer to it.
pub struct Destination {
    /// The path that the user named; `None` if the name is in the directory entered last.
    pub named: Option<PathBuf>,
    /// The name on the disc; `None` for a directory of which only the contents are added.
    pub name: Option<String>,
}

impl Destination {
    /// The path as the user would write it, in a directory with that path.
    pub fn path(&self, directory: &Path) -> PathBuf {
        match (&self.named, &self.name) {
            (Some(path), _) => path.clone(),
            (None, Some(name)) => directory.join(name),
            (None, None) => directory.to_owned(),
        }
    }

    /// The name; only the contents of a directory have none.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }
}

impl Batch {
    /// An empty batch.
    pub fn new() -> Self {
        Self {
            events: Vec::new(),
            bytes: vec![0; BATCH_BYTES].into_boxed_slice(),
            used: 0,
        }
    }

    /// Empties the batch.
    pub fn clear(&mut self) {
        self.events.clear();
        self.used = 0;
    }
}
