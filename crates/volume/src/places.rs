//! Where the bytes of a body are on the medium.

use std::ops::Range;

use ecma167::BLOCK_BYTES;

use crate::address::after;
use crate::body::{Body, ExtentKind};
use crate::error::Error;
use crate::volume::Volume;

/// Consecutive bytes of a body that are consecutive on the medium.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The bytes of the body.
    pub bytes: Range<u64>,
    /// The byte of the medium at which they begin.
    pub medium: u64,
}

impl Volume {
    /// The places of what is recorded of a body outside its entry, in the order of the body.
    ///
    /// # Errors
    /// An extent outside its partition, or an unreadable VAT.
    pub fn places(&mut self, body: &Body) -> Result<Vec<Place>, Error> {
        let Body::Extents(extents) = body else {
            return Ok(Vec::new());
        };
        let size = u64::from(self.block_size().bytes());
        let mut places = Vec::new();
        for extent in extents {
            let ExtentKind::Recorded(address) = extent.kind else {
                continue;
            };
            let mut done = 0;
            while done < extent.length {
                let at = after(address, done / size)?;
                let blocks = (extent.length - done).div_ceil(size);
                let blocks = usize::try_from(blocks).unwrap_or(usize::MAX);
                let (sector, run) = self.space.run(at, blocks)?;
                let start = extent.offset.saturating_add(done);
                let length = (run as u64).saturating_mul(size).min(extent.length - done);
                places.push(Place {
                    bytes: start..start.saturating_add(length),
                    medium: u64::from(sector.0) * size,
                });
                done += length;
            }
        }
        Ok(places)
    }

    /// Bytes of the medium, from byte 0 to the last block that may be recorded.
    #[must_use]
    pub fn medium_bytes(&self) -> u64 {
        let capacity = self.drive().medium().capacity_blocks;
        (u64::from(capacity) * u64::from(BLOCK_BYTES)).max(self.recorded_bytes())
    }
}
