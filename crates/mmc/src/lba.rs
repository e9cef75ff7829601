//! Blocks and their addresses.

/// Bytes in a logical block of the drive, on every medium that this project supports.
pub const BLOCK_SIZE: usize = 2048;

/// A logical block address of the drive: blocks of 2048 bytes of user data, counted from the start of the
/// disc.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lba(pub u32);

impl std::fmt::Display for Lba {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "block {}", self.0)
    }
}
