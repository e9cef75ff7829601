//! Bytes that look random but are the same in every run.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};

/// A generator of bytes and numbers (xorshift64*), seeded by the caller.
pub struct Contents(u64);

impl Contents {
    /// The same seed gives the same bytes.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        (self.next() >> 11) % bound
    }

    /// This many bytes.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(count + 8);
        while bytes.len() < count {
            bytes.extend_from_slice(&self.next().to_le_bytes());
        }
        bytes.truncate(count);
        bytes
    }

    /// Writes a file of this many bytes.
    pub fn write(&mut self, path: &Path, count: u64) -> Result<()> {
        let place = || format!("cannot write {}", path.display());
        let mut file = std::fs::File::create(path).with_context(place)?;
        let mut left = count;
        while left > 0 {
            let part = left.min(1 << 20);
            file.write_all(&self.bytes(usize::try_from(part)?))
                .with_context(place)?;
            left -= part;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_yields_one_sequence() {
        assert_eq!(Contents::new(3).bytes(100), Contents::new(3).bytes(100));
        assert_ne!(Contents::new(3).bytes(100), Contents::new(4).bytes(100));
        assert_eq!(Contents::new(3).bytes(13).len(), 13);
    }
}
