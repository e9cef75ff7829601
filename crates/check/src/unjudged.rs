//! Reasons for judging nothing.

/// Why nothing was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unjudged {
    /// There is no volume: neither an NSR descriptor (`ECMA-167 3/9.1`) nor an anchor (`ECMA-167 3/10.2`),
    /// not even a damaged one.
    NoVolume,
    /// The volume has logical blocks of this many bytes.
    BlockSize(u32),
}
