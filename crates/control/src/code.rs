//! Control codes: 32 bits made of device type, access, function and transfer method, all of which count.

use std::fmt;

/// What a file system answers as its device type in a control code.
pub const FILE_DEVICE_FILE_SYSTEM: u16 = 9;

/// How the buffers of a request travel: bits 0-1 of a control code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Method {
    /// Both ways through one buffer of the system.
    Buffered = 0,
    /// The second buffer is input, direct.
    InDirect = 1,
    /// The second buffer is output, direct.
    OutDirect = 2,
    /// The caller's own buffers.
    Neither = 3,
}

/// The access which the caller's handle must have: bits 14-15 of a control code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum RequiredAccess {
    /// Any handle will do.
    Any = 0,
    /// `FILE_READ_DATA`.
    Read = 1,
    /// `FILE_WRITE_DATA`.
    Write = 2,
    /// Both.
    ReadWrite = 3,
}

/// A control code.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ControlCode(pub u32);

impl ControlCode {
    /// `FSCTL_MAKE_MEDIA_COMPATIBLE`, 0x00098130: closes the open session of write-once media, so that a ROM drive reads it.
    #[doc(alias = "FSCTL_MAKE_MEDIA_COMPATIBLE")]
    pub const MAKE_MEDIA_COMPATIBLE: Self = Self::new(
        FILE_DEVICE_FILE_SYSTEM,
        RequiredAccess::Write,
        76,
        Method::Buffered,
    );

    /// The code of a function (12 bits, 0 to 4095), as the macro `CTL_CODE` composes it.
    #[doc(alias = "CTL_CODE")]
    #[must_use]
    pub const fn new(device: u16, access: RequiredAccess, function: u16, method: Method) -> Self {
        assert!(function < 0x1000, "a function has 12 bits");
        Self((device as u32) << 16 | (access as u32) << 14 | (function as u32) << 2 | method as u32)
    }

    /// The access which the caller's handle must have. It is checked before the file system sees the request.
    #[must_use]
    pub const fn required_access(self) -> RequiredAccess {
        match self.0 >> 14 & 3 {
            0 => RequiredAccess::Any,
            1 => RequiredAccess::Read,
            2 => RequiredAccess::Write,
            _ => RequiredAccess::ReadWrite,
        }
    }
}

/// `FSCTL_MAKE_MEDIA_COMPATIBLE` under the name that callers search for.
pub const FSCTL_MAKE_MEDIA_COMPATIBLE: ControlCode = ControlCode::MAKE_MEDIA_COMPATIBLE;

impl fmt::Debug for ControlCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#010x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_has_its_published_value() {
        assert_eq!(FSCTL_MAKE_MEDIA_COMPATIBLE.0, 0x0009_8130);
    }

    #[test]
    fn the_access_is_read_back_from_its_bits() {
        assert_eq!(
            FSCTL_MAKE_MEDIA_COMPATIBLE.required_access(),
            RequiredAccess::Write
        );
        assert_eq!(ControlCode(0x0009_0130).required_access(), RequiredAccess::Any);
        assert_eq!(ControlCode(0x0009_4130).required_access(), RequiredAccess::Read);
        assert_eq!(
            ControlCode(0x0009_C130).required_access(),
            RequiredAccess::ReadWrite
        );
    }
}
