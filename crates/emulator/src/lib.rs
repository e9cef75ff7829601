//! A write-once recorder on an image file: a [`Transport`](mmc::Transport) that decodes command blocks and
//! behaves like a drive with a medium.
//!
//! Owns: the physics of each medium (units, link blocks, gaps, close rules), the image and its side file, the
//! time that all of it takes, faults on demand, power cuts and the command trace. Imports: `mmc`. Never
//! touches: the contents of the disc. It knows no file system, so it cannot favour one.
//!
//! `docs/understanding/media.md` has every number, and every choice that MMC leaves to the drive.
#![forbid(unsafe_code)]

mod adopted_sessions;
mod behaviour;
mod clock;
mod commands;
mod contradictions;
mod data_phase;
mod digest;
mod duration;
mod error;
mod fault;
mod fault_text;
mod image_directory;
mod layout;
mod log;
mod medium;
mod occupation;
mod probed;
mod proof;
mod ranges;
mod recorder;
mod replay;
mod session_at_once;
mod side_file;
mod side_text;
mod store;
mod unit;
mod write_mode;
mod written;
mod zones;

pub use adopted_sessions::{AdoptedReservation, AdoptedSessions};
pub use behaviour::{
    AddressMoves, Behaviour, Calibration, CloseEnds, CloseOverReserved, LastAddress, NextWritableAddress,
    Pace, RecoveredErrors, SessionClose, Toc, UnrecordedBlocks, WrongAddress,
};
pub use clock::Clock;
pub use contradictions::{CONTRADICTIONS, LIES, READERS, RESERVATIONS};
pub use error::Error;
pub use fault::{Action, Event, Fault, FaultScript, Keep};
pub use fault_text::ParseFaultError;
pub use medium::{Medium, UnknownMedium};
pub use probed::Probed;
pub use proof::Misfit;
pub use recorder::Recorder;
pub use replay::{Difference, replay};
