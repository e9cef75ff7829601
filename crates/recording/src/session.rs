//! The structures that do not depend on files: at the start of each session, and the anchors at its end.

use std::ops::Range;

use ecma167::{
    BLOCK_BYTES, BLOCK_SIZE, LogicalSector,
    general::{Descriptor, ExtentAd, TagVersion},
    osta::Revision,
    recognition::{self, RECOGNITION_SECTOR},
    volume::{
        ANCHOR_SECTOR, AnchorVolumeDescriptorPointer, ImplementationUseVolumeDescriptor,
        LogicalVolumeDescriptor, LogicalVolumeIntegrityDescriptor, MINIMUM_SEQUENCE_SECTORS,
        PartitionDescriptor, PrimaryVolumeDescriptor, TerminatingDescriptor, UnallocatedSpaceDescriptor,
    },
};
use volume::Prevailing;

use crate::{error::Error, place::blocks_of_end};

/// Blocks from the first block S of a session up to its anchor at S+256 (`ECMA-167 3/8.4.2.1`).
pub(crate) const SESSION_START_BLOCKS: u32 = ANCHOR_SECTOR + 1;

/// Blocks of end of session data: the anchor at N-256, 255 blocks free for any use, the VAT ICB at N
/// (`UDF 2.60 6.10.1.2`).
pub(crate) const SESSION_END_BLOCKS: u32 = 257;

/// How many blocks at the end of end of session data are VAT ICBs; those before are anchors.
///
/// A reader that is off by some blocks, as readers are by run-outs and units, still finds both.
const VAT_ICBS_AT_SESSION_END: u32 = 34;

/// Blocks that end of session data has behind links inside of it. Linux takes a disc for shorter where it meets an unreadable
/// block among the last 75, and does not find the VAT then.
const BEHIND_LINKS: u32 = 80;

/// Where in a session the main sequence stands; the reserve sequence follows.
pub(crate) const MAIN_SEQUENCE: u32 = 32;

/// Sectors of the extent in which a new volume records its integrity descriptor.
const INTEGRITY_SECTORS: u32 = 2;

/// Sectors of main and reserve sequence and of the integrity descriptor behind them.
pub(crate) const DESCRIPTOR_SECTORS: u32 = 2 * MINIMUM_SEQUENCE_SECTORS + INTEGRITY_SECTORS;

/// Blocks that cannot be read between two packets of a CD: two of run-out, one of link, four of run-in (`MMC-6`, variable
/// packets).
pub(crate) const LINK_BLOCKS: u32 = 7;

/// Descriptors of the sequence of a new volume, the terminating one among them.
pub(crate) const SEQUENCE_DESCRIPTORS: u32 = 6;

/// The most blocks of the session that starts at `first`, from `next` on, behind which a packet may end without its links
/// lying on recognition sequence, anchor or main sequence; `most` where there is no such number.
pub(crate) fn blocks_without_harm(
    first: LogicalSector,
    sequences: &Sequences,
    next: LogicalSector,
    most: usize,
) -> usize {
    let from = |offset| first.0.saturating_add(offset);
    let main = sequences.main.location().0;
    let needed = [
        from(RECOGNITION_SECTOR)..from(RECOGNITION_SECTOR + 3),
        from(ANCHOR_SECTOR)..from(ANCHOR_SECTOR + 1),
        main..main.saturating_add(SEQUENCE_DESCRIPTORS),
    ];
    let harms = |blocks: usize| {
        let end = next.0.saturating_add(u32::try_from(blocks).unwrap_or(u32::MAX));
        let links = end..end.saturating_add(LINK_BLOCKS);
        needed
            .iter()
            .any(|needed| links.start < needed.end && needed.start < links.end)
    };
    (1..=most).rev().find(|blocks| !harms(*blocks)).unwrap_or(most)
}

