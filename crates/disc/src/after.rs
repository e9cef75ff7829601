//! The blocks of an image after the end of a volume or session: padding, descriptors that belong to it, or
//! the start of a further session.

use drive::{DriveError, RemainderKind};
use ecma167::general::{Descriptor as _, Tag, TagIdentifier};
use ecma167::recognition::{RECOGNITION_SECTOR, Recognised, recognise};
use ecma167::volume::{ANCHOR_SECTOR, AnchorVolumeDescriptorPointer};
use ecma167::{BLOCK_SIZE, LogicalSector};
use mmc::{Lba, Sense};
use volume::Volume;

/// How many blocks after a volume to examine: 128 MiB, more than any gap between two sessions.
const LOOKED_AT: u32 = 65_536;
/// The blocks read at once.
const STEP: u32 = 512;
/// The start of dvdisaster's error correction data, and of every copy of its header.
const DVDISASTER: &[u8] = b"*dvdisaster*";
/// Versions of a tag (`ECMA-167 3/7.2.2`).
const VERSIONS: [u16; 2] = [2, 3];
/// The block of the only anchor of an open session that begins with a reserved track (`UDF 2.60 6.10.1.2`).
pub(crate) const ANCHOR_AFTER_RESERVED_TRACK: u32 = 512;

/// Blocks that an image lacks between two sessions.
#[derive(Clone, Copy)]
pub(crate) struct Gap {
    /// The block that the first one after the gap has in the image.
    pub at: u32,
    /// The number of blocks.
    pub blocks: u32,
}

/// What is in the blocks after a volume.
#[derive(Default)]
pub(crate) struct After {
    /// The block after the last volume descriptor that states its own address.
    pub last_own: Option<u32>,
    /// The start of a further session of the same disc.
    pub session: Option<u32>,
    /// A further session of the same disc whose anchor states a later address: the image lacks the blocks
    /// between it and the session before.
    pub gap: Option<Gap>,
    /// Whether another volume begins there: its descriptors do not state their own addresses.
    pub is_other_volume: bool,
    is_dvdisaster: bool,
    is_other: bool,
}

impl After {
    /// Examines the blocks from `first` on, up to `end` or the start of a further session. Blocks that the
    /// image lacks, such as those of a gap, count as zeros. `None` if a block is unreadable: a device may
    /// take seconds for each.
    pub fn of(volume: &mut Volume, first: u32, end: u32) -> Option<Self> {
        let mut after = Self::default();
        let mut buffer = vec![0; STEP as usize * BLOCK_SIZE];
        let until = end.min(first.saturating_add(LOOKED_AT));
        let last = end.saturating_sub(STEP).max(until);
        let steps = (first..until).step_by(STEP as usize);
        let steps = steps.map(|at| (at, (at + STEP).min(until)));
        for (at, until) in steps.chain((last < end).then_some((last, end))) {
            let bytes = &mut buffer[..(until - at) as usize * BLOCK_SIZE];
            if volume.drive_mut().read(Lba(at), bytes).is_err() {
                read_one_by_one(volume, at, bytes)?;
            }
            for (number, block) in (at..).zip(bytes.chunks_exact(BLOCK_SIZE)) {
                if block.iter().any(|byte| *byte != 0) {
                    after.note(volume, first, number, block);
                }
                if after.session.is_some() || after.gap.is_some() || after.is_other_volume {
                    return Some(after);
                }
            }
        }
        Some(after)
    }

    fn note(&mut self, volume: &mut Volume, first: u32, at: u32, block: &[u8]) {
        let own_end = self.last_own.unwrap_or(first);
        if let Some(recognised) = recognise(block) {
            let start = at.checked_sub(RECOGNITION_SECTOR);
            let start = start.filter(|start| *start >= own_end);
            let is_udf = matches!(recognised, Recognised::Bea01 | Recognised::Nsr(_));
            self.session = start.filter(|start| has_anchor(volume, *start));
            if self.session.is_none() {
                self.gap = start.and_then(|start| gap_before(volume, start));
            }
            if self.session.is_none() && self.gap.is_none() {
                self.session = start.filter(|start| {
                    has_descriptors(volume, *start) || is_udf && ends_with_recognition(volume, *start)
                });
            }
            self.is_other_volume = self.session.is_none() && self.gap.is_none();
            return;
        }
        if is_descriptor_at(block, at) {
            let start = at.checked_sub(ANCHOR_AFTER_RESERVED_TRACK);
            self.session = start.filter(|start| is_anchor(block) && *start >= own_end);
            if self.session.is_none() {
                self.last_own = Some(at + 1);
                self.is_other = false;
            }
            return;
        }
        if is_anchor(block) {
            let start = at.checked_sub(ANCHOR_AFTER_RESERVED_TRACK);
            let start = start.filter(|start| *start >= own_end);
            self.gap = start.and_then(|start| gap_before_reserved_track(volume, start));
        }
        self.is_other = true;
        self.is_dvdisaster |= block.starts_with(DVDISASTER);
    }

