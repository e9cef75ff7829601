//! The terminating descriptor, which ends a volume descriptor sequence or an integrity sequence.

use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::general::{Descriptor, Tag, TagIdentifier};

/// Terminating descriptor, 512 bytes (`ECMA-167 3/10.9`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct TerminatingDescriptor {
    /// Identifier 8.
    pub descriptor_tag: Tag,
    /// Zeros.
    pub reserved: [u8; 496],
}

const _: () = assert!(size_of::<TerminatingDescriptor>() == 512);

impl Descriptor for TerminatingDescriptor {
    const IDENTIFIER: TagIdentifier = TagIdentifier::TERMINATING_DESCRIPTOR;
}

impl Default for TerminatingDescriptor {
    fn default() -> Self {
        Self::new_zeroed()
    }
}
