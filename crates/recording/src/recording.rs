//! The recording: a volume on write-once media that is open for changes.

use std::ops::Range;

use drive::{Disposition, Drive, Medium, SessionState, Status};
use ecma167::{
    LogicalBlock, LogicalSector, PartitionReference, VirtualAddress,
    general::{Descriptor, TagVersion, Timestamp},
    osta::unique_id,
    volume::{AnchorVolumeDescriptorPointer, PartitionMap},
};
use mmc::Profile;
use volume::{Vat, Volume};

use crate::{
    begun,
    disc::Disc,
    error::{Error, ReadOnly},
    issue::{Point, SHORTEST_TRACK_BLOCKS},
    node::Form,
    nodes::Nodes,
    queue::{Item, Queue},
    session::{Descriptors, SESSION_END_BLOCKS, SESSION_START_BLOCKS, Sequences},
    vat::PendingVat,
};

/// Files and directories of the volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counts {
    pub files: u32,
    pub directories: u32,
}

/// The last generation that the drive has recorded in full.
#[derive(Clone, Debug)]
pub(crate) struct Committed {
    pub vat: PendingVat,
    pub vat_icb: LogicalSector,
    pub icb: LogicalBlock,
    pub counts: Counts,
    pub unique_id: u64,
}

/// A volume that is open for changes.
///
/// Changes are pending until [`Recording::commit`]; data of files streams to the disc before. Dropping a recording
/// with changes leaves the generation of the last commit, behind which blocks may stand that nobody names; the next
/// recording that opens the disc brings its VAT ICB back to the end.
pub struct Recording {
    pub(crate) disc: Disc,
    pub(crate) form: Form,
    pub(crate) descriptors: Descriptors,
    /// The sequences that anchors at the end of the session name.
    pub(crate) sequences: Sequences,
    /// The sequences through which the volume was found.
    pub(crate) found_sequences: Sequences,
    pub(crate) partition_start: LogicalSector,
    pub(crate) partition_end: LogicalSector,
    /// Blocks of the drive's unit of writing.
    pub(crate) unit: u32,
    pub(crate) root: VirtualAddress,
    pub(crate) nodes: Nodes,
    pub(crate) vat: PendingVat,
    pub(crate) committed: Committed,
    pub(crate) counts: Counts,
    /// The next unique ID to be given out.
    pub(crate) unique_id: u64,
    pub(crate) now: Timestamp,
    /// The run of writes that is going on.
    pub(crate) run: Option<Point>,
    /// Whether the session that takes data has no structures at its start yet.
    pub(crate) session_is_new: bool,
    pub(crate) recorded_since_commit: u64,
    pub(crate) last_vat_icb: LogicalBlock,
    pub(crate) changed: bool,
    /// A write failed and nothing can be recorded behind it.
    pub(crate) failed: bool,
    /// A change failed when half of it was done; only [`Recording::abandon`] helps.
    pub(crate) half_done: bool,
    /// The blocks that were sent since the last commit.
    pub(crate) sent: Vec<Range<u32>>,
    /// A write failed since the last commit, so that what was sent has to be read back.
    pub(crate) doubtful: bool,
    pub(crate) finalized: bool,
    /// Something was recorded since the drive was last asked about its medium.
    pub(crate) medium_changed: bool,
    /// Blocks that the dirty nodes still have to record.
    pub(crate) owed: u64,
    /// Memory of the pending nodes, in bytes.
    pub(crate) weight: usize,
    /// Counts operations, to know which nodes were used last.
    pub(crate) clock: u64,
}

impl Recording {
    /// Opens the volume on an appendable medium for changes, and brings an interrupted disc back to a VAT ICB at its end.
    ///
    /// # Errors
    /// [`Error::ReadOnly`], [`Error::Unsupported`], [`Error::GenerationLost`]; what reading the volume or recording the VAT
    /// again reports.
    pub fn open(drive: Drive, now: Timestamp) -> Result<Recording, Error> {
        require_appendable(&drive)?;
        let volume = Volume::open(drive).map_err(|failed| Error::Volume(failed.error))?;
        Recording::of_volume(volume, now)
    }

    /// Opens a volume that was opened for reading for changes.
    ///
    /// # Errors
    /// As [`Recording::open`].
    pub fn of_volume(volume: Volume, now: Timestamp) -> Result<Recording, Error> {
        require_appendable(volume.drive())?;
        if let Some(loss) = volume.hidden_generation() {
            return Err(Error::GenerationLost(Box::new(loss.clone())));
        }
        let mut recording = Recording::assemble(volume, now)?;
        recording.take_up_session()?;
        if !recording.disc.volume.clean() || !recording.disc.queue.is_empty() {
            recording.record_vat_again()?;
        }
        Ok(recording)
    }

