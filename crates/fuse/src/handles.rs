//! What programs have open.

use std::collections::HashMap;
use std::sync::Arc;

use fuser::{FileHandle, INodeNo};
use volume::Body;

use crate::error::Error;
use crate::listing::Listing;
use crate::number::Numbered;

/// A file or directory that is open.
pub(crate) enum Open {
    File {
        node: Numbered,
        /// Extents of its body, on a volume that does not change.
        body: Option<Arc<Body>>,
        /// Bytes written through this handle.
        written: u64,
    },
    Directory {
        number: INodeNo,
        /// Its contents when it was last read from the beginning.
        listing: Arc<Listing>,
    },
}

/// Everything open, by the handles of the kernel.
#[derive(Default)]
pub(crate) struct Handles {
    open: HashMap<u64, Open>,
    last: u64,
}

impl Handles {
    pub fn insert(&mut self, open: Open) -> FileHandle {
        self.last += 1;
        self.open.insert(self.last, open);
        FileHandle(self.last)
    }

    pub fn get(&mut self, handle: FileHandle) -> Result<&mut Open, Error> {
        self.open.get_mut(&handle.0).ok_or(Error::NotOpen)
    }

    pub fn remove(&mut self, handle: FileHandle) -> Option<Open> {
        self.open.remove(&handle.0)
    }
}
