//! A track with a fake source, which learns where a block is only when it is placed.

mod common;

use common::{Bench, descriptors};
use drive::Drive;
use ecma167::LogicalSector;
use emulator::{Behaviour, FaultScript, Medium};
use mmc::Sense;
use track::{End, Error, ReadOnly, Run, Sequences, Source, Track};

/// Each item is a letter; a block contains the letter and its own address.
#[derive(Default)]
struct Fake(Vec<u32>);

impl Source for Fake {
    type Item = u8;
    type Error = Error;

    fn place(&mut self, _run: Run<'_, u8>, at: LogicalSector) -> Result<(), Error> {
        self.0.push(at.0);
        Ok(())
    }

    fn encode(&mut self, item: &u8, _: u64, at: LogicalSector, slot: &mut [u8]) -> Result<(), Error> {
        slot[0] = *item;
        slot[1..5].copy_from_slice(&at.0.to_le_bytes());
        Ok(())
    }
}

fn track(drive: &Drive) -> Track<u8> {
    let sequences = Sequences::of_session(LogicalSector(0));
    let end = LogicalSector(drive.medium().capacity_blocks);
    Track::new(drive.medium(), descriptors(&sequences), sequences, end, None)
}

/// The letters on disc up to `end`, in order; checks that each block contains its own address.
fn letters(drive: &mut Drive, end: u32) -> String {
    let mut letters = String::new();
    for at in 0..end {
        let block = track::read_block(drive, LogicalSector(at)).unwrap();
        if let Some(block) = block.filter(|block| block[0] != 0) {
            assert_eq!(block[1..5], at.to_le_bytes(), "the block at {at}");
            letters.push(char::from(block[0]));
        }
    }
    letters
}

#[test]
fn each_block_contains_its_address_although_the_drive_moves_on() {
    let behaviour = Behaviour {
        buffer_underrun_protection: false,
        underrun_after_writes: 1,
        ..Behaviour::default()
    };
    let bench = Bench::new(Medium::CdR80, behaviour);
    let mut drive = bench.drive();
    drive.set_transfer_limit(4 * ecma167::BLOCK_SIZE);
    let (mut track, mut source) = (track(&drive), Fake::default());
    (b'a'..=b'z').for_each(|letter| track.push(letter, 0));
    track.issue(&mut drive, &mut source).unwrap();
    let recorded = track.acknowledge(&mut drive).unwrap().unwrap();
    assert!(
        track.is_empty() && recorded.blocks == 26 && recorded.last.0 > 26,
        "{recorded:?}"
    );
    assert!(source.0.len() > 26, "no block was placed again");
    assert_eq!(
        letters(&mut drive, recorded.last.0 + 1),
        "abcdefghijklmnopqrstuvwxyz"
    );
}

#[test]
fn a_commit_ends_with_the_last_block_of_a_unit_of_writing() {
    let bench = Bench::new(Medium::BdR, Behaviour::default());
    let mut drive = bench.drive();
    let (mut track, mut source) = (track(&drive), Fake::default());
    track.push(b'a', 0);
    track
        .end_with(&mut drive, &mut source, b'z', End::Commit)
        .unwrap();
    let recorded = track.acknowledge(&mut drive).unwrap().unwrap();
    assert_eq!((recorded.last.0 + 1) % track.unit(), 0);
    assert_eq!(letters(&mut drive, 3), "azz");
}

#[test]
fn two_tracks_have_separate_append_points() {
    let bench = Bench::new(Medium::DvdPlusR, Behaviour::default());
    let mut drive = bench.drive();
    let (mut one, mut other) = (track(&drive), track(&drive));
    let mut source = Fake::default();
    for round in [b"ab", b"cd"] {
        one.push(round[0], 0);
        one.issue(&mut drive, &mut source).unwrap();
        other.push(round[1], 0);
        other.issue(&mut drive, &mut source).unwrap();
    }
    assert_eq!(
        (one.sent(), other.sent()),
        ([0..1, 2..3].as_slice(), [1..2, 3..4].as_slice())
    );
    assert_eq!(letters(&mut drive, 4), "abcd");
}

#[test]
fn a_write_error_is_survived_or_ends_everything_as_requested() {
    for survives in [true, false] {
        let bench = Bench::new(Medium::DvdR, Behaviour::default());
        let mut drive = bench.faulty_drive(FaultScript::new().fail_block(2, Sense::WRITE_ERROR));
        let mut source = Fake::default();
        let mut track = track(&drive);
        if !survives {
            track = track.ending_with_write_errors();
        }
        for letter in [b'a', b'b', b'c', b'd'] {
            track.push(letter, 0);
        }
        let issued = track.issue(&mut drive, &mut source);
        if survives {
            issued.unwrap();
            track.require_open().unwrap();
        } else {
            assert!(matches!(issued, Err(Error::Drive(_))), "{issued:?}");
            assert!(matches!(
                track.require_open(),
                Err(Error::ReadOnly(ReadOnly::AfterWriteError))
            ));
        }
    }
}

#[test]
fn what_does_not_fit_is_refused_before_the_first_block() {
    let bench = Bench::new(Medium::BdR, Behaviour::default());
    let mut drive = bench.drive();
    let sequences = Sequences::of_session(LogicalSector(0));
    let mut track = Track::new(
        drive.medium(),
        descriptors(&sequences),
        sequences,
        LogicalSector(3),
        None,
    );
    (b'a'..=b'd').for_each(|letter| track.push(letter, 0));
    let issued = track.issue(&mut drive, &mut Fake::default());
    assert!(
        matches!(issued, Err(Error::MediumFull { free: 3, asked: 4 })),
        "{issued:?}"
    );
    assert!(track.sent().is_empty());
}
