//! Permissions and their POSIX equivalents.

use bitflags::bitflags;

use crate::file::IcbFlags;

bitflags! {
    /// Permissions field of a file entry: 5 bits each for others, group and owner (`ECMA-167 4/14.9.5`).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Permissions: u32 {
        /// Others may execute, or search a directory.
        const OTHER_EXECUTE = 1;
        /// Others may write.
        const OTHER_WRITE = 1 << 1;
        /// Others may read.
        const OTHER_READ = 1 << 2;
        /// Others may change attributes.
        const OTHER_ATTRIBUTES = 1 << 3;
        /// Others may delete.
        const OTHER_DELETE = 1 << 4;
        /// The group may execute, or search a directory.
        const GROUP_EXECUTE = 1 << 5;
        /// The group may write.
        const GROUP_WRITE = 1 << 6;
        /// The group may read.
        const GROUP_READ = 1 << 7;
        /// The group may change attributes.
        const GROUP_ATTRIBUTES = 1 << 8;
        /// The group may delete.
        const GROUP_DELETE = 1 << 9;
        /// The owner may execute, or search a directory.
        const OWNER_EXECUTE = 1 << 10;
        /// The owner may write.
        const OWNER_WRITE = 1 << 11;
        /// The owner may read.
        const OWNER_READ = 1 << 12;
        /// The owner may change attributes.
        const OWNER_ATTRIBUTES = 1 << 13;
        /// The owner may delete.
        const OWNER_DELETE = 1 << 14;
    }
}

const S_ISUID: u32 = 0o4000;
const S_ISGID: u32 = 0o2000;
const S_ISVTX: u32 = 0o1000;

/// The permissions and ICB flags for the low 12 bits of a POSIX mode (`UDF 2.60 3.3.3.3`, `3.3.2.1`).
///
/// In POSIX only the owner may change attributes, and there is no permission to delete a file: delete follows
/// write.
#[must_use]
pub fn from_mode(mode: u32) -> (Permissions, IcbFlags) {
    let class = |mode: u32| {
        let delete = if mode & 0o2 == 0 { 0 } else { 1 << 4 };
        mode & 0o7 | delete
    };
    let bits = class(mode) | class(mode >> 3) << 5 | class(mode >> 6) << 10;
    let permissions = Permissions::from_bits_retain(bits) | Permissions::OWNER_ATTRIBUTES;
    let mut flags = IcbFlags::empty();
    flags.set(IcbFlags::SET_UID, mode & S_ISUID != 0);
    flags.set(IcbFlags::SET_GID, mode & S_ISGID != 0);
    flags.set(IcbFlags::STICKY, mode & S_ISVTX != 0);
    (permissions, flags)
}

/// The low 12 bits of the POSIX mode.
#[must_use]
pub fn to_mode(permissions: Permissions, flags: IcbFlags) -> u32 {
    let bits = permissions.bits();
    let special = [
        (IcbFlags::SET_UID, S_ISUID),
        (IcbFlags::SET_GID, S_ISGID),
        (IcbFlags::STICKY, S_ISVTX),
    ];
    let special = special
        .into_iter()
        .filter(|(flag, _)| flags.contains(*flag))
        .fold(0, |sum, (_, bit)| sum | bit);
    special | (bits >> 4 & 0o700) | (bits >> 2 & 0o070) | (bits & 0o007)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_reads_back() {
        for mode in 0..=0o7777 {
            let (permissions, flags) = from_mode(mode);
            assert_eq!(to_mode(permissions, flags), mode);
        }
    }

    #[test]
    fn delete_follows_write_and_only_the_owner_changes_attributes() {
        let (permissions, _) = from_mode(0o640);
        use Permissions as P;
        assert_eq!(
            permissions,
            P::OWNER_READ | P::OWNER_WRITE | P::OWNER_DELETE | P::OWNER_ATTRIBUTES | P::GROUP_READ
        );
    }
}
