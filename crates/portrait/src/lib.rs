//! A portrait of a disc: what each block is, which generation recorded it and which file uses it now.
//!
//! Owns: the model of a disc's surface, and how it is drawn as text, SVG and one HTML page. Imports: check,
//! volume, drive, ecma167. Never touches: contents of files, anything on the disc, output, the clock.
#![forbid(unsafe_code)]

mod bar;
mod canvas;
mod contents;
mod era;
mod findings;
mod kind;
mod left;
mod owners;
mod page;
mod picture;
mod portrait;
mod readers;
mod subject;
mod surface;
mod survey;
mod svg;
mod words;

pub use bar::{Bar, Cell};
pub use contents::{Contents, Share};
pub use era::Era;
pub use findings::PlacedFinding;
pub use kind::{Kind, Was};
pub use left::Left;
pub use owners::{Owner, OwnerId, OwnerKind, Owners};
pub use picture::Part;
pub use portrait::Portrait;
pub use readers::{Opens, Reader};
pub use subject::Subject;
pub use surface::{Run, Surface};
pub use survey::Options;
