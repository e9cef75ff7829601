//! The address space of a volume: turns recorded addresses into logical sectors and reads them through the cache.

use std::fs::File;

use drive::Drive;
use ecma167::{BLOCK_SIZE, LogicalBlock, LogicalSector, PartitionReference, RecordedAddress, VirtualAddress};
use mmc::{FilePart, Lba};

use crate::body::{Body, Extent, ExtentKind};
use crate::cache::{BlockCache, LINE_BLOCKS};
use crate::error::{CorruptKind, Error, Place};
use crate::loss::Loss;
use crate::maps::{self, Map};
use crate::vat::Vat;

/// From so many bytes on, a read goes past the cache.
const DIRECT: usize = LINE_BLOCKS as usize * BLOCK_SIZE;

/// A drive, what was read of it, and the meaning of addresses.
pub(crate) struct Space {
    pub(crate) drive: Drive,
    pub(crate) cache: BlockCache,
    pub(crate) maps: Vec<Map>,
    pub(crate) vat: Option<Vat>,
    /// What could not be read on the way to them.
    pub(crate) losses: Vec<Loss>,
    /// Blocks of metadata partitions are taken from the mirror.
    pub(crate) prefers_mirror: bool,
}

impl Space {
    pub(crate) fn new(drive: Drive) -> Self {
        Self {
            drive,
            cache: BlockCache::new(),
            maps: Vec::new(),
            vat: None,
            losses: Vec::new(),
            prefers_mirror: false,
        }
    }

    /// One logical sector.
    pub(crate) fn sector(&mut self, at: LogicalSector) -> Result<&[u8], Error> {
        Ok(self.cache.block(&mut self.drive, at)?)
    }

    /// The logical sector that an address stands for.
    pub(crate) fn resolve(&mut self, at: RecordedAddress) -> Result<LogicalSector, Error> {
        match maps::map(&self.maps, at)? {
            Map::Physical(partition) => partition.sector(LogicalBlock(at.block)),
            Map::Sparable { on, sparing } => sparing.sector(on, LogicalBlock(at.block)),
            Map::Metadata { files, .. } => {
                let (place, _) = files.place(at, self.prefers_mirror)?;
                match maps::map(&self.maps, place)? {
                    map if map.is_ground() => self.resolve(place),
                    _ => Err(Error::corrupt(CorruptKind::NotAMetadataFile, place)),
                }
            }
            Map::Virtual { on, .. } => {
                let on = *on;
                let block = self.virtual_entry(VirtualAddress(at.block))?;
                on.sector(block)
            }
        }
    }

