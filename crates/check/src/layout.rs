//! The layout of the volume: partitions, the meaning of partition references, and the sectors of addresses.

use ecma167::osta::Revision;
use ecma167::volume::{AccessType, LogicalVolumeDescriptor};
use ecma167::{LogicalBlock, LogicalSector, RecordedAddress, VirtualAddress};

use crate::claims::Sharing;
use crate::finding::FindingPlace;
use crate::judged_vat::JudgedVat;
use crate::metadata_file::MetadataPartition;
use crate::partition::Partition;
use crate::rules::FindingKind as K;
use crate::spared::SparedPackets;

/// The meaning of a partition reference.
#[derive(Clone, Debug)]
pub(crate) enum Map {
    /// A type 1 map.
    Physical(Partition),
    /// The virtual partition over this one.
    Virtual(Partition),
    /// A sparable partition; spared packets are elsewhere.
    Sparable(Partition, SparedPackets),
    /// A partition inside a metadata file.
    Metadata(MetadataPartition),
    /// A map that this check cannot follow, or a map without its partition.
    Other,
}

/// The layout of the volume, from its descriptors.
pub(crate) struct Layout {
    pub revision: Revision,
    pub logical: LogicalVolumeDescriptor,
    pub logical_sector: LogicalSector,
    pub maps: Vec<Map>,
    /// The revision in the identifier of the virtual map, which determines the layout of the VAT.
    pub vat_revision: Revision,
    pub vat: Option<JudgedVat>,
}

/// Why an address leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nowhere {
    /// It breaks this rule.
    Breaks(K),
    /// It is in a partition that cannot be judged.
    NotJudged,
}

impl Layout {
    /// The reference of the virtual partition.
    pub fn virtual_reference(&self) -> Option<u16> {
        self.reference(|map| matches!(map, Map::Virtual(_)))
    }

    /// The reference of the type 1 partition that contains the VAT.
    pub fn physical_reference(&self) -> Option<u16> {
        let number = self.virtual_partition().map(|partition| partition.number);
        self.reference(|map| match map {
            Map::Physical(partition) => number.is_none_or(|number| number == partition.number),
            _ => false,
        })
    }

    /// The partition below the virtual one.
    pub fn virtual_partition(&self) -> Option<Partition> {
        self.maps.iter().find_map(|map| match map {
            Map::Virtual(partition) => Some(*partition),
            _ => None,
        })
    }

    fn reference(&self, is_it: impl Fn(&Map) -> bool) -> Option<u16> {
        let at = self.maps.iter().position(is_it)?;
        u16::try_from(at).ok()
    }

    /// Whether the volume follows UDF 2.00 or later: extended file entries, unique IDs in FIDs, VAT with a
    /// header.
    pub fn is_third_edition(&self) -> bool {
        self.revision.is_third_edition()
    }

    /// Whether the VAT has a header: from UDF 2.00 on.
    pub fn vat_has_header(&self) -> bool {
        self.vat_revision.is_third_edition()
    }

    /// The place of an address, for a finding.
    pub fn place(&self, address: RecordedAddress) -> FindingPlace {
        match self.maps.get(usize::from(address.partition.0)) {
            Some(Map::Virtual(_)) => FindingPlace::Virtual(VirtualAddress(address.block)),
            Some(Map::Metadata(_)) => FindingPlace::Metadata(address),
            _ => FindingPlace::Block(LogicalBlock(address.block)),
        }
    }

    /// Whether an address is outside metadata partitions.
    pub fn is_below(&self, address: RecordedAddress) -> bool {
        !matches!(
            self.maps.get(usize::from(address.partition.0)),
            Some(Map::Metadata(_))
        )
    }

    /// Whether an address is in a partition of the disc itself.
    pub fn is_physical(&self, address: RecordedAddress) -> bool {
        matches!(
            self.maps.get(usize::from(address.partition.0)),
            Some(Map::Physical(_))
        )
    }

