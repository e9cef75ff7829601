//! How a request gets at the disc of its handle.

use drive::{Drive, ReadOnly};
use recording::{OpenVolume, Recording};
use volume::Volume;

use crate::state::{State, VolumeMark, flags_of, open_volume};
use crate::{Error, NtStatus, SourceError, VolumeFlags, VolumeHandle};

impl VolumeHandle {
    /// The volume, opened for reading if the handle does not have it.
    pub(crate) fn reach(&mut self) -> Result<&mut Volume, NtStatus> {
        if let (State::Released, Some(source)) = (&self.state, &self.source) {
            let drive = source.open_to_read();
            self.reach_by(drive)?;
        }
        match &mut self.state {
            State::Open(volume) => Ok(volume.volume()),
            State::NotRecognised(status) => Err(*status),
            State::Released => Err(NtStatus::VOLUME_DISMOUNTED),
        }
    }

    /// Releases what is open for reading, and opens the disc to record on it.
    pub(crate) fn reach_to_record(&mut self) -> Result<(), NtStatus> {
        if let Some(source) = &self.source
            && !self.seat.has_locked()
        {
            // Our own shared lock would keep us from the exclusive one.
            self.state = State::Released;
            let drive = source.open_to_record();
            self.reach_by(drive)?;
        }
        Ok(())
    }

    /// Releases the disc after a request, unless the handle has locked the volume.
    pub(crate) fn release(&mut self) {
        if self.source.is_some() && !self.seat.has_locked() {
            self.state = State::Released;
        }
    }

    /// The volume, opened for recording. If that fails the volume and the lock of the disc stay as they are.
    pub(crate) fn recording(&mut self) -> Result<&mut Recording, Error> {
        if matches!(self.state, State::Open(OpenVolume::Reading(_)))
            && let State::Open(OpenVolume::Reading(mut volume)) =
                std::mem::replace(&mut self.state, State::Released)
        {
            if self.losses_accepted {
                volume.accept_losses();
            }
            match Recording::of_volume(*volume, self.now) {
                Ok(recording) => self.state = State::Open(recording.into()),
                Err(failed) => {
                    self.state = State::Open(OpenVolume::Reading(failed.given));
                    return Err(failed.error.into());
                }
            }
        }
        match &mut self.state {
            State::Open(OpenVolume::Recording(recording)) => {
                recording.set_time(self.now);
                recording.set_plain_volume(self.plain_volume_choice);
                Ok(recording)
            }
            _ => Err(volume::Error::NoVolume.into()),
        }
    }

    /// Checks that the volume is one whose session can be closed, as far as is known without asking the
    /// drive.
    pub(crate) fn check_volume(&mut self) -> Result<(), NtStatus> {
        let flags = self.flags()?;
        check_flags(
            flags.contains(VolumeFlags::FILE_SEQUENTIAL_WRITE_ONCE),
            !flags.contains(VolumeFlags::FILE_READ_ONLY_VOLUME),
        )
    }

    /// Fails if another program has filled the open session to the end.
    pub(crate) fn check_room(&self) -> Result<(), NtStatus> {
        match &self.state {
            State::Open(OpenVolume::Reading(volume))
                if volume.drive().medium().read_only == Some(ReadOnly::NoNextWritableAddress) =>
            {
                Err(NtStatus::DISK_FULL)
            }
            _ => Ok(()),
        }
    }

    /// The same from what was last seen, while another has the disc.
    pub(crate) fn check_seen(&self) -> Result<(), NtStatus> {
        check_flags(self.seen.write_once, self.seen.writable)
    }

    /// The flags of the volume once it is reached.
    pub(crate) fn flags(&mut self) -> Result<VolumeFlags, NtStatus> {
        let writable = self.source.as_ref().map(|source| source.is_writable());
        Ok(flags_of(self.reach()?, writable))
    }

    fn reach_by(&mut self, drive: Result<Drive, SourceError>) -> Result<(), NtStatus> {
        let volume = drive.map_err(Error::from).and_then(open_volume);
        let same_file = self.is_same_file();
        let status = match volume {
            Ok(volume) => match self.seen.volume {
                Ok(mark) if mark != VolumeMark::of(&volume) => NtStatus::WRONG_VOLUME,
                Ok(_) if same_file => {
                    self.state = State::Open(volume.into());
                    return Ok(());
                }
                _ => NtStatus::VERIFY_REQUIRED,
            },
            Err(error) => {
                let status = match (error.status(), self.seen.volume) {
                    // There was a volume: a disc without one is another disc.
                    (NtStatus::INVALID_DEVICE_REQUEST, Ok(_)) => NtStatus::WRONG_VOLUME,
                    (status, _) => status,
                };
                self.last_error = Some(error);
                status
            }
        };
        Err(status)
    }

    /// Whether the source leads to the same file as when the handle was opened.
    fn is_same_file(&self) -> bool {
        let now = self.source.as_ref().map(|source| source.identity().ok());
        now.is_none_or(|now| now == self.identity)
    }
}

fn check_flags(write_once: bool, writable: bool) -> Result<(), NtStatus> {
    if !write_once {
        Err(NtStatus::INVALID_DEVICE_REQUEST)
    } else if !writable {
        Err(NtStatus::MEDIA_WRITE_PROTECTED)
    } else {
        Ok(())
    }
}
