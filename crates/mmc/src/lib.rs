//! The MMC command set as data: command blocks, replies, mode pages, profiles, features and sense, encoded
//! and decoded.
//!
//! Owns: the encoding of each of these, declared once for both directions; the [`Transport`] trait, whose
//! READ may fill a file of the host; and the text of a command trace. Imports: nothing of this project. Never
//! touches: a device, a retry, UDF.
//!
//! Every structure is its own big-endian bytes. Get them with `as_bytes`, read them with `read_from_prefix`
//! (both from zerocopy), or decode a whole command block with [`Command::decode`].
#![forbid(unsafe_code)]

#[macro_use]
mod wire;

pub mod command;
pub mod reply;

mod close;
mod feature;
mod lba;
mod mode_page;
mod profile;
mod sense;
mod sense_codes;
mod sense_text;
mod trace;
mod transport;

pub use close::CloseFunction;
pub use command::{Command, CommandBlock, DecodeError};
pub use feature::{Feature, FeatureDescriptor, FeatureNumber, Features, ProfileEntry, RandomReadable};
pub use lba::{BLOCK_SIZE, Lba};
pub use mode_page::{
    Capabilities, ModeHeader6, ModeHeader10, ModePage, MultiSession, PageControl, WriteParameters, WriteType,
};
pub use profile::Profile;
pub use sense::{FIXED_SENSE_LENGTH, Sense, SenseKey};
pub use sense_text::{ParseSenseError, SenseText};
pub use trace::{Outcome, ParseTraceError, TraceEntry};
pub use transport::{Data, Failure, FilePart, Transport};
