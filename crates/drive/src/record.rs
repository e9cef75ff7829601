//! Appending: where the drive takes the next write, writing there, and synchronizing.

use mmc::command::{SynchronizeCache, Write10};
use mmc::{BLOCK_SIZE, Data, Lba, Sense};

use crate::blocks::{advance, whole_blocks};
use crate::drive::{AppendPoint, Backing, Drive};
use crate::error::{DriveError, ReadOnly};
use crate::initiator::{ATTENTIONS, Initiator};
use crate::policy::Kind;
use crate::progress::OpenTrack;
use crate::tracks::ReportedTrack;

impl Drive {
    /// Asks the drive for the append point of the last track, which is not reserved.
    ///
    /// # Errors
    /// [`DriveError::ReadOnly`], also if no track reports a next writable address;
    /// [`DriveError::Overlooked`]; [`DriveError::Lost`] if the address is before the end of the blocks that
    /// the drive has taken; or the error of a command.
    #[doc(alias = "READ TRACK INFORMATION")]
    #[doc(alias = "next writable address")]
    pub fn append_point(&mut self) -> Result<AppendPoint, DriveError> {
        self.append_point_of(OpenTrack::Last)
    }

    /// Asks the drive for the append point of the track with this number, either a reserved one or the last.
    ///
    /// # Errors
    /// The errors of [`Drive::append_point`]; [`ReadOnly::NoNextWritableAddress`] if the track is full or
    /// closed.
    pub fn append_point_in(&mut self, number: u16) -> Result<AppendPoint, DriveError> {
        let is_reserved = self
            .medium
            .tracks
            .iter()
            .any(|track| track.number == number && track.reserved);
        let track = if is_reserved {
            OpenTrack::Reserved(number)
        } else {
            OpenTrack::Last
        };
        let point = self.append_point_of(track)?;
        if point.track == number {
            Ok(point)
        } else {
            Err(DriveError::ReadOnly(ReadOnly::NoNextWritableAddress))
        }
    }

    fn append_point_of(&mut self, track: OpenTrack) -> Result<AppendPoint, DriveError> {
        let point = self.reported_append_point(track)?;
        self.require_nothing_overlooked(track, point.address)?;
        let taken = self.progress.of(track).taken;
        if point.address >= taken {
            return Ok(point);
        }
        // Some drives advance the address only when everything is written.
        self.synchronize()?;
        let point = self.reported_append_point(track)?;
        if point.address >= taken {
            return Ok(point);
        }
        Err(DriveError::Lost {
            sent: taken,
            next: point.address,
        })
    }

    /// Checks that the blocks between the next writable address at the last snapshot and the present one were
    /// not already recorded. If they were, the data read from the disc is not its last state.
    fn require_nothing_overlooked(&mut self, track: OpenTrack, next: Lba) -> Result<(), DriveError> {
        let progress = self.progress.of(track);
        let is_new = |seen: &Lba| *seen >= progress.taken && next > *seen;
        let Some(seen) = progress.seen_next.filter(is_new) else {
            self.progress.forget_seen(track);
            return Ok(());
        };
        match self.recorder()?.read(seen, Data::In(&mut [0; BLOCK_SIZE])) {
            Ok(()) => Err(DriveError::Overlooked { seen, next }),
            Err(DriveError::Unreadable { .. }) => {
                self.progress.forget_seen(track);
                Ok(())
            }
            Err(other) => Err(other),
        }
    }

    fn reported_append_point(&mut self, track: OpenTrack) -> Result<AppendPoint, DriveError> {
        let recorder = self.recorder()?;
        let numbers: Vec<u32> = match track {
            OpenTrack::Last => recorder.append_numbers().collect(),
            OpenTrack::Reserved(number) => vec![number.into()],
        };
        for number in numbers {
            let recorder = self.recorder()?;
            let Some(reported) = recorder.track(number)?.map(ReportedTrack::alone) else {
                continue;
            };
            let Some(address) = reported.next_writable_address else {
                continue;
            };
            let mut known = self.medium.tracks.iter();
            let known = known.find(|known| known.number == reported.number && known.start <= address);
            let track_start = known.map_or(reported.start, |known| known.start);
            if track == OpenTrack::Last {
                self.recorder()?.append_track = Some(number);
                self.medium.next_writable_address = Some(address);
                self.medium.free_blocks = reported.free_blocks;
                self.recorded_end = self.recorded_end.max(address);
                self.note_usage();
            }
            return Ok(AppendPoint {
                address,
                free_blocks: reported.free_blocks,
                track: reported.number,
                track_start,
            });
        }
        Err(DriveError::ReadOnly(ReadOnly::NoNextWritableAddress))
    }

