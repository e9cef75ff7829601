//! SIGINT and SIGTERM: stop at the next safe point.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::failure::{Exit, Failure, Outcome};

/// How often the user has asked to stop.
#[derive(Clone)]
pub struct Interrupt(Arc<AtomicUsize>);

impl Interrupt {
    /// Notes a first signal from here on; a second one ends the program at once.
    pub fn watch() -> Outcome<Self> {
        Self::watching(1)
    }

    /// For a command that leaves nothing: a signal ends the program at once.
    pub fn unwatched() -> Self {
        Self(Arc::new(AtomicUsize::new(0)))
    }

    /// Like [`Interrupt::watch`], for a command with something to abandon: notes the second signal too; a
    /// third one ends the program.
    pub fn watch_twice() -> Outcome<Self> {
        Self::watching(2)
    }

    fn watching(noted: usize) -> Outcome<Self> {
        let failed = |error| Failure::failed(format_args!("signals cannot be watched: {error}"));
        let interrupt = Self(Arc::new(AtomicUsize::new(0)));
        let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(failed)?;
        let count = Arc::clone(&interrupt.0);
        let watching = std::thread::Builder::new().name("signals".into()).spawn(move || {
            for _ in signals.forever() {
                if count.fetch_add(1, Ordering::Relaxed) >= noted {
                    signal_hook::low_level::exit(Exit::Failed as i32);
                }
            }
        });
        watching.map(|_| interrupt).map_err(failed)
    }

    /// Fails if the user has asked to stop. Called wherever stopping is safe.
    pub fn check(&self) -> Outcome {
        if self.asked() {
            Err(Failure::interrupted())
        } else {
            Ok(())
        }
    }

    /// Whether the user has asked to stop.
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }

    /// Whether the user has asked again, to abandon everything.
    pub fn asked_twice(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 1
    }

    /// The user has said to continue.
    pub fn withdraw(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure_kind::FailureKind;

    #[test]
    fn a_noted_signal_fails_the_next_check() {
        let interrupt = Interrupt(Arc::new(AtomicUsize::new(0)));
        assert!(interrupt.check().is_ok());
        interrupt.0.store(1, Ordering::Relaxed);
        assert_eq!(
            interrupt.check().map_err(|failure| failure.kind),
            Err(FailureKind::Interrupted)
        );
        assert!(interrupt.asked() && !interrupt.asked_twice());
        interrupt.withdraw();
        assert!(interrupt.check().is_ok());
    }
}
