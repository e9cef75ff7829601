//! How a plain volume differs from the volume with the VAT.

/// How the plain volume differs from the volume with the VAT: how many files it does not show, or shows
/// otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlainVolumeDifferences {
    /// Symbolic links and special files that UDF leaves out.
    pub left_out: u64,
    /// Symbolic links whose targets do not fit Rock Ridge.
    pub long_links: u64,
    /// Names of more than 127 characters, cut in UDF.
    pub cut_in_udf: u64,
    /// Names that Joliet changes: longer than 64 units, or with characters that it does not allow.
    pub changed_in_joliet: u64,
    /// Names that Rock Ridge changes.
    pub changed_in_rock_ridge: u64,
    /// Nodes with named streams.
    pub streams: u64,
    /// Long files with holes, or with parts that do not ascend on the disc: libarchive does not read them.
    pub unordered: u64,
    /// Files with more sections than Linux isofs follows.
    pub beyond_isofs: u64,
    /// Files with more extents than a file entry can hold: 7-Zip reads no allocation extent.
    pub in_allocation_extents: u64,
    /// Files whose data is copied, because they are short or have too many extents.
    pub copied: u64,
    /// Blocks that these copies take, and the zeros for holes.
    pub copied_blocks: u64,
}
