//! The write side of a volume on write-once media: changes, commits, closing, further sessions, recovery.
//!
//! Owns: the pending tree, where every block goes, the VAT, the room kept back, the end of a session.
//! Imports: volume, drive, ecma167. Never touches: host paths, clocks, output, panics on a drive's error.
#![forbid(unsafe_code)]

mod attributes;
mod begun;
mod body;
mod close;
mod commit;
mod data;
mod directory;
mod disc;
mod error;
mod extent_map;
mod format;
mod held;
mod issue;
mod known;
mod name_table;
mod node;
mod nodes;
mod pending;
mod place;
mod plan;
mod queue;
mod recording;
mod room;
mod scatter;
mod session;
mod tree;
mod vat;

pub use attributes::{Attributes, Changes, Kind};
pub use close::{CloseDisc, Closed};
pub use commit::Commit;
pub use directory::{Entry, require_name};
pub use error::{Error, NameFault, OpenError, ReadOnly};
pub use format::{FormatOptions, format};
pub use plan::{Plan, TRACK_AT_ONCE};
pub use recording::Recording;
pub use room::blocks_of_file;
pub use tree::{NodeId, Status};
