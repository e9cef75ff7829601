//! What waits to be recorded, by name.

use ecma167::VirtualAddress;

/// A block that waits to be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A body block of a node; its bytes wait with it.
    Body(VirtualAddress),
    /// A continuation of the allocation descriptors of a node.
    AllocationExtent { node: VirtualAddress, index: usize },
    /// Zeros before a node whose logical block would equal its virtual address.
    Filler,
    /// A node: its (extended) file entry.
    Node(VirtualAddress),
    /// The body of the VAT.
    Vat,
    /// The ICB of the VAT.
    VatIcb,
    /// A block of a part of a plain volume; it belongs to no tree.
    Plain(PlainPart),
}

/// The parts of a plain volume, each recorded on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PlainPart {
    /// Its structures and copies of files; the bytes wait with it.
    Run,
    /// The reserve sequence, followed by zeros.
    Reserve,
    /// The start of the session.
    Start,
    /// The anchors at the end of the session.
    Anchors,
}

impl Piece {
    /// The node that it belongs to.
    pub fn node(&self) -> Option<VirtualAddress> {
        match self {
            Self::Body(node) | Self::AllocationExtent { node, .. } | Self::Node(node) => Some(*node),
            Self::Filler | Self::Vat | Self::VatIcb | Self::Plain(_) => None,
        }
    }
}
