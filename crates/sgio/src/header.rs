//! `struct sg_io_hdr` of `<scsi/sg.h>`, version 3 of the interface.

use std::ffi::{c_int, c_uint, c_ushort, c_void};

/// Version 3 of the interface.
const INTERFACE: c_int = 'S' as c_int;

/// Most bytes of sense that a drive may return (`SPC-4 4.5.1`).
pub(crate) const SENSE_LENGTH: u8 = 252;

/// The direction of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub(crate) enum Direction {
    None = -1,
    ToDevice = -2,
    FromDevice = -3,
}

/// The argument of SG_IO, with the kernel's field names.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct SgIoHdr {
    pub(crate) interface_id: c_int,
    pub(crate) dxfer_direction: c_int,
    pub(crate) cmd_len: u8,
    pub(crate) mx_sb_len: u8,
    pub(crate) iovec_count: c_ushort,
    pub(crate) dxfer_len: c_uint,
    pub(crate) dxferp: *mut c_void,
    pub(crate) cmdp: *mut u8,
    pub(crate) sbp: *mut u8,
    /// Time limit in milliseconds.
    pub(crate) timeout: c_uint,
    pub(crate) flags: c_uint,
    pub(crate) pack_id: c_int,
    pub(crate) usr_ptr: *mut c_void,
    pub(crate) status: u8,
    pub(crate) masked_status: u8,
    pub(crate) msg_status: u8,
    pub(crate) sb_len_wr: u8,
    pub(crate) host_status: c_ushort,
    pub(crate) driver_status: c_ushort,
    /// Bytes of the data that did not move.
    pub(crate) resid: c_int,
    pub(crate) duration: c_uint,
    pub(crate) info: c_uint,
}

impl SgIoHdr {
    /// A header without pointers and lengths.
    pub(crate) const fn new(direction: Direction, timeout: c_uint) -> Self {
        use std::ptr::null_mut;
        Self {
            interface_id: INTERFACE,
            dxfer_direction: direction as c_int,
            cmd_len: 0,
            mx_sb_len: 0,
            iovec_count: 0,
            dxfer_len: 0,
            dxferp: null_mut(),
            cmdp: null_mut(),
            sbp: null_mut(),
            timeout,
            flags: 0,
            pack_id: 0,
            usr_ptr: null_mut(),
            status: 0,
            masked_status: 0,
            msg_status: 0,
            sb_len_wr: 0,
            host_status: 0,
            driver_status: 0,
            resid: 0,
            duration: 0,
            info: 0,
        }
    }

    /// The number of bytes moved. Some host adapters return a nonsensical residual. A negative one counts as
    /// all moved, one above the length as none.
    pub(crate) fn moved(&self) -> usize {
        let residual = usize::try_from(self.resid).unwrap_or(0);
        (self.dxfer_len as usize).saturating_sub(residual)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;
    use std::mem::offset_of;
    use std::process::Command;

    macro_rules! members {
        ($($name:ident),* $(,)?) => {
            [$((stringify!($name), offset_of!(SgIoHdr, $name))),*]
        };
    }

    /// A C compiler checks size and offsets against the header of the C library.
    #[test]
    fn the_structure_matches_the_c_header() {
        let mut source = String::from("#include <stddef.h>\n#include <scsi/sg.h>\n");
        let size = size_of::<SgIoHdr>();
        writeln!(source, "_Static_assert(sizeof(sg_io_hdr_t) == {size}, \"size\");").expect("text");
        for (name, offset) in members![
            interface_id,
            dxfer_direction,
            cmd_len,
            mx_sb_len,
            iovec_count,
            dxfer_len,
            dxferp,
            cmdp,
            sbp,
            timeout,
            flags,
            pack_id,
            usr_ptr,
            status,
            masked_status,
            msg_status,
            sb_len_wr,
            host_status,
            driver_status,
            resid,
            duration,
            info,
        ] {
            writeln!(
                source,
                "_Static_assert(offsetof(sg_io_hdr_t, {name}) == {offset}, \"{name}\");"
            )
            .expect("text");
        }
        for (name, value) in [
            ("SG_DXFER_NONE", Direction::None),
            ("SG_DXFER_TO_DEV", Direction::ToDevice),
            ("SG_DXFER_FROM_DEV", Direction::FromDevice),
        ] {
            writeln!(
                source,
                "_Static_assert({name} == {}, \"{name}\");",
                value as c_int
            )
            .expect("text");
        }
        let request = crate::device::SG_IO;
        writeln!(source, "_Static_assert(SG_IO == {request}, \"SG_IO\");").expect("text");
        let folder = tempfile::tempdir().expect("a temporary directory");
        let path = folder.path().join("layout.c");
        std::fs::write(&path, source).expect("a source");
        let output = Command::new("gcc")
            .arg("-fsyntax-only")
            .arg(path)
            .output()
            .expect("gcc");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    #[cfg(target_pointer_width = "64")]
    #[test]
    fn the_structure_has_88_bytes_if_pointers_have_8() {
        assert_eq!(size_of::<SgIoHdr>(), 88);
        assert_eq!(offset_of!(SgIoHdr, dxferp), 16);
        assert_eq!(offset_of!(SgIoHdr, status), 64);
    }

    #[test]
    fn a_plausible_residual_is_subtracted() {
        let moved = |residual| {
            let mut header = SgIoHdr::new(Direction::FromDevice, 0);
            (header.dxfer_len, header.resid) = (2048, residual);
            header.moved()
        };
        assert_eq!((moved(0), moved(48), moved(2048)), (2048, 2000, 0));
        assert_eq!((moved(-1), moved(4096)), (2048, 0));
    }
}