    /// Writes whole blocks at `at` with one command, at most [`Drive::transfer_limit`] bytes. The drive may
    /// still have them in its buffer when this returns.
    ///
    /// A failed write is never repeated: ask for the append point to find out what was recorded.
    ///
    /// # Errors
    /// [`DriveError::NotNextWritable`] if the drive does not write there now, [`DriveError::ReadOnly`],
    /// [`DriveError::Length`], or the error of the command.
    #[doc(alias = "WRITE(10)")]
    pub fn write(&mut self, at: Lba, blocks: &[u8]) -> Result<(), DriveError> {
        let bytes = blocks.len();
        let count = u16::try_from(whole_blocks(bytes)?).map_err(|_| DriveError::Length { bytes })?;
        if bytes > self.transfer_limit {
            return Err(DriveError::Length { bytes });
        }
        let end = advance(at, bytes)?;
        let mut attentions = 0;
        let mut out_of_sequence = false;
        loop {
            self.prepare_recording()?;
            if self.end_begun_track()? {
                return Err(DriveError::NotNextWritable { at });
            }
            let recorder = self.recorder()?;
            recorder.seen = None;
            recorder.may_precede_close = false;
            match recorder.send(Write10::new(at, count), Data::Out(blocks), Kind::Write, Some(at)) {
                // Another program has changed the mode parameters, and nothing was written with them.
                Err(DriveError::Sense { sense, .. })
                    if sense.is(Sense::MODE_PARAMETERS_CHANGED) && attentions < ATTENTIONS =>
                {
                    attentions += 1;
                }
                // Another program has left data in the cache.
                Err(DriveError::Sense { sense, .. })
                    if sense.is(Sense::COMMAND_SEQUENCE_ERROR) && !out_of_sequence =>
                {
                    out_of_sequence = true;
                    self.synchronize()?;
                }
                Err(error) if self.goes_on_elsewhere(at, &error)? => {
                    return Err(DriveError::NotNextWritable { at });
                }
                sent => {
                    sent?;
                    break;
                }
            }
        }
        self.recorded_end = self.recorded_end.max(end);
        let track = self.progress.track_of(at);
        self.progress.take(track, end);
        // Reserving a track has already used up its blocks.
        if track == OpenTrack::Last {
            self.usage.add(count.into());
        }
        Ok(())
    }

    /// Whether the drive refused a write at `at` with other sense, but only because a packet has ended and
    /// its next writable address is after `at`.
    fn goes_on_elsewhere(&mut self, at: Lba, refused: &DriveError) -> Result<bool, DriveError> {
        let is_ambiguous = matches!(refused, DriveError::Sense { sense, .. }
            if [Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE, Sense::INVALID_FIELD_IN_CDB].iter().any(|one| sense.is(*one)));
        if !is_ambiguous {
            return Ok(false);
        }
        match self.reported_append_point(self.progress.track_of(at)) {
            Ok(point) => Ok(point.address > at),
            Err(DriveError::ReadOnly(_)) => Ok(false),
            Err(other) => Err(other),
        }
    }

    /// Returns when everything written is on disc. This ends the packet or pads the unit.
    ///
    /// # Errors
    /// [`DriveError::ReadOnly`], or the error of a command, after which some of the data written may be lost.
    #[doc(alias = "SYNCHRONIZE CACHE")]
    pub fn synchronize(&mut self) -> Result<(), DriveError> {
        self.recorder()?.synchronize()
    }

    /// Whether this is a recorder, not an image file.
    #[must_use]
    pub fn is_recorder(&self) -> bool {
        matches!(self.backing, Backing::Recorder(_))
    }
}

impl Initiator {
    /// Returns when everything written is on disc.
    pub(crate) fn synchronize(&mut self) -> Result<(), DriveError> {
        self.send(SynchronizeCache::all(false), Data::None, Kind::Write, None)?;
        self.wait_for_writes()
    }
}
