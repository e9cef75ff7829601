//! How much a finding weighs.

use std::fmt;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// What a reader may come across on a good volume, and what could not be judged.
    Note,
    /// Allowed or harmless, but something is lost by it, or a known reader is misled.
    Warning,
    /// The standard says that it shall not be, or what is recorded cannot be read.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}