/// How many of `count` blocks of end of session data are anchors, the first of them; the others are VAT ICBs.
pub(crate) fn anchors_at_session_end(count: u32) -> u32 {
    count.saturating_sub(VAT_ICBS_AT_SESSION_END)
}

/// Blocks of end of session data from `at` on, up to the end of a unit of the drive and not ending before `least_end`.
///
/// Where a packet ended inside it, what goes on behind the links need not begin anew: it ends at the first N of which
/// N-256 is one of the `anchors` that stand already, and that lies so many [`BEHIND_LINKS`]; closer where a packet ended once
/// more, so that it comes to an end.
pub(crate) fn session_end_blocks(
    at: LogicalSector,
    anchors: &[Range<u32>],
    least_end: LogicalSector,
    unit: u32,
) -> u32 {
    let behind_links = if anchors.len() > 1 { 2 } else { BEHIND_LINKS };
    let ends = anchors.iter().filter_map(|anchors| {
        let least = anchors.start.saturating_add(SESSION_END_BLOCKS);
        let end = least.max(at.0.saturating_add(behind_links)).max(least_end.0);
        let end = end.checked_next_multiple_of(unit)?;
        (end < anchors.end.saturating_add(SESSION_END_BLOCKS)).then_some(end - at.0)
    });
    let whole = blocks_of_end(at, SESSION_END_BLOCKS, least_end, unit);
    ends.min().unwrap_or(whole).min(whole)
}

/// The extents that the anchors of a session name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sequences {
    pub main: ExtentAd,
    pub reserve: ExtentAd,
}

impl Sequences {
    /// The sequences in the session that starts at `first`.
    pub fn of_session(first: LogicalSector) -> Sequences {
        Sequences::from(LogicalSector(first.0.saturating_add(MAIN_SEQUENCE)))
    }

    /// The main sequence at `start`, the reserve sequence behind it.
    pub fn from(start: LogicalSector) -> Sequences {
        let extent = |offset| {
            ExtentAd::new(
                MINIMUM_SEQUENCE_SECTORS * BLOCK_BYTES,
                LogicalSector(start.0.saturating_add(offset)),
            )
        };
        Sequences {
            main: extent(0),
            reserve: extent(MINIMUM_SEQUENCE_SECTORS),
        }
    }

    /// The sequences that an anchor names.
    pub fn of_anchor(anchor: &AnchorVolumeDescriptorPointer) -> Sequences {
        Sequences {
            main: anchor.main_volume_descriptor_sequence_extent,
            reserve: anchor.reserve_volume_descriptor_sequence_extent,
        }
    }

    /// The extent in which a new volume records its integrity descriptor, behind its sequences.
    pub fn integrity_extent(&self) -> ExtentAd {
        let start = self.reserve.location().0.saturating_add(MINIMUM_SEQUENCE_SECTORS);
        ExtentAd::new(INTEGRITY_SECTORS * BLOCK_BYTES, LogicalSector(start))
    }

    /// The anchor volume descriptor pointer for `at`.
    pub fn anchor(&self, version: TagVersion, at: LogicalSector) -> [u8; BLOCK_SIZE] {
        AnchorVolumeDescriptorPointer::new(self.main, self.reserve).to_block(version, at.0)
    }
}

/// Which sector of an extent one is.
fn inside(extent: &ExtentAd, at: LogicalSector) -> Option<u32> {
    let number = at.0.checked_sub(extent.location().0)?;
    (number < extent.sectors()).then_some(number)
}

/// The descriptors that every session of a volume repeats.
#[derive(Clone, Debug)]
pub(crate) struct Descriptors {
    pub revision: Revision,
    pub version: TagVersion,
    pub primary: PrimaryVolumeDescriptor,
    pub implementation_use: Option<ImplementationUseVolumeDescriptor>,
    pub partitions: Vec<PartitionDescriptor>,
    pub logical: LogicalVolumeDescriptor,
    pub unallocated: Option<UnallocatedSpaceDescriptor>,
    /// Recorded in the first session only: the extent that the logical volume descriptor names.
    pub integrity: Option<LogicalVolumeIntegrityDescriptor>,
}

