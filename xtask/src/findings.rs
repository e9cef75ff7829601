//! What the judges found: how much was judged, and every difference.

use std::sync::Mutex;

use crate::readers::Sighting;

/// So many failures are told in full.
const TOLD: usize = 50;

/// Collected from all threads, the first of them told at once.
#[derive(Default)]
pub struct Findings(Mutex<State>);

#[derive(Default)]
struct State {
    passed: usize,
    failed: usize,
    sightings: Vec<Sighting>,
}

impl Findings {
    /// Take one verdict: a judgement of `what` that found these differences, or none.
    pub fn judged(&self, what: &str, differences: &[String]) {
        let Ok(mut state) = self.0.lock() else { return };
        if differences.is_empty() {
            state.passed += 1;
            return;
        }
        state.failed += 1;
        if state.failed > TOLD {
            return;
        }
        eprintln!("FAILED {what}");
        for line in differences {
            eprintln!("    {line}");
        }
    }

    /// Keep what a reader showed, for the page about readers.
    pub fn saw(&self, sighting: Sighting) {
        if let Ok(mut state) = self.0.lock() {
            state.sightings.push(sighting);
        }
    }

    /// What readers showed.
    pub fn sightings(&self) -> Vec<Sighting> {
        self.0
            .lock()
            .map_or_else(|_| Vec::new(), |state| state.sightings.clone())
    }

    /// How many judgements found nothing, and how many found something.
    pub fn counts(&self) -> (usize, usize) {
        self.0.lock().map_or((0, 1), |state| (state.passed, state.failed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_judgement_with_a_difference_counts_as_one_failure() {
        let findings = Findings::default();
        findings.judged("this", &[]);
        findings.judged("that", &["one".to_owned(), "two".to_owned()]);
        assert_eq!(findings.counts(), (1, 1));
    }
}
