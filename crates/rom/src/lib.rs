//! A plain, read-only volume over data that a disc has already: UDF without a VAT, and an ISO 9660 bridge to the same files.
//!
//! Owns: what such a volume has, block by block, and where each block belongs. Imports: iso9660, volume, track, ecma167.
//! Never touches: VATs, the drive, when anything is recorded.
//!
//! # How it is used
//!
//! 1. [`Layout::of`] walks the newest generation of a volume and says how many blocks the plain one takes.
//! 2. [`Layout::record`] makes these blocks, in their order, for the place where the first of them will come to stand. Whoever
//!    records them holds that they come to stand there ([`Layout::require_place`]), and begins again if they do not.
//! 3. [`Start`] is the beginning of the session, which is recorded last: once its anchor is readable, the plain volume is
//!    what a reader finds.
//!
//! # Why addresses are foreseen
//!
//! A directory names its children, and each child its parent. With a VAT both are named by numbers; without one each would
//! have to wait for the address of the other. So all structures are one run of blocks, each has its place in the run, and
//! only the first address is taken from the drive.
#![forbid(unsafe_code)]

mod allocation;
mod attributes;
mod bridge;
mod data;
mod descriptors;
mod directory;
mod entry;
mod error;
mod layout;
mod listing;
mod name;
mod node;
mod options;
mod placement;
mod record;
mod shared;
mod start;
mod told;
mod tree;

pub use data::Run;
pub use error::Error;
pub use layout::Layout;
pub use options::{Bridge, Links, Options, Scattered};
pub use placement::Placement;
pub use shared::SharedEntries;
pub use start::{END_BLOCKS, RESERVE_SECTORS, START_BLOCKS, Start};
pub use told::Told;
