//! The MMC command set as data: command blocks, replies, mode pages, profiles, features and sense, both ways.
//!
//! Owns: the encoding and the [`Transport`] trait. Imports: nothing of this project.
//! Never touches: a file descriptor, a retry, UDF.
#![forbid(unsafe_code)]

mod transport;

pub use transport::{Data, Lba, Transport};
