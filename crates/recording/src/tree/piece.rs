//! The names of what a tree records.

use ecma167::VirtualAddress;

/// What waits to be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// The body of a node, by body block number; its bytes wait with it.
    Body(VirtualAddress),
    /// The continuation of the allocation descriptors of a node.
    AllocationExtent { node: VirtualAddress, index: usize },
    /// Zeros before a node whose logical block would equal its virtual address.
    Filler,
    /// A node: its (extended) file entry.
    Node(VirtualAddress),
    /// The body of the VAT.
    Vat,
    /// The ICB of the VAT.
    VatIcb,
    /// A part of a plain volume, by block number of that part: no tree has it.
    Plain(PlainPart),
}

/// The parts of a plain volume, each of which is recorded on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PlainPart {
    /// Its structures and copies of files; the bytes wait with it.
    Run,
    /// The reserve sequence, and zeros after it.
    Reserve,
    /// The start of the session.
    Start,
    /// The anchors at its end.
    Anchors,
}

impl Piece {
    /// The node that it is a part of.
    pub fn node(&self) -> Option<VirtualAddress> {
        match self {
            Self::Body(node) | Self::AllocationExtent { node, .. } | Self::Node(node) => Some(*node),
            Self::Filler | Self::Vat | Self::VatIcb | Self::Plain(_) => None,
        }
    }
}
