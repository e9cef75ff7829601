//! Which blocks belong to what: no block belongs to two structures or bodies.

/// Whom a block belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owner {
    /// Structures of the volume or of a session.
    Volume,
    /// The VAT and its ICB.
    Vat,
    /// The file set descriptor.
    FileSet,
    /// The file of a metadata partition or its mirror, in the blocks of which others stand.
    Metadata,
    /// A node, by its number in the table.
    Node(u32),
}

/// What a block is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Use {
    /// A structure that belongs to one volume.
    Structure,
    /// A recorded extent of a file's body.
    Data,
    /// The entry of a file outside of a virtual partition, which both volumes of a disc may have.
    FileEntry,
}

/// What extents of files may have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sharing {
    /// Nothing: their blocks can be freed or overwritten.
    None,
    /// All of it: nothing is ever freed.
    Whole,
    /// Where they begin: nothing is recorded in the partition any more, and zeros for a short hole are the beginning of those for a
    /// long one.
    Beginning,
}

/// An extent and whom it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Claim {
    pub start: u32,
    pub blocks: u32,
    pub owner: Owner,
    pub used_for: Use,
    /// It is named by an address outside of metadata partitions.
    pub below: bool,
}

// What `MEMORY_BOUND` counts with.
const _: () = assert!(size_of::<Claim>() <= 20);

/// All extents that were met.
#[derive(Default)]
pub(crate) struct Claims {
    pub all: Vec<Claim>,
    /// First sector and number of sectors of the pieces of metadata files.
    pub metadata: Vec<(u32, u32)>,
    /// There are more than are kept.
    pub full: bool,
    /// What belongs to the other volumes of the disc, in ascending order.
    pub others: Vec<OfOther>,
}

/// Sectors of another volume of the disc.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct OfOther {
    pub start: u32,
    pub end: u32,
    pub used_for: Use,
}
