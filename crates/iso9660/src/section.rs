//! Where data is recorded: sections of files, extents of directories.

use thiserror::Error;

use crate::BLOCK_BYTES;

/// An extent named by a directory record (`ECMA-119 6.4.2`): a file section or a directory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// The first logical block; 0 if nothing is recorded.
    pub block: u32,
    /// The length of the data in bytes.
    pub bytes: u32,
}

/// Maximum bytes of a section that is not the last: the length has 32 bits, and the section must end with a
/// block.
pub const MAX_SECTION_BYTES: u32 = 0xFFFF_F800;

/// A value that exceeds the numbers of a structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{structure}: {asked} is more than {most}")]
pub struct TooLarge {
    /// The structure's name in the standard.
    pub structure: &'static str,
    /// The requested value, in the unit of `most`.
    pub asked: u64,
    /// The maximum.
    pub most: u64,
}

/// The sections of a file extent that may be longer than a section: consecutive, all but the last full.
///
/// If a file has several extents, all but the last must be whole blocks. An empty extent yields no section; a
/// file without sections is recorded as empty.
///
/// # Errors
/// If it extends beyond the last block number.
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
