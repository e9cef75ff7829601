//! Opening a volume: recognition, anchor, descriptors, partition maps, VAT, file set.

use drive::{Drive, DriveError};
use ecma167::file::FileSetDescriptor;
use ecma167::general::Descriptor;
use ecma167::recognition::Nsr;
use ecma167::volume::{LogicalVolumeDescriptor, PartitionMap};
use ecma167::{BLOCK_SIZE, LogicalSector, MalformedKind, PartitionReference, RecordedAddress};
use mmc::Lba;

use crate::error::{CorruptKind, Error, Place, Unsupported};
use crate::loss::{Damage, Instead, Loss, Structure};
use crate::maps::{Map, Partition};
use crate::metadata::Metadata;
use crate::prevailing::{Prevailing, absent_partition};
use crate::space::Space;
use crate::sparing::Sparing;
use crate::vat::Ground;

/// The most VATs before the newest that are tried where its root directory is lost; each may have copies.
const EARLIER_GENERATIONS: usize = 256;
/// The most file set descriptors that are followed from one to the next.
const FILE_SETS: usize = 64;

impl Prevailing {
    /// The descriptors of a volume that cannot be opened, since its formatting was interrupted before its first VAT.
    ///
    /// # Errors
    /// As [`crate::Volume::open`], but that no VAT is looked for. The drive comes back either way.
    pub fn find(drive: Drive) -> (Drive, Result<Self, Error>) {
        let mut space = Space::new(drive);
        let found = space
            .recognition()
            .and_then(|recognition| space.find_descriptors(recognition));
        (space.drive, found)
    }
}

impl Space {
    /// Everything that opening reads.
    pub(crate) fn open(&mut self) -> Result<(Prevailing, Option<Nsr>), Error> {
        if self.drive.medium().last_session_with_data().is_none() {
            return Err(Error::NoVolume);
        }
        let recognition = self.recognition()?;
        let prevailing = self.find_descriptors(recognition)?;
        self.maps = partition_maps(&prevailing)?;
        self.read_maps(&prevailing.logical)?;
        if let Some(ground) = self.ground() {
            let vat = self.newest_vat(ground)?;
            self.vat = Some(vat);
            self.require_root(ground, &prevailing.logical)?;
        }
        Ok((prevailing, recognition))
    }

    /// Reads what the maps name: sparing tables, then the files of metadata partitions, which may lie in sparable ones.
    fn read_maps(&mut self, logical: &LogicalVolumeDescriptor) -> Result<(), Error> {
        for (at, map) in logical.partition_maps.iter().enumerate() {
            if let PartitionMap::Sparable { sparable, .. } = map {
                self.read_sparing(at, sparable)?;
            }
        }
        for reference in 0..logical.partition_maps.len() {
            if let Ok(reference) = u16::try_from(reference) {
                self.read_metadata(PartitionReference(reference))?;
            }
        }
        Ok(())
    }

    /// Where the root directory of the newest generation is lost, puts an earlier one in force whose root is not, if there
    /// is one.
    fn require_root(&mut self, ground: Ground, logical: &LogicalVolumeDescriptor) -> Result<(), Error> {
        let newest = self.vat.clone();
        let mut lost = None;
        for _ in 0..EARLIER_GENERATIONS {
            let Some(current) = self.vat.clone() else { break };
            match self.root_loss(logical, lost.as_ref())? {
                None => {
                    let sector = LogicalSector(ground.partition.start.0.saturating_add(current.icb.0));
                    let instead = Instead::EarlierGeneration(sector);
                    if let Some(loss) = lost {
                        self.note_loss(Loss { instead, ..loss });
                    }
                    return Ok(());
                }
                Some(loss) => drop(lost.get_or_insert(loss)),
            }
            self.vat = self.vat_before(ground, &current)?;
        }
        self.vat = newest;
        Ok(())
    }

