//! Win32 error numbers, as `RtlNtStatusToDosError` maps a status.

use crate::NtStatus;

/// A Win32 error number, as `GetLastError` returns it. Several statuses share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Win32Error(pub u32);

impl Win32Error {
    /// `ERROR_SUCCESS`.
    pub const SUCCESS: Self = Self(0);
    /// `ERROR_MR_MID_NOT_FOUND`: the error of a status without one of its own.
    pub const MR_MID_NOT_FOUND: Self = Self(317);
}

/// The published pairs, in the order of the statuses.
const PAIRS: &[(NtStatus, u32)] = &[
    (NtStatus::SUCCESS, 0),
    (NtStatus::PENDING, 997),
    (NtStatus::BUFFER_OVERFLOW, 234),
    (NtStatus::DATATYPE_MISALIGNMENT, 998),
    (NtStatus::DEVICE_BUSY, 170),
    (NtStatus::VERIFY_REQUIRED, 1110),
    (NtStatus::UNSUCCESSFUL, 31),
    (NtStatus::INFO_LENGTH_MISMATCH, 24),
    (NtStatus::ACCESS_VIOLATION, 998),
    (NtStatus::INVALID_HANDLE, 6),
    (NtStatus::INVALID_PARAMETER, 87),
    (NtStatus::INVALID_DEVICE_REQUEST, 1),
    (NtStatus::WRONG_VOLUME, 34),
    (NtStatus::NO_MEDIA_IN_DEVICE, 21),
    (NtStatus::ACCESS_DENIED, 5),
    (NtStatus::BUFFER_TOO_SMALL, 122),
    (NtStatus::NOT_LOCKED, 158),
    (NtStatus::DISK_CORRUPT_ERROR, 1393),
    (NtStatus::OBJECT_NAME_INVALID, 123),
    (NtStatus::OBJECT_NAME_NOT_FOUND, 2),
    (NtStatus::OBJECT_PATH_NOT_FOUND, 3),
    (NtStatus::SHARING_VIOLATION, 32),
    (NtStatus::DISK_FULL, 112),
    (NtStatus::FILE_INVALID, 1006),
    (NtStatus::INSUFFICIENT_RESOURCES, 1450),
    (NtStatus::MEDIA_WRITE_PROTECTED, 19),
    (NtStatus::DEVICE_NOT_READY, 21),
    (NtStatus::NOT_SUPPORTED, 50),
    (NtStatus::INTERNAL_ERROR, 1359),
    (NtStatus::INVALID_USER_BUFFER, 1784),
    (NtStatus::FILE_CORRUPT_ERROR, 1392),
    (NtStatus::CANCELLED, 995),
    (NtStatus::UNRECOGNIZED_VOLUME, 1005),
    (NtStatus::IO_DEVICE_ERROR, 1117),
    (NtStatus::VOLUME_DISMOUNTED, 21),
];

/// The published names of those numbers, lowest first.
const NAMES: &[(u32, &str)] = &[
    (0, "ERROR_SUCCESS"),
    (1, "ERROR_INVALID_FUNCTION"),
    (2, "ERROR_FILE_NOT_FOUND"),
    (3, "ERROR_PATH_NOT_FOUND"),
    (5, "ERROR_ACCESS_DENIED"),
    (6, "ERROR_INVALID_HANDLE"),
    (19, "ERROR_WRITE_PROTECT"),
    (21, "ERROR_NOT_READY"),
    (24, "ERROR_BAD_LENGTH"),
    (31, "ERROR_GEN_FAILURE"),
    (32, "ERROR_SHARING_VIOLATION"),
    (34, "ERROR_WRONG_DISK"),
    (50, "ERROR_NOT_SUPPORTED"),
    (87, "ERROR_INVALID_PARAMETER"),
    (112, "ERROR_DISK_FULL"),
    (122, "ERROR_INSUFFICIENT_BUFFER"),
    (123, "ERROR_INVALID_NAME"),
    (158, "ERROR_NOT_LOCKED"),
    (170, "ERROR_BUSY"),
    (234, "ERROR_MORE_DATA"),
    (317, "ERROR_MR_MID_NOT_FOUND"),
    (995, "ERROR_OPERATION_ABORTED"),
    (997, "ERROR_IO_PENDING"),
    (998, "ERROR_NOACCESS"),
    (1005, "ERROR_UNRECOGNIZED_VOLUME"),
    (1006, "ERROR_FILE_INVALID"),
    (1110, "ERROR_MEDIA_CHANGED"),
    (1117, "ERROR_IO_DEVICE"),
    (1359, "ERROR_INTERNAL_ERROR"),
    (1392, "ERROR_FILE_CORRUPT"),
    (1393, "ERROR_DISK_CORRUPT"),
    (1450, "ERROR_NO_SYSTEM_RESOURCES"),
    (1784, "ERROR_INVALID_USER_BUFFER"),
];

impl Win32Error {
    /// The published name, such as `ERROR_NOT_READY`; `None` for a number that no status here maps to.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        let named = NAMES.iter().find(|(number, _)| *number == self.0);
        named.map(|(_, name)| *name)
    }
}

impl NtStatus {
    /// The Win32 error of this status.
    #[doc(alias = "RtlNtStatusToDosError")]
    #[must_use]
    pub fn win32_error(self) -> Win32Error {
        let pair = PAIRS.iter().find(|(status, _)| *status == self);
        pair.map_or(Win32Error::MR_MID_NOT_FOUND, |(_, error)| Win32Error(*error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_status_has_one_win32_error() {
        for status in NtStatus::NAMED {
            let pairs = PAIRS.iter().filter(|(known, _)| known == status).count();
            assert_eq!(pairs, 1, "{status:?}");
        }
        assert_eq!(PAIRS.len(), NtStatus::NAMED.len());
    }

    #[test]
    fn statuses_that_share_an_error_stay_apart() {
        assert_eq!(
            NtStatus::NO_MEDIA_IN_DEVICE.win32_error(),
            NtStatus::VOLUME_DISMOUNTED.win32_error()
        );
        assert_ne!(NtStatus::NO_MEDIA_IN_DEVICE, NtStatus::VOLUME_DISMOUNTED);
    }

    #[test]
    fn every_error_has_its_published_name() {
        for status in NtStatus::NAMED {
            assert!(status.win32_error().name().is_some(), "{status:?}");
        }
        assert_eq!(Win32Error(1110).name(), Some("ERROR_MEDIA_CHANGED"));
        assert_eq!(Win32Error(2000).name(), None);
        assert!(NAMES.is_sorted());
    }

    #[test]
    fn an_unnamed_status_has_the_error_for_unknown_ones() {
        assert_eq!(NtStatus(0xC000_FFFF).win32_error(), Win32Error(317));
    }
}
