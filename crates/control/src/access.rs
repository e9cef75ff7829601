//! What a handle was opened for, and on what.

use bitflags::bitflags;

use crate::code::RequiredAccess;

bitflags! {
    /// The access that a handle was opened with.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct DesiredAccess: u32 {
        /// Reading.
        const FILE_READ_DATA = 0x0000_0001;
        /// Writing.
        const FILE_WRITE_DATA = 0x0000_0002;
    }
}

impl DesiredAccess {
    /// Whether a handle with this access may send a control code that asks for `required`.
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
    /// What others may do while a handle is open.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct ShareMode: u32 {
        /// Others may open for reading.
        const FILE_SHARE_READ = 0x0000_0001;
        /// Others may open for writing.
        const FILE_SHARE_WRITE = 0x0000_0002;
        /// Others may open for deletion, which nobody can here.
        const FILE_SHARE_DELETE = 0x0000_0004;
    }
}

/// What is to be opened on a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// The volume itself, as `\\.\X:` names it.
    Volume,
    /// A file or directory by its path from the root, `/` between names. The root directory is `/`.
    Path(&'a str),
}

/// What a handle was opened on. Some control codes are for the volume alone.
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
