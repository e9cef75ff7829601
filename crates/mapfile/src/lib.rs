//! The map file of GNU ddrescue ("Mapfile structure" in its manual): which areas of a disc were read, which
//! could not be, and which were not tried.
//!
//! Owns: the map and its text. Imports: nothing. Never touches: files; it reads and writes text.
//!
//! ```
//! use mapfile::{Map, Status};
//!
//! let mut map = Map::of_length(1 << 20);
//! map.set(0..65_536, Status::Finished);
//! map.set(65_536..67_584, Status::Bad);
//! let again: Map = map.to_string().parse()?;
//! assert_eq!(again.bytes(Status::Bad), 2048);
//! # Ok::<(), mapfile::ParseError>(())
//! ```
#![forbid(unsafe_code)]

mod map;
mod status;
mod text;

pub use map::{Area, Map};
pub use status::Status;
pub use text::ParseError;
