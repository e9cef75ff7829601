//! How a session begins and ends, whatever happens in between.

mod common;

use common::{Disc, add_directory, add_file, content, life::go_on, options, time};
use drive::Drive;
use ecma167::{
    LogicalSector, PartitionReference,
    general::Descriptor,
    osta::Revision,
    recognition::{Recognised, recognise},
    volume::AnchorVolumeDescriptorPointer,
};
use emulator::{Behaviour, FaultScript, Keep, Medium};
use mmc::Sense;
use recording::{Attributes, CloseDisc, Error, NodeKind, ReadOnly, Recording, format};

/// Cuts the power `blocks` blocks after the beginning of a further session.
fn interrupt(disc: &Disc, blocks: u64, name: &str) {
    let mut recorder = disc.recorder();
    recorder.set_faults(FaultScript::new().cut_after_blocks(blocks, Keep::All));
    let drive = Drive::open(Box::new(recorder)).unwrap();
    let mut recording = Recording::open(drive, time(3)).unwrap();
    // If the previous session was interrupted, it is recovered first.
    if recording.recover().is_ok() {
        let root = recording.root();
        add_directory(&mut recording, root, name);
        let _ = recording.commit(time(4));
    }
}

/// Requires the last closed session to begin as readers expect.
fn require_start(disc: &Disc, what: &str) {
    let mut volume = disc.volume();
    let sessions = &volume.drive().medium().sessions;
    let closed = sessions.iter().rfind(|session| session.last_recorded.is_some());
    let start = closed.unwrap().start.0;
    let block = volume.read_sector(LogicalSector(start + 16));
    let block = block.unwrap_or_else(|error| panic!("{what}: recognition at {start}+16: {error}"));
    assert!(matches!(recognise(block), Some(Recognised::Bea01)), "{what}");
    let anchor = LogicalSector(start + 256);
    let block = volume
        .read_sector(anchor)
        .unwrap_or_else(|error| panic!("{what}: {error}"));
    AnchorVolumeDescriptorPointer::read(block, Some(anchor.0)).unwrap();
}

#[test]
fn a_session_interrupted_in_its_start_begins_and_ends_correctly() {
    for cut in (1..30).chain((30..240).step_by(15)).chain(240..290) {
        let disc = Disc::formatted(Medium::CdR80, 60_000, Revision::V2_01);
        disc.recording().close(CloseDisc::No, time(2)).unwrap();
        interrupt(&disc, cut, "lost");
        let what = format!("start of a further session cut after {cut} blocks");
        let found = disc.listing();
        go_on(&disc, found, &what);
        require_start(&disc, &what);
    }
}

#[test]
fn a_session_interrupted_twice_in_its_start_begins_and_ends_correctly() {
    for cut in (1..300).step_by(7) {
        let disc = Disc::formatted(Medium::CdR80, 60_000, Revision::V2_01);
        disc.recording().close(CloseDisc::No, time(2)).unwrap();
        interrupt(&disc, cut, "lost");
        interrupt(&disc, cut + 1, "lost again");
        let what = format!("start of a further session cut twice after {cut} blocks");
        let found = disc.listing();
        go_on(&disc, found, &what);
        require_start(&disc, &what);
    }
}

/// Requires the chain of previous VATs to pass through every closed session.
fn require_chain(disc: &Disc, what: &str) {
    let mut volume = disc.volume();
    let partition = volume.partition_start(PartitionReference(0)).unwrap().0;
    let mut chain = Vec::new();
    let mut vat = volume.vat().cloned();
    while let Some(found) = vat {
        chain.push(partition + found.icb.0);
        vat = volume.previous_vat(&found).unwrap();
    }
    for session in &volume.drive().medium().sessions {
        let Some(last) = session.last_recorded else {
            continue;
        };
        let of_session = session.start.0..=last.0;
        let passes = chain.iter().any(|sector| of_session.contains(sector));
        assert!(passes, "{what}: {chain:?} leaves out {of_session:?}");
    }
}

