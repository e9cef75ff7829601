//! The recording: a volume on write-once media that is open for changes.

use std::ops::Range;

use drive::{Disposition, Drive, Medium, SessionState};
use ecma167::{LogicalBlock, LogicalSector, VirtualAddress, general::Timestamp, osta::unique_id};
use mmc::Profile;
use volume::Volume;

use crate::{
    begun,
    disc::Disc,
    error::{Error, OpenError, ReadOnly},
    held::Held,
    issue::{Point, SHORTEST_TRACK_BLOCKS},
    known::{Known, require_appendable},
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
/// with changes leaves the generation of the last commit, and after it blocks that nothing names; the first change of the
/// next recording brings its VAT ICB back to the end, and so does [`Recording::recover`]. Opening records nothing.
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
    pub(crate) held: Held,
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
    /// What an interrupted recording left to be done before anything else is recorded.
    pub(crate) recovery: Option<Recovery>,
}

/// What an interrupted recording left to be done, beside recording its VAT again.
#[derive(Clone, Debug)]
pub(crate) struct Recovery {
    /// Whether links lie on the start of the open session, so that it is left for another one.
    leaves_session: bool,
    /// What is missing of the start of the open session.
    session_start: Option<Item>,
}

impl Recording {
    /// Opens the volume on an appendable medium for changes. Nothing is recorded before the first of them.
    ///
    /// # Errors
    /// [`Error::ReadOnly`], [`Error::Unsupported`], [`Error::GenerationLost`]; what reading the volume reports. The
    /// drive comes back with it.
    pub fn open(drive: Drive, now: Timestamp) -> Result<Recording, OpenError<Drive>> {
        if let Err(error) = require_appendable(&drive) {
            return Err(OpenError::new(error, drive));
        }
        let volume = Volume::open(drive).map_err(|failed| OpenError {
            error: Error::Volume(failed.error),
            given: failed.drive,
        })?;
        Recording::of_volume(volume, now)
            .map_err(|failed| OpenError::new(failed.error, failed.given.into_drive()))
    }

    /// Opens a volume that was opened for reading for changes.
    ///
    /// # Errors
    /// As [`Recording::open`]. The volume comes back with it, as it was opened.
    pub fn of_volume(mut volume: Volume, now: Timestamp) -> Result<Recording, OpenError<Volume>> {
        let known = match Known::of(&mut volume) {
            Ok(known) => known,
            Err(error) => return Err(OpenError::new(error, volume)),
        };
        let mut recording = Recording::assemble(volume, known, now);
        match recording.take_up_session() {
            Ok(()) => Ok(recording),
            Err(error) => Err(OpenError::new(error, recording.into_volume())),
        }
    }

    /// Whether a recording was interrupted, so that readers that look for the VAT at the end alone do not find the volume.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.recovery.is_some()
    }

    /// Makes a disc whose recording was interrupted one that every reader of its kind opens: its VAT is recorded again, at the
    /// end. The first change does the same by itself. Records nothing where nothing was interrupted.
    ///
    /// # Errors
    /// What the drive reports; the volume stays as it is then, and it can be tried again.
    pub fn recover(&mut self) -> Result<(), Error> {
        let Some(recovery) = &mut self.recovery else {
            return Ok(());
        };
        if recovery.leaves_session {
            self.disc
                .volume
                .drive_mut()
                .close_session(Disposition::Appendable)?;
            recovery.leaves_session = false;
            self.run = None;
            self.session_is_new = true;
        }
        if let Some(start) = recovery.session_start.take() {
            self.disc.queue.push(start);
        }
        self.record_vat_again()?;
        self.recovery = None;
        Ok(())
    }

    /// Blocks that recovering takes at most.
    pub(crate) fn recovery_blocks(&self) -> u64 {
        let Some(recovery) = &self.recovery else {
            return 0;
        };
        let session_start = recovery.session_start.as_ref().map_or(0, Item::count);
        let leaving = if recovery.leaves_session {
            blocks_to_leave_session(self.disc.volume.drive().medium())
        } else {
            0
        };
        self.vat.body.dirty.len() as u64 + 2 * u64::from(self.unit) + u64::from(session_start) + leaving
    }

    fn assemble(volume: Volume, known: Known, now: Timestamp) -> Recording {
        let unit = volume.drive().medium().write_unit.max(1);
        let committed = known.committed;
        Recording {
            disc: Disc {
                volume,
                queue: Queue::default(),
            },
            form: known.form,
            descriptors: known.descriptors,
            sequences: known.sequences,
            found_sequences: known.sequences,
            partition_start: known.partition_start,
            partition_end: known.partition_end,
            unit,
            root: known.root,
            nodes: Nodes::default(),
            held: Held::default(),
            vat: committed.vat.clone(),
            counts: committed.counts,
            unique_id: committed.unique_id,
            now,
            run: None,
            session_is_new: false,
            recorded_since_commit: 0,
            last_vat_icb: committed.icb,
            committed,
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
            recovery: None,
        }
    }

    /// Finds out how far the session that takes data has come, and what is left to do where it was interrupted.
    fn take_up_session(&mut self) -> Result<(), Error> {
        let session = self.disc.volume.drive().medium().recordable_session().copied();
        let session = session.ok_or(Error::ReadOnly(ReadOnly::Finalized))?;
        let mut recovery = Recovery {
            leaves_session: false,
            session_start: None,
        };
        if session.state == SessionState::Empty {
            self.session_is_new = true;
        } else if self.disc.volume.drive().medium().next_writable_address.is_some() {
            let start = LogicalSector(session.start.0);
            let next = self.point()?.next;
            // A session that was interrupted before its anchor is continued where its structures broke off. Links of a CD may
            // have swallowed some of them, so the anchor at S+256 then names the sequences that were read.
            let end = start.0.saturating_add(SESSION_START_BLOCKS);
            if self.is_damaged_session(start, next)? {
                recovery.leaves_session = true;
            } else if (start.0..end).contains(&next.0) {
                recovery.session_start = Some(Item::SessionStart {
                    start: Some(start),
                    count: end - next.0,
                });
            }
        }
        if !self.disc.volume.clean() || recovery.leaves_session || recovery.session_start.is_some() {
            self.recovery = Some(recovery);
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
        if !self.is_damaged_session(start, next)? {
            return Ok(false);
        }
        self.disc
            .volume
            .drive_mut()
            .close_session(Disposition::Appendable)?;
        self.run = None;
        self.session_is_new = true;
        Ok(true)
    }

    /// Whether a session is one that [`Recording::leave_damaged_session`] leaves.
    fn is_damaged_session(&mut self, start: LogicalSector, next: LogicalSector) -> Result<bool, Error> {
        if self.committed.vat_icb >= start {
            return Ok(false);
        }
        let free = self.point()?.free;
        let drive = self.disc.volume.drive_mut();
        let has_room = !drive.medium().single_session && free >= blocks_to_leave_session(drive.medium());
        // A track at once that broke off is closed, and what follows it is no start of this session.
        let broke_off = next.0.saturating_sub(start.0) < SESSION_START_BLOCKS && drive.medium().track_at_once;
        let is_whole = |drive| begun::session_start_can_be_whole(drive, start, next, self.form.revision);
        Ok(has_room && (broke_off || !is_whole(drive)?))
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
