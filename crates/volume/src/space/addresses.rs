//! The meaning of addresses: partition maps, the VAT in force, and which copy of a metadata file is read.

use ecma167::{LogicalBlock, LogicalSector, RecordedAddress, VirtualAddress};

use super::sectors::Sectors;
use crate::address::after;
use crate::body::{Body, Extent, ExtentKind};
use crate::error::{CorruptKind, Error, ErrorPlace};
use crate::map::{Map, Maps, Vat};

/// Turns recorded addresses into logical sectors. Entries of the VAT are read from the disc when needed.
#[derive(Default)]
pub(super) struct Addresses {
    maps: Maps,
    vat: Option<Vat>,
    /// Whether blocks of metadata partitions are read from the mirror.
    prefers_mirror: bool,
}

impl Addresses {
    pub(super) fn maps(&self) -> &Maps {
        &self.maps
    }

    pub(super) fn maps_mut(&mut self) -> &mut Maps {
        &mut self.maps
    }

    /// The VAT in force.
    pub(super) fn vat(&self) -> Option<&Vat> {
        self.vat.as_ref()
    }

    /// Puts a VAT in force.
    pub(super) fn set_vat(&mut self, vat: Vat) -> &Vat {
        self.vat.insert(vat)
    }

    /// Puts the VAT of another generation in force, and the one in force in its place.
    pub(super) fn exchange_vat(&mut self, other: &mut Option<Vat>) {
        std::mem::swap(&mut self.vat, other);
    }

    pub(super) fn prefers_mirror(&self) -> bool {
        self.prefers_mirror
    }

    /// Sets whether blocks of metadata partitions are read from the mirror.
    pub(super) fn prefer_mirror(&mut self, prefers: bool) {
        self.prefers_mirror = prefers;
    }

    /// The logical sector of an address.
    pub(super) fn resolve(&self, sectors: &mut Sectors, at: RecordedAddress) -> Result<LogicalSector, Error> {
        match self.maps.of(at)? {
            Map::Physical(partition) => partition.sector(LogicalBlock(at.block)),
            Map::Sparable { on, sparing } => sparing.sector(on, LogicalBlock(at.block)),
            Map::Metadata { files, .. } => {
                let (place, _) = files.place(at, sectors.size(), self.prefers_mirror)?;
                match self.maps.of(place)? {
                    map if map.is_ground() => self.resolve(sectors, place),
                    _ => Err(Error::corrupt(CorruptKind::NotAMetadataFile, place)),
                }
            }
            Map::Virtual { on, .. } => {
                let block = self.virtual_entry(sectors, VirtualAddress(at.block))?;
                on.sector(block)
            }
            Map::Unusable(why) => Err((*why).into()),
        }
    }

    /// The logical block that the VAT gives for a virtual address.
    pub(super) fn virtual_entry(
        &self,
        sectors: &mut Sectors,
        at: VirtualAddress,
    ) -> Result<LogicalBlock, Error> {
        let Some(vat) = &self.vat else {
            return Err(Error::corrupt(CorruptKind::NoVat, ErrorPlace::Volume));
        };
        if at.0 >= vat.entries {
            return Err(Error::corrupt(CorruptKind::BeyondVat, at));
        }
        let offset = vat.entries_offset + u64::from(at.0) * 4;
        let entry = match &vat.body {
            Body::Embedded(bytes) => entry_at(bytes, offset),
            Body::Extents(extents) => match Extent::find(extents, offset) {
                Some((
                    Extent {
                        kind: ExtentKind::Recorded(address),
                        ..
                    },
                    inside,
                )) => {
                    let (block, byte) = sectors.size().split(inside);
                    let place = after(*address, block)?;
                    let Map::Physical(partition) = self.maps.of(place)? else {
                        return Err(Error::corrupt(CorruptKind::NotAVat, vat.icb));
                    };
                    let sector = partition.sector(LogicalBlock(place.block))?;
                    entry_at(sectors.sector(sector)?, byte as u64)
                }
                _ => None,
            },
        };
        match entry {
            None => Err(Error::corrupt(CorruptKind::BeyondVat, at)),
            Some(u32::MAX) => Err(Error::corrupt(CorruptKind::UnusedVirtualAddress, at)),
            Some(block) => Ok(LogicalBlock(block)),
        }
    }

    /// The sector where a run of blocks begins, and how many of `blocks` are consecutive on disc; at least
    /// one.
    pub(super) fn run(
        &self,
        sectors: &mut Sectors,
        at: RecordedAddress,
        blocks: usize,
    ) -> Result<(LogicalSector, usize), Error> {
        let first = self.resolve(sectors, at)?;
        let last = |count: usize| after(at, u64::try_from(count).unwrap_or(u64::MAX).saturating_sub(1));
        match self.maps.of(at)? {
            Map::Physical(partition) => {
                partition.sector(LogicalBlock(last(blocks)?.block))?;
                return Ok((first, blocks));
            }
            Map::Sparable { on, sparing } => {
                let count = sparing.run(LogicalBlock(at.block), blocks);
                on.sector(LogicalBlock(last(count)?.block))?;
                return Ok((first, count));
            }
            Map::Virtual { .. } | Map::Metadata { .. } | Map::Unusable(_) => {}
        }
        let mut count = 1;
        while count < blocks {
            let next = after(at, count as u64)?;
            if u64::from(self.resolve(sectors, next)?.0) != u64::from(first.0) + count as u64 {
                break;
            }
            count += 1;
        }
        Ok((first, count))
    }
}

/// The little-endian entry at a byte offset.
fn entry_at(bytes: &[u8], offset: u64) -> Option<u32> {
    let at = usize::try_from(offset).ok()?;
    let entry: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    Some(u32::from_le_bytes(entry))
}
