//! The open drive: one snapshot of disc, session and track information, the append point, sense policy, close
//! functions.
//!
//! Owns: what a sense means for the caller (wait, retry, fail), and which close functions a profile takes.
//! Imports: mmc. Never touches: ioctls, UDF.
#![forbid(unsafe_code)]

mod blank_size;
mod blocks;
mod close;
mod contents;
mod disc_information;
mod disposition;
mod drive;
mod error;
mod halves;
mod image;
mod image_layout;
mod initiator;
mod look;
mod medium;
mod policy;
mod prepare;
mod probe;
mod progress;
mod reading;
mod record;
mod removal;
mod reserve;
mod sessions;
mod snapshot;
mod speed;
mod tracks;
mod usage;
mod wait;

pub use disposition::{Disposition, SaysOfDisc};
pub use drive::{AppendPoint, Drive, Notice};
pub use error::{DriveError, ReadOnly};
pub use image_layout::{
    ImageExtent, ImageLayout, ImageOrigin, ImageRemainder, ImageSession, RemainderKind, extent_of,
};
pub use look::{Look, RECORDED_PROFILES};
pub use medium::{Medium, Session, SessionState, Status, Track, UNKNOWN_PROFILE};
pub use prepare::Packets;
pub use probe::probe;
pub use reading::{ReadOutcome, Reading};
pub use reserve::Reserved;
pub use speed::Speed;
pub use usage::Usage;
pub use wait::{Sleep, Wait};
