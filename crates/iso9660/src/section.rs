//! Where data lies: sections of files, extents of directories.

use thiserror::Error;

use crate::BLOCK_BYTES;

/// An extent that a directory record names (`ECMA-119 6.4.2`): a file section, or a directory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// The first logical block; 0 where nothing is recorded.
    pub block: u32,
    /// Bytes of it that are data.
    pub bytes: u32,
}

/// The most bytes of a section that another one follows: the number of them has 32 bits, and they end with a
/// block.
pub const MAX_SECTION_BYTES: u32 = 0xFFFF_F800;

/// More than the numbers of a structure can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{structure}: {asked} is more than {most}")]
pub struct TooLarge {
    /// The structure's name in the standard.
    pub structure: &'static str,
    /// What was asked for, in the unit of the most.
    pub asked: u64,
    /// The most that there can be.
    pub most: u64,
}

/// The sections of an extent of a file that may be longer than a section: consecutive, all but the last full.
///
/// Where a file has several extents, all but the last must be whole blocks. An empty one gives no section; a
/// file without any is recorded as empty.
///
/// # Errors
/// If it reaches beyond the last block that has a number.
pub fn sections(block: u32, bytes: u64) -> Result<impl Iterator<Item = Section>, TooLarge> {
    let blocks = bytes.div_ceil(BLOCK_BYTES as u64);
    let end = u64::from(block).saturating_add(blocks);
    let most = u64::from(u32::MAX) + 1;
    if end > most {
        return Err(TooLarge {
            structure: "file section",
            asked: end,
            most,
        });
    }
    let full = u64::from(MAX_SECTION_BYTES);
    Ok((0..bytes.div_ceil(full)).map(move |number| {
        let start = u64::from(block) + number * (full / BLOCK_BYTES as u64);
        Section {
            block: u32::try_from(start).unwrap_or(u32::MAX),
            bytes: u32::try_from((bytes - number * full).min(full)).unwrap_or(MAX_SECTION_BYTES),
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(block: u32, bytes: u64) -> Vec<(u32, u32)> {
        sections(block, bytes)
            .unwrap()
            .map(|section| (section.block, section.bytes))
            .collect()
    }

    #[test]
    fn a_section_ends_with_the_last_whole_block_below_4_gib() {
        assert_eq!(of(1000, 5), [(1000, 5)]);
        assert_eq!(of(1000, 0xFFFF_F800), [(1000, 0xFFFF_F800)]);
        assert_eq!(
            of(1000, 0xFFFF_F801),
            [(1000, 0xFFFF_F800), (1000 + 0x1F_FFFF, 1)]
        );
        assert_eq!(of(1000, 0), []);
    }

    #[test]
    fn an_extent_beyond_the_last_number_is_refused() {
        assert!(sections(u32::MAX, 2048).is_ok());
        assert!(sections(u32::MAX, 2049).is_err());
        assert!(sections(0, u64::MAX).is_err());
    }
}
