//! What follows the volume in an image: padding, error correction data, or something else. The image then
//! ends where the volume does.

use drive::{Drive, ImageRemainder, RemainderKind};
use ecma167::general::Tag;
use ecma167::recognition::recognise;
use ecma167::volume::ANCHOR_SECTOR;
use ecma167::{BLOCK_BYTES, BLOCK_SIZE, LogicalSector};
use mmc::Lba;
use volume::{Map, Volume};

/// The blocks after a volume that are looked at: 64 MiB.
const LOOKED_AT: u32 = 32_768;
/// The blocks read at once.
const STEP: u32 = 512;
/// What dvdisaster's error correction data begins with, and every copy of its header.
const DVDISASTER: &[u8] = b"*dvdisaster*";
/// Versions of a tag (`ECMA-167 3/7.2.2`).
const VERSIONS: [u16; 2] = [2, 3];

/// What is in the blocks after a volume.
#[derive(Default)]
struct After {
    /// The block after the last volume descriptor that says that it belongs where it is.
    last_own: Option<u32>,
    is_dvdisaster: bool,
    is_zero: bool,
}

/// The image without what does not belong to its volume, and with what is known of its end.
pub(crate) fn without_remainder(drive: Drive) -> Drive {
    let mut volume = match Volume::open(drive) {
        Ok(volume) => volume,
        Err(failed) => return *failed.drive,
    };
    let end = volume.drive().recorded_end().0;
    let belongs = end_of(&mut volume, end);
    let mut drive = volume.into_drive();
    match belongs {
        Some(End::After(at, kind)) if at < end => {
            let blocks = end - at;
            drive.end_image(Lba(at), ImageRemainder { blocks, kind });
        }
        Some(End::Missing(blocks)) => drive.note_missing(blocks),
        _ => {}
    }
    drive
}

/// Where a volume ends.
enum End {
    /// Before this block of the image, after which this follows.
    After(u32, RemainderKind),
    /// This many blocks after the image.
    Missing(u32),
}

/// Where the volume ends in an image that ends before block `end`; `None` if that is unknown.
fn end_of(volume: &mut Volume, end: u32) -> Option<End> {
    let block_size = volume.descriptors().logical.logical_block_size;
    if volume.hidden_generation().is_some() || block_size != BLOCK_BYTES {
        return None;
    }
    let Some(icb) = volume.vat_icb() else {
        return end_of_partitions(volume, end);
    };
    let next = icb.0.checked_add(1)?;
    if next >= end {
        return None;
    }
    let ended = volume.is_ended_by_plain_volume();
    let closed = ended || has_anchor_before(volume, icb);
    let after = look_after(volume, next, end)?;
    let kind = after.kind();
    // Otherwise perhaps a recording that was interrupted, or of which the image has only a part.
    let is_known = closed || kind != RemainderKind::Other;
    let own = after.last_own.filter(|_| ended);
    (is_known && own == after.last_own).then_some(End::After(own.unwrap_or(next), kind))
}

/// Where the partitions of a volume without a VAT end, and the descriptors after them.
fn end_of_partitions(volume: &mut Volume, end: u32) -> Option<End> {
    let ends = volume.maps().iter().map(Map::partition);
    let at = ends
        .map(|partition| partition.start.0.saturating_add(partition.length))
        .max()?;
    if at > end {
        return Some(End::Missing(at - end));
    }
    if at == end {
        return None;
    }
    let after = look_after(volume, at, end)?;
    Some(End::After(after.last_own.unwrap_or(at), after.kind()))
}

/// Whether an anchor is 256 blocks before the VAT ICB, as closing a session records it (`UDF 2.60 6.10.1`).
fn has_anchor_before(volume: &mut Volume, icb: LogicalSector) -> bool {
    let place = icb
        .0
        .checked_sub(ANCHOR_SECTOR)
        .filter(|place| *place > ANCHOR_SECTOR);
    place.is_some_and(|place| {
        let block = volume.read_sector(LogicalSector(place));
        block.is_ok_and(|block| is_descriptor_at(block, place))
    })
}

/// Looks at the blocks from `first` on; `None` if they are unreadable, or a further session begins there.
fn look_after(volume: &mut Volume, first: u32, end: u32) -> Option<After> {
    let mut after = After {
        is_zero: true,
        ..After::default()
    };
    let mut buffer = vec![0; STEP as usize * BLOCK_SIZE];
    let until = end.min(first.saturating_add(LOOKED_AT));
    let last = end.saturating_sub(STEP).max(until);
    let steps = (first..until).step_by(STEP as usize);
    let steps = steps.map(|at| (at, (at + STEP).min(until)));
    for (at, until) in steps.chain((last < end).then_some((last, end))) {
        let bytes = &mut buffer[..(until - at) as usize * BLOCK_SIZE];
        volume.drive_mut().read(Lba(at), bytes).ok()?;
        for (number, block) in (at..).zip(bytes.chunks_exact(BLOCK_SIZE)) {
            if block.iter().all(|byte| *byte == 0) {
                continue;
            }
            if recognise(block).is_some() {
                return None;
            }
            if is_descriptor_at(block, number) {
                *after.last_own.insert(number) += 1;
                after.is_zero = true;
                continue;
            }
            after.is_zero = false;
            after.is_dvdisaster |= block.starts_with(DVDISASTER);
        }
    }
    Some(after)
}

impl After {
    fn kind(&self) -> RemainderKind {
        if self.is_dvdisaster {
            RemainderKind::Dvdisaster
        } else if self.is_zero {
            RemainderKind::Zeros
        } else {
            RemainderKind::Other
        }
    }
}

/// Whether a block is a volume descriptor that says that it belongs here.
fn is_descriptor_at(block: &[u8], at: u32) -> bool {
    Tag::peek(block).is_some_and(|tag| {
        (1..=9).contains(&tag.identifier().0)
            && VERSIONS.contains(&tag.descriptor_version.get())
            && tag.tag_location.get() == at
    })
}
