//! Drives differ: a disc lives the same life whatever a drive does where MMC leaves it a choice.

mod common;

use common::{Disc, add_directory, add_file, behaviours, content, time};
use drive::Status;
use ecma167::{
    LogicalBlock, LogicalSector, general::Descriptor, osta::Revision, volume::AnchorVolumeDescriptorPointer,
};
use emulator::{Behaviour, Medium};
use recording::{CloseDisc, Recording, format};

const LIMITS: [usize; 3] = [32 << 10, 64 << 10, 1 << 20];

#[test]
fn a_disc_lives_its_life_whatever_its_drive_chooses_to_do() {
    for medium in Medium::ALL {
        for (number, behaviour) in (0..).zip(behaviours()) {
            let limit = LIMITS[number % LIMITS.len()];
            live(medium, &behaviour, limit);
        }
    }
}

fn live(medium: Medium, behaviour: &Behaviour, limit: usize) {
    let what = format!("{medium}, {:?}, {limit} bytes a command", behaviour.settings());
    let disc = Disc::behaving(medium, 60_000, behaviour.clone()).limited(limit);
    format(disc.drive(), &common::options(Revision::V2_01)).unwrap_or_else(|error| panic!("{what}: {error}"));
    let mut expected = 1;
    for round in 0..4u8 {
        let mut recording = open_without_recording(&disc, &what);
        let root = recording.root();
        let directory = add_directory(&mut recording, root, &format!("round {round}"));
        add_file(&mut recording, directory, "file", &content(300_000, round));
        expected += 2;
        recording
            .commit(time(10))
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        require_clean(&mut recording, &what);
        if round % 2 == 1 {
            let closed = recording
                .close(CloseDisc::No, time(20))
                .unwrap_or_else(|error| panic!("{what}: {error}"));
            require_clean(&mut recording, &what);
            drop(recording);
            require_session_end(&disc, closed.vat_icb.unwrap(), &what);
            if closed.finalized {
                break;
            }
        }
    }
    if disc.drive().medium().status != Status::Finalized {
        let mut recording = open_without_recording(&disc, &what);
        recording
            .close(CloseDisc::Yes, time(30))
            .unwrap_or_else(|error| panic!("{what}: {error}"));
    }
    assert_eq!(disc.drive().medium().status, Status::Finalized, "{what}");
    let listing = disc.listing();
    assert_eq!(listing.len(), expected, "{what}: {:?}", listing.keys());
    assert!(listing["/round 1/file"].2 == content(300_000, 1), "{what}");
}

fn require_clean(recording: &mut Recording, what: &str) {
    assert!(recording.volume().clean(), "{what}: not clean");
}

/// The anchor is at N-256, VAT ICBs are at N and right before it, and the drive reports N as the last block.
fn require_session_end(disc: &Disc, n: LogicalSector, what: &str) {
    let mut volume = disc.volume();
    let icb = volume.vat().unwrap().icb;
    volume.vat_at(LogicalBlock(icb.0 - 1)).unwrap();
    let last = volume
        .drive()
        .medium()
        .last_session_with_data()
        .unwrap()
        .last_recorded;
    assert_eq!(last.map(|last| last.0), Some(n.0), "{what}");
    let anchor = LogicalSector(n.0 - 256);
    let block = volume.read_sector(anchor).unwrap();
    AnchorVolumeDescriptorPointer::read(block, Some(anchor.0)).unwrap();
}

/// Opening a properly closed or committed disc records nothing.
fn open_without_recording(disc: &Disc, what: &str) -> Recording {
    let before = (disc.side(), std::fs::metadata(disc.image()).unwrap().len());
    drop(Recording::open(disc.drive(), time(9)).unwrap_or_else(|error| panic!("{what}: {error}")));
    let after = (disc.side(), std::fs::metadata(disc.image()).unwrap().len());
    assert_eq!(before, after, "{what}: opening recorded something");
    disc.recording()
}
