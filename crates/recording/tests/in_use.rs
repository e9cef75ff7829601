//! What the state shown uses of the medium.

mod common;

use common::{Disc, add_directory, add_file, content, rom_options, time};
use ecma167::osta::Revision;
use emulator::Medium;
use recording::{CloseDisc, format};

fn used(disc: &Disc) -> u32 {
    let in_use = disc.volume().in_use().unwrap();
    assert_eq!((in_use.unreadable, in_use.is_more), (0, false));
    in_use.blocks
}

#[test]
fn an_empty_volume_uses_its_file_set_root_vat_and_vat_icb() {
    for medium in [Medium::CdR80, Medium::DvdPlusR, Medium::BdR] {
        let disc = Disc::formatted(medium, 20_000, Revision::V2_01);
        assert_eq!(used(&disc), 4, "{medium}");
    }
}

#[test]
fn a_file_uses_its_node_and_the_blocks_of_its_data() {
    let disc = Disc::formatted(Medium::BdR, 20_000, Revision::V2_60);
    let mut recording = disc.recording();
    let root = recording.root();
    let directory = add_directory(&mut recording, root, "directory");
    add_file(&mut recording, directory, "embedded", b"text");
    add_file(&mut recording, directory, "three blocks", &content(5000, 1));
    recording.commit(time(2)).unwrap();
    drop(recording);
    assert_eq!(used(&disc), 4 + 3 + 3);
}

#[test]
fn a_second_name_and_a_hole_use_nothing() {
    let disc = Disc::formatted(Medium::BdR, 20_000, Revision::V2_60);
    let mut recording = disc.recording();
    let root = recording.root();
    let file = add_file(&mut recording, root, "file", &content(5000, 1));
    recording.truncate(file, 1 << 30).unwrap();
    recording.link(file, root, "second").unwrap();
    recording.commit(time(2)).unwrap();
    drop(recording);
    assert_eq!(used(&disc), 4 + 1 + 3);
}

#[test]
fn what_was_removed_is_not_used() {
    let disc = Disc::formatted(Medium::DvdR, 20_000, Revision::V2_01);
    let before = used(&disc);
    let mut recording = disc.recording();
    let root = recording.root();
    add_file(&mut recording, root, "file", &content(1 << 20, 1));
    recording.commit(time(2)).unwrap();
    recording.unlink(root, "file").unwrap();
    recording.commit(time(3)).unwrap();
    drop(recording);
    assert_eq!(used(&disc), before);
    assert!(disc.drive().medium().recorded_blocks() > before + 512);
}

#[test]
fn a_closed_disc_uses_the_same_with_a_plain_volume() {
    let disc = Disc::blank(Medium::BdR, 20_000);
    format(disc.drive(), &rom_options(true)).unwrap();
    let mut recording = disc.recording();
    let root = recording.root();
    add_file(&mut recording, root, "file", &content(1 << 20, 1));
    recording.commit(time(2)).unwrap();
    drop(recording);
    let before = used(&disc);
    disc.recording().close(CloseDisc::No, time(3)).unwrap();
    assert_eq!(used(&disc), before);
}

#[test]
fn recorded_blocks_leave_out_what_is_reserved() {
    let disc = Disc::blank(Medium::BdR, 20_000);
    format(disc.drive(), &rom_options(true)).unwrap();
    let drive = disc.drive();
    let medium = drive.medium();
    let next = medium.next_writable_address.unwrap().0;
    assert!(
        medium.recorded_blocks() < next,
        "{} {next}",
        medium.recorded_blocks()
    );
}
