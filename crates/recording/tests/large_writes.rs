//! Large writes go to the drive straight from the caller's memory, with the same result wherever the drive
//! continues.

mod common;

use common::{Disc, content, time};
use drive::Drive;
use ecma167::osta::Revision;
use emulator::{Behaviour, FaultScript, Medium};
use mmc::Sense;
use recording::{Attributes, NodeId, NodeKind, Recording, format};

/// Blocks of the file; the pieces begin and end within units.
const BLOCKS: usize = 1000;

fn new_file(recording: &mut Recording) -> NodeId {
    let root = recording.root();
    let attributes = Attributes::at(0o644, time(2));
    recording
        .create(root, "file", NodeKind::File, &attributes)
        .unwrap()
}

/// Writes in pieces of `piece` bytes.
fn write(recording: &mut Recording, node: NodeId, bytes: &[u8], piece: usize) {
    for (number, part) in bytes.chunks(piece).enumerate() {
        let offset = (number * piece) as u64;
        if offset + part.len() as u64 == bytes.len() as u64 {
            recording.write_last(node, offset, part).unwrap();
        } else {
            recording.write(node, offset, part).unwrap();
        }
    }
}

#[test]
fn large_pieces_are_read_back_wherever_packets_end() {
    let bytes = content(BLOCKS * 2048 + 700, 7);
    for medium in [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR] {
        for (underrun, limit) in [(0, 1 << 20), (1, 1 << 20), (3, 64 << 10)] {
            let behaviour = Behaviour {
                buffer_underrun_protection: underrun == 0,
                underrun_after_writes: underrun,
                ..Behaviour::default()
            };
            for piece in [300 * 2048, 200 * 2048 + 5, bytes.len()] {
                let disc = Disc::behaving(medium, 20_000, behaviour.clone()).limited(limit);
                format(disc.drive(), &common::options(Revision::V2_01)).unwrap();
                let mut recording = disc.recording();
                let node = new_file(&mut recording);
                write(&mut recording, node, &bytes, piece);
                recording.commit(time(3)).unwrap();
                drop(recording);
                assert!(
                    disc.listing()["/file"].2 == bytes,
                    "{medium} {underrun} {limit} {piece}"
                );
            }
        }
    }
}

#[test]
fn a_write_error_within_a_large_piece_loses_no_byte() {
    let bytes = content(BLOCKS * 2048, 9);
    for medium in [Medium::DvdPlusR, Medium::BdR] {
        let disc = Disc::formatted(medium, 20_000, Revision::V2_01);
        let start = disc.drive().append_point().unwrap().address.0;
        let mut recorder = disc.recorder();
        recorder.set_faults(FaultScript::new().fail_block(start + 700, Sense::WRITE_ERROR));
        let drive = Drive::open_waiting(Box::new(recorder), Box::new(common::NoWait)).unwrap();
        let mut recording = Recording::open(drive, time(1)).unwrap();
        let node = new_file(&mut recording);
        write(&mut recording, node, &bytes, bytes.len());
        recording.commit(time(3)).unwrap();
        drop(recording);
        assert!(disc.listing()["/file"].2 == bytes, "{medium}");
    }
}

#[test]
fn a_file_written_to_its_end_is_one_extent_and_can_still_grow() {
    let disc = Disc::formatted(Medium::BdR, 20_000, Revision::V2_50);
    let mut recording = disc.recording();
    let node = new_file(&mut recording);
    let bytes = content(5000, 1);
    recording.write_last(node, 0, &bytes).unwrap();
    recording.commit(time(3)).unwrap();
    let volume = recording.volume();
    let found = volume.lookup_path("/file").unwrap();
    let volume::Body::Extents(extents) = volume.body(&found).unwrap() else {
        panic!("5,000 bytes stand in no ICB");
    };
    assert_eq!(extents.len(), 1);
    recording.write(node, 5000, b"more").unwrap();
    recording.commit(time(4)).unwrap();
    drop(recording);
    assert_eq!(disc.listing()["/file"].2, [&bytes[..], b"more"].concat());
}
