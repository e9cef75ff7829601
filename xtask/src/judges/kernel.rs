//! The kernel as a judge: it mounts every state in every view and must see what was recorded, and we must see
//! what it writes.

use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use xshell::Shell;

use crate::findings::Findings;
use crate::guest::{Guest, Job, Outcome, Work};
use crate::listing::differences;
use crate::program::Program;
use crate::readers::{Show, shown};
use crate::scenarios::{Empty, State, View, copy_image};
use crate::setup::Kernel;

/// Maximum duration of a boot.
const LIMIT: Duration = Duration::from_secs(15 * 60);

/// What to ask a kernel.
pub struct Question {
    /// States; each of their views is mounted.
    pub states: Vec<State>,
    /// Volumes that the kernel writes to, each kernel to its own copy.
    pub empty: Vec<Empty>,
}

/// Mounts all states in a guest with this kernel, and compares what it sees with what was recorded and what
/// we list. Lets it change the empty volumes, on which the program must see the same, and its judge no error.
pub fn judge_by_kernel(
    shell: &Shell,
    kernel: &Kernel,
    program: &Program,
    question: &Question,
    folder: &Path,
    findings: &Findings,
) -> Result<()> {
    let guest = Guest::new(shell, kernel, folder)?;
    let views: Vec<(&State, &View)> = question
        .states
        .iter()
        .flat_map(|state| state.views.iter().map(move |view| (state, view)))
        .collect();
    let mut jobs: Vec<Job> = views
        .iter()
        .map(|(state, view)| Job {
            name: state.name.clone(),
            image: state.image.clone(),
            filesystem: view.filesystem.to_owned(),
            options: view.options.clone(),
            work: Work::List,
        })
        .collect();
    for (number, empty) in question.empty.iter().enumerate() {
        let image = folder.join(format!("changed-{number}.img"));
        copy_image(&empty.image, &image)?;
        jobs.push(Job {
            name: empty.name.clone(),
            image,
            filesystem: "udf".to_owned(),
            // Without the size of a block Linux tries others first, and complains.
            options: format!("bs={}", empty.block_size),
            work: Work::Change,
        });
    }
    let mut outcomes = guest.run(&jobs, LIMIT)?;
    let changed = outcomes.split_off(views.len());
    for ((state, view), outcome) in views.iter().zip(outcomes) {
        let mut what = format!("{}: in Linux {}", state.name, kernel.version);
        if view.filesystem != "udf" {
            what.push_str(&format!(" as {}", view.filesystem));
        }
        if !view.options.is_empty() {
            what.push_str(&format!(" with {}", view.options));
        }
        let found = verdict(state, view, outcome);
        findings.judged(&what, &found);
        if let Some(mut sighting) = view.sighting.clone() {
            if !found.is_empty() {
                sighting.shown = Show::Other(found);
            }
            sighting.reader = sighting.reader.replacen("Linux", &kernel.name(), 1);
            findings.saw(sighting);
        }
    }
    let written = jobs[views.len()..].iter();
    for (job, outcome) in written.zip(changed) {
        let what = format!("{}: changed by Linux {}", job.name, kernel.version);
        let extracted = folder.join("extracted");
        findings.judged(
            &what,
            &verdict_on_changed(program, &job.image, outcome, &extracted),
        );
    }
    Ok(())
}

/// The differences between us and the kernel that wrote the volume, and what our judge says against it.
fn verdict_on_changed(program: &Program, image: &Path, outcome: Outcome, extracted: &Path) -> Vec<String> {
    let mut found: Vec<String> = outcome.error.into_iter().chain(outcome.complaints).collect();
    if !found.is_empty() {
        return found;
    }
    let check = [OsStr::new("check"), OsStr::new("--data"), image.as_os_str()];
    found.extend(program.run(check).err().map(|error| format!("{error:#}")));
    for ours in [program.list(image), program.extract(image, extracted)] {
        match ours {
            Ok(ours) => found.extend(differences(&outcome.listing, &ours)),
            Err(error) => found.push(format!("{error:#}")),
        }
    }
    found
}

fn verdict(state: &State, view: &View, outcome: Outcome) -> Vec<String> {
    if view.expected.is_empty() {
        let mounted = outcome.error.is_none().then(|| "it was mounted".to_owned());
        return mounted.into_iter().collect();
    }
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
        found.extend(match &view.sight {
            None => differences(&view.expected, &outcome.listing),
            Some(sight) => match shown(sight, &outcome.listing, [("expected", &*view.expected)]) {
                Show::State(_) => Vec::new(),
                Show::Nothing => vec!["it shows nothing".to_owned()],
                Show::Other(found) => found,
            },
        });
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
