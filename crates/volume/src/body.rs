//! Bodies: the bytes of a file, a directory or a VAT, and where they are recorded.

use ecma167::RecordedAddress;

/// The bytes of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// In the file entry itself.
    Embedded(Vec<u8>),
    /// In extents that cover the information length, continuations included.
    Extents(Vec<Extent>),
}

/// A part of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Offset in the body, in bytes.
    pub offset: u64,
    /// Length in bytes; a multiple of 2048 except in the last extent of a body.
    pub length: u64,
    /// Where the bytes are.
    pub kind: ExtentKind,
}

/// Where the bytes of an extent are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtentKind {
    /// In consecutive blocks from this one on.
    Recorded(RecordedAddress),
    /// Nowhere: the bytes are zeros.
    NotRecorded,
    /// Unknown: the allocation descriptors of the entry at this address cover less than the information
    /// length, or cannot be read. Only the last extent of a body is lost. Holes before it belong to it. It is
    /// at most as long as the recorded medium, whatever the information length is.
    Lost(RecordedAddress),
}

impl Body {
    /// The length in bytes: the information length, unless a lost extent is shorter than what is missing.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self {
            Self::Embedded(bytes) => bytes.len() as u64,
            Self::Extents(extents) => extents.last().map_or(0, |last| last.offset + last.length),
        }
    }

    /// The length in bytes before what is lost.
    pub(crate) fn known(&self) -> u64 {
        match self {
            Self::Extents(extents) => match extents.last() {
                Some(last) if matches!(last.kind, ExtentKind::Lost(_)) => last.offset,
                _ => self.len(),
            },
            Self::Embedded(_) => self.len(),
        }
    }

    /// Whether the body has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Extent {
    /// The extent that contains the byte at `offset`, and the byte's offset in that extent.
    pub(crate) fn find(extents: &[Self], offset: u64) -> Option<(&Self, u64)> {
        let next = extents.partition_point(|extent| extent.offset <= offset);
        let extent = extents.get(next.checked_sub(1)?)?;
        let inside = offset - extent.offset;
        (inside < extent.length).then_some((extent, inside))
    }
}
