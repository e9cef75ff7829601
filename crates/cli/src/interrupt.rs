//! SIGINT and SIGTERM: stop at the next safe point.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::failure::{Exit, Failure, Outcome};

/// Whether the user asked to stop.
#[derive(Clone)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From here on a first signal is only noted; a second one ends the program at once.
    pub fn watch() -> Outcome<Self> {
        let asked = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // The order matters: the shutdown looks at the flag before this signal sets it.
            flag::register_conditional_shutdown(signal, Exit::Failed as i32, asked.clone())
                .and_then(|_| flag::register(signal, asked.clone()))
                .map_err(|error| Failure::failed(format_args!("signals cannot be watched: {error}")))?;
        }
        Ok(Self(asked))
    }

    /// Fails where the user asked to stop: called wherever stopping is safe.
    pub fn check(&self) -> Outcome {
        if self.asked() {
            Err(Failure::interrupted())
        } else {
            Ok(())
        }
    }

    /// Whether the user asked to stop.
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_noted_signal_fails_the_next_check() {
        let interrupt = Interrupt(Arc::new(AtomicBool::new(false)));
        assert!(interrupt.check().is_ok());
        interrupt.0.store(true, Ordering::Relaxed);
        assert_eq!(
            interrupt.check().map_err(|failure| failure.kind),
            Err("interrupted")
        );
    }
}
