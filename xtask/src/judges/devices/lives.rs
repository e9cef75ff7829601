//! Whole lives of discs on devices.

use anyhow::Result;

use super::{Bench, DISCS, TREES, odd_lives, rom};
use crate::judges::udfinfo;
use crate::program::Info;

const LIFE: &str = include_str!("life.sh");

/// Kinds of drives: whether they report a last recorded address, and whether their TOC says where the last
/// session starts.
const DRIVES: &[(&str, &str)] = &[
    (
        "told where it ends and begins",
        "--behaviour last_recorded_address_valid=yes",
    ),
    (
        "told neither",
        "--behaviour last_recorded_address_valid=no --behaviour toc_last_session_start=no",
    ),
];
const STATES: &[&str] = &[
    "formatted",
    "added",
    "added again",
    "removed",
    "closed",
    "continued",
    "finalized",
];

/// The state after `--reload`.
const RELOADED: &str = "closed";

/// The drive that reports the last recorded address.
const TELLING: usize = 0;

/// The number of kinds of drives for [`live_on_devices`].
pub const KINDS_OF_DRIVES: usize = DRIVES.len();

/// Runs the program on a device with drives of one kind: the kernel mounts every state, and udfinfo and blkid
/// judge it. Then runs every second medium in a drive with seeded switches, and with a plain volume.
pub fn live_on_devices(bench: &Bench<'_>, kind: usize) -> Result<()> {
    let (drive, switches) = DRIVES[kind];
    let mut script = format!("{TREES}{LIFE}");
    let mut expected = Vec::new();
    let mut states = Vec::new();
    for (medium, capacity) in DISCS {
        let disc = format!("{medium} {drive}");
        script += &format!("life {medium} {capacity} '{disc}' {switches}\n");
        for state in STATES {
            let state = format!("{disc}, {state}");
            for look in ["", ", mounted", ", the tree", ", by blkid"] {
                expected.push(format!("{state}{look}"));
            }
            // Linux asks a drive for the size of its disc when a disc comes in.
            let told = if state.ends_with(RELOADED) {
                "not told"
            } else {
                "told"
            };
            expected.push(format!("{state}, {told} to reload"));
            // For a DVD or BD without a last recorded address, Linux subtracts 7 blocks from the end, as if
            // it were a CD, and udfinfo looks no further than the end of the device. The kernel finds the VAT
            // nevertheless.
            if kind == TELLING || *medium == "cd-r" {
                states.push(state);
            }
        }
        expected.push(format!("{disc}, detached"));
    }
    let (odd, judged) = odd_lives::lives(kind, KINDS_OF_DRIVES);
    script = format!("{script}{}\n{odd}", odd_lives::LIFE);
    expected.extend(judged);
    let plain = rom::discs(kind, KINDS_OF_DRIVES);
    script += rom::ROM;
    plain
        .iter()
        .for_each(|disc| script += &format!("\n{}", disc.line()));
    expected.extend(plain.iter().flat_map(rom::Disc::expected));
    let ran = bench.run(&script, &expected)?;
    plain.iter().for_each(|disc| disc.keep(bench, &ran));
    for state in states {
        let text = |kind: &str| {
            std::fs::read_to_string(ran.shared.join(format!("{state}.{kind}"))).unwrap_or_default()
        };
        let found = match serde_json::from_str::<Info>(&text("info")) {
            Ok(info) => udfinfo::differences(&info, &text("udfinfo"), &words_about(&state, &text("words")))?,
            Err(error) => vec![format!("oncefs info: {error}")],
        };
        bench.judged(&format!("{state}: by udfinfo"), &found);
    }
    Ok(())
}

/// The size of a CD counts run-out and link blocks, which cannot be read and contain no VAT: udfinfo tries
/// them first and complains.
fn words_about(state: &str, words: &str) -> String {
    let about_the_end = |line: &&str| {
        line.ends_with("read failed: Input/output error")
            || line.contains("Note: Found Virtual Allocation Table at block")
    };
    let kept = words
        .lines()
        .filter(|line| !(state.starts_with("cd-r") && about_the_end(line)));
    kept.map(|line| format!("{line}\n")).collect()
}