    fn assemble(mut volume: Volume, now: Timestamp) -> Result<Recording, Error> {
        let form = form_of(&volume)?;
        let vat = PendingVat::of_volume(&volume, form)?;
        let recorded = volume
            .vat()
            .ok_or(Error::ReadOnly(ReadOnly::NoVirtualPartition))?;
        let icb = recorded.icb;
        let (counts, unique_id) = statement_of(&volume, recorded);
        let partition_start = volume.partition_start(form.physical)?;
        let length = partition_length(&volume, form)?;
        let root = root_of(&mut volume, form)?;
        let prevailing = volume.descriptors();
        let descriptors = Descriptors::of_volume(prevailing, form.revision);
        let anchor = prevailing.anchor;
        let sequences = sequences_of(&mut volume, anchor)?;
        let unit = volume.drive().medium().write_unit.max(1);
        let vat_icb = LogicalSector(partition_start.0.saturating_add(icb.0));
        Ok(Recording {
            disc: Disc {
                volume,
                queue: Queue::default(),
            },
            form,
            descriptors,
            sequences,
            found_sequences: sequences,
            partition_start,
            partition_end: LogicalSector(partition_start.0.saturating_add(length)),
            unit,
            root,
            nodes: Nodes::default(),
            committed: Committed {
                vat: vat.clone(),
                vat_icb,
                icb,
                counts,
                unique_id,
            },
            vat,
            counts,
            unique_id,
            now,
            run: None,
            session_is_new: false,
            recorded_since_commit: 0,
            last_vat_icb: icb,
            changed: false,
            failed: false,
            half_done: false,
            sent: Vec::new(),
            doubtful: false,
            finalized: false,
            medium_changed: false,
            owed: 0,
            weight: 0,
            clock: 0,
        })
    }

    /// Finds out how far the session that takes data has come.
    fn take_up_session(&mut self) -> Result<(), Error> {
        let session = self.disc.volume.drive().medium().recordable_session().copied();
        let session = session.ok_or(Error::ReadOnly(ReadOnly::Finalized))?;
        if session.state == SessionState::Empty {
            self.session_is_new = true;
            return Ok(());
        }
        if self.disc.volume.drive().medium().next_writable_address.is_none() {
            return Ok(());
        }
        let start = LogicalSector(session.start.0);
        let next = self.point()?.next;
        if self.leave_damaged_session(start, next)? {
            return Ok(());
        }
        // A session that was interrupted before its anchor is continued where its structures broke off. Links of a CD may
        // have swallowed some of them, so the anchor at S+256 then names the sequences that were read.
        let end = start.0.saturating_add(SESSION_START_BLOCKS);
        if (start.0..end).contains(&next.0) {
            self.disc.queue.push(Item::SessionStart {
                start: Some(start),
                count: end - next.0,
            });
        }
        Ok(())
    }

    /// Where links lie on the recognition sequence or the anchor of a further session, and nothing of the volume stands in it
    /// yet, it is closed and the next one begun: readers of closed discs look at the start of the last session only. Where
    /// the medium may not have room for that, the session is continued as it is; the volume is then found by the
    /// session before, and once this one is closed by its anchors at N-256 and before.
    pub(crate) fn leave_damaged_session(
        &mut self,
        start: LogicalSector,
        next: LogicalSector,
    ) -> Result<bool, Error> {
        if self.committed.vat_icb >= start {
            return Ok(false);
        }
        let free = self.point()?.free;
        let drive = self.disc.volume.drive_mut();
        let has_room = !drive.medium().single_session && free >= blocks_to_leave_session(drive.medium());
        if begun::session_start_can_be_whole(drive, start, next, self.form.revision)? || !has_room {
            return Ok(false);
        }
        drive.close_session(Disposition::Appendable)?;
        self.run = None;
        self.session_is_new = true;
        Ok(true)
    }

    /// The volume as of the last commit.
    pub fn volume(&mut self) -> &mut Volume {
        self.know_medium();
        &mut self.disc.volume
    }

    /// Sets the time that changes to directories and bodies get.
    pub fn set_time(&mut self, now: Timestamp) {
        self.now = now;
    }

    /// Gives the volume back; what is pending is dropped.
    pub fn into_volume(mut self) -> Volume {
        self.know_medium();
        self.disc.volume
    }

    /// Makes the drive's snapshot of its medium one of what was recorded since. Where the drive fails it stays as it is, and
    /// the next command says why.
    fn know_medium(&mut self) {
        if self.medium_changed {
            self.medium_changed = self.disc.volume.drive_mut().refresh().is_err();
        }
    }

