//! A handle, and the order in which a request on it is checked.

use drive::{Drive, Status};
use ecma167::general::Timestamp;
use recording::{CloseDisc, Closed, Recording};
use volume::Volume;

use crate::{
    ControlCode, DesiredAccess, Error, FSCTL_MAKE_MEDIA_COMPATIBLE, FileMakeCompatibleBuffer, HandleTarget,
    NtStatus, VolumeFlags,
};

/// The status block of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IoStatus {
    /// How it went.
    pub status: NtStatus,
    /// Bytes in the output buffer.
    pub information: usize,
}

impl IoStatus {
    const fn of(status: NtStatus) -> Self {
        Self {
            status,
            information: 0,
        }
    }
}

/// What a handle is on.
enum State {
    /// A volume that nobody has changed yet.
    Open(Box<Volume>),
    /// A volume that is being recorded on.
    Recording(Box<Recording>),
    /// A drive whose medium has no volume that can be opened. The fault is told by the first request.
    NotRecognised(NtStatus),
    /// The volume was given up after a fault.
    Dismounted,
}

/// A handle on the volume in a drive.
pub struct VolumeHandle {
    state: State,
    target: HandleTarget,
    access: DesiredAccess,
    now: Timestamp,
    last_error: Option<Error>,
    last_closed: Option<Closed>,
}

impl VolumeHandle {
    /// A handle on the volume itself. It opens on any medium: what is not UDF refuses each control code later.
    ///
    /// `now` is the time that goes into what a request records, see [`VolumeHandle::set_time`].
    #[must_use]
    pub fn open(drive: Drive, access: DesiredAccess, now: Timestamp) -> Self {
        Self::open_target(drive, HandleTarget::Volume, access, now)
    }

    /// A handle on the volume, or on a file or directory of it, for which the control codes of the volume are refused.
    #[must_use]
    pub fn open_target(drive: Drive, target: HandleTarget, access: DesiredAccess, now: Timestamp) -> Self {
        let (state, last_error) = match open_volume(drive) {
            Ok(volume) => (State::Open(Box::new(volume)), None),
            Err(error) => (State::NotRecognised(error.status()), Some(error)),
        };
        Self {
            state,
            target,
            access,
            now,
            last_error,
            last_closed: None,
        }
    }

    /// Sets the time that goes into what the next request records.
    pub fn set_time(&mut self, now: Timestamp) {
        self.now = now;
    }

    /// What the volume can do; `None` where there is none.
    pub fn volume_flags(&mut self) -> Option<VolumeFlags> {
        self.volume().map(|volume| VolumeFlags::of(volume))
    }

    /// The fault behind the status of the last request that failed, or behind a volume that could not be opened.
    pub fn take_last_error(&mut self) -> Option<Error> {
        self.last_error.take()
    }

    /// What the last request that closed a session did.
    #[must_use]
    pub fn last_closed(&self) -> Option<Closed> {
        self.last_closed
    }

    /// Sends a control code, as `DeviceIoControl` does. `code` counts with all its 32 bits.
    ///
    /// No code that is known here answers with output, so the output buffer is ignored.
    #[doc(alias = "DeviceIoControl")]
    pub fn device_io_control(
        &mut self,
        code: u32,
        input: Option<&[u8]>,
        _output: Option<&mut [u8]>,
    ) -> IoStatus {
        match self.dispatch(ControlCode(code), input) {
            Ok(()) => IoStatus::of(NtStatus::SUCCESS),
            Err(status) => IoStatus::of(status),
        }
    }

    /// The checks in their order: access, code, handle, buffer, volume, medium.
    fn dispatch(&mut self, code: ControlCode, input: Option<&[u8]>) -> Result<(), NtStatus> {
        if !self.access.allows(code.required_access()) {
            return Err(NtStatus::ACCESS_DENIED);
        }
        if code != FSCTL_MAKE_MEDIA_COMPATIBLE {
            return Err(NtStatus::INVALID_DEVICE_REQUEST);
        }
        if let State::NotRecognised(NtStatus::INVALID_DEVICE_REQUEST) = self.state {
            return Err(NtStatus::INVALID_DEVICE_REQUEST);
        }
        if self.target != HandleTarget::Volume {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        let buffer = input
            .and_then(FileMakeCompatibleBuffer::read)
            .ok_or(NtStatus::INVALID_PARAMETER)?;
        self.make_media_compatible(buffer)
    }

    fn make_media_compatible(&mut self, buffer: FileMakeCompatibleBuffer) -> Result<(), NtStatus> {
        self.last_closed = None;
        self.check_volume()?;
        let close_disc = if buffer.close_disc {
            CloseDisc::Yes
        } else {
            CloseDisc::No
        };
        let now = self.now;
        let result = self
            .recording()
            .and_then(|recording| recording.close(close_disc, now).map_err(Error::from));
        match result {
            Ok(closed) => {
                self.last_closed = Some(closed);
                Ok(())
            }
            Err(error) => {
                let status = error.status();
                self.last_error = Some(error);
                Err(status)
            }
        }
    }

    /// Whether the volume is one that a session can be closed on, as far as that is known without asking the drive.
    fn check_volume(&mut self) -> Result<(), NtStatus> {
        let volume = match &mut self.state {
            State::NotRecognised(status) => return Err(*status),
            State::Dismounted => return Err(NtStatus::VOLUME_DISMOUNTED),
            State::Open(volume) => volume,
            State::Recording(recording) => recording.volume(),
        };
        if volume.virtual_partition().is_none() {
            return Err(NtStatus::INVALID_DEVICE_REQUEST);
        }
        if volume.drive().is_read_only() || volume.drive().medium().status == Status::Finalized {
            return Err(NtStatus::MEDIA_WRITE_PROTECTED);
        }
        Ok(())
    }

    fn volume(&mut self) -> Option<&mut Volume> {
        match &mut self.state {
            State::Open(volume) => Some(volume),
            State::Recording(recording) => Some(recording.volume()),
            State::NotRecognised(_) | State::Dismounted => None,
        }
    }

    /// The volume, opened for recording. Where that fails the volume is given up.
    fn recording(&mut self) -> Result<&mut Recording, Error> {
        if matches!(self.state, State::Open(_))
            && let State::Open(volume) = core::mem::replace(&mut self.state, State::Dismounted)
        {
            let recording = Recording::of_volume(*volume, self.now)?;
            self.state = State::Recording(Box::new(recording));
        }
        match &mut self.state {
            State::Recording(recording) => {
                recording.set_time(self.now);
                Ok(recording)
            }
            _ => Err(volume::Error::NoVolume.into()),
        }
    }
}

/// Opens the volume by what the drive says now: whoever had the drive before may have recorded with it.
fn open_volume(mut drive: Drive) -> Result<Volume, Error> {
    drive.refresh().map_err(volume::Error::from)?;
    Volume::open(drive).map_err(|failed| failed.error.into())
}

impl VolumeFlags {
    /// The flags of a volume on its drive.
    #[must_use]
    pub fn of(volume: &Volume) -> Self {
        let drive = volume.drive();
        let writable = !drive.is_read_only() && drive.medium().status != Status::Finalized;
        Self::of_volume(
            volume.virtual_partition().is_some(),
            writable && volume.virtual_partition().is_some(),
        )
    }
}
