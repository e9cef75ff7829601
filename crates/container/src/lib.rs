//! What an image file is, and where the blocks of the UDF volume in it are.
//!
//! Owns: raw CD sectors, cue sheets and the images of other programs, partition tables, shifted images, and
//! the signatures of what is no UDF. Imports: drive (the layout of an image), ecma167 (recognition sequence,
//! anchor, volume descriptors). Never touches: files other than those that a sheet names in its own
//! directory; it only reads.
#![forbid(unsafe_code)]

mod bytes;
mod contents;
mod directory;
mod form;
mod look;
mod place;
mod scan;
mod sheet;
mod table;
mod track;
mod udf;

pub use bytes::{Bytes, OpenFile};
pub use contents::{Contents, Kind};
pub use directory::{Beside, Directory};
pub use look::{Other, Seen, look};
pub use place::{Found, raw_sectors};
pub use scan::Elsewhere;
pub use sheet::description::SheetFault;
