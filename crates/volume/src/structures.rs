//! Where the structures of the volumes on a medium are, apart from the nodes.

use std::ops::Range;

use ecma167::general::ExtentAd;
use ecma167::recognition::{Recognised, recognise};
use ecma167::volume::{
    ANCHOR_SECTOR, LogicalVolumeDescriptor, LogicalVolumeIntegrityDescriptor, PartitionMap,
};
use ecma167::{LogicalSector, PartitionReference, RecordedAddress};

use crate::body::Body;
use crate::companion::Companion;
use crate::error::Error;
use crate::map::Map;
use crate::prevailing::Prevailing;
use crate::uses::blocks_of;
use crate::volume::Volume;

/// The most sessions that are looked at.
const MOST_SESSIONS: usize = 1 << 12;
/// The most extents of an integrity sequence; this ends pointers in a circle.
const MOST_EXTENTS: usize = 64;
/// The most blocks of a recognition sequence; bridges start with those of ISO 9660.
const MOST_RECOGNITION: u32 = 64;

/// A structure that leads to the files of a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VolumeStructure {
    /// A volume recognition sequence (`ECMA-167 2/8.3`).
    Recognition,
    /// An anchor volume descriptor pointer (`ECMA-167 3/10.2`).
    Anchor,
    /// A volume descriptor sequence, an integrity sequence, a file set descriptor, a space bitmap or a
    /// sparing table.
    Descriptors,
    /// A metadata file, its mirror or its bitmap (`UDF 2.60 2.2.13`).
    Metadata,
    /// A part of a plain volume beside one with a VAT.
    Plain,
}

impl Volume {
    /// Passes the blocks of the medium with structures of each volume on it to `hear`: those of every session
    /// and, beside a plain volume, those of both. Blocks may be passed several times.
    ///
    /// # Errors
    /// Errors of the drive. What is damaged is left out.
    pub fn structures(&mut self, hear: &mut dyn FnMut(VolumeStructure, Range<u32>)) -> Result<(), Error> {
        self.recognition_sequences(hear)?;
        let mut tried = Vec::new();
        for place in self.places_of_anchors() {
            let Some(anchor) = damaged(self.space.anchor(place, &mut Vec::new()))?.flatten() else {
                continue;
            };
            hear(VolumeStructure::Anchor, self.blocks_at(place, 1));
            let extents = [
                anchor.main_volume_descriptor_sequence_extent,
                anchor.reserve_volume_descriptor_sequence_extent,
            ];
            if tried.contains(&extents) {
                continue;
            }
            tried.push(extents);
            for extent in extents {
                hear(VolumeStructure::Descriptors, self.blocks_of_extent(extent));
            }
            if let Some(found) = damaged(self.space.prevailing(place, &anchor))? {
                self.described(&found, hear)?;
            }
        }
        let logical = self.descriptors().logical.clone();
        self.structures_of_maps(&logical, hear)?;
        for blocks in self.stated_space()?.1 {
            hear(VolumeStructure::Descriptors, blocks);
        }
        for placement in self.placements_of_plain_volumes()? {
            let zeros = placement.zeros;
            hear(
                VolumeStructure::Plain,
                placement.base.0..placement.last.0.saturating_add(1),
            );
            hear(
                VolumeStructure::Plain,
                zeros.at.0..zeros.at.0.saturating_add(zeros.blocks),
            );
        }
        Ok(())
    }

