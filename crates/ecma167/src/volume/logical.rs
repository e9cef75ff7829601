//! The logical volume descriptor.

use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::address::BLOCK_SIZE;
use crate::file::LongAd;
use crate::general::tag::{self, TagVersion};
use crate::general::{Charspec, DString, EntityIdentifier, ExtentAd, Tag, TagIdentifier};
use crate::malformed::{Malformed, MalformedKind, TooLong};
use crate::volume::PartitionMap;

/// The 440 bytes before the partition maps (`ECMA-167 3/10.6`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct Front {
    descriptor_tag: Tag,
    volume_descriptor_sequence_number: U32,
    descriptor_character_set: Charspec,
    logical_volume_identifier: DString<128>,
    logical_block_size: U32,
    domain_identifier: EntityIdentifier,
    logical_volume_contents_use: LongAd,
    map_table_length: U32,
    number_of_partition_maps: U32,
    implementation_identifier: EntityIdentifier,
    implementation_use: [u8; 128],
    integrity_sequence_extent: ExtentAd,
}

const _: () = assert!(size_of::<Front>() == 440);

const IDENTIFIER: TagIdentifier = TagIdentifier::LOGICAL_VOLUME_DESCRIPTOR;

/// Logical volume descriptor, 440 bytes and the partition maps (`ECMA-167 3/10.6`, `UDF 2.60 2.2.4`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogicalVolumeDescriptor {
    /// The descriptor with the highest number of one logical volume prevails.
    pub volume_descriptor_sequence_number: u32,
    /// Character set of the name.
    pub descriptor_character_set: Charspec,
    /// Name of the logical volume.
    pub logical_volume_identifier: DString<128>,
    /// Size of a logical block in bytes: 2048.
    pub logical_block_size: u32,
    /// `*OSTA UDF Compliant` with domain suffix.
    pub domain_identifier: EntityIdentifier,
    /// Location of the file set descriptor.
    pub logical_volume_contents_use: LongAd,
    /// Who recorded it.
    pub implementation_identifier: EntityIdentifier,
    /// Zeros.
    pub implementation_use: [u8; 128],
    /// Location of the logical volume integrity descriptors.
    pub integrity_sequence_extent: ExtentAd,
    /// The partition maps; a partition reference number is an index into them.
    pub partition_maps: Vec<PartitionMap>,
}

impl LogicalVolumeDescriptor {
    /// Bytes before the partition maps.
    pub const HEADER_LEN: usize = size_of::<Front>();

    /// The descriptor at the start of a block.
    ///
    /// # Errors
    /// A tag that does not verify; maps that do not fit the stated length or the block.
    pub fn decode(block: &[u8], location: Option<u32>) -> Result<Self, Malformed> {
        tag::verify(block, IDENTIFIER, location)?;
        let fault = |kind| IDENTIFIER.malformed(kind);
        let (front, rest) = Front::read_from_prefix(block).map_err(|_| fault(MalformedKind::Truncated))?;
        let mut table = usize::try_from(front.map_table_length.get())
            .ok()
            .and_then(|length| rest.get(..length))
            .ok_or(fault(MalformedKind::Field("map table length")))?;
        let mut partition_maps = Vec::new();
        for _ in 0..front.number_of_partition_maps.get() {
            // The table limits the number of maps, because every map takes at least two bytes.
            let (map, length) = PartitionMap::decode(table)?;
            partition_maps.push(map);
            table = &table[length..];
        }
        Ok(Self {
            volume_descriptor_sequence_number: front.volume_descriptor_sequence_number.get(),
            descriptor_character_set: front.descriptor_character_set,
            logical_volume_identifier: front.logical_volume_identifier,
            logical_block_size: front.logical_block_size.get(),
            domain_identifier: front.domain_identifier,
            logical_volume_contents_use: front.logical_volume_contents_use,
            implementation_identifier: front.implementation_identifier,
            implementation_use: front.implementation_use,
            integrity_sequence_extent: front.integrity_sequence_extent,
            partition_maps,
        })
    }

    /// One block that begins with the descriptor.
    ///
    /// # Errors
    /// Maps that do not fit the block.
    pub fn encode(&self, version: TagVersion, location: u32) -> Result<[u8; BLOCK_SIZE], TooLong> {
        let mut table = Vec::new();
        for map in &self.partition_maps {
            map.encode(&mut table);
        }
        let too_long = TooLong {
            structure: IDENTIFIER.name(),
            asked: Self::HEADER_LEN + table.len(),
            room: BLOCK_SIZE,
        };
        let (Ok(table_length), Ok(maps)) = (
            u32::try_from(table.len()),
            u32::try_from(self.partition_maps.len()),
        ) else {
            return Err(too_long);
        };
        let front = Front {
            descriptor_tag: Tag::default(),
            volume_descriptor_sequence_number: self.volume_descriptor_sequence_number.into(),
            descriptor_character_set: self.descriptor_character_set,
            logical_volume_identifier: self.logical_volume_identifier,
            logical_block_size: self.logical_block_size.into(),
            domain_identifier: self.domain_identifier,
            logical_volume_contents_use: self.logical_volume_contents_use,
            map_table_length: table_length.into(),
            number_of_partition_maps: maps.into(),
            implementation_identifier: self.implementation_identifier,
            implementation_use: self.implementation_use,
            integrity_sequence_extent: self.integrity_sequence_extent,
        };
        tag::seal_parts(&[front.as_bytes(), &table], IDENTIFIER, version, location)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(change: impl Fn(&mut [u8])) -> [u8; BLOCK_SIZE] {
        let mut block = [0; BLOCK_SIZE];
        change(&mut block);
        tag::seal(&mut block, IDENTIFIER, TagVersion::Three, 0);
        block
    }

    #[test]
    fn a_map_table_beyond_the_block_is_an_error() {
        let block = sealed(|block| block[264..268].fill(0xFF));
        let fault = LogicalVolumeDescriptor::decode(&block, None).unwrap_err();
        assert_eq!(fault.kind, MalformedKind::Field("map table length"));
    }

    #[test]
    fn more_maps_than_the_table_holds_are_an_error() {
        let block = sealed(|block| {
            block[264] = 6;
            block[268..272].fill(0xFF);
            block[440..446].copy_from_slice(&[1, 6, 1, 0, 0, 0]);
        });
        let fault = LogicalVolumeDescriptor::decode(&block, None).unwrap_err();
        assert_eq!(fault.kind, MalformedKind::Truncated);
    }
}