#[test]
fn the_vat_chain_skips_no_session_after_an_interrupted_first_commit() {
    for medium in [Medium::CdR80, Medium::DvdPlusR, Medium::DvdR, Medium::BdR] {
        for revision in [Revision::V1_50, Revision::V2_01] {
            // Inside the start of the session, and after it.
            for cut in [100, 700] {
                let disc = Disc::formatted(medium, 120_000, revision);
                for name in ["first", "second"] {
                    let mut recording = disc.recording();
                    let root = recording.root();
                    add_directory(&mut recording, root, name);
                    recording.close(CloseDisc::No, time(2)).unwrap();
                }
                let mut recorder = disc.recorder();
                recorder.set_faults(FaultScript::new().cut_after_blocks(cut, Keep::All));
                let mut recording =
                    Recording::open(Drive::open(Box::new(recorder)).unwrap(), time(3)).unwrap();
                let root = recording.root();
                let file = recording.create(root, "lost", NodeKind::File, &Attributes::at(0o644, time(3)));
                let lost = content(2_000_000, 1);
                let written = recording.write(file.unwrap(), 0, &lost);
                written
                    .and_then(|()| recording.commit(time(4)).map(|_| ()))
                    .unwrap_err();
                drop(recording);
                disc.recording().close(CloseDisc::No, time(5)).unwrap();
                require_chain(&disc, &format!("{medium:?}, {revision}, cut after {cut}"));
            }
        }
    }
}

#[test]
fn the_vat_chain_skips_no_session_that_was_abandoned_or_only_finalizes() {
    for give_up in [true, false] {
        let disc = Disc::formatted(Medium::CdR80, 120_000, Revision::V2_01);
        for name in ["first", "second"] {
            let mut recording = disc.recording();
            let root = recording.root();
            add_directory(&mut recording, root, name);
            recording.close(CloseDisc::No, time(2)).unwrap();
        }
        let mut recording = disc.recording();
        if give_up {
            let root = recording.root();
            let file = recording.create(root, "given up", NodeKind::File, &Attributes::at(0o644, time(3)));
            let bytes = content(2_000_000, 1);
            recording.write(file.unwrap(), 0, &bytes).unwrap();
            recording.abandon().unwrap();
        }
        recording.close(CloseDisc::Yes, time(5)).unwrap();
        drop(recording);
        require_chain(&disc, &format!("given up: {give_up}"));
    }
}

#[test]
fn without_room_for_another_session_the_damaged_one_is_continued() {
    let disc = Disc::formatted(Medium::CdR80, 14_000, Revision::V2_01);
    disc.recording().close(CloseDisc::No, time(2)).unwrap();
    interrupt(&disc, 10, "lost");
    let found = disc.listing();
    go_on(&disc, found, "no room");
}

#[test]
fn a_commit_512_blocks_after_the_start_is_no_end_of_session() {
    for blocks in 150..220 {
        let disc = Disc::formatted(Medium::CdR80, 20_000, Revision::V2_01);
        let mut recording = disc.recording();
        let root = recording.root();
        add_file(&mut recording, root, "file", &content(blocks * 2048, 1));
        let committed = recording.commit(time(2)).unwrap().vat_icb;
        if committed.0 != 512 {
            continue;
        }
        // The anchor at S+256 is at N-256, but one anchor is not enough.
        let closed = recording.close(CloseDisc::No, time(3)).unwrap();
        assert!(closed.vat_icb.unwrap() > committed);
        return;
    }
    panic!("no file makes its commit end there");
}

#[test]
fn no_further_session_is_left_if_packets_end_after_any_write() {
    let behaviour = Behaviour {
        buffer_underrun_protection: false,
        underrun_after_writes: 1,
        ..Behaviour::default()
    };
    for blocks in 9..40 {
        let what = format!("{blocks} blocks a command");
        let disc = Disc::behaving(Medium::CdR80, 60_000, behaviour.clone()).limited(blocks * 2048);
        format(disc.drive(), &options(Revision::V2_01)).expect(&what);
        disc.recording().close(CloseDisc::No, time(2)).expect(&what);
        let sessions = disc.drive().medium().sessions.len();
        let mut recording = disc.recording();
        let root = recording.root();
        add_file(&mut recording, root, "file", &content(5000, 1));
        recording.close(CloseDisc::No, time(4)).expect(&what);
        drop(recording);
        require_start(&disc, &what);
        // Each time an empty session follows the closed one.
        assert_eq!(disc.drive().medium().sessions.len(), sessions + 1, "{what}");
    }
}

