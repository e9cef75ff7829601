//! The limits of the judge.

/// Maximum bytes of memory that a check takes with the default [`Options`], whatever is recorded on the disc.
///
/// 2^21 nodes of 32 bytes in a table with an index of 17 bytes a slot, the same number of names, twice as
/// many unique IDs of 8 bytes, and 2^22 extents of 20 bytes, each while it grows; plus the VAT, and 4 MiB of
/// blocks. When volumes are compared, these tables are gone, and 2^20 children of one directory take 160
/// bytes each.
pub const MEMORY_BOUND: usize = 512 << 20;

/// Limits of a check. Anything beyond them is not judged, and a finding says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Maximum number of nodes and of virtual addresses.
    pub nodes: usize,
    /// Maximum number of extents kept for finding overlaps.
    pub extents: usize,
    /// Maximum number of names compared per directory.
    pub names: usize,
    /// Maximum number of extents per directory or VAT.
    pub runs: usize,
    /// Whether to read every block of every file to find unreadable ones, or only those with structures.
    pub read_data: bool,
}

impl Default for Options {
    /// All structures of any disc, without the contents of files: a block of data that cannot be read is not
    /// found. No check finds data that was changed, because UDF has no checksums of it.
    fn default() -> Self {
        Self {
            nodes: 1 << 21,
            extents: 1 << 22,
            names: 1 << 21,
            runs: 1 << 20,
            read_data: false,
        }
    }
}
