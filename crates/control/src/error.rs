//! The fault that explains a status, from the crate below, for callers that put it into words.

use recording::Error as RecordingError;
use volume::Error as VolumeError;

use crate::drive_status::of_drive;
use crate::{NtStatus, SourceError};

/// The fault that explains a status.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Reading the volume failed.
    #[error(transparent)]
    Volume(#[from] VolumeError),
    /// Recording failed.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// No drive could be opened.
    #[error(transparent)]
    Source(#[from] SourceError),
}

impl Error {
    /// The status for this fault.
    #[must_use]
    pub fn status(&self) -> NtStatus {
        match self {
            Self::Volume(error) => of_volume(error),
            Self::Recording(error) => of_recording(error),
            Self::Source(error) => error.status(),
        }
    }
}

fn of_recording(error: &RecordingError) -> NtStatus {
    match error {
        RecordingError::MediumFull { .. } | RecordingError::CapacityTooSmall { .. } => NtStatus::DISK_FULL,
        RecordingError::ReadOnly(recording::ReadOnly::NoVirtualPartition) => NtStatus::INVALID_DEVICE_REQUEST,
        RecordingError::ReadOnly(recording::ReadOnly::AfterWriteError) => NtStatus::IO_DEVICE_ERROR,
        RecordingError::ReadOnly(_) => NtStatus::MEDIA_WRITE_PROTECTED,
        RecordingError::Unsupported(_) => NtStatus::INVALID_DEVICE_REQUEST,
        // The disc has a later state of the volume that cannot be read. Nothing is recorded over it.
        RecordingError::Malformed(_) | RecordingError::GenerationLost(_) => NtStatus::DISK_CORRUPT_ERROR,
        RecordingError::Volume(error) | RecordingError::PlainVolumeUnreadable(error) => of_volume(error),
        RecordingError::Drive(error) => of_drive(error),
        _ => NtStatus::IO_DEVICE_ERROR,
    }
}

fn of_volume(error: &VolumeError) -> NtStatus {
    match error {
        VolumeError::NoVolume | VolumeError::Blank | VolumeError::Unsupported(_) => {
            NtStatus::INVALID_DEVICE_REQUEST
        }
        VolumeError::Drive(error) => of_drive(error),
        _ => NtStatus::DISK_CORRUPT_ERROR,
    }
}

#[cfg(test)]
mod tests {
    use drive::DriveError;

    use super::*;

    #[test]
    fn each_fault_has_its_status() {
        let full = RecordingError::MediumFull { free: 0, asked: 1 };
        let finalized = RecordingError::ReadOnly(recording::ReadOnly::Finalized);
        let overwritable = RecordingError::ReadOnly(recording::ReadOnly::NoVirtualPartition);
        let cases: [(Error, NtStatus); 8] = [
            (full.into(), NtStatus::DISK_FULL),
            (finalized.into(), NtStatus::MEDIA_WRITE_PROTECTED),
            (overwritable.into(), NtStatus::INVALID_DEVICE_REQUEST),
            (
                RecordingError::Drive(DriveError::MediumRemoved).into(),
                NtStatus::NO_MEDIA_IN_DEVICE,
            ),
            (
                RecordingError::Drive(DriveError::MediumChanged).into(),
                NtStatus::VERIFY_REQUIRED,
            ),
            (
                RecordingError::Drive(DriveError::SessionOpen).into(),
                NtStatus::IO_DEVICE_ERROR,
            ),
            (VolumeError::NoVolume.into(), NtStatus::INVALID_DEVICE_REQUEST),
            (VolumeError::NotADirectory.into(), NtStatus::DISK_CORRUPT_ERROR),
        ];
        for (error, status) in cases {
            assert_eq!(error.status(), status, "{error:?}");
        }
    }
}
