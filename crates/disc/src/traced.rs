//! A transport that reports its commands, as the emulated recorder reports its own.

use std::sync::{Arc, Mutex, PoisonError};

use mmc::{Data, Failure, TraceEntry, Transport};

/// Receives every command sent to a drive.
pub type Sink = Arc<Mutex<dyn FnMut(&TraceEntry) + Send>>;

/// Reports every command after it completes.
pub(crate) struct Traced<T> {
    transport: T,
    sink: Sink,
    commands: u64,
}

impl<T> Traced<T> {
    pub(crate) fn new(transport: T, sink: Sink) -> Self {
        Self {
            transport,
            sink,
            commands: 0,
        }
    }
}

impl<T: Transport> Transport for Traced<T> {
    fn execute(&mut self, command: &[u8], mut data: Data<'_>) -> Result<usize, Failure> {
        let result = self.transport.execute(command, data.reborrow());
        self.commands += 1;
        let entry = TraceEntry::of(self.commands, command, &data, &result);
        let mut sink = self.sink.lock().unwrap_or_else(PoisonError::into_inner);
        sink(&entry);
        result
    }

    fn fills_files(&self) -> bool {
        self.transport.fills_files()
    }
}

#[cfg(test)]
mod tests {
    use emulator::{Behaviour, Medium, Recorder};

    use super::*;

    #[test]
    fn a_traced_recorder_reports_what_it_reports_by_itself() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let image = folder.path().join("image");
        let mut recorder =
            Recorder::create(&image, Medium::BdR, Some(3200), Behaviour::default()).expect("a disc");
        let listener = |entries: &Arc<Mutex<Vec<TraceEntry>>>| {
            let entries = Arc::clone(entries);
            move |entry: &TraceEntry| entries.lock().expect("a sink").push(entry.clone())
        };
        let (own, outer) = (Arc::default(), Arc::default());
        recorder.set_trace(Box::new(listener(&own)));
        let mut traced = Traced::new(recorder, Arc::new(Mutex::new(listener(&outer))));
        // An INQUIRY, and an invalid command.
        for command in [[0x12, 0, 0, 0, 36, 0], [0xFF; 6]] {
            let _ = traced.execute(&command, Data::In(&mut [0; 36]));
        }
        let (own, outer) = (own.lock().expect("entries"), outer.lock().expect("entries"));
        assert_eq!(own.len(), 2);
        assert_eq!(*own, *outer);
    }
}
