//! Allocation extents: allocation descriptors that do not fit their entry.

use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::address::BLOCK_SIZE;
use crate::general::tag::{self, TagVersion};
use crate::general::{Tag, TagIdentifier};
use crate::malformed::{Malformed, MalformedKind, TooLong};

/// The 24 bytes before the allocation descriptors (`ECMA-167 4/14.5`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct Front {
    descriptor_tag: Tag,
    previous_allocation_extent_location: U32,
    length_of_allocation_descriptors: U32,
}

const _: () = assert!(size_of::<Front>() == AllocationExtent::HEADER_LEN);

const IDENTIFIER: TagIdentifier = TagIdentifier::ALLOCATION_EXTENT_DESCRIPTOR;

/// Allocation extent of one block: its descriptor, then the allocation descriptors (`ECMA-167 4/14.5`,
/// `UDF 2.60 2.3.11`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllocationExtent {
    /// Recorded as 0: write-once recording never follows the chain backwards.
    pub previous_allocation_extent_location: u32,
    /// The allocation descriptors, in the form that the entry states.
    pub allocation_descriptors: Vec<u8>,
}

impl AllocationExtent {
    /// Bytes before the allocation descriptors.
    pub const HEADER_LEN: usize = 24;
    /// Bytes of allocation descriptors that fit one block.
    pub const CAPACITY: usize = BLOCK_SIZE - Self::HEADER_LEN;

    /// The allocation extent in a block.
    ///
    /// # Errors
    /// A tag that does not verify; descriptors beyond the end of the block.
    pub fn decode(block: &[u8], location: Option<u32>) -> Result<Self, Malformed> {
        tag::verify(block, IDENTIFIER, location)?;
        let fault = |kind| IDENTIFIER.malformed(kind);
        let (front, rest) = Front::read_from_prefix(block).map_err(|_| fault(MalformedKind::Truncated))?;
        let descriptors = usize::try_from(front.length_of_allocation_descriptors.get())
            .ok()
            .and_then(|length| rest.get(..length))
            .ok_or(fault(MalformedKind::Field("length of allocation descriptors")))?;
        Ok(Self {
            previous_allocation_extent_location: front.previous_allocation_extent_location.get(),
            allocation_descriptors: descriptors.to_vec(),
        })
    }

    /// One block.
    ///
    /// # Errors
    /// More descriptors than [`Self::CAPACITY`].
    pub fn encode(&self, version: TagVersion, location: u32) -> Result<[u8; BLOCK_SIZE], TooLong> {
        let length = u32::try_from(self.allocation_descriptors.len()).unwrap_or(u32::MAX);
        let front = Front {
            descriptor_tag: Tag::default(),
            previous_allocation_extent_location: self.previous_allocation_extent_location.into(),
            length_of_allocation_descriptors: length.into(),
        };
        tag::seal_parts(
            &[front.as_bytes(), &self.allocation_descriptors],
            IDENTIFIER,
            version,
            location,
        )
    }
}
