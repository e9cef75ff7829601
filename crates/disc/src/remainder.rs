//! Finds what follows the volume in an image: a further session (perhaps without the gap before it), padding,
//! error correction data, or something else. Ends the image with its newest volume.

use drive::{Drive, ImageRemainder, ImageSession, RemainderKind};
use ecma167::volume::ANCHOR_SECTOR;
use ecma167::{BLOCK_BYTES, LogicalSector};
use mmc::Lba;
use volume::{Map, Volume};

use crate::after::{After, Gap, is_anchor_at};
use crate::sessions;

/// Ends the image with its volume, or notes what it lacks. Makes each of several sessions without a VAT a
/// session of the drive, so that opening finds the newest volume.
pub(crate) fn without_remainder(mut drive: Drive) -> Drive {
    let mut found: Vec<ImageSession> = Vec::new();
    let mut gaps = 0;
    loop {
        let mut volume = match Volume::open(drive) {
            Ok(volume) => volume,
            Err(failed) => return *failed.drive,
        };
        let end = volume.drive().recorded_end().0;
        let belongs = end_of(&mut volume, end);
        drive = volume.into_drive();
        match belongs {
            Some(End::After(at, kind)) if at < end => {
                let blocks = end - at;
                drive.end_image(Lba(at), ImageRemainder { blocks, kind });
            }
            Some(End::Missing(blocks)) => drive.note_missing(blocks),
            Some(End::Session { last, next }) => {
                let newest = drive.medium().sessions.last().map(|session| session.start);
                if let Some(start) = newest.filter(|start| start.0 < next)
                    && found.len() < sessions::MOST
                {
                    found.push(ImageSession { start, last });
                    let newest = ImageSession {
                        start: Lba(next),
                        last: Lba(end - 1),
                    };
                    drive.divide_image(found.iter().copied().chain([newest]).collect());
                    continue;
                }
            }
            Some(End::Gap(Gap { at, blocks })) if gaps < sessions::MOST => {
                gaps += 1;
                if drive.insert_gap(Lba(at), blocks) {
                    continue;
                }
            }
            _ => {}
        }
        return drive;
    }
}

/// Where a volume ends.
enum End {
    /// Before this block of the image; from there on follows something of this kind.
    After(u32, RemainderKind),
    /// With block `last`, after which a further session begins.
    Session { last: Lba, next: u32 },
    /// This many blocks after the image.
    Missing(u32),
    /// Before a gap that the image lacks, after which a further session begins.
    Gap(Gap),
}

/// Where the volume ends in an image that ends before block `end`; `None` if that is unknown.
fn end_of(volume: &mut Volume, end: u32) -> Option<End> {
    let block_size = volume.descriptors().logical.logical_block_size;
    if block_size != BLOCK_BYTES {
        return None;
    }
    let Some(icb) = volume.vat_icb() else {
        return end_of_partitions(volume, end);
    };
    if volume.hidden_generation().is_some() {
        return None;
    }
    let next = icb.0.checked_add(1)?;
    if next >= end {
        return None;
    }
    let ended = volume.is_ended_by_plain_volume();
    let closed = ended || has_anchor_before(volume, icb);
    let after = After::of(volume, next, end)?;
    if let Some(start) = after.session {
        let last = Lba(after.last_own.unwrap_or(next) - 1);
        return Some(End::Session { last, next: start });
    }
    if let Some(gap) = after.gap {
        return Some(End::Gap(gap));
    }
    if after.is_other_volume {
        return None;
    }
    let kind = match after.kind() {
        RemainderKind::Zeros if !closed => RemainderKind::ZerosAfterOpenSession,
        kind => kind,
    };
    // Otherwise a recording may have been interrupted, or the image may have only a part of it.
    let is_known = closed || kind != RemainderKind::Other;
    let own = after.last_own.filter(|_| ended);
    (is_known && own == after.last_own).then_some(End::After(own.unwrap_or(next), kind))
}

/// Where a volume without a VAT ends: with its partitions, or the descriptors after them.
fn end_of_partitions(volume: &mut Volume, end: u32) -> Option<End> {
    let ends = volume.maps().iter().filter_map(Map::partition);
    let at = ends
        .map(|partition| partition.start.0.saturating_add(partition.length))
        .max()?;
    if at > end {
        return Some(End::Missing(at - end));
    }
    if at == end {
        return None;
    }
    let after = After::of(volume, at, end)?;
    let own_end = after.last_own.unwrap_or(at);
    if let Some(next) = after.session {
        let last = Lba(own_end - 1);
        return Some(End::Session { last, next });
    }
    if let Some(gap) = after.gap {
        return Some(End::Gap(gap));
    }
    (!after.is_other_volume).then_some(End::After(own_end, after.kind()))
}

/// Whether an anchor is 256 blocks before the VAT ICB, as closing a session records it (`UDF 2.60 6.10.1`).
fn has_anchor_before(volume: &mut Volume, icb: LogicalSector) -> bool {
    let place = icb
        .0
        .checked_sub(ANCHOR_SECTOR)
        .filter(|place| *place > ANCHOR_SECTOR);
    place.is_some_and(|place| is_anchor_at(volume, place))
}
