//! What is wrong with a structure that was read, or does not fit a structure to be written.

use thiserror::Error;

/// A structure that does not conform. Callers and tests compare the kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{structure} ({clause}): {kind}")]
pub struct Malformed {
    /// What is wrong.
    pub kind: MalformedKind,
    /// The structure's name in the standard.
    pub structure: &'static str,
    /// The clause that defines it.
    pub clause: &'static str,
}

/// The ways in which a structure can fail to conform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MalformedKind {
    /// The bytes end before the structure does.
    #[error("the bytes end before the structure does")]
    Truncated,
    /// The descriptor tag names another descriptor (`ECMA-167 3/7.2.1`).
    #[error("descriptor tag has identifier {found}")]
    TagIdentifier {
        /// The identifier found; 0 on a blank block.
        found: u16,
    },
    /// The descriptor tag has a version other than 2 and 3 (`ECMA-167 3/7.2.2`).
    #[error("descriptor tag has version {found}")]
    TagVersion {
        /// The version found.
        found: u16,
    },
    /// The checksum over the descriptor tag does not match (`ECMA-167 3/7.2.3`).
    #[error("checksum of the descriptor tag does not match")]
    TagChecksum,
    /// The location in the descriptor tag is not where the descriptor is (`ECMA-167 3/7.2.8`).
    #[error("descriptor tag has location {found}, expected {expected}")]
    TagLocation {
        /// The location that was read.
        expected: u32,
        /// The location in the tag.
        found: u32,
    },
    /// The CRC over the body of the descriptor does not match (`ECMA-167 3/7.2.6`).
    #[error("CRC of the descriptor does not match")]
    Crc,
    /// The CRC covers more bytes than there are (`ECMA-167 3/7.2.7`).
    #[error("CRC length exceeds the descriptor")]
    CrcLength,
    /// The header checksum of an extended attribute does not match (`UDF 2.60 3.3.4.5`).
    #[error("header checksum does not match")]
    HeaderChecksum,
    /// A field has a value that the standard does not allow.
    #[error("field '{0}' has a value that is not allowed")]
    Field(&'static str),
}

/// Content that does not fit its structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{structure}: {asked} bytes do not fit into {room}")]
pub struct TooLong {
    /// The structure's name in the standard.
    pub structure: &'static str,
    /// Bytes needed.
    pub asked: usize,
    /// Bytes available.
    pub room: usize,
}