    /// What is lost of the way to the root directory in the generation in force, which may be what is `known` of a later
    /// one; `None` also where it cannot be used for reasons that no generation changes, which are told when it is asked for.
    fn root_loss(
        &mut self,
        logical: &LogicalVolumeDescriptor,
        known: Option<&Loss>,
    ) -> Result<Option<Loss>, Error> {
        let file_set = logical.logical_volume_contents_use.address();
        let (at, found) = match self.read_file_set(logical) {
            // Every generation has the same one, unless the VAT's own block is what is lost.
            Err(_) if self.resolve(file_set).is_ok() => return Ok(None),
            Err(error) => (file_set, Err(error)),
            Ok(file_set) => {
                let root = file_set.root_directory_icb.address();
                match (self.resolve(root), known) {
                    (Ok(sector), Some(known)) if sector == known.sector => return Ok(Some(known.clone())),
                    (Ok(_), _) => (root, self.node(root).map(drop)),
                    (Err(error), _) => (root, Err(error)),
                }
            }
        };
        let error = match found {
            Ok(()) => return Ok(None),
            Err(error) if error.is_damage() => error,
            Err(Error::Drive(error)) => return Err(error.into()),
            Err(_) => return Ok(None),
        };
        let sector = match &error {
            Error::Drive(DriveError::Unreadable { at, .. }) => LogicalSector(at.0),
            _ => self.resolve(at).unwrap_or_default(),
        };
        Ok(Damage::of(&error).map(|damage| Loss {
            structure: Structure::Root,
            sector,
            sectors: 1,
            damage,
            instead: Instead::Nothing,
        }))
    }