    /// The kind of the blocks that do not belong to the volume.
    pub fn kind(&self) -> RemainderKind {
        if self.is_dvdisaster {
            RemainderKind::Dvdisaster
        } else if self.is_other {
            RemainderKind::Other
        } else {
            RemainderKind::Zeros
        }
    }
}

/// Fills `bytes` with the blocks from `at` on, with zeros for those that the image lacks. `None` if one is
/// unreadable.
fn read_one_by_one(volume: &mut Volume, at: u32, bytes: &mut [u8]) -> Option<()> {
    for (at, block) in (at..).zip(bytes.chunks_exact_mut(BLOCK_SIZE)) {
        match volume.drive_mut().read(Lba(at), block) {
            Ok(()) => {}
            Err(DriveError::Unreadable { sense, .. }) if is_absent(sense) => block.fill(0),
            Err(_) => return None,
        }
    }
    Some(())
}

/// Whether the sense means that the image lacks the block.
fn is_absent(sense: Sense) -> bool {
    let absent = Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE;
    (sense.key, sense.asc, sense.ascq) == (absent.key, absent.asc, absent.ascq)
}

/// Whether a session that begins at a block has its anchor.
fn has_anchor(volume: &mut Volume, start: u32) -> bool {
    let places = [ANCHOR_SECTOR, ANCHOR_AFTER_RESERVED_TRACK];
    places
        .into_iter()
        .filter_map(|by| start.checked_add(by))
        .any(|place| is_anchor_at(volume, place))
}

/// The blocks that an image lacks before a session that begins at a block of it, by the address that the
/// session's anchor states.
fn gap_before(volume: &mut Volume, start: u32) -> Option<Gap> {
    let places = [ANCHOR_SECTOR, ANCHOR_AFTER_RESERVED_TRACK];
    let mut anchors = places.into_iter().filter_map(|by| start.checked_add(by));
    let blocks = anchors.find_map(|place| moved_anchor(volume, place))?.0;
    Some(Gap { at: start, blocks })
}

/// The same for a session that begins with a reserved track, in which nothing is recorded. Without a
/// recognition sequence, the main sequence must be where the anchor says, too.
fn gap_before_reserved_track(volume: &mut Volume, start: u32) -> Option<Gap> {
    let (blocks, main) = moved_anchor(volume, start.checked_add(ANCHOR_AFTER_RESERVED_TRACK)?)?;
    let place = main.0.checked_sub(blocks).filter(|place| *place > start)?;
    let block = volume.read_sector(LogicalSector(place)).ok()?;
    is_descriptor_at(block, main.0).then_some(Gap { at: start, blocks })
}

/// How many blocks the address that an anchor states is after its place, and where its main sequence begins.
fn moved_anchor(volume: &mut Volume, place: u32) -> Option<(u32, LogicalSector)> {
    let block = volume.read_sector(LogicalSector(place)).ok()?;
    let anchor = AnchorVolumeDescriptorPointer::read(block, None).ok()?;
    let stated = anchor.descriptor_tag.tag_location.get();
    let blocks = stated.checked_sub(place).filter(|blocks| *blocks > 0)?;
    Some((blocks, anchor.main_volume_descriptor_sequence_extent.location()))
}

/// Whether a session that begins at a block has volume descriptors before the place of its anchor that state
/// their own addresses. The image may end before the anchor.
fn has_descriptors(volume: &mut Volume, start: u32) -> bool {
    let places = start.saturating_add(RECOGNITION_SECTOR + 1)..start.saturating_add(ANCHOR_SECTOR);
    places.into_iter().any(|place| {
        let block = volume.read_sector(LogicalSector(place));
        block.is_ok_and(|block| is_descriptor_at(block, place))
    })
}

/// Whether nothing follows the recognition sequence of UDF in the first blocks of a session, because the
/// image was cut short there or has zeros from there on.
fn ends_with_recognition(volume: &mut Volume, start: u32) -> bool {
    let first = start.saturating_add(RECOGNITION_SECTOR + 3);
    (first..=start.saturating_add(ANCHOR_SECTOR)).all(|place| {
        let block = volume.read_sector(LogicalSector(place));
        block.is_ok_and(|block| block.iter().all(|byte| *byte == 0))
            || place >= volume.drive().recorded_end().0
    })
}

/// Whether a block is an anchor that states its own address.
pub(crate) fn is_anchor_at(volume: &mut Volume, place: u32) -> bool {
    let block = volume.read_sector(LogicalSector(place));
    block.is_ok_and(|block| is_descriptor_at(block, place) && is_anchor(block))
}

fn is_anchor(block: &[u8]) -> bool {
    Tag::peek(block).is_some_and(|tag| tag.identifier() == TagIdentifier::ANCHOR_VOLUME_DESCRIPTOR_POINTER)
}

/// Whether a block is a volume descriptor that states its own address.
fn is_descriptor_at(block: &[u8], at: u32) -> bool {
    Tag::peek(block).is_some_and(|tag| {
        (1..=9).contains(&tag.identifier().0)
            && VERSIONS.contains(&tag.descriptor_version.get())
            && tag.tag_location.get() == at
    })
}
