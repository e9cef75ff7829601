//! A disc with a plain volume and no bridge has its recognition sequence from the start, if the medium allows
//! it.

mod common;

use common::{Disc, NoWait, add_file, options, rom_options, time};
use drive::Drive;
use ecma167::LogicalSector;
use ecma167::osta::Revision;
use ecma167::recognition::recognise;
use emulator::{Behaviour, FaultScript, Keep, Medium};
use proptest::prelude::*;
use recording::{CloseDisc, FormatOptions, PlainVolume, Recording, format};
use volume::Volume;

const UNITS: [Medium; 4] = [Medium::DvdR, Medium::DvdRDl, Medium::DvdPlusR, Medium::BdR];

/// Whether the last session with data has the recognition sequence.
fn has_recognition(disc: &Disc) -> bool {
    let mut volume = disc.volume();
    let first = volume.drive().medium().last_session_with_data().unwrap().start.0;
    (16..19).all(|number| {
        let block = volume.read_sector(LogicalSector(first + number));
        block.is_ok_and(|block| recognise(block).is_some())
    })
}

fn add(disc: &Disc, name: &str) {
    let mut recording = disc.recording();
    let root = recording.root();
    add_file(&mut recording, root, name, b"content");
    recording.commit(time(2)).unwrap();
}

#[test]
fn an_open_session_without_a_bridge_has_its_recognition_sequence() {
    for medium in UNITS {
        let disc = Disc::blank(medium, 60_000);
        format(disc.drive(), &rom_options(false)).unwrap();
        assert!(has_recognition(&disc), "{medium}");
        for session in 0..3 {
            add(&disc, &format!("{session}"));
            assert!(has_recognition(&disc), "{medium}, session {session}");
            assert!(!disc.recording().is_interrupted(), "{medium}");
            assert_eq!(disc.listing().len(), 2 + session);
            let closed = disc.recording().close(CloseDisc::No, time(3)).unwrap();
            assert_eq!(closed.plain, PlainVolume::Recorded, "{medium}");
            if medium == Medium::DvdRDl {
                break;
            }
        }
    }
}

#[test]
fn with_a_bridge_or_on_cd_the_reserved_track_of_an_open_session_is_blank() {
    let bridged = UNITS.map(|medium| (medium, true));
    for (medium, bridge) in bridged.into_iter().chain([(Medium::CdR80, false)]) {
        let disc = Disc::blank(medium, 60_000);
        format(disc.drive(), &rom_options(bridge)).unwrap();
        assert!(!has_recognition(&disc), "{medium}");
        let medium = disc.drive().medium().clone();
        let reserved: Vec<_> = medium.reserved_tracks().collect();
        assert_eq!(reserved[0].next_writable_address, Some(reserved[0].start));
    }
}

#[test]
fn blocks_that_a_dvd_r_loses_between_two_runs_hold_no_structure() {
    for linking_loss in [16, 32, 64] {
        let behaviour = Behaviour {
            linking_loss,
            ..Behaviour::default()
        };
        let disc = Disc::behaving(Medium::DvdR, 60_000, behaviour);
        format(disc.drive(), &rom_options(false)).unwrap();
        for name in ["one", "two"] {
            add(&disc, name);
            assert!(has_recognition(&disc), "{linking_loss}");
        }
        assert_eq!(disc.drive().medium().sessions.len(), 1, "{linking_loss}");
        let closed = disc.recording().close(CloseDisc::No, time(3)).unwrap();
        assert_eq!(closed.plain, PlainVolume::Recorded, "{linking_loss}");
        let plain = Volume::open_plain(disc.drive()).unwrap();
        assert_eq!(plain.descriptors().anchor.0, 256);
    }
}

#[test]
fn a_drive_that_closes_the_reserved_track_too_early_costs_one_session() {
    for medium in [Medium::DvdR, Medium::DvdPlusR, Medium::BdR] {
        let behaviour = Behaviour {
            synchronize_closes_track: true,
            ..Behaviour::default()
        };
        let disc = Disc::behaving(medium, 100_000, behaviour);
        format(disc.drive(), &rom_options(false)).unwrap();
        for name in ["one", "two"] {
            add(&disc, name);
        }
        assert_eq!(disc.drive().medium().sessions.len(), 1, "{medium}");
        let closed = disc.recording().close(CloseDisc::No, time(3)).unwrap();
        assert_eq!(closed.plain, PlainVolume::Recorded, "{medium}");
        assert_eq!(disc.listing().len(), 3, "{medium}");
    }
}

#[test]
fn a_format_whose_anchor_cannot_be_written_gets_a_further_session() {
    for medium in [Medium::DvdR, Medium::DvdPlusR, Medium::BdR] {
        for bridge in [true, false] {
            let disc = Disc::blank(medium, 100_000);
            let mut recorder = disc.recorder();
            recorder.set_faults(FaultScript::new().fail_block(512, mmc::Sense::WRITE_ERROR));
            let drive = Drive::open_waiting(Box::new(recorder), Box::new(NoWait)).unwrap();
            format(drive, &rom_options(bridge)).map(drop).unwrap_err();
            let what = format!("{medium} {bridge}");
            finish(&disc, &rom_options(bridge), &what);
            let companion = disc.volume().companion().unwrap();
            assert_eq!(companion.bridge, bridge, "{what}");
        }
    }
}

