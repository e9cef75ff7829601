//! Where the blocks of a track come from.

use std::fmt::Debug;

use ecma167::LogicalSector;

use crate::error::Error;

/// Some blocks of an item that are recorded one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run<'a, I> {
    /// What they are blocks of.
    pub item: &'a I,
    /// The first of them, counted from the start of the item.
    pub first: u64,
    /// How many.
    pub count: u32,
}

/// What a [`Track`](crate::Track) records.
///
/// A source learns an address in these calls alone, at the moment at which blocks go to the drive: none is computed ahead. A
/// block may be placed and encoded again, elsewhere, until the drive has it. What names a physical block therefore waits
/// after that block.
pub trait Source {
    /// The name of what waits: it says what its blocks are, and nothing of where.
    type Item: Clone + Debug + PartialEq;
    /// Why something cannot be placed or encoded.
    type Error: From<Error>;

    /// What has to stand right before an item that would come to stand at `at`. It is placed and encoded like the item, a block
    /// each, and asked for anew each time.
    ///
    /// # Errors
    /// Where the item cannot stand there.
    fn lead(&mut self, _item: &Self::Item, _at: LogicalSector) -> Result<Vec<Self::Item>, Self::Error> {
        Ok(Vec::new())
    }

    /// Says that blocks stand at `at` and after.
    ///
    /// # Errors
    /// Where they cannot stand there.
    fn place(&mut self, run: Run<'_, Self::Item>, at: LogicalSector) -> Result<(), Self::Error>;

    /// Fills in block `number` of an item, which stands at `at`. The slot has the bytes that were pushed, or else zeros.
    ///
    /// # Errors
    /// Where it does not fit a block.
    fn encode(
        &mut self,
        item: &Self::Item,
        number: u64,
        at: LogicalSector,
        slot: &mut [u8],
    ) -> Result<(), Self::Error>;
}
