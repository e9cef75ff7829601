//! Files with more extents than readers follow: copied into the plain volume, or named in allocation extents
//! if there is no room.

mod common;

use common::{Disc, Listing, NoWait, add_file, content, listing, rom_options, time};
use drive::Drive;
use ecma167::BLOCK_SIZE;
use ecma167::file::{FileEntry, FileType};
use ecma167::general::{Tag, TagVersion};
use ecma167::osta::Revision;
use emulator::{FaultScript, Keep, Medium};
use recording::{CloseDisc, Error, NoPlainVolume, PlainVolume, Recording, format};
use volume::{Body, ExtentKind, Vat, Volume, Zeros};
use zerocopy::FromBytes;

const PIECE: usize = 32_768;

fn plain(disc: &Disc) -> Listing {
    listing(&mut Volume::open_plain(disc.drive()).unwrap())
}

/// A disc on which the blocks of two files alternate, so that each has `extents` extents.
fn scattered(medium: Medium, capacity: u32, bridge: bool, extents: usize) -> Disc {
    let disc = Disc::blank(medium, capacity);
    format(disc.drive(), &rom_options(bridge)).unwrap();
    let mut recording = disc.recording();
    let root = recording.root();
    let files = ["one", "other"].map(|name| add_file(&mut recording, root, name, b""));
    for number in 0..extents {
        for (seed, file) in (0_u8..).zip(files) {
            let bytes = content(PIECE, seed.wrapping_add(u8::try_from(number % 250).unwrap()));
            recording.write(file, (number * PIECE) as u64, &bytes).unwrap();
        }
        recording.commit(time(3)).unwrap();
    }
    drop(recording);
    disc
}

/// Such a disc without room for copies: its last VAT does not state what the scattered files take.
fn full_and_scattered(bridge: bool, extents: usize) -> Disc {
    let disc = scattered(Medium::BdR, 60_000, bridge, extents);
    state_no_room(&disc);
    fill(&mut disc.recording());
    disc
}

/// Removes the attributes of all VAT ICBs, as if a program that does not know them had recorded them.
fn state_no_room(disc: &Disc) {
    let mut image = std::fs::read(disc.image()).unwrap();
    let (blocks, _) = image.as_chunks_mut::<BLOCK_SIZE>();
    let mut changed = 0;
    for block in blocks {
        let Ok(mut entry) = FileEntry::decode(block, None) else {
            continue;
        };
        if entry.icb_tag.file_type != FileType::VAT || entry.extended_attributes.is_empty() {
            continue;
        }
        entry.extended_attributes.clear();
        let tag = Tag::read_from_prefix(block).unwrap().0;
        *block = entry.encode(TagVersion::Three, tag.tag_location.get()).unwrap();
        changed += 1;
    }
    assert!(changed > 0);
    std::fs::write(disc.image(), image).unwrap();
}

/// Adds a file that takes all the room there is.
fn fill(recording: &mut Recording) {
    let root = recording.root();
    let filler = add_file(recording, root, "filler", b"");
    let mut offset = 0;
    while recording.write(filler, offset, &content(PIECE, 5)).is_ok() {
        offset += PIECE as u64;
    }
    recording.commit(time(3)).unwrap();
}

/// Number of extents that the allocation descriptors of a file name in the plain volume.
fn extents(disc: &Disc, name: &str) -> usize {
    let mut volume = Volume::open_plain(disc.drive()).unwrap();
    let node = volume.lookup_path(&format!("/{name}")).unwrap();
    match volume.body(&node).unwrap() {
        volume::Body::Extents(extents) => extents.len(),
        volume::Body::Embedded(_) => 0,
    }
}

