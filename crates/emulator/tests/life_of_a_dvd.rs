//! DVD-R, DVD-R DL, DVD+R and DVD+R DL from blank to finalized, by raw commands.

mod bench;

use bench::{Bench, refused, refused_at};
use emulator::Medium;
use mmc::command::{ReadDiscStructure, TocFormat};
use mmc::reply::{DiscStatus, SessionStatus};
use mmc::{CloseFunction, Data, MultiSession, Sense, WriteType};

const CAPACITY: u32 = 60_000;

#[test]
fn a_partial_ecc_block_is_padded_with_zeros_when_synchronized() {
    for medium in [Medium::DvdR, Medium::DvdRDl, Medium::DvdPlusR, Medium::DvdPlusRDl] {
        let mut dvd = Bench::new(medium, CAPACITY);
        dvd.write(0, 17, 1).unwrap();
        assert_eq!(dvd.next(), 17, "{medium}");
        dvd.synchronize();
        assert_eq!(dvd.next(), 32);
        assert_eq!(dvd.read(16, 3).unwrap(), [1, 0, 0]);
        assert_eq!(dvd.open_track().last_recorded().map(|at| at.0), Some(31));
        assert_eq!(dvd.last_address(), 31);
        refused_at(dvd.read(32, 1), Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE, 32);
        refused_at(dvd.write(16, 1, 2), Sense::INVALID_ADDRESS_FOR_WRITE, 16);
        refused_at(dvd.write(48, 1, 2), Sense::INVALID_ADDRESS_FOR_WRITE, 48);
        dvd.write(32, 16, 2).unwrap();
        assert_eq!(dvd.image_blocks(), 48);
    }
}

#[test]
fn a_dvd_r_requires_incremental_recording_in_mode_page_05h() {
    let mut dvd = Bench::new(Medium::DvdR, CAPACITY);
    let incremental = dvd.write_parameters();
    let mut page = incremental;
    page.set_write_type(WriteType::TrackAtOnce);
    dvd.select(&page).unwrap();
    refused(dvd.write(0, 16, 1), Sense::ILLEGAL_MODE_FOR_THIS_TRACK);
    page = incremental;
    page.packet_size = 32.into();
    dvd.select(&page).unwrap();
    refused(dvd.write(0, 16, 1), Sense::INVALID_PACKET_SIZE);
    dvd.select(&incremental).unwrap();
    dvd.write(0, 16, 1).unwrap();
}

#[test]
fn borders_of_a_dvd_r_follow_each_other_until_one_finalizes() {
    let mut dvd = Bench::new(Medium::DvdR, CAPACITY);
    dvd.write(0, 320, 1).unwrap();
    refused(
        dvd.close(CloseFunction::Session, 1),
        Sense::SESSION_FIXATION_ERROR_INCOMPLETE_TRACK,
    );
    dvd.close(CloseFunction::Track, 1).unwrap();
    assert_eq!(dvd.next(), 320, "no gap inside a border");
    dvd.close(CloseFunction::Session, 1).unwrap();
    let second = 320 + 28_672;
    assert_eq!(dvd.next(), second);
    assert_eq!(dvd.last_address(), 319);
    dvd.write(second, 16, 2).unwrap();
    dvd.close(CloseFunction::Track, 2).unwrap();
    dvd.close(CloseFunction::Session, 2).unwrap();
    let third = second + 16 + 8_192;
    assert_eq!(dvd.next(), third);
    let sessions = dvd.toc(TocFormat::SessionInformation, 0).unwrap();
    assert_eq!(sessions[8..12], second.to_be_bytes());
    dvd.incremental(MultiSession::None);
    dvd.write(third, 16, 3).unwrap();
    dvd.close(CloseFunction::Track, 3).unwrap();
    dvd.close(CloseFunction::Session, 3).unwrap();
    assert_eq!(dvd.disc().disc_status(), DiscStatus::Complete);
    refused(
        dvd.close(CloseFunction::Finalize, 3),
        Sense::CANNOT_WRITE_MEDIUM_INCOMPATIBLE_FORMAT,
    );
}

