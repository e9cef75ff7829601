//! A CD-R from blank to finalized, by raw commands.

mod bench;

use bench::{Bench, refused, refused_at};
use emulator::Medium;
use mmc::command::TocFormat;
use mmc::reply::{DiscStatus, FullTocEntry, SessionStatus};
use mmc::{CloseFunction, MultiSession, Sense, WriteType};
use zerocopy::FromBytes as _;

const CAPACITY: u32 = 30_000;

fn with_a_closed_session() -> Bench {
    let mut cd = Bench::new(Medium::CdR80, CAPACITY);
    cd.write(0, 400, 1).unwrap();
    cd.synchronize();
    cd.close(CloseFunction::Track, 1).unwrap();
    cd.close(CloseFunction::Session, 1).unwrap();
    cd
}

#[test]
fn a_blank_cd_has_an_empty_session_and_an_invisible_track_at_0() {
    let mut cd = Bench::new(Medium::CdR80, CAPACITY);
    let disc = cd.disc();
    assert_eq!(
        (disc.disc_status(), disc.last_session_status()),
        (DiscStatus::Blank, SessionStatus::Empty)
    );
    assert_eq!(
        (disc.number_of_sessions(), disc.last_track_in_last_session()),
        (1, 1)
    );
    let track = cd.open_track();
    assert!(track.blank());
    assert_eq!(track.next_writable().map(|at| at.0), Some(0));
    assert_eq!(track.free_blocks.get(), CAPACITY - 2);
    assert_eq!(cd.last_address(), 0);
    refused(cd.toc(TocFormat::Toc, 0), Sense::INVALID_FIELD_IN_CDB);
}

#[test]
fn packets_need_write_type_0_in_mode_page_05h() {
    let mut cd = Bench::new(Medium::CdR80, CAPACITY);
    let packets = cd.write_parameters();
    let mut page = packets;
    page.set_write_type(WriteType::Raw);
    cd.select(&page).unwrap();
    refused(cd.write(0, 1, 1), Sense::ILLEGAL_MODE_FOR_THIS_TRACK);
    page = packets;
    page.set_fixed_packets(true);
    cd.select(&page).unwrap();
    refused(cd.write(0, 1, 1), Sense::INVALID_PACKET_SIZE);
    cd.select(&packets).unwrap();
    cd.write(0, 1, 1).unwrap();
}

