//! How far the judge goes.

/// Bytes of memory that a check takes at most with the default [`Options`], whatever is recorded on the disc.
///
/// 2^21 nodes of 32 bytes in a table with an index of 17 bytes a slot, as many names, twice as many unique IDs of 8 bytes, 2^22
/// extents of 20 bytes, while each of them grows; the VAT, and 4 MiB of blocks. When volumes are held against each other these tables
/// are gone, and 2^20 children of one directory have 160 bytes each.
pub const MEMORY_BOUND: usize = 512 << 20;

/// Limits of a check. What exceeds them is not judged, and a finding says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Nodes and virtual addresses that are remembered.
    pub nodes: usize,
    /// Extents that are remembered for finding overlaps.
    pub extents: usize,
    /// Names of one directory that are compared.
    pub names: usize,
    /// Extents of one directory or VAT.
    pub runs: usize,
    /// Read every block of every file, to find those that cannot be read; else only where structures are.
    pub read_data: bool,
}

impl Default for Options {
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
