//! Metadata partitions: the metadata file that contains their blocks, its mirror and its bitmap (`UDF 2.60
//! 2.2.10`, `2.2.13`).

use ecma167::file::FileType;
use ecma167::{LogicalBlock, PartitionReference, RecordedAddress};

use crate::body::{Body, Run};
use crate::claims::{Owner, Use};
use crate::entry::{Loaded, Role};
use crate::finding::FindingPlace;
use crate::judge::Judge;
use crate::layout::{Layout, Map};
use crate::metadata_file::{Extent, MetadataPartition};
use crate::rules::FindingKind as K;

/// Means that there is no bitmap.
const NONE: u32 = u32::MAX;
/// Flag: the mirror has blocks of its own.
const DUPLICATE: u8 = 1;

impl Judge<'_> {
    /// Reads and judges the files of the metadata partitions.
    pub fn metadata_partitions(&mut self, layout: &mut Layout) {
        for reference in 0..layout.maps.len() {
            if let Some(Map::Metadata(metadata)) = layout.maps.get(reference).cloned()
                && let Some(extents) = self.metadata_files(layout, &metadata)
                && let Some(Map::Metadata(metadata)) = layout.maps.get_mut(reference)
            {
                metadata.extents = extents;
            }
        }
    }

    fn metadata_files(&mut self, layout: &Layout, metadata: &MetadataPartition) -> Option<Vec<Extent>> {
        let map = &metadata.map;
        let place = FindingPlace::Sector(layout.logical_sector);
        let Some(below) = metadata.below else {
            self.find(
                K::MetadataMap,
                place,
                format_args!(
                    "no type 1 or sparable map for partition {}",
                    metadata.partition.number
                ),
            );
            return None;
        };
        let (unit, alignment) = (map.allocation_unit_size.get(), map.alignment_unit_size.get());
        if unit == 0 || alignment == 0 || map.flags & !DUPLICATE != 0 {
            self.find(
                K::MetadataMap,
                place,
                format_args!(
                    "allocation unit {unit}, alignment unit {alignment}, flags {:#04x}",
                    map.flags
                ),
            );
        }
        self.zeros(place, "UDF 2.60 2.2.10", "metadata map, reserved", &map.reserved);
        let (main, mirror) = (
            map.metadata_file_location.get(),
            map.metadata_mirror_file_location.get(),
        );
        if main == mirror {
            self.find(
                K::MetadataMap,
                place,
                format_args!("file and mirror at block {main}"),
            );
        }
        let main = self.metadata_file(layout, below, main, FileType::METADATA);
        let mirror = self.metadata_file(layout, below, mirror, FileType::METADATA_MIRROR);
        let duplicate = map.flags & DUPLICATE != 0;
        if let (Some((main, first)), Some((mirror, second))) = (&main, &mirror) {
            self.mirrored(layout, (main, first), (mirror, second), duplicate);
        }
        for (file, extents) in [&main, &mirror].into_iter().flatten() {
            let odd = extents.iter().find(|extent| {
                let misplaced =
                    |at: RecordedAddress| alignment != 0 && !at.block.is_multiple_of(u32::from(alignment));
                unit != 0 && !extent.blocks.is_multiple_of(unit) || extent.below.is_some_and(misplaced)
            });
            if let Some(odd) = odd {
                self.find(
                    K::MetadataUnit,
                    file.place,
                    format_args!("{} blocks from block {} on", odd.blocks, odd.first),
                );
            }
        }
        let bitmap = map.metadata_bitmap_file_location.get();
        if bitmap != NONE {
            self.metadata_file(layout, below, bitmap, FileType::METADATA_BITMAP);
        }
        main.or(mirror).map(|(_, extents)| extents)
    }

    /// Judges one of the files, and returns its extents.
    fn metadata_file(
        &mut self,
        layout: &Layout,
        below: PartitionReference,
        block: u32,
        file_type: FileType,
    ) -> Option<(Loaded, Vec<Extent>)> {
        let address = RecordedAddress {
            partition: below,
            block,
        };
        let place = FindingPlace::Block(LogicalBlock(block));
        let Ok(sector) = layout.resolve(address) else {
            self.find(
                K::MetadataMap,
                place,
                format_args!("ICB outside of its partition"),
            );
            return None;
        };
        let loaded = self.load(layout, sector, place, &[block], Role::Metadata)?;
        self.claim(sector.0, 1, Owner::Volume, Use::Structure);
        let found = loaded.entry.icb_tag.file_type;
        if found != file_type {
            self.find(
                K::MetadataFile,
                place,
                format_args!("file type {} instead of {}", found.0, file_type.0),
            );
        }
        if loaded.entry.file_link_count != 0 {
            let links = loaded.entry.file_link_count;
            self.find(K::MetadataLinkCount, place, format_args!("link count {links}"));
        }
        // The blocks of the file and its mirror are those of the partition: their owners are found there.
        let owner = match file_type {
            FileType::METADATA_BITMAP => Owner::Volume,
            _ => Owner::Metadata,
        };
        let Body::Runs(runs) = self.body(layout, &loaded, address, owner, true) else {
            if file_type != FileType::METADATA_BITMAP {
                self.find(K::MetadataFile, place, format_args!("its body is in the ICB"));
            }
            return None;
        };
        let mut extents: Vec<Extent> = Vec::new();
        for Run {
            address,
            length,
            recorded,
        } in runs
        {
            if recorded && address.partition != below {
                self.find(K::MetadataFile, place, format_args!("an extent at {address}"));
                return None;
            }
            let first = extents
                .last()
                .map_or(0, |last| last.first.saturating_add(last.blocks));
            extents.push(Extent {
                first,
                blocks: length.div_ceil(self.disc.size().bytes()),
                below: recorded.then_some(address),
            });
        }
        Some((loaded, extents))
    }

    /// Judges the mirror: it must name the same blocks, or blocks of its own with equal contents.
    fn mirrored(
        &mut self,
        layout: &Layout,
        (main, first): (&Loaded, &[Extent]),
        (mirror, second): (&Loaded, &[Extent]),
        duplicate: bool,
    ) {
        let place = mirror.place;
        if main.entry.information_length != mirror.entry.information_length {
            self.find(
                K::MetadataMirror,
                place,
                format_args!(
                    "{} bytes, the metadata file has {}",
                    mirror.entry.information_length, main.entry.information_length
                ),
            );
            return;
        }
        if !duplicate {
            if first != second {
                self.find(
                    K::MetadataMirror,
                    place,
                    format_args!("other extents than the metadata file"),
                );
            }
            return;
        }
        for (number, (one, other)) in each_block(first).zip(each_block(second)).enumerate() {
            if !self.spend() {
                return;
            }
            let same = match (one, other) {
                (Some(one), Some(other)) => {
                    let sectors = [one, other].map(|at| layout.resolve(at).ok());
                    let [Some(one), Some(other)] = sectors else { return };
                    let (Some(one_block), Some(other_block)) = (self.peek(one), self.peek(other)) else {
                        if self.report.interrupted().is_none() {
                            self.find(
                                K::Unreadable,
                                place,
                                format_args!("block {number} of metadata file or mirror"),
                            );
                        }
                        continue;
                    };
                    one != other && one_block == other_block
                }
                (None, None) => true,
                _ => false,
            };
            if !same {
                self.find(
                    K::MetadataMirror,
                    place,
                    format_args!("block {number} differs, or has no second copy"),
                );
            }
        }
    }
}

fn each_block(extents: &[Extent]) -> impl Iterator<Item = Option<RecordedAddress>> {
    extents.iter().flat_map(|extent| {
        let below = extent.below;
        (0..extent.blocks).map(move |number| {
            let start = below?;
            let block = start.block.checked_add(number)?;
            Some(RecordedAddress { block, ..start })
        })
    })
}
