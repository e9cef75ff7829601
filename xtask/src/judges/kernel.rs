//! The kernel judge: mounts every state in every view and has to see what was recorded.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use xshell::Shell;

use crate::findings::Findings;
use crate::guest::{Guest, Job, Outcome};
use crate::listing::differences;
use crate::scenarios::{State, View};
use crate::setup::Kernel;

/// No boot may take longer.
const LIMIT: Duration = Duration::from_secs(15 * 60);

/// Mount all states in a guest with this kernel, and compare what it sees with what was recorded and what we list.
pub fn judge_by_kernel(
    shell: &Shell,
    kernel: &Kernel,
    states: &[State],
    folder: &Path,
    findings: &Findings,
) -> Result<()> {
    let guest = Guest::new(shell, kernel, folder)?;
    let views: Vec<(&State, &View)> = states
        .iter()
        .flat_map(|state| state.views.iter().map(move |view| (state, view)))
        .collect();
    let jobs: Vec<Job> = views
        .iter()
        .map(|(state, view)| Job {
            name: state.name.clone(),
            image: state.image.clone(),
            options: view.options.clone(),
        })
        .collect();
    for ((state, view), outcome) in views.iter().zip(guest.run(&jobs, LIMIT)?) {
        let mut what = format!("{}: in Linux {}", state.name, kernel.version);
        if !view.options.is_empty() {
            what.push_str(&format!(" with {}", view.options));
        }
        findings.judged(&what, &verdict(state, view, outcome));
    }
    Ok(())
}

fn verdict(state: &State, view: &View, outcome: Outcome) -> Vec<String> {
    let mut found: Vec<String> = outcome.error.into_iter().collect();
    let (expected, others): (Vec<_>, Vec<_>) = outcome
        .complaints
        .into_iter()
        .partition(|complaint| view.complaints.iter().any(|words| complaint.contains(words)));
    found.extend(others);
    for words in view.complaints {
        if !expected.iter().any(|complaint| complaint.contains(words)) {
            found.push(format!("no complaint of {words:?}"));
        }
    }
    if found.is_empty() {
        found.extend(differences(&view.expected, &outcome.listing));
        if view.present {
            let other = differences(&state.ours, &outcome.listing);
            found.extend(
                other
                    .into_iter()
                    .map(|line| format!("oncefs and the kernel: {line}")),
            );
        }
    }
    found
}
