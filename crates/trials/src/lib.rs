//! Whole lives of discs: random operations, a model of what they must leave on the disc, and faults in
//! between.
//!
//! Owns: the generator of lives, the model, the disc in memory that a life runs on. Imports: recording,
//! volume, check, emulator, drive, ecma167, mmc. Never touches: output, clocks; a life is determined by its
//! seed.
#![forbid(unsafe_code)]

mod aftermath;
mod apply;
mod behaviour;
mod broken;
mod course;
mod cut;
mod disc;
mod fault_trial;
mod fingerprint;
mod held;
mod liar;
mod lie;
mod life;
mod listing;
mod model;
mod operation;
mod plain;
mod recorded;
mod recovery;
mod sequel;
mod size;
mod tape;
mod trial;

pub use aftermath::{Look, Stage};
pub use behaviour::behaviour;
pub use broken::Broken;
pub use course::{Comparing, Course, Progress, Witness, require};
pub use cut::Cut;
pub use disc::{MemoryDisc, NoWait, time};
pub use emulator::{LIES, READERS, Recorder};
pub use fault_trial::{Ended, FaultTrial, Trouble};
pub use fingerprint::fingerprint;
pub use liar::{Lies, Mischief, live_with_liar};
pub use lie::{Ended as EndedByLie, live_and_read_in, live_with_lie};
pub use life::{End, Life, REVISIONS, lives, switches_of_seed};
pub use listing::{Listing, Seen, differences, listing};
pub use model::{Model, Shape};
pub use operation::{Operation, content, name, operations};
pub use sequel::Sequel;
pub use size::Size;
pub use tape::Tape;
pub use trial::{Outcome, Trial};
