//! A correctly recorded disc has no findings in any of its states.

mod bench;

use bench::{Disc, REVISIONS, add_everything, add_file, content, time};
use check::FindingKind;
use ecma167::osta::Revision;
use emulator::{Behaviour, LastAddress, Medium, Toc};
use recording::CloseDisc;

#[test]
fn a_disc_has_no_finding_from_formatting_to_finalizing() {
    for (number, medium) in Medium::ALL.into_iter().enumerate() {
        let revision = REVISIONS[number % REVISIONS.len()];
        life(medium, revision);
    }
}

#[test]
fn a_disc_of_every_revision_has_no_finding() {
    for revision in REVISIONS {
        life(Medium::CdR80, revision);
        life(Medium::BdR, revision);
    }
}

#[test]
fn a_disc_has_no_finding_whatever_the_drive_chooses_to_do() {
    let with = |change: &dyn Fn(&mut Behaviour)| {
        let mut behaviour = Behaviour::default();
        change(&mut behaviour);
        behaviour
    };
    for behaviour in [
        with(&|b| b.session_gap = Some(64)),
        with(&|b| b.synchronize_closes_track = true),
        with(&|b| b.last_recorded_address_valid = Some(false)),
        with(&|b| b.short_track_information = true),
        with(&|b| {
            b.buffer_underrun_protection = false;
            b.underrun_after_writes = 1;
        }),
        with(&|b| {
            b.buffer_underrun_protection = false;
            b.underrun_after_writes = 3;
        }),
        with(&|b| b.run_out = false),
        with(&|b| b.tracks_count_pregap = true),
        with(&|b| b.linking_loss = 16),
        with(&|b| {
            b.linking_loss = 32;
            b.last_recorded_address_valid = Some(false);
        }),
    ] {
        for medium in [Medium::CdR80, Medium::DvdR] {
            life_on(
                &Disc::behaving(medium, 60_000, Revision::V2_01, behaviour.clone()),
                medium,
                Revision::V2_01,
            );
        }
    }
}

#[test]
fn a_session_of_any_length_has_its_anchor_before_the_end() {
    for blocks in 0..12 {
        let disc = Disc::formatted(Medium::CdR80, 60_000, Revision::V2_01);
        let mut recording = disc.recording();
        let root = recording.root();
        // For one of these N is 768: its anchor at N-256 is then the one at S+512 too.
        add_file(&mut recording, root, "file", &content((200 + blocks) * 2048, 5));
        let closed = recording.close(CloseDisc::No, time(3)).unwrap();
        drop(recording);
        disc.assert_clean(&format!("N = {:?}", closed.vat_icb));
    }
}

#[test]
fn an_unknown_end_of_session_is_no_error() {
    let nowhere = Behaviour {
        closed_tracks_end_nowhere: true,
        last_recorded_address_valid: Some(false),
        ..Behaviour::default()
    };
    // A CD reports it in its lead-ins.
    for (medium, unknown) in [(Medium::CdR80, 0), (Medium::DvdR, 1), (Medium::DvdPlusR, 1)] {
        let disc = Disc::behaving(medium, 60_000, Revision::V2_01, nowhere.clone());
        for number in 0..2 {
            let mut recording = disc.recording();
            add_everything(&mut recording, &format!("session {number}"));
            recording.close(CloseDisc::No, time(3)).unwrap();
        }
        let report = disc.report();
        assert!(report.is_clean(), "{medium}: {}", bench::listing(&report));
        assert_eq!(report.count(FindingKind::SessionEndUnknown), unknown, "{medium}");
    }
}

#[test]
fn the_vat_is_found_in_a_last_session_with_an_unknown_end() {
    let nowhere = Behaviour {
        closed_tracks_end_nowhere: true,
        last_recorded_address_valid: Some(false),
        read_capacity_closed: LastAddress::LastOfMedium,
        toc: Toc::Refused,
        ..Behaviour::default()
    };
    let disc = Disc::behaving(Medium::DvdR, 60_000, Revision::V2_01, nowhere);
    let mut recording = disc.recording();
    add_everything(&mut recording, "session");
    let closed = recording.close(CloseDisc::No, time(3)).unwrap();
    drop(recording);
    let report = disc.report();
    assert!(report.is_clean(), "{}", bench::listing(&report));
    assert_eq!(report.count(FindingKind::SessionEndUnknown), 1);
    // What follows it is not a VAT ICB.
    let report = disc
        .changeable()
        .with(closed.vat_icb.unwrap().0, |block| block.fill(7));
    assert_eq!(
        report.count(FindingKind::VatIcbNotLast),
        1,
        "{}",
        bench::listing(&report)
    );
}

#[test]
fn data_that_begins_like_an_anchor_is_not_taken_for_one() {
    let disc = Disc::formatted(Medium::CdR80, 60_000, Revision::V2_50);
    let mut recording = disc.recording();
    let root = recording.root();
    let data: Vec<u8> = std::iter::repeat_with(|| {
        let mut block = content(2048, 5);
        block[..12].copy_from_slice(&[2, 0, 0, 0, 1, 0, 0, 0, 16, 0, 0, 0]);
        block
    })
    .take(600)
    .flatten()
    .collect();
    // It is at S+512 and at N-256.
    add_file(&mut recording, root, "data", &data);
    recording.commit(time(3)).unwrap();
    drop(recording);
    disc.assert_clean("with data where an anchor may be");
}

fn life(medium: Medium, revision: Revision) {
    life_on(&Disc::formatted(medium, 60_000, revision), medium, revision);
}

fn life_on(disc: &Disc, medium: Medium, revision: Revision) {
    let at = |state: &str| format!("{medium}, UDF {revision}, {state}");
    disc.assert_clean(&at("formatted"));
    let mut recording = disc.recording();
    add_everything(&mut recording, "first");
    recording.commit(time(3)).unwrap();
    drop(recording);
    disc.assert_clean(&at("committed"));
    let mut recording = disc.recording();
    let root = recording.root();
    let first = recording.lookup_path("first").unwrap();
    let many = recording.lookup_path("first/many").unwrap();
    recording.unlink(first, "small").unwrap();
    recording.unlink(first, "link").unwrap();
    recording.unlink(many, "file number 0").unwrap();
    recording.rename(first, "hole", root, "moved").unwrap();
    recording.commit(time(4)).unwrap();
    drop(recording);
    disc.assert_clean(&at("changed"));
    let finalized = disc.recording().close(CloseDisc::No, time(5)).unwrap().finalized;
    disc.assert_clean(&at("closed"));
    if finalized {
        return;
    }
    let mut recording = disc.recording();
    add_everything(&mut recording, "second");
    recording.commit(time(6)).unwrap();
    drop(recording);
    disc.assert_clean(&at("second session"));
    let mut recording = disc.recording();
    let root = recording.root();
    add_file(&mut recording, root, "last", &content(10_000, 5));
    recording.close(CloseDisc::Yes, time(7)).unwrap();
    drop(recording);
    disc.assert_clean(&at("finalized"));
}
