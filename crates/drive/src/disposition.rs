//! The intended state of a disc after a close, and the state that the drive reports.

use std::fmt;

/// The state of the disc that the drive reports after a close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SaysOfDisc {
    /// A session contains data and is not closed.
    SessionOpen,
    /// All sessions are closed, and another may follow.
    Appendable,
}

impl fmt::Display for SaysOfDisc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SessionOpen => "its session is open",
            Self::Appendable => "all its sessions are closed and another may follow",
        })
    }
}

/// The state of the disc after its session is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Disposition {
    /// Another session may follow.
    Appendable,
    /// Nothing more can be recorded.
    Finalized,
}

impl Disposition {
    /// The action on the disc, in words.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Appendable => "close the session",
            Self::Finalized => "finalize the disc",
        }
    }
}