    /// Gives out a unique ID (`UDF 2.60 3.2.1.1`).
    pub(crate) fn next_unique_id(&mut self) -> u64 {
        let unique_id = self.unique_id;
        self.unique_id = unique_id::next(unique_id);
        unique_id
    }
}

/// The root directory, which has to be reached through the VAT like every node.
fn root_of(volume: &mut Volume, form: Form) -> Result<VirtualAddress, Error> {
    let root = volume.root()?;
    if root.partition != form.virtual_partition {
        return Err(Error::Unsupported(
            "its root directory is not in the virtual partition",
        ));
    }
    Ok(VirtualAddress(root.block))
}

/// Counts and the next unique ID: of the VAT, or where its writer left them out what else tells of them.
fn statement_of(volume: &Volume, vat: &Vat) -> (Counts, u64) {
    let integrity = volume.descriptors().integrity.as_ref();
    let stated = integrity.and_then(|integrity| integrity.implementation_use.as_ref());
    let counts = Counts {
        files: vat
            .files
            .or(stated.map(|stated| stated.number_of_files.get()))
            .unwrap_or(0),
        directories: vat
            .directories
            .or(stated.map(|stated| stated.number_of_directories.get()))
            .unwrap_or(1),
    };
    let unique_id = if vat.next_unique_id() >= unique_id::FIRST {
        vat.next_unique_id()
    } else {
        // No more nodes were given one than there are virtual addresses.
        let stale = integrity.map_or(0, |integrity| integrity.unique_id);
        stale.max(unique_id::FIRST + u64::from(vat.entries))
    };
    (counts, unique_id)
}

/// The sequences that the anchor names, through which the volume was found.
fn sequences_of(volume: &mut Volume, anchor: LogicalSector) -> Result<Sequences, Error> {
    let pointer = AnchorVolumeDescriptorPointer::read(volume.read_sector(anchor)?, Some(anchor.0))?;
    Ok(Sequences::of_anchor(&pointer))
}

/// Blocks of the write-once partition.
fn partition_length(volume: &Volume, form: Form) -> Result<u32, Error> {
    let map = volume.maps().get(usize::from(form.physical.0));
    map.map(|map| map.partition().length).ok_or(Error::Unsupported(
        "a partition reference without a partition map",
    ))
}

/// Blocks that are enough to close a session in which little is recorded, and to begin and end another one behind it.
fn blocks_to_leave_session(medium: &Medium) -> u64 {
    // The widest gap between sessions that drives are known to leave on the medium, and what they pad a track to.
    let gap: u64 = match medium.profile {
        Profile::CdR => 11_400 + u64::from(SHORTEST_TRACK_BLOCKS),
        Profile::DvdR => 28_672,
        _ => 4_096,
    };
    gap + 2 * u64::from(SESSION_START_BLOCKS + SESSION_END_BLOCKS) + 8 * u64::from(medium.write_unit)
}

fn require_appendable(drive: &Drive) -> Result<(), Error> {
    let medium = drive.medium();
    match (medium.status, medium.read_only) {
        (Status::Finalized, _) => Err(Error::ReadOnly(ReadOnly::Finalized)),
        // A session on a full medium, whose close was interrupted, can still be closed.
        (_, None | Some(drive::ReadOnly::NoNextWritableAddress)) => Ok(()),
        _ => Err(Error::ReadOnly(ReadOnly::Drive)),
    }
}

/// The form of a volume that can be continued: one write-once partition and a virtual partition over it.
fn form_of(volume: &Volume) -> Result<Form, Error> {
    let maps = &volume.descriptors().logical.partition_maps;
    let reference = |wanted: fn(&PartitionMap) -> bool| {
        let index = maps.iter().position(wanted)?;
        u16::try_from(index).ok().map(PartitionReference)
    };
    let virtual_partition = reference(|map| matches!(map, PartitionMap::Virtual { .. }))
        .ok_or(Error::ReadOnly(ReadOnly::NoVirtualPartition))?;
    let physical = reference(|map| matches!(map, PartitionMap::Type1 { .. })).ok_or(Error::Unsupported(
        "no type 1 partition map under its virtual partition",
    ))?;
    let number = |reference: PartitionReference| {
        maps.get(usize::from(reference.0))
            .and_then(PartitionMap::partition_number)
    };
    if maps.len() != 2 || number(physical) != number(virtual_partition) {
        return Err(Error::Unsupported(
            "its partition maps are not one type 1 map and one virtual map over it",
        ));
    }
    let revision = volume.revision();
    Ok(Form {
        revision,
        version: TagVersion::of(revision),
        physical,
        virtual_partition,
    })
}
