//! Where the blocks of a track come from.

use std::fmt::Debug;

use ecma167::LogicalSector;

use crate::error::Error;

/// Some blocks of an item that are recorded consecutively.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run<'a, I> {
    /// The item.
    pub item: &'a I,
    /// The first of them, counted from the start of the item.
    pub first: u64,
    /// Their number.
    pub count: u32,
}

/// What a [`Track`](crate::Track) records.
///
/// A source learns addresses only in these calls, when blocks go to the drive: none is computed ahead. Until
/// the drive has recorded it, a block may be placed and encoded again, elsewhere. Anything that names a
/// physical block therefore waits after that block.
pub trait Source {
    /// The name of what waits: it says what the blocks are, but not where.
    type Item: Clone + Debug + PartialEq;
    /// Why something cannot be placed or encoded.
    type Error: From<Error>;

    /// What has to be recorded directly before an item placed at `at`. Each of these takes one block, is
    /// placed and encoded like the item, and is requested again each time.
    ///
    /// # Errors
    /// The item cannot be at `at`.
    fn lead(&mut self, _item: &Self::Item, _at: LogicalSector) -> Result<Vec<Self::Item>, Self::Error> {
        Ok(Vec::new())
    }

    /// Tells the source that the blocks of `run` are at `at` and after.
    ///
    /// # Errors
    /// They cannot be there.
    fn place(&mut self, run: Run<'_, Self::Item>, at: LogicalSector) -> Result<(), Self::Error>;

    /// Encodes block `number` of an item, which is at `at`. The slot contains the bytes that were pushed, or
    /// zeros.
    ///
    /// # Errors
    /// It does not fit a block.
    fn encode(
        &mut self,
        item: &Self::Item,
        number: u64,
        at: LogicalSector,
        slot: &mut [u8],
    ) -> Result<(), Self::Error>;
}
