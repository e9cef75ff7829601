//! When what was sent counts as recorded.

use drive::Drive;
use ecma167::LogicalSector;

use crate::error::{Error, ReadOnly};
use crate::point::Point;
use crate::track::Track;

/// What the drive has recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    /// The last block.
    pub last: LogicalSector,
    /// How many blocks since the time before, without link blocks.
    pub blocks: u64,
}

impl<I> Track<I> {
    /// Waits until the drive has recorded all that was sent. `None` where nothing was.
    ///
    /// # Errors
    /// [`Error::NotLast`]; what the drive reports. After all but a host without room nothing more is recorded.
    pub fn acknowledge(&mut self, drive: &mut Drive) -> Result<Option<Acknowledged>, Error> {
        self.synchronize(drive)?;
        self.sent.read_back_where_doubtful(drive)?;
        let last = self.sent.last();
        match (self.point(drive), last) {
            (Ok(Point { next, .. }), Some(expected)) if next <= expected => {
                return Err(Error::NotLast { expected, next });
            }
            // The track that ended here was the last that fits: what it ends with stands.
            (Ok(_) | Err(Error::ReadOnly(ReadOnly::NoNextWritableAddress)), _) => {}
            (Err(error), _) => return Err(error),
        }
        let blocks = self.sent.blocks();
        self.sent.clear();
        self.acknowledged = last.or(self.acknowledged);
        Ok(last.map(|last| Acknowledged { last, blocks }))
    }

    /// Lets the drive record what it has; the run of writes ends with it.
    fn synchronize(&mut self, drive: &mut Drive) -> Result<(), Error> {
        self.run = None;
        if let Err(error) = drive.synchronize() {
            // Where only the host has no room it can be tried again.
            if !error.is_host_full() {
                self.sent.fail();
            }
            return Err(error.into());
        }
        Ok(())
    }
}
