//! The types of the header, as C lays them out.

use std::ffi::c_void;

/// `HANDLE`: a number in the handle table, cast to a pointer.
pub type Handle = *mut c_void;

/// `BOOL`: 0 is FALSE.
pub type Bool = i32;

/// `INVALID_HANDLE_VALUE`, -1.
pub(crate) const INVALID_HANDLE_VALUE: Handle = std::ptr::without_provenance_mut(usize::MAX);

/// `OVERLAPPED`: where an overlapped call leaves its result.
#[repr(C)]
#[derive(Debug)]
pub struct Overlapped {
    /// The NTSTATUS: `STATUS_PENDING` while the call runs.
    pub internal: usize,
    /// Bytes in the output buffer.
    pub internal_high: usize,
    /// File offset; ignored.
    pub offset: u32,
    /// Like `offset`.
    pub offset_high: u32,
    /// An event that is set when the call ends, or null.
    pub event: Handle,
}

/// `SECURITY_ATTRIBUTES`: ignored.
#[repr(C)]
#[derive(Debug)]
pub struct SecurityAttributes {
    /// Size of the structure in bytes.
    pub length: u32,
    /// Who may do what.
    pub security_descriptor: *mut c_void,
    /// Whether child processes inherit the handle.
    pub inherit_handle: Bool,
}

/// `PIO_APC_ROUTINE`: a procedure to call at the end of a request; not supported.
pub type IoApcRoutine = Option<unsafe extern "C" fn(*mut c_void, *mut IoStatusBlock, u32)>;

/// `IO_STATUS_BLOCK`: the status block of a request.
#[repr(C)]
pub struct IoStatusBlock {
    /// The result.
    pub status: StatusOrPointer,
    /// Bytes in the output buffer.
    pub information: usize,
}

/// The first field of `IO_STATUS_BLOCK`.
#[repr(C)]
#[derive(Clone, Copy)]
pub union StatusOrPointer {
    /// The NTSTATUS.
    pub status: i32,
    /// Not used.
    pub pointer: *mut c_void,
}

#[cfg(target_pointer_width = "64")]
const _: () = {
    assert!(size_of::<Overlapped>() == 32 && align_of::<Overlapped>() == 8);
    assert!(size_of::<IoStatusBlock>() == 16 && align_of::<IoStatusBlock>() == 8);
};
