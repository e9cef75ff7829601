//! Reserving a track: the drive keeps its blocks free and appends after it.

use std::ops::Range;

use mmc::command::ReserveTrack;
use mmc::{Data, Lba, Profile};

use crate::drive::Drive;
use crate::error::DriveError;
use crate::medium::{Medium, Track};
use crate::policy::{Kind, is_refused};
use crate::prepare::Packets;

/// Minimum blocks of a CD track: 4 seconds (`docs/understanding/media.md`, "Reserved tracks").
const CD_LEAST_BLOCKS: u32 = 300;
/// Whole units of a DVD and of a BD, small enough that the next track begins within 512 blocks even if a
/// DVD-R drive leaves a gap of 16 or 32 blocks.
const DVD_BD_BLOCKS: u32 = 480;

/// A reserved track and the one after it, as the drive reports them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reserved {
    /// The reserved track: blank, and at least as long as requested.
    pub track: Track,
    /// The track that the drive appends to from now on.
    pub next: Track,
}

impl Reserved {
    /// Blocks from the start of the reserved track to the start of the next one.
    #[must_use]
    pub fn blocks_to_next(&self) -> u32 {
        self.next.start.0.saturating_sub(self.track.start.0)
    }
}

impl Medium {
    /// The reserved tracks that take data. The last track is never one of them, whatever the drive reports.
    pub fn reserved_tracks(&self) -> impl Iterator<Item = &Track> {
        let last = self.tracks.iter().map(|track| track.number).max();
        let takes_data = |track: &&Track| track.reserved && track.next_writable_address.is_some();
        self.tracks
            .iter()
            .filter(takes_data)
            .filter(move |track| Some(track.number) != last)
    }

    /// Blocks to reserve so that the next track begins at most 512 blocks after the start of this one in
    /// every known drive: 300 on CD, where the next track begins after 452 blocks; 480 on DVD and BD. `None`
    /// for other media. Only [`Drive::reserve`] tells what a drive really does.
    #[must_use]
    pub fn reserved_track_blocks(&self) -> Option<u32> {
        Self::reserved_track_blocks_of(self.profile)
    }

    /// The blocks of [`Medium::reserved_track_blocks`] on media of a profile.
    #[must_use]
    pub fn reserved_track_blocks_of(profile: Profile) -> Option<u32> {
        match profile {
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
    /// The blocks of [`Medium::reserved_track_blocks`]; also `None` if the drive may end a CD packet after
    /// any write, because blocks could then not stay at their addresses.
    ///
    /// # Errors
    /// The errors of [`Drive::packets`].
    pub fn reservable_blocks(&mut self) -> Result<Option<u32>, DriveError> {
        let may_end = self.packets()? == Packets::MayEnd;
        Ok(self.medium().reserved_track_blocks().filter(|_| !may_end))
    }

    /// Reserves a track of at least `blocks` blocks at the append point, where no track may contain data yet,
    /// and asks the drive for the resulting tracks. The drive rounds up and may leave a gap.
    ///
    /// # Errors
    /// [`DriveError::NotReserved`] if the drive refuses, and [`DriveError::Unsupported`] if the track
    /// contains data; nothing was recorded in either case. [`DriveError::NoReservedTrack`] if the drive then
    /// reports no such track; [`DriveError::ReadOnly`], or the error of a command.
    #[doc(alias = "RESERVE TRACK")]
    pub fn reserve(&mut self, blocks: u32) -> Result<Reserved, DriveError> {
        self.arrange_recording()?;
        let before = self.append_point()?;
        if before.address != before.track_start {
            return Err(DriveError::Unsupported("reserving a track that contains data"));
        }
        let recorder = self.recorder()?;
        recorder.seen = None;
        recorder.may_precede_close = false;
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

    /// Synchronizes and closes a reserved track. The drive pads the rest of the track with zeros, except some
    /// drives on BD-R.
    ///
    /// # Errors
    /// [`DriveError::TrackNotClosed`] if the drive then reports that the track takes data,
    /// [`DriveError::ReadOnly`], or the error of a command.
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

    /// Whether blocks are recorded and will always read the same, which excludes reserved tracks that take
    /// data.
    #[must_use]
    pub fn is_settled(&self, blocks: Range<Lba>) -> bool {
        blocks.end <= self.recorded_end && !self.progress.touches_reserved(&blocks)
    }
}
