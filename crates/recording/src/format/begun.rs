//! Recovery from an interrupted format: what it left, and whether formatting completes it or starts again.

use drive::{Disposition, Drive, DriveError, Packets, SessionState};
use ecma167::file::FileType;
use ecma167::general::{Descriptor, EntityIdentifier, Tag, TagIdentifier};
use ecma167::osta::Revision;
use ecma167::recognition::{Recognised, recognise};
use ecma167::volume::AnchorVolumeDescriptorPointer;
use ecma167::{BLOCK_SIZE, LogicalSector};
use track::{LATE_MAIN_SEQUENCE, Sequences, SessionForm, read_block, recognition_can_be_whole};
use volume::{Companion, Prevailing, Volume};

use super::options::Rom;
use crate::error::Error;

/// The most blocks in a session that formatting may have left, over a few attempts.
const MOST_BLOCKS: u32 = 512;

/// Where formatting continues.
#[derive(Clone)]
pub(crate) enum Start {
    /// Descriptors are made anew: the session starts at `first`, and the drive appends at `next`.
    New {
        first: LogicalSector,
        next: LogicalSector,
        session: SessionForm,
    },
    /// The descriptors on disc count, in the session that starts at `first`.
    Described {
        first: LogicalSector,
        session: SessionForm,
        prevailing: Box<Prevailing>,
        sequences: Sequences,
    },
}

/// Finds out what an interrupted format left on a medium that is not blank, and where formatting continues:
///
/// - before the anchor's block, with new descriptors between what is recorded and the anchor, or right after
///   the anchor: nothing names what is recorded before;
/// - after the anchor, with the descriptors that it names;
/// - in a further session, after the open one is closed, if the recognition sequence, the anchor or what it
///   names is damaged (on a CD, links follow the last recorded block).
///
/// # Errors
/// [`Error::NotBlank`] if there is a volume or anything that formatting does not record; as
/// [`further_session`] if a further session is needed; whatever the drive reports.
pub(crate) fn take_up(
    mut drive: Drive,
    revision: Revision,
    rom: Option<Rom>,
) -> Result<(Drive, Start), Error> {
    require_nothing_else(&mut drive)?;
    drive = match Volume::open(drive) {
        Ok(_) => return Err(Error::NotBlank),
        Err(failed) => match failed.error {
            volume::Error::NoVolume
            | volume::Error::Blank
            | volume::Error::Corrupt { .. }
            | volume::Error::Drive(DriveError::Unreadable { .. }) => *failed.drive,
            error => return Err(error.into()),
        },
    };
    let session = drive
        .medium()
        .recordable_session()
        .copied()
        .ok_or(Error::NotBlank)?;
    let first = LogicalSector(session.start.0);
    let starts_session = |track: &&drive::Track| track.start == session.start;
    let reserved = drive.medium().reserved_tracks().find(starts_session).copied();
    let form = if reserved.is_some() {
        SessionForm::AfterReservedTrack
    } else {
        SessionForm::Ordinary
    };
    if session.state == SessionState::Empty && form == SessionForm::Ordinary {
        return Ok((
            drive,
            Start::New {
                first,
                next: first,
                session: form,
            },
        ));
    }
    let append = drive.append_point()?;
    let next = LogicalSector(append.address.0);
    // A track at once that was interrupted is closed before anything else is recorded.
    let broke_off = append.address != append.track_start && drive.packets()? == Packets::None;
    // The reserved track is usable with a recognition sequence that fits, or without one.
    let standing = reserved
        .and_then(|track| track.next_writable_address)
        .map_or(0, |next| next.0);
    let standing = standing.saturating_sub(first.0);
    let is_usable = standing == 0
        || !rom.is_some_and(|rom| rom.bridge)
            && standing <= LATE_MAIN_SEQUENCE
            && recognition_can_be_whole(&mut drive, first, LogicalSector(first.0 + standing), revision)?;
    let ordinary = Start::New {
        first,
        next,
        session: SessionForm::Ordinary,
    };
    let can_be_ordinary = reserved.is_some() && is_usable;
    let is_too_long = append.track_start.0.saturating_sub(first.0) > form.anchor();
    if can_be_ordinary && (rom.is_none() || broke_off || is_too_long) {
        // The anchor cannot be in the next track, or no option needs a reserved track.
        return Ok((drive, ordinary));
    }
    if next.0 - first.0.min(next.0) <= form.anchor() {
        if form == SessionForm::AfterReservedTrack && is_usable
            || form == SessionForm::Ordinary && recognition_can_be_whole(&mut drive, first, next, revision)?
        {
            return Ok((
                drive,
                Start::New {
                    first,
                    next,
                    session: form,
                },
            ));
        }
        return in_further_session(drive);
    }
    let anchor = LogicalSector(first.0.saturating_add(form.anchor()));
    let pointer = read_block(&mut drive, anchor)?
        .and_then(|block| AnchorVolumeDescriptorPointer::read(&block, Some(anchor.0)).ok());
    let (drive, found) = Prevailing::find(drive);
    let is_as_asked = |prevailing: &Prevailing| {
        let recorded =
            Companion::of(&prevailing.logical).map(|companion| (companion.bridge, companion.links));
        form == SessionForm::Ordinary || recorded == rom.map(|rom| (rom.bridge, rom.links))
    };
    match (found, pointer) {
        (Ok(prevailing), Some(pointer)) if prevailing.anchor == anchor && is_as_asked(&prevailing) => {
            if prevailing.logical.implementation_identifier != EntityIdentifier::implementation() {
                return Err(Error::NotBlank);
            }
            let start = Start::Described {
                first,
                session: form,
                prevailing: Box::new(prevailing),
                sequences: Sequences::of_anchor(&pointer),
            };
            Ok((drive, start))
        }
        // A medium with a single session can no longer get a plain volume.
        _ if can_be_ordinary && drive.medium().single_session => Ok((drive, ordinary)),
        (Err(volume::Error::Drive(DriveError::Unreadable { .. })), _) => in_further_session(drive),
        (Err(error @ volume::Error::Drive(_)), _) => Err(error.into()),
        _ => in_further_session(drive),
    }
}

