//! The running overlapped calls on a handle, by the address of their status block.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use control::{NtStatus, Request};

use crate::held::held;

/// The running calls, by the address of `OVERLAPPED` or `IO_STATUS_BLOCK`.
#[derive(Default)]
pub(crate) struct Pending(Mutex<HashMap<usize, Call>>);

struct Call {
    request: Arc<Request>,
    /// Set before the caller can see in its status block that the call has ended.
    ended: Arc<AtomicBool>,
    caller: ThreadId,
}

impl Pending {
    /// Starts a call that sets `ended`, unless one with this status block is still running.
    pub(crate) fn start(
        &self,
        block: usize,
        ended: Arc<AtomicBool>,
        start: impl FnOnce() -> std::io::Result<Request>,
    ) -> Result<(), NtStatus> {
        let mut calls = held(&self.0);
        calls.retain(|_, call| is_running(&call.request));
        if let Some(before) = calls.get(&block) {
            if !before.ended.load(Ordering::Acquire) {
                return Err(NtStatus::INVALID_PARAMETER);
            }
            // The caller has seen it end and may reuse the block; its thread has a few steps left.
            drop(before.request.wait());
        }
        let request = start().map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)?;
        let call = Call {
            request: Arc::new(request),
            ended,
            caller: thread::current().id(),
        };
        calls.insert(block, call);
        Ok(())
    }

    /// The call with this status block, if it is still known.
    pub(crate) fn find(&self, block: usize) -> Option<Arc<Request>> {
        held(&self.0).get(&block).map(|call| Arc::clone(&call.request))
    }

    /// Cancels the calls that one thread made.
    pub(crate) fn cancel_of(&self, caller: ThreadId) {
        let calls = held(&self.0);
        calls
            .values()
            .filter(|call| call.caller == caller)
            .for_each(|call| call.request.cancel());
    }

    /// Cancels what can be cancelled and waits for the rest.
    pub(crate) fn end(&self) {
        for request in self.running() {
            request.cancel();
            drop(request.wait());
        }
    }

    /// Cancels every call, or the one with a status block. Returns whether any was still running.
    pub(crate) fn cancel(&self, block: Option<usize>) -> bool {
        let calls = held(&self.0);
        let runs = |call: &Call| !call.ended.load(Ordering::Acquire);
        let chosen = calls
            .iter()
            .filter(|(at, call)| block.is_none_or(|block| block == **at) && runs(call));
        chosen.inspect(|(_, call)| call.request.cancel()).count() > 0
    }

    /// Waits until nothing runs; `false` after `patience`.
    pub(crate) fn wait(&self, patience: Option<Duration>) -> bool {
        let until = patience.and_then(|patience| Instant::now().checked_add(patience));
        self.running().iter().all(|request| match until {
            Some(until) => request
                .wait_for(until.saturating_duration_since(Instant::now()))
                .is_some(),
            None => {
                drop(request.wait());
                true
            }
        })
    }

    fn running(&self) -> Vec<Arc<Request>> {
        let calls = held(&self.0);
        let running = calls.values().filter(|call| is_running(&call.request));
        running.map(|call| Arc::clone(&call.request)).collect()
    }
}

fn is_running(request: &Request) -> bool {
    request.status().status == NtStatus::PENDING
}
