//! Every on-disc structure of ECMA-167 and OSTA UDF, declared once for reading and writing.
//!
//! Owns: the structures and their checks. Imports: nothing of this project. Never touches: I/O, clocks,
//! policy.
#![forbid(unsafe_code)]

pub mod address;
mod block_size;
pub mod file;
pub mod general;
pub mod malformed;
pub mod osta;
pub mod recognition;
pub mod volume;

pub use address::{
    BLOCK_BYTES, BLOCK_SIZE, LogicalBlock, LogicalSector, PartitionReference, RecordedAddress, VirtualAddress,
};
pub use block_size::BlockSize;
pub use malformed::{Malformed, MalformedKind, TooLong};
