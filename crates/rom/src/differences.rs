//! How a plain volume differs from the volume with the VAT.

use iso9660::names::{Changes, Distinction, Kind, joliet, rock_ridge};
use iso9660::rock_ridge::MAX_TARGET_BYTES;
use volume::NodeKind;

use crate::data::LONGEST_COPY;
use crate::name;
use crate::tree::kind_of;

/// A name of at most so many harmless characters is the same for every reader.
const SAFE_BYTES: usize = 64;

/// How the plain volume differs from the volume with the VAT: how many files it does not show, or shows
/// otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlainVolumeDifferences {
    /// Symbolic links and special files that UDF leaves out.
    pub left_out: u64,
    /// Symbolic links whose targets do not fit Rock Ridge.
    pub long_links: u64,
    /// Names of more than 127 characters, cut in UDF.
    pub cut_in_udf: u64,
    /// Names that Joliet changes: longer than 64 units, or with characters that it does not allow.
    pub changed_in_joliet: u64,
    /// Names that Rock Ridge changes.
    pub changed_in_rock_ridge: u64,
    /// Nodes with named streams.
    pub streams: u64,
    /// Long files with holes, or with parts that do not ascend on the disc: libarchive does not read them.
    pub unordered: u64,
    /// Files with more sections than Linux isofs follows.
    pub beyond_isofs: u64,
    /// Files with more extents than a file entry can hold: 7-Zip reads no allocation extent.
    pub in_allocation_extents: u64,
    /// Files whose data is copied, because they are short or have too many extents.
    pub copied: u64,
    /// Blocks that these copies take, and the zeros for holes.
    pub copied_blocks: u64,
}

impl PlainVolumeDifferences {
    /// Counts what readers will see changed because of a name. With this name, `equal` more names of its
    /// directory differ only in case from another, and Joliet tells them apart by changing them. Returns
    /// whether any reader will see this name changed.
    pub fn foresee_name(&mut self, name: &str, kind: NodeKind, equal: u64) -> bool {
        let is_safe = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let mut bytes = name.bytes().rev();
        let is_plain_end = bytes.next().is_some_and(|last| is_safe(&last));
        if name.len() <= SAFE_BYTES && is_plain_end && bytes.all(|byte| byte == b'.' || is_safe(&byte)) {
            self.changed_in_joliet += equal;
            return equal > 0;
        }
        let kind = kind_of(kind);
        let cut = kind != Kind::Special && name::is_too_long(name);
        self.cut_in_udf += u64::from(cut);
        let none = Distinction::default();
        let joliet = kind != Kind::Special && joliet::identifier(name, none).changes != Changes::empty();
        let rock_ridge = rock_ridge::name(name, kind, none).changes != Changes::empty();
        // Names that differ only in case change for the same reason, if they change by themselves.
        self.changed_in_joliet += if joliet { 1 } else { equal };
        self.changed_in_rock_ridge += u64::from(rock_ridge);
        cut || joliet || rock_ridge || equal > 0
    }

    /// Counts a file of `length` bytes with holes if bsdtar will not read it.
    pub fn foresee_holes(&mut self, length: u64) {
        self.unordered += u64::from(length > LONGEST_COPY);
    }

    /// The same of a plain volume without ISO 9660.
    #[must_use]
    pub fn without_bridge(self) -> Self {
        Self {
            long_links: 0,
            changed_in_joliet: 0,
            changed_in_rock_ridge: 0,
            unordered: 0,
            beyond_isofs: 0,
            ..self
        }
    }

    /// Counts the target of a symbolic link if it does not fit Rock Ridge.
    pub fn foresee_target(&mut self, target: &str) {
        self.long_links += u64::from(target.len() > MAX_TARGET_BYTES);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_foreseen_changed_by_the_readers_that_cannot_show_it() {
        let foreseen = |name: &str| {
            let mut differences = PlainVolumeDifferences::default();
            differences.foresee_name(name, NodeKind::File, 0);
            (
                differences.cut_in_udf,
                differences.changed_in_joliet,
                differences.changed_in_rock_ridge,
            )
        };
        assert_eq!(foreseen("notes.txt"), (0, 0, 0));
        assert_eq!(foreseen("a:b"), (0, 1, 0));
        assert_eq!(foreseen("dot."), (0, 1, 0));
        assert_eq!(foreseen(&"x".repeat(65)), (0, 1, 0));
        assert_eq!(foreseen(&"x".repeat(200)), (1, 1, 1));
    }
}