#[test]
fn a_file_with_too_many_extents_is_copied_if_there_is_room() {
    for bridge in [true, false] {
        let disc = scattered(Medium::BdR, 60_000, bridge, 240);
        let mut recording = disc.recording();
        let closed = recording.close(CloseDisc::No, time(4)).unwrap();
        assert_eq!(closed.plain, PlainVolume::Recorded);
        let differences = *recording.plain_volume_differences().unwrap();
        drop(recording);
        assert_eq!(
            (
                differences.copied,
                differences.beyond_isofs,
                differences.in_allocation_extents
            ),
            (2, 0, 0)
        );
        assert_eq!(plain(&disc), disc.listing());
        assert_eq!(extents(&disc, "one"), 1);
    }
}

#[test]
fn a_file_with_too_many_extents_stays_in_place_if_there_is_no_room() {
    for (bridge, extents_of_file, chained) in [(true, 150, 0), (true, 300, 2), (false, 300, 2)] {
        let disc = full_and_scattered(bridge, extents_of_file);
        let mut recording = disc.recording();
        let closed = recording.close(CloseDisc::No, time(4)).unwrap();
        let differences = *recording.plain_volume_differences().unwrap();
        drop(recording);
        let what = format!("{bridge} {extents_of_file}");
        assert_eq!(closed.plain, PlainVolume::Recorded, "{what}");
        let beyond_isofs = if bridge { 2 } else { 0 };
        assert_eq!(
            (
                differences.copied,
                differences.beyond_isofs,
                differences.in_allocation_extents
            ),
            (0, beyond_isofs, chained),
            "{what}"
        );
        assert_eq!(plain(&disc), disc.listing(), "{what}");
        assert_eq!(extents(&disc, "one"), extents_of_file, "{what}");
        assert!(disc.volume().clean(), "{what}");
    }
}

#[test]
fn holes_name_short_zeros_more_often_if_long_ones_do_not_fit() {
    for bridge in [true, false] {
        let disc = Disc::blank(Medium::BdR, 8_000);
        format(disc.drive(), &rom_options(bridge)).unwrap();
        let mut recording = disc.recording();
        let root = recording.root();
        let file = add_file(&mut recording, root, "hole", b"");
        recording.truncate(file, 4 << 30).unwrap();
        recording.commit(time(3)).unwrap();
        let closed = recording.close(CloseDisc::No, time(4)).unwrap();
        assert_eq!(closed.plain, PlainVolume::Recorded, "{bridge}");
        let differences = *recording.plain_volume_differences().unwrap();
        drop(recording);
        assert_eq!(
            (differences.copied_blocks, differences.in_allocation_extents),
            (512, 1),
            "{bridge}"
        );
        assert_eq!(extents(&disc, "hole"), 4096, "{bridge}");
    }
}

/// The zeros that the plain volume of each session names, in ascending order.
fn zeros(disc: &Disc) -> Vec<Zeros> {
    let placements = disc.volume().placements_of_plain_volumes().unwrap();
    placements.iter().map(|placement| placement.zeros).collect()
}

#[test]
fn holes_name_the_zeros_of_an_earlier_session() {
    for bridge in [true, false] {
        let disc = Disc::blank(Medium::BdR, 140_000);
        format(disc.drive(), &rom_options(bridge)).unwrap();
        for session in 0..3_u8 {
            let mut recording = disc.recording();
            let root = recording.root();
            let file = add_file(&mut recording, root, &format!("hole {session}"), b"");
            let length = if session < 2 { 120 << 20 } else { 300 << 20 };
            recording.truncate(file, length).unwrap();
            recording.commit(time(3)).unwrap();
            recording.close(CloseDisc::No, time(4)).unwrap();
            drop(recording);
            assert_eq!(plain(&disc), disc.listing());
        }
        let zeros = zeros(&disc);
        assert_eq!(zeros[0], zeros[1], "{bridge}");
        // A longer hole needs a longer run.
        assert!(zeros[2].blocks > zeros[1].blocks, "{zeros:?}");
    }
}

