//! The order of checks on a request, and what each control code does.

use std::sync::Arc;

use recording::CloseDisc;
use zerocopy::IntoBytes;

use crate::{
    Cancel, ControlCode, Error, FileMakeCompatibleBuffer, FileQueryOnDiskVolInfoBuffer,
    FileQuerySparingBuffer, HandleTarget, IoStatus, NtStatus, VolumeHandle,
};

impl VolumeHandle {
    /// Sends a control code, as `DeviceIoControl` does. All 32 bits of `code` count.
    ///
    /// The output buffer is written only on success, and only by codes that return data.
    #[doc(alias = "DeviceIoControl")]
    pub fn device_io_control(
        &mut self,
        code: u32,
        input: Option<&[u8]>,
        output: Option<&mut [u8]>,
    ) -> IoStatus {
        self.device_io_control_with(code, input, output, &Cancel::default())
    }

    /// Like [`VolumeHandle::device_io_control`], for a request that can be cancelled before its first block.
    pub fn device_io_control_with(
        &mut self,
        code: u32,
        input: Option<&[u8]>,
        output: Option<&mut [u8]>,
        cancel: &Cancel,
    ) -> IoStatus {
        // The fault that kept the volume from opening stays available.
        if self.seen.volume.is_ok() {
            self.last_error = None;
        }
        let output = output.unwrap_or_default();
        match self.dispatch(ControlCode(code), input, output, cancel) {
            Ok(information) => IoStatus {
                status: NtStatus::SUCCESS,
                information,
            },
            Err(status) => IoStatus {
                status,
                information: 0,
            },
        }
    }

    /// The checks in order: access, code, file system; then handle, buffer, volume, medium and lock, as each
    /// code requires.
    fn dispatch(
        &mut self,
        code: ControlCode,
        input: Option<&[u8]>,
        output: &mut [u8],
        cancel: &Cancel,
    ) -> Result<usize, NtStatus> {
        if !self.access.allows(code.required_access()) {
            return Err(NtStatus::ACCESS_DENIED);
        }
        if code.name().is_none() || self.seen.on_network || self.seen.is_not_udf() {
            return Err(NtStatus::INVALID_DEVICE_REQUEST);
        }
        let seat = Arc::clone(&self.seat);
        let turn = seat.turn();
        let done = match code {
            ControlCode::MAKE_MEDIA_COMPATIBLE => self.make_media_compatible(input, cancel),
            ControlCode::LOCK_VOLUME => self.lock_volume(),
            ControlCode::UNLOCK_VOLUME => self.unlock_volume(),
            ControlCode::DISMOUNT_VOLUME => self.dismount_volume(),
            ControlCode::IS_VOLUME_MOUNTED => self.is_volume_mounted(),
            ControlCode::QUERY_SPARING_INFO => self.query_sparing_info(output),
            ControlCode::QUERY_ON_DISK_VOLUME_INFO => self.query_on_disk_volume_info(output),
            // Media without defect management by software refuse it before any other check. Only volumes with
            // a sparable partition have it, and those are read-only here.
            _ => Err(NtStatus::INVALID_DEVICE_REQUEST),
        };
        self.release();
        drop(turn);
        done
    }

