//! How much happens in a life.

/// How much happens in a life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Bytes of the longest write.
    pub longest: usize,
    /// Bytes of the farthest offset of a write.
    pub farthest: usize,
    /// Operations at most.
    pub operations: usize,
    /// Nodes that are made at once at most.
    pub crowd: usize,
    /// Capacities of the media in blocks.
    pub capacities: &'static [u32],
}

impl Size {
    /// Some hundred blocks, and media that may be full before that.
    pub const SMALL: Self = Self {
        longest: 9_000,
        farthest: 40_000,
        operations: 40,
        crowd: 40,
        capacities: &[1_200, 2_500, 15_000, 60_000, 60_000],
    };

    /// Files of many blocks, on media that have room for all of it.
    pub const LARGE: Self = Self {
        longest: 40_000,
        farthest: 50_000,
        operations: 60,
        crowd: 800,
        capacities: &[400_000],
    };
}
