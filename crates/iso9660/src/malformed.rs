//! What is wrong with a structure that was read.

use thiserror::Error;

/// A structure that does not conform; callers and tests compare its kind.
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
    /// A number recorded in both byte orders has two values (`ECMA-119 7.2.3`, `7.3.3`).
    #[error("the two byte orders of field '{0}' differ")]
    ByteOrders(&'static str),
    /// A field has a value that the standard does not allow.
    #[error("field '{0}' has a value that is not allowed")]
    Field(&'static str),
}
