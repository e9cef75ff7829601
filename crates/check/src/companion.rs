//! What the two volumes of a disc say about each other and about themselves, in implementation use fields
//! (`docs/understanding/format.md`, "Two volumes on a disc").

use ecma167::LogicalSector;
use ecma167::general::{EntityIdentifier, Timestamp};
use ecma167::osta::Revision;
use zerocopy::FromBytes;

/// The first bytes of both fields.
const NAME: &[u8; 12] = b"*oncefs ROM\0";

/// Byte ranges of the implementation identifier and use in a logical volume descriptor (`ECMA-167 3/10.6`).
const LOGICAL: [std::ops::Range<usize>; 2] = [272..304, 304..432];
/// The same in the descriptor `*UDF LV Info` (`UDF 2.60 2.2.7`).
const INFORMATION: [std::ops::Range<usize>; 2] = [352..384, 384..512];

/// What a logical volume descriptor says about the plain volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Companion {
    /// Whether this is the descriptor of the plain volume itself.
    pub is_plain: bool,
    /// Whether ISO 9660 leads to the same files.
    pub bridge: bool,
    /// Whether the plain volume has symbolic links and special files.
    pub links: bool,
    pub revision: Revision,
}

/// Where the parts of a plain volume are, by its descriptor `*UDF LV Info`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Placement {
    /// First sector of its structures.
    pub base: LogicalSector,
    /// First sector of its reserve sequence.
    pub reserve: LogicalSector,
    /// N of its session.
    pub last: LogicalSector,
    /// The VAT ICB of the state that it shows.
    pub vat_icb: LogicalSector,
    /// The zeros that its holes name.
    pub zeros: Zeros,
    pub made: Timestamp,
}

/// Zeros that holes name, perhaps those of an earlier session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Zeros {
    pub at: LogicalSector,
    pub blocks: u32,
}

/// What follows our name in the field at these places, if our program recorded it.
fn said<'b>(block: &'b [u8], [identifier, field]: &[std::ops::Range<usize>; 2]) -> Option<&'b [u8]> {
    let (entity, _) = EntityIdentifier::read_from_prefix(block.get(identifier.clone())?).ok()?;
    let ours = EntityIdentifier::implementation();
    let said = block.get(field.clone())?.strip_prefix(NAME)?;
    (entity.identifier == ours.identifier).then_some(said)
}

impl Companion {
    /// What a logical volume descriptor says; `None` if the disc has one volume or another program recorded
    /// it.
    pub fn of(block: &[u8]) -> Option<Self> {
        let &[flags, low, high, ..] = said(block, &LOGICAL)? else {
            return None;
        };
        Some(Self {
            is_plain: flags & 1 != 0,
            bridge: flags & 2 != 0,
            links: flags & 4 != 0,
            revision: Revision(u16::from_le_bytes([low, high])),
        })
    }

    /// The bytes that follow, which should be zeros.
    pub fn rest(block: &[u8]) -> &[u8] {
        said(block, &LOGICAL)
            .and_then(|said| said.get(3..))
            .unwrap_or_default()
    }
}

impl Placement {
    /// What a descriptor `*UDF LV Info` says.
    pub fn of(block: &[u8]) -> Option<Self> {
        let said = said(block, &INFORMATION)?;
        let word = |at: usize| {
            let bytes: [u8; 4] = said.get(at..at + 4)?.try_into().ok()?;
            Some(LogicalSector(u32::from_le_bytes(bytes)))
        };
        Some(Self {
            base: word(0)?,
            reserve: word(4)?,
            last: word(8)?,
            vat_icb: word(28)?,
            zeros: Zeros {
                at: word(32)?,
                blocks: word(36)?.0,
            },
            made: Timestamp::read_from_prefix(said.get(12..)?).ok()?.0,
        })
    }
}
