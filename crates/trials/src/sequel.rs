//! What follows an interruption.

/// What is done with a disc after an interruption.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sequel {
    /// It is recovered, takes more of the life, and is closed.
    #[default]
    GoOn,
    /// It is recovered and closed, and nothing else: one disc in two gets names for whole files.
    Recover,
}
