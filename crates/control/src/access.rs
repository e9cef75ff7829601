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
