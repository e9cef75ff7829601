//! The read side of a UDF volume: recognition, descriptors, VAT, address translation, nodes, directories, generations.
//!
//! Owns: how a volume is found on a drive and what its addresses mean. Imports: ecma167, drive, mmc.
//! Never touches: writing.
#![forbid(unsafe_code)]

mod behind;
mod body;
mod cache;
mod directory;
mod error;
mod generations;
mod lookup;
mod loss;
mod maps;
mod metadata;
mod name;
mod node;
mod open;
mod prevailing;
mod recognition;
mod space;
mod sparing;
mod streams;
mod vat;
mod vat_search;
mod versions;
mod volume;

pub use body::{Body, Extent, ExtentKind};
pub use directory::{Directory, DirectoryEntry};
pub use error::{AbsentPartition, CorruptKind, Error, OpenError, Place, Unsupported};
pub use lookup::TARGET_BYTES;
pub use loss::{Damage, Instead, Loss, Structure};
pub use maps::{Map, Partition};
pub use metadata::Metadata;
pub use name::host_name;
pub use node::{Node, NodeKind};
pub use prevailing::Prevailing;
pub use sparing::Sparing;
pub use vat::{Revisions, Vat, VatForm};
pub use volume::Volume;
