//! Finds the sessions of an image that does not say where they begin, by the contents of its blocks.

use drive::{Drive, ImageSession};
use ecma167::LogicalSector;
use ecma167::file::FileType;
use ecma167::general::{Tag, TagIdentifier};
use ecma167::volume::ANCHOR_SECTOR;
use mmc::Lba;
use volume::{MOST_BEFORE_RESERVE, Volume};

use crate::after::{After, is_anchor_at};

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
