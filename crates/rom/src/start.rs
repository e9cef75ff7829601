//! The start of a session with a plain volume: recognition sequences, descriptors, anchor and file set.

use ecma167::general::{Descriptor, ExtentAd};
use ecma167::recognition::RECOGNITION_SECTOR;
use ecma167::volume::{ANCHOR_SECTOR, MINIMUM_SEQUENCE_SECTORS, TerminatingDescriptor};
use ecma167::{BLOCK_BYTES, BLOCK_SIZE, LogicalSector};
use iso9660::{PathTables, Section, VolumeDescriptor, VolumeFacts, VolumeKind};
use track::{Descriptors, LATE_MAIN_SEQUENCE, MAIN_SEQUENCE, Sequences, SessionForm};
use volume::{Placement, Volume};

use crate::attributes::{date_time, record_date};
use crate::descriptors;
use crate::error::Error;
use crate::layout::Layout;
use crate::options::Bridge;
use crate::tags::Tags;
use crate::tree::Tree;

/// The place of the file set in a session: after the anchor. In the first session it is block 0 of the
/// partition, which pycdlib requires.
const FILE_SET: u32 = ANCHOR_SECTOR + 1;

/// Blocks in the start of a session, up to the file set and the descriptor that terminates it.
pub const START_BLOCKS: u32 = FILE_SET + 2;

/// ISO 9660 descriptors: primary, Joliet, terminator.
const ISO_DESCRIPTORS: u32 = 3;

/// Sectors of the reserve sequence. It is at the end of the session, because the VAT of the other volume
/// follows all else, and 7-Zip takes a volume for damaged if its last known block is followed by anything but
/// zeros and anchors.
pub const RESERVE_SECTORS: u32 = MINIMUM_SEQUENCE_SECTORS;

/// The fewest blocks of anchors at the end of a session: N-256, N and those between.
pub const END_BLOCKS: u32 = ANCHOR_SECTOR + 1;

/// The start of a session with a plain volume.
#[derive(Debug)]
pub struct Start {
    first: LogicalSector,
    partition_start: LogicalSector,
    sequences: Sequences,
    descriptors: Descriptors,
    tags: Tags,
    file_set: [u8; BLOCK_SIZE],
    iso: Vec<[u8; BLOCK_SIZE]>,
}

impl Start {
    /// The start of a session that begins at `first`, for a plain volume with this placement.
    ///
    /// # Errors
    /// Descriptors that do not fit their blocks; [`Error::TooLarge`].
    pub fn new(
        layout: &Layout,
        volume: &mut Volume,
        first: LogicalSector,
        placement: &Placement,
    ) -> Result<Self, Error> {
        let main = match layout.options.bridge {
            Bridge::No => LATE_MAIN_SEQUENCE,
            Bridge::Iso9660 => MAIN_SEQUENCE,
        };
        let in_session = Sequences::from(LogicalSector(first.0.saturating_add(main)));
        let integrity = in_session.integrity_extent();
        let sequences = Sequences {
            reserve: ExtentAd::new(RESERVE_SECTORS * BLOCK_BYTES, placement.reserve),
            ..in_session
        };
        let file_set_at = LogicalSector(first.0.saturating_add(FILE_SET));
        let descriptors = descriptors::descriptors(layout, volume, integrity, file_set_at, placement);
        let root = layout.block(layout.sector(placement.base, layout.directories[0].entry));
        let tags = layout.options.tags();
        let file_set = descriptors::file_set(layout, volume, root);
        Ok(Self {
            first,
            partition_start: layout.options.partition_start,
            sequences,
            descriptors,
            file_set: tags.numbered(file_set.to_block(tags.version, layout.block(file_set_at).0)),
            tags,
            iso: iso_descriptors(layout, volume, placement)?,
        })
    }

    /// Fills in block `number` of the session; `slot` contains zeros.
    ///
    /// # Errors
    /// A descriptor that does not fit its block.
    pub fn encode(&self, number: u32, slot: &mut [u8]) -> Result<(), Error> {
        let at = LogicalSector(self.first.0.saturating_add(number));
        let in_recognition = number.checked_sub(RECOGNITION_SECTOR);
        if let Some(block) = in_recognition.and_then(|number| self.iso.get(number as usize)) {
            slot.copy_from_slice(block);
            return Ok(());
        }
        match number {
            FILE_SET => slot.copy_from_slice(&self.file_set),
            number if number == FILE_SET + 1 => {
                let block = at.0.saturating_sub(self.partition_start.0);
                let terminating = TerminatingDescriptor::default().to_block(self.tags.version, block);
                slot.copy_from_slice(&self.tags.numbered(terminating));
            }
            _ => {
                // The recognition sequence of UDF follows that of ISO 9660.
                let shifted = if self.iso.is_empty() { 0 } else { ISO_DESCRIPTORS };
                let is_udf = (RECOGNITION_SECTOR..RECOGNITION_SECTOR + 2 * ISO_DESCRIPTORS).contains(&number);
                let of = if is_udf { at.0 - shifted } else { at.0 };
                self.descriptors.session_start_block(
                    (self.first, SessionForm::Ordinary),
                    &self.sequences,
                    LogicalSector(of),
                    slot,
                )?;
            }
        }
        Ok(())
    }

    /// Fills in the block of the reserve sequence at a sector; `slot` contains zeros.
    ///
    /// # Errors
    /// A descriptor that does not fit its block.
    pub fn reserve(&self, at: LogicalSector, slot: &mut [u8]) -> Result<(), Error> {
        Ok(self.descriptors.session_start_block(
            (self.first, SessionForm::Ordinary),
            &self.sequences,
            at,
            slot,
        )?)
    }

    /// Fills in the anchor at a sector of the end of the session.
    pub fn anchor(&self, at: LogicalSector, slot: &mut [u8]) {
        self.descriptors.anchor(&self.sequences, at, slot);
    }
}

fn iso_descriptors(
    layout: &Layout,
    volume: &Volume,
    placement: &Placement,
) -> Result<Vec<[u8; BLOCK_SIZE]>, Error> {
    if layout.options.bridge == Bridge::No {
        return Ok(Vec::new());
    }
    let base = placement.base;
    let now = date_time(&layout.options.now);
    let label = volume.label();
    let set = volume.descriptors().primary.volume_set_identifier.decode_lossy();
    let mut blocks = Vec::new();
    for (tree, kind) in [
        (Tree::Primary, VolumeKind::Primary),
        (Tree::Joliet, VolumeKind::Joliet),
    ] {
        let root = layout.directories[0].records(tree)?;
        let tables = base.0 + layout.tables.start(tree);
        let facts = VolumeFacts {
            volume: &label,
            volume_set: &set,
            system: "LINUX",
            publisher: "",
            preparer: "",
            application: "ONCEFS",
            blocks: placement.last.0.saturating_add(1),
            path_tables: PathTables {
                bytes: layout.tables.bytes[tree as usize],
                type_l: tables,
                type_m: tables + layout.tables.blocks[tree as usize],
            },
            root: Section {
                block: layout.sector(base, root.block).0,
                ..root
            },
            root_date: record_date(&layout.options.now),
            created: now,
            modified: now,
        };
        blocks.push(VolumeDescriptor::new(kind, &facts).to_block());
    }
    blocks.push(iso9660::set_terminator());
    Ok(blocks)
}
