//! How serious a finding is.

use std::fmt;

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Something that readers may meet on a good volume, or that could not be judged.
    Note,
    /// Allowed or harmless, but it costs something, or misleads a known reader.
    Warning,
    /// The standard forbids it, or what is recorded cannot be read.
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
