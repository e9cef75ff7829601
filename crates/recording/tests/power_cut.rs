//! Power may fail after any block: what was acknowledged stays, and the disc goes on.

mod common;

use common::{
    Disc,
    life::{go_on, life},
};
use ecma167::osta::Revision;
use emulator::{FaultScript, Keep, Medium};

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
