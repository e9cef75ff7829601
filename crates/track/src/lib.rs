//! A track being recorded: what waits, where the drive appends, what was sent, and the session around it.
//!
//! Owns: the queue, the append point, the unit of writing, which blocks are sent, doubtful or failed, start
//! and end of the session. Imports: drive, ecma167, mmc. Never touches: what a file or a VAT is, which volume
//! it records, when a change is complete.
//!
//! A [`Track`] borrows the drive for each call and takes what it records from a [`Source`]. It is not a
//! property of a disc: each open track of a disc has its own.
#![forbid(unsafe_code)]

mod acknowledge;
mod append_point;
mod close;
mod descriptors;
mod error;
mod issue;
mod place;
mod point;
mod queue;
mod reserve;
mod sent;
mod session;
mod session_form;
mod session_start;
mod source;
mod take_up;
mod track;
mod unit;
mod whole;

pub use acknowledge::Acknowledged;
pub use descriptors::{DESCRIPTOR_SECTORS, Descriptors, SEQUENCE_DESCRIPTORS, Sequences};
pub use error::{Error, ReadOnly};
pub use issue::CHUNK_BLOCKS;
pub use point::SHORTEST_TRACK_BLOCKS;
pub use session::{LINK_BLOCKS, SESSION_END_BLOCKS};
pub use session_form::{LATE_MAIN_SEQUENCE, MAIN_SEQUENCE, ReservedStart, SessionForm};
pub use source::{Run, Source};
pub use track::{End, Track};
pub use whole::{read_block, recognition_can_be_whole, session_start_can_be_whole};
