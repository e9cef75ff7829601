//! Indirect and terminal entries of an ICB hierarchy of strategy 4096.

use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::file::{IcbTag, LongAd};
use crate::general::{Descriptor, Tag, TagIdentifier};

/// Indirect entry, 52 bytes: the location of the next version of the file entry (`ECMA-167 4/14.7`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct IndirectEntry {
    /// Identifier 259.
    pub descriptor_tag: Tag,
    /// File type 3.
    pub icb_tag: IcbTag,
    /// The next ICB.
    pub indirect_icb: LongAd,
}

const _: () = assert!(size_of::<IndirectEntry>() == 52);

impl Descriptor for IndirectEntry {
    const IDENTIFIER: TagIdentifier = TagIdentifier::INDIRECT_ENTRY;
}

/// Terminal entry, 36 bytes: the end of an ICB hierarchy (`ECMA-167 4/14.8`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct TerminalEntry {
    /// Identifier 260.
    pub descriptor_tag: Tag,
    /// File type 11.
    pub icb_tag: IcbTag,
}

const _: () = assert!(size_of::<TerminalEntry>() == 36);

impl Descriptor for TerminalEntry {
    const IDENTIFIER: TagIdentifier = TagIdentifier::TERMINAL_ENTRY;
}

impl Default for TerminalEntry {
    fn default() -> Self {
        Self::new_zeroed()
    }
}
