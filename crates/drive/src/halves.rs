//! Reads as much of a range as can be read.

use mmc::{BLOCK_SIZE, Lba, Sense};

use crate::drive::Drive;
use crate::error::DriveError;

impl Drive {
    /// Fills `bytes`, which is whole blocks, from `start` on, with zeros for unreadable blocks. Adds those to
    /// `unreadable`, in ascending order. Reads what one command can move, and that by halves if the command
    /// fails, so that the drive delivers no block twice.
    ///
    /// # Errors
    /// Any but [`DriveError::Unreadable`].
    pub fn read_in_halves(
        &mut self,
        start: Lba,
        bytes: &mut [u8],
        unreadable: &mut Vec<(u32, Sense)>,
    ) -> Result<(), DriveError> {
        let mut next = start;
        for part in bytes.chunks_mut(self.transfer_limit()) {
            self.read_part_in_halves(next, part, unreadable)?;
            next = after(next, part);
        }
        Ok(())
    }

    fn read_part_in_halves(
        &mut self,
        start: Lba,
        bytes: &mut [u8],
        unreadable: &mut Vec<(u32, Sense)>,
    ) -> Result<(), DriveError> {
        let sense = match self.read(start, bytes) {
            Err(DriveError::Unreadable { sense, .. }) => sense,
            done => return done,
        };
        let blocks = bytes.len() / BLOCK_SIZE;
        if blocks <= 1 {
            bytes.fill(0);
            unreadable.push((start.0, sense));
            return Ok(());
        }
        let (one, other) = bytes.split_at_mut(blocks / 2 * BLOCK_SIZE);
        let middle = after(start, one);
        self.read_part_in_halves(start, one, unreadable)?;
        self.read_part_in_halves(middle, other, unreadable)
    }
}

/// The block after some.
fn after(start: Lba, bytes: &[u8]) -> Lba {
    let blocks = u32::try_from(bytes.len() / BLOCK_SIZE).unwrap_or(u32::MAX);
    Lba(start.0.saturating_add(blocks))
}
