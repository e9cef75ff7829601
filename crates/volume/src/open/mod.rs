//! Opening a volume: recognition, anchor, descriptors, partition maps, VAT, file set.

mod assembled;
mod file_set;
mod maps;
mod recognition;
mod root;
mod sequence;
mod sequences;
mod two_volumes;

use drive::{Drive, DriveError, ReadOnly};
use ecma167::recognition::Nsr;
use ecma167::volume::{LogicalVolumeDescriptor, PartitionMap};
use ecma167::{BlockSize, PartitionReference};

pub use assembled::Assembly;
use maps::partition_maps;
pub(crate) use recognition::RESERVED_TRACK_ANCHOR;
use recognition::claims_to_be_anchor;
pub use two_volumes::MOST_BEFORE_RESERVE;

use crate::companion::Companion;
use crate::error::{CorruptKind, Error, ErrorPlace};
use crate::loss::{Damage, Instead, Loss, Structure};
use crate::prevailing::Prevailing;
use crate::space::Space;

/// Which of two volumes on a disc to open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    /// The one with the VAT, with all its generations.
    Vat,
    /// The plain one.
    Plain,
}

/// The result of opening.
pub(crate) struct Opened {
    pub prevailing: Prevailing,
    pub recognition: Option<Nsr>,
    /// Whether a plain volume of the newest generation is all that was recorded after it.
    pub is_ended: bool,
}

impl Prevailing {
    /// The descriptors of a volume that cannot be opened because its format was interrupted before the first
    /// VAT.
    ///
    /// # Errors
    /// As [`crate::Volume::open`], except that no VAT is searched for. The drive is returned either
    /// way.
    pub fn find(drive: Drive) -> (Drive, Result<Self, Error>) {
        let mut space = Space::new(drive);
        let found = space
            .recognition()
            .and_then(|recognition| space.find_descriptors(recognition));
        (space.into_parts().0, found)
    }
}

impl Space {
    /// Everything that opening reads.
    pub(crate) fn open(&mut self, view: View) -> Result<Opened, Error> {
        if self.sectors().medium().last_session_with_data().is_none() {
            return Err(Error::Blank);
        }
        let (recognition, found) = self.find_volume()?;
        let (prevailing, plain) = self.choose_volume(found, view)?;
        *self.maps_mut() = partition_maps(&prevailing, self.block_size())?;
        self.read_maps(&prevailing.logical)?;
        let mut is_ended = false;
        if let Some(ground) = self.maps().ground() {
            let vat = self.newest_vat(ground)?;
            let icb = vat.icb_sector(&ground.partition);
            let is_named = match plain {
                Some(plain) => icb < plain.reserve && self.is_copy_of(icb, plain.vat_icb)?,
                None => false,
            };
            if is_named {
                is_ended = true;
                // What follows is the end of the plain volume, without a later VAT.
                self.losses_mut().hide_nothing_from(icb);
            } else {
                let reserve = self.reserve_in_image(icb)?;
                is_ended = reserve.is_some_and(|reserve| !self.losses().hide_between(icb, reserve));
            }
            self.set_vat(vat);
            self.require_root(ground, &prevailing.logical)?;
        }
        Ok(Opened {
            prevailing,
            recognition,
            is_ended,
        })
    }

    /// The edition in the recognition sequence, and the descriptors: first for sectors of 2,048 bytes, which
    /// every optical disc has, then for other sizes. Each size has its own places of anchors, and each anchor
    /// states its sector, so none can pass for one of another size. If an image was formatted with one size
    /// over another, the volume formatted last counts.
    fn find_volume(&mut self) -> Result<(Option<Nsr>, Prevailing), Error> {
        let recognition = self.recognition()?;
        let first = self.find_descriptors(recognition);
        let is_image = self.sectors().medium().read_only == Some(ReadOnly::BareImage);
        match first {
            Ok(found) if !is_image => return Ok((recognition, found)),
            Ok(_) | Err(Error::NoVolume | Error::Corrupt { .. }) => {}
            Err(error) => return Err(error),
        }
        let mut others = Vec::new();
        for size in BlockSize::OTHERS {
            if self.has_anchor_of(size)? {
                others.push(size);
            }
        }
        if others.is_empty() {
            return first.map(|found| (recognition, found));
        }
        let mut fault = None;
        let mut newest = first.ok().map(|found| (formatted(&found), BlockSize::OPTICAL));
        for size in others {
            self.set_block_size(size);
            match self.find_descriptors(recognition) {
                Ok(found) => {
                    let when = formatted(&found);
                    if newest.is_none_or(|(known, _)| when > known) {
                        newest = Some((when, size));
                    }
                }
                Err(error) if error.is_damage() => _ = fault.get_or_insert(error),
                Err(error) => return Err(error),
            }
        }
        let size = match (newest, fault) {
            (None, Some(fault)) => return Err(fault),
            (newest, _) => newest.map_or(BlockSize::OPTICAL, |(_, size)| size),
        };
        self.set_block_size(size);
        let edition = self.recognition()?.or(recognition);
        Ok((edition, self.find_descriptors(edition)?))
    }

