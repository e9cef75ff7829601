//! NT control codes on a volume handle.
//!
//! Owns: control codes, the buffers that travel with them, NTSTATUS and Win32 errors, volume flags, handles with their
//! access and share modes, and the order in which a request is checked: bytes in, status and bytes out.
//! Imports: recording, volume, drive for what a code does; how a disc is reached comes from outside, as a [`DiscSource`].
//! Never touches: pointers, paths and files of the host, FUSE; closing itself is done by `recording`.
//!
//! A volume handle is opened with [`VolumeHandle::open_on`] and takes control codes by
//! [`VolumeHandle::device_io_control`]; [`Request`] sends one beside the caller.
#![forbid(unsafe_code)]

mod access;
mod buffer;
mod buffer_query;
mod cancel;
mod code;
mod dispatch;
mod error;
mod flags;
mod handle;
mod information;
mod overlapped;
mod sharing;
mod source;
mod state;
mod status;
mod win32;

pub use access::{DesiredAccess, HandleTarget, ShareMode, Target};
pub use buffer::{FileMakeCompatibleBuffer, FileSetDefectMgmtBuffer};
pub use buffer_query::{FileQueryOnDiskVolInfoBuffer, FileQuerySparingBuffer};
pub use cancel::Cancel;
pub use code::{
    ControlCode, FILE_DEVICE_FILE_SYSTEM, FSCTL_DISMOUNT_VOLUME, FSCTL_IS_VOLUME_MOUNTED, FSCTL_LOCK_VOLUME,
    FSCTL_MAKE_MEDIA_COMPATIBLE, FSCTL_QUERY_ON_DISK_VOLUME_INFO, FSCTL_QUERY_SPARING_INFO,
    FSCTL_SET_DEFECT_MANAGEMENT, FSCTL_UNLOCK_VOLUME, Method, RequiredAccess,
};
pub use error::Error;
pub use flags::VolumeFlags;
pub use handle::{IoStatus, OpenFailure, VolumeHandle};
pub use information::{FILE_SYSTEM_NAME, VolumeInformation};
pub use overlapped::{Completion, Parameters, Request};
pub use source::{DiscIdentity, DiscSource, SourceError};
pub use status::NtStatus;
pub use win32::Win32Error;
