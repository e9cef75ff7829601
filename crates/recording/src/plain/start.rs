//! The start of a session with a reserved track: recording it when the session is closed, and checking that
//! it can be read.

use drive::{Drive, Packets};
use ecma167::general::{Descriptor, ExtentAd};
use ecma167::recognition::{RECOGNITION_SECTOR, Recognised, recognise};
use ecma167::volume::{
    ANCHOR_SECTOR, AnchorVolumeDescriptorPointer, LogicalVolumeDescriptor, MINIMUM_SEQUENCE_SECTORS,
    TerminatingDescriptor,
};
use ecma167::{BLOCK_SIZE, LogicalSector};
use track::{SessionForm, Track, read_block};

use super::part::{Beside, Part, TRIES, record_part};
use crate::Recording;
use crate::error::Error;
use crate::tree::PlainPart;

/// Blocks in the first packet of the start of a session on CD. Links follow, and the next packet begins with
/// the anchor.
const FIRST_PACKET: u32 = 249;

/// Blocks of the recognition sequence of UDF, and of that of ISO 9660, which precedes it on a bridge.
const RECOGNITION: u32 = 3;

impl Recording {
    /// Records what is missing of the reserved track, and closes it. Blocks that the drive skips stay as they
    /// are.
    pub(super) fn record_reserved_track(&mut self, part: &Part<'_>) -> Result<u64, Error> {
        let Some(reserved) = self.reserved_track() else {
            return Ok(0);
        };
        let ends_packets = medium_ends_packets(self.volume.drive_mut())?;
        let medium = self.volume.drive().medium();
        let (descriptors, sequences) = (self.track.descriptors().clone(), *self.track.sequences());
        let mut track = Track::in_reserved(medium, &reserved, descriptors, sequences);
        let drive = self.volume.drive_mut();
        let mut source = Beside {
            tree: &mut self.tree,
            part: *part,
        };
        let mut blocks = 0;
        let mut moved = 0;
        while drive
            .medium()
            .reserved_tracks()
            .any(|open| open.number == reserved.number)
        {
            let from = track.next(drive)?.0.saturating_sub(reserved.start.0);
            if from >= reserved.size {
                break;
            }
            let to = if ends_packets && from < FIRST_PACKET {
                FIRST_PACKET
            } else {
                reserved.size
            };
            match record_part(drive, &mut track, &mut source, PlainPart::Start, from..to) {
                Ok(recorded) => blocks += recorded,
                Err(Error::Rom(rom::Error::Moved { .. })) if moved < TRIES => moved += 1,
                Err(error) => return Err(error),
            }
            if to == reserved.size && moved == 0 {
                break;
            }
            drive.refresh()?;
        }
        if drive
            .medium()
            .reserved_tracks()
            .any(|open| open.number == reserved.number)
        {
            track.close(drive)?;
        }
        Ok(blocks)
    }

    /// Whether what readers need at the start of a session can be read: recognition sequence, anchor, main
    /// volume descriptor sequence, integrity sequence and file set. On CD an interruption leaves links in any
    /// of them.
    pub(super) fn is_start_whole(&mut self, first: LogicalSector) -> Result<bool, Error> {
        let at = |offset: u32| LogicalSector(first.0.saturating_add(offset));
        let drive = self.volume.drive_mut();
        let mut descriptors = RECOGNITION;
        let mut number = 0;
        while number < descriptors {
            let block = read_block(drive, at(RECOGNITION_SECTOR + number))?;
            match block.and_then(|block| recognise(&block)) {
                None => return Ok(false),
                Some(Recognised::Cd001) => descriptors = 2 * RECOGNITION,
                Some(_) => {}
            }
            number += 1;
        }
        let Some(anchor) = anchor_at(drive, at(ANCHOR_SECTOR))? else {
            return Ok(false);
        };
        let main = anchor.main_volume_descriptor_sequence_extent;
        Ok(are_sequences_whole(drive, main)? && read_block(drive, at(ANCHOR_SECTOR + 1))?.is_some())
    }

    /// Whether the last session is closed without the plain volume that it should have, because an
    /// interruption spoiled its start. A further session gets one then.
    pub(crate) fn is_last_start_spoiled(&mut self) -> Result<bool, Error> {
        if self.companion().is_none() || self.session_has_data() {
            return Ok(false);
        }
        let session = self.volume.drive().medium().last_session_with_data();
        let Some(first) = session.map(|session| LogicalSector(session.start.0)) else {
            return Ok(false);
        };
        let open = LogicalSector(first.0.saturating_add(SessionForm::AfterReservedTrack.anchor()));
        if !has_anchor(self.volume.drive_mut(), open)? {
            return Ok(false);
        }
        Ok(!self.is_start_whole(first)?)
    }
}

fn has_anchor(drive: &mut Drive, at: LogicalSector) -> Result<bool, Error> {
    Ok(anchor_at(drive, at)?.is_some())
}

fn anchor_at(drive: &mut Drive, at: LogicalSector) -> Result<Option<AnchorVolumeDescriptorPointer>, Error> {
    let block = read_block(drive, at)?;
    Ok(block.and_then(|block| AnchorVolumeDescriptorPointer::read(&block, Some(at.0)).ok()))
}

/// Whether the main volume descriptor sequence and the integrity sequence that it names can be read.
fn are_sequences_whole(drive: &mut Drive, main: ExtentAd) -> Result<bool, Error> {
    let mut integrity = None;
    let is_whole = is_sequence_whole(drive, main, |block, at| {
        let descriptor = LogicalVolumeDescriptor::decode(block, Some(at));
        integrity = descriptor.map_or(integrity, |descriptor| Some(descriptor.integrity_sequence_extent));
    })?;
    match integrity.filter(|_| is_whole) {
        Some(integrity) => is_sequence_whole(drive, integrity, |_, _| {}),
        None => Ok(false),
    }
}

/// Whether a sequence can be read up to its terminating descriptor; `see` gets each block and its sector.
fn is_sequence_whole(
    drive: &mut Drive,
    extent: ExtentAd,
    mut see: impl FnMut(&[u8; BLOCK_SIZE], u32),
) -> Result<bool, Error> {
    let first = extent.location().0;
    for at in (first..).take(MINIMUM_SEQUENCE_SECTORS as usize) {
        let Some(block) = read_block(drive, LogicalSector(at))? else {
            return Ok(false);
        };
        if TerminatingDescriptor::read(&block, Some(at)).is_ok() {
            return Ok(true);
        }
        see(&block, at);
    }
    Ok(false)
}

/// Whether the drive ends a packet when told to, with links after it.
fn medium_ends_packets(drive: &mut Drive) -> Result<bool, Error> {
    Ok(drive.medium().profile == mmc::Profile::CdR && drive.packets()? != Packets::None)
}
