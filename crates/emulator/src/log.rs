//! The trace of what a recorder is sent.

use mmc::{Data, Failure, TraceEntry};

/// Takes the trace, an entry at a time.
pub(crate) type Sink = Box<dyn FnMut(&TraceEntry) + Send>;

/// Counts commands, and tells whoever wants to hear of them.
#[derive(Default)]
pub(crate) struct Log {
    commands: u64,
    sink: Option<Sink>,
}

impl Log {
    /// Tells `sink` of every command from now on.
    pub(crate) fn tell(&mut self, sink: Sink) {
        self.sink = Some(sink);
    }

    /// A command is done.
    pub(crate) fn note(&mut self, command: &[u8], data: &Data<'_>, result: &Result<usize, Failure>) {
        self.commands += 1;
        if let Some(sink) = &mut self.sink {
            sink(&TraceEntry::of(self.commands, command, data, result));
        }
    }
}
