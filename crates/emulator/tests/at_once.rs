//! Tracks, sessions and discs recorded at once.
#![allow(missing_docs)]

mod bench;

use bench::{BLOCK, Bench, refused, refused_at};
use emulator::{Keep, Medium};
use mmc::command::{InformationAddress, ReadTrackInformation, SendCueSheet, TocFormat, Write10};
use mmc::reply::{CueSheetEntry, DiscStatus, TrackInformation, lba_to_msf};
use mmc::{CloseFunction, Data, Lba, MultiSession, Sense, WriteType};
use zerocopy::IntoBytes as _;

const CAPACITY: u32 = 40_000;

fn disc(medium: Medium, kind: WriteType, multi_session: MultiSession) -> Bench {
    let mut bench = Bench::new(medium, CAPACITY);
    at_once(&mut bench, kind, multi_session);
    bench
}

fn at_once(bench: &mut Bench, kind: WriteType, multi_session: MultiSession) {
    let mut page = bench.write_parameters();
    page.set_write_type(kind);
    page.set_track_mode(4);
    page.set_multi_session(multi_session);
    bench.select(&page).unwrap();
}

/// A cue sheet with lead-in, optional pregap, track and lead-out.
fn cue_sheet(start: u32, lead_out: u32, pregap: bool) -> Vec<CueSheetEntry> {
    let entry = |track_number, index, data_form, msf| CueSheetEntry {
        control_adr: 0x41,
        track_number,
        index,
        data_form,
        scms: 0,
        msf,
    };
    let before = start.checked_sub(150).map_or([0, 0, 0], lba_to_msf);
    let mut entries = vec![entry(0, 0, 0x01, [0, 0, 0])];
    if pregap {
        entries.push(entry(1, 0, 0x10, before));
    }
    entries.push(entry(1, 1, 0x10, lba_to_msf(start)));
    entries.push(entry(CueSheetEntry::LEAD_OUT, 1, 0x01, lba_to_msf(lead_out)));
    entries
}

fn send(cd: &mut Bench, entries: &[CueSheetEntry]) -> Result<usize, Sense> {
    let bytes = entries.as_bytes();
    cd.run(
        SendCueSheet::new(u16::try_from(bytes.len()).unwrap()),
        Data::Out(bytes),
    )
}

fn write(cd: &mut Bench, at: i32, count: u16, fill: u8) -> Result<usize, Sense> {
    let data = vec![fill; usize::from(count) * BLOCK];
    cd.run(Write10::new(Lba(at.cast_unsigned()), count), Data::Out(&data))
}

#[test]
fn a_synchronize_ends_a_track_at_once() {
    let mut cd = disc(Medium::CdR80, WriteType::TrackAtOnce, MultiSession::Allowed);
    cd.write(0, 400, 1).unwrap();
    let open = cd.track(1).unwrap();
    assert_eq!(
        (open.track_mode & 0x0F, open.state & TrackInformation::PACKET),
        (4, 0)
    );
    cd.synchronize();
    assert_eq!(cd.track(1).unwrap().track_size.get(), 402);
    assert_eq!(cd.next(), 402 + 150);
    cd.write(552, 300, 2).unwrap();
    cd.synchronize();
    cd.close(CloseFunction::Session, 0).unwrap();
    let toc = cd.toc(TocFormat::Toc, 1).unwrap();
    assert_eq!((toc[3], toc[5]), (2, 0x14), "two tracks, recorded uninterrupted");
}

#[test]
fn packets_and_a_track_at_once_do_not_mix() {
    let mut cd = disc(Medium::CdR80, WriteType::TrackAtOnce, MultiSession::Allowed);
    cd.write(0, 10, 1).unwrap();
    at_once(&mut cd, WriteType::Packet, MultiSession::Allowed);
    refused(cd.write(10, 1, 1), Sense::ILLEGAL_MODE_FOR_THIS_TRACK);
}

#[test]
fn the_recording_mode_of_a_track_stays_with_the_disc() {
    let mut cd = disc(Medium::CdR80, WriteType::TrackAtOnce, MultiSession::Allowed);
    cd.write(0, 400, 1).unwrap();
    cd.synchronize();
    cd.reopen().unwrap();
    assert_eq!(cd.track(1).unwrap().track_mode & 0x0F, 4);
}