#[test]
fn zeros_that_cannot_be_read_are_recorded_again() {
    let disc = Disc::blank(Medium::BdR, 60_000);
    format(disc.drive(), &rom_options(true)).unwrap();
    let mut recording = disc.recording();
    let root = recording.root();
    let file = add_file(&mut recording, root, "hole", b"");
    recording.truncate(file, 1 << 20).unwrap();
    recording.close(CloseDisc::No, time(4)).unwrap();
    drop(recording);
    let first = zeros(&disc)[0];
    let mut recorder = disc.recorder();
    let bad = first.at.0 + 7..first.at.0 + 8;
    recorder.set_faults(FaultScript::new().unreadable(bad));
    let drive = Drive::open_waiting(Box::new(recorder), Box::new(NoWait)).unwrap();
    let mut recording = Recording::open(drive, time(5)).unwrap();
    let root = recording.root();
    add_file(&mut recording, root, "more", b"text");
    let closed = recording.close(CloseDisc::No, time(6)).unwrap();
    assert_eq!(closed.plain, PlainVolume::Recorded);
    drop(recording);
    let zeros = zeros(&disc);
    assert!(zeros[1].at > first.at, "{zeros:?}");
    assert_eq!(plain(&disc), disc.listing());
}

#[test]
fn a_copy_that_cannot_be_read_costs_no_block_of_the_run() {
    let disc = scattered(Medium::BdR, 60_000, true, 240);
    let mut volume = disc.volume();
    let node = volume.lookup_path("other").unwrap();
    let Body::Extents(extents) = volume.body(&node).unwrap() else {
        panic!("the file has extents");
    };
    let recorded = extents.iter().rev().find_map(|extent| match extent.kind {
        ExtentKind::Recorded(address) => Some(address),
        _ => None,
    });
    let last = volume.resolve(recorded.unwrap()).unwrap().0;
    drop(volume);
    let mut recorder = disc.recorder();
    recorder.set_faults(FaultScript::new().unreadable(last..last + 1));
    let drive = Drive::open_waiting(Box::new(recorder), Box::new(NoWait)).unwrap();
    let mut recording = Recording::open(drive, time(5)).unwrap();
    let closed = recording.close(CloseDisc::No, time(6)).unwrap();
    assert_eq!(closed.plain, PlainVolume::LeftOut(NoPlainVolume::Unreadable));
    assert!(closed.blocks < 1500, "{closed:?}");
}

#[test]
fn room_for_the_zeros_of_long_holes_is_kept_back() {
    let disc = Disc::blank(Medium::BdR, 70_000);
    format(disc.drive(), &rom_options(true)).unwrap();
    let mut recording = disc.recording();
    let root = recording.root();
    let file = add_file(&mut recording, root, "hole", b"");
    recording.truncate(file, 150 << 20).unwrap();
    recording.commit(time(3)).unwrap();
    fill(&mut recording);
    let closed = recording.close(CloseDisc::No, time(4)).unwrap();
    assert_eq!(closed.plain, PlainVolume::Recorded);
    let differences = *recording.plain_volume_differences().unwrap();
    assert_eq!(
        (differences.copied_blocks, differences.in_allocation_extents),
        (1024, 0)
    );
    assert_eq!(differences.beyond_isofs, 0);
}

#[test]
fn room_for_the_copy_of_a_scattered_file_is_kept_back() {
    for bridge in [true, false] {
        let disc = Disc::blank(Medium::BdR, 60_000);
        format(disc.drive(), &rom_options(bridge)).unwrap();
        let mut recording = disc.recording();
        let root = recording.root();
        let files = ["one", "other"].map(|name| add_file(&mut recording, root, name, b""));
        for number in 0..240_u64 {
            for file in files {
                recording.write(file, number * 32_768, &[7; PIECE]).unwrap();
            }
            recording.commit(time(3)).unwrap();
        }
        fill(&mut recording);
        let closed = recording.close(CloseDisc::No, time(4)).unwrap();
        assert_eq!(closed.plain, PlainVolume::Recorded);
        let differences = *recording.plain_volume_differences().unwrap();
        assert_eq!(
            (differences.copied, differences.in_allocation_extents),
            (2, 0),
            "{bridge}"
        );
    }
}

