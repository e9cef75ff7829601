//! The unallocated space descriptor.

use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::address::BLOCK_SIZE;
use crate::general::tag::{self, TagVersion};
use crate::general::{ExtentAd, Tag, TagIdentifier};
use crate::malformed::{Malformed, MalformedKind, TooLong};

/// The 24 bytes before the allocation descriptors (`ECMA-167 3/10.8`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct Front {
    descriptor_tag: Tag,
    volume_descriptor_sequence_number: U32,
    number_of_allocation_descriptors: U32,
}

const _: () = assert!(size_of::<Front>() == 24);

const IDENTIFIER: TagIdentifier = TagIdentifier::UNALLOCATED_SPACE_DESCRIPTOR;

/// Unallocated space descriptor: the parts of the volume space outside every partition (`ECMA-167 3/10.8`,
/// `UDF 2.60 2.2.5`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnallocatedSpaceDescriptor {
    /// The descriptor with the highest number prevails.
    pub volume_descriptor_sequence_number: u32,
    /// The unallocated extents; the list need not be complete.
    pub allocation_descriptors: Vec<ExtentAd>,
}

impl UnallocatedSpaceDescriptor {
    /// The descriptor at the start of a block.
    ///
    /// # Errors
    /// A tag that does not verify; more descriptors than fit the block.
    pub fn decode(block: &[u8], location: Option<u32>) -> Result<Self, Malformed> {
        tag::verify(block, IDENTIFIER, location)?;
        let fault = |kind| IDENTIFIER.malformed(kind);
        let (front, rest) = Front::read_from_prefix(block).map_err(|_| fault(MalformedKind::Truncated))?;
        let descriptors = usize::try_from(front.number_of_allocation_descriptors.get())
            .ok()
            .and_then(|count| <[ExtentAd]>::ref_from_prefix_with_elems(rest, count).ok())
            .ok_or(fault(MalformedKind::Field("number of allocation descriptors")))?;
        Ok(Self {
            volume_descriptor_sequence_number: front.volume_descriptor_sequence_number.get(),
            allocation_descriptors: descriptors.0.to_vec(),
        })
    }

    /// One block that begins with the descriptor.
    ///
    /// # Errors
    /// Allocation descriptors that do not fit the block.
    pub fn encode(&self, version: TagVersion, location: u32) -> Result<[u8; BLOCK_SIZE], TooLong> {
        let count = u32::try_from(self.allocation_descriptors.len()).unwrap_or(u32::MAX);
        let front = Front {
            descriptor_tag: Tag::default(),
            volume_descriptor_sequence_number: self.volume_descriptor_sequence_number.into(),
            number_of_allocation_descriptors: count.into(),
        };
        let parts = [front.as_bytes(), self.allocation_descriptors.as_bytes()];
        tag::seal_parts(&parts, IDENTIFIER, version, location)
    }
}
