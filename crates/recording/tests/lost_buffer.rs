//! A drive that is reset loses blocks that it accepted and has not written. If the reset was reported to
//! another program, this one notices it only by the drive's next writable address.

mod common;

use std::ops::Range;

use common::{Disc, NoWait, add_file, content, time};
use drive::{Drive, DriveError};
use ecma167::osta::Revision;
use emulator::{Medium, Recorder};
use mmc::{Data, Failure, Transport};
use recording::{Error, Recording};

const MEDIA: [Medium; 4] = [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR];

const WRITE_10: u8 = 0x2A;

/// Accepts some writes and forgets them.
struct Forgetful {
    recorder: Recorder,
    writes: u32,
    forgotten: Range<u32>,
}

impl Transport for Forgetful {
    fn execute(&mut self, command: &[u8], data: Data<'_>) -> Result<usize, Failure> {
        if let (Some(&WRITE_10), Data::Out(blocks)) = (command.first(), &data) {
            self.writes += 1;
            if self.forgotten.contains(&self.writes) {
                return Ok(blocks.len());
            }
        }
        self.recorder.execute(command, data)
    }
}

fn forgetful(disc: &Disc, forgotten: Range<u32>) -> Recording {
    let transport = Forgetful {
        recorder: disc.recorder(),
        writes: 0,
        forgotten,
    };
    let mut drive = Drive::open_waiting(Box::new(transport), Box::new(NoWait)).unwrap();
    drive.set_transfer_limit(64 << 10);
    Recording::open(drive, time(1)).unwrap()
}

#[test]
fn lost_blocks_are_noticed_before_others_take_their_place() {
    for medium in MEDIA {
        for forgotten in [1..2, 3..5, 7..8, 4..1_000] {
            let disc = Disc::formatted(medium, 40_000, Revision::V2_01);
            let before = disc.listing();
            let what = format!("{medium}, writes {forgotten:?}");
            let mut recording = forgetful(&disc, forgotten);
            let root = recording.root();
            let made = recording.create(
                root,
                "file",
                recording::NodeKind::File,
                &recording::Attributes::at(0o644, time(2)),
            );
            let written = recording.write(made.unwrap(), 0, &content(1_000_000, 3));
            let lost = written.and_then(|()| recording.commit(time(3)).map(drop));
            assert!(
                matches!(
                    lost,
                    Err(Error::Drive(DriveError::Lost { .. }) | Error::NotLast { .. })
                ),
                "{what}: {lost:?}"
            );
            drop(recording);
            assert_eq!(disc.listing(), before, "{what}");
            let mut recording = disc.recording();
            let root = recording.root();
            add_file(&mut recording, root, "file", &content(500_000, 4));
            recording.commit(time(5)).unwrap();
            drop(recording);
            assert_eq!(disc.listing()["/file"].2, content(500_000, 4), "{what}");
        }
    }
}
