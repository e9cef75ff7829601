//! Asks the drive where it appends.

use drive::{Drive, DriveError};
use ecma167::LogicalSector;

use crate::error::{Error, ReadOnly};
use crate::point::{Point, least_end};
use crate::track::Track;
use crate::unit::blocks_of_end;

impl<I> Track<I> {
    /// The append point. This is the only place that asks the drive for it, at the start of each run of
    /// writes.
    pub(crate) fn point(&mut self, drive: &mut Drive) -> Result<Point, Error> {
        if let Some(point) = self.run {
            return Ok(point);
        }
        let reserved = self.reserved;
        let append = drive.prepare_recording().and_then(|()| match reserved {
            Some(number) => drive.append_point_in(number),
            None => drive.append_point(),
        });
        let append = match append {
            Err(DriveError::ReadOnly(drive::ReadOnly::NoNextWritableAddress)) => {
                return Err(ReadOnly::NoNextWritableAddress.into());
            }
            // Blocks that name the lost ones are on their way: other blocks in that place would be taken for
            // them.
            Err(lost @ (DriveError::Lost { .. } | DriveError::Overlooked { .. })) => {
                self.sent.fail();
                return Err(lost.into());
            }
            append => append?,
        };
        let least_end = match reserved {
            // The end of its session is in another track.
            Some(_) => LogicalSector(append.track_start.0),
            None => least_end(drive.medium(), append.track_start),
        };
        let point = Point::new(&append, least_end, self.end);
        self.run = Some(point);
        Ok(point)
    }

    /// The number of blocks that the drive still takes from the append point on.
    ///
    /// # Errors
    /// [`ReadOnly::NoNextWritableAddress`]; errors from the drive.
    pub fn free_blocks(&mut self, drive: &mut Drive) -> Result<u64, Error> {
        Ok(self.point(drive)?.free)
    }

    /// The number of blocks of an end that starts at the append point: at least `least`, up to the end of a
    /// unit of writing, and enough that the drive does not pad the track after it.
    ///
    /// # Errors
    /// As [`Track::free_blocks`].
    pub fn end_blocks(&mut self, drive: &mut Drive, least: u32) -> Result<u32, Error> {
        let point = self.point(drive)?;
        Ok(blocks_of_end(point.next, least, point.least_end, self.unit))
    }

    /// The number of blocks from the end of what waits to the end of the unit of writing; 0 if a unit ends
    /// there.
    ///
    /// # Errors
    /// As [`Track::free_blocks`].
    pub fn blocks_to_unit_end(&mut self, drive: &mut Drive) -> Result<usize, Error> {
        let unit = self.unit as usize;
        let after = (self.point(drive)?.next.0 as usize + self.queue.blocks()) % unit;
        Ok(if after == 0 { 0 } else { unit - after })
    }
}