    /// The descriptors that the first usable anchor leads to.
    fn find_descriptors(&mut self, recognition: Option<Nsr>) -> Result<Prevailing, Error> {
        let mut first_fault = None;
        let mut tried = Vec::new();
        let mut lost = Vec::new();
        for place in self.anchor_places() {
            let Some(anchor) = self.anchor(place, &mut lost)? else {
                continue;
            };
            let extents = (
                anchor.main_volume_descriptor_sequence_extent,
                anchor.reserve_volume_descriptor_sequence_extent,
            );
            if tried.contains(&extents) {
                continue;
            }
            tried.push(extents);
            match self.prevailing(place, &anchor) {
                Ok(prevailing) => {
                    let instead = Instead::Anchor(place);
                    lost.into_iter()
                        .for_each(|loss| self.note_loss(Loss { instead, ..loss }));
                    return Ok(prevailing);
                }
                Err(error) if error.is_damage() => {
                    first_fault.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        let unreadable = lost.iter().find_map(|loss| match loss.damage {
            Damage::Unreadable(sense) => Some(DriveError::Unreadable {
                at: Lba(loss.sector.0),
                sense,
            }),
            Damage::Corrupt(_) => None,
        });
        lost.into_iter().for_each(|loss| self.note_loss(loss));
        if let Some(fault) = first_fault {
            return Err(fault);
        }
        if let Some(unsupported) = self.other_block_size()? {
            return Err(unsupported.into());
        }
        Err(match (recognition, unreadable) {
            (Some(_), _) => Error::corrupt(CorruptKind::NoAnchor, Place::Volume),
            // Whether there is a volume nobody can tell.
            (None, Some(unreadable)) => unreadable.into(),
            (None, None) => Error::NoVolume,
        })
    }

    /// The file set descriptor of the highest number in the sequence that the logical volume descriptor names: on
    /// write-once media a later one may follow the first (`UDF 2.60 2.3.2`).
    pub(crate) fn read_file_set(
        &mut self,
        logical: &LogicalVolumeDescriptor,
    ) -> Result<FileSetDescriptor, Error> {
        let mut found: Option<FileSetDescriptor> = None;
        let mut extent = logical.logical_volume_contents_use;
        for _ in 0..FILE_SETS {
            if extent.length().bytes() == 0 {
                break;
            }
            let next = match self.file_set_at(extent.address()) {
                Ok(next) => next,
                // A sequence may end with a block that is not recorded; the first has to be there.
                Err(error) if error.is_damage() && found.is_some() => break,
                Err(error) => return Err(error),
            };
            extent = next.next_extent;
            let number = |one: &FileSetDescriptor| one.file_set_descriptor_number.get();
            if found.as_ref().is_none_or(|one| number(&next) >= number(one)) {
                found = Some(next);
            }
        }
        found.ok_or_else(|| Error::corrupt(CorruptKind::NoFileSet, Place::Volume))
    }

    /// The file set descriptor at an address. It shall say its virtual address (`UDF 2.60 2.2.1.3`), but some writers
    /// record the logical block.
    fn file_set_at(&mut self, at: RecordedAddress) -> Result<FileSetDescriptor, Error> {
        self.in_either_copy(at, |space| {
            let sector = space.resolve(at)?;
            let map = space.maps.get(usize::from(at.partition.0));
            let physical = map.and_then(|map| map.partition().block(sector));
            let block = space.sector(sector)?;
            let decoded = match (FileSetDescriptor::read(block, Some(at.block)), physical) {
                (Err(fault), Some(physical)) if matches!(fault.kind, MalformedKind::TagLocation { .. }) => {
                    FileSetDescriptor::read(block, Some(physical.0)).map_err(|_| fault)
                }
                (decoded, _) => decoded,
            };
            decoded.map_err(|fault| Error::corrupt(fault, at))
        })
    }
}

/// The partition maps of the logical volume, joined with the partition descriptors that they name by number.
fn partition_maps(prevailing: &Prevailing) -> Result<Vec<Map>, Error> {
    let logical = &prevailing.logical;
    if logical.logical_block_size as usize != BLOCK_SIZE {
        return Err(Unsupported::BlockSize(logical.logical_block_size).into());
    }
    let numbers = prevailing.partitions.iter().map(|one| one.partition_number.get());
    if let Some(absent) = absent_partition(logical, &numbers.collect::<Vec<_>>()) {
        return Err(Error::corrupt(absent, Place::Volume));
    }
    let volume = prevailing.primary.volume_sequence_number.get();
    let partition = |of_volume: u16, number: u16| {
        if of_volume != volume {
            return Err(Unsupported::VolumeSet.into());
        }
        let descriptor = prevailing
            .partitions
            .iter()
            .find(|one| one.partition_number.get() == number);
        let missing = CorruptKind::MissingDescriptor("partition descriptor");
        let descriptor = descriptor.ok_or_else(|| Error::corrupt(missing, Place::Volume))?;
        Ok::<_, Error>(Partition {
            number,
            start: descriptor.start(),
            length: descriptor.length(),
        })
    };
    let maps = logical.partition_maps.iter().map(|map| {
        Ok(match *map {
            PartitionMap::Type1 {
                volume_sequence_number,
                partition_number,
            } => Map::Physical(partition(volume_sequence_number, partition_number)?),
            PartitionMap::Virtual {
                volume_sequence_number,
                partition_number,
                ..
            } => Map::Virtual {
                on: partition(volume_sequence_number, partition_number)?,
                physical: physical(logical, partition_number),
            },
            PartitionMap::Sparable {
                volume_sequence_number,
                partition_number,
                ref sparable,
                ..
            } => Map::Sparable {
                on: partition(volume_sequence_number, partition_number)?,
                sparing: Sparing::new(sparable)?,
            },
            PartitionMap::Metadata {
                volume_sequence_number,
                partition_number,
                ref metadata,
                ..
            } => {
                let on = partition(volume_sequence_number, partition_number)?;
                let below = below(logical, partition_number).ok_or_else(no_map_below)?;
                let files = Metadata::new(below, metadata);
                Map::Metadata { on, files }
            }
            PartitionMap::Unknown(_) => return Err(Unsupported::PartitionMap.into()),
        })
    });
    let maps: Vec<Map> = maps.collect::<Result<_, Error>>()?;
    if maps
        .iter()
        .any(|map| matches!(map, Map::Virtual { physical: None, .. }))
    {
        return Err(no_map_below());
    }
    Ok(maps)
}

fn no_map_below() -> Error {
    Error::corrupt(
        CorruptKind::MissingDescriptor("type 1 partition map"),
        Place::Volume,
    )
}

/// The reference of the type 1 map of a partition.
fn physical(logical: &LogicalVolumeDescriptor, number: u16) -> Option<PartitionReference> {
    let is_it = |map: &PartitionMap| matches!(map, PartitionMap::Type1 { .. });
    reference(logical, number, is_it)
}

/// The reference of the map that the files of a metadata partition lie in: type 1 or sparable (`UDF 2.60 2.2.10`).
fn below(logical: &LogicalVolumeDescriptor, number: u16) -> Option<PartitionReference> {
    let is_it =
        |map: &PartitionMap| matches!(map, PartitionMap::Type1 { .. } | PartitionMap::Sparable { .. });
    reference(logical, number, is_it)
}

/// The reference of the first map of a partition that is of a kind.
fn reference(
    logical: &LogicalVolumeDescriptor,
    number: u16,
    is_it: impl Fn(&PartitionMap) -> bool,
) -> Option<PartitionReference> {
    let maps = &logical.partition_maps;
    let at = maps
        .iter()
        .position(|map| is_it(map) && map.partition_number() == Some(number))?;
    u16::try_from(at).ok().map(PartitionReference)
}