#[test]
fn the_first_closed_session_ends_a_dvd_r_dl() {
    let mut dvd = Bench::new(Medium::DvdRDl, CAPACITY);
    dvd.write(0, 16, 1).unwrap();
    dvd.close(CloseFunction::Track, 1).unwrap();
    dvd.close(CloseFunction::Session, 1).unwrap();
    assert_eq!(dvd.disc().disc_status(), DiscStatus::Complete);
    refused(
        dvd.write(16, 16, 1),
        Sense::CANNOT_WRITE_MEDIUM_INCOMPATIBLE_FORMAT,
    );
}

#[test]
fn a_dvd_plus_r_closes_its_track_with_the_session_and_then_finalizes() {
    for medium in [Medium::DvdPlusR, Medium::DvdPlusRDl] {
        for function in [CloseFunction::Finalize, CloseFunction::FinalizeMinimalRadius] {
            let mut dvd = Bench::new(medium, CAPACITY);
            refused(dvd.close(function, 1), Sense::CURRENT_PROGRAM_AREA_IS_EMPTY);
            dvd.write(0, 320, 1).unwrap();
            dvd.close(CloseFunction::Session, 1).unwrap();
            assert_eq!(dvd.next(), 320 + 2_048);
            assert_eq!(dvd.disc().last_session_status(), SessionStatus::Empty);
            dvd.close(function, 1).unwrap();
            let disc = dvd.disc();
            assert_eq!(disc.disc_status(), DiscStatus::Complete);
            assert_eq!(
                (disc.number_of_sessions(), disc.last_track_in_last_session()),
                (1, 1)
            );
            assert_eq!(dvd.last_address(), 319);
            assert_eq!(dvd.read(0, 1).unwrap(), [1]);
        }
    }
}

#[test]
fn finalizing_a_dvd_plus_r_closes_what_is_open() {
    let mut dvd = Bench::new(Medium::DvdPlusR, CAPACITY);
    dvd.write(0, 5, 1).unwrap();
    dvd.close(CloseFunction::Finalize, 0).unwrap();
    assert_eq!(dvd.disc().disc_status(), DiscStatus::Complete);
    assert_eq!(dvd.last_address(), 15);
    assert_eq!(dvd.image_blocks(), 16);
}

#[test]
fn mode_page_05h_has_no_effect_on_a_dvd_plus_r() {
    let mut dvd = Bench::new(Medium::DvdPlusR, CAPACITY);
    let mut page = dvd.write_parameters();
    page.set_write_type(mmc::WriteType::Raw);
    page.set_test_write(true);
    dvd.select(&page).unwrap();
    assert!(!dvd.write_parameters().test_write());
    dvd.write(0, 16, 1).unwrap();
    assert_eq!(dvd.read(15, 1).unwrap(), [1]);
}

#[test]
fn the_toc_of_a_dvd_lists_open_tracks_too() {
    let mut dvd = Bench::new(Medium::DvdPlusR, CAPACITY);
    refused(dvd.toc(TocFormat::Toc, 0), Sense::INVALID_FIELD_IN_CDB);
    dvd.write(0, 32, 1).unwrap();
    let toc = dvd.toc(TocFormat::Toc, 0).unwrap();
    assert_eq!(toc.len(), 20);
    assert_eq!((toc[14], &toc[16..20]), (0xAA, &32u32.to_be_bytes()[..]));
    refused(dvd.toc(TocFormat::FullToc, 0), Sense::INVALID_FIELD_IN_CDB);
}

#[test]
fn the_disc_structure_contains_layers_and_category() {
    let mut dvd = Bench::new(Medium::DvdPlusRDl, CAPACITY);
    let mut answer = vec![0; 2052];
    let moved = dvd
        .run(ReadDiscStructure::new(0, 0, 0, 2052), Data::In(&mut answer))
        .unwrap();
    assert_eq!(moved, 2052);
    assert_eq!((answer[4] >> 4, answer[6] >> 5), (0xE, 1));
    refused(
        dvd.run(ReadDiscStructure::new(1, 0, 0, 4), Data::In(&mut answer)),
        Sense::INCOMPATIBLE_MEDIUM,
    );
}
