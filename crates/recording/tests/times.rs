//! The times that a change sets, as on any other file system.

mod common;

use common::{Disc, add_directory, time};
use ecma167::osta::Revision;
use emulator::Medium;

#[test]
fn moving_a_directory_modifies_both_parents_but_not_itself() {
    let disc = Disc::formatted(Medium::DvdPlusR, 4000, Revision::V2_01);
    let mut recording = disc.recording();
    let root = recording.root();
    let [from, to] = ["from", "to"].map(|name| add_directory(&mut recording, root, name));
    let moved = add_directory(&mut recording, from, "moved");
    recording.set_time(time(50));
    recording.rename(from, "moved", to, "moved").unwrap();
    assert_eq!(recording.status(moved).unwrap().entry.modification_time, time(2));
    assert_eq!(recording.status(moved).unwrap().entry.attribute_time, time(50));
    assert_eq!(recording.status(from).unwrap().entry.modification_time, time(50));
    assert_eq!(recording.status(to).unwrap().entry.modification_time, time(50));
}
