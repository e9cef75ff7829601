//! Which files of the host are added, and what may go with them.

use super::{Exclude, Own, Source};

/// Which files of the host are added.
pub struct Selection {
    /// What the user named.
    pub sources: Vec<Source>,
    /// What is left out of it.
    pub exclude: Exclude,
    /// Files of the disc itself.
    pub own: Own,
    /// What may go with it, or not.
    pub options: Options,
}

/// What is refused, and what is left out with a word.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The first file that cannot be recorded as it is ends the command, and nothing is recorded.
    pub all_or_nothing: bool,
    /// Paths that are longer than UDF has them are recorded.
    pub deep: bool,
    /// What becomes of names that Windows cannot open.
    pub windows_names: WindowsNames,
}

/// What becomes of names that Windows cannot open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum WindowsNames {
    /// They are refused before the first block.
    Refuse,
    /// They are recorded, with a word.
    #[default]
    Note,
    /// They are recorded.
    Keep,
}