    /// What extents of files that begin in a sector may have in common.
    pub fn sharing(&self, sector: u32) -> Sharing {
        let partitions = self.maps.iter().filter_map(|map| match map {
            Map::Physical(partition) | Map::Sparable(partition, _) => Some(partition),
            _ => None,
        });
        let here = partitions.filter(|partition| partition.meets(sector, 1));
        let each = here.map(|partition| match partition.access {
            AccessType::ReadOnly => Sharing::Beginning,
            AccessType::WriteOnce => Sharing::Whole,
            _ => Sharing::None,
        });
        each.min().unwrap_or(Sharing::Beginning)
    }

    /// Whether nothing on the volume is ever changed, added or removed.
    pub fn is_read_only(&self) -> bool {
        self.maps.iter().all(|map| match map {
            Map::Physical(partition) | Map::Sparable(partition, _) => {
                partition.access == AccessType::ReadOnly
            }
            _ => true,
        })
    }

    /// The sectors of blocks of a partition that is not virtual: first sector and number of sectors of each
    /// piece.
    pub fn pieces(&self, address: RecordedAddress, blocks: u32) -> Result<Vec<(u32, u32)>, Nowhere> {
        let outside = Nowhere::Breaks(K::OutsidePartition);
        let mut pieces = Vec::new();
        let end = address.block.checked_add(blocks).ok_or(outside)?;
        let mut next = address.block;
        while next < end {
            let count = match self.maps.get(usize::from(address.partition.0)) {
                None => return Err(Nowhere::Breaks(K::PartitionReference)),
                Some(Map::Virtual(_) | Map::Other) => return Err(Nowhere::NotJudged),
                Some(Map::Physical(partition)) => {
                    // The end has a number, too.
                    partition.start.checked_add(end).ok_or(outside)?;
                    if end > partition.length {
                        return Err(outside);
                    }
                    pieces.push((partition.start + next, end - next));
                    end - next
                }
                Some(Map::Sparable(partition, sparing)) => {
                    let piece = sparing.sector(partition, next, end - next);
                    let (start, count) = piece.filter(|_| end <= partition.length).ok_or(outside)?;
                    start.checked_add(count).ok_or(outside)?;
                    pieces.push((start, count));
                    count
                }
                Some(Map::Metadata(metadata)) => {
                    let (below, count) = metadata.below(next, end - next).ok_or(outside)?;
                    // The partition below is not a metadata partition: this recurses only once.
                    pieces.extend(self.pieces(below, count)?);
                    count
                }
            };
            next += count;
        }
        Ok(pieces)
    }

    /// The sector of an address.
    pub fn resolve(&self, address: RecordedAddress) -> Result<LogicalSector, Nowhere> {
        let within = |partition: &Partition, block: u32| {
            let sector = partition.start.checked_add(block);
            match sector.filter(|_| block < partition.length) {
                Some(sector) => Ok(LogicalSector(sector)),
                None => Err(Nowhere::Breaks(K::OutsidePartition)),
            }
        };
        match self.maps.get(usize::from(address.partition.0)) {
            None => Err(Nowhere::Breaks(K::PartitionReference)),
            Some(Map::Other) => Err(Nowhere::NotJudged),
            Some(Map::Physical(partition)) => within(partition, address.block),
            Some(Map::Sparable(..) | Map::Metadata(_)) => {
                let mut pieces = self.pieces(address, 1)?;
                let first = pieces.pop().map(|(sector, _)| LogicalSector(sector));
                first.ok_or(Nowhere::Breaks(K::OutsidePartition))
            }
            Some(Map::Virtual(partition)) => {
                let vat = self.vat.as_ref().ok_or(Nowhere::NotJudged)?;
                match vat.entry(VirtualAddress(address.block)) {
                    Some(block) => within(partition, block.0),
                    None if vat.complete => Err(Nowhere::Breaks(K::VirtualAddressUnknown)),
                    None => Err(Nowhere::NotJudged),
                }
            }
        }
    }
}
