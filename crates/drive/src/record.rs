//! Appending: where the drive takes the next write, writing there, and making it last.

use mmc::command::{SynchronizeCache, Write10};
use mmc::{Data, Lba, Sense};

use crate::drive::{AppendPoint, Backing, Drive, advance, whole_blocks};
use crate::error::{DriveError, ReadOnly};
use crate::policy::Kind;
use crate::recorder::{ATTENTIONS, Recorder};
use crate::tracks::Told;

impl Drive {
    /// Asks the drive where the next write has to go.
    ///
    /// # Errors
    /// [`DriveError::ReadOnly`], also where no track reports a next writable address, [`DriveError::Lost`] where that lies before what
    /// the drive has taken, or what a command met.
    #[doc(alias = "READ TRACK INFORMATION")]
    #[doc(alias = "next writable address")]
    pub fn append_point(&mut self) -> Result<AppendPoint, DriveError> {
        let point = self.append_point_as_told()?;
        if point.address >= self.taken {
            return Ok(point);
        }
        // There are drives whose address follows when all is written.
        self.synchronize()?;
        let point = self.append_point_as_told()?;
        if point.address >= self.taken {
            return Ok(point);
        }
        Err(DriveError::Lost {
            sent: self.taken,
            next: point.address,
        })
    }

    fn append_point_as_told(&mut self) -> Result<AppendPoint, DriveError> {
        let recorder = self.recorder()?;
        for number in recorder.append_numbers() {
            let Some(track) = recorder.track(number)?.map(Told::alone) else {
                continue;
            };
            let Some(address) = track.next_writable_address else {
                continue;
            };
            recorder.append_track = Some(number);
            let mut known = self.medium.tracks.iter();
            let known = known.find(|known| known.number == track.number && known.start <= address);
            self.medium.next_writable_address = Some(address);
            self.medium.free_blocks = track.free_blocks;
            self.recorded_end = self.recorded_end.max(address);
            self.note_usage();
            return Ok(AppendPoint {
                address,
                free_blocks: track.free_blocks,
                track_start: known.map_or(track.start, |known| known.start),
            });
        }
        Err(DriveError::ReadOnly(ReadOnly::NoNextWritableAddress))
    }

    /// Writes whole blocks at `at` with one command, at most [`Drive::transfer_limit`] bytes. The drive may still hold them
    /// in its buffer when this returns.
    ///
    /// A write that failed is never sent again: ask for the append point to find out what became of it.
    ///
    /// # Errors
    /// [`DriveError::NotNextWritable`] where the drive does not write there now, [`DriveError::ReadOnly`],
    /// [`DriveError::Length`], or what the command met.
    #[doc(alias = "WRITE(10)")]
    pub fn write(&mut self, at: Lba, blocks: &[u8]) -> Result<(), DriveError> {
        let bytes = blocks.len();
        let count = u16::try_from(whole_blocks(bytes)?).map_err(|_| DriveError::Length { bytes })?;
        if bytes > self.transfer_limit {
            return Err(DriveError::Length { bytes });
        }
        let end = advance(at, bytes)?;
        let mut attentions = 0;
        loop {
            self.prepare_recording()?;
            if self.end_begun_track()? {
                return Err(DriveError::NotNextWritable { at });
            }
            let recorder = self.recorder()?;
            recorder.seen = None;
            recorder.seen_behind_close = false;
            match recorder.send(Write10::new(at, count), Data::Out(blocks), Kind::Write, Some(at)) {
                // Somebody else has changed the mode parameters; nothing was written by them.
                Err(DriveError::Sense { sense, .. })
                    if sense.is(Sense::MODE_PARAMETERS_CHANGED) && attentions < ATTENTIONS =>
                {
                    attentions += 1;
                }
                sent => {
                    sent?;
                    break;
                }
            }
        }
        self.recorded_end = self.recorded_end.max(end);
        self.taken = self.taken.max(end);
        self.usage.add(count.into());
        Ok(())
    }

    /// Returns when everything that was written stands on the disc; ends the packet or pads the unit.
    ///
    /// # Errors
    /// [`DriveError::ReadOnly`], or what a command met: then some of what was written may be lost.
    #[doc(alias = "SYNCHRONIZE CACHE")]
    pub fn synchronize(&mut self) -> Result<(), DriveError> {
        self.recorder()?.synchronize()
    }

    /// Whether a recorder stands behind this, not an image file.
    #[must_use]
    pub fn is_recorder(&self) -> bool {
        matches!(self.backing, Backing::Recorder(_))
    }
}

impl Recorder {
    /// Returns when everything that was written stands on the disc.
    pub(crate) fn synchronize(&mut self) -> Result<(), DriveError> {
        self.send(SynchronizeCache::all(false), Data::None, Kind::Write, None)?;
        self.wait_for_writes()
    }
}
