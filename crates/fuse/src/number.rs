//! Node numbers: made from the recorded address of the ICB, which no other node of the volume ever has.

use ecma167::{PartitionReference, RecordedAddress};
use fuser::INodeNo;

/// Maps addresses to numbers; the root has the number the kernel defines.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbers {
    pub root: RecordedAddress,
}

impl Numbers {
    /// The number of the node at an address.
    pub fn number(self, address: RecordedAddress) -> INodeNo {
        if address == self.root {
            return INodeNo::ROOT;
        }
        // At least 2^32, so never the root's.
        INodeNo((u64::from(address.partition.0) + 1) << 32 | u64::from(address.block))
    }

    /// The address of the node with a number given out before.
    pub fn address(self, number: INodeNo) -> RecordedAddress {
        if number == INodeNo::ROOT {
            return self.root;
        }
        let partition = u16::try_from((number.0 >> 32).saturating_sub(1)).unwrap_or(u16::MAX);
        RecordedAddress {
            partition: PartitionReference(partition),
            block: u32::try_from(number.0 & 0xFFFF_FFFF).unwrap_or(u32::MAX),
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
            assert_eq!(numbers.address(numbers.number(address)), address);
            assert_ne!(numbers.number(address), INodeNo::ROOT);
        }
        assert_eq!(numbers.number(at(1, 1)), INodeNo::ROOT);
        assert_eq!(numbers.address(INodeNo::ROOT), at(1, 1));
    }
}
