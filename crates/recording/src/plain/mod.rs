//! Closing a session with a plain volume, which readers without VAT open.
//!
//! 1. The structures of the plain volume follow the last commit. Its VAT follows again, so that the open
//!    volume stays whole, then the reserve sequence, which names all parts.
//! 2. The reserved track at the start of the session is recorded. Readers find the plain volume once the unit
//!    with its anchor is recorded, and not before.
//! 3. Anchors follow up to N, and the session is closed.
//!
//! Once a block of the reserved track is recorded, the closing is completed before anything else is recorded.

mod part;
mod room;
mod start;
mod structures;
mod wish;

use drive::Disposition;
use ecma167::LogicalSector;
use ecma167::general::{Descriptor, Timestamp};
use ecma167::volume::AnchorVolumeDescriptorPointer;
use rom::{END_BLOCKS, Layout, Links, Options, RESERVE_SECTORS, Start};
use track::SessionForm;
use volume::{Companion, Placement, Scattered};

pub(crate) use self::room::BLOCKS_OF_DIRECTORY;
pub use self::room::blocks_of_plain_volume;

use self::part::{Beside, Part, TRIES, is_unreadable, record_part};
use self::structures::Structures;
use crate::Recording;
use crate::commit::Commit;
use crate::error::Error;
use crate::shared_entries::bridge_of;
use crate::tree::PlainPart;

/// What became of the plain volume of a closed session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlainVolume {
    /// None was due: the disc gets none, or no session was recorded.
    None,
    /// It was recorded: every reader shows the closed state.
    Recorded,
    /// It was left out: readers without VAT still show the state of an earlier closing, if there is one.
    LeftOut(NoPlainVolume),
}

/// Why a session was closed without a plain volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPlainVolume {
    /// The session does not start with a reserved track: the drive reserved none, or one that is too long.
    NoReservedTrack,
    /// The medium lacks the room.
    NoRoom,
    /// The drive repeatedly continued elsewhere than at the place of the structures.
    DriveMoves,
    /// A directory or file cannot be read.
    Unreadable,
    /// Blocks that readers need at the start of the session cannot be read, and no further session follows.
    StartSpoiled,
    /// The caller wanted none.
    NotWanted,
}

/// The end of a session.
pub(crate) struct Ended {
    pub commit: Commit,
    pub plain: PlainVolume,
}

impl Recording {
    /// What the volume states about a plain volume beside it.
    pub(crate) fn companion(&self) -> Option<Companion> {
        let formatted = self.volume.companion().filter(|companion| !companion.is_plain);
        formatted.or(self.added_companion)
    }

    /// The reserved track at the start of the open session, while it takes data.
    pub(crate) fn reserved_track(&self) -> Option<drive::Track> {
        let medium = self.volume.drive().medium();
        let session = medium.recordable_session()?;
        let mut reserved = medium.reserved_tracks();
        reserved.find(|track| track.start == session.start).copied()
    }

    /// Whether the open session starts with a reserved track, which closing records.
    pub(crate) fn has_reserved_start(&self) -> bool {
        self.track.session_form() == SessionForm::AfterReservedTrack && self.companion().is_some()
    }

    /// Whether a closing with a plain volume was interrupted so late that it must be completed before
    /// anything else is recorded.
    pub(crate) fn is_closing_begun(&self) -> bool {
        if !self.has_reserved_start() || !self.session_has_data() {
            return false;
        }
        if self.track.is_reserved_track_lost() {
            return false;
        }
        let first = self.track.first_of_closing();
        let is_before = |track: drive::Track| {
            let next = track.next_writable_address;
            next.is_some_and(|next| next.0.saturating_sub(track.start.0) <= first)
        };
        !self.reserved_track().is_some_and(is_before)
    }

    /// Whether an interrupted closing can continue.
    pub(crate) fn can_go_on_closing(&mut self) -> Result<bool, Error> {
        if !self.has_reserved_start() || self.is_dirty() || !self.session_has_data() {
            return Ok(false);
        }
        Ok(self.is_closing_begun() || self.placement_on_disc()?.is_some())
    }

