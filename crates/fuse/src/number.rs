//! Node numbers: made from the recorded address of the ICB, which no other node of a generation has, and for
//! earlier generations also from its number.

use ecma167::{PartitionReference, RecordedAddress};
use fuser::INodeNo;

/// The number of `.oncefs`. That of the root is 1, and those of other nodes of the current state are at least
/// 2^32.
const ONCEFS: u64 = 2;
/// The number of `.oncefs/at`.
const AT: u64 = 3;

/// Set in the numbers of nodes of a generation. Below it are 21 bits of the generation, 10 of the partition
/// reference and 32 of the block.
const OF_GENERATION: u64 = 1 << 63;
const GENERATION_SHIFT: u32 = 42;
const GENERATION_MASK: u64 = (1 << 21) - 1;
/// No partition has this reference: a volume with a VAT has fewer than 300 maps.
const NO_PARTITION: u64 = (1 << 10) - 1;
/// The root of a generation, whose address is unknown until it is read.
const GENERATION_ROOT: u64 = NO_PARTITION << 32 | 0xFFFF_FFFF;

/// What a number means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbered {
    /// A node of the current state.
    Now(RecordedAddress),
    /// A node of a generation; without an address, its root.
    Then(u32, Option<RecordedAddress>),
    /// The directory `.oncefs`.
    Oncefs,
    /// The directory `.oncefs/at`.
    At,
}

/// Maps addresses to numbers; the root has the number the kernel defines.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbers {
    pub root: RecordedAddress,
}

impl Numbers {
    /// The number of a node or directory.
    pub fn number(self, numbered: Numbered) -> INodeNo {
        match numbered {
            Numbered::Now(address) if address == self.root => INodeNo::ROOT,
            // At least 2^32, and less than 2^49.
            Numbered::Now(address) => {
                INodeNo((u64::from(address.partition.0) + 1) << 32 | u64::from(address.block))
            }
            Numbered::Then(generation, address) => {
                let node = address.map_or(GENERATION_ROOT, |address| {
                    u64::from(address.partition.0).min(NO_PARTITION) << 32 | u64::from(address.block)
                });
                INodeNo(OF_GENERATION | u64::from(generation) << GENERATION_SHIFT | node)
            }
            Numbered::Oncefs => INodeNo(ONCEFS),
            Numbered::At => INodeNo(AT),
        }
    }

    /// What a number given out before means.
    pub fn numbered(self, number: INodeNo) -> Numbered {
        let block = u32::try_from(number.0 & 0xFFFF_FFFF).unwrap_or(u32::MAX);
        let at = |partition: u64| RecordedAddress {
            partition: PartitionReference(u16::try_from(partition).unwrap_or(u16::MAX)),
            block,
        };
        if number.0 & OF_GENERATION != 0 {
            let generation = number.0 >> GENERATION_SHIFT & GENERATION_MASK;
            let is_root = number.0 & GENERATION_ROOT == GENERATION_ROOT;
            let node = at(number.0 >> 32 & NO_PARTITION);
            return Numbered::Then(u32::try_from(generation).unwrap_or(0), (!is_root).then_some(node));
        }
        match number {
            INodeNo::ROOT => Numbered::Now(self.root),
            INodeNo(ONCEFS) => Numbered::Oncefs,
            INodeNo(AT) => Numbered::At,
            _ => Numbered::Now(at((number.0 >> 32).saturating_sub(1))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(partition: u16, block: u32) -> RecordedAddress {
        RecordedAddress {
            partition: PartitionReference(partition),
            block,
        }
    }

    #[test]
    fn every_address_round_trips_and_none_has_the_number_of_the_root() {
        let numbers = Numbers { root: at(1, 1) };
        for address in [
            at(0, 0),
            at(0, 1),
            at(1, 0),
            at(1, 2),
            at(7, u32::MAX),
            at(u16::MAX, 5),
        ] {
            let now = Numbered::Now(address);
            assert_eq!(numbers.numbered(numbers.number(now)), now);
            assert_ne!(numbers.number(now), INodeNo::ROOT);
        }
        assert_eq!(numbers.number(Numbered::Now(at(1, 1))), INodeNo::ROOT);
        assert_eq!(numbers.numbered(INodeNo::ROOT), Numbered::Now(at(1, 1)));
    }

    #[test]
    fn nodes_of_each_generation_have_numbers_of_their_own() {
        let numbers = Numbers { root: at(1, 1) };
        let mut all = vec![Numbered::Oncefs, Numbered::At];
        for address in [
            at(0, 0),
            at(0, 2),
            at(0, 3),
            at(1, 1),
            at(2, u32::MAX),
            at(300, 7),
        ] {
            all.push(Numbered::Now(address));
            for generation in [1, 2, 1 << 20] {
                all.push(Numbered::Then(generation, Some(address)));
            }
        }
        all.extend([1, 2, 1 << 20].map(|generation| Numbered::Then(generation, None)));
        let mut seen = std::collections::HashSet::new();
        for one in all {
            let number = numbers.number(one);
            assert_eq!(numbers.numbered(number), one);
            assert!(seen.insert(number.0), "{one:?}");
        }
    }
}
