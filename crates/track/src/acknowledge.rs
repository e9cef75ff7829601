//! When sent blocks count as recorded.

use drive::Drive;
use ecma167::LogicalSector;

use crate::error::{Error, ReadOnly};
use crate::point::Point;
use crate::track::Track;

/// What the drive has recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    /// The last recorded block.
    pub last: LogicalSector,
    /// The number of blocks since the previous acknowledgement, without link blocks.
    pub blocks: u64,
}

impl<I> Track<I> {
    /// Waits until the drive has recorded everything that was sent. `None` if nothing was sent.
    ///
    /// # Errors
    /// [`Error::NotLast`]; errors from the drive. After any error except a host without free space, nothing
    /// more is recorded.
    pub fn acknowledge(&mut self, drive: &mut Drive) -> Result<Option<Acknowledged>, Error> {
        self.synchronize(drive)?;
        self.sent.read_back_where_doubtful(drive)?;
        let last = self.sent.last();
        match (self.point(drive), last) {
            (Ok(Point { next, .. }), Some(expected)) if next <= expected => {
                return Err(Error::NotLast { expected, next });
            }
            // The track that ended here was the last that fits; its end is recorded.
            (Ok(_) | Err(Error::ReadOnly(ReadOnly::NoNextWritableAddress)), _) => {}
            (Err(error), _) => return Err(error),
        }
        let blocks = self.sent.blocks();
        self.sent.clear();
        self.acknowledged = last.or(self.acknowledged);
        Ok(last.map(|last| Acknowledged { last, blocks }))
    }

    /// Makes the drive record what it has; this ends the run of writes.
    fn synchronize(&mut self, drive: &mut Drive) -> Result<(), Error> {
        self.run = None;
        if let Err(error) = drive.synchronize() {
            // If only the host is out of space, the caller can try again.
            if !error.is_host_full() {
                self.sent.fail();
            }
            return Err(error.into());
        }
        Ok(())
    }
}
