//! Reads as much of a range as can be read.

use mmc::{BLOCK_SIZE, Lba, Sense};

use crate::drive::Drive;
use crate::error::DriveError;

impl Drive {
    /// Fills `bytes`, which is whole blocks, from `start` on, with zeros for unreadable blocks. Adds those to
    /// `unreadable`, in ascending order. Reads a range by halves if reading it whole fails.
    ///
    /// # Errors
    /// Any but [`DriveError::Unreadable`].
    pub fn read_in_halves(
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
        let (before, after) = bytes.split_at_mut(blocks / 2 * BLOCK_SIZE);
        let middle = start
            .0
            .saturating_add(u32::try_from(blocks / 2).unwrap_or(u32::MAX));
        self.read_in_halves(start, before, unreadable)?;
        self.read_in_halves(Lba(middle), after, unreadable)
    }
}
