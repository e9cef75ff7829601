//! The partition descriptor.

use zerocopy::little_endian::{U16, U32};
use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::address::LogicalSector;
use crate::file::ShortAd;
use crate::general::{Descriptor, EntityIdentifier, Tag, TagIdentifier};
use crate::osta::Revision;

/// Partition descriptor, 512 bytes (`ECMA-167 3/10.5`, `UDF 2.60 2.2.14`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct PartitionDescriptor {
    /// Identifier 5.
    pub descriptor_tag: Tag,
    /// The descriptor with the highest number of one partition number prevails.
    pub volume_descriptor_sequence_number: U32,
    /// Bit 0: volume space has been allocated for the partition.
    pub partition_flags: U16,
    /// The number that partition maps refer to.
    pub partition_number: U16,
    /// `+NSR02` or `+NSR03`.
    pub partition_contents: EntityIdentifier,
    /// Space tables and bitmaps of the partition; none if space is allocated in sequence.
    pub partition_contents_use: PartitionHeaderDescriptor,
    /// How blocks can be recorded, see [`AccessType`].
    pub access_type: U32,
    /// Logical sector number of logical block 0.
    pub partition_starting_location: U32,
    /// Length in sectors.
    pub partition_length: U32,
    /// Who recorded it.
    pub implementation_identifier: EntityIdentifier,
    /// Zeros.
    pub implementation_use: [u8; 128],
    /// Zeros.
    pub reserved: [u8; 156],
}

const _: () = assert!(size_of::<PartitionDescriptor>() == 512);

/// Partition header descriptor, 128 bytes, the contents use of a partition (`ECMA-167 4/14.3`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct PartitionHeaderDescriptor {
    /// Unallocated space table.
    pub unallocated_space_table: ShortAd,
    /// Unallocated space bitmap.
    pub unallocated_space_bitmap: ShortAd,
    /// Partition integrity table; not recorded (`UDF 2.60 2.3.3`).
    pub partition_integrity_table: ShortAd,
    /// Freed space table.
    pub freed_space_table: ShortAd,
    /// Freed space bitmap.
    pub freed_space_bitmap: ShortAd,
    /// Zeros.
    pub reserved: [u8; 88],
}

const _: () = assert!(size_of::<PartitionHeaderDescriptor>() == 128);

/// Access type of a partition (`ECMA-167 3/10.5.7`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessType {
    /// 0: pseudo-overwritable from UDF 2.60, unspecified before (`UDF 2.60 2.2.14`).
    PseudoOverwritable,
    /// 1.
    ReadOnly,
    /// 2.
    WriteOnce,
    /// 3.
    Rewritable,
    /// 4.
    Overwritable,
    /// Any other.
    Unknown(u32),
}

impl AccessType {
    /// The number in the field.
    #[must_use]
    pub const fn number(self) -> u32 {
        match self {
            Self::PseudoOverwritable => 0,
            Self::ReadOnly => 1,
            Self::WriteOnce => 2,
            Self::Rewritable => 3,
            Self::Overwritable => 4,
            Self::Unknown(number) => number,
        }
    }
}

impl From<u32> for AccessType {
    fn from(number: u32) -> Self {
        match number {
            0 => Self::PseudoOverwritable,
            1 => Self::ReadOnly,
            2 => Self::WriteOnce,
            3 => Self::Rewritable,
            4 => Self::Overwritable,
            unknown => Self::Unknown(unknown),
        }
    }
}

impl Descriptor for PartitionDescriptor {
    const IDENTIFIER: TagIdentifier = TagIdentifier::PARTITION_DESCRIPTOR;
}

impl PartitionDescriptor {
    /// A partition of `length` sectors, without space tables.
    #[must_use]
    pub fn new(
        revision: Revision,
        volume_descriptor_sequence_number: u32,
        partition_number: u16,
        access_type: AccessType,
        start: LogicalSector,
        length: u32,
    ) -> Self {
        Self {
            volume_descriptor_sequence_number: volume_descriptor_sequence_number.into(),
            partition_flags: 1.into(),
            partition_number: partition_number.into(),
            partition_contents: EntityIdentifier::partition_contents(revision),
            access_type: access_type.number().into(),
            partition_starting_location: start.0.into(),
            partition_length: length.into(),
            implementation_identifier: EntityIdentifier::implementation(),
            ..Self::new_zeroed()
        }
    }

    /// How blocks can be recorded.
    #[must_use]
    pub fn access(&self) -> AccessType {
        self.access_type.get().into()
    }

    /// The sector of logical block 0.
    #[must_use]
    pub fn start(&self) -> LogicalSector {
        LogicalSector(self.partition_starting_location.get())
    }

    /// Length in sectors.
    #[must_use]
    pub fn length(&self) -> u32 {
        self.partition_length.get()
    }
}
