//! Blocks signals while a command is running.
//!
//! A signal interrupts SG_IO on `/dev/sgN`, which restarts after the handler: the drive would get the command
//! twice.

use std::mem::MaybeUninit;
use std::ptr::null_mut;

/// Blocks signals for this thread until it is dropped.
pub(crate) struct SignalsHeld(libc::sigset_t);

impl SignalsHeld {
    pub(crate) fn new() -> Self {
        let mut all = MaybeUninit::<libc::sigset_t>::uninit();
        let mut before = MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: the pointer is to a set in this frame, which the call fills.
        unsafe { libc::sigfillset(all.as_mut_ptr()) };
        // SAFETY: both pointers are to sets in this frame. The first is initialised, and the call fills the
        // second. With SIG_SETMASK the call cannot fail.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr()) };
        // SAFETY: the call above has initialised it.
        Self(unsafe { before.assume_init() })
    }
}

impl Drop for SignalsHeld {
    fn drop(&mut self) {
        // SAFETY: the pointer is to the previous set of this thread; a null pointer asks for no result.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.0, null_mut()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_blocked(signal: i32) -> bool {
        let mut now = MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: a null pointer sets nothing; the other is to a set in this frame, which the call fills.
        unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, std::ptr::null(), now.as_mut_ptr()) };
        // SAFETY: the call above has initialised it.
        unsafe { libc::sigismember(now.as_ptr(), signal) == 1 }
    }

    #[test]
    fn signals_wait_while_they_are_held() {
        assert!(!is_blocked(libc::SIGTERM));
        let held = SignalsHeld::new();
        assert!(is_blocked(libc::SIGTERM));
        drop(held);
        assert!(!is_blocked(libc::SIGTERM));
    }
}
