//! The plan says in advance what opening, closing and an error will do.

mod common;

use common::{Disc, rom_options, time};
use ecma167::osta::Revision;
use emulator::{FaultScript, Keep, Medium};
use recording::{CloseDisc, Plan, blocks_of_plain_volume};

fn plan(disc: &Disc) -> String {
    Plan::of(&disc.volume()).to_string()
}

#[test]
fn the_plan_of_a_dvd_r_dl_says_that_closing_finalizes() {
    let disc = Disc::formatted(Medium::DvdRDl, 40_000, Revision::V2_01);
    let said = plan(&disc);
    assert!(
        said.contains("closing finalizes the medium, which has a single session"),
        "{said}"
    );
    let closed = disc.recording().close(CloseDisc::No, time(2)).unwrap();
    assert!(closed.finalized);
    assert_eq!(plan(&disc), "nothing can be added; the disc is read as it is");
}

#[test]
fn the_plan_after_a_closed_session_says_that_a_further_one_begins() {
    let disc = Disc::formatted(Medium::DvdPlusR, 40_000, Revision::V2_01);
    disc.recording().close(CloseDisc::No, time(2)).unwrap();
    let said = plan(&disc);
    assert!(said.contains("in a further session"), "{said}");
    assert!(
        said.contains("no session is open, so closing records nothing"),
        "{said}"
    );
}

#[test]
fn the_plan_says_what_the_next_plain_volume_takes() {
    let disc = Disc::blank(Medium::BdR, 40_000);
    recording::format(disc.drive(), &rom_options(true)).unwrap();
    let most = blocks_of_plain_volume(0, 1);
    assert!(plan(&disc).contains(&format!("of at most {most} blocks")));
}

#[test]
fn the_plan_includes_what_long_holes_take() {
    let disc = Disc::blank(Medium::BdR, 40_000);
    recording::format(disc.drive(), &rom_options(true)).unwrap();
    let mut recording = disc.recording();
    let root = recording.root();
    let file = common::add_file(&mut recording, root, "hole", b"");
    recording.truncate(file, 1 << 30).unwrap();
    recording.commit(time(2)).unwrap();
    drop(recording);
    let zeros = disc.volume().vat().unwrap().extra_room().unwrap().blocks();
    assert!(zeros > 512);
    let most = blocks_of_plain_volume(1, 1) + zeros;
    assert!(plan(&disc).contains(&format!("of at most {most} blocks")));
}

#[test]
fn the_plan_of_an_open_disc_with_plain_volumes_speaks_of_no_interruption() {
    for medium in [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR] {
        for bridge in [false, true] {
            let disc = Disc::blank(medium, 60_000);
            recording::format(disc.drive(), &rom_options(bridge)).unwrap();
            assert!(!plan(&disc).contains("interrupted"), "{medium} {bridge}: new");
            let mut recording = disc.recording();
            let root = recording.root();
            common::add_file(&mut recording, root, "a", b"a");
            recording.commit(time(2)).unwrap();
            drop(recording);
            assert!(!plan(&disc).contains("interrupted"), "{medium} {bridge}: open");
        }
    }
}

#[test]
fn the_plan_of_an_interrupted_disc_says_that_the_vat_is_recorded_again() {
    let disc = Disc::formatted(Medium::CdR80, 40_000, Revision::V2_01);
    let script = FaultScript::new().cut_after_blocks(3, Keep::All);
    common::life::life(&disc, script).2.unwrap_err();
    let said = plan(&disc);
    assert!(
        said.contains("the next change first records the VAT again at the end"),
        "{said}"
    );
    let before = std::fs::read(disc.image()).unwrap();
    drop(disc.recording());
    assert!(plan(&disc).contains("again"), "opening records nothing");
    assert!(std::fs::read(disc.image()).unwrap() == before);
    disc.recording().recover().unwrap();
    assert!(!plan(&disc).contains("again"));
}
