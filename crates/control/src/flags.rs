//! What a volume can do, as NT file system attributes.

use bitflags::bitflags;

bitflags! {
    /// The flags of a volume (`FileFsAttributeInformation`, `GetVolumeInformation`).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct VolumeFlags: u32 {
        /// Names that differ only in case are different names.
        const FILE_CASE_SENSITIVE_SEARCH = 0x0000_0001;
        /// Names keep their case.
        const FILE_CASE_PRESERVED_NAMES = 0x0000_0002;
        /// Names are Unicode.
        const FILE_UNICODE_ON_DISK = 0x0000_0004;
        /// Files may have named streams.
        const FILE_NAMED_STREAMS = 0x0004_0000;
        /// The volume is read-only.
        const FILE_READ_ONLY_VOLUME = 0x0008_0000;
        /// Each block can be written once, in sequence.
        const FILE_SEQUENTIAL_WRITE_ONCE = 0x0010_0000;
        /// A file may have several names.
        const FILE_SUPPORTS_HARD_LINKS = 0x0040_0000;
    }
}

/// The flags of every volume.
const ALWAYS: VolumeFlags = VolumeFlags::FILE_CASE_SENSITIVE_SEARCH
    .union(VolumeFlags::FILE_CASE_PRESERVED_NAMES)
    .union(VolumeFlags::FILE_UNICODE_ON_DISK)
    .union(VolumeFlags::FILE_SUPPORTS_HARD_LINKS);

impl VolumeFlags {
    /// The flags of a volume: whether it is recorded sequentially on write-once media, and whether it takes
    /// further blocks.
    #[must_use]
    pub fn of_volume(sequential_write_once: bool, writable: bool) -> Self {
        let mut flags = ALWAYS;
        flags.set(Self::FILE_SEQUENTIAL_WRITE_ONCE, sequential_write_once);
        flags.set(Self::FILE_READ_ONLY_VOLUME, !writable);
        flags
    }

    /// The names of the set flags, lowest bit first.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        self.iter_names().map(|(name, _)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_appendable_volume_is_write_once_and_not_read_only() {
        assert_eq!(VolumeFlags::of_volume(true, true).bits(), 0x0050_0007);
    }

    #[test]
    fn a_finalized_volume_is_write_once_and_read_only() {
        assert_eq!(VolumeFlags::of_volume(true, false).bits(), 0x0058_0007);
    }

    #[test]
    fn the_names_are_the_published_ones() {
        let names: Vec<_> = VolumeFlags::of_volume(true, true).names().collect();
        assert!(names.contains(&"FILE_SEQUENTIAL_WRITE_ONCE"));
        assert!(!names.contains(&"FILE_READ_ONLY_VOLUME"));
    }
}
