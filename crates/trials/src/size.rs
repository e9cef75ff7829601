//! How much happens in a life.

/// How much happens in a life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Maximum bytes per write.
    pub longest: usize,
    /// Maximum offset of a write in bytes.
    pub farthest: usize,
    /// Maximum number of operations.
    pub operations: usize,
    /// Maximum number of nodes created at once.
    pub crowd: usize,
    /// Capacities of the media in blocks.
    pub capacities: &'static [u32],
}

impl Size {
    /// Some hundred blocks, on media that may fill up earlier.
    pub const SMALL: Self = Self {
        longest: 9_000,
        farthest: 40_000,
        operations: 40,
        crowd: 40,
        capacities: &[1_200, 2_500, 15_000, 60_000, 60_000],
    };

    /// Files of many blocks, on media with room for all of them.
    pub const LARGE: Self = Self {
        longest: 40_000,
        farthest: 50_000,
        operations: 60,
        crowd: 800,
        capacities: &[400_000],
    };
}
