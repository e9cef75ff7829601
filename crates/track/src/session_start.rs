//! How far the start of the current session is recorded.

use ecma167::LogicalSector;

use crate::descriptors::Sequences;
use crate::session_form::SessionForm;

/// How far the start of the session is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It is recorded, or waits in the queue.
    Begun,
    /// It has to be recorded before the first item of the session.
    Missing,
    /// It was interrupted before its anchor: `count` blocks of the session that starts at `start` are
    /// missing.
    BrokenOff { start: LogicalSector, count: u32 },
    /// Links fall on it: the session is abandoned for another one.
    Damaged,
}

/// The start of the session, and the sequences that its anchors name.
#[derive(Debug)]
pub(crate) struct SessionStart {
    pub state: State,
    /// The sequences named by anchors at the end of the session.
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

    /// Places its sequences as in the session that starts at `first`.
    pub fn place(&mut self, first: LogicalSector, form: SessionForm) {
        self.sequences = Sequences::from(LogicalSector(first.0.saturating_add(form.main_sequence())));
    }

    /// Links or a failed write may be in the place of its descriptors: further anchors name the sequences
    /// that were read.
    pub fn distrust(&mut self) {
        self.sequences = self.found;
    }

    /// What is recorded next begins a session.
    pub fn mark_missing(&mut self) {
        self.state = State::Missing;
    }
}