    /// The logical block that the VAT gives for a virtual address.
    pub(crate) fn virtual_entry(&mut self, at: VirtualAddress) -> Result<LogicalBlock, Error> {
        let Some(vat) = &self.vat else {
            return Err(Error::corrupt(CorruptKind::NoVat, Place::Volume));
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
                    let (block, byte) = split(inside);
                    let place = after(*address, block)?;
                    let Map::Physical(partition) = maps::map(&self.maps, place)? else {
                        return Err(Error::corrupt(CorruptKind::NotAVat, vat.icb));
                    };
                    let sector = partition.sector(LogicalBlock(place.block))?;
                    entry_at(self.cache.block(&mut self.drive, sector)?, byte as u64)
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

    /// One block of a partition; of a metadata partition the mirror's, where the metadata file's cannot be read.
    pub(crate) fn block(&mut self, at: RecordedAddress) -> Result<&[u8], Error> {
        let sector = if self.metadata(at.partition).is_some() {
            self.in_either_copy(at, |space| {
                let sector = space.resolve(at)?;
                space.sector(sector)?;
                Ok(sector)
            })?
        } else {
            self.resolve(at)?
        };
        self.sector(sector)
    }

    /// Fills `out` from a body; returns fewer bytes only at the body's end.
    pub(crate) fn read(&mut self, body: &Body, offset: u64, out: &mut [u8]) -> Result<usize, Error> {
        let mut done = 0;
        while done < out.len() {
            let at = offset.saturating_add(done as u64);
            let rest = &mut out[done..];
            let moved = match body {
                Body::Embedded(bytes) => {
                    let from = usize::try_from(at)
                        .ok()
                        .and_then(|at| bytes.get(at..))
                        .unwrap_or(&[]);
                    let length = from.len().min(rest.len());
                    rest[..length].copy_from_slice(&from[..length]);
                    length
                }
                Body::Extents(extents) => match Extent::find(extents, at) {
                    None => 0,
                    Some((extent, inside)) => {
                        let left = usize::try_from(extent.length - inside).unwrap_or(usize::MAX);
                        let length = left.min(rest.len());
                        match extent.kind {
                            ExtentKind::NotRecorded => rest[..length].fill(0),
                            ExtentKind::Recorded(address) => {
                                self.read_extent(address, inside, &mut rest[..length])?
                            }
                        }
                        length
                    }
                },
            };
            if moved == 0 {
                break;
            }
            done += moved;
        }
        Ok(done)
    }

    /// Fills `out` from byte `inside` of the extent at `address`.
    fn read_extent(&mut self, address: RecordedAddress, inside: u64, out: &mut [u8]) -> Result<(), Error> {
        let mut done = 0;
        while done < out.len() {
            let (block, byte) = split(inside + done as u64);
            let at = after(address, block)?;
            let rest = &mut out[done..];
            if byte == 0 && rest.len() >= DIRECT && self.metadata(at.partition).is_none() {
                let (sector, blocks) = self.run(at, rest.len() / BLOCK_SIZE)?;
                self.drive.read(Lba(sector.0), &mut rest[..blocks * BLOCK_SIZE])?;
                done += blocks * BLOCK_SIZE;
            } else {
                let from = &self.block(at)?[byte..];
                let length = from.len().min(rest.len());
                rest[..length].copy_from_slice(&from[..length]);
                done += length;
            }
        }
        Ok(())
    }

    /// Copies from byte `offset` of a body to the same byte of a file, as much of `length` as is whole blocks that follow each
    /// other on the disc; returns how many bytes, 0 where they are to be read.
    pub(crate) fn copy_to_file(
        &mut self,
        body: &Body,
        offset: u64,
        length: usize,
        file: &File,
    ) -> Result<usize, Error> {
        let Body::Extents(extents) = body else {
            return Ok(0);
        };
        let Some((extent, inside)) = Extent::find(extents, offset) else {
            return Ok(0);
        };
        let ExtentKind::Recorded(address) = extent.kind else {
            return Ok(0);
        };
        let left = usize::try_from(extent.length - inside).unwrap_or(usize::MAX);
        let (block, byte) = split(inside);
        let length = left.min(length);
        if byte != 0 || length < DIRECT || self.metadata(address.partition).is_some() {
            return Ok(0);
        }
        let (sector, blocks) = self.run(after(address, block)?, length / BLOCK_SIZE)?;
        let bytes = blocks * BLOCK_SIZE;
        let part = FilePart { file, offset, bytes };
        let is_filled = self.drive.read_to_file(Lba(sector.0), part)?;
        Ok(if is_filled { bytes } else { 0 })
    }

    /// Where a run of blocks begins, and how many of `blocks` follow each other on the disc; at least one.
    fn run(&mut self, at: RecordedAddress, blocks: usize) -> Result<(LogicalSector, usize), Error> {
        let first = self.resolve(at)?;
        let last = |count: usize| after(at, u64::try_from(count).unwrap_or(u64::MAX).saturating_sub(1));
        match maps::map(&self.maps, at)? {
            Map::Physical(partition) => {
                partition.sector(LogicalBlock(last(blocks)?.block))?;
                return Ok((first, blocks));
            }
            Map::Sparable { on, sparing } => {
                let count = sparing.run(LogicalBlock(at.block), blocks);
                on.sector(LogicalBlock(last(count)?.block))?;
                return Ok((first, count));
            }
            Map::Virtual { .. } | Map::Metadata { .. } => {}
        }
        let mut count = 1;
        while count < blocks {
            let next = after(at, count as u64)?;
            if u64::from(self.resolve(next)?.0) != u64::from(first.0) + count as u64 {
                break;
            }
            count += 1;
        }
        Ok((first, count))
    }

    /// The type 1 map of the partition below the virtual one.
    pub(crate) fn physical(&self) -> Option<PartitionReference> {
        self.maps.iter().find_map(|map| match map {
            Map::Virtual { physical, .. } => *physical,
            _ => None,
        })
    }
}

/// A byte offset as blocks and the byte inside the last.
pub(crate) fn split(offset: u64) -> (u64, usize) {
    const BLOCK: u64 = BLOCK_SIZE as u64;
    (offset / BLOCK, usize::try_from(offset % BLOCK).unwrap_or(0))
}

/// The address so many blocks on.
pub(crate) fn after(address: RecordedAddress, blocks: u64) -> Result<RecordedAddress, Error> {
    let block = u32::try_from(blocks)
        .ok()
        .and_then(|blocks| address.block.checked_add(blocks));
    block
        .map(|block| RecordedAddress { block, ..address })
        .ok_or_else(|| Error::corrupt(CorruptKind::OutsidePartition, address))
}

/// The little-endian entry at a byte.
fn entry_at(bytes: &[u8], offset: u64) -> Option<u32> {
    let at = usize::try_from(offset).ok()?;
    let entry: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    Some(u32::from_le_bytes(entry))
}
