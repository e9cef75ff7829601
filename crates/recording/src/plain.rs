//! Closing a session with a plain volume, which readers without VAT open.
//!
//! 1. The structures of the plain volume follow the last commit, then its VAT again, so that the open volume stays whole, then the
//!    reserve sequence, which says where all of it is.
//! 2. The reserved track at the start of the session is recorded. With the unit of its anchor the plain volume is what readers
//!    find, and not before.
//! 3. Anchors follow up to N, and the session is closed.
//!
//! Once a block of the reserved track stands, the closing is completed before anything else is recorded.

use std::ops::Range;

use drive::{Disposition, Drive, DriveError, Packets};
use ecma167::LogicalSector;
use ecma167::general::{Descriptor, Timestamp};
use ecma167::volume::{
    AnchorVolumeDescriptorPointer, ImplementationUseVolumeDescriptor, PrimaryVolumeDescriptor,
};
use rom::{Bridge, END_BLOCKS, Layout, Links, Options, Placement, RESERVE_SECTORS, Start};
use track::{Descriptors, Run, Sequences, SessionForm, Source, Track};
use volume::{Companion, Volume};

use crate::Recording;
use crate::commit::Commit;
use crate::error::Error;
use crate::tree::{Piece, PlainPart, Tree};

/// How often the drive may go on elsewhere than where structures belong, and they are recorded anew.
const TRIES: u32 = 3;

/// Blocks between the VAT and the reserve sequence at most: links on CD, the end of a unit elsewhere.
const MOST_BETWEEN: u32 = 40;

/// Blocks of the first packet of the start of a session on CD. Links follow, and the next begins with the anchor.
const FIRST_PACKET: u32 = 249;

/// What is recorded of a plain volume now, and where it belongs.
#[derive(Clone, Copy)]
enum Part<'a> {
    Run {
        base: LogicalSector,
    },
    Reserve {
        start: &'a Start,
        at: LogicalSector,
    },
    Start {
        start: &'a Start,
        first: LogicalSector,
    },
    Anchors {
        start: &'a Start,
    },
    /// The start of the session for a volume with a VAT alone.
    VatStart {
        descriptors: &'a Descriptors,
        sequences: Sequences,
        first: LogicalSector,
    },
}

/// A tree, and a part of a plain volume beside it.
struct Beside<'a> {
    tree: &'a mut Tree,
    part: Part<'a>,
}

impl Part<'_> {
    /// Where its first block belongs; anchors stand anywhere.
    fn first(&self) -> Option<LogicalSector> {
        match self {
            Self::Run { base } => Some(*base),
            Self::Reserve { at, .. } => Some(*at),
            Self::Start { first, .. } | Self::VatStart { first, .. } => Some(*first),
            Self::Anchors { .. } => None,
        }
    }

    fn encode(&self, number: u64, at: LogicalSector, slot: &mut [u8]) -> Result<(), Error> {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        match self {
            // It comes with its bytes.
            Self::Run { .. } => {}
            Self::Reserve { start, .. } => {
                if number < RESERVE_SECTORS {
                    start.reserve(at, slot)?;
                }
            }
            Self::Start { start, .. } => start.encode(number, slot)?,
            Self::Anchors { start } => start.anchor(at, slot),
            Self::VatStart {
                descriptors,
                sequences,
                first,
            } => descriptors
                .session_start_block((*first, SessionForm::Ordinary), sequences, at, slot)
                .map_err(Error::DescriptorTooLong)?,
        }
        Ok(())
    }
}

impl Source for Beside<'_> {
    type Item = Piece;
    type Error = Error;

    fn lead(&mut self, piece: &Piece, at: LogicalSector) -> Result<Vec<Piece>, Error> {
        self.tree.lead(piece, at)
    }

    fn place(&mut self, run: Run<'_, Piece>, at: LogicalSector) -> Result<(), Error> {
        match (run.item, self.part.first()) {
            (Piece::Plain(_), Some(first)) => Ok(Layout::require_place(first, run.first, at)?),
            (Piece::Plain(_), None) => Ok(()),
            _ => self.tree.place(run, at),
        }
    }

    fn encode(
        &mut self,
        piece: &Piece,
        number: u64,
        at: LogicalSector,
        slot: &mut [u8],
    ) -> Result<(), Error> {
        match piece {
            Piece::Plain(_) => self.part.encode(number, at, slot),
            _ => self.tree.encode(piece, number, at, slot),
        }
    }
}

/// The structures of a plain volume that stand on the disc, and where.
struct Structures {
    layout: Layout,
    placement: Placement,
    blocks: u64,
}

impl Recording {
    /// What the volume says of a plain volume beside it.
    pub(crate) fn companion(&self) -> Option<Companion> {
        self.volume.companion().filter(|companion| !companion.is_plain)
    }

    /// The reserved track that the open session starts with, while it takes data.
    pub(crate) fn reserved_track(&self) -> Option<drive::Track> {
        let medium = self.volume.drive().medium();
        let session = medium.recordable_session()?;
        let mut reserved = medium.reserved_tracks();
        reserved.find(|track| track.start == session.start).copied()
    }

