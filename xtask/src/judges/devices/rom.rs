//! Discs with a plain volume on devices, for readers that follow sessions: each must show the newest closed
//! state. isoinfo follows none.

use anyhow::Result;

use super::{Bench, DISCS, Ran, TREES};
use crate::readers::{MODES, Show, Sighting, is_recognised_at_once};

pub const ROM: &str = include_str!("rom.sh");

/// The closed states.
const CLOSED: &[&str] = &["closed", "second session closed", "finalized"];

/// Readers of every closed state.
const OF_UDF: &[&str] = &["Linux, own choice", "Linux, udf", "blkid"];
/// Additional readers of those with a bridge.
const OF_BRIDGES: &[&str] = &["Linux, isofs", "isoinfo", "xorriso"];

/// One disc of the script.
pub struct Disc {
    medium: &'static str,
    capacity: &'static str,
    mode: &'static str,
}

/// Each medium with a bridge, every `step`th from the `first` on.
pub fn discs(first: usize, step: usize) -> Vec<Disc> {
    let media = DISCS.iter().skip(first).step_by(step);
    media
        .map(|(medium, capacity)| disc(medium, capacity, "bridge"))
        .collect()
}

fn disc(medium: &'static str, capacity: &'static str, mode: &'static str) -> Disc {
    Disc {
        medium,
        capacity,
        mode,
    }
}

impl Disc {
    /// The line of the script for this disc.
    pub fn line(&self) -> String {
        format!("rom {} {} {}\n", self.medium, self.capacity, self.mode)
    }

    /// Its judgements of readers: name, state and reader.
    fn looks(&self) -> Vec<(String, &'static str, &'static str)> {
        let name = |state, reader| {
            (
                format!("rom {} {}, {state}: {reader}", self.mode, self.medium),
                state,
                reader,
            )
        };
        let is_recognised = is_recognised_at_once(self.mode, self.medium);
        let of_open = if is_recognised {
            "Linux, udf"
        } else {
            "Linux, udf,novrs"
        };
        let mut looks = vec![name("open", of_open)];
        for state in CLOSED {
            let bridges = OF_BRIDGES.iter().filter(|_| self.mode == "bridge");
            // For a CD of several sessions blkid may print nothing.
            let is_asked =
                |reader: &&&str| **reader != "blkid" || self.medium != "cd-r" || *state == "closed";
            let readers = OF_UDF.iter().chain(bridges).filter(is_asked);
            looks.extend(readers.map(|reader| name(state, reader)));
        }
        looks
    }

    /// All its judgements of readers.
    pub fn expected(&self) -> Vec<String> {
        self.looks().into_iter().map(|(name, ..)| name).collect()
    }

    /// Keeps what the readers showed.
    pub fn keep(&self, bench: &Bench<'_>, ran: &Ran) {
        for (name, state, reader) in self.looks() {
            let shown = if ran.passed.contains(&name) {
                // isoinfo starts with the first session, even on a drive.
                let shown = if reader == "isoinfo" { "closed" } else { state };
                Show::State(shown.to_owned())
            } else {
                Show::Other(Vec::new())
            };
            bench.findings.saw(Sighting {
                reader: reader.replacen("Linux", &bench.linux(), 1),
                mode: self.mode,
                medium: self.medium,
                state,
                on_a_drive: true,
                shown,
            });
        }
    }
}

/// Runs all media in both modes, in a separate guest.
pub fn read_on_devices(bench: &Bench<'_>) -> Result<()> {
    let mut discs = Vec::new();
    for mode in MODES.iter().copied() {
        discs.extend(
            DISCS
                .iter()
                .map(|(medium, capacity)| disc(medium, capacity, mode)),
        );
    }
    let lines: String = discs.iter().map(Disc::line).collect();
    let expected: Vec<String> = discs.iter().flat_map(Disc::expected).collect();
    let ran = bench.run(&format!("{TREES}{ROM}\n{lines}"), &expected)?;
    discs.iter().for_each(|disc| disc.keep(bench, &ran));
    Ok(())
}
