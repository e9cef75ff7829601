//! Room is kept back for a commit and for closing, and a commit costs what changed.

mod common;

use common::{Disc, add_directory, add_file, content, time};
use ecma167::osta::Revision;
use emulator::{Behaviour, Medium};
use recording::{Attributes, CloseDisc, Error, NodeKind, format};

#[test]
fn a_full_medium_can_still_be_committed_and_closed() {
    for medium in Medium::ALL {
        for sizes in [1usize, 1700, 30_000, 200_000] {
            let disc = Disc::formatted(medium, 3000, Revision::V2_01);
            let mut recording = disc.recording();
            let root = recording.root();
            let mut files = 0;
            let full = loop {
                let name = format!("file {files}");
                let made = recording.create(root, &name, NodeKind::File, &Attributes::at(0o644, time(2)));
                match made.and_then(|node| recording.write(node, 0, &content(sizes, 1))) {
                    Ok(()) => files += 1,
                    Err(error) => break error,
                }
            };
            assert!(matches!(full, Error::MediumFull { .. }), "{medium}: {full}");
            assert!(files > 0, "{medium} {sizes}");
            recording.commit(time(3)).unwrap();
            recording
                .close(CloseDisc::Yes, time(4))
                .unwrap_or_else(|error| panic!("{medium} {sizes}: {error}"));
            drop(recording);
            let listing = disc.listing();
            assert!(listing.len() > files, "{medium} {sizes}");
        }
    }
}

#[test]
fn a_full_disc_closes_if_packets_end_inside_the_end_of_session_data() {
    for (limit, writes) in [(32 << 10, 1), (32 << 10, 3), (64 << 10, 2), (1 << 20, 1)] {
        let behaviour = Behaviour {
            buffer_underrun_protection: false,
            underrun_after_writes: writes,
            ..Behaviour::default()
        };
        let disc = Disc::behaving(Medium::CdR80, 4000, behaviour).limited(limit);
        format(disc.drive(), &common::options(Revision::V2_01)).unwrap();
        let mut recording = disc.recording();
        let root = recording.root();
        let node = add_file(&mut recording, root, "file", b"");
        let mut offset = 0;
        while recording.write(node, offset, &content(10_000, 3)).is_ok() {
            offset += 10_000;
        }
        let closed = recording.close(CloseDisc::No, time(4)).unwrap();
        assert!(closed.vat_icb.is_some(), "{limit} {writes}");
        drop(recording);
        assert_eq!(disc.listing()["/file"].2.len() as u64, offset);
    }
}

#[test]
fn a_request_that_does_not_fit_records_nothing_and_names_what_is_free() {
    let disc = Disc::formatted(Medium::DvdPlusR, 3200, Revision::V2_01);
    let mut recording = disc.recording();
    let free = recording.free_blocks().unwrap();
    let before = std::fs::metadata(disc.image()).unwrap().len();
    match recording.require(free + 1) {
        Err(Error::MediumFull { free: said, asked }) => assert_eq!((said, asked), (free, free + 1)),
        other => panic!("{other:?}"),
    }
    recording.require(free).unwrap();
    assert_eq!(std::fs::metadata(disc.image()).unwrap().len(), before);
}

#[test]
fn adding_a_small_file_records_eight_blocks_or_one_unit_at_most() {
    for (medium, most) in [
        (Medium::CdR80, 8),
        (Medium::DvdR, 16),
        (Medium::DvdPlusR, 16),
        (Medium::BdR, 32),
    ] {
        let disc = Disc::formatted(medium, 100_000, Revision::V2_01);
        let mut recording = disc.recording();
        let root = recording.root();
        for directory in 0..40 {
            let directory = add_directory(&mut recording, root, &format!("directory {directory}"));
            for file in 0..100 {
                add_file(&mut recording, directory, &format!("file number {file}"), b"x");
            }
        }
        recording.commit(time(3)).unwrap();
        for round in 0..20 {
            let directory = recording
                .lookup_path(&format!("directory {}", round * 2))
                .unwrap();
            add_file(&mut recording, directory, "one more", &content(1024, 5));
            let commit = recording.commit(time(4)).unwrap();
            assert!(commit.blocks <= most, "{medium}: {} blocks", commit.blocks);
        }
    }
}

