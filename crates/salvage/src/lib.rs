//! Files out of a UDF disc of which no directory, VAT or descriptor need be left.
//!
//! One [scan](Index::scan) of all blocks finds what has a tag. [`Salvaged::next`] tells by what agrees where
//! partitions begin and what partition references mean, and makes a volume of that. In it, each entry is the
//! newest version that survives. It says what no name leads to.
//!
//! Owns: what a disc without descriptors may have been. Imports: volume, drive, ecma167, mmc. Never touches:
//! writing to the disc, files of the host.
#![forbid(unsafe_code)]

mod bits;
mod candidates;
mod evidence;
mod explore;
mod fragments;
mod identity;
mod index;
mod layout;
mod lost;
mod reach;
mod recognise;
mod root;
mod salvaged;
mod scan;
mod state;
mod table;
mod used;
mod vats;
mod votes;

pub use identity::{Sample, has_samples};
pub use index::{Index, Kept};
pub use layout::{Form, Layout};
pub use lost::{LostNode, Version};
pub use salvaged::{Next, Salvaged, View};
pub use scan::{Progress, ScanError};
pub use state::State;
