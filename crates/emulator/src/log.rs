//! The trace of the commands that a recorder gets.

use mmc::{Data, Failure, TraceEntry};

/// Receives the trace, one entry at a time.
pub(crate) type Sink = Box<dyn FnMut(&TraceEntry) + Send>;

/// Counts commands and passes them to the sink, if there is one.
#[derive(Default)]
pub(crate) struct Log {
    commands: u64,
    sink: Option<Sink>,
}

impl Log {
    /// Passes every command from now on to `sink`.
    pub(crate) fn tell(&mut self, sink: Sink) {
        self.sink = Some(sink);
    }

    /// Records a command that has completed.
    pub(crate) fn note(&mut self, command: &[u8], data: &Data<'_>, result: &Result<usize, Failure>) {
        self.commands += 1;
        if let Some(sink) = &mut self.sink {
            sink(&TraceEntry::of(self.commands, command, data, result));
        }
    }
}
