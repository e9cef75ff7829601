//! Keeps signals away while a command is under way.
//!
//! SG_IO on `/dev/sgN` ends when a signal comes, and is begun again behind its handler: the command would be sent twice.

use std::mem::MaybeUninit;
use std::ptr::null_mut;

/// Signals wait, for this thread, until it is dropped.
pub(crate) struct SignalsHeld(libc::sigset_t);

impl SignalsHeld {
    pub(crate) fn new() -> Self {
        let mut all = MaybeUninit::<libc::sigset_t>::uninit();
        let mut before = MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: the pointer is to a set of this frame, which the call fills.
        unsafe { libc::sigfillset(all.as_mut_ptr()) };
        // SAFETY: both pointers are to sets of this frame; the first is filled, the call fills the second. With SIG_SETMASK
        // the call cannot fail.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr()) };
        // SAFETY: the call above has filled it.
        Self(unsafe { before.assume_init() })
    }
}

impl Drop for SignalsHeld {
    fn drop(&mut self) {
        // SAFETY: the pointer is to the set that this thread had before; nothing is asked back.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.0, null_mut()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_blocked(signal: i32) -> bool {
        let mut now = MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: nothing is set; the pointer is to a set of this frame, which the call fills.
        unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, std::ptr::null(), now.as_mut_ptr()) };
        // SAFETY: the call above has filled it.
        unsafe { libc::sigismember(now.as_ptr(), signal) == 1 }
    }

    #[test]
    fn signals_wait_as_long_as_they_are_held() {
        assert!(!is_blocked(libc::SIGTERM));
        let held = SignalsHeld::new();
        assert!(is_blocked(libc::SIGTERM));
        drop(held);
        assert!(!is_blocked(libc::SIGTERM));
    }
}
