//! NT control codes on a volume handle.
//!
//! Owns: control codes and their buffers, NTSTATUS and Win32 errors, volume flags, handles with access and
//! share modes, and the order of checks on a request: bytes in, status and bytes out.
//! Imports: recording, volume and drive for what a code does. A [`DiscSource`] from outside opens the disc.
//! Never touches: pointers, paths and files of the host, FUSE. `recording` does the closing.
//!
//! [`VolumeHandle::open_on`] opens a volume handle and [`VolumeHandle::device_io_control`] sends a control
//! code; [`Request`] sends one without blocking the caller. `docs/using/control.md` has the status of each
//! case with its evidence, and what the control does on each medium.
//!
//! The call as Windows documents it, on an image in the emulated recorder:
//!
//! ```
//! use control::{
//!     DesiredAccess, FSCTL_MAKE_MEDIA_COMPATIBLE, FileMakeCompatibleBuffer, NtStatus, VolumeFlags,
//!     VolumeHandle,
//! };
//! # use drive::Drive;
//! # use ecma167::{general::Timestamp, osta::Revision};
//! # use emulator::{Behaviour, Medium, Recorder};
//! # let folder = tempfile::tempdir()?;
//! # let image = folder.path().join("archive.udf");
//! # let now = Timestamp::from_unix(1_800_000_000, 0);
//! # let recorder = Recorder::create(&image, Medium::DvdPlusR, Some(10_000), Behaviour::default())?;
//! # let options = recording::FormatOptions {
//! #     revision: Revision::V2_01,
//! #     label: "Archive".into(),
//! #     unique: 1,
//! #     now,
//! #     seconds: 1_800_000_000,
//! #     root: recording::Attributes::at(0o755, now),
//! #     rom: None,
//! # };
//! # drop(recording::format(Drive::open(Box::new(recorder))?, &options)?);
//!
//! let drive = Drive::open(Box::new(Recorder::open(&image)?))?;
//! let access = DesiredAccess::FILE_READ_DATA | DesiredAccess::FILE_WRITE_DATA;
//! let mut volume = VolumeHandle::open(drive, access, now);
//!
//! let flags = volume.volume_flags().unwrap_or(VolumeFlags::empty());
//! assert!(flags.contains(VolumeFlags::FILE_SEQUENTIAL_WRITE_ONCE));
//!
//! // Close the session; more can be added later, in a new one.
//! let buffer = FileMakeCompatibleBuffer { close_disc: false }.to_bytes();
//! let io = volume.device_io_control(FSCTL_MAKE_MEDIA_COMPATIBLE.0, Some(&buffer), None);
//! assert_eq!((io.status, io.information), (NtStatus::SUCCESS, 0));
//!
//! // Finalize the disc: nothing can be added any more.
//! let buffer = FileMakeCompatibleBuffer { close_disc: true }.to_bytes();
//! let io = volume.device_io_control(FSCTL_MAKE_MEDIA_COMPATIBLE.0, Some(&buffer), None);
//! assert_eq!(io.status, NtStatus::SUCCESS);
//! let io = volume.device_io_control(FSCTL_MAKE_MEDIA_COMPATIBLE.0, Some(&buffer), None);
//! assert_eq!(io.status, NtStatus::MEDIA_WRITE_PROTECTED);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod access;
mod buffer;
mod buffer_query;
mod by_path;
mod cancel;
mod code;
mod dispatch;
mod drive_status;
mod error;
mod flags;
mod handle;
mod information;
mod overlapped;
mod reach;
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
pub use disc::DiscIdentity;
pub use error::Error;
pub use flags::VolumeFlags;
pub use handle::{IoStatus, OpenFailure, VolumeHandle};
pub use information::{FILE_SYSTEM_NAME, VolumeInformation};
pub use overlapped::{Completion, Parameters, Request};
pub use source::{DiscSource, SourceError};
pub use status::NtStatus;
pub use win32::Win32Error;
