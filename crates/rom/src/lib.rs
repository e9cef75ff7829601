//! A plain, read-only volume over data that a disc already has: UDF without a VAT, and an ISO 9660 bridge to
//! the same files.
//!
//! Owns: the contents of such a volume, block by block, and the place of each block. Imports: iso9660,
//! volume, track, ecma167. Never touches: VATs, the drive, when anything is recorded.
//!
//! # How it is used
//!
//! 1. [`Layout::of`] walks the newest generation of a volume and determines how many blocks the plain volume
//!    takes.
//! 2. [`Layout::record`] encodes these blocks in order for the place of the first one. Whoever records them
//!    checks that they are recorded there ([`Layout::require_place`]), and begins again if not.
//! 3. [`Start`] is the beginning of the session, which is recorded last: once its anchor is readable, readers
//!    find the plain volume.
//!
//! # Why addresses are computed in advance
//!
//! A directory names its children, and each child its parent. With a VAT both are named by numbers; without
//! one each would need the address of the other first. So all structures are one run of blocks, each has its
//! place in the run, and only the first address comes from the drive.
#![forbid(unsafe_code)]

mod allocation;
mod attributes;
mod bridge;
mod data;
mod descriptors;
mod differences;
mod directory;
mod entry;
mod error;
mod layout;
mod listing;
mod name;
mod node;
mod options;
mod record;
mod shared;
mod start;
mod tags;
mod tree;

pub use data::{ExtraBlocks, Run, Runs};
pub use differences::PlainVolumeDifferences;
pub use error::Error;
pub use layout::Layout;
pub use options::{Bridge, Copying, Links, Options};
pub use shared::SharedEntries;
pub use start::{END_BLOCKS, RESERVE_SECTORS, START_BLOCKS, Start};
