//! The parts of a plain volume as a track takes them, beside the tree of the volume with the VAT.

use std::ops::Range;

use drive::Drive;
use ecma167::LogicalSector;
use rom::{Layout, RESERVE_SECTORS, Start};
use track::{Descriptors, Run, Sequences, SessionForm, Source, Track};

use crate::error::Error;
use crate::tree::{Piece, PlainPart, Tree};

/// How often structures are recorded again because the drive continued elsewhere than at their place.
pub(super) const TRIES: u32 = 3;

/// The part of a plain volume that is being recorded, and its place.
#[derive(Clone, Copy)]
pub(super) enum Part<'a> {
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
pub(super) struct Beside<'a> {
    pub tree: &'a mut Tree,
    pub part: Part<'a>,
}

impl Part<'_> {
    /// The place of its first block; `None` for anchors, which may be anywhere.
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
            // The bytes wait with the item.
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

/// Records the blocks `numbers` of a part, and waits until the drive has recorded them. Returns how many it
/// recorded.
pub(super) fn record_part(
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

/// Whether a block could not be read, rather than that the drive failed.
pub(super) fn is_unreadable(error: &Error) -> bool {
    matches!(
        error,
        Error::Volume(volume::Error::Drive(drive::DriveError::Unreadable { .. }))
            | Error::PlainVolumeUnreadable(volume::Error::Drive(drive::DriveError::Unreadable { .. }))
    )
}
