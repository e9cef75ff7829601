//! The volume descriptors, which do not depend on files: every session repeats them.

use ecma167::general::{Descriptor, ExtentAd, TagVersion, tag};
use ecma167::osta::Revision;
use ecma167::recognition::{self, RECOGNITION_SECTOR};
use ecma167::volume::{
    AnchorVolumeDescriptorPointer, ImplementationUseVolumeDescriptor, LogicalVolumeDescriptor,
    LogicalVolumeIntegrityDescriptor, MINIMUM_SEQUENCE_SECTORS, PartitionDescriptor, PrimaryVolumeDescriptor,
    TerminatingDescriptor, UnallocatedSpaceDescriptor,
};
use ecma167::{BLOCK_BYTES, BLOCK_SIZE, LogicalSector, TooLong};

use crate::session_form::{MAIN_SEQUENCE, SessionForm};

/// Sectors of the extent for the integrity descriptor of a new volume.
const INTEGRITY_SECTORS: u32 = 2;

/// Sectors of the main and reserve sequences and of the integrity extent after them.
pub const DESCRIPTOR_SECTORS: u32 = 2 * MINIMUM_SEQUENCE_SECTORS + INTEGRITY_SECTORS;

/// Descriptors in the sequence of a new volume, including the terminating one.
pub const SEQUENCE_DESCRIPTORS: u32 = 6;

/// The extents that the anchors of a session name.
#[derive(Clone, Copy, Debug)]
pub struct Sequences {
    /// The main volume descriptor sequence.
    pub main: ExtentAd,
    /// Its copy.
    pub reserve: ExtentAd,
}

impl Sequences {
    /// The sequences in the session that starts at `first`.
    #[must_use]
    pub fn of_session(first: LogicalSector) -> Sequences {
        Sequences::from(LogicalSector(first.0.saturating_add(MAIN_SEQUENCE)))
    }

    /// The main sequence at `start`, the reserve sequence after it.
    #[must_use]
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

    /// The sequences named by an anchor.
    #[must_use]
    pub fn of_anchor(anchor: &AnchorVolumeDescriptorPointer) -> Sequences {
        Sequences {
            main: anchor.main_volume_descriptor_sequence_extent,
            reserve: anchor.reserve_volume_descriptor_sequence_extent,
        }
    }

    /// The extent for the integrity descriptor of a new volume, after its sequences.
    #[must_use]
    pub fn integrity_extent(&self) -> ExtentAd {
        let start = self.reserve.location().0.saturating_add(MINIMUM_SEQUENCE_SECTORS);
        ExtentAd::new(INTEGRITY_SECTORS * BLOCK_BYTES, LogicalSector(start))
    }

    /// The anchor volume descriptor pointer for sector `at`.
    fn anchor(&self, version: TagVersion, at: LogicalSector) -> [u8; BLOCK_SIZE] {
        AnchorVolumeDescriptorPointer::new(self.main, self.reserve).to_block(version, at.0)
    }
}

/// The index of a sector in an extent.
fn inside(extent: &ExtentAd, at: LogicalSector) -> Option<u32> {
    let number = at.0.checked_sub(extent.location().0)?;
    (number < extent.sectors()).then_some(number)
}

/// The descriptors that every session of a volume repeats.
#[derive(Clone, Debug)]
pub struct Descriptors {
    /// Revision of the volume.
    pub revision: Revision,
    /// The version in descriptor tags.
    pub version: TagVersion,
    /// The serial number in descriptor tags: 0 except on volumes of other programs.
    pub serial: u16,
    /// The primary volume descriptor.
    pub primary: PrimaryVolumeDescriptor,
    /// The implementation use volume descriptor, if there is one.
    pub implementation_use: Option<ImplementationUseVolumeDescriptor>,
    /// The partition descriptors.
    pub partitions: Vec<PartitionDescriptor>,
    /// The logical volume descriptor.
    pub logical: LogicalVolumeDescriptor,
    /// The unallocated space descriptor, if there is one.
    pub unallocated: Option<UnallocatedSpaceDescriptor>,
    /// Recorded only in the first session, in the extent that the logical volume descriptor names.
    pub integrity: Option<LogicalVolumeIntegrityDescriptor>,
}

impl Descriptors {
    /// Encodes the block at `at` of the session that starts at `first` and contains its sequences; `slot`
    /// must be zero.
    ///
    /// # Errors
    /// A descriptor that does not fit its block.
    pub fn session_start_block(
        &self,
        (first, form): (LogicalSector, SessionForm),
        sequences: &Sequences,
        at: LogicalSector,
        slot: &mut [u8],
    ) -> Result<(), TooLong> {
        const VRS: u32 = RECOGNITION_SECTOR;
        const VRS_NSR: u32 = RECOGNITION_SECTOR + 1;
        const VRS_END: u32 = RECOGNITION_SECTOR + 2;
        let fixed = match at.0.saturating_sub(first.0) {
            VRS => Some(recognition::bea01()),
            VRS_NSR => Some(recognition::nsr(self.revision.nsr())),
            VRS_END => Some(recognition::tea01()),
            offset if offset == form.anchor() => Some(sequences.anchor(self.version, at)),
            _ => None,
        };
        let block = match (fixed, inside(&sequences.main, at), inside(&sequences.reserve, at)) {
            (Some(block), ..) => Some(block),
            (_, Some(number), _) | (_, _, Some(number)) => self.sequence_block(number, at)?,
            _ => self.integrity_block(at)?,
        };
        if let Some(block) = block {
            slot.copy_from_slice(&block);
            tag::set_serial_number(slot, self.serial);
        }
        Ok(())
    }

    /// Encodes the anchor for sector `at` that leads to these sequences.
    pub fn anchor(&self, sequences: &Sequences, at: LogicalSector, slot: &mut [u8]) {
        slot.copy_from_slice(&sequences.anchor(self.version, at));
        tag::set_serial_number(slot, self.serial);
    }

    /// A block of the integrity sequence, if this session records it.
    fn integrity_block(&self, at: LogicalSector) -> Result<Option<[u8; BLOCK_SIZE]>, TooLong> {
        let number = inside(&self.logical.integrity_sequence_extent, at);
        match (&self.integrity, number) {
            (Some(integrity), Some(0)) => integrity.encode(self.version, at.0).map(Some),
            (Some(_), Some(1)) => Ok(Some(self.terminating(at))),
            _ => Ok(None),
        }
    }

    fn terminating(&self, at: LogicalSector) -> [u8; BLOCK_SIZE] {
        TerminatingDescriptor::default().to_block(self.version, at.0)
    }

    /// Block `number` of a volume descriptor sequence, encoded for sector `at`.
    fn sequence_block(&self, number: u32, at: LogicalSector) -> Result<Option<[u8; BLOCK_SIZE]>, TooLong> {
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
            return self.logical.encode(self.version, at.0).map(Some);
        }
        if let Some(unallocated) = self.unallocated.as_ref().filter(|_| is_next()) {
            return unallocated.encode(self.version, at.0).map(Some);
        }
        Ok(is_next().then(|| self.terminating(at)))
    }
}
