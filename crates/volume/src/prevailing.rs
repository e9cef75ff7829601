//! The volume descriptor sequences and the descriptors that prevail in them (`ECMA-167 3/8.4.2`, `3/8.4.3`).

use std::collections::VecDeque;

use ecma167::general::{Descriptor, ExtentAd, Tag, TagIdentifier, identifiers};
use ecma167::volume::{
    AnchorVolumeDescriptorPointer, ImplementationUseVolumeDescriptor, LogicalVolumeDescriptor,
    LogicalVolumeIntegrityDescriptor, PartitionDescriptor, PrimaryVolumeDescriptor, TerminatingDescriptor,
    UnallocatedSpaceDescriptor, VolumeDescriptorPointer,
};
use ecma167::{LogicalSector, Malformed, MalformedKind};

use crate::error::{AbsentPartition, CorruptKind, Error};
use crate::loss::{Damage, Instead, Loss, Structure, stated_tag};
use crate::space::Space;

/// The most sectors of one extent of a sequence that are looked at.
const EXTENT_SECTORS: u32 = 1024;
/// The most extents of one sequence, so that pointers in a circle end.
const EXTENTS: usize = 64;
/// After so many unreadable sectors one after the other the rest of an extent is not tried.
const UNREADABLE_SECTORS: u32 = 4;

/// The most damaged sectors of a sequence that are noted.
const NOTED: usize = 16;

/// The descriptors of the volume that prevail, and where they were found.
#[derive(Clone, Debug)]
pub struct Prevailing {
    /// The primary volume descriptor (`ECMA-167 3/10.1`).
    pub primary: PrimaryVolumeDescriptor,
    /// The implementation use volume descriptor `*UDF LV Info` (`UDF 2.60 2.2.7`).
    pub implementation_use: Option<ImplementationUseVolumeDescriptor>,
    /// The partition descriptors, one for each partition number (`ECMA-167 3/10.5`).
    pub partitions: Vec<PartitionDescriptor>,
    /// The logical volume descriptor (`ECMA-167 3/10.6`).
    pub logical: LogicalVolumeDescriptor,
    /// The unallocated space descriptor (`ECMA-167 3/10.8`).
    pub unallocated: Option<UnallocatedSpaceDescriptor>,
    /// The last logical volume integrity descriptor (`ECMA-167 3/10.10`); on write-once media it is open and stale.
    pub integrity: Option<LogicalVolumeIntegrityDescriptor>,
    /// The extent that the descriptors were read from.
    pub volume_descriptor_sequence: ExtentAd,
    /// Whether that is the reserve sequence, the main one being damaged.
    pub from_reserve: bool,
    /// Where the anchor that led here stands.
    pub anchor: LogicalSector,
}

/// What one sequence holds.
#[derive(Clone, Default)]
struct Sequence {
    primary: Option<PrimaryVolumeDescriptor>,
    implementation_use: Option<ImplementationUseVolumeDescriptor>,
    partitions: Vec<PartitionDescriptor>,
    logical: Option<LogicalVolumeDescriptor>,
    unallocated: Option<UnallocatedSpaceDescriptor>,
    next: VecDeque<ExtentAd>,
    /// Sectors that cannot be read or do not decode, the first of them.
    damage: Vec<(LogicalSector, Damage)>,
}