#[test]
fn room_is_kept_back_for_what_earlier_recordings_added() {
    let disc = scattered(Medium::BdR, 70_000, true, 240);
    let mut recording = disc.recording();
    let root = recording.root();
    let file = add_file(&mut recording, root, "hole", b"");
    recording.truncate(file, 150 << 20).unwrap();
    recording.commit(time(3)).unwrap();
    drop(recording);
    fill(&mut disc.recording());
    let mut recording = disc.recording();
    let closed = recording.close(CloseDisc::No, time(4)).unwrap();
    assert_eq!(closed.plain, PlainVolume::Recorded);
    let differences = *recording.plain_volume_differences().unwrap();
    assert_eq!((differences.copied, differences.beyond_isofs), (2, 0));
    drop(recording);
    assert_eq!(plain(&disc), disc.listing());
}

#[test]
fn removing_a_scattered_file_frees_the_room_for_its_copy() {
    let disc = scattered(Medium::BdR, 60_000, true, 240);
    let mut recording = disc.recording();
    let (root, before) = (recording.root(), recording.free_blocks().unwrap());
    recording.unlink(root, "one").unwrap();
    recording.commit(time(4)).unwrap();
    let copy = 240 * PIECE as u64 / 2048;
    assert!(recording.free_blocks().unwrap() > before + copy - 64);
    drop(recording);
    let after = disc.recording().free_blocks().unwrap();
    assert!(
        (before + copy - 64..before + copy).contains(&after),
        "{before} {after}"
    );
}

#[test]
fn an_abandoned_removal_frees_no_room() {
    let disc = scattered(Medium::BdR, 60_000, true, 240);
    let mut recording = disc.recording();
    let (root, before) = (recording.root(), recording.free_blocks().unwrap());
    recording.unlink(root, "one").unwrap();
    recording.abandon().unwrap();
    assert_eq!(recording.free_blocks().unwrap(), before);
}

#[test]
fn a_scattered_file_that_comes_back_needs_its_room_again() {
    let disc = scattered(Medium::BdR, 60_000, true, 240);
    let room = || disc.volume().vat().unwrap().extra_room().unwrap();
    let vat = disc.volume().vat().unwrap().clone();
    let before = room();
    let change = |change: fn(&mut Recording, &Vat)| {
        let mut recording = disc.recording();
        change(&mut recording, &vat);
        recording.commit(time(4)).unwrap();
    };
    let remove_both = |recording: &mut Recording, _: &Vat| {
        let root = recording.root();
        recording.unlink(root, "one").unwrap();
        recording.unlink(root, "other").unwrap();
    };
    change(remove_both);
    assert_eq!(room().of_files, 0);
    change(|recording, vat| assert_eq!(recording.restore(vat, "/one").unwrap().files, 1));
    assert_eq!(room().of_files, before.of_files / 2);
    change(|recording, vat| recording.roll_back(vat).unwrap());
    assert_eq!(room(), before);
}

#[test]
fn a_vat_states_no_room_that_another_vat_stated() {
    let disc = scattered(Medium::BdR, 60_000, true, 240);
    let vat = disc.volume().vat().unwrap().clone();
    assert!(
        vat.extra_room()
            .is_some_and(|room| room.of_files >= 2 * 240 * PIECE as u64 / 2048)
    );
    let mut copied = vat;
    copied.entry.unique_id += 1;
    assert_eq!(copied.extra_room(), None);
}

#[test]
fn a_vat_of_a_disc_without_plain_volumes_states_no_room() {
    let disc = Disc::formatted(Medium::BdR, 60_000, Revision::V2_60);
    let vat = disc.volume().vat().unwrap().clone();
    assert_eq!(vat.extra_room(), None);
    assert!(vat.entry.extended_attributes.is_empty());
}

