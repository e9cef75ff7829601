//! The ICB tag: the type of a file and the form of its entry.

use std::fmt;

use bitflags::bitflags;
use zerocopy::little_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::file::LbAddr;

/// ICB tag, 20 bytes (`ECMA-167 4/14.6`, `UDF 2.60 2.3.5`).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct IcbTag {
    /// Number of direct entries recorded earlier in the same ICB hierarchy: 0.
    pub prior_recorded_number_of_direct_entries: U32,
    /// 4: one direct entry; 4096: direct and indirect entries alternate (`UDF 2.60 2.3.5.1`).
    pub strategy_type: U16,
    /// Zeros with strategy 4.
    pub strategy_parameter: [u8; 2],
    /// 1 with strategy 4.
    pub maximum_number_of_entries: U16,
    /// Zero.
    pub reserved: u8,
    /// Type of the file.
    pub file_type: FileType,
    /// ICB of the parent: zeros (`UDF 2.60 2.3.5.3`).
    pub parent_icb_location: LbAddr,
    /// See [`IcbFlags`].
    pub flags: U16,
}

const _: () = assert!(size_of::<IcbTag>() == 20);

/// File type of an ICB tag (`ECMA-167 4/14.6.6`, `UDF 2.60 2.3.5.2`).
#[derive(
    Clone, Copy, Default, PartialEq, Eq, Hash, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(transparent)]
pub struct FileType(pub u8);

macro_rules! file_types {
    ($($name:ident = $value:literal, $text:literal;)*) => {
        impl FileType {
            $(#[doc = concat!("Type ", $value, ": ", $text, ".")] pub const $name: Self = Self($value);)*
        }

        impl fmt::Debug for FileType {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.0 { $($value => f.write_str($text),)* other => write!(f, "file type {other}") }
            }
        }
    };
}

file_types! {
    UNSPECIFIED = 0, "unspecified, the VAT of UDF 1.50";
    UNALLOCATED_SPACE_ENTRY = 1, "unallocated space entry";
    PARTITION_INTEGRITY_ENTRY = 2, "partition integrity entry";
    INDIRECT_ENTRY = 3, "indirect entry";
    DIRECTORY = 4, "directory";
    FILE = 5, "sequence of bytes";
    BLOCK_DEVICE = 6, "block special device file";
    CHARACTER_DEVICE = 7, "character special device file";
    EXTENDED_ATTRIBUTES = 8, "extended attributes";
    FIFO = 9, "FIFO file";
    SOCKET = 10, "socket";
    TERMINAL_ENTRY = 11, "terminal entry";
    SYMBOLIC_LINK = 12, "symbolic link";
    STREAM_DIRECTORY = 13, "stream directory";
    VAT = 248, "VAT of UDF 2.00 and later";
    REAL_TIME = 249, "real-time file";
    METADATA = 250, "metadata file";
    METADATA_MIRROR = 251, "metadata mirror file";
    METADATA_BITMAP = 252, "metadata bitmap file";
}

bitflags! {
    /// Flags of an ICB tag (`ECMA-167 4/14.6.8`).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct IcbFlags: u16 {
        /// Low bit of the form of the allocation descriptors, see [`AllocationForm`].
        const FORM_0 = 1;
        /// Middle bit of the form.
        const FORM_1 = 1 << 1;
        /// High bit of the form; 0 in every defined form.
        const FORM_2 = 1 << 2;
        /// The directory is sorted: never set (`UDF 2.60 2.3.5.4`).
        const SORTED = 1 << 3;
        /// The extents stay where they are.
        const NON_RELOCATABLE = 1 << 4;
        /// Archive bit: set when anything changes.
        const ARCHIVE = 1 << 5;
        /// S_ISUID.
        const SET_UID = 1 << 6;
        /// S_ISGID.
        const SET_GID = 1 << 7;
        /// C_ISVTX.
        const STICKY = 1 << 8;
        /// The extents are contiguous.
        const CONTIGUOUS = 1 << 9;
        /// Meaning agreed between implementations.
        const SYSTEM = 1 << 10;
        /// The data is recorded in another form: never set.
        const TRANSFORMED = 1 << 11;
        /// The directory has FIDs of several versions: never set.
        const MULTI_VERSIONS = 1 << 12;
        /// The entry is a stream.
        const STREAM = 1 << 13;
    }
}

/// Form of the allocation descriptors of an entry (`ECMA-167 4/14.6.8`, bits 0-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AllocationForm {
    /// 0: short_ad.
    Short,
    /// 1: long_ad.
    Long,
    /// 2: ext_ad.
    Extended,
    /// 3: the body itself takes the place of the descriptors.
    Embedded,
}

impl AllocationForm {
    /// Bytes of one descriptor; 1 for an embedded body.
    #[must_use]
    pub const fn descriptor_len(self) -> usize {
        match self {
            Self::Short => 8,
            Self::Long => 16,
            Self::Extended => 20,
            Self::Embedded => 1,
        }
    }
}

impl IcbFlags {
    const FORM: u16 = 7;

    /// The form of the allocation descriptors; `None` if its number is undefined.
    #[must_use]
    pub fn form(self) -> Option<AllocationForm> {
        match self.bits() & Self::FORM {
            0 => Some(AllocationForm::Short),
            1 => Some(AllocationForm::Long),
            2 => Some(AllocationForm::Extended),
            3 => Some(AllocationForm::Embedded),
            _ => None,
        }
    }

    /// The same flags with another form.
    #[must_use]
    pub fn with_form(self, form: AllocationForm) -> Self {
        let number = match form {
            AllocationForm::Short => 0,
            AllocationForm::Long => 1,
            AllocationForm::Extended => 2,
            AllocationForm::Embedded => 3,
        };
        Self::from_bits_retain(self.bits() & !Self::FORM | number)
    }
}

impl IcbTag {
    /// The tag of the only entry of an ICB, with strategy 4.
    #[must_use]
    pub fn new(file_type: FileType, flags: IcbFlags) -> Self {
        Self {
            strategy_type: 4.into(),
            maximum_number_of_entries: 1.into(),
            file_type,
            flags: flags.bits().into(),
            ..Self::default()
        }
    }

    /// The flags, including unknown bits.
    #[must_use]
    pub fn icb_flags(&self) -> IcbFlags {
        IcbFlags::from_bits_retain(self.flags.get())
    }

    /// Set the flags.
    pub fn set_icb_flags(&mut self, flags: IcbFlags) {
        self.flags = flags.bits().into();
    }

    /// The form of the allocation descriptors; `None` if its number is undefined.
    #[must_use]
    pub fn form(&self) -> Option<AllocationForm> {
        self.icb_flags().form()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_does_not_change_the_other_flags() {
        for form in [
            AllocationForm::Short,
            AllocationForm::Long,
            AllocationForm::Extended,
            AllocationForm::Embedded,
        ] {
            let flags = IcbFlags::all().with_form(form);
            assert_eq!(flags.form(), Some(form));
            assert!(flags.contains(IcbFlags::ARCHIVE | IcbFlags::STREAM));
        }
        assert_eq!(IcbFlags::FORM_2.form(), None);
    }

    #[test]
    fn set_uid_set_gid_and_sticky_are_bits_6_to_8() {
        assert_eq!(
            (IcbFlags::SET_UID | IcbFlags::SET_GID | IcbFlags::STICKY).bits(),
            0b1_1100_0000
        );
    }
}