    /// Whether a closing with a plain volume was interrupted so late that it is completed before anything else is recorded.
    pub(crate) fn is_closing_begun(&self) -> bool {
        if self.companion().is_none() || !self.session_has_data() {
            return false;
        }
        let is_written = |track: drive::Track| track.next_writable_address != Some(track.start);
        self.reserved_track().is_some_and(is_written) || self.volume.is_ended_by_plain_volume()
    }

    /// Whether a closing can go on where it was interrupted.
    pub(crate) fn can_go_on_closing(&mut self) -> Result<bool, Error> {
        if self.companion().is_none() || self.is_dirty() {
            return Ok(false);
        }
        Ok(self.is_closing_begun() || self.session_has_data() && self.placement_on_disc()?.is_some())
    }

    /// Completes a closing with a plain volume that was interrupted late; the medium stays appendable.
    pub(crate) fn complete_closing(&mut self, companion: Companion) -> Result<(), Error> {
        let now = self.tree.now();
        self.record_plain_volume(companion, now)?;
        self.track
            .close_session(self.volume.drive_mut(), Disposition::Appendable)?;
        Ok(())
    }

    /// Records a plain volume of the state of the last commit, or what is missing of it, up to where the session can be closed.
    pub(crate) fn record_plain_volume(
        &mut self,
        companion: Companion,
        now: Timestamp,
    ) -> Result<Commit, Error> {
        let session = self.volume.drive().medium().recordable_session();
        let first = session.map_or(LogicalSector(0), |session| LogicalSector(session.start.0));
        let structures = match self.placement_on_disc()? {
            Some(placement) => {
                let options = self.plain_options(companion, placement.now);
                Structures {
                    layout: Layout::of(&mut self.volume, options)?,
                    placement,
                    blocks: 0,
                }
            }
            None if self.is_closing_begun() => return self.end_session_without_plain_volume(),
            None => self.record_structures(companion, first, now)?,
        };
        let Structures {
            layout,
            placement,
            mut blocks,
        } = structures;
        let start = Start::new(&layout, &mut self.volume, first, &placement)?;
        let start_of_session = Part::Start { start: &start, first };
        blocks += self.record_reserved_track(&start_of_session)?;
        blocks += self.record_anchors(&start, &placement)?;
        Ok(Commit {
            vat_icb: self.vat_icb,
            blocks,
        })
    }

    /// Ends a session that starts with a reserved track as one of a volume with a VAT alone.
    pub(crate) fn end_session_without_plain_volume(&mut self) -> Result<Commit, Error> {
        let commit = self.end_session()?;
        let session = self.volume.drive().medium().recordable_session();
        let first = session.map_or(LogicalSector(0), |session| LogicalSector(session.start.0));
        let descriptors = self.track.descriptors().clone();
        let start = Part::VatStart {
            descriptors: &descriptors,
            sequences: *self.track.sequences(),
            first,
        };
        let blocks = self.record_reserved_track(&start)?;
        Ok(Commit {
            blocks: commit.blocks + blocks,
            ..commit
        })
    }

    fn plain_options(&self, companion: Companion, now: Timestamp) -> Options {
        Options {
            revision: companion.revision,
            bridge: if companion.bridge {
                Bridge::Iso9660
            } else {
                Bridge::No
            },
            links: if companion.links {
                Links::Keep
            } else {
                Links::LeaveOut
            },
            partition_start: self.tree.form().partition_start,
            now,
        }
    }

    /// Where the structures of a plain volume stand that an interrupted closing recorded of this state.
    fn placement_on_disc(&mut self) -> Result<Option<Placement>, Error> {
        if self.is_dirty() {
            return Ok(None);
        }
        let vat_icb = self.vat_icb;
        let end = self.volume.drive().recorded_end().0;
        for at in (vat_icb.0.saturating_add(1)..end).take(MOST_BETWEEN as usize) {
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
            return Ok(placement.filter(|placement| placement.reserve.0 == at));
        }
        Ok(None)
    }