#[test]
fn holes_longer_than_the_disc_are_not_copied() {
    let disc = Disc::blank(Medium::DvdPlusR, 6_000);
    format(disc.drive(), &rom_options(true)).unwrap();
    let mut recording = disc.recording();
    let root = recording.root();
    let file = add_file(&mut recording, root, "hole", b"");
    recording.truncate(file, 12 << 20).unwrap();
    recording.commit(time(3)).unwrap();
    let closed = recording.close(CloseDisc::No, time(4)).unwrap();
    drop(recording);
    assert_eq!(closed.plain, PlainVolume::Recorded);
    assert_eq!(plain(&disc), disc.listing());
}

#[test]
fn a_session_closes_without_a_plain_volume_if_not_even_extents_fit() {
    let disc = Disc::blank(Medium::BdR, 60_000);
    format(disc.drive(), &rom_options(true)).unwrap();
    let mut recording = disc.recording();
    let root = recording.root();
    // A bridge has a record for each extent.
    let names: Vec<_> = (0..40)
        .map(|number| format!("{number} {}", "n".repeat(60)))
        .collect();
    let files: Vec<_> = names
        .iter()
        .map(|name| add_file(&mut recording, root, name, b""))
        .collect();
    for number in 0..150 {
        for file in &files {
            recording.write(*file, number * 2048, &content(2048, 1)).unwrap();
        }
        recording.commit(time(3)).unwrap();
    }
    drop(recording);
    state_no_room(&disc);
    fill(&mut disc.recording());
    let mut recording = disc.recording();
    let closed = recording.close(CloseDisc::No, time(4)).unwrap();
    drop(recording);
    assert_eq!(closed.plain, PlainVolume::LeftOut(NoPlainVolume::NoRoom));
    assert_eq!(disc.listing().len(), files.len() + 2);
    let mut recording = disc.recording();
    assert!(!recording.is_interrupted());
    assert!(recording.close(CloseDisc::No, time(5)).unwrap().vat_icb.is_none());
}

#[test]
fn an_interrupted_closing_continues_with_its_first_layout() {
    for bridge in [true, false] {
        // Blocks of the closing, and of each half of its reserved track.
        for before_end in [100, 300, 500, 700, 740] {
            let disc = full_and_scattered(bridge, 300);
            let before = disc.listing();
            let mut recording = disc.recording();
            let blocks = recording.close(CloseDisc::No, time(4)).unwrap().blocks;
            drop(recording);
            let disc = full_and_scattered(bridge, 300);
            let mut recorder = disc.recorder();
            recorder.set_faults(FaultScript::new().cut_after_blocks(blocks - before_end, Keep::All));
            let drive = Drive::open_waiting(Box::new(recorder), Box::new(NoWait)).unwrap();
            let mut recording = Recording::open(drive, time(1)).unwrap();
            assert!(recording.close(CloseDisc::No, time(4)).is_err());
            drop(recording);
            let closed = disc.recording().close(CloseDisc::No, time(5)).unwrap();
            let what = format!("{bridge}, {before_end} blocks before the end");
            assert_eq!(closed.plain, PlainVolume::Recorded, "{what}");
            assert_eq!(plain(&disc), before, "{what}");
        }
    }
}

#[test]
fn a_file_whose_copy_has_no_room_is_refused_before_it_is_written() {
    let disc = Disc::blank(Medium::BdR, 20_000);
    format(disc.drive(), &rom_options(true)).unwrap();
    let mut recording = disc.recording();
    let root = recording.root();
    let files = ["one", "other"].map(|name| add_file(&mut recording, root, name, b""));
    let mut refused = None;
    'writing: for number in 0..2_000_u64 {
        for file in files {
            let offset = number * 16 * 2048;
            if let Err(error) = recording.write(file, offset, &[7; 16 * 2048]) {
                refused = Some(error);
                break 'writing;
            }
        }
        // Nothing tells the recording what is scattered before the commit.
        recording.finish(files[0]).unwrap();
        recording.finish(files[1]).unwrap();
    }
    assert!(matches!(refused, Some(Error::MediumFull { .. })), "{refused:?}");
    let closed = recording.close(CloseDisc::No, time(4)).unwrap();
    assert_eq!(closed.plain, PlainVolume::Recorded);
    let differences = *recording.plain_volume_differences().unwrap();
    assert_eq!((differences.copied, differences.in_allocation_extents), (2, 0));
    drop(recording);
    assert_eq!(plain(&disc), disc.listing());
}