/// Closes the open session, which contains no volume, and continues in the next.
fn in_further_session(mut drive: Drive) -> Result<(Drive, Start), Error> {
    let first = further_session(&mut drive)?;
    let session = SessionForm::Ordinary;
    Ok((
        drive,
        Start::New {
            first,
            next: first,
            session,
        },
    ))
}

/// Closes the open session, which contains no volume. Returns the start of the next one.
///
/// # Errors
/// [`Error::OnlySessionSpoiled`], [`Error::NotBlank`] if there is no room for a further session; whatever the
/// drive reports.
pub(crate) fn further_session(drive: &mut Drive) -> Result<LogicalSector, Error> {
    if drive.medium().single_session {
        return Err(Error::OnlySessionSpoiled);
    }
    let reserved: Vec<u16> = drive
        .medium()
        .reserved_tracks()
        .map(|track| track.number)
        .collect();
    for number in reserved {
        drive.close_track(number)?;
    }
    drive.close_session(Disposition::Appendable)?;
    let session = drive.medium().recordable_session().ok_or(Error::NotBlank)?;
    Ok(LogicalSector(session.start.0))
}

/// Fails if anything was recorded that formatting does not record.
fn require_nothing_else(drive: &mut Drive) -> Result<(), Error> {
    let sessions = drive.medium().sessions.clone();
    for session in sessions
        .iter()
        .filter(|session| session.state != SessionState::Empty)
    {
        let last = session.last_recorded.ok_or(Error::NotBlank)?;
        // A reserved track at the start of the session does not count; it is recorded up to its next writable
        // address.
        let tracks = &drive.medium().tracks;
        let reserved = tracks.iter().find(|track| track.start == session.start);
        let reserved = reserved.filter(|track| track.reserved && tracks.last() != Some(track));
        let blank = reserved.and_then(|track| Some(track.next_writable_address?.0..track.end().0));
        let blank = blank.unwrap_or_default();
        let blocks = last.0.saturating_sub(session.start.0);
        if blocks.saturating_sub(reserved.map_or(0, |track| track.size)) >= MOST_BLOCKS {
            return Err(Error::NotBlank);
        }
        let (mut after_node, mut after_vat) = (false, false);
        for at in (session.start.0..=last.0).filter(|at| !blank.contains(at)) {
            let Some(block) = read_block(drive, LogicalSector(at))? else {
                continue;
            };
            // The first VAT has no tag and follows the root directory.
            if !is_of_formatting(&block) && !after_node {
                return Err(Error::NotBlank);
            }
            let is_node = tag_of(&block).is_some_and(is_node);
            let is_vat_icb = is_node && is_vat_icb(&block);
            // Formatting records one directory and then its VAT. A commit begins with the nodes that changed.
            if is_node && !is_vat_icb && (after_vat || file_type(&block) != FileType::DIRECTORY.0) {
                return Err(Error::NotBlank);
            }
            after_node = is_node;
            after_vat |= is_vat_icb;
        }
    }
    Ok(())
}

/// Whether a block is one that formatting records.
fn is_of_formatting(block: &[u8; BLOCK_SIZE]) -> bool {
    let recognised = matches!(
        recognise(block),
        Some(Recognised::Bea01 | Recognised::Nsr(_) | Recognised::Tea01)
    );
    let volume_structures =
        TagIdentifier::PRIMARY_VOLUME_DESCRIPTOR.0..=TagIdentifier::LOGICAL_VOLUME_INTEGRITY_DESCRIPTOR.0;
    let structure = tag_of(block).is_some_and(|tag| {
        volume_structures.contains(&tag.0) || tag == TagIdentifier::FILE_SET_DESCRIPTOR || is_node(tag)
    });
    recognised || structure || block.iter().all(|byte| *byte == 0)
}

fn tag_of(block: &[u8; BLOCK_SIZE]) -> Option<TagIdentifier> {
    Tag::peek(block).map(|tag| tag.identifier())
}

/// Whether a node is the ICB of a VAT (`UDF 2.60 2.2.11`, `UDF 1.50 2.2.10`).
fn is_vat_icb(block: &[u8; BLOCK_SIZE]) -> bool {
    [FileType::VAT.0, 0].contains(&file_type(block))
}

/// The file type in the ICB tag of a node (`ECMA-167 4/14.6.6`).
fn file_type(block: &[u8; BLOCK_SIZE]) -> u8 {
    block[16 + 11]
}

fn is_node(tag: TagIdentifier) -> bool {
    tag == TagIdentifier::FILE_ENTRY || tag == TagIdentifier::EXTENDED_FILE_ENTRY
}
