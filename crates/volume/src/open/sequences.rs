//! Reads the volume descriptor sequences and the integrity sequence (`ECMA-167 3/8.4.2`, `3/8.8.2`).

use ecma167::LogicalSector;
use ecma167::general::{Descriptor, ExtentAd, TagIdentifier};
use ecma167::volume::{
    AnchorVolumeDescriptorPointer, LogicalVolumeIntegrityDescriptor, TerminatingDescriptor,
};

use super::sequence::Sequence;
use crate::companion::Companion;
use crate::error::{CorruptKind, Error};
use crate::loss::{Damage, Instead, Loss, Structure};
use crate::prevailing::Prevailing;
use crate::space::Space;

/// Maximum number of sectors read in one extent of a sequence.
const EXTENT_SECTORS: u32 = 1024;
/// Minimum number of sectors of a sequence (`UDF 2.60 2.2.3.1`).
const LEAST_SECTORS: u32 = 16;
/// Maximum number of extents of one sequence; this ends pointers in a circle.
const EXTENTS: usize = 64;
/// After this many consecutive unreadable sectors the rest of an extent is skipped.
const UNREADABLE_SECTORS: u32 = 4;

impl Space {
    /// The prevailing descriptors of the sequences that an anchor names: of the main sequence, or of the
    /// reserve if the main one is damaged.
    pub(crate) fn prevailing(
        &mut self,
        at: LogicalSector,
        anchor: &AnchorVolumeDescriptorPointer,
    ) -> Result<Prevailing, Error> {
        let main_extent = anchor.main_volume_descriptor_sequence_extent;
        let found = (at, anchor);
        let main = self.sequence(main_extent)?;
        if main.damage.is_empty() && main.missing().is_none() {
            return self.complete(main, main_extent, false, found);
        }
        let reserve_extent = anchor.reserve_volume_descriptor_sequence_extent;
        let reserve = self.sequence(reserve_extent)?;
        let whole = reserve.damage.is_empty() || main.missing().is_some();
        let from_reserve = reserve.missing().is_none() && whole;
        let mut both = main.clone();
        both.fill_from(reserve.clone());
        if let (Some(kind), false) = (both.missing(), from_reserve) {
            // Neither completes the other, so report only the damage, besides what is missing.
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
            return self.complete(reserve, reserve_extent, true, found);
        }
        // Each may have what the other lacks.
        self.complete(both, main_extent, false, found)
    }

    /// Records what an undamaged sequence lacks.
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

    /// Records the losses of a sequence.
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
        (at, anchor): (LogicalSector, &AnchorVolumeDescriptorPointer),
    ) -> Result<Prevailing, Error> {
        if let Some(kind) = sequence.missing() {
            return Err(Error::corrupt(kind, extent.location()));
        }
        let (Some(primary), Some(logical)) = (sequence.primary, sequence.logical) else {
            let kind = CorruptKind::MissingDescriptor(TagIdentifier::PRIMARY_VOLUME_DESCRIPTOR);
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
            anchor: at,
            tag_serial_number: anchor.descriptor_tag.tag_serial_number.get(),
        })
    }

    /// Whether the sequence that begins at a sector describes a plain volume.
    pub(super) fn is_plain_sequence(&mut self, at: LogicalSector) -> Result<bool, Error> {
        let mut sequence = Sequence::default();
        let extent = ExtentAd::new(LEAST_SECTORS * self.block_size().bytes(), at);
        self.sequence_extent(extent, &mut sequence)?;
        let companion = sequence.logical.as_ref().and_then(Companion::of);
        Ok(companion.is_some_and(|companion| companion.is_plain))
    }

    /// Reads a sequence to its end. Skips damaged sectors and notes them.
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
        let size = self.block_size();
        let first = extent.location().0;
        let mut unreadable = 0;
        for at in first..first.saturating_add(extent.sectors_of(size).min(EXTENT_SECTORS)) {
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

    /// The last integrity descriptor of a sequence. Ignores damage, because it says little on write-once
    /// media.
    fn integrity(&mut self, extent: ExtentAd) -> Result<Option<LogicalVolumeIntegrityDescriptor>, Error> {
        let size = self.block_size();
        let mut last = None;
        let mut next = Some(extent);
        for _ in 0..EXTENTS {
            let Some(extent) = next.take().filter(|extent| extent.length() > 0) else {
                break;
            };
            let first = extent.location().0;
            for at in first..first.saturating_add(extent.sectors_of(size).min(EXTENT_SECTORS)) {
                let damage = match self.integrity_at(at)? {
                    Ok(Some(descriptor)) => {
                        next = Some(descriptor.next_integrity_extent);
                        last = Some(descriptor);
                        continue;
                    }
                    Ok(None) => break,
                    Err(damage) => damage,
                };
                if self.sectors().was_recorded(LogicalSector(at)) && damage.is_of_recorded() {
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

    /// The integrity descriptor in a sector; `None` if the sequence ends there (`ECMA-167 3/8.8.2`).
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