    fn recognition_sequences(
        &mut self,
        hear: &mut dyn FnMut(VolumeStructure, Range<u32>),
    ) -> Result<(), Error> {
        for start in self
            .space
            .sectors()
            .session_starts()
            .into_iter()
            .take(MOST_SESSIONS)
        {
            let first = start.saturating_add(self.space.first_of_recognition());
            for at in (first..first.saturating_add(MOST_RECOGNITION)).map(LogicalSector) {
                let found = damaged(self.read_sector(at).map(recognise))?.flatten();
                if found.is_some() {
                    hear(VolumeStructure::Recognition, self.blocks_at(at, 1));
                }
                if matches!(found, None | Some(Recognised::Tea01)) {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Where anchors may be in every session (`ECMA-167 3/8.4.2.1`).
    fn places_of_anchors(&self) -> Vec<LogicalSector> {
        let mut places = self.space.anchor_places();
        let sectors = self.space.sectors();
        let sessions = sectors.medium().sessions.iter().take(MOST_SESSIONS);
        for last in sessions.filter_map(|session| sectors.last_in(session.last_recorded?)) {
            let before = last.0.checked_sub(ANCHOR_SECTOR).map(LogicalSector);
            places.extend(before.into_iter().chain([last]));
        }
        places.sort_unstable();
        places.dedup();
        places
    }

    /// What the descriptors of a volume lead to.
    fn described(
        &mut self,
        found: &Prevailing,
        hear: &mut dyn FnMut(VolumeStructure, Range<u32>),
    ) -> Result<(), Error> {
        let mut extent = found.logical.integrity_sequence_extent;
        for _ in 0..MOST_EXTENTS {
            hear(VolumeStructure::Descriptors, self.blocks_of_extent(extent));
            let block = damaged(self.read_sector(extent.location()).map(<[u8]>::to_vec))?;
            let next = block.and_then(|block| LogicalVolumeIntegrityDescriptor::decode(&block, None).ok());
            match next.map(|descriptor| descriptor.next_integrity_extent) {
                Some(next) if next.length() > 0 => extent = next,
                _ => break,
            }
        }
        let file_set = found.logical.logical_volume_contents_use.address();
        if Companion::of(&found.logical).is_some_and(|companion| companion.is_plain)
            && let Some(partition) = found.partitions.first()
        {
            let at = partition
                .partition_starting_location
                .get()
                .checked_add(file_set.block);
            if let Some(at) = at {
                hear(VolumeStructure::Plain, self.blocks_at(LogicalSector(at), 1));
            }
        }
        Ok(())
    }

    /// The sparing tables and metadata files that partition maps name.
    fn structures_of_maps(
        &mut self,
        logical: &LogicalVolumeDescriptor,
        hear: &mut dyn FnMut(VolumeStructure, Range<u32>),
    ) -> Result<(), Error> {
        for (reference, map) in (0..=u16::MAX)
            .map(PartitionReference)
            .zip(&logical.partition_maps)
        {
            match map {
                PartitionMap::Sparable { sparable, .. } => {
                    let bytes = u64::from(sparable.size_of_each_sparing_table.get());
                    let sectors = bytes.div_ceil(self.block_size().bytes().into());
                    let copies = usize::from(sparable.number_of_sparing_tables);
                    for table in sparable.locations_of_sparing_tables.iter().take(copies) {
                        let blocks = self.blocks_at(LogicalSector(table.get()), sectors);
                        hear(VolumeStructure::Descriptors, blocks);
                    }
                }
                PartitionMap::Metadata { metadata, .. } => {
                    let Some(Map::Metadata { files, .. }) = self.maps().get(usize::from(reference.0)) else {
                        continue;
                    };
                    let (main, mirror) = (files.main_icb(), files.mirror_icb());
                    let bitmap = RecordedAddress {
                        block: metadata.metadata_bitmap_file_location.get(),
                        ..main
                    };
                    for icb in [main, mirror, bitmap] {
                        self.file_of_volume(icb, hear)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A file that no directory names.
    fn file_of_volume(
        &mut self,
        icb: RecordedAddress,
        hear: &mut dyn FnMut(VolumeStructure, Range<u32>),
    ) -> Result<(), Error> {
        let found = self.space.entry(icb).and_then(|entry| {
            let body = self.space.body_with_continuations(&entry, icb)?;
            Ok((body, self.space.resolve(icb)?))
        });
        let Some(((body, continuations), sector)) = damaged(found)? else {
            return Ok(());
        };
        hear(VolumeStructure::Metadata, self.blocks_at(sector, 1));
        for address in continuations {
            if let Some(sector) = damaged(self.resolve(address))? {
                hear(VolumeStructure::Metadata, self.blocks_at(sector, 1));
            }
        }
        for blocks in self.blocks_of_body(&body)? {
            hear(VolumeStructure::Metadata, blocks);
        }
        Ok(())
    }

    /// The blocks of the medium with what is recorded of a body; none if an extent is outside its partition.
    pub(crate) fn blocks_of_body(&mut self, body: &Body) -> Result<Vec<Range<u32>>, Error> {
        let places = damaged(self.places(body))?.unwrap_or_default();
        let blocks = |place: crate::Place| blocks_of(place.medium, place.bytes.end - place.bytes.start);
        Ok(places.into_iter().map(blocks).collect())
    }

    fn blocks_of_extent(&self, extent: ExtentAd) -> Range<u32> {
        let size = u64::from(self.block_size().bytes());
        let sectors = u64::from(extent.length()).div_ceil(size);
        self.blocks_at(extent.location(), sectors)
    }

    /// The blocks of the medium with some sectors.
    pub(crate) fn blocks_at(&self, first: LogicalSector, sectors: u64) -> Range<u32> {
        let size = u64::from(self.block_size().bytes());
        blocks_of(u64::from(first.0) * size, sectors.saturating_mul(size))
    }
}

/// `None` for what is damaged or not supported.
pub(crate) fn damaged<T>(found: Result<T, Error>) -> Result<Option<T>, Error> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error @ Error::Drive(_)) if !error.is_damage() => Err(error),
        Err(_) => Ok(None),
    }
}
