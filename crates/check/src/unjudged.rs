//! Why there is nothing to judge.

/// Why nothing was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unjudged {
    /// There is no volume: neither an NSR descriptor (`ECMA-167 3/9.1`) nor an anchor (`ECMA-167 3/10.2`),
    /// damaged ones counted.
    NoVolume,
    /// The volume has blocks of so many bytes.
    BlockSize(u32),
}