impl Space {
    /// The prevailing descriptors of the sequences that an anchor names: of the main one, or of the reserve where the main
    /// one is damaged.
    pub(crate) fn prevailing(
        &mut self,
        at: LogicalSector,
        anchor: &AnchorVolumeDescriptorPointer,
    ) -> Result<Prevailing, Error> {
        let main_extent = anchor.main_volume_descriptor_sequence_extent;
        let main = self.sequence(main_extent)?;
        if main.damage.is_empty() && main.missing().is_none() {
            return self.complete(main, main_extent, false, at);
        }
        let reserve_extent = anchor.reserve_volume_descriptor_sequence_extent;
        let reserve = self.sequence(reserve_extent)?;
        let whole = reserve.damage.is_empty() || main.missing().is_some();
        let from_reserve = reserve.missing().is_none() && whole;
        let mut both = main.clone();
        both.fill_from(reserve.clone());
        if let (Some(kind), false) = (both.missing(), from_reserve) {
            // Neither helps the other: only what is damaged is told beside what is missing.
            for (sequence, structure) in [
                (&main, Structure::MainSequence),
                (&reserve, Structure::ReserveSequence),
            ] {
                self.note_damage(sequence, structure, Instead::Nothing);
            }
            return Err(Error::corrupt(kind, main_extent.location()));
        }
        let reserve_from = Instead::ReserveSequence(reserve_extent.location());
        let main_from = Instead::MainSequence(main_extent.location());
        let main_lacks = main.missing().is_some();
        let for_main = if from_reserve || main_lacks {
            reserve_from
        } else {
            main_from
        };
        let for_reserve = if from_reserve { reserve_from } else { main_from };
        self.note_missing(&main, main_extent, Structure::MainSequence, for_main);
        self.note_missing(&reserve, reserve_extent, Structure::ReserveSequence, for_reserve);
        self.note_damage(&main, Structure::MainSequence, for_main);
        self.note_damage(&reserve, Structure::ReserveSequence, for_reserve);
        if from_reserve {
            return self.complete(reserve, reserve_extent, true, at);
        }
        // Each may have what the other lacks.
        self.complete(both, main_extent, false, at)
    }

    /// Takes down what an undamaged sequence lacks.
    fn note_missing(
        &mut self,
        sequence: &Sequence,
        extent: ExtentAd,
        structure: Structure,
        instead: Instead,
    ) {
        if let (Some(kind), true) = (sequence.missing(), sequence.damage.is_empty()) {
            self.note_loss(Loss {
                structure,
                sector: extent.location(),
                sectors: 1,
                damage: Damage::Corrupt(kind),
                instead,
            });
        }
    }

    /// Takes down what is lost of a sequence.
    fn note_damage(&mut self, sequence: &Sequence, structure: Structure, instead: Instead) {
        for (sector, damage) in sequence.damage.clone() {
            self.note_loss(Loss {
                structure,
                sector,
                sectors: 1,
                damage,
                instead,
            });
        }
    }

    fn complete(
        &mut self,
        sequence: Sequence,
        extent: ExtentAd,
        from_reserve: bool,
        anchor: LogicalSector,
    ) -> Result<Prevailing, Error> {
        if let Some(kind) = sequence.missing() {
            return Err(Error::corrupt(kind, extent.location()));
        }
        let (Some(primary), Some(logical)) = (sequence.primary, sequence.logical) else {
            let kind = CorruptKind::MissingDescriptor("primary volume descriptor");
            return Err(Error::corrupt(kind, extent.location()));
        };
        let integrity = self.integrity(logical.integrity_sequence_extent)?;
        Ok(Prevailing {
            primary,
            implementation_use: sequence.implementation_use,
            partitions: sequence.partitions,
            logical,
            unallocated: sequence.unallocated,
            integrity,
            volume_descriptor_sequence: extent,
            from_reserve,
            anchor,
        })
    }

    /// Reads a sequence to its end; what is damaged is passed over and noted.
    fn sequence(&mut self, extent: ExtentAd) -> Result<Sequence, Error> {
        let mut sequence = Sequence::default();
        sequence.next.push_back(extent);
        for _ in 0..EXTENTS {
            let Some(extent) = sequence.next.pop_front() else {
                break;
            };
            self.sequence_extent(extent, &mut sequence)?;
        }
        Ok(sequence)
    }

