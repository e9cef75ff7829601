//! Power may fail after any block: what was acknowledged stays, and the disc goes on.

mod common;

use common::{
    Disc, add_directory,
    life::{go_on, life},
    time,
};
use drive::Drive;
use ecma167::osta::Revision;
use emulator::{FaultScript, Keep, Medium};
use recording::{CloseDisc, Recording};

fn cut_everywhere(medium: Medium, revision: Revision, keep: Keep, step: usize) {
    let mut cut = 1;
    loop {
        let disc = Disc::formatted(medium, 40_000, revision);
        let script = FaultScript::new().cut_after_blocks(cut, keep);
        let (acknowledged, next, result) = life(&disc, script);
        let found = disc.listing();
        assert!(
            found == acknowledged || found == next,
            "{medium} {revision} cut after {cut} blocks, {keep:?}: found {:?}, acknowledged {:?}",
            found.keys(),
            acknowledged.keys()
        );
        if result.is_ok() {
            assert!(cut > 500, "the life of a disc takes more than {cut} blocks");
            return;
        }
        go_on(&disc, found, &format!("{medium} cut after {cut} blocks"));
        cut += step as u64;
    }
}

#[test]
fn nothing_acknowledged_is_lost_on_cd_r_when_the_cache_is_lost() {
    cut_everywhere(Medium::CdR80, Revision::V2_01, Keep::None, 7);
}

#[test]
fn nothing_acknowledged_is_lost_on_cd_r_when_every_block_reached_the_disc() {
    cut_everywhere(Medium::CdR80, Revision::V1_50, Keep::All, 1);
}

#[test]
fn nothing_acknowledged_is_lost_on_dvd_r_after_any_block() {
    cut_everywhere(Medium::DvdR, Revision::V2_01, Keep::All, 3);
}

#[test]
fn nothing_acknowledged_is_lost_on_dvd_plus_r_after_any_block() {
    cut_everywhere(Medium::DvdPlusR, Revision::V2_00, Keep::All, 5);
}

#[test]
fn nothing_acknowledged_is_lost_on_bd_r_after_any_block() {
    cut_everywhere(Medium::BdR, Revision::V2_50, Keep::Units(3), 5);
}

#[test]
fn a_further_session_whose_start_was_interrupted_twice_is_found_and_ends_with_anchors() {
    for cut in (1..300).step_by(3) {
        let disc = Disc::formatted(Medium::CdR80, 60_000, Revision::V2_01);
        disc.recording().close(CloseDisc::No, time(2)).unwrap();
        for again in 0..2 {
            let mut recorder = disc.recorder();
            recorder.set_faults(FaultScript::new().cut_after_blocks(cut + again, Keep::All));
            let drive = Drive::open(Box::new(recorder)).unwrap();
            // Opening already records where the session before this was interrupted.
            if let Ok(mut recording) = Recording::open(drive, time(3)) {
                let root = recording.root();
                add_directory(&mut recording, root, &format!("lost {again}"));
                let _ = recording.commit(time(4));
            }
        }
        let found = disc.listing();
        go_on(
            &disc,
            found,
            &format!("start of a further session cut after {cut} blocks"),
        );
    }
}