    /// Completes a closing with a plain volume that was interrupted late; the medium stays appendable.
    pub(crate) fn complete_closing(&mut self, companion: Companion) -> Result<(), Error> {
        let now = self.tree.now();
        self.end_with_plain_volume(companion, now)?;
        self.track
            .close_session(self.volume.drive_mut(), Disposition::Appendable)?;
        Ok(())
    }

    /// S of the session that takes data.
    fn first_of_session(&self) -> LogicalSector {
        let session = self.volume.drive().medium().recordable_session();
        session.map_or(LogicalSector(0), |session| LogicalSector(session.start.0))
    }

    /// Records a plain volume of the last commit, or what is missing of it, until the session can be closed.
    /// If none can be built, the session ends like one of a volume with a VAT alone.
    pub(crate) fn end_with_plain_volume(
        &mut self,
        companion: Companion,
        now: Timestamp,
    ) -> Result<Ended, Error> {
        if self.track.is_reserved_track_lost() {
            // A further session gets the plain volume.
            return self.end_without_plain_volume(NoPlainVolume::StartSpoiled);
        }
        // Blocks that a write error spoiled after the VAT seem to hide a later one, until the session ends.
        self.track.end_despite_write_errors();
        let first = self.first_of_session();
        let mut tries = 1;
        let found = loop {
            let on_disc = match self.placement_on_disc()? {
                Some(placement) => self.structures_on_disc(companion, placement),
                None => Ok(None),
            };
            let found = match on_disc {
                Ok(Some(structures)) => Ok(structures),
                Ok(None) if self.is_closing_begun() => {
                    return self.end_without_plain_volume(NoPlainVolume::StartSpoiled);
                }
                Ok(None) => self.record_structures(companion, first, now),
                Err(error) => Err(error),
            };
            match found {
                // A read that fails once must not leave a finalized disc without its plain volume. What fails
                // always does so before the first block of the run.
                Err(error) if is_unreadable(&error) && tries < TRIES => tries += 1,
                found => break found,
            }
        };
        let Structures {
            layout,
            placement,
            mut blocks,
        } = match found {
            Ok(structures) => structures,
            Err(error) => {
                let why = why_none(&error).filter(|_| self.track.require_open().is_ok());
                return self.end_without_plain_volume(why.ok_or(error)?);
            }
        };
        let start = Start::new(&layout, &mut self.volume, first, &placement)?;
        blocks += self.record_reserved_track(&Part::Start { start: &start, first })?;
        if !self.is_start_whole(first)? {
            return self.end_without_plain_volume(NoPlainVolume::StartSpoiled);
        }
        blocks += self.record_anchors(&start, &placement)?;
        self.differences = Some(*layout.differences());
        self.volume.end_by_plain_volume();
        let commit = Commit {
            vat_icb: self.vat_icb,
            blocks,
        };
        let plain = PlainVolume::Recorded;
        Ok(Ended { commit, plain })
    }

    /// Ends a session that starts with a reserved track like one of a volume with a VAT alone.
    pub(crate) fn end_without_plain_volume(&mut self, why: NoPlainVolume) -> Result<Ended, Error> {
        self.track.end_despite_write_errors();
        let commit = self.end_vat_session()?;
        let descriptors = self.track.descriptors().clone();
        let start = Part::VatStart {
            descriptors: &descriptors,
            sequences: *self.track.sequences(),
            first: self.first_of_session(),
        };
        let blocks = self.record_reserved_track(&start)?;
        Ok(Ended {
            commit: Commit {
                blocks: commit.blocks + blocks,
                ..commit
            },
            plain: PlainVolume::LeftOut(why),
        })
    }

    /// What would become of a plain volume, found without recording a block: everything that it has to read
    /// is read.
    pub(crate) fn forecast_plain_volume(&mut self, companion: Companion) -> Result<PlainVolume, Error> {
        match self.require_plain_volume(companion) {
            Ok(()) => Ok(PlainVolume::Recorded),
            Err(error) => why_none(&error).map(PlainVolume::LeftOut).ok_or(error),
        }
    }