#[test]
fn seven_unreadable_blocks_are_between_packets() {
    let mut cd = Bench::new(Medium::CdR80, CAPACITY);
    cd.write(0, 5, 1).unwrap();
    cd.write(5, 5, 2).unwrap();
    assert_eq!(cd.next(), 10, "a packet continues until it is synchronized");
    cd.synchronize();
    assert_eq!(cd.next(), 17);
    cd.synchronize();
    assert_eq!(cd.next(), 17, "an empty synchronize ends no packet");
    refused_at(cd.write(10, 1, 3), Sense::INVALID_ADDRESS_FOR_WRITE, 10);
    cd.write(17, 3, 3).unwrap();
    assert_eq!(cd.read(0, 10).unwrap(), [1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
    assert_eq!(cd.read(17, 3).unwrap(), [3, 3, 3]);
    for link in 10..17 {
        refused_at(cd.read(link, 1), Sense::ILLEGAL_MODE_FOR_THIS_TRACK, link);
    }
    refused_at(cd.read(5, 15), Sense::ILLEGAL_MODE_FOR_THIS_TRACK, 10);
    refused_at(cd.read(19, 2), Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE, 20);
    assert_eq!(cd.image_blocks(), 20);
}

#[test]
fn an_open_track_reports_enough_for_the_kernel_to_find_its_last_block() {
    let mut cd = Bench::new(Medium::CdR80, CAPACITY);
    cd.write(0, 10, 1).unwrap();
    cd.synchronize();
    let track = cd.track(1).unwrap();
    assert_eq!(track.last_recorded(), None, "no CD drive reports it");
    assert_eq!(
        track.track_start_address.get() + track.track_size.get() - track.free_blocks.get() - 8,
        9
    );
    assert_eq!(cd.last_address(), 9);
    assert_eq!(cd.disc().last_session_status(), SessionStatus::Incomplete);
}

#[test]
fn a_closed_track_counts_two_unreadable_run_out_blocks() {
    let mut cd = Bench::new(Medium::CdR80, CAPACITY);
    cd.write(0, 400, 1).unwrap();
    cd.close(CloseFunction::Track, 1).unwrap();
    let track = cd.track(1).unwrap();
    assert_eq!((track.track_size.get(), track.next_writable()), (402, None));
    refused_at(cd.read(400, 1), Sense::ILLEGAL_MODE_FOR_THIS_TRACK, 400);
    assert_eq!(cd.open_track().track_number(), 2);
    assert_eq!(cd.next(), 402 + 150, "the next track has a pregap");
    cd.close(CloseFunction::Track, 1).unwrap();
    assert_eq!(cd.image_blocks(), 400);
}

#[test]
fn a_short_track_is_padded_to_300_blocks() {
    let mut cd = Bench::new(Medium::CdR80, CAPACITY);
    cd.write(0, 3, 1).unwrap();
    cd.close(CloseFunction::Track, 1).unwrap();
    assert_eq!(cd.track(1).unwrap().track_size.get(), 300);
    assert_eq!(cd.read(2, 2).unwrap(), [1, 0]);
    assert_eq!(cd.image_blocks(), 298);
}

#[test]
fn a_session_closes_only_after_its_track() {
    let mut cd = Bench::new(Medium::CdR80, CAPACITY);
    refused(
        cd.close(CloseFunction::Session, 1),
        Sense::CURRENT_PROGRAM_AREA_IS_EMPTY,
    );
    refused(
        cd.close(CloseFunction::Track, 1),
        Sense::CURRENT_PROGRAM_AREA_IS_EMPTY,
    );
    cd.write(0, 400, 1).unwrap();
    refused(
        cd.close(CloseFunction::Session, 1),
        Sense::SESSION_FIXATION_ERROR_INCOMPLETE_TRACK,
    );
    refused(cd.close(CloseFunction::Finalize, 1), Sense::INVALID_FIELD_IN_CDB);
}

#[test]
fn the_gap_is_11400_blocks_after_the_first_session_and_6900_later() {
    let mut cd = with_a_closed_session();
    let disc = cd.disc();
    assert_eq!(
        (disc.disc_status(), disc.last_session_status()),
        (DiscStatus::Incomplete, SessionStatus::Empty)
    );
    assert_eq!(
        (disc.number_of_sessions(), disc.first_track_in_last_session()),
        (2, 2)
    );
    let second = 402 + 11_400;
    assert_eq!(cd.next(), second);
    assert_eq!(cd.last_address(), 401, "a closed CD counts the run-out");
    refused_at(cd.read(402, 1), Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE, 402);

    cd.write(second, 400, 2).unwrap();
    assert_eq!(cd.last_address(), second + 399);
    cd.close(CloseFunction::Track, 2).unwrap();
    cd.close(CloseFunction::Session, 2).unwrap();
    assert_eq!(cd.next(), second + 402 + 6_900);
    assert_eq!(cd.read(second, 1).unwrap(), [2]);
    assert_eq!(cd.image_blocks(), u64::from(second) + 400);
}

#[test]
fn the_toc_lists_closed_sessions_and_the_start_of_the_last_one() {
    let mut cd = with_a_closed_session();
    let second = cd.next();
    cd.write(second, 400, 2).unwrap();
    assert_eq!(
        cd.toc(TocFormat::Toc, 0).unwrap().len(),
        4 + 2 * 8,
        "the open session is not listed"
    );
    assert_eq!(
        cd.toc(TocFormat::SessionInformation, 0).unwrap()[8..12],
        [0, 0, 0, 0]
    );
    cd.close(CloseFunction::Track, 2).unwrap();
    cd.close(CloseFunction::Session, 2).unwrap();
    let toc = cd.toc(TocFormat::Toc, 0).unwrap();
    assert_eq!(toc[..4], [0, 26, 1, 2]);
    assert_eq!((toc[6], toc[14], toc[22]), (1, 2, 0xAA));
    assert_eq!(toc[16..20], second.to_be_bytes());
    assert_eq!(toc[24..28], (second + 402).to_be_bytes());
    let sessions = cd.toc(TocFormat::SessionInformation, 0).unwrap();
    assert_eq!((&sessions[..4], sessions[6]), (&[0, 10, 1, 2][..], 2));
    assert_eq!(sessions[8..12], second.to_be_bytes());
}

#[test]
fn the_full_toc_has_the_lead_in_of_every_session() {
    let mut cd = with_a_closed_session();
    let toc = cd.toc(TocFormat::FullToc, 0).unwrap();
    let points: Vec<_> = toc[4..]
        .chunks(11)
        .map(|entry| FullTocEntry::read_from_bytes(entry).unwrap().point)
        .collect();
    assert_eq!(points, [0xA0, 0xA1, 0xA2, 1, 0xB0]);
    let atip = cd.toc(TocFormat::Atip, 0).unwrap();
    assert_eq!(atip[12..15], mmc::reply::lba_to_msf(CAPACITY));
}

#[test]
fn the_last_session_finalizes_if_mode_page_05h_says_so() {
    let mut cd = with_a_closed_session();
    refused(
        cd.close(CloseFunction::Session, 1),
        Sense::CURRENT_PROGRAM_AREA_IS_EMPTY,
    );
    let second = cd.next();
    cd.incremental(MultiSession::None);
    cd.write(second, 400, 2).unwrap();
    cd.close(CloseFunction::Track, 2).unwrap();
    cd.close(CloseFunction::Session, 2).unwrap();
    let disc = cd.disc();
    assert_eq!(
        (disc.disc_status(), disc.last_session_status()),
        (DiscStatus::Complete, SessionStatus::Complete)
    );
    assert_eq!(
        (disc.number_of_sessions(), disc.last_track_in_last_session()),
        (2, 2)
    );
    refused(cd.track(0xFF), Sense::INVALID_FIELD_IN_CDB);
    refused(
        cd.write(second + 402, 1, 3),
        Sense::CANNOT_WRITE_MEDIUM_INCOMPATIBLE_FORMAT,
    );
    refused(
        cd.close(CloseFunction::Session, 2),
        Sense::CANNOT_WRITE_MEDIUM_INCOMPATIBLE_FORMAT,
    );
}

#[test]
fn a_session_that_leaves_no_room_for_another_ends_the_disc() {
    let mut cd = Bench::new(Medium::CdR80, 402 + 11_400 + 299);
    cd.write(0, 400, 1).unwrap();
    cd.close(CloseFunction::Track, 1).unwrap();
    cd.close(CloseFunction::Session, 1).unwrap();
    assert_eq!(cd.disc().disc_status(), DiscStatus::Complete);
}

#[test]
fn the_end_of_the_disc_is_the_end_of_the_user_area() {
    let mut cd = Bench::new(Medium::CdR80, 500);
    refused(
        cd.write(0, 499, 1),
        Sense::END_OF_USER_AREA_ENCOUNTERED_ON_THIS_TRACK,
    );
    cd.write(0, 498, 1).unwrap();
    assert_eq!(cd.open_track().next_writable(), None);
    refused(
        cd.write(498, 1, 1),
        Sense::END_OF_USER_AREA_ENCOUNTERED_ON_THIS_TRACK,
    );
    refused(cd.write(500, 1, 1), Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE);
    cd.close(CloseFunction::Track, 1).unwrap();
    cd.close(CloseFunction::Session, 1).unwrap();
    assert_eq!(cd.disc().disc_status(), DiscStatus::Complete);
}

#[test]
fn a_reserved_track_is_filled_independently_of_the_next_track() {
    let mut cd = Bench::new(Medium::CdR80, CAPACITY);
    cd.reserve(500).unwrap();
    assert_eq!(cd.disc().disc_status(), DiscStatus::Incomplete);
    assert!(cd.track(1).unwrap().reserved_track());
    let second = 500 + 2 + 150;
    assert_eq!(cd.next(), second);
    cd.write(second, 400, 2).unwrap();
    cd.write(0, 10, 1).unwrap();
    cd.synchronize();
    refused(cd.reserve(500), Sense::CURRENT_PROGRAM_AREA_IS_NOT_EMPTY);
    cd.close(CloseFunction::Track, 2).unwrap();
    refused(
        cd.close(CloseFunction::Session, 1),
        Sense::SESSION_FIXATION_ERROR_INCOMPLETE_TRACK,
    );
    cd.close(CloseFunction::Track, 1).unwrap();
    assert_eq!(cd.read(8, 4).unwrap(), [1, 1, 0, 0], "the rest is padding");
    assert_eq!(cd.read(499, 1).unwrap(), [0]);
    cd.close(CloseFunction::Session, 1).unwrap();
    assert_eq!(cd.disc().number_of_sessions(), 2);
}
