//! NT control codes on a volume handle.
//!
//! Owns: control codes, the buffers that travel with them, NTSTATUS, volume flags, and the order in which a request is
//! checked: bytes in, status and bytes out. Imports: recording, volume, drive for what a code does.
//! Never touches: pointers, handles of an operating system, FUSE; closing itself is done by `recording`.
#![forbid(unsafe_code)]

mod access;
mod buffer;
mod code;
mod error;
mod flags;
mod handle;
mod status;

pub use access::{DesiredAccess, HandleTarget};
pub use buffer::FileMakeCompatibleBuffer;
pub use code::{ControlCode, FILE_DEVICE_FILE_SYSTEM, FSCTL_MAKE_MEDIA_COMPATIBLE, Method, RequiredAccess};
pub use error::Error;
pub use flags::VolumeFlags;
pub use handle::{IoStatus, VolumeHandle};
pub use status::NtStatus;
