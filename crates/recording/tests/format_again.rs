//! An interrupted format is completed, or done again if the medium allows it.

mod common;

use common::{Disc, NoWait, add_file, options, time};
use drive::{Drive, Status};
use ecma167::{
    LogicalSector,
    general::Descriptor,
    osta::Revision,
    recognition::{Recognised, recognise},
    volume::AnchorVolumeDescriptorPointer,
};
use emulator::{Behaviour, FaultScript, Keep, Medium};
use mmc::Sense;
use recording::{CloseDisc, Error, format};
use volume::Volume;

const MEDIA: [Medium; 4] = [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR];

/// More blocks than any format records.
const BLOCKS: u64 = 340;

fn interrupted(disc: &Disc, script: FaultScript) -> Result<(), Error> {
    let mut recorder = disc.recorder();
    recorder.set_faults(script);
    let drive = Drive::open_waiting(Box::new(recorder), Box::new(NoWait))?;
    format(drive, &options(Revision::V2_01)).map(drop)
}

/// Formats again if there is no volume, then uses the disc.
fn go_on(disc: &Disc, what: &str) {
    if Volume::open(disc.drive()).is_err() {
        format(disc.drive(), &options(Revision::V2_01)).unwrap_or_else(|error| panic!("{what}: {error}"));
    }
    require_start(disc, what);
    let mut recording = disc.recording();
    assert_eq!(recording.volume().label(), "Archive", "{what}");
    let root = recording.root();
    add_file(&mut recording, root, "file", b"text");
    recording.commit(time(2)).unwrap();
    assert!(matches!(
        recording.close(CloseDisc::Yes, time(3)),
        Ok(closed) if closed.finalized
    ));
    drop(recording);
    assert_eq!(disc.drive().medium().status, Status::Finalized, "{what}");
    assert_eq!(disc.listing()["/file"].2, b"text", "{what}");
}

/// Requires an intact recognition sequence and an anchor at the start of the last session.
fn require_start(disc: &Disc, what: &str) {
    let mut volume = disc.volume();
    let start = volume.drive().medium().last_session_with_data().unwrap().start.0;
    for (offset, wanted) in [(16, "Bea01"), (17, "Nsr(Nsr03)"), (18, "Tea01")] {
        let block = volume
            .read_sector(LogicalSector(start + offset))
            .unwrap_or_else(|error| panic!("{what}: {error} {:?}", disc.side()));
        let found: Option<Recognised> = recognise(block);
        assert_eq!(format!("{:?}", found.unwrap()), wanted, "{what}");
    }
    let anchor = LogicalSector(start + 256);
    let block = volume
        .read_sector(anchor)
        .unwrap_or_else(|error| panic!("{what}: {error} {:?}", disc.side()));
    AnchorVolumeDescriptorPointer::read(block, Some(anchor.0))
        .unwrap_or_else(|fault| panic!("{what}: {fault}"));
}

#[test]
fn a_format_that_was_cut_at_any_block_can_be_repeated() {
    for medium in MEDIA {
        let every = if medium == Medium::CdR80 { 1 } else { 7 };
        for (keep, step) in [(Keep::None, 37), (Keep::All, every), (Keep::Units(100), 29)] {
            for cut in (1..BLOCKS).step_by(step) {
                let disc = Disc::blank(medium, 40_000);
                let done = interrupted(&disc, FaultScript::new().cut_after_blocks(cut, keep)).is_ok();
                let what = format!("{medium} cut after {cut}, {keep:?}");
                go_on(&disc, &what);
                if done {
                    break;
                }
            }
        }
    }
}

#[test]
fn a_repeated_format_succeeds_though_packets_end_after_any_write() {
    let behaviour = Behaviour {
        buffer_underrun_protection: false,
        underrun_after_writes: 1,
        ..Behaviour::default()
    };
    for blocks in [16, 32, 100] {
        for cut in (1..BLOCKS).step_by(3) {
            let disc = Disc::behaving(Medium::CdR80, 120_000, behaviour.clone()).limited(blocks * 2048);
            let what = format!("{blocks} blocks a command, cut after {cut}");
            let _ = interrupted(&disc, FaultScript::new().cut_after_blocks(cut, Keep::All));
            if Volume::open(disc.drive()).is_err() {
                format(disc.drive(), &options(Revision::V2_01))
                    .unwrap_or_else(|error| panic!("{what}: {error}"));
            }
            require_start(&disc, &what);
        }
    }
}

#[test]
fn formatting_can_be_cut_repeatedly() {
    for medium in MEDIA {
        for cut in (1..BLOCKS).step_by(7) {
            let disc = Disc::blank(medium, 60_000);
            for again in 0..3 {
                let cut = cut + again * 11;
                let script = FaultScript::new().cut_after_blocks(cut, Keep::All);
                if interrupted(&disc, script).is_ok() {
                    break;
                }
            }
            go_on(&disc, &format!("{medium} cut three times after {cut}"));
        }
    }
}

#[test]
fn formatting_continues_after_a_block_that_cannot_be_written() {
    for medium in MEDIA {
        for block in (0..340).step_by(5) {
            // The emulated recorder begins the further session needed here in the damaged cluster itself.
            if medium == Medium::BdR && (256..288).contains(&block) {
                continue;
            }
            let disc = Disc::blank(medium, 60_000);
            let _ = interrupted(&disc, FaultScript::new().fail_block(block, Sense::WRITE_ERROR));
            go_on(&disc, &format!("{medium}, block {block} fails"));
        }
    }
}

#[test]
fn the_descriptors_on_disc_decide_the_label_and_revision() {
    let disc = Disc::blank(Medium::DvdR, 40_000);
    interrupted(&disc, FaultScript::new().cut_after_blocks(272, Keep::All)).unwrap_err();
    match format(disc.drive(), &options(Revision::V1_50)) {
        Err(Error::BegunOtherwise { label, revision }) => {
            assert_eq!((label.as_str(), revision), ("Archive", Revision::V2_01));
        }
        other => panic!("{:?}", other.err()),
    }
}

#[test]
fn links_on_the_start_of_the_only_session_rule_out_a_volume() {
    let behaviour = Behaviour {
        linking_loss: 32,
        ..Behaviour::default()
    };
    let disc = Disc::behaving(Medium::DvdRDl, 60_000, behaviour);
    interrupted(&disc, FaultScript::new().cut_after_blocks(16, Keep::All)).unwrap_err();
    for _ in 0..2 {
        let formatted = format(disc.drive(), &options(Revision::V2_01));
        assert!(matches!(formatted, Err(Error::OnlySessionSpoiled)));
    }
}

#[test]
fn a_medium_with_anything_else_on_it_is_refused() {
    for medium in MEDIA {
        let disc = Disc::blank(medium, 40_000);
        let mut drive = disc.drive();
        let mut blocks = vec![0; 64 * 2048];
        blocks[16 * 2048 + 1..16 * 2048 + 6].copy_from_slice(b"CD001");
        drive.write(mmc::Lba(0), &blocks).unwrap();
        drive.synchronize().unwrap();
        drop(drive);
        let formatted = format(disc.drive(), &options(Revision::V2_01));
        assert!(matches!(formatted, Err(Error::NotBlank)), "{medium}");
        let disc = Disc::formatted(medium, 40_000, Revision::V2_01);
        let formatted = format(disc.drive(), &options(Revision::V2_01));
        assert!(matches!(formatted, Err(Error::NotBlank)), "{medium}");
    }
}
