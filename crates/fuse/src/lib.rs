//! A volume as a file system of the running Linux kernel: the mount, for reading and for changes.
//!
//! Owns: how the operations of the kernel become changes of a recording, numbers of nodes, errors of the system, when changes are
//! committed, and the envelope in which control codes travel to a mounted volume. Imports: control, recording, volume, ecma167;
//! fuser, which speaks the kernel's protocol, is named nowhere else. Never touches: structures, command blocks, paths of discs.
//!
//! A mount is begun by [`Mount::begin`]. A control code is sent to it by [`send_control`].

mod attributes;
mod committing;
mod control;
mod dispatch;
mod envelope;
mod error;
mod files;
mod handles;
mod listing;
mod mount;
mod number;
mod report;
mod served;
mod streams;
mod told;
mod tree;

pub use envelope::{Answer, send_control};
pub use error::Error;
pub use mount::{Mount, Options, Unmounter};
pub use report::Report;
