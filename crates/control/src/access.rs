//! The access, the share mode and the target of a handle.

use bitflags::bitflags;

use crate::code::RequiredAccess;

bitflags! {
    /// The access a handle is opened with.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct DesiredAccess: u32 {
        /// Read.
        const FILE_READ_DATA = 0x0000_0001;
        /// Write.
        const FILE_WRITE_DATA = 0x0000_0002;
    }
}

impl DesiredAccess {
    /// Whether a handle with this access may send a control code that requires `required`.
    #[must_use]
    pub fn allows(self, required: RequiredAccess) -> bool {
        self.contains(match required {
            RequiredAccess::Any => Self::empty(),
            RequiredAccess::Read => Self::FILE_READ_DATA,
            RequiredAccess::Write => Self::FILE_WRITE_DATA,
            RequiredAccess::ReadWrite => Self::FILE_READ_DATA.union(Self::FILE_WRITE_DATA),
        })
    }
}

bitflags! {
    /// What other handles may do while this one is open.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct ShareMode: u32 {
        /// Others may open for reading.
        const FILE_SHARE_READ = 0x0000_0001;
        /// Others may open for writing.
        const FILE_SHARE_WRITE = 0x0000_0002;
        /// Others may open for deletion. No volume here supports that.
        const FILE_SHARE_DELETE = 0x0000_0004;
    }
}

/// What to open on a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// The volume itself, as `\\.\X:` names it.
    Volume,
    /// A file or directory: its path from the root, with `/` between names. The root directory is `/`.
    Path(&'a str),
}

/// What a handle is open on. Some control codes take a volume handle only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandleTarget {
    /// The volume itself.
    Volume,
    /// A directory of the volume, the root included.
    Directory,
    /// Any other file of the volume.
    File,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_does_not_imply_reading() {
        let writing = DesiredAccess::FILE_WRITE_DATA;
        assert!(writing.allows(RequiredAccess::Any) && writing.allows(RequiredAccess::Write));
        assert!(!writing.allows(RequiredAccess::Read) && !writing.allows(RequiredAccess::ReadWrite));
    }
}
