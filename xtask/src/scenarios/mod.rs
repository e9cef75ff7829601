//! Discs recorded step by step, and their states for the judges.

mod big;
mod bridge;
mod crash;
mod foreign;
mod history;
mod life;
mod long_names;
mod others;
mod past;
mod plain;
mod ported;
mod reading;
mod rewritable;
mod rom;
mod ruins;
mod sessions;

pub use big::record_big_trees;
pub use bridge::{Bridge, HUGE_BYTES, HUGE_NAME, write_bridge};
pub use crash::{record_cut_discs, record_recovered_discs};
pub use foreign::continue_foreign_images;
pub use history::{Bench, State, View, copy_image};
pub use life::{record_lives, record_lives_in_odd_drives};
pub use long_names::record_long_names;
pub use others::{Other, make_volumes_of_others, tree_of_others};
pub use past::record_past;
pub use plain::record_plain_discs;
pub use ported::close_by_ported_program;
pub use reading::read_foreign_images;
pub use rewritable::{Empty, make_rewritable_volumes};
pub use rom::{MEDIA_WITH_ROM, RomState, files_to_ask, record_rom_discs};
pub use ruins::{Ruined, Ruins, make_volumes_to_ruin};
pub use sessions::read_sessions;

use anyhow::Result;

use crate::findings::Findings;
use crate::parallel::in_parallel;

/// Media as the program names them.
pub const MEDIA: &[&str] = &[
    "cd-r-74", "cd-r", "dvd-r", "dvd-r-dl", "dvd+r", "dvd+r-dl", "bd-r", "bd-r-dl", "bd-r-tl", "bd-r-ql",
];

/// Revisions with a virtual partition.
pub const REVISIONS: &[&str] = &["1.50", "2.00", "2.01", "2.50", "2.60"];

/// Records several discs, two at a time; states are in no particular order. A disc that fails is a finding.
fn record_all<W: Send>(
    discs: Vec<W>,
    findings: &Findings,
    record: impl Fn(W) -> Result<Vec<State>> + Sync,
) -> Vec<State> {
    let recorded = in_parallel(2, discs, |disc| {
        record(disc).unwrap_or_else(|error| {
            findings.judged("recording", &[format!("{error:#}")]);
            Vec::new()
        })
    });
    recorded.into_iter().flatten().collect()
}
