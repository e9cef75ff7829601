//! The logical volume integrity descriptor.

use zerocopy::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::address::BLOCK_SIZE;
use crate::general::tag::{self, TagVersion};
use crate::general::{EntityIdentifier, ExtentAd, Tag, TagIdentifier, Timestamp};
use crate::malformed::{Malformed, MalformedKind, TooLong};
use crate::osta::Revision;

/// The 80 bytes before the tables (`ECMA-167 3/10.10`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct Front {
    descriptor_tag: Tag,
    recording_date_and_time: Timestamp,
    integrity_type: U32,
    next_integrity_extent: ExtentAd,
    unique_id: U64,
    contents_use_reserved: [u8; 24],
    number_of_partitions: U32,
    length_of_implementation_use: U32,
}

const _: () = assert!(size_of::<Front>() == 80);

const IDENTIFIER: TagIdentifier = TagIdentifier::LOGICAL_VOLUME_INTEGRITY_DESCRIPTOR;

/// Integrity type (`ECMA-167 3/10.10.3`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntegrityType {
    /// 0: recording is in progress. A volume with a VAT stays open forever (`UDF 2.60 2.2.6`).
    Open,
    /// 1: the contents of the descriptor are valid.
    Close,
}

/// The start of the implementation use as UDF defines it, 46 bytes (`UDF 2.60 2.2.6.4`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct IntegrityImplementationUse {
    /// Who recorded last.
    pub implementation_id: EntityIdentifier,
    /// Files and hard links, without named streams.
    pub number_of_files: U32,
    /// Directories, including the root.
    pub number_of_directories: U32,
    /// Lowest revision that can read everything on the volume.
    pub minimum_udf_read_revision: U16,
    /// Lowest revision that can write to the volume.
    pub minimum_udf_write_revision: U16,
    /// Highest revision that has written to the volume.
    pub maximum_udf_write_revision: U16,
}

const _: () = assert!(size_of::<IntegrityImplementationUse>() == 46);

impl IntegrityImplementationUse {
    /// The implementation use for a volume of one revision that this implementation records.
    #[must_use]
    pub fn new(revision: Revision, files: u32, directories: u32) -> Self {
        Self {
            implementation_id: EntityIdentifier::implementation(),
            number_of_files: files.into(),
            number_of_directories: directories.into(),
            minimum_udf_read_revision: revision.minimum_read().0.into(),
            minimum_udf_write_revision: revision.0.into(),
            maximum_udf_write_revision: revision.0.into(),
        }
    }
}

/// Logical volume integrity descriptor (`ECMA-167 3/10.10`, `UDF 2.60 2.2.6`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogicalVolumeIntegrityDescriptor {
    /// When it was recorded.
    pub recording_date_and_time: Timestamp,
    /// Open or close.
    pub integrity_type: IntegrityType,
    /// Where the sequence continues; length 0 if it does not.
    pub next_integrity_extent: ExtentAd,
    /// The next unique identifier to assign (`UDF 2.60 3.2.1`).
    pub unique_id: u64,
    /// Free blocks of each partition; 0xFFFFFFFF if unknown.
    pub free_space_table: Vec<u32>,
    /// Size of each partition in blocks; 0xFFFFFFFF if unknown.
    pub size_table: Vec<u32>,
    /// The implementation use that UDF defines; `None` if the field is too short for it.
    pub implementation_use: Option<IntegrityImplementationUse>,
}