    /// Reads what the maps name: sparing tables, then the files of metadata partitions, which may be in
    /// sparable partitions.
    fn read_maps(&mut self, logical: &LogicalVolumeDescriptor) -> Result<(), Error> {
        let references = (0..=u16::MAX).map(PartitionReference);
        for (reference, map) in references.clone().zip(&logical.partition_maps) {
            if let PartitionMap::Sparable { sparable, .. } = map
                && self.maps_mut().sparing_mut(reference).is_some()
            {
                self.read_sparing(reference, sparable)?;
            }
        }
        for (reference, _) in references.zip(&logical.partition_maps) {
            self.read_metadata(reference)?;
        }
        Ok(())
    }

    /// The descriptors that the first usable anchor leads to.
    fn find_descriptors(&mut self, recognition: Option<Nsr>) -> Result<Prevailing, Error> {
        let mut first_fault = None;
        let mut lost_sequence = None;
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
                    // A plain volume beside one with a VAT does not replace it.
                    let is_earlier = !prevailing.has_virtual_map()
                        && Companion::of(&prevailing.logical).is_none()
                        && self.is_before_newest_session(place);
                    if is_earlier && lost.is_empty() && lost_sequence.is_none() {
                        lost.extend(self.session_without_anchor()?);
                    }
                    let instead = if is_earlier {
                        Instead::EarlierSession(place)
                    } else {
                        Instead::Anchor(place)
                    };
                    lost.extend(lost_sequence.filter(|_| is_earlier));
                    lost.into_iter()
                        .for_each(|loss| self.note_loss(Loss { instead, ..loss }));
                    return Ok(prevailing);
                }
                Err(error) if error.is_damage() => {
                    if let (None, Some(damage)) = (&lost_sequence, Damage::of(&error)) {
                        lost_sequence = Some(Loss {
                            structure: Structure::MainSequence,
                            sector: extents.0.location(),
                            sectors: 1,
                            damage,
                            instead: Instead::Nothing,
                        });
                    }
                    first_fault.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        if let Some(prevailing) = self.volume_without_anchor(&lost)? {
            return Ok(prevailing);
        }
        let unreadable = lost.iter().find_map(|loss| match loss.damage {
            Damage::Unreadable(sense) => Some(DriveError::Unreadable {
                at: self.sectors().lba(loss.sector),
                sense,
            }),
            Damage::Corrupt(_) => None,
        });
        let damaged = lost.iter().find_map(|loss| match &loss.damage {
            Damage::Corrupt(kind) => {
                let block = self.sector(loss.sector).ok()?;
                let error = Error::corrupt(kind.clone(), loss.sector);
                claims_to_be_anchor(block, loss.sector).then_some(error)
            }
            Damage::Unreadable(_) => None,
        });
        if recognition.is_none() && first_fault.is_none() && damaged.is_none() {
            // If nothing else indicates a volume, these blocks are other data.
            lost.retain(|loss| matches!(loss.damage, Damage::Unreadable(_)));
        }
        lost.into_iter().for_each(|loss| self.note_loss(loss));
        if let Some(fault) = first_fault {
            return Err(fault);
        }
        Err(match (recognition, unreadable) {
            (Some(_), _) => Error::corrupt(CorruptKind::NoAnchor, ErrorPlace::Volume),
            // Whether there is a volume is unknown.
            (None, Some(unreadable)) => unreadable.into(),
            (None, None) => damaged.unwrap_or(Error::NoVolume),
        })
    }
}

/// When a volume was formatted: seconds and nanoseconds of Unix time.
fn formatted(found: &Prevailing) -> Option<(i64, u32)> {
    found.primary.recording_date_and_time.to_unix()
}