    /// Fails without recording a block if what the plain volume of the last commit needs cannot be read, or
    /// if it has no room.
    pub(crate) fn require_plain_volume(&mut self, companion: Companion) -> Result<(), Error> {
        let now = self.tree.now();
        let mut tries = 1;
        loop {
            match self.readable_layout(companion, now) {
                Err(error) if is_unreadable(&error) && tries < TRIES => tries += 1,
                Err(Error::Volume(error)) => return Err(Error::PlainVolumeUnreadable(error)),
                read => return read.map(drop),
            }
        }
    }

    fn plain_options(&self, companion: Companion, now: Timestamp, scattered: Scattered) -> Options {
        Options {
            revision: companion.revision,
            bridge: bridge_of(companion),
            links: if companion.links {
                Links::Keep
            } else {
                Links::LeaveOut
            },
            scattered,
            partition_start: self.tree.form().partition_start,
            serial_number: self.tree.form().serial,
            capacity: self.volume.drive().medium().capacity_blocks,
            now,
        }
    }

    /// The structures that an interrupted closing recorded; `None` if they cannot all be read.
    fn structures_on_disc(
        &mut self,
        companion: Companion,
        placement: Placement,
    ) -> Result<Option<Structures>, Error> {
        let options = self.plain_options(companion, placement.now, placement.scattered);
        let mut layout = Layout::of(&mut self.volume, options)?;
        if layout.zeros(placement.base) != placement.zeros {
            layout.use_zeros(placement.zeros.at);
        }
        let is_whole = self.is_run_whole(&layout, placement.base)?;
        Ok(is_whole.then_some(Structures {
            layout,
            placement,
            blocks: 0,
        }))
    }

    /// Records anchors up to N, unless they are on disc already.
    fn record_anchors(&mut self, start: &Start, placement: &Placement) -> Result<u64, Error> {
        let mut blocks = 0;
        // Links may be at N-256, and then N is another block.
        for _ in 0..TRIES {
            if self.has_anchors(placement)? {
                break;
            }
            let next = self.track.next(self.volume.drive_mut())?;
            let least = placement.last.0.saturating_add(1).saturating_sub(next.0);
            let count = self
                .track
                .end_blocks(self.volume.drive_mut(), least.max(END_BLOCKS))?;
            let Self {
                volume, track, tree, ..
            } = self;
            let mut source = Beside {
                tree,
                part: Part::Anchors { start },
            };
            let drive = volume.drive_mut();
            blocks += record_part(drive, track, &mut source, PlainPart::Anchors, 0..count)?;
        }
        Ok(blocks)
    }

    /// Whether the session already ends with anchors at N-256 and N.
    fn has_anchors(&mut self, placement: &Placement) -> Result<bool, Error> {
        let session = self.volume.drive_mut().refresh()?.last_session_with_data();
        let Some(last) = session.and_then(|session| session.last_recorded) else {
            return Ok(false);
        };
        let last = last.0;
        for at in [last, last.saturating_sub(END_BLOCKS - 1)] {
            if at < placement.reserve.0.saturating_add(RESERVE_SECTORS) {
                return Ok(false);
            }
            let block = self.read_or_not(LogicalSector(at))?;
            let is_anchor = |block: Vec<u8>| AnchorVolumeDescriptorPointer::read(&block, Some(at)).is_ok();
            if !block.is_some_and(is_anchor) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Why an error leaves a session without a plain volume; `None` if closing fails with the error.
fn why_none(error: &Error) -> Option<NoPlainVolume> {
    match error {
        Error::MediumFull { .. } | Error::Rom(rom::Error::TooManyBlocks) => Some(NoPlainVolume::NoRoom),
        Error::Rom(rom::Error::Moved { .. }) => Some(NoPlainVolume::DriveMoves),
        error if is_unreadable(error) => Some(NoPlainVolume::Unreadable),
        _ => None,
    }
}
