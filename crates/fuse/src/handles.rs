//! What programs have open.

use std::collections::HashMap;
use std::sync::Arc;

use ecma167::RecordedAddress;
use fuser::{FileHandle, INodeNo};
use volume::Body;

use crate::error::Error;
use crate::listing::Listing;

/// A file or directory that is open.
pub(crate) enum Open {
    File {
        address: RecordedAddress,
        /// Where its body is, of a volume that does not change.
        body: Option<Arc<Body>>,
        /// Bytes that were written by this handle.
        written: u64,
    },
    Directory {
        number: INodeNo,
        /// What was there when it was last read from its beginning.
        listing: Arc<Listing>,
    },
}

/// All that is open, by the handles that the kernel has.
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
