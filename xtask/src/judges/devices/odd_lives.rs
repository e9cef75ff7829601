//! Lives in drives with seeded switches: the program reads each state there, and the kernel reads in another
//! drive what was closed.

use super::DISCS;

pub const LIFE: &str = include_str!("odd_life.sh");

/// The first seed: those for images are different.
const SEED: u64 = 13_500;

const STATES: &[&str] = &[
    "formatted",
    "added",
    "removed",
    "closed",
    "continued",
    "finalized",
];

/// The states that the kernel mounts.
const SHOWN: &[&str] = &["closed", "finalized"];

/// The lives of every `step`th medium from the `first` on, as lines of a script, and their expected
/// judgements.
pub fn lives(first: usize, step: usize) -> (String, Vec<String>) {
    let mut script = String::new();
    let mut expected = Vec::new();
    let seeds = (SEED..).zip(DISCS).skip(first).step_by(step);
    for (seed, (medium, capacity)) in seeds {
        let settings = trials::switches_of_seed(seed).settings().into_iter();
        let settings: Vec<String> = settings.map(|(name, value)| format!("{name}={value}")).collect();
        let disc = format!("{medium} {}", settings.join(" "));
        let switches: String = settings
            .iter()
            .map(|setting| format!(" --behaviour {setting}"))
            .collect();
        script += &format!("odd_life {medium} {capacity} '{disc}'{switches}\n");
        for state in STATES {
            let looks = ["", ", read", ", as recorded"];
            expected.extend(looks.map(|look| format!("{disc}, {state}{look}")));
        }
        for state in SHOWN {
            let looks = [", mounted", ", the tree", ", by blkid"];
            expected.extend(looks.map(|look| format!("{disc}, {state}{look}")));
        }
    }
    (script, expected)
}
