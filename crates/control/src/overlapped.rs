//! Requests that run without blocking their caller.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use ecma167::general::Timestamp;

use crate::{Cancel, IoStatus, NtStatus, VolumeHandle};

/// A request to a handle.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    /// The control code, with all its bits.
    pub code: u32,
    /// The input buffer.
    pub input: Option<Vec<u8>>,
    /// Bytes of the output buffer.
    pub output_length: usize,
    /// The time that the request records; `None` keeps the handle's, see [`VolumeHandle::set_time`].
    pub now: Option<Timestamp>,
}

/// The result of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The status block.
    pub io: IoStatus,
    /// The output of the request.
    pub output: Vec<u8>,
}

/// A request running on its own thread.
pub struct Request {
    shared: Arc<Shared>,
    cancel: Cancel,
}

#[derive(Default)]
struct Shared {
    completion: Mutex<Option<Completion>>,
    completed: Condvar,
}

impl Request {
    /// Starts a request on a handle without blocking the caller. Calls `completed` on the thread of the
    /// request, before anybody who waits for it continues.
    ///
    /// # Errors
    /// The host has no thread left.
    pub fn start(
        handle: Arc<Mutex<VolumeHandle>>,
        parameters: Parameters,
        completed: impl FnOnce(&Completion) + Send + 'static,
    ) -> io::Result<Self> {
        let shared = Arc::<Shared>::default();
        let cancel = Cancel::default();
        let request = Self {
            shared: Arc::clone(&shared),
            cancel: cancel.clone(),
        };
        thread::Builder::new()
            .name("oncefs request".into())
            .spawn(move || {
                let run = || run(&handle, &parameters, &cancel);
                let completion = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Completion {
                    io: IoStatus {
                        status: NtStatus::INTERNAL_ERROR,
                        information: 0,
                    },
                    output: Vec::new(),
                });
                drop(handle);
                // A panic in the callback must not make others wait for ever.
                let _ = catch_unwind(AssertUnwindSafe(|| completed(&completion)));
                *held(&shared.completion) = Some(completion);
                shared.completed.notify_all();
            })?;
        Ok(request)
    }

    /// Its state: [`NtStatus::PENDING`] while it runs.
    #[must_use]
    pub fn status(&self) -> IoStatus {
        held(&self.shared.completion).as_ref().map_or(
            IoStatus {
                status: NtStatus::PENDING,
                information: 0,
            },
            |completion| completion.io,
        )
    }

    /// Waits for its end.
    #[must_use]
    pub fn wait(&self) -> Completion {
        let mut completion = held(&self.shared.completion);
        loop {
            if let Some(done) = &*completion {
                return done.clone();
            }
            let woken = self.shared.completed.wait(completion);
            completion = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits for its end, at most `patience`.
    #[must_use]
    pub fn wait_for(&self, patience: Duration) -> Option<Completion> {
        let completion = held(&self.shared.completion);
        let pending = |completion: &mut Option<Completion>| completion.is_none();
        let waited = self
            .shared
            .completed
            .wait_timeout_while(completion, patience, pending);
        let (completion, _) = waited.unwrap_or_else(PoisonError::into_inner);
        completion.clone()
    }

    /// Cancels it until it has recorded its first block.
    #[doc(alias = "CancelIo")]
    pub fn cancel(&self) {
        self.cancel.cancel();
    }
}

fn run(handle: &Mutex<VolumeHandle>, parameters: &Parameters, cancel: &Cancel) -> Completion {
    let mut output = vec![0; parameters.output_length];
    let mut handle = held(handle);
    if let Some(now) = parameters.now {
        handle.set_time(now);
    }
    let io = handle.device_io_control_with(
        parameters.code,
        parameters.input.as_deref(),
        Some(&mut output),
        cancel,
    );
    output.truncate(io.information);
    Completion { io, output }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
