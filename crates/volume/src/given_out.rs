//! The virtual addresses and unique IDs that an interrupted recording gave out.

use ecma167::osta::unique_id;

use crate::map::Vat;

/// Names in a block of a directory, at most: 40 bytes each.
const NAMES_A_BLOCK: u32 = 52;

/// The virtual addresses and unique IDs that an interrupted recording gave out, as far as what it left says.
/// Its directories also name nodes that were to be recorded after them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GivenOut {
    entries: u32,
    next_unique_id: u64,
    /// The first of each that the newest generation did not give out.
    first: (u32, u64),
    /// The most that the blocks left can have given out. What is beyond is damage.
    most: u32,
}

impl GivenOut {
    /// Nothing yet, in so many blocks after a VAT.
    pub(crate) fn after(vat: &Vat, blocks: u32) -> Self {
        let first = (vat.entries, vat.next_unique_id());
        Self {
            entries: first.0,
            next_unique_id: first.1,
            first,
            most: blocks.saturating_mul(NAMES_A_BLOCK),
        }
    }

    /// Entries of a VAT that has all of these addresses.
    #[must_use]
    pub fn vat_entries(&self) -> u32 {
        self.entries
    }

    /// The first unique ID after them (`UDF 2.60 3.2.1.1`).
    #[must_use]
    pub fn next_unique_id(&self) -> u64 {
        self.next_unique_id
    }

    /// Takes in a virtual address.
    pub(crate) fn note_address(&mut self, block: u32) {
        if block
            .checked_sub(self.first.0)
            .is_some_and(|index| index < self.most)
        {
            self.entries = self.entries.max(block.saturating_add(1));
        }
    }

    /// Takes in the unique ID of a node, or of a name, which has only its low half.
    pub(crate) fn note_unique_id(&mut self, low_half: u32) {
        let first = self.first.1;
        let index = low_half.wrapping_sub(unique_id::low_half(first));
        if index < self.most {
            let next = unique_id::next(first.saturating_add(u64::from(index)));
            self.next_unique_id = self.next_unique_id.max(next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(entries: u32, next_unique_id: u64) -> GivenOut {
        GivenOut {
            entries,
            next_unique_id,
            first: (entries, next_unique_id),
            most: 100,
        }
    }

    #[test]
    fn the_next_ones_follow_the_last_of_each() {
        let mut given_out = after(10, 30);
        given_out.note_address(12);
        given_out.note_address(11);
        given_out.note_unique_id(40);
        assert_eq!((given_out.vat_entries(), given_out.next_unique_id()), (13, 41));
    }

    #[test]
    fn those_of_the_newest_generation_count_for_nothing() {
        let mut given_out = after(10, 30);
        given_out.note_address(9);
        given_out.note_unique_id(29);
        assert_eq!((given_out.vat_entries(), given_out.next_unique_id()), (10, 30));
    }

    #[test]
    fn more_than_the_blocks_can_have_given_out_is_damage() {
        let mut given_out = after(10, 30);
        given_out.note_address(110);
        given_out.note_unique_id(130);
        assert_eq!((given_out.vat_entries(), given_out.next_unique_id()), (10, 30));
    }

    #[test]
    fn the_low_half_of_a_unique_id_may_begin_again() {
        let mut given_out = after(10, 0xFFFF_FFFE);
        given_out.note_unique_id(17);
        assert_eq!(given_out.next_unique_id(), 0x1_0000_0012);
    }
}
