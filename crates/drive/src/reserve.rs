//! Reserving a track: the drive keeps its blocks, and appends after it.

use std::ops::Range;

use mmc::command::ReserveTrack;
use mmc::{Data, Lba, Profile};

use crate::drive::Drive;
use crate::error::DriveError;
use crate::medium::{Medium, Track};
use crate::policy::{Kind, is_refused};
use crate::prepare::Packets;

/// The least that a track of a CD has: 4 seconds (`docs/media.md`, "Reserved tracks").
const CD_LEAST_BLOCKS: u32 = 300;
/// A whole number of units of a DVD and of a BD, so small that the next track begins within 512 blocks where a drive of DVD-R
/// leaves a gap of 16 or 32.
const DVD_BD_BLOCKS: u32 = 480;

/// A reserved track and the one after it, as the drive tells of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reserved {
    /// The reserved track: blank, and at least as long as was asked.
    pub track: Track,
    /// The track that the drive appends to from now on.
    pub next: Track,
}

impl Reserved {
    /// Blocks from the start of the reserved track to that of the next one.
    #[must_use]
    pub fn blocks_to_next(&self) -> u32 {
        self.next.start.0.saturating_sub(self.track.start.0)
    }
}

impl Medium {
    /// The tracks that were reserved and take data. The last track is none of them, whatever the drive calls it.
    pub fn reserved_tracks(&self) -> impl Iterator<Item = &Track> {
        let last = self.tracks.iter().map(|track| track.number).max();
        let takes_data = |track: &&Track| track.reserved && track.next_writable_address.is_some();
        self.tracks
            .iter()
            .filter(takes_data)
            .filter(move |track| Some(track.number) != last)
    }

    /// Blocks to reserve so that the next track begins at most 512 blocks after the start of this one, in every drive that is
    /// known: 300 on CD, where the next begins after 452, 480 on DVD and BD. `None` for a medium that is none of them. What a
    /// drive does with it is told by [`Drive::reserve`] alone.
    #[must_use]
    pub fn reserved_track_blocks(&self) -> Option<u32> {
        match self.profile {
            Profile::CdR => Some(CD_LEAST_BLOCKS),
            Profile::DvdR
            | Profile::DvdRDlSequential
            | Profile::DvdPlusR
            | Profile::DvdPlusRDl
            | Profile::BdRSequential => Some(DVD_BD_BLOCKS),
            _ => None,
        }
    }
}

impl Drive {
    /// As [`Medium::reserved_track_blocks`]; `None` also in a drive that may end a packet of a CD after any write: what belongs at
    /// one address cannot be held there.
    ///
    /// # Errors
    /// As [`Drive::packets`].
    pub fn reservable_blocks(&mut self) -> Result<Option<u32>, DriveError> {
        let may_end = self.packets()? == Packets::MayEnd;
        Ok(self.medium().reserved_track_blocks().filter(|_| !may_end))
    }

    /// Reserves a track of at least `blocks` blocks at the append point, where no track holds data yet, and asks the drive what
    /// tracks there are then. It rounds up, and may leave a gap.
    ///
    /// # Errors
    /// [`DriveError::NotReserved`] where the drive refuses, and [`DriveError::Unsupported`] where the track holds data: nothing was
    /// recorded. [`DriveError::NoReservedTrack`] where the drive tells of no such track afterwards; [`DriveError::ReadOnly`], or
    /// what a command met.
    #[doc(alias = "RESERVE TRACK")]
    pub fn reserve(&mut self, blocks: u32) -> Result<Reserved, DriveError> {
        self.arrange_recording()?;
        let before = self.append_point()?;
        if before.address != before.track_start {
            return Err(DriveError::Unsupported("reserving a track that holds data"));
        }
        let recorder = self.recorder()?;
        recorder.seen = None;
        recorder.seen_behind_close = false;
        match recorder.send(ReserveTrack::new(blocks), Data::None, Kind::Write, None) {
            Err(DriveError::Sense { sense, .. }) if is_refused(sense) => {
                return Err(DriveError::NotReserved { sense });
            }
            sent => sent?,
        };
        recorder.wait_for_writes()?;
        let medium = self.refresh()?;
        let track = medium.reserved_tracks().copied().find(|track| {
            track.start == before.address
                && track.next_writable_address == Some(track.start)
                && track.size >= blocks
        });
        let next = medium.next_writable_address.and_then(|next| {
            medium
                .tracks
                .iter()
                .find(|track| track.next_writable_address == Some(next))
        });
        match (track, next.copied()) {
            (Some(track), Some(next)) if next.start >= track.end() => Ok(Reserved { track, next }),
            _ => Err(DriveError::NoReservedTrack { asked: blocks }),
        }
    }

    /// Makes everything last and closes a reserved track. The drive pads what is left of it with zeros, but on BD-R not every one
    /// does.
    ///
    /// # Errors
    /// [`DriveError::TrackNotClosed`] where the drive says afterwards that the track takes data, [`DriveError::ReadOnly`], or
    /// what a command met.
    #[doc(alias = "CLOSE TRACK/SESSION")]
    pub fn close_track(&mut self, number: u16) -> Result<(), DriveError> {
        let recorder = self.closing_recorder()?;
        recorder.prevent_removal()?;
        recorder.synchronize()?;
        recorder.seen = None;
        recorder.close_track(number)?;
        let medium = self.refresh()?;
        let mut tracks = medium.tracks.iter();
        if tracks.any(|track| track.number == number && track.next_writable_address.is_some()) {
            return Err(DriveError::TrackNotClosed { number });
        }
        Ok(())
    }

    /// Whether blocks are recorded, and read the same for ever: not those of a reserved track that takes data.
    #[must_use]
    pub fn is_settled(&self, blocks: Range<Lba>) -> bool {
        blocks.end <= self.recorded_end && !self.progress.touches_reserved(&blocks)
    }
}
