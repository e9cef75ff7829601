//! Partition maps: the meaning of the partition reference numbers of a logical volume.

use zerocopy::little_endian::{U16, U32};
use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::general::{EntityIdentifier, TagIdentifier, identifiers};
use crate::malformed::{Malformed, MalformedKind};
use crate::osta::Revision;

/// Type 1 partition map, 6 bytes (`ECMA-167 3/10.7.2`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct Type1Map {
    partition_map_type: u8,
    partition_map_length: u8,
    volume_sequence_number: U16,
    partition_number: U16,
}

const _: () = assert!(size_of::<Type1Map>() == 6);

/// The first 40 of the 64 bytes of every type 2 map of UDF (`UDF 2.60 2.2.8`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct Type2Front {
    partition_map_type: u8,
    partition_map_length: u8,
    reserved: [u8; 2],
    partition_type_identifier: EntityIdentifier,
    volume_sequence_number: U16,
    partition_number: U16,
}

const _: () = assert!(size_of::<Type2Front>() == 40);

/// The rest of a sparable partition map (`UDF 2.60 2.2.9`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct Sparable {
    /// Length of a packet in blocks.
    pub packet_length: U16,
    /// Number of sparing tables, 1 to 4.
    pub number_of_sparing_tables: u8,
    /// Zero.
    pub reserved: u8,
    /// Length of each table in bytes.
    pub size_of_each_sparing_table: U32,
    /// Logical sectors of the tables.
    pub locations_of_sparing_tables: [U32; 4],
}

const _: () = assert!(size_of::<Sparable>() == 24);

/// The rest of a metadata partition map (`UDF 2.60 2.2.10`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct Metadata {
    /// Logical block of the metadata file's ICB.
    pub metadata_file_location: U32,
    /// Logical block of the mirror file's ICB.
    pub metadata_mirror_file_location: U32,
    /// Logical block of the bitmap file's ICB; 0xFFFFFFFF if there is none.
    pub metadata_bitmap_file_location: U32,
    /// Blocks.
    pub allocation_unit_size: U32,
    /// Blocks.
    pub alignment_unit_size: U16,
    /// Bit 0: the mirror has its own data.
    pub flags: u8,
    /// Zeros.
    pub reserved: [u8; 5],
}

const _: () = assert!(size_of::<Metadata>() == 24);

/// The meaning of a partition reference number (`ECMA-167 3/10.7`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartitionMap {
    /// A partition as its descriptor defines it.
    Type1 {
        /// Volume of the set.
        volume_sequence_number: u16,
        /// Number in the partition descriptor.
        partition_number: u16,
    },
    /// A partition addressed through the VAT (`UDF 2.60 2.2.8`).
    Virtual {
        /// Volume of the set.
        volume_sequence_number: u16,
        /// Number in the descriptor of the partition that contains the blocks.
        partition_number: u16,
        /// Revision in the suffix of the map's identifier; it determines the layout of the VAT.
        revision: Revision,
    },
    /// A partition with defect management (`UDF 2.60 2.2.9`).
    Sparable {
        /// Volume of the set.
        volume_sequence_number: u16,
        /// Number in the partition descriptor.
        partition_number: u16,
        /// Revision in the suffix of the map's identifier.
        revision: Revision,
        /// Packets and tables.
        sparable: Sparable,
    },
    /// A partition inside a metadata file (`UDF 2.60 2.2.10`).
    Metadata {
        /// Volume of the set.
        volume_sequence_number: u16,
        /// Number in the descriptor of the partition that contains the files.
        partition_number: u16,
        /// Revision in the suffix of the map's identifier.
        revision: Revision,
        /// Its files.
        metadata: Metadata,
    },
    /// A map that UDF does not define, with its type and length bytes.
    Unknown(Vec<u8>),
}

impl PartitionMap {
    /// The number in the partition descriptor that the map refers to.
    #[must_use]
    pub fn partition_number(&self) -> Option<u16> {
        match self {
            Self::Type1 { partition_number, .. }
            | Self::Virtual { partition_number, .. }
            | Self::Sparable { partition_number, .. }
            | Self::Metadata { partition_number, .. } => Some(*partition_number),
            Self::Unknown(_) => None,
        }
    }

    /// The number of the volume that contains the partition.
    #[must_use]
    pub fn volume_sequence_number(&self) -> Option<u16> {
        match self {
            Self::Type1 {
                volume_sequence_number,
                ..
            }
            | Self::Virtual {
                volume_sequence_number,
                ..
            }
            | Self::Sparable {
                volume_sequence_number,
                ..
            }
            | Self::Metadata {
                volume_sequence_number,
                ..
            } => Some(*volume_sequence_number),
            Self::Unknown(_) => None,
        }
    }