#[test]
fn a_format_interrupted_after_its_anchor_keeps_its_reserved_track() {
    for medium in [Medium::DvdR, Medium::DvdPlusR, Medium::BdR] {
        for bridge in [true, false] {
            for blocks in [80, 96, 112, 128] {
                let disc = Disc::blank(medium, 100_000);
                interrupted(&disc, blocks, Keep::All, bridge);
                let what = format!("{medium} {bridge} {blocks}");
                finish(&disc, &rom_options(bridge), &what);
                assert_eq!(disc.drive().medium().sessions.len(), 1, "{what}");
            }
        }
    }
}

/// Formats until the power fails.
fn interrupted(disc: &Disc, blocks: u64, keep: Keep, bridge: bool) {
    let mut recorder = disc.recorder();
    recorder.set_faults(FaultScript::new().cut_after_blocks(blocks, keep));
    if let Ok(drive) = Drive::open_waiting(Box::new(recorder), Box::new(NoWait)) {
        let _ = format(drive, &rom_options(bridge));
    }
}

fn finish(disc: &Disc, options: &FormatOptions, what: &str) {
    if Volume::open(disc.drive()).is_err() {
        format(disc.drive(), options).unwrap_or_else(|error| panic!("{what}: {error}"));
    }
    add(disc, "file");
    let companion = disc.volume().companion();
    let closed = disc.recording().close(CloseDisc::Yes, time(3)).unwrap();
    let wanted = match companion {
        Some(_) => PlainVolume::Recorded,
        None => PlainVolume::None,
    };
    assert_eq!((closed.plain, closed.finalized), (wanted, true), "{what}");
    assert_eq!(disc.listing().len(), 2, "{what}");
}

#[test]
fn an_interrupted_format_is_completed_as_requested() {
    let others = [
        rom_options(false),
        rom_options(true),
        options(Revision::V2_01),
        options(Revision::V1_50),
    ];
    for medium in [Medium::DvdR, Medium::DvdPlusR, Medium::BdR] {
        for blocks in [1, 16, 17, 31, 32, 33, 48] {
            for keep in [Keep::All, Keep::None] {
                for (number, options) in others.iter().enumerate() {
                    let disc = Disc::blank(medium, 100_000);
                    interrupted(&disc, blocks, keep, false);
                    let what = format!("{medium} {blocks} {keep:?} {number}");
                    finish(&disc, options, &what);
                    let asked = options.rom.map(|rom| rom.bridge);
                    let companion = disc.volume().companion();
                    assert_eq!(companion.map(|companion| companion.bridge), asked, "{what}");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_closing_interrupted_in_the_reserved_track_is_completed(
        blocks in 0..1200_u64, medium in prop::sample::select(UNITS.to_vec()), loss in prop::sample::select(vec![0, 16, 32])
    ) {
        // In the only session of a disc nothing helps if links are on the anchor.
        let loss = if medium == Medium::DvdRDl { 0 } else { loss };
        let behaviour = Behaviour { linking_loss: loss, ..Behaviour::default() };
        let disc = Disc::behaving(medium, 60_000, behaviour);
        format(disc.drive(), &rom_options(false)).unwrap();
        add(&disc, "file");
        let mut recorder = disc.recorder();
        recorder.set_faults(FaultScript::new().cut_after_blocks(blocks, Keep::All));
        let drive = Drive::open_waiting(Box::new(recorder), Box::new(NoWait)).unwrap();
        if let Ok(mut recording) = Recording::open(drive, time(1)) {
            let _ = recording.close(CloseDisc::No, time(3));
        }
        prop_assert_eq!(disc.listing().len(), 2);
        let is_writable = disc.drive().medium().writable;
        if is_writable {
            disc.recording().close(CloseDisc::No, time(3)).unwrap();
        }
        prop_assert_eq!(disc.listing().len(), 2);
        let plain = Volume::open_plain(disc.drive()).unwrap();
        prop_assert!(plain.companion().is_some_and(|companion| companion.is_plain));
    }
}

#[test]
fn a_dvd_r_dl_gets_its_plain_volume_or_is_refused_before_the_first_block() {
    for bridge in [true, false] {
        let disc = Disc::blank(Medium::DvdRDl, 60_000);
        format(disc.drive(), &rom_options(bridge)).unwrap();
        add(&disc, "file");
        let closed = disc.recording().close(CloseDisc::No, time(3)).unwrap();
        assert_eq!((closed.plain, closed.finalized), (PlainVolume::Recorded, true));
        let behaviour = Behaviour {
            reserve_track: false,
            ..Behaviour::default()
        };
        let refusing = Disc::behaving(Medium::DvdRDl, 60_000, behaviour);
        let refused = format(refusing.drive(), &rom_options(bridge)).map(drop);
        let reason = refused.unwrap_err().to_string();
        assert!(
            reason.starts_with("the drive cannot reserve a track: "),
            "{reason}"
        );
        assert_eq!(refusing.drive().medium().status, drive::Status::Blank);
        assert_eq!(std::fs::metadata(refusing.image()).unwrap().len(), 0);
    }
}
