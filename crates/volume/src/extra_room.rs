//! What files take in the next plain volume beyond their share by number. The VAT ICB states the sum, so that
//! it is known without reading the tree.

use ecma167::file::FileEntry;
use ecma167::file::extended_attribute::{self, Attribute};
use ecma167::general::EntityIdentifier;
use zerocopy::little_endian::{U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// The start of our content of the implementation use attribute.
const NAME: &[u8; 12] = b"*oncefs ROM\0";

/// Blocks that files take in a plain volume beyond what the number of files and directories tells: copies,
/// allocation extents, records of further extents, zeros for long holes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExtraRoom {
    /// The sum of what each file takes for itself, in blocks.
    pub of_files: u64,
    /// The longest run of zeros that a hole asks for, in blocks. All holes share it.
    pub zeros: u32,
}

impl ExtraRoom {
    /// Bytes of the attribute that states it.
    pub const ATTRIBUTE_LEN: usize = 48 + size_of::<Stated>();

    /// All of it, in blocks, but no more than any medium has.
    #[must_use]
    pub fn blocks(&self) -> u64 {
        let blocks = self.of_files.saturating_add(self.zeros.into());
        blocks.min(u32::MAX.into())
    }

    /// What a VAT ICB states; `None` if it states nothing that is its own.
    #[must_use]
    pub fn of(vat_icb: &FileEntry) -> Option<Self> {
        let attributes = extended_attribute::decode(&vat_icb.extended_attributes, None).ok()?;
        let stated = attributes.iter().find_map(stated)?;
        // Another program may copy the attribute to a VAT ICB of its own.
        (stated.verification_id == vat_icb.unique_id).then(|| Self {
            of_files: stated.of_files.get(),
            zeros: stated.zeros.get(),
        })
    }

    /// Whether an attribute states extra room, be it valid or not.
    #[must_use]
    pub fn is_stated_by(attribute: &Attribute) -> bool {
        stated(attribute).is_some()
    }

    /// The attribute that states it in a VAT ICB with this unique ID (`ECMA-167 4/14.10.8`).
    #[must_use]
    pub fn attribute(&self, unique_id: u64) -> Attribute {
        let stated = Stated {
            name: *NAME,
            verification_id: unique_id.into(),
            of_files: self.of_files.into(),
            zeros: self.zeros.into(),
        };
        Attribute::ImplementationUse {
            identifier: EntityIdentifier::implementation(),
            content: stated.as_bytes().to_vec(),
        }
    }
}

fn stated(attribute: &Attribute) -> Option<Stated> {
    let Attribute::ImplementationUse { identifier, content } = attribute else {
        return None;
    };
    let (stated, _) = Stated::read_from_prefix(content).ok()?;
    let is_ours = identifier.identifier_bytes() == EntityIdentifier::implementation().identifier_bytes();
    (is_ours && stated.name == *NAME).then_some(stated)
}

/// The content of the attribute, as recorded.
#[derive(FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct Stated {
    name: [u8; 12],
    /// The unique ID of the VAT ICB.
    verification_id: U64,
    of_files: U64,
    zeros: U32,
}
