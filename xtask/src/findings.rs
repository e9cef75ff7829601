//! The findings of the judges: the number of judgements, and every difference.

use std::sync::Mutex;

use crate::readers::{OtherSighting, Sighting};

/// This many failures are printed in full.
const TOLD: usize = 50;

/// Collected from all threads; the first ones are printed at once.
#[derive(Default)]
pub struct Findings(Mutex<State>);

#[derive(Default)]
struct State {
    passed: usize,
    failed: usize,
    sightings: Vec<Sighting>,
    others: Vec<OtherSighting>,
}

impl Findings {
    /// Records a judgement of `what` with the differences found, if any.
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

    /// Keeps what a reader showed, for the page about readers.
    pub fn saw(&self, sighting: Sighting) {
        if let Ok(mut state) = self.0.lock() {
            state.sightings.push(sighting);
        }
    }

    /// Keeps what a reader showed of a volume of another program.
    pub fn saw_other(&self, sighting: OtherSighting) {
        if let Ok(mut state) = self.0.lock() {
            state.others.push(sighting);
        }
    }

    /// What the readers showed of volumes of other programs.
    pub fn others(&self) -> Vec<OtherSighting> {
        self.0
            .lock()
            .map_or_else(|_| Vec::new(), |state| state.others.clone())
    }

    /// What the readers showed.
    pub fn sightings(&self) -> Vec<Sighting> {
        self.0
            .lock()
            .map_or_else(|_| Vec::new(), |state| state.sightings.clone())
    }

    /// The numbers of judgements without and with differences.
    pub fn counts(&self) -> (usize, usize) {
        self.0.lock().map_or((0, 1), |state| (state.passed, state.failed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_judgement_with_differences_counts_as_one_failure() {
        let findings = Findings::default();
        findings.judged("this", &[]);
        findings.judged("that", &["one".to_owned(), "two".to_owned()]);
        assert_eq!(findings.counts(), (1, 1));
    }
}
