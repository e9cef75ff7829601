//! How far the start of the session has come that takes data.

use ecma167::LogicalSector;

use crate::descriptors::Sequences;
use crate::session_form::SessionForm;

/// How far the start of the session has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It stands, or waits in the queue.
    Begun,
    /// The first item of the session is preceded by it.
    Missing,
    /// It was interrupted before its anchor: so many blocks are missing of the session that starts there.
    BrokenOff { start: LogicalSector, count: u32 },
    /// Links lie on it: the session is left for another one.
    Damaged,
}

/// The start of the session, and the sequences that its anchors name.
#[derive(Debug)]
pub(crate) struct SessionStart {
    pub state: State,
    /// The sequences that anchors at the end of the session name.
    sequences: Sequences,
    /// The sequences through which the volume was found.
    found: Sequences,
}

impl SessionStart {
    pub fn new(found: Sequences) -> Self {
        Self {
            state: State::Begun,
            sequences: found,
            found,
        }
    }

    /// The sequences that the session's anchors name.
    pub fn sequences(&self) -> &Sequences {
        &self.sequences
    }

    /// Its sequences will stand where they belong in the session that starts at `first`.
    pub fn place(&mut self, first: LogicalSector, form: SessionForm) {
        self.sequences = Sequences::from(LogicalSector(first.0.saturating_add(form.main_sequence())));
    }

    /// Links or a failed write may stand where its descriptors belong: anchors go on naming those that were read.
    pub fn distrust(&mut self) {
        self.sequences = self.found;
    }

    /// What is recorded next begins a session.
    pub fn mark_missing(&mut self) {
        self.state = State::Missing;
    }
}