    fn make_media_compatible(&mut self, input: Option<&[u8]>, cancel: &Cancel) -> Result<usize, NtStatus> {
        self.last_closed = None;
        self.last_differences = None;
        self.last_used = 0;
        self.require_volume_handle()?;
        let buffer = input
            .and_then(FileMakeCompatibleBuffer::read)
            .ok_or(NtStatus::INVALID_PARAMETER)?;
        self.seat.check_mounted()?;
        if let Err(locked) = self.seat.check_lock() {
            self.check_seen()?;
            return Err(locked);
        }
        cancel.check()?;
        self.check_volume()?;
        cancel.check()?;
        self.reach_to_record()?;
        // Somebody else may have had the disc in between.
        self.check_volume()?;
        self.check_room()?;
        cancel.check()?;
        let close_disc = if buffer.close_disc {
            CloseDisc::Yes
        } else {
            CloseDisc::No
        };
        let now = self.now;
        let mut used = 0;
        let mut differences = None;
        let result = self.recording().and_then(|recording| {
            let usage = recording.volume().drive().usage();
            let before = usage.blocks();
            let closed = recording.close(close_disc, now);
            if closed.is_err() {
                // A drive that does not answer has already reported how far it got.
                let _ = recording.volume().drive_mut().refresh();
            }
            used = usage.blocks() - before;
            differences = recording.plain_volume_differences().copied();
            closed.map_err(Error::from)
        });
        self.last_used = used;
        self.last_differences = differences;
        match result {
            Ok(closed) => {
                self.seen.writable = !closed.finalized;
                self.last_closed = Some(closed);
                Ok(0)
            }
            Err(error) => {
                let status = error.status();
                self.last_error = Some(error);
                Err(status)
            }
        }
    }

    fn lock_volume(&mut self) -> Result<usize, NtStatus> {
        self.require_volume_handle()?;
        self.seat.check_mounted()?;
        self.seat.check_lock()?;
        if self.seat.has_locked() {
            return Err(NtStatus::ACCESS_DENIED);
        }
        let reached = self.reach().map(drop);
        // Whoever else holds the disc uses the volume, in whichever process.
        reached
            .and_then(|()| self.reach_to_record())
            .map_err(|status| match status {
                NtStatus::DEVICE_BUSY => NtStatus::ACCESS_DENIED,
                other => other,
            })?;
        self.seat.lock().map(|()| 0)
    }

    /// Works on a dismounted volume too, because a volume is dismounted under its lock.
    fn unlock_volume(&mut self) -> Result<usize, NtStatus> {
        self.require_volume_handle()?;
        self.seat.unlock().map(|()| 0)
    }

    fn dismount_volume(&mut self) -> Result<usize, NtStatus> {
        self.require_volume_handle()?;
        self.seat.check_mounted()?;
        self.seat.check_lock()?;
        self.seat.dismount();
        Ok(0)
    }

    fn is_volume_mounted(&mut self) -> Result<usize, NtStatus> {
        self.seat.check_mounted()?;
        // While another handle has it locked, the volume is there but cannot be read.
        if self.seat.check_lock().is_ok() {
            self.reach()?;
        }
        Ok(0)
    }

    fn query_sparing_info(&mut self, output: &mut [u8]) -> Result<usize, NtStatus> {
        let room = output
            .get_mut(..size_of::<FileQuerySparingBuffer>())
            .ok_or(NtStatus::INVALID_PARAMETER)?;
        self.seat.check_mounted()?;
        self.seat.check_lock()?;
        let answer = FileQuerySparingBuffer::of(self.reach()?);
        room.copy_from_slice(answer.as_bytes());
        Ok(room.len())
    }

    fn query_on_disk_volume_info(&mut self, output: &mut [u8]) -> Result<usize, NtStatus> {
        let room = output
            .get_mut(..size_of::<FileQueryOnDiskVolInfoBuffer>())
            .ok_or(NtStatus::BUFFER_TOO_SMALL)?;
        self.seat.check_mounted()?;
        self.seat.check_lock()?;
        match FileQueryOnDiskVolInfoBuffer::of(self.reach()?) {
            Ok(answer) => {
                room.copy_from_slice(answer.as_bytes());
                Ok(room.len())
            }
            Err(error) => {
                let error = Error::from(error);
                let status = error.status();
                self.last_error = Some(error);
                Err(status)
            }
        }
    }

    fn require_volume_handle(&self) -> Result<(), NtStatus> {
        if self.target == HandleTarget::Volume {
            Ok(())
        } else {
            Err(NtStatus::INVALID_PARAMETER)
        }
    }
}
