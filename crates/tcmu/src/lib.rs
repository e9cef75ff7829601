//! A SCSI device of the running Linux kernel whose commands this process answers: LIO's user-space backstore
//! (`target_core_user`) over its loopback fabric (`tcm_loop`).
//!
//! Owns: the configfs directories that make such a device, the ring of commands in memory shared with the
//! kernel, the loop that answers them. Imports: `mmc`. Never touches: the meaning of a command, except for
//! the direction of its data.
//!
//! The kernel passes on every command block unchanged (it only handles REPORT LUNS and persistent
//! reservations itself), so the device is what its INQUIRY says. Only `region.rs`, the one file with
//! `unsafe`, accesses the memory.
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