#[test]
fn an_end_of_session_with_links_continues_for_75_blocks_at_least() {
    let behaviour = Behaviour {
        buffer_underrun_protection: false,
        ..Behaviour::default()
    };
    for number in 1..=9 {
        let disc = Disc::behaving(Medium::CdR80, 60_000, behaviour.clone()).limited(64 << 10);
        format(disc.drive(), &options(Revision::V2_01)).unwrap();
        let mut recorder = disc.recorder();
        let script = format!("underrun after WRITE(10) {number}");
        recorder.set_faults(script.parse().unwrap());
        let mut drive = Drive::open(Box::new(recorder)).unwrap();
        drive.set_transfer_limit(64 << 10);
        let mut recording = Recording::open(drive, time(1)).unwrap();
        let last = recording.close(CloseDisc::No, time(2)).unwrap().vat_icb.unwrap();
        let mut volume = recording.into_volume();
        for sector in last.0 - 75..=last.0 {
            let block = volume.read_sector(LogicalSector(sector));
            assert!(block.is_ok(), "{script}: {sector} of {last}");
        }
    }
}

fn closing_tracks() -> Behaviour {
    Behaviour {
        synchronize_closes_track: true,
        session_gap: Some(64),
        ..Behaviour::default()
    }
}

#[test]
fn an_end_of_session_that_the_drive_would_pad_is_recorded_again() {
    for cut in 255..300 {
        let disc = Disc::behaving(Medium::CdR80, 60_000, closing_tracks());
        format(disc.drive(), &options(Revision::V2_01)).unwrap();
        let mut recorder = disc.recorder();
        recorder.set_faults(FaultScript::new().cut_after_blocks(cut, Keep::All));
        let mut recording = Recording::open(Drive::open(Box::new(recorder)).unwrap(), time(3)).unwrap();
        let root = recording.root();
        add_directory(&mut recording, root, "directory");
        let _ = recording.close(CloseDisc::No, time(4));
        drop(recording);
        let mut recording = disc.recording();
        let closed = recording.close(CloseDisc::No, time(5)).unwrap();
        drop(recording);
        let session = disc.drive().medium().sessions[0];
        if let Some(vat_icb) = closed.vat_icb {
            assert_eq!(
                session.last_recorded.unwrap().0,
                vat_icb.0,
                "cut after {cut} blocks"
            );
        }
        assert!(disc.volume().clean(), "cut after {cut} blocks");
    }
}

#[test]
fn a_commit_that_ends_the_last_track_of_the_medium_is_acknowledged() {
    let disc = Disc::behaving(Medium::CdR80, 1_196, closing_tracks());
    format(disc.drive(), &options(Revision::V2_01)).unwrap();
    let mut recorder = disc.recorder();
    recorder.set_faults(FaultScript::new().cut_after_blocks(1, Keep::All));
    let mut recording = Recording::open(Drive::open(Box::new(recorder)).unwrap(), time(3)).unwrap();
    assert!(recording.close(CloseDisc::No, time(4)).is_err());
    drop(recording);
    // The VAT is recorded again, and the drive has no room for another track after the one that ends with it.
    let mut recording = disc.recording();
    recording.recover().unwrap();
    assert!(
        recording
            .volume()
            .drive_mut()
            .refresh()
            .unwrap()
            .next_writable_address
            .is_none()
    );
    assert!(recording.volume().clean());
    assert!(matches!(
        recording.free_blocks(),
        Err(Error::ReadOnly(ReadOnly::NoNextWritableAddress))
    ));
}

#[test]
fn a_session_with_an_unwritable_block_begins_and_ends_correctly() {
    for medium in [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR] {
        for block in (0..40).chain([100, 255, 256, 257, 300]) {
            let disc = Disc::formatted(medium, 100_000, Revision::V2_01);
            disc.recording().close(CloseDisc::No, time(2)).unwrap();
            let start = disc.drive().append_point().unwrap().address.0;
            let mut recorder = disc.recorder();
            recorder.set_faults(FaultScript::new().fail_block(start + block, Sense::WRITE_ERROR));
            let mut recording = Recording::open(Drive::open(Box::new(recorder)).unwrap(), time(3)).unwrap();
            let root = recording.root();
            add_file(&mut recording, root, "file", &content(5000, 1));
            let what = format!("{medium}: block {block} of a further session");
            recording.close(CloseDisc::No, time(4)).expect(&what);
            drop(recording);
            require_start(&disc, &what);
            assert_eq!(disc.listing()["/file"].2, content(5000, 1), "{what}");
        }
    }
}
