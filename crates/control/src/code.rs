//! Control codes: 32 bits made of device type, access, function and transfer method. All of them count.

use std::fmt;

/// The device type in the control codes of file systems.
pub const FILE_DEVICE_FILE_SYSTEM: u16 = 9;

/// How a request passes its buffers: bits 0-1 of a control code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Method {
    /// Input and output share one system buffer.
    Buffered = 0,
    /// The second buffer is input, direct.
    InDirect = 1,
    /// The second buffer is output, direct.
    OutDirect = 2,
    /// The caller's own buffers.
    Neither = 3,
}

/// The access the caller's handle must have: bits 14-15 of a control code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum RequiredAccess {
    /// Any handle.
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
    /// The code of a function (12 bits, 0 to 4095), as the macro `CTL_CODE` composes it.
    #[doc(alias = "CTL_CODE")]
    #[must_use]
    pub const fn new(device: u16, access: RequiredAccess, function: u16, method: Method) -> Self {
        assert!(function < 0x1000, "a function has 12 bits");
        Self((device as u32) << 16 | (access as u32) << 14 | (function as u32) << 2 | method as u32)
    }

    /// The access the caller's handle must have. It is checked before the file system sees the request.
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

macro_rules! codes {
    ($($(#[$doc:meta])* $full:ident = $short:ident: $function:literal, $access:ident;)*) => {
        impl ControlCode {
            $($(#[$doc])*
            pub const $short: Self =
                Self::new(FILE_DEVICE_FILE_SYSTEM, RequiredAccess::$access, $function, Method::Buffered);)*

            /// Every known code, in the order of declaration.
            pub const KNOWN: &'static [Self] = &[$(Self::$short),*];

            /// The published name, such as `FSCTL_LOCK_VOLUME`; `None` for an unknown code.
            #[must_use]
            pub fn name(self) -> Option<&'static str> {
                match self {
                    $(Self::$short => Some(stringify!($full)),)*
                    _ => None,
                }
            }
        }

        $($(#[$doc])*
        ///
        /// The code under its published name.
        pub const $full: ControlCode = ControlCode::$short;)*
    };
}

codes! {
    /// 0x00090018: keeps others from the volume until it is unlocked or the handle is closed.
    FSCTL_LOCK_VOLUME = LOCK_VOLUME: 6, Any;
    /// 0x0009001C: ends the lock of `FSCTL_LOCK_VOLUME`.
    FSCTL_UNLOCK_VOLUME = UNLOCK_VOLUME: 7, Any;
    /// 0x00090020: dismounts the volume from every handle that is open on it.
    FSCTL_DISMOUNT_VOLUME = DISMOUNT_VOLUME: 8, Any;
    /// 0x00090028: whether the volume of the handle is still mounted.
    FSCTL_IS_VOLUME_MOUNTED = IS_VOLUME_MOUNTED: 10, Any;
    /// 0x00098130: closes the open session of write-once media so that a ROM drive can read it.
    FSCTL_MAKE_MEDIA_COMPATIBLE = MAKE_MEDIA_COMPATIBLE: 76, Write;
    /// 0x00098134: turns replacement of defective blocks by software off or on for a file.
    FSCTL_SET_DEFECT_MANAGEMENT = SET_DEFECT_MANAGEMENT: 77, Write;
    /// 0x00090138: how the volume replaces defective blocks.
    FSCTL_QUERY_SPARING_INFO = QUERY_SPARING_INFO: 78, Any;
    /// 0x0009013C: what the structures of the volume say about it.
    FSCTL_QUERY_ON_DISK_VOLUME_INFO = QUERY_ON_DISK_VOLUME_INFO: 79, Any;
}

impl fmt::Debug for ControlCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#010x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_have_their_published_values() {
        let values: Vec<u32> = ControlCode::KNOWN.iter().map(|code| code.0).collect();
        let published = [
            0x0009_0018,
            0x0009_001C,
            0x0009_0020,
            0x0009_0028,
            0x0009_8130,
            0x0009_8134,
            0x0009_0138,
            0x0009_013C,
        ];
        assert_eq!(values, published);
    }

    #[test]
    fn a_known_code_is_shown_by_its_published_name() {
        assert_eq!(
            FSCTL_MAKE_MEDIA_COMPATIBLE.name(),
            Some("FSCTL_MAKE_MEDIA_COMPATIBLE")
        );
        assert_eq!(ControlCode(0x0009_8131).name(), None);
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