    /// Length of the recorded map in bytes.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        match self {
            Self::Type1 { .. } => 6,
            Self::Unknown(bytes) => bytes.len(),
            _ => 64,
        }
    }

    /// Appends the recorded map to `out`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let front = |name, volume: u16, number: u16, revision| Type2Front {
            partition_map_type: 2,
            partition_map_length: 64,
            partition_type_identifier: EntityIdentifier::udf(name, revision),
            volume_sequence_number: volume.into(),
            partition_number: number.into(),
            ..Type2Front::new_zeroed()
        };
        match *self {
            Self::Type1 {
                volume_sequence_number,
                partition_number,
            } => {
                let map = Type1Map {
                    partition_map_type: 1,
                    partition_map_length: 6,
                    volume_sequence_number: volume_sequence_number.into(),
                    partition_number: partition_number.into(),
                };
                out.extend_from_slice(map.as_bytes());
            }
            Self::Virtual {
                volume_sequence_number,
                partition_number,
                revision,
            } => {
                let name = identifiers::UDF_VIRTUAL_PARTITION;
                let front = front(name, volume_sequence_number, partition_number, revision);
                out.extend_from_slice(front.as_bytes());
                out.extend_from_slice(&[0; 24]);
            }
            Self::Sparable {
                volume_sequence_number,
                partition_number,
                revision,
                ref sparable,
            } => {
                let name = identifiers::UDF_SPARABLE_PARTITION;
                let front = front(name, volume_sequence_number, partition_number, revision);
                out.extend_from_slice(front.as_bytes());
                out.extend_from_slice(sparable.as_bytes());
            }
            Self::Metadata {
                volume_sequence_number,
                partition_number,
                revision,
                ref metadata,
            } => {
                let name = identifiers::UDF_METADATA_PARTITION;
                let front = front(name, volume_sequence_number, partition_number, revision);
                out.extend_from_slice(front.as_bytes());
                out.extend_from_slice(metadata.as_bytes());
            }
            Self::Unknown(ref bytes) => out.extend_from_slice(bytes),
        }
    }

    /// The map at the start of a map table, and its length in bytes.
    ///
    /// # Errors
    /// A length that is less than 2, exceeds the table, or is wrong for the type.
    pub fn decode(table: &[u8]) -> Result<(Self, usize), Malformed> {
        let fault = |kind| TagIdentifier::LOGICAL_VOLUME_DESCRIPTOR.malformed(kind);
        let [map_type, length, ..] = *table else {
            return Err(fault(MalformedKind::Truncated));
        };
        let length = usize::from(length);
        let bytes = table.get(..length).ok_or(fault(MalformedKind::Truncated))?;
        let of_length = |expected| {
            if length == expected {
                Ok(())
            } else {
                Err(fault(MalformedKind::Field("partition map length")))
            }
        };
        let map = match map_type {
            1 => {
                of_length(6)?;
                let map = Type1Map::read_from_bytes(bytes).map_err(|_| fault(MalformedKind::Truncated))?;
                Self::Type1 {
                    volume_sequence_number: map.volume_sequence_number.get(),
                    partition_number: map.partition_number.get(),
                }
            }
            2 => {
                of_length(64)?;
                Self::decode_type_2(bytes).ok_or(fault(MalformedKind::Truncated))?
            }
            _ if length < 2 => return Err(fault(MalformedKind::Field("partition map length"))),
            _ => Self::Unknown(bytes.to_vec()),
        };
        Ok((map, length))
    }

    fn decode_type_2(bytes: &[u8]) -> Option<Self> {
        let (front, rest) = Type2Front::read_from_prefix(bytes).ok()?;
        let volume_sequence_number = front.volume_sequence_number.get();
        let partition_number = front.partition_number.get();
        let identifier = front.partition_type_identifier;
        let revision = identifier.revision();
        Some(if identifier.is(identifiers::UDF_VIRTUAL_PARTITION) {
            Self::Virtual {
                volume_sequence_number,
                partition_number,
                revision,
            }
        } else if identifier.is(identifiers::UDF_SPARABLE_PARTITION) {
            let sparable = Sparable::read_from_bytes(rest).ok()?;
            Self::Sparable {
                volume_sequence_number,
                partition_number,
                revision,
                sparable,
            }
        } else if identifier.is(identifiers::UDF_METADATA_PARTITION) {
            let metadata = Metadata::read_from_bytes(rest).ok()?;
            Self::Metadata {
                volume_sequence_number,
                partition_number,
                revision,
                metadata,
            }
        } else {
            Self::Unknown(bytes.to_vec())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(table: &[u8]) -> MalformedKind {
        PartitionMap::decode(table).unwrap_err().kind
    }

    #[test]
    fn a_map_of_a_wrong_length_is_an_error() {
        assert_eq!(kind(&[1]), MalformedKind::Truncated);
        assert_eq!(kind(&[1, 6, 0]), MalformedKind::Truncated);
        assert_eq!(
            kind(&[1, 5, 0, 0, 0]),
            MalformedKind::Field("partition map length")
        );
        assert_eq!(kind(&[7, 1]), MalformedKind::Field("partition map length"));
        assert_eq!(
            kind(&[2, 6, 0, 0, 0, 0]),
            MalformedKind::Field("partition map length")
        );
    }

    #[test]
    fn maps_that_udf_does_not_define_stay_as_they_are() {
        let mut table = vec![2, 64];
        table.resize(64, 9);
        assert_eq!(
            PartitionMap::decode(&table),
            Ok((PartitionMap::Unknown(table.clone()), 64))
        );
    }
}
