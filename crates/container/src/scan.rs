//! Searches for a volume that does not begin with the image: other bytes precede it, or the image begins
//! later on the disc.

use ecma167::general::Tag;
use ecma167::volume::ANCHOR_SECTOR;

use crate::bytes::{Bytes, read_up_to};
use crate::form::Form;
use crate::place::{Found, found, whole};
use crate::udf::{OTHER_BLOCK_SIZES, Region, location_of_anchor, partition_start};

/// The bytes searched from the start of the image.
const SEARCHED: u64 = 64 << 20;
/// The bytes read at once.
const STEP: usize = 1 << 20;
/// The bytes of an anchor.
const ANCHOR: usize = 512;
/// Maximum number of anchors followed. An image with more was made to be slow.
const FOLLOWED: usize = 64;

/// An anchor that belongs elsewhere on its disc, in an image that lacks blocks of the volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the anchor at block {at} says it belongs at {location}: this image begins {} blocks into the disc (one session or track of it), after blocks that the volume needs", location - at)]
pub struct Elsewhere {
    /// The block of the image with the anchor.
    pub at: u32,
    /// The address that it states.
    pub location: u32,
}

/// The result of a search.
pub(crate) enum Scanned {
    /// The volume.
    Volume(Found),
    /// A part of a volume that needs the blocks before it.
    Elsewhere(Elsewhere),
    /// Nothing but zeros.
    Zeros,
    /// No volume.
    Nothing,
}

/// What the image is if the anchor at block 256 belongs at a later address, and nothing else says that the
/// volume begins with the image; otherwise `None`.
pub(crate) fn later_session(bytes: &dyn Bytes) -> Option<Scanned> {
    let region = whole(bytes, Form::PLAIN);
    let at = u64::from(ANCHOR_SECTOR);
    let anchor = region.block(at)?;
    let location = location_of_anchor(&anchor)?;
    if u64::from(location) <= at || region.has_anchor() {
        return None;
    }
    follow(bytes, at * u64::from(Form::PLAIN.stride), &anchor[..ANCHOR])
}

/// Searches the beginning of an image for an anchor in any form of sectors at any byte.
pub(crate) fn scan(bytes: &dyn Bytes) -> Scanned {
    let end = bytes.length().min(SEARCHED);
    let mut all_zero = true;
    let mut followed = 0;
    let mut elsewhere = None;
    let mut at = 0;
    while at < end {
        // Steps overlap, because an anchor may begin at the end of one.
        let Some(step) = read_up_to(bytes, at, STEP + ANCHOR) else {
            break;
        };
        if step.iter().any(|byte| *byte != 0) {
            all_zero = false;
            for place in anchors(&step) {
                let Some(anchor) = step.get(place..place + ANCHOR) else {
                    continue;
                };
                if followed == FOLLOWED {
                    break;
                }
                followed += 1;
                match follow(bytes, at + place as u64, anchor) {
                    Some(Scanned::Elsewhere(found)) => _ = elsewhere.get_or_insert(found),
                    Some(found) => return found,
                    None => {}
                }
            }
        }
        at += STEP as u64;
    }
    if let Some(elsewhere) = elsewhere {
        return Scanned::Elsewhere(elsewhere);
    }
    let last = bytes.length().saturating_sub(STEP as u64);
    let tail = read_up_to(bytes, last, STEP);
    if all_zero && tail.is_some_and(|tail| tail.iter().all(|byte| *byte == 0)) {
        Scanned::Zeros
    } else {
        Scanned::Nothing
    }
}

/// The offsets of blocks in `bytes` that look like anchors.
fn anchors(bytes: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let heads = bytes.windows(Tag::LEN).enumerate().take(STEP);
    heads
        .filter(|(_, head)| head[0] == 2 && head[1] == 0 && matches!(head[2], 2 | 3) && head[3] == 0)
        .map(|(at, _)| at)
        .filter(|at| {
            bytes
                .get(*at..*at + ANCHOR)
                .is_some_and(|head| location_of_anchor(head).is_some())
        })
}

/// The volume that an anchor at a byte belongs to.
fn follow(bytes: &dyn Bytes, at: u64, anchor: &[u8]) -> Option<Scanned> {
    let location = location_of_anchor(anchor)?;
    let of_blocks = Form::ALL.into_iter().find_map(|form| {
        let begin = at.checked_sub(form.header.into())?;
        let before = u64::from(location) * u64::from(form.stride);
        match begin.checked_sub(before) {
            Some(base) => {
                let region = Region {
                    bytes,
                    base,
                    end: bytes.length(),
                    form,
                };
                partition_start(anchor, |address| region.block(address.into()))?;
                Some(Scanned::Volume(found(&region, None, None, 0)))
            }
            None => begins_later(bytes, form, begin, location, anchor),
        }
    });
    match of_blocks {
        Some(Scanned::Volume(volume)) => Some(Scanned::Volume(volume)),
        // With another block size, the anchor may be at the address that it states.
        other => of_other_block_size(bytes, at, location).or(other),
    }
}

/// The volume of another block size that an anchor belongs to. The block size does not move its recognition
/// sequence.
fn of_other_block_size(bytes: &dyn Bytes, at: u64, location: u32) -> Option<Scanned> {
    let bases = OTHER_BLOCK_SIZES
        .into_iter()
        .filter_map(|size| at.checked_sub(u64::from(location) * size));
    let regions = bases.map(|base| Region {
        bytes,
        base,
        end: bytes.length(),
        form: Form::PLAIN,
    });
    let region = regions.into_iter().find(Region::has_nsr)?;
    Some(Scanned::Volume(found(&region, None, None, 0)))
}

/// What an image is if an anchor in it belongs at a later address than it has in the image.
fn begins_later(bytes: &dyn Bytes, form: Form, begin: u64, location: u32, anchor: &[u8]) -> Option<Scanned> {
    let stride = u64::from(form.stride);
    if !begin.is_multiple_of(stride) {
        return None;
    }
    let at = u32::try_from(begin / stride).ok()?;
    let first = location.checked_sub(at)?;
    let region = whole(bytes, form);
    let block = |address: u32| region.block(address.checked_sub(first)?.into());
    let all_is_here = partition_start(anchor, block).is_some_and(|start| start.0 >= first);
    Some(if all_is_here {
        Scanned::Volume(found(&region, None, None, first))
    } else if form == Form::PLAIN {
        Scanned::Elsewhere(Elsewhere { at, location })
    } else {
        return None;
    })
}
