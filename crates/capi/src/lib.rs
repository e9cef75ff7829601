//! The control from C: `DeviceIoControl` and its family, as declared in `include/oncefs/winioctl.h`.
//!
//! Owns: C types and functions, handles, overlapped calls, the last error of a thread, and the names of
//! volumes.
//! Imports: control for what a request does, disc to open the drive of a path.
//! Never touches: what a control code does. No panic crosses its border.
//!
//! Handles are numbers in a table: a number that is unused or closed is an invalid handle and nothing worse.
//! Only `pointer` follows pointers, after a check for null and alignment.

mod bool_answer;
mod create_file;
mod device_io_control;
mod environment;
mod event;
mod event_calls;
mod handle_table;
mod held;
mod last_error;
mod name;
mod nt_fs_control_file;
mod overlapped;
mod pending;
mod pointer;
mod types;
mod volume_information;
mod volume_map;
mod wait;

pub use create_file::{CreateFileA, CreateFileW};
pub use device_io_control::DeviceIoControl;
pub use event_calls::{CreateEventA, CreateEventW, ResetEvent, SetEvent};
pub use handle_table::CloseHandle;
pub use last_error::{GetLastError, RtlNtStatusToDosError, SetLastError};
pub use nt_fs_control_file::NtFsControlFile;
pub use overlapped::{CancelIo, CancelIoEx, GetOverlappedResult};
pub use types::{Bool, Handle, IoApcRoutine, IoStatusBlock, Overlapped, SecurityAttributes, StatusOrPointer};
pub use volume_information::GetVolumeInformationByHandleW;
pub use wait::WaitForSingleObject;
