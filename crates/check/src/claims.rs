//! Ownership of blocks: no block belongs to two structures or bodies.

/// The owner of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owner {
    /// Structures of the volume or of a session.
    Volume,
    /// The VAT and its ICB.
    Vat,
    /// The file set descriptor.
    FileSet,
    /// The file of a metadata partition or its mirror; other structures are in its blocks.
    Metadata,
    /// A node, by its number in the table.
    Node(u32),
}

/// The use of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Use {
    /// A structure that belongs to one volume.
    Structure,
    /// A recorded extent of a file's body.
    Data,
    /// The entry of a file outside a virtual partition, which both volumes of a disc may share.
    FileEntry,
}

/// What extents of files may have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sharing {
    /// Nothing: their blocks can be freed or overwritten.
    None,
    /// The whole extent: nothing is ever freed.
    Whole,
    /// Where they begin: nothing more is recorded in the partition, and the zeros for a short hole are the
    /// beginning of those for a long one.
    Beginning,
}

/// An extent and its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Claim {
    pub start: u32,
    pub blocks: u32,
    pub owner: Owner,
    pub used_for: Use,
    /// It is named by an address outside metadata partitions.
    pub below: bool,
}

// `MEMORY_BOUND` assumes this size.
const _: () = assert!(size_of::<Claim>() <= 20);

/// All extents found.
#[derive(Default)]
pub(crate) struct Claims {
    pub all: Vec<Claim>,
    /// First sector and number of sectors of the pieces of metadata files.
    pub metadata: Vec<(u32, u32)>,
    /// There are more than the limit.
    pub full: bool,
    /// Sectors of the other volumes of the disc, in ascending order.
    pub others: Vec<OfOther>,
}

/// Sectors of another volume of the disc.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct OfOther {
    pub start: u32,
    pub end: u32,
    pub used_for: Use,
}
