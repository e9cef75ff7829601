//! Where the parts of a plain volume are. The volume states this itself, so that an interrupted closing can
//! be completed, and so that the next plain volume can use its zeros again.

use ecma167::LogicalSector;
use ecma167::general::Timestamp;
use ecma167::volume::ImplementationUseVolumeDescriptor;
use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// The start of our implementation use in the descriptor `*UDF LV Info`.
const NAME: &[u8; 12] = b"*oncefs ROM\0";

/// The flag bit for scattered files that are recorded in place.
const IN_PLACE: u8 = 1;

/// Where the parts of a plain volume are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    /// The first block of the run of structures.
    pub base: LogicalSector,
    /// The VAT ICB of the generation whose state it shows. Nothing but this plain volume follows it in its
    /// session.
    pub vat_icb: LogicalSector,
    /// The first block of the reserve sequence; the partition ends there.
    pub reserve: LogicalSector,
    /// N, the last block of the session; anchors fill it up from the reserve sequence on.
    pub last: LogicalSector,
    /// The zeros that the holes of its files name.
    pub zeros: Zeros,
    /// The recording time.
    pub now: Timestamp,
    /// How scattered files are recorded.
    pub scattered: Scattered,
}

/// A run of zeros that holes name in a plain volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zeros {
    /// Its first sector.
    pub at: LogicalSector,
    /// Its length in blocks; 0 if no file has a hole.
    pub blocks: u32,
}

/// How files are recorded that have more extents than readers follow, or that are short with extents that do
/// not ascend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scattered {
    /// Copied, so that every reader reads them.
    Copied,
    /// In their own extents, if there is no room for copies; in allocation extents if the file entry cannot
    /// hold them all. Some readers do not read them.
    InPlace,
}

impl Placement {
    /// The placement that a descriptor states; `None` if it states none.
    #[must_use]
    pub fn of(descriptor: &ImplementationUseVolumeDescriptor) -> Option<Self> {
        let rest = descriptor.implementation_use.strip_prefix(NAME)?;
        let (stated, _) = Stated::read_from_prefix(rest).ok()?;
        let sector = |sector: U32| LogicalSector(sector.get());
        Some(Self {
            base: sector(stated.base),
            vat_icb: sector(stated.vat_icb),
            reserve: sector(stated.reserve),
            last: sector(stated.last),
            zeros: Zeros {
                at: sector(stated.zeros),
                blocks: stated.zero_blocks.get(),
            },
            now: stated.now,
            scattered: if stated.flags & IN_PLACE == 0 {
                Scattered::Copied
            } else {
                Scattered::InPlace
            },
        })
    }

    /// The implementation use that states this.
    #[must_use]
    pub fn implementation_use(&self) -> [u8; 128] {
        let stated = Stated {
            base: self.base.0.into(),
            reserve: self.reserve.0.into(),
            last: self.last.0.into(),
            now: self.now,
            flags: match self.scattered {
                Scattered::Copied => 0,
                Scattered::InPlace => IN_PLACE,
            },
            padding: [0; 3],
            vat_icb: self.vat_icb.0.into(),
            zeros: self.zeros.at.0.into(),
            zero_blocks: self.zeros.blocks.into(),
        };
        let mut bytes = [0; 128];
        let said = [NAME.as_slice(), stated.as_bytes()].concat();
        bytes[..said.len()].copy_from_slice(&said);
        bytes
    }
}

/// What follows [`NAME`], as recorded.
#[derive(FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct Stated {
    base: U32,
    reserve: U32,
    last: U32,
    now: Timestamp,
    flags: u8,
    padding: [u8; 3],
    vat_icb: U32,
    zeros: U32,
    zero_blocks: U32,
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
                vat_icb: LogicalSector(79_999),
                reserve: LogicalSector(80_000),
                last: LogicalSector(80_287),
                zeros: Zeros {
                    at: LogicalSector(79_000),
                    blocks: 512,
                },
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
