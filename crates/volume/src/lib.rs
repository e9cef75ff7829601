//! The read side of a UDF volume: recognition, descriptors, VAT, address translation, nodes, directories,
//! generations.
//!
//! Owns: how a volume is found on a drive and what its addresses mean. Imports: ecma167, iso9660, drive, mmc.
//! Never touches: writing.
#![forbid(unsafe_code)]

mod address;
mod after_newest;
mod body;
mod companion;
mod copying;
mod directories;
mod directory_entry;
mod error;
mod extra_room;
mod free_space;
mod generations;
mod given_out;
mod in_force;
mod in_use;
mod look;
mod lookup;
mod loss;
mod lost_names;
mod map;
mod merged;
mod name;
mod node;
mod open;
mod open_error;
mod past;
mod placement;
mod places;
mod prevailing;
mod read;
mod runs;
mod search;
mod session_structures;
mod space;
mod streams;
mod structures;
mod use_attributes;
mod uses;
mod volume;
mod walk;

pub use after_newest::{AfterNewest, UnnamedEntry, UnnamedKind, Wholeness};
pub use body::{Body, Extent, ExtentKind};
pub use companion::Companion;
pub use copying::{CopyError, Copying};
pub use directory_entry::DirectoryEntry;
pub use error::{AbsentPartition, CorruptKind, Error, ErrorPlace, Unsupported};
pub use extra_room::ExtraRoom;
pub use given_out::GivenOut;
pub use in_use::InUse;
pub use look::Looks;
pub use lookup::TARGET_BYTES;
pub use loss::{Damage, Instead, Loss, Structure};
pub use lost_names::LostNames;
pub use map::{Map, MetadataFiles, Partition, Revisions, Sparing, Vat, VatForm};
pub use name::{defined_stream, host_name};
pub use node::{Node, NodeKind};
pub use open::{Assembly, MOST_BEFORE_RESERVE};
pub use open_error::OpenError;
pub use past::{Change, ChangeKind, Comparison, Count, Generation, Link, Past, Retired, Totals};
pub use placement::{Placement, Scattered, Zeros};
pub use places::Place;
pub use prevailing::Prevailing;
pub use read::{Directory, ShownNames};
pub use structures::VolumeStructure;
pub use use_attributes::UseAttribute;
pub use uses::{BlockUse, Used};
pub use volume::Volume;
pub use walk::{DEEPEST, Directories, LONGEST_PATH, Missed, Named, Step, Walk, Why};
