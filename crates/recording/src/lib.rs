//! The write side of a volume on write-once media: changes, commits, closing, further sessions, recovery.
//!
//! Owns: the tree that is open for changes (`tree/`), the VAT, the room kept back, the order of a commit.
//! Imports: rom, track, volume, drive, ecma167. Never touches: host paths, clocks, output, panics on a
//! drive's error.
#![forbid(unsafe_code)]

mod attributes;
mod change;
mod close;
mod commit;
mod data;
mod error;
mod format;
mod known;
mod look;
mod lost_and_found;
mod memory;
mod open_volume;
mod past;
mod plain;
mod plain_volume_choice;
mod plan;
mod recording;
mod reserved_start;
mod room;
mod shared_entries;
mod tree;

pub use attributes::{Attributes, Changes};
pub use close::{CloseDisc, Closed};
pub use commit::Commit;
pub use error::{AttributeFault, Error, NameFault, OpenError, ReadOnly, Unsupported};
pub use format::{FormatOptions, Rom, default_revision, format};
pub use lost_and_found::{LOST_AND_FOUND, Linked};
pub use open_volume::{Entries, OpenVolume};
pub use past::Restored;
pub use plain::{NoPlainVolume, PlainVolume, blocks_of_plain_volume};
pub use plain_volume_choice::{PlainVolumeChoice, PlainVolumeKind};
pub use plan::{Plan, TRACK_AT_ONCE};
pub use recording::Recording;
pub use rom::PlainVolumeDifferences;
pub use room::{Room, blocks_of_file};
pub use tree::{Entry, NodeId, Status, require_name};
pub use volume::NodeKind;
