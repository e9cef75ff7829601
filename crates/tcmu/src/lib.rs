//! A SCSI device of the running Linux kernel that this process answers: LIO's user-space backstore (`target_core_user`)
//! behind its loopback fabric (`tcm_loop`).
//!
//! Owns: the directories of configfs that make such a device, the ring of commands in memory that kernel and process
//! share, the loop that answers them. Imports: `mmc`. Never touches: what a command means, beyond which way its data go.
//!
//! The kernel passes every command block on as it is (REPORT LUNS and persistent reservations alone are its own), so the
//! device is what its INQUIRY says. The memory is reached through `region.rs`, the one file with `unsafe`.
#![deny(unsafe_code)]

mod backstore;
mod error;
mod found;
mod layout;
mod loopback;
mod region;
mod ring;
mod serve;
#[cfg(test)]
mod tests;
mod uio;

pub use backstore::{Backstore, BackstoreSettings};
pub use error::Error;
pub use found::{FoundUnit, find};
pub use loopback::{Loopback, Nodes};
pub use ring::Ring;
pub use serve::{Device, serve};
pub use uio::Uio;
