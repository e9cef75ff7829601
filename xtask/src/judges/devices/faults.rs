//! Faults on a device, and how the program continues after them.

use anyhow::Result;

use super::{Bench, DISCS};

const SHARED: &str = include_str!("faults.sh");
const HUNG: &str = include_str!("hung.sh");
const TROUBLE: &str = include_str!("trouble.sh");
const KILLS: &str = include_str!("kills.sh");
const RESET: &str = include_str!("reset.sh");
const UNDERRUN: &str = include_str!("underrun.sh");

/// How many times the program is killed.
const KILLED: u32 = 100;

/// A script, and its expected judgements.
type Part = (&'static str, fn() -> Vec<String>);

/// The parts of each boot; those that wait for the kernel come first, and wait while the others run.
const BOOTS: [&[Part]; 2] = [
    &[(HUNG, hung), (KILLS, kills), (TROUBLE, trouble)],
    &[(RESET, resets), (UNDERRUN, underruns)],
];

/// The number of boots for [`fail_on_devices`].
pub const BOOTS_WITH_FAULTS: usize = BOOTS.len();

/// Runs faults on devices; afterwards the disc must contain what was committed, and the program must
/// continue.
pub fn fail_on_devices(bench: &Bench<'_>, boot: usize) -> Result<()> {
    let mut script = SHARED.replace("@KILLS@", &KILLED.to_string());
    let mut expected = Vec::new();
    for (part, judgements) in BOOTS[boot] {
        script += &part.replace("@KILLS@", &KILLED.to_string());
        expected.extend(judgements());
    }
    bench.run(&script, &expected).map(drop)
}

fn hung() -> Vec<String> {
    let read = |number| format!("a READ that hangs, number {number} of a close");
    let each = |hung: String| {
        let last = format!("{hung}, checked");
        [format!("{hung}, added again, the tree"), last, hung]
    };
    ["a WRITE that hangs".to_owned(), read(3), read(8)]
        .into_iter()
        .flat_map(each)
        .collect()
}

fn kills() -> Vec<String> {
    let each = |kill| ["continued", "read"].map(|what| format!("killed at random {kill}, {what}"));
    let end = ["the tree", "checked"].map(|what| format!("killed at random, {what}"));
    (1..=KILLED).flat_map(each).chain(end).collect()
}

fn trouble() -> Vec<String> {
    let mut expected = Vec::new();
    for (medium, _) in DISCS {
        expected.push(format!("removed in mid-write of {medium}, added again, the tree"));
        expected.push(format!("a write error on {medium}, the tree"));
    }
    for writes in 1..=3 {
        expected.push(format!("packets that end after {writes} writes, the tree"));
    }
    let others = [
        "a command that hangs",
        "a command that hangs, answered again",
        "a killed recorder, detached",
    ];
    expected.extend(others.map(str::to_owned));
    expected
}

fn resets() -> Vec<String> {
    let mut expected = Vec::new();
    for medium in ["cd-r", "bd-r"] {
        let reset = format!("a reset while {medium} is recorded");
        expected.extend((1..=3).map(|number| format!("{reset} {number}, done or reported")));
        expected.push(format!("{reset}, the tree"));
        expected.push(format!("{reset}, checked"));
    }
    let door = |node| format!("the door after a killed program on {node}");
    expected.push(format!("{}, opens", door("srN")));
    for last in ["stays shut", "opens after the next", "the tree", "checked"] {
        expected.push(format!("{}, {last}", door("sgN")));
    }
    expected
}

/// The script counts the writes and judges that there are no fewer.
fn underruns() -> Vec<String> {
    let tail = (1..=9).map(|number| format!("an underrun in the end of a session {number}"));
    let data = [0, 1].map(|number| format!("an underrun in the data {number}"));
    tail.chain(data)
        .flat_map(|each| [format!("{each}, the tree"), format!("{each}, checked")])
        .chain(["data", "end of a session"].map(|part| format!("an underrun in the {part}, of many")))
        .collect()
}