    fn read_or_not(&mut self, at: LogicalSector) -> Result<Option<Vec<u8>>, Error> {
        match self.volume.read_sector(at) {
            Ok(block) => Ok(Some(block.to_vec())),
            Err(volume::Error::Drive(DriveError::Unreadable { .. })) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Records the structures, the VAT after them, and the reserve sequence.
    fn record_structures(
        &mut self,
        companion: Companion,
        first: LogicalSector,
        now: Timestamp,
    ) -> Result<Structures, Error> {
        let options = self.plain_options(companion, now);
        let layout = Layout::of(&mut self.volume, options)?;
        self.require_room_for_plain(&layout)?;
        let mut tries = 1;
        let base = loop {
            let base = self.track.next(self.volume.drive_mut())?;
            match self.record_run(&layout, base) {
                Ok(()) => break base,
                Err(Error::Rom(rom::Error::Moved { .. })) if tries < TRIES => tries += 1,
                Err(error) => return Err(error),
            }
        };
        let mut blocks = self.record_vat_again()?.blocks;
        let mut tries = 1;
        let placement = loop {
            let reserve = self.track.next(self.volume.drive_mut())?;
            let placement = Placement {
                base,
                reserve,
                last: self.last_of_session(reserve),
                now,
            };
            match self.record_reserve(&layout, first, &placement) {
                Ok(recorded) => {
                    blocks += recorded;
                    break placement;
                }
                Err(Error::Rom(rom::Error::Moved { .. })) if tries < TRIES => tries += 1,
                Err(error) => return Err(error),
            }
        };
        Ok(Structures {
            layout,
            placement,
            blocks,
        })
    }

    /// N of the session, where its end begins with the reserve sequence.
    fn last_of_session(&self, reserve: LogicalSector) -> LogicalSector {
        let least = reserve.0.saturating_add(RESERVE_SECTORS + END_BLOCKS);
        let unit = self.track.unit();
        let end = least.checked_next_multiple_of(unit).unwrap_or(least);
        LogicalSector(end.saturating_add(unit).saturating_sub(1))
    }

    /// Fails unless the plain volume and the end of the session fit.
    fn require_room_for_plain(&mut self, layout: &Layout) -> Result<(), Error> {
        let free = self.track.free_blocks(self.volume.drive_mut())?;
        let unit = u64::from(self.track.unit());
        let links = 4 * u64::from(track::LINK_BLOCKS);
        let end = u64::from(RESERVE_SECTORS + END_BLOCKS) + 4 * unit + links;
        let asked = u64::from(layout.blocks()) + self.tree.owed_by_vat() + 2 + end;
        if asked > free {
            return Err(Error::MediumFull { free, asked });
        }
        Ok(())
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

    /// Records what is missing of the reserved track, and closes it.
    fn record_reserved_track(&mut self, part: &Part<'_>) -> Result<u64, Error> {
        let Some(reserved) = self.reserved_track() else {
            return Ok(0);
        };
        let written = reserved
            .next_writable_address
            .map_or(reserved.size, |next| next.0.saturating_sub(reserved.start.0));
        let medium = self.volume.drive().medium();
        let (descriptors, sequences) = (self.track.descriptors().clone(), *self.track.sequences());
        let mut track = Track::in_reserved(medium, &reserved, descriptors, sequences);
        let drive = self.volume.drive_mut();
        let mut blocks = 0;
        let mut from = written;
        if medium_ends_packets(drive)? && from < FIRST_PACKET {
            let mut source = Beside {
                tree: &mut self.tree,
                part: *part,
            };
            blocks += record_part(
                drive,
                &mut track,
                &mut source,
                PlainPart::Start,
                from..FIRST_PACKET,
            )?;
            let next = track.next(drive)?;
            from = next.0.saturating_sub(reserved.start.0);
        }
        let mut source = Beside {
            tree: &mut self.tree,
            part: *part,
        };
        blocks += record_part(
            drive,
            &mut track,
            &mut source,
            PlainPart::Start,
            from..reserved.size,
        )?;
        track.close(drive)?;
        Ok(blocks)
    }

    /// Records anchors up to N, where they do not stand already.
    fn record_anchors(&mut self, start: &Start, placement: &Placement) -> Result<u64, Error> {
        if self.has_anchors(placement)? {
            return Ok(0);
        }
        let next = self.track.next(self.volume.drive_mut())?;
        let least = next.0.saturating_add(END_BLOCKS);
        let end = least.checked_next_multiple_of(self.track.unit()).unwrap_or(least);
        let count = end.max(placement.last.0.saturating_add(1)) - next.0;
        let Self {
            volume, track, tree, ..
        } = self;
        let mut source = Beside {
            tree,
            part: Part::Anchors { start },
        };
        record_part(
            volume.drive_mut(),
            track,
            &mut source,
            PlainPart::Anchors,
            0..count,
        )
    }

    /// Whether the session ends with anchors at N-256 and N already.
    fn has_anchors(&mut self, placement: &Placement) -> Result<bool, Error> {
        let end = self.volume.drive().recorded_end().0;
        let Some(last) = end.checked_sub(1) else {
            return Ok(false);
        };
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

/// Whether the drive ends a packet where it is told, with links after it.
fn medium_ends_packets(drive: &mut Drive) -> Result<bool, Error> {
    Ok(drive.medium().profile == mmc::Profile::CdR && drive.packets()? != Packets::None)
}

/// Records blocks of a part, and waits until the drive has them; how many there are.
fn record_part(
    drive: &mut Drive,
    track: &mut Track<Piece>,
    source: &mut Beside<'_>,
    part: PlainPart,
    numbers: Range<u32>,
) -> Result<u64, Error> {
    for number in numbers {
        track.push(Piece::Plain(part), number.into());
    }
    let issued = track.issue(drive, source);
    if issued.is_err() {
        track.remove(|piece| matches!(piece, Piece::Plain(_)));
    }
    issued?;
    Ok(track
        .acknowledge(drive)?
        .map_or(0, |acknowledged| acknowledged.blocks))
}
