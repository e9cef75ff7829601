//! A volume as a file system of the running Linux kernel: the mount, for reading and for changes.
//!
//! Owns: how kernel operations become changes of a recording, numbers of nodes, errors of the system, when
//! changes are committed, and the envelope that carries control codes to a mounted volume.
//! Imports: control, recording, volume, ecma167. Only this crate names fuser, which speaks the kernel's
//! protocol.
//! Never touches: structures, command blocks, paths of discs.
//!
//! [`Mount::begin`] starts a mount. [`send_control`] sends a control code to one.

mod attributes;
mod committing;
mod control;
mod differences;
mod dispatch;
mod envelope;
mod error;
mod files;
mod generations;
mod handles;
mod listing;
mod mount;
mod number;
mod past;
mod report;
mod served;
mod space;
mod streams;
mod tree;

pub use envelope::{Answer, send_control};
pub use error::Error;
pub use generations::ONCEFS;
pub use mount::{Mount, Options, Unmounter};
pub use report::Report;
