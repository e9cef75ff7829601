//! NTSTATUS: the primary result of every control request.

use std::fmt;

/// An NTSTATUS value. Several of them share one Win32 error, so callers should check this one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct NtStatus(pub u32);

macro_rules! statuses {
    ($($(#[$doc:meta])* $name:ident = $value:literal, $full:literal;)*) => {
        impl NtStatus {
            $($(#[$doc])* #[doc(alias = $full)] pub const $name: Self = Self($value);)*

            /// The published name, such as `STATUS_SUCCESS`; `None` for a value that this crate never
            /// returns.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some($full),)*
                    _ => None,
                }
            }

            /// Every status named here, in the order of declaration.
            pub const NAMED: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

statuses! {
    /// Success.
    SUCCESS = 0x0000_0000, "STATUS_SUCCESS";
    /// An overlapped request is still running.
    PENDING = 0x0000_0103, "STATUS_PENDING";
    /// A pointer is not aligned for its type.
    DATATYPE_MISALIGNMENT = 0x8000_0002, "STATUS_DATATYPE_MISALIGNMENT";
    /// The buffer contains only a part of the answer.
    BUFFER_OVERFLOW = 0x8000_0005, "STATUS_BUFFER_OVERFLOW";
    /// The drive, or the image in its place, is busy with something else.
    DEVICE_BUSY = 0x8000_0011, "STATUS_DEVICE_BUSY";
    /// The medium was changed and must be checked again.
    VERIFY_REQUIRED = 0x8000_0016, "STATUS_VERIFY_REQUIRED";
    /// It failed, and no other status says why.
    UNSUCCESSFUL = 0xC000_0001, "STATUS_UNSUCCESSFUL";
    /// A length is not the one the request requires.
    INFO_LENGTH_MISMATCH = 0xC000_0004, "STATUS_INFO_LENGTH_MISMATCH";
    /// A pointer is null.
    ACCESS_VIOLATION = 0xC000_0005, "STATUS_ACCESS_VIOLATION";
    /// Not a handle.
    INVALID_HANDLE = 0xC000_0008, "STATUS_INVALID_HANDLE";
    /// A wrong parameter: the wrong kind of handle, or an input buffer that is missing or too short.
    INVALID_PARAMETER = 0xC000_000D, "STATUS_INVALID_PARAMETER";
    /// The volume does not know this control code, or the code does not apply to it.
    INVALID_DEVICE_REQUEST = 0xC000_0010, "STATUS_INVALID_DEVICE_REQUEST";
    /// Another disc is in the drive.
    WRONG_VOLUME = 0xC000_0012, "STATUS_WRONG_VOLUME";
    /// The drive is empty.
    NO_MEDIA_IN_DEVICE = 0xC000_0013, "STATUS_NO_MEDIA_IN_DEVICE";
    /// The handle lacks the access that the control code requires, or another handle has locked the volume.
    ACCESS_DENIED = 0xC000_0022, "STATUS_ACCESS_DENIED";
    /// The answer does not fit the output buffer. Nothing of it was written.
    BUFFER_TOO_SMALL = 0xC000_0023, "STATUS_BUFFER_TOO_SMALL";
    /// This handle has not locked the volume.
    NOT_LOCKED = 0xC000_002A, "STATUS_NOT_LOCKED";
    /// Structures on the disc contradict each other.
    DISK_CORRUPT_ERROR = 0xC000_0032, "STATUS_DISK_CORRUPT_ERROR";
    /// The name is malformed.
    OBJECT_NAME_INVALID = 0xC000_0033, "STATUS_OBJECT_NAME_INVALID";
    /// Nothing has this name.
    OBJECT_NAME_NOT_FOUND = 0xC000_0034, "STATUS_OBJECT_NAME_NOT_FOUND";
    /// The path to the name does not exist.
    OBJECT_PATH_NOT_FOUND = 0xC000_003A, "STATUS_OBJECT_PATH_NOT_FOUND";
    /// Another handle or process does not share this access.
    SHARING_VIOLATION = 0xC000_0043, "STATUS_SHARING_VIOLATION";
    /// No room is left to record.
    DISK_FULL = 0xC000_007F, "STATUS_DISK_FULL";
    /// The file is no longer the one that was opened.
    FILE_INVALID = 0xC000_0098, "STATUS_FILE_INVALID";
    /// Memory or another resource of the system ran out.
    INSUFFICIENT_RESOURCES = 0xC000_009A, "STATUS_INSUFFICIENT_RESOURCES";
    /// The medium is finalized, or drive or image is read-only.
    MEDIA_WRITE_PROTECTED = 0xC000_00A2, "STATUS_MEDIA_WRITE_PROTECTED";
    /// The drive is not ready.
    DEVICE_NOT_READY = 0xC000_00A3, "STATUS_DEVICE_NOT_READY";
    /// The request is known but not supported on this volume.
    NOT_SUPPORTED = 0xC000_00BB, "STATUS_NOT_SUPPORTED";
    /// A defect of this library.
    INTERNAL_ERROR = 0xC000_00E5, "STATUS_INTERNAL_ERROR";
    /// A buffer does not fit the request.
    INVALID_USER_BUFFER = 0xC000_00E8, "STATUS_INVALID_USER_BUFFER";
    /// A file on the disc contradicts itself.
    FILE_CORRUPT_ERROR = 0xC000_0102, "STATUS_FILE_CORRUPT_ERROR";
    /// The request was cancelled before its first block.
    CANCELLED = 0xC000_0120, "STATUS_CANCELLED";
    /// The medium has no volume that can be opened.
    UNRECOGNIZED_VOLUME = 0xC000_014F, "STATUS_UNRECOGNIZED_VOLUME";
    /// The drive failed. The error beside the status has its sense.
    IO_DEVICE_ERROR = 0xC000_0185, "STATUS_IO_DEVICE_ERROR";
    /// The volume was dismounted.
    VOLUME_DISMOUNTED = 0xC000_026E, "STATUS_VOLUME_DISMOUNTED";
}

impl NtStatus {
    /// Whether the request succeeded or is under way (severity success or informational).
    #[must_use]
    pub const fn is_success(self) -> bool {
        self.0 < 0x8000_0000
    }
}

impl fmt::Display for NtStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name().unwrap_or("an unnamed status"))
    }
}

impl fmt::Debug for NtStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} ({:#010x})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_value_and_every_name_occurs_once() {
        let values: HashSet<u32> = NtStatus::NAMED.iter().map(|status| status.0).collect();
        let names: HashSet<_> = NtStatus::NAMED.iter().map(|status| status.name()).collect();
        assert_eq!(
            (values.len(), names.len()),
            (NtStatus::NAMED.len(), NtStatus::NAMED.len())
        );
    }

    #[test]
    fn a_status_is_shown_by_its_published_name() {
        assert_eq!(NtStatus::SUCCESS.to_string(), "STATUS_SUCCESS");
        assert_eq!(
            format!("{:?}", NtStatus::DISK_FULL),
            "STATUS_DISK_FULL (0xc000007f)"
        );
    }

    #[test]
    fn warnings_and_errors_are_no_success() {
        assert!(NtStatus::SUCCESS.is_success() && NtStatus::PENDING.is_success());
        assert!(!NtStatus::VERIFY_REQUIRED.is_success() && !NtStatus::DISK_FULL.is_success());
    }
}
