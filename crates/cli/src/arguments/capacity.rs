//! Sizes of a medium on the command line.

use std::str::FromStr;

use oncefs::BLOCK_SIZE;

/// A capacity in blocks of 2,048 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity(pub u32);

/// Each suffix with its number of bytes.
const SUFFIXES: [(&str, u64); 15] = [
    ("", 1),
    ("B", 1),
    ("b", BLOCK_SIZE as u64),
    ("K", 1 << 10),
    ("KiB", 1 << 10),
    ("kB", 1000),
    ("KB", 1000),
    ("M", 1 << 20),
    ("MiB", 1 << 20),
    ("MB", 1_000_000),
    ("G", 1 << 30),
    ("GiB", 1 << 30),
    ("GB", 1_000_000_000),
    ("T", 1 << 40),
    ("TB", 1_000_000_000_000),
];

impl FromStr for Capacity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
        let suffix = &text[digits.len()..];
        let number: u64 = digits.parse().map_err(|_| "not a number".to_owned())?;
        let unit = SUFFIXES
            .iter()
            .find(|(name, _)| *name == suffix)
            .map(|(_, unit)| *unit)
            .ok_or_else(|| {
                format!("unknown suffix '{suffix}': use b (blocks of 2,048 bytes), K, M, G, KB, MB, GB, ...")
            })?;
        let blocks = number.checked_mul(unit).ok_or("too large")? / BLOCK_SIZE as u64;
        match u32::try_from(blocks) {
            Ok(0) => Err("less than one block of 2,048 bytes".into()),
            Ok(blocks) => Ok(Self(blocks)),
            Err(_) => Err("no medium has more than 4,294,967,295 blocks".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_count_bytes_and_b_counts_blocks() {
        let blocks = |text: &str| text.parse::<Capacity>().map(|capacity| capacity.0);
        assert_eq!(blocks("5000b"), Ok(5000));
        assert_eq!(blocks("700M"), Ok(358_400));
        assert_eq!(blocks("25GB"), Ok(12_207_031));
        assert_eq!(blocks("4096"), Ok(2));
    }

    #[test]
    fn nonsense_is_refused_with_a_reason() {
        for text in ["", "M", "1x", "-5M", "2047", "99999T", "99999999999999999999"] {
            assert!(text.parse::<Capacity>().is_err(), "{text}");
        }
    }
}
