//! The structures of a plain volume: recorded after the last commit, or found there.

use drive::DriveError;
use ecma167::general::{Descriptor, Timestamp};
use ecma167::volume::{ImplementationUseVolumeDescriptor, PrimaryVolumeDescriptor, TerminatingDescriptor};
use ecma167::{BLOCK_SIZE, LogicalSector};
use rom::{END_BLOCKS, Layout, RESERVE_SECTORS, Start};
use track::SEQUENCE_DESCRIPTORS;
use volume::{Companion, MOST_BEFORE_RESERVE, Placement, Scattered, Volume};

use super::part::{Beside, Part, record_part};
use crate::Recording;
use crate::error::Error;
use crate::shared_entries::copying;
use crate::tree::{Piece, PlainPart};

/// How often the run, or the reserve sequence, is recorded again because the drive continued elsewhere: a
/// write error moves it each time.
const MOST_TRIES: u32 = 32;

/// The structures of a plain volume on disc, and their placement.
pub(super) struct Structures {
    pub layout: Layout,
    pub placement: Placement,
    pub blocks: u64,
}

/// Why a comparison with the disc ended.
enum Compared {
    Different,
    Failed(Error),
}

impl From<rom::Error> for Compared {
    fn from(error: rom::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<volume::Error> for Compared {
    fn from(error: volume::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl Recording {
    /// The placement of the structures that an interrupted closing recorded for this state; `None` if there
    /// are none.
    pub(super) fn placement_on_disc(&mut self) -> Result<Option<Placement>, Error> {
        // A VAT of an earlier session is followed by the plain volume of that session.
        if self.is_dirty()
            || !self
                .track
                .is_acknowledged_in_session(self.volume.drive().medium())
        {
            return Ok(None);
        }
        let vat_icb = self.vat_icb;
        let end = self.volume.drive().recorded_end().0;
        for at in (vat_icb.0.saturating_add(1)..end).take(MOST_BEFORE_RESERVE as usize) {
            let Some(block) = self.read_or_not(LogicalSector(at))? else {
                continue;
            };
            if PrimaryVolumeDescriptor::read(&block, Some(at)).is_err() {
                continue;
            }
            let Some(block) = self.read_or_not(LogicalSector(at + 1))? else {
                continue;
            };
            let descriptor = ImplementationUseVolumeDescriptor::read(&block, Some(at + 1));
            let placement = descriptor.ok().and_then(|descriptor| Placement::of(&descriptor));
            // The drive may have taken only part of an earlier try.
            let Some(placement) = placement.filter(|placement| placement.reserve.0 == at) else {
                continue;
            };
            // An interruption may have left part of the sequence; then everything is recorded again.
            let last = LogicalSector(at + SEQUENCE_DESCRIPTORS - 1);
            let block = self.read_or_not(last)?;
            let is_whole =
                block.is_some_and(|block| TerminatingDescriptor::read(&block, Some(last.0)).is_ok());
            return Ok(Some(placement).filter(|_| is_whole || self.is_closing_begun()));
        }
        Ok(None)
    }

    /// Whether the run of a plain volume on disc can be read and is the one that its layout gives: blocks may
    /// have become unreadable since its closing was interrupted.
    pub(super) fn is_run_whole(&mut self, layout: &Layout, base: LogicalSector) -> Result<bool, Error> {
        let mut compare = |volume: &mut Volume, number: u64, blocks: &[u8]| -> Result<(), Compared> {
            let first = u32::try_from(number)
                .ok()
                .and_then(|number| base.0.checked_add(number));
            for (at, block) in (first.ok_or(Compared::Different)?..).zip(blocks.chunks(BLOCK_SIZE)) {
                match volume.read_sector(LogicalSector(at)) {
                    Ok(read) if read == block => {}
                    Err(error) if !error.is_damage() => return Err(Compared::Failed(error.into())),
                    _ => return Err(Compared::Different),
                }
            }
            Ok(())
        };
        match layout.record(&mut self.volume, base, &mut compare) {
            Ok(()) => Ok(true),
            Err(Compared::Different) => Ok(false),
            Err(Compared::Failed(error)) => Err(error),
        }
    }

    pub(super) fn read_or_not(&mut self, at: LogicalSector) -> Result<Option<Vec<u8>>, Error> {
        match self.volume.read_sector(at) {
            Ok(block) => Ok(Some(block.to_vec())),
            Err(volume::Error::Drive(DriveError::Unreadable { .. })) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Records the structures, the VAT after them, and the reserve sequence.
    pub(super) fn record_structures(
        &mut self,
        companion: Companion,
        first: LogicalSector,
        now: Timestamp,
    ) -> Result<Structures, Error> {
        let layout = self.readable_layout(companion, now)?;
        let mut tries = 1;
        let base = loop {
            let base = self.track.next(self.volume.drive_mut())?;
            match self.record_run(&layout, base) {
                Ok(()) => break base,
                Err(Error::Rom(rom::Error::Moved { .. })) if tries < MOST_TRIES => {
                    tries += 1;
                    self.require_room_for_plain(&layout)?;
                }
                Err(error) => return Err(error),
            }
        };
        if let Some(room) = layout.extra_room() {
            let copying = copying(companion, self.volume.drive().medium());
            self.tree.learn_plain_extra(copying, room);
        }
        let mut blocks = self.record_vat_again()?.blocks;
        let mut tries = 1;
        let placement = loop {
            let reserve = self.track.next(self.volume.drive_mut())?;
            let placement = Placement {
                base,
                vat_icb: self.vat_icb,
                reserve,
                last: self.last_of_session(reserve),
                zeros: layout.zeros(base),
                now,
                scattered: layout.scattered(),
            };
            match self.record_reserve(&layout, first, &placement) {
                Ok(recorded) => {
                    blocks += recorded;
                    break placement;
                }
                Err(Error::Rom(rom::Error::Moved { .. })) if tries < MOST_TRIES => tries += 1,
                Err(error) => return Err(error),
            }
        };
        Ok(Structures {
            layout,
            placement,
            blocks,
        })
    }

    /// A layout that the medium has room for, with copies of scattered files and zeros for long holes or
    /// without.
    pub(super) fn layout_with_room(&mut self, companion: Companion, now: Timestamp) -> Result<Layout, Error> {
        match self.layout(companion, now, Scattered::Copied) {
            Ok(layout) => match self.require_room_for_plain(&layout) {
                Err(Error::MediumFull { .. }) if layout.differences().copied_blocks > 0 => {}
                required => return required.map(|()| layout),
            },
            // The copies alone may take more than the disc has.
            Err(Error::Rom(rom::Error::TooManyBlocks)) => {}
            Err(error) => return Err(error),
        }
        let layout = self.layout(companion, now, Scattered::InPlace)?;
        self.require_room_for_plain(&layout)?;
        Ok(layout)
    }

    /// A layout whose holes name zeros of an earlier plain volume, if that has enough.
    fn layout(
        &mut self,
        companion: Companion,
        now: Timestamp,
        scattered: Scattered,
    ) -> Result<Layout, Error> {
        let options = self.plain_options(companion, now, scattered);
        let mut layout = Layout::of(&mut self.volume, options)?;
        if layout.zero_blocks() > 0
            && let Some(at) = self.zeros_on_disc(layout.zero_blocks())?
        {
            layout.use_zeros(at);
        }
        Ok(layout)
    }

    /// Where at least `blocks` blocks of zeros are that an earlier plain volume recorded for holes.
    fn zeros_on_disc(&mut self, blocks: u32) -> Result<Option<LogicalSector>, Error> {
        let placements = self.volume.placements_of_plain_volumes()?;
        let runs = placements.into_iter().rev().map(|placement| placement.zeros);
        for run in runs.filter(|run| run.blocks >= blocks) {
            if self.are_zeros(run.at, blocks)? {
                return Ok(Some(run.at));
            }
        }
        Ok(None)
    }

    /// Whether blocks can be read and contain only zeros.
    fn are_zeros(&mut self, first: LogicalSector, blocks: u32) -> Result<bool, Error> {
        for by in 0..blocks {
            let Some(at) = first.0.checked_add(by) else {
                return Ok(false);
            };
            let block = self.read_or_not(LogicalSector(at))?;
            if !block.is_some_and(|block| block.iter().all(|byte| *byte == 0)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// N of the session, whose end begins with the reserve sequence at `reserve`.
    fn last_of_session(&self, reserve: LogicalSector) -> LogicalSector {
        let least = reserve.0.saturating_add(RESERVE_SECTORS + END_BLOCKS);
        let unit = self.track.unit();
        let end = least.checked_next_multiple_of(unit).unwrap_or(least);
        LogicalSector(end.saturating_add(unit).saturating_sub(1))
    }

    /// A layout that the medium has room for, after everything that its run is made of was read once: no
    /// block is recorded of a run that cannot be completed.
    pub(super) fn readable_layout(&mut self, companion: Companion, now: Timestamp) -> Result<Layout, Error> {
        let layout = self.layout_with_room(companion, now)?;
        let base = self.track.next(self.volume.drive_mut())?;
        let mut nowhere = |_: &mut Volume, _: u64, _: &[u8]| -> Result<(), Error> { Ok(()) };
        layout.record(&mut self.volume, base, &mut nowhere)?;
        Ok(layout)
    }

    fn record_run(&mut self, layout: &Layout, base: LogicalSector) -> Result<(), Error> {
        let Self {
            volume, track, tree, ..
        } = self;
        let mut sink = |volume: &mut Volume, number: u64, blocks: &[u8]| -> Result<(), Error> {
            track.push_bytes(Piece::Plain(PlainPart::Run), number, blocks);
            let mut source = Beside {
                tree,
                part: Part::Run { base },
            };
            track.issue_full_chunks(volume.drive_mut(), &mut source)
        };
        let recorded = layout.record(volume, base, &mut sink).and_then(|()| {
            let mut source = Beside {
                tree,
                part: Part::Run { base },
            };
            track.issue(volume.drive_mut(), &mut source)
        });
        if recorded.is_err() {
            track.remove(|piece| matches!(piece, Piece::Plain(_)));
        }
        recorded
    }

    fn record_reserve(
        &mut self,
        layout: &Layout,
        first: LogicalSector,
        placement: &Placement,
    ) -> Result<u64, Error> {
        let start = Start::new(layout, &mut self.volume, first, placement)?;
        let unit = self.track.unit();
        let end = placement.reserve.0.saturating_add(RESERVE_SECTORS);
        let count = end.checked_next_multiple_of(unit).unwrap_or(end) - placement.reserve.0;
        let part = Part::Reserve {
            start: &start,
            at: placement.reserve,
        };
        let Self {
            volume, track, tree, ..
        } = self;
        let mut source = Beside { tree, part };
        record_part(
            volume.drive_mut(),
            track,
            &mut source,
            PlainPart::Reserve,
            0..count,
        )
    }
}
