//! The control over C: `DeviceIoControl` and its family, as `include/oncefs/winioctl.h` declares them.
//!
//! Owns: C types and functions, handles, overlapped calls, the last error of a thread, and the names of volumes.
//! Imports: control for what a request does, disc for the way from a path to a drive.
//! Never touches: what a control code does; and no panic crosses its border.
//!
//! Handles are numbers in a table, so that one that was never given out, or was closed, is an invalid handle and nothing
//! worse. Each pointer is looked at for null and alignment before it is followed, in `pointer` alone.

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
