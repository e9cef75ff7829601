//! Tells why files are not whole, of each kind of failure only so often.

use std::cell::RefCell;

use crate::failure::{Exit, Failure};
use crate::failure_kind::FailureKind;
use crate::output::{Output, count};

/// Failures of a kind that are told; the others are counted.
const MOST: u64 = 100;

/// The failures of a run that concern single files.
pub struct Complaints {
    output: Output,
    heard: RefCell<Vec<Heard>>,
}

/// How many files and directories are not as they were.
#[derive(Clone, Copy, Default)]
pub struct Counts {
    /// Those that the disc does not give whole.
    pub damaged: u64,
    /// Those that the host does not take.
    pub refused: u64,
    /// Whether blocks of any cannot be read.
    pub has_unreadable: bool,
}

struct Heard {
    kind: FailureKind,
    is_damage: bool,
    count: u64,
}

impl Complaints {
    /// None yet.
    pub fn new(output: Output) -> Self {
        Self {
            output,
            heard: RefCell::new(Vec::new()),
        }
    }

    /// Tells of a failure.
    pub fn tell(&self, failure: &Failure) {
        let mut heard = self.heard.borrow_mut();
        let (kind, is_damage) = (failure.kind, failure.exit == Exit::Damaged);
        let known = heard
            .iter_mut()
            .find(|one| one.kind == kind && one.is_damage == is_damage);
        let count = match known {
            Some(one) => {
                one.count += 1;
                one.count
            }
            None => {
                let count = 1;
                heard.push(Heard {
                    kind,
                    is_damage,
                    count,
                });
                count
            }
        };
        if count <= MOST {
            failure.report(self.output.json);
        }
    }

    /// Tells how many failures were not told.
    pub fn end(&self) {
        for Heard { kind, count: all, .. } in self.heard.borrow().iter() {
            let Some(rest) = all.checked_sub(MOST).filter(|rest| *rest > 0) else {
                continue;
            };
            let word = serde_json::to_value(kind).unwrap_or_default();
            let word = word.as_str().unwrap_or_default().to_owned();
            let rest = count(rest, "more failure", "more failures");
            self.output
                .note(format_args!("{rest} of the kind '{word}'; --json lists files"));
        }
    }

    /// How many there were.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for one in self.heard.borrow().iter() {
            let sum = if one.is_damage {
                &mut counts.damaged
            } else {
                &mut counts.refused
            };
            *sum += one.count;
            counts.has_unreadable |= one.kind == FailureKind::Unreadable;
        }
        counts
    }
}