impl LogicalVolumeIntegrityDescriptor {
    /// The descriptor at the start of a block. It drops implementation use beyond the 46 bytes of UDF.
    ///
    /// # Errors
    /// A tag that does not verify, an unknown type, tables that do not fit the block.
    pub fn decode(block: &[u8], location: Option<u32>) -> Result<Self, Malformed> {
        tag::verify(block, IDENTIFIER, location)?;
        let fault = |kind| IDENTIFIER.malformed(kind);
        let (front, rest) = Front::read_from_prefix(block).map_err(|_| fault(MalformedKind::Truncated))?;
        let integrity_type = match front.integrity_type.get() {
            0 => IntegrityType::Open,
            1 => IntegrityType::Close,
            _ => return Err(fault(MalformedKind::Field("integrity type"))),
        };
        let table = |bytes| -> Result<(Vec<u32>, &[u8]), Malformed> {
            let (table, rest) = usize::try_from(front.number_of_partitions.get())
                .ok()
                .and_then(|count| <[U32]>::ref_from_prefix_with_elems(bytes, count).ok())
                .ok_or(fault(MalformedKind::Field("number of partitions")))?;
            Ok((table.iter().map(|blocks| blocks.get()).collect(), rest))
        };
        let (free_space_table, rest) = table(rest)?;
        let (size_table, rest) = table(rest)?;
        let implementation_use = usize::try_from(front.length_of_implementation_use.get())
            .ok()
            .and_then(|length| rest.get(..length))
            .ok_or(fault(MalformedKind::Field("length of implementation use")))?;
        Ok(Self {
            recording_date_and_time: front.recording_date_and_time,
            integrity_type,
            next_integrity_extent: front.next_integrity_extent,
            unique_id: front.unique_id.get(),
            free_space_table,
            size_table,
            implementation_use: IntegrityImplementationUse::read_from_prefix(implementation_use)
                .ok()
                .map(|(udf, _)| udf),
        })
    }

    /// One block that begins with the descriptor.
    ///
    /// # Errors
    /// Tables that do not fit the block or have different lengths.
    pub fn encode(&self, version: TagVersion, location: u32) -> Result<[u8; BLOCK_SIZE], TooLong> {
        let words = |table: &[u32]| {
            table
                .iter()
                .flat_map(|blocks| blocks.to_le_bytes())
                .collect::<Vec<_>>()
        };
        let partitions = self.free_space_table.len();
        if partitions != self.size_table.len() {
            return Err(TooLong {
                structure: "size table",
                asked: self.size_table.len(),
                room: partitions,
            });
        }
        let implementation_use = self
            .implementation_use
            .as_ref()
            .map_or(&[][..], IntoBytes::as_bytes);
        let front = Front {
            descriptor_tag: Tag::default(),
            recording_date_and_time: self.recording_date_and_time,
            integrity_type: match self.integrity_type {
                IntegrityType::Open => 0.into(),
                IntegrityType::Close => 1.into(),
            },
            next_integrity_extent: self.next_integrity_extent,
            unique_id: self.unique_id.into(),
            contents_use_reserved: [0; 24],
            number_of_partitions: u32::try_from(partitions).unwrap_or(u32::MAX).into(),
            length_of_implementation_use: u32::try_from(implementation_use.len()).unwrap_or(0).into(),
        };
        let (free, size) = (words(&self.free_space_table), words(&self.size_table));
        tag::seal_parts(
            &[front.as_bytes(), &free, &size, implementation_use],
            IDENTIFIER,
            version,
            location,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(change: impl Fn(&mut [u8])) -> Result<LogicalVolumeIntegrityDescriptor, MalformedKind> {
        let mut block = [0; BLOCK_SIZE];
        change(&mut block);
        tag::seal(&mut block, IDENTIFIER, TagVersion::Three, 0);
        LogicalVolumeIntegrityDescriptor::decode(&block, None).map_err(|fault| fault.kind)
    }

    #[test]
    fn tables_and_implementation_use_beyond_the_block_are_errors() {
        let partitions = decode(|block| block[72..76].fill(0xFF));
        assert_eq!(partitions, Err(MalformedKind::Field("number of partitions")));
        let implementation_use = decode(|block| block[76..80].fill(0xFF));
        assert_eq!(
            implementation_use,
            Err(MalformedKind::Field("length of implementation use"))
        );
    }

    #[test]
    fn an_unknown_integrity_type_is_an_error() {
        assert_eq!(
            decode(|block| block[28] = 2),
            Err(MalformedKind::Field("integrity type"))
        );
    }

    #[test]
    fn an_implementation_use_too_short_for_udf_is_ignored() {
        assert_eq!(decode(|block| block[76] = 45).unwrap().implementation_use, None);
    }
}
