//! Which files of the host are added, and with which options.

use super::{Exclude, Own, Source};

/// Which files of the host are added.
pub struct Selection {
    /// The paths from the user.
    pub sources: Vec<Source>,
    /// The excluded files.
    pub exclude: Exclude,
    /// Files of the disc itself.
    pub own: Own,
    /// What to accept, refuse or note.
    pub options: Options,
}

/// What is refused, and what is only noted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The first file that cannot be recorded unchanged ends the command, and nothing is recorded.
    pub all_or_nothing: bool,
    /// Record paths longer than UDF allows.
    pub deep: bool,
    /// What to do with names that Windows cannot open.
    pub windows_names: WindowsNames,
}

/// What to do with names that Windows cannot open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum WindowsNames {
    /// Refuse them before the first block.
    Refuse,
    /// Record them with a note.
    #[default]
    Note,
    /// Record them.
    Keep,
}
