//! Finds the sessions of an image that does not say where they begin, by the contents of its blocks.

use std::fs::File;

use drive::{Drive, ImageSession};
use ecma167::LogicalSector;
use ecma167::file::FileType;
use ecma167::general::{Tag, TagIdentifier};
use ecma167::volume::ANCHOR_SECTOR;
use emulator::{AdoptedReservation, AdoptedSessions, Medium};
use mmc::Lba;
use volume::{MOST_BEFORE_RESERVE, Volume};

use crate::after::{ANCHOR_AFTER_RESERVED_TRACK, After, is_anchor_at};

/// Maximum number of sessions found: more than any disc has.
pub(crate) const MOST: usize = 1000;
/// Maximum number of generations examined.
const MOST_GENERATIONS: usize = 1 << 16;
/// Maximum number of copies of a VAT ICB after it.
const MOST_COPIES: u32 = 64;

/// The sessions of a volume with a VAT, found by the VAT ICB that ended each and what begins after it.
///
/// This misses a session that has no generation of the chain.
pub(crate) fn of_generations(volume: &mut Volume) -> Vec<ImageSession> {
    let Some(medium) = volume.drive().medium().sessions.first().copied() else {
        return Vec::new();
    };
    let end = volume.drive().recorded_end().0;
    let mut sessions = Vec::new();
    let mut start = medium.start.0;
    let mut icbs = icbs(volume).into_iter().rev().peekable();
    while let Some(icb) = icbs.next() {
        if icb < start || sessions.len() >= MOST {
            continue;
        }
        let Some(last) = end_of_session(volume, icb, end) else {
            continue;
        };
        // A further session begins before its first VAT, so this reads no block twice.
        let before = icbs.peek().map_or(end, |next| end.min(*next));
        let Some(after) = After::of(volume, last + 1, before) else {
            break;
        };
        if let Some(next) = after.session {
            let last = after.last_own.map_or(last, |own| own - 1);
            sessions.push(ImageSession {
                start: Lba(start),
                last: Lba(last),
            });
            start = next;
        }
    }
    sessions.push(ImageSession {
        start: Lba(start),
        last: Lba(end.saturating_sub(1)),
    });
    sessions
}

/// The blocks of all VAT ICBs, the newest first.
fn icbs(volume: &mut Volume) -> Vec<u32> {
    let mut found: Vec<u32> = Vec::new();
    let mut vat = volume.vat().cloned();
    while let Some(current) = vat {
        let Some(icb) = volume.icb_sector(&current) else {
            break;
        };
        if found.len() == MOST_GENERATIONS {
            break;
        }
        found.push(icb.0);
        vat = volume.previous_vat(&current).ok().flatten();
    }
    found
}

/// The last copy of a VAT ICB that ended a session: an anchor is 256 blocks before it (`UDF 2.60 6.10.1`), or
/// a plain volume follows. `None` if it ended none.
fn end_of_session(volume: &mut Volume, icb: u32, end: u32) -> Option<u32> {
    let copies = (icb + 1..end).take(MOST_COPIES as usize);
    let mut last = icb;
    for at in copies {
        if !is_file_entry_of_vat(volume, at) {
            break;
        }
        last = at;
    }
    let anchor = |last: u32| last.checked_sub(ANCHOR_SECTOR).filter(|at| *at > ANCHOR_SECTOR);
    if [icb, last]
        .into_iter()
        .filter_map(anchor)
        .any(|at| is_anchor_at(volume, at))
    {
        return Some(last);
    }
    let mut follows = (last + 1..end).take(MOST_BEFORE_RESERVE as usize);
    follows
        .any(|at| {
            let tag = volume.read_sector(LogicalSector(at)).ok().and_then(Tag::peek);
            tag.is_some_and(|tag| {
                tag.identifier() == TagIdentifier::PRIMARY_VOLUME_DESCRIPTOR && tag.tag_location.get() == at
            })
        })
        .then_some(last)
}

fn is_file_entry_of_vat(volume: &mut Volume, at: u32) -> bool {
    const FILE_TYPE: usize = 16 + 11;
    volume.read_sector(LogicalSector(at)).is_ok_and(|block| {
        Tag::peek(block).is_some_and(|tag| {
            matches!(
                tag.identifier(),
                TagIdentifier::FILE_ENTRY | TagIdentifier::EXTENDED_FILE_ENTRY
            )
        }) && matches!(block.get(FILE_TYPE), Some(kind) if *kind == FileType::VAT.0 || *kind == 0)
    })
}

/// The sessions of an image without a side file, to be recorded on as a disc of `medium`: those whose end is
/// known, and the last one. That is closed if a plain volume of its newest generation is whole, with the
/// anchors at its end. Otherwise it has its reserved track.
pub(crate) fn adopted(image: &File, medium: Medium) -> AdoptedSessions {
    let drive = image
        .try_clone()
        .ok()
        .and_then(|image| Drive::over_image(image).ok());
    let Some(Ok(mut volume)) = drive.map(Volume::open) else {
        return AdoptedSessions::default();
    };
    if volume.vat().is_none() {
        return AdoptedSessions::default();
    }
    let mut sessions = of_generations(&mut volume);
    let Some(last) = sessions.pop() else {
        return AdoptedSessions::default();
    };
    let blocks = |session: &ImageSession| session.start.0..session.last.0.saturating_add(1);
    let mut adopted = AdoptedSessions {
        closed: sessions.iter().map(blocks).collect(),
        open: Some(last.start.0),
        reserved: None,
    };
    let start = last.start.0;
    let is_with_plain = volume.companion().is_some_and(|companion| !companion.is_plain);
    if !is_with_plain || !is_anchor_at(&mut volume, start.saturating_add(ANCHOR_AFTER_RESERVED_TRACK)) {
        return adopted;
    }
    let end = last.last.0;
    let mut places = [
        start.checked_add(ANCHOR_SECTOR),
        end.checked_sub(ANCHOR_SECTOR),
        Some(end),
    ]
    .into_iter();
    let is_complete = places.all(|place| place.is_some_and(|place| is_anchor_at(&mut volume, place)));
    if volume.is_ended_by_plain_volume() && is_complete {
        adopted.closed.push(blocks(&last));
        adopted.open = None;
    } else {
        adopted.reserved = reservation(&mut volume, start, medium);
    }
    adopted
}

/// The reserved track at the start of a session, blank or recorded up to its last block that is not zeros.
fn reservation(volume: &mut Volume, start: u32, medium: Medium) -> Option<AdoptedReservation> {
    let blocks = drive::Medium::reserved_track_blocks_of(medium.profile())?;
    let mut recorded = 0;
    for number in 0..ANCHOR_AFTER_RESERVED_TRACK {
        let block = volume
            .read_sector(LogicalSector(start.checked_add(number)?))
            .ok()?;
        if block.iter().any(|byte| *byte != 0) {
            recorded = number + 1;
        }
    }
    Some(AdoptedReservation { blocks, recorded })
}

/// A drive over an image of a volume with a VAT, divided into its sessions.
pub(crate) fn divided(drive: Drive) -> Drive {
    let mut volume = match Volume::open(drive) {
        Ok(volume) => volume,
        Err(failed) => return *failed.drive,
    };
    let sessions = if volume.vat().is_some() {
        of_generations(&mut volume)
    } else {
        Vec::new()
    };
    let mut drive = volume.into_drive();
    if sessions.len() > 1 {
        drive.divide_image(sessions);
    }
    drive
}
