//! Where the parts of a plain volume are. The volume states this itself, so that an interrupted closing can
//! be completed.

use ecma167::LogicalSector;
use ecma167::general::Timestamp;
use ecma167::volume::ImplementationUseVolumeDescriptor;
use zerocopy::{FromBytes, IntoBytes};

use crate::options::Scattered;

/// The start of our implementation use in the descriptor `*UDF LV Info`.
const NAME: &[u8; 12] = b"*oncefs ROM\0";

/// Where the parts of a plain volume are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    /// The first block of the run of structures.
    pub base: LogicalSector,
    /// The first block of the reserve sequence, which is recorded right after the VAT; the partition ends
    /// there.
    pub reserve: LogicalSector,
    /// N, the last block of the session; anchors fill it up from the reserve sequence on.
    pub last: LogicalSector,
    /// The recording time.
    pub now: Timestamp,
    /// How scattered files are recorded.
    pub scattered: Scattered,
}

/// The flag bit for scattered files that are recorded in place.
const IN_PLACE: u8 = 1;

impl Placement {
    /// The placement that a descriptor states; `None` if it states none.
    #[must_use]
    pub fn of(descriptor: &ImplementationUseVolumeDescriptor) -> Option<Self> {
        let (name, rest) = descriptor.implementation_use.split_first_chunk()?;
        let (numbers, rest) = rest.split_first_chunk::<12>()?;
        let [base, reserve, last] = [0, 4, 8].map(|at| {
            let bytes = numbers.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
            LogicalSector(u32::from_le_bytes(bytes.unwrap_or_default()))
        });
        let (now, rest) = Timestamp::read_from_prefix(rest).ok()?;
        let scattered = match rest.first() {
            Some(flags) if flags & IN_PLACE != 0 => Scattered::InPlace,
            _ => Scattered::Copied,
        };
        (name == NAME).then_some(Self {
            base,
            reserve,
            last,
            now,
            scattered,
        })
    }

    /// The implementation use that states this.
    pub(crate) fn implementation_use(&self) -> [u8; 128] {
        let mut bytes = [0; 128];
        let numbers = [self.base.0, self.reserve.0, self.last.0].map(u32::to_le_bytes);
        let flags = match self.scattered {
            Scattered::Copied => 0,
            Scattered::InPlace => IN_PLACE,
        };
        let said = [
            NAME.as_slice(),
            numbers.as_flattened(),
            self.now.as_bytes(),
            &[flags],
        ]
        .concat();
        bytes[..said.len()].copy_from_slice(&said);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use ecma167::general::DString;
    use ecma167::osta::Revision;

    use super::*;

    #[test]
    fn a_placement_reads_back_from_its_implementation_use() {
        for scattered in [Scattered::Copied, Scattered::InPlace] {
            let placement = Placement {
                base: LogicalSector(70_000),
                reserve: LogicalSector(80_000),
                last: LogicalSector(80_287),
                now: Timestamp::from_unix(1_700_000_000, 0),
                scattered,
            };
            let name = DString::truncated("x");
            let mut descriptor = ImplementationUseVolumeDescriptor::new(Revision::V1_02, 1, name);
            assert_eq!(Placement::of(&descriptor), None);
            descriptor.implementation_use = placement.implementation_use();
            assert_eq!(Placement::of(&descriptor), Some(placement));
        }
    }
}