#[test]
fn the_records_of_each_name_of_a_scattered_file_are_kept_back() {
    let disc = scattered(Medium::BdR, 40_000, true, 90);
    let mut recording = disc.recording();
    let (root, free) = (recording.root(), recording.free_blocks().unwrap());
    let file = recording.lookup(root, "one").unwrap().unwrap();
    for number in 0..200 {
        recording.link(file, root, &format!("name {number}")).unwrap();
    }
    recording.commit(time(4)).unwrap();
    let of_name = (90 * 608_u64).div_ceil(2048);
    assert!(free - recording.free_blocks().unwrap() > 200 * (of_name - 1));
    fill(&mut recording);
    let closed = recording.close(CloseDisc::No, time(4)).unwrap();
    assert_eq!(closed.plain, PlainVolume::Recorded);
}

#[test]
fn a_state_comes_back_only_if_its_plain_volume_has_room() {
    let disc = scattered(Medium::BdR, 60_000, true, 240);
    let mut recording = disc.recording();
    let vat = recording.volume().vat().unwrap().clone();
    let root = recording.root();
    for name in ["one", "other"] {
        recording.unlink(root, name).unwrap();
    }
    recording.commit(time(4)).unwrap();
    fill(&mut recording);
    assert!(matches!(recording.roll_back(&vat), Err(Error::MediumFull { .. })));
}

#[test]
fn a_full_disc_lets_go_of_a_file_that_keeps_room_back() {
    let disc = scattered(Medium::BdR, 60_000, true, 240);
    let mut recording = disc.recording();
    fill(&mut recording);
    let root = recording.root();
    assert_eq!(recording.free_blocks().unwrap(), 0);
    recording.unlink(root, "one").unwrap();
    recording.commit(time(5)).unwrap();
    assert!(recording.free_blocks().unwrap() > 0);
}

#[test]
fn a_closing_states_the_room_of_all_files_anew() {
    let disc = scattered(Medium::BdR, 60_000, true, 240);
    let stated = || disc.volume().vat().unwrap().extra_room();
    let before = stated().unwrap();
    state_no_room(&disc);
    assert_eq!(stated(), None);
    disc.recording().close(CloseDisc::No, time(4)).unwrap();
    assert_eq!(stated(), Some(before));
}

#[test]
fn many_sparse_files_of_one_commit_keep_back_what_each_takes() {
    let disc = Disc::blank(Medium::BdR, 20_000);
    format(disc.drive(), &rom_options(true)).unwrap();
    let mut recording = disc.recording();
    let root = recording.root();
    let add = |recording: &mut Recording, number: u64| {
        let file = add_file(recording, root, &format!("sparse {number}"), b"");
        for run in 0..48 {
            recording.write(file, run * 65_536, &[7; 4096]).unwrap();
        }
        recording.finish(file).unwrap();
    };
    add(&mut recording, 0);
    recording.commit(time(3)).unwrap();
    let before = recording.free_blocks().unwrap();
    add(&mut recording, 1);
    recording.commit(time(3)).unwrap();
    let each = before - recording.free_blocks().unwrap();
    let before = recording.free_blocks().unwrap();
    for number in 2..40 {
        add(&mut recording, number);
    }
    // Not much more than what the files take once they are committed.
    assert!(before - recording.free_blocks().unwrap() < 40 * each * 3 / 2);
}
