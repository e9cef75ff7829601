//! Memory is bounded by what is dirty: if many nodes are, some are recorded before the commit.

mod common;

use common::{Disc, time};
use ecma167::osta::Revision;
use emulator::Medium;
use recording::{Attributes, NodeKind};

/// Files whose nodes together exceed the memory limit: each takes at least 400 bytes.
const MANY: usize = 60_000;

#[test]
fn the_nodes_of_many_new_files_are_recorded_before_the_commit() {
    let disc = Disc::formatted(Medium::BdR, 200_000, Revision::V2_50);
    let mut recording = disc.recording();
    let before = recording.volume().drive().recorded_end().0;
    let root = recording.root();
    let attributes = Attributes::at(0o644, time(2));
    for number in 0..MANY {
        let name = number.to_string();
        recording
            .create(root, &name, NodeKind::File, &attributes)
            .unwrap();
    }
    let early = recording.volume().drive().recorded_end().0 - before;
    assert!(early as usize > MANY / 2, "{early} blocks of {MANY} files");
}