#[test]
fn a_commit_without_changes_records_nothing() {
    let disc = Disc::formatted(Medium::BdR, 4000, Revision::V2_50);
    let mut recording = disc.recording();
    assert_eq!(recording.commit(time(3)).unwrap().blocks, 0);
    assert_eq!(recording.abandon().unwrap().blocks, 0);
}

#[test]
fn a_second_close_records_nothing_unless_finalizing_needs_a_session() {
    for medium in [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR] {
        let disc = Disc::formatted(medium, 40_000, Revision::V2_01);
        disc.recording().close(CloseDisc::No, time(3)).unwrap();
        let before = std::fs::read(disc.image()).unwrap();
        let closed = disc.recording().close(CloseDisc::No, time(4)).unwrap();
        assert_eq!((closed.vat_icb, closed.blocks), (None, 0), "{medium}");
        assert!(
            std::fs::read(disc.image()).unwrap() == before,
            "{medium} recorded something"
        );
        let closed = disc.recording().close(CloseDisc::Yes, time(5)).unwrap();
        let takes_session = matches!(medium, Medium::CdR80 | Medium::DvdR);
        assert_eq!(
            (closed.finalized, closed.vat_icb.is_some()),
            (true, takes_session),
            "{medium}"
        );
        let refused = recording::Recording::open(disc.drive(), time(6)).map(drop);
        assert!(matches!(
            refused.map_err(Error::from),
            Err(Error::ReadOnly(recording::ReadOnly::Finalized))
        ));
        assert_eq!(disc.listing().len(), 1);
    }
}

#[test]
fn many_small_files_and_a_large_directory_are_all_found() {
    let disc = Disc::formatted(Medium::BdR, 400_000, Revision::V2_50);
    let mut recording = disc.recording();
    let root = recording.root();
    for file in 0..60_000 {
        add_file(
            &mut recording,
            root,
            &format!("file {file}"),
            &file.to_string().into_bytes(),
        );
    }
    recording.commit(time(3)).unwrap();
    drop(recording);
    let listing = disc.listing();
    assert_eq!(listing.len(), 60_001);
    assert_eq!(listing["/file 59999"].2, b"59999");
}

#[test]
fn a_body_of_many_extents_continues_in_allocation_extents() {
    let disc = Disc::formatted(Medium::CdR80, 60_000, Revision::V2_01);
    let mut recording = disc.recording();
    let root = recording.root();
    let node = add_file(&mut recording, root, "file", &content(2048 * 1200, 1));
    recording.commit(time(3)).unwrap();
    let mut expected = content(2048 * 1200, 1);
    for block in (0..1200usize).step_by(3) {
        let bytes = content(2048, block.to_le_bytes()[0]);
        recording.write(node, block as u64 * 2048, &bytes).unwrap();
        expected[block * 2048..(block + 1) * 2048].copy_from_slice(&bytes);
    }
    recording.commit(time(4)).unwrap();
    drop(recording);
    assert!(disc.listing()["/file"].2 == expected);
}

#[test]
fn descriptors_of_long_holes_are_counted_before_the_medium_is_full() {
    let disc = Disc::formatted(Medium::DvdPlusR, 4_000, Revision::V2_01);
    let mut recording = disc.recording();
    let root = recording.root();
    for name in ["a", "b", "c", "d"] {
        let file = add_file(&mut recording, root, name, b"");
        recording.truncate(file, 7 << 40).unwrap();
    }
    let mut number = 0;
    let full = loop {
        let file = recording.create(
            root,
            &format!("file {number}"),
            NodeKind::File,
            &Attributes::at(0o644, time(2)),
        );
        match file.and_then(|file| recording.write(file, 0, &[7; 4096])) {
            Ok(()) => number += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(full, Error::MediumFull { .. }), "{full}");
    recording.commit(time(3)).unwrap();
    recording.close(CloseDisc::No, time(4)).unwrap();
}
