//! The status for a drive fault.

use drive::DriveError;

use crate::NtStatus;

/// The status for this fault.
pub(crate) fn of_drive(error: &DriveError) -> NtStatus {
    match error {
        DriveError::NoMedium | DriveError::MediumRemoved => NtStatus::NO_MEDIA_IN_DEVICE,
        DriveError::MediumChanged => NtStatus::VERIFY_REQUIRED,
        DriveError::ReadOnly(_) => NtStatus::MEDIA_WRITE_PROTECTED,
        DriveError::NotReady { .. } => NtStatus::DEVICE_NOT_READY,
        DriveError::Unsupported(_) => NtStatus::NOT_SUPPORTED,
        _ => NtStatus::IO_DEVICE_ERROR,
    }
}