    fn sequence_extent(&mut self, extent: ExtentAd, sequence: &mut Sequence) -> Result<(), Error> {
        let first = extent.location().0;
        let mut unreadable = 0;
        for at in first..first.saturating_add(extent.sectors().min(EXTENT_SECTORS)) {
            match self.sector(LogicalSector(at)) {
                Ok(block) => {
                    unreadable = 0;
                    if !sequence.take(block, at) {
                        break;
                    }
                }
                Err(error) => {
                    sequence.note(at, Damage::of(&error).ok_or(error)?);
                    unreadable += 1;
                    if unreadable == UNREADABLE_SECTORS {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// The last integrity descriptor of a sequence; on write-once media it tells little, so that damage is passed over.
    fn integrity(&mut self, extent: ExtentAd) -> Result<Option<LogicalVolumeIntegrityDescriptor>, Error> {
        let mut last = None;
        let mut next = Some(extent);
        for _ in 0..EXTENTS {
            let Some(extent) = next.take().filter(|extent| extent.length() > 0) else {
                break;
            };
            let first = extent.location().0;
            for at in first..first.saturating_add(extent.sectors().min(EXTENT_SECTORS)) {
                let damage = match self.integrity_at(at)? {
                    Ok(Some(descriptor)) => {
                        next = Some(descriptor.next_integrity_extent);
                        last = Some(descriptor);
                        continue;
                    }
                    Ok(None) => break,
                    Err(damage) => damage,
                };
                if self.was_recorded(LogicalSector(at)) && damage.is_of_recorded() {
                    self.note_loss(Loss {
                        structure: Structure::IntegritySequence,
                        sector: LogicalSector(at),
                        sectors: 1,
                        damage,
                        instead: Instead::Nothing,
                    });
                }
                break;
            }
        }
        Ok(last)
    }
}

impl Space {
    /// The integrity descriptor in a sector; `None` where the sequence ends there (`ECMA-167 3/8.8.2`).
    fn integrity_at(
        &mut self,
        at: u32,
    ) -> Result<Result<Option<LogicalVolumeIntegrityDescriptor>, Damage>, Error> {
        let block = match self.sector(LogicalSector(at)) {
            Ok(block) => block,
            Err(error) => return Ok(Err(Damage::of(&error).ok_or(error)?)),
        };
        let blank = block.iter().all(|byte| *byte == 0);
        let ends = blank || TerminatingDescriptor::read(block, Some(at)).is_ok();
        if ends {
            return Ok(Ok(None));
        }
        let decoded = LogicalVolumeIntegrityDescriptor::decode(block, Some(at));
        Ok(decoded.map(Some).map_err(|fault| Damage::Corrupt(fault.into())))
    }
}

impl Sequence {
    /// Notes a damaged sector.
    fn note(&mut self, at: u32, damage: Damage) {
        if self.damage.len() < NOTED {
            self.damage.push((LogicalSector(at), damage));
        }
    }

    /// Takes what this sequence lacks from another.
    fn fill_from(&mut self, other: Self) {
        self.primary = self.primary.take().or(other.primary);
        self.logical = self.logical.take().or(other.logical);
        self.implementation_use = self.implementation_use.take().or(other.implementation_use);
        self.unallocated = self.unallocated.take().or(other.unallocated);
        other
            .partitions
            .into_iter()
            .for_each(|one| self.take_partition(one));
    }

    /// Takes one sector; `false` where the sequence ends with it.
    fn take(&mut self, block: &[u8], at: u32) -> bool {
        let Some(tag) = Tag::peek(block) else {
            let blank = block.iter().all(|byte| *byte == 0);
            if !blank {
                let identifier = stated_tag(block).map_or(TagIdentifier(0), |(identifier, _)| identifier);
                let fault = identifier.malformed(MalformedKind::TagChecksum);
                self.note(at, Damage::Corrupt(fault.into()));
            }
            return !blank;
        };
        let taken = match tag.identifier() {
            TagIdentifier::TERMINATING_DESCRIPTOR => {
                if let Err(fault) = TerminatingDescriptor::read(block, Some(at)) {
                    self.note(at, Damage::Corrupt(fault.into()));
                }
                return false;
            }
            TagIdentifier::VOLUME_DESCRIPTOR_POINTER => {
                match VolumeDescriptorPointer::read(block, Some(at)) {
                    Ok(pointer) => {
                        self.next
                            .push_back(pointer.next_volume_descriptor_sequence_extent);
                        return false;
                    }
                    Err(fault) => Err(fault),
                }
            }
            identifier => self.take_descriptor(identifier, block, at),
        };
        if let Err(fault) = taken {
            self.note(at, Damage::Corrupt(fault.into()));
        }
        true
    }

    /// Keeps a descriptor if it prevails over the one that is here: the higher sequence number does, and of two equal
    /// ones, which have to be the same, the first.
    fn take_descriptor(&mut self, identifier: TagIdentifier, block: &[u8], at: u32) -> Result<(), Malformed> {
        match identifier {
            TagIdentifier::PRIMARY_VOLUME_DESCRIPTOR => {
                let new = PrimaryVolumeDescriptor::read(block, Some(at))?;
                prevail(&mut self.primary, new, |one| {
                    one.volume_descriptor_sequence_number.get()
                });
            }
            TagIdentifier::IMPLEMENTATION_USE_VOLUME_DESCRIPTOR => {
                let new = ImplementationUseVolumeDescriptor::read(block, Some(at))?;
                if new.implementation_identifier.is(identifiers::UDF_LV_INFO) {
                    let number =
                        |one: &ImplementationUseVolumeDescriptor| one.volume_descriptor_sequence_number.get();
                    prevail(&mut self.implementation_use, new, number);
                }
            }
            TagIdentifier::PARTITION_DESCRIPTOR => {
                self.take_partition(PartitionDescriptor::read(block, Some(at))?)
            }
            TagIdentifier::LOGICAL_VOLUME_DESCRIPTOR => {
                let new = LogicalVolumeDescriptor::decode(block, Some(at))?;
                prevail(&mut self.logical, new, |one| {
                    one.volume_descriptor_sequence_number
                });
            }
            TagIdentifier::UNALLOCATED_SPACE_DESCRIPTOR => {
                let new = UnallocatedSpaceDescriptor::decode(block, Some(at))?;
                prevail(&mut self.unallocated, new, |one| {
                    one.volume_descriptor_sequence_number
                });
            }
            _ => {}
        }
        Ok(())
    }

    fn take_partition(&mut self, new: PartitionDescriptor) {
        let same = self
            .partitions
            .iter_mut()
            .find(|one| one.partition_number == new.partition_number);
        match same {
            Some(one) => {
                if new.volume_descriptor_sequence_number.get() > one.volume_descriptor_sequence_number.get() {
                    *one = new;
                }
            }
            None => self.partitions.push(new),
        }
    }

    /// A descriptor without which there is no volume and which is not here.
    fn missing(&self) -> Option<CorruptKind> {
        let missing = CorruptKind::MissingDescriptor;
        if self.primary.is_none() {
            return Some(missing("primary volume descriptor"));
        }
        let Some(logical) = &self.logical else {
            return Some(missing("logical volume descriptor"));
        };
        if self.partitions.is_empty() {
            return Some(missing("partition descriptor"));
        }
        let numbers = self.partitions.iter().map(|one| one.partition_number.get());
        absent_partition(logical, &numbers.collect::<Vec<_>>()).map(CorruptKind::NoPartition)
    }
}

/// The first map whose partition is not among those that are described.
pub(crate) fn absent_partition(
    logical: &LogicalVolumeDescriptor,
    described: &[u16],
) -> Option<AbsentPartition> {
    let maps = logical.partition_maps.iter().enumerate();
    let mut named = maps.filter_map(|(at, map)| Some((at, map.partition_number()?)));
    let (map, number) = named.find(|(_, number)| !described.contains(number))?;
    Some(AbsentPartition {
        map,
        number,
        described: described.to_vec(),
    })
}

fn prevail<T>(place: &mut Option<T>, new: T, number: impl Fn(&T) -> u32) {
    if place.as_ref().is_none_or(|old| number(&new) > number(old)) {
        *place = Some(new);
    }
}
