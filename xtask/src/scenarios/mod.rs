//! Discs that are recorded step by step, and the states in which the judges see them.

mod big;
mod foreign;
mod history;
mod life;
mod long_names;
mod plain;

pub use big::record_big_trees;
pub use foreign::continue_foreign_images;
pub use history::{Bench, State, View};
pub use life::record_lives;
pub use long_names::record_long_names;
pub use plain::record_plain_discs;

use anyhow::Result;

use crate::findings::Findings;

/// Media by the program's words.
pub const MEDIA: &[&str] = &[
    "cd-r-74", "cd-r", "dvd-r", "dvd-r-dl", "dvd+r", "dvd+r-dl", "bd-r", "bd-r-dl", "bd-r-tl", "bd-r-ql",
];

/// Revisions with a virtual partition.
pub const REVISIONS: &[&str] = &["1.50", "2.00", "2.01", "2.50", "2.60"];

/// Do independent pieces of work, two at a time, in no particular order; one that breaks off is a finding.
fn in_parallel<W: Send, R: Send>(
    work: Vec<W>,
    findings: &Findings,
    run: impl Fn(W) -> Result<R> + Sync,
) -> Vec<R> {
    let waiting = std::sync::Mutex::new(work.into_iter());
    let done = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(piece) = waiting.lock().ok().and_then(|mut waiting| waiting.next()) {
                    match run(piece) {
                        Ok(result) => done.lock().map(|mut done| done.push(result)).unwrap_or_default(),
                        Err(error) => findings.judged("recording", &[format!("{error:#}")]),
                    }
                }
            });
        }
    });
    done.into_inner().unwrap_or_default()
}