impl Descriptors {
    /// The descriptors of a volume that goes on.
    pub fn of_volume(prevailing: &Prevailing, revision: Revision) -> Descriptors {
        Descriptors {
            revision,
            version: TagVersion::of(revision),
            primary: prevailing.primary,
            implementation_use: prevailing.implementation_use,
            partitions: prevailing.partitions.clone(),
            logical: prevailing.logical.clone(),
            unallocated: prevailing.unallocated.clone(),
            integrity: None,
        }
    }

    /// The block at `at` of the session that starts at `first` and has its sequences there; `slot` is zero before.
    pub fn session_start_block(
        &self,
        first: LogicalSector,
        sequences: &Sequences,
        at: LogicalSector,
        slot: &mut [u8],
    ) -> Result<(), Error> {
        const VRS: u32 = RECOGNITION_SECTOR;
        const VRS_NSR: u32 = RECOGNITION_SECTOR + 1;
        const VRS_END: u32 = RECOGNITION_SECTOR + 2;
        let fixed = match at.0.saturating_sub(first.0) {
            VRS => Some(recognition::bea01()),
            VRS_NSR => Some(recognition::nsr(self.revision.nsr())),
            VRS_END => Some(recognition::tea01()),
            ANCHOR_SECTOR => Some(sequences.anchor(self.version, at)),
            _ => None,
        };
        let block = match (fixed, inside(&sequences.main, at), inside(&sequences.reserve, at)) {
            (Some(block), ..) => Some(block),
            (_, Some(number), _) | (_, _, Some(number)) => self.sequence_block(number, at)?,
            _ => self.integrity_block(at)?,
        };
        if let Some(block) = block {
            slot.copy_from_slice(&block);
        }
        Ok(())
    }

    /// A block of the integrity sequence, where this session records it.
    fn integrity_block(&self, at: LogicalSector) -> Result<Option<[u8; BLOCK_SIZE]>, Error> {
        let number = inside(&self.logical.integrity_sequence_extent, at);
        match (&self.integrity, number) {
            (Some(integrity), Some(0)) => integrity
                .encode(self.version, at.0)
                .map(Some)
                .map_err(|_| TOO_LARGE),
            (Some(_), Some(1)) => Ok(Some(self.terminating(at))),
            _ => Ok(None),
        }
    }

    fn terminating(&self, at: LogicalSector) -> [u8; BLOCK_SIZE] {
        TerminatingDescriptor::default().to_block(self.version, at.0)
    }

    /// Block `number` of a volume descriptor sequence, to stand at `at`.
    fn sequence_block(&self, number: u32, at: LogicalSector) -> Result<Option<[u8; BLOCK_SIZE]>, Error> {
        let mut index = number as usize;
        let mut is_next = || {
            let here = index == 0;
            index = index.wrapping_sub(1);
            here
        };
        if is_next() {
            return Ok(Some(self.primary.to_block(self.version, at.0)));
        }
        if let Some(descriptor) = self.implementation_use.as_ref().filter(|_| is_next()) {
            return Ok(Some(descriptor.to_block(self.version, at.0)));
        }
        if let Some(partition) = self.partitions.iter().find(|_| is_next()) {
            return Ok(Some(partition.to_block(self.version, at.0)));
        }
        if is_next() {
            return self
                .logical
                .encode(self.version, at.0)
                .map(Some)
                .map_err(|_| TOO_LARGE);
        }
        if let Some(unallocated) = self.unallocated.as_ref().filter(|_| is_next()) {
            return unallocated
                .encode(self.version, at.0)
                .map(Some)
                .map_err(|_| TOO_LARGE);
        }
        Ok(is_next().then(|| self.terminating(at)))
    }
}

const TOO_LARGE: Error = Error::Unsupported("a volume descriptor that does not fit one block");