#[test]
fn a_track_at_once_remains_one_after_a_power_cut() {
    let mut cd = disc(Medium::CdR80, WriteType::TrackAtOnce, MultiSession::Allowed);
    cd.write(0, 400, 1).unwrap();
    cd.recorder().cut_power(Keep::All);
    cd.reopen().unwrap();
    let open = cd.track(1).unwrap();
    assert_eq!(
        (open.track_mode & 0x0F, open.state & TrackInformation::PACKET),
        (4, 0)
    );
}

#[test]
fn a_session_at_once_closes_itself_at_its_lead_out() {
    let mut cd = disc(Medium::CdR80, WriteType::SessionAtOnce, MultiSession::Allowed);
    send(&mut cd, &cue_sheet(0, 500, true)).unwrap();
    write(&mut cd, -150, 100, 9).unwrap();
    write(&mut cd, -50, 60, 9).unwrap();
    write(&mut cd, 10, 400, 1).unwrap();
    cd.synchronize();
    assert_eq!(cd.disc().disc_status(), DiscStatus::Incomplete);
    write(&mut cd, 410, 90, 2).unwrap();
    assert_eq!(cd.track(1).unwrap().track_size.get(), 500, "no run-out");
    assert_eq!(cd.read(498, 2).unwrap(), [2, 2]);
    assert_eq!(cd.read(9, 2).unwrap(), [9, 1]);
    assert_eq!(cd.disc().number_of_sessions(), 2);
    assert_eq!(cd.next(), 500 + 11_400);
    let start = cd.next();
    send(&mut cd, &cue_sheet(start, start + 300, true)).unwrap();
    write(&mut cd, start.cast_signed() - 150, 450, 3).unwrap();
    assert_eq!(cd.read(start, 300).unwrap(), [3; 300]);
}

#[test]
fn without_a_session_to_follow_a_session_at_once_finalizes() {
    let mut cd = disc(Medium::CdR80, WriteType::SessionAtOnce, MultiSession::None);
    send(&mut cd, &cue_sheet(0, 300, false)).unwrap();
    write(&mut cd, 0, 300, 1).unwrap();
    assert_eq!(cd.disc().disc_status(), DiscStatus::Complete);
}

#[test]
fn a_session_at_once_takes_its_blocks_in_order_after_a_cue_sheet() {
    let mut cd = disc(Medium::CdR80, WriteType::SessionAtOnce, MultiSession::None);
    refused(write(&mut cd, 0, 1, 1), Sense::COMMAND_SEQUENCE_ERROR);
    send(&mut cd, &cue_sheet(0, 300, true)).unwrap();
    refused_at(write(&mut cd, 0, 1, 1), Sense::INVALID_ADDRESS_FOR_WRITE, 0);
    write(&mut cd, -150, 400, 1).unwrap();
    refused(
        write(&mut cd, 250, 51, 1),
        Sense::END_OF_USER_AREA_ENCOUNTERED_ON_THIS_TRACK,
    );
}

#[test]
fn a_cue_sheet_that_does_not_fit_the_disc_is_refused() {
    let mut cd = disc(Medium::CdR80, WriteType::SessionAtOnce, MultiSession::None);
    let wrong = Sense::INVALID_FIELD_IN_PARAMETER_LIST;
    refused(send(&mut cd, &[]), wrong);
    refused(send(&mut cd, &cue_sheet(0, 299, true)), wrong);
    refused(send(&mut cd, &cue_sheet(0, CAPACITY + 1, true)), wrong);
    refused(send(&mut cd, &cue_sheet(75, 500, true)), wrong);
    let mut audio = cue_sheet(0, 500, true);
    audio[2].control_adr = 0x01;
    refused(send(&mut cd, &audio), wrong);
    at_once(&mut cd, WriteType::TrackAtOnce, MultiSession::None);
    refused(
        send(&mut cd, &cue_sheet(0, 500, true)),
        Sense::COMMAND_SEQUENCE_ERROR,
    );
}

#[test]
fn a_dvd_r_at_once_is_finalized_by_the_synchronize() {
    let mut dvd = disc(Medium::DvdR, WriteType::SessionAtOnce, MultiSession::None);
    dvd.reserve(64).unwrap();
    dvd.write(0, 64, 1).unwrap();
    dvd.synchronize();
    assert_eq!(dvd.disc().disc_status(), DiscStatus::Complete);
    let track: TrackInformation = dvd
        .ask(ReadTrackInformation::new(InformationAddress::Track, 1, 48))
        .unwrap();
    assert_eq!((track.track_size.get(), track.track_mode & 0x0F), (64, 4));
}
