//! What becomes of a disc when a session is closed, and what the drive says of it afterwards.

use std::fmt;

/// What a drive says of its disc behind a close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SaysOfDisc {
    /// A session holds data and is not closed.
    SessionOpen,
    /// All sessions are closed, and another may follow.
    Appendable,
}

impl fmt::Display for SaysOfDisc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SessionOpen => "its session is open",
            Self::Appendable => "all sessions are closed and another may follow",
        })
    }
}

/// What becomes of the disc when its session is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Disposition {
    /// Another session may follow.
    Appendable,
    /// Nothing can be recorded any more.
    Finalized,
}

impl Disposition {
    /// What is done to the disc.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Appendable => "close the session",
            Self::Finalized => "finalize the disc",
        }
    }
}
