//! Bodies: the bytes of a file, a directory or a VAT, and where they stand.

use ecma167::RecordedAddress;

/// The bytes of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// In the file entry itself.
    Embedded(Vec<u8>),
    /// In extents, which cover exactly the information length; continuations are followed already.
    Extents(Vec<Extent>),
}

/// A part of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The byte of the body that it begins with.
    pub offset: u64,
    /// Its bytes; a multiple of 2048 in all but the last of a body.
    pub length: u64,
    /// Where they are.
    pub kind: ExtentKind,
}

/// Where the bytes of an extent are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtentKind {
    /// From this block on.
    Recorded(RecordedAddress),
    /// Nowhere: they are zeros.
    NotRecorded,
}

impl Body {
    /// Bytes of the body: the information length.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self {
            Self::Embedded(bytes) => bytes.len() as u64,
            Self::Extents(extents) => extents.last().map_or(0, |last| last.offset + last.length),
        }
    }

    /// Whether there is no byte.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Extent {
    /// The extent that holds a byte, and where in it the byte is.
    pub(crate) fn find(extents: &[Self], offset: u64) -> Option<(&Self, u64)> {
        let behind = extents.partition_point(|extent| extent.offset <= offset);
        let extent = extents.get(behind.checked_sub(1)?)?;
        let inside = offset - extent.offset;
        (inside < extent.length).then_some((extent, inside))
    }
}
