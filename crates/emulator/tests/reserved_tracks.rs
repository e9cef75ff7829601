//! RESERVE TRACK on each medium: where the next track begins, how many reservations fit, how they are closed
//! and read.

mod bench;

use bench::{Bench, refused, refused_at};
use emulator::{Behaviour, FaultScript, Keep, Medium, RESERVATIONS, Recorder};
use mmc::command::TocFormat;
use mmc::reply::DiscStatus;
use mmc::{CloseFunction, Sense, SenseKey};

const CAPACITY: u32 = 60_000;
const FAMILIES: [Medium; 4] = [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR];

fn switched(name: &str, value: &str) -> Behaviour {
    let mut behaviour = Behaviour::default();
    assert!(behaviour.set(name, value), "{name} {value}");
    behaviour
}

#[test]
fn the_next_track_begins_after_run_out_and_pregap_or_a_gap() {
    for (medium, asked, size, next) in [
        (Medium::CdR80, 300, 300, 300 + 2 + 150),
        (Medium::CdR80, 1, 298, 298 + 2 + 150),
        (Medium::DvdR, 480, 480, 480 + 16),
        (Medium::DvdR, 470, 480, 480 + 16),
        (Medium::DvdRDl, 480, 480, 480 + 16),
        (Medium::DvdPlusR, 480, 480, 480),
        (Medium::DvdPlusRDl, 479, 480, 480),
        (Medium::BdR, 480, 480, 480),
        (Medium::BdR, 481, 512, 512),
    ] {
        let mut disc = Bench::new(medium, CAPACITY);
        disc.reserve(asked).unwrap();
        let track = disc.track(1).unwrap();
        assert_eq!(track.track_size.get(), size, "{medium}, {asked}");
        assert!(track.reserved_track() && track.blank());
        assert_eq!(track.next_writable().map(|at| at.0), Some(0));
        assert_eq!(disc.next(), next, "{medium}, {asked}");
        assert_eq!(disc.disc().disc_status(), DiscStatus::Incomplete);
    }
}

/// The number of tracks of one unit that can be reserved in sequence.
fn reservations(disc: &mut Bench) -> usize {
    for count in 0..200 {
        if let Err(sense) = disc.reserve(1) {
            assert!(sense.is(Sense::NO_MORE_TRACK_RESERVATIONS_ALLOWED), "{sense}");
            return count;
        }
    }
    panic!("unlimited reservations");
}

#[test]
fn each_medium_has_a_maximum_of_reservations() {
    for (medium, most) in [
        (Medium::CdR80, 98),
        (Medium::DvdR, 2),
        (Medium::DvdPlusR, 15),
        (Medium::BdR, 15),
    ] {
        let mut disc = Bench::new(medium, CAPACITY);
        assert_eq!(reservations(&mut disc), most, "{medium}");
        let before = disc.side_file();
        refused(disc.reserve(1), Sense::NO_MORE_TRACK_RESERVATIONS_ALLOWED);
        assert_eq!(disc.side_file(), before, "{medium}");
    }
}

#[test]
fn a_dvd_plus_r_session_opened_by_a_write_has_one_fragment_less() {
    let mut dvd = Bench::new(Medium::DvdPlusR, CAPACITY);
    dvd.write(0, 16, 1).unwrap();
    dvd.close(CloseFunction::Track, 1).unwrap();
    assert_eq!(reservations(&mut dvd), 13, "14 including the complete one");
}

#[test]
fn closing_a_reserved_track_of_a_dvd_r_or_bd_r_allows_another() {
    for medium in [Medium::DvdR, Medium::BdR] {
        let mut disc = Bench::new(medium, CAPACITY);
        reservations(&mut disc);
        disc.close(CloseFunction::Track, 1).unwrap();
        disc.reserve(1).unwrap();
        refused(disc.reserve(1), Sense::NO_MORE_TRACK_RESERVATIONS_ALLOWED);
    }
}

/// A disc with a reserved track and data after it, and the start of its second track.
fn reserved(medium: Medium, behaviour: Behaviour) -> (Bench, u32) {
    let mut disc = Bench::with(medium, CAPACITY, behaviour);
    disc.reserve(480).unwrap();
    let second = disc.next();
    disc.write(second, 320, 2).unwrap();
    disc.synchronize();
    (disc, second)
}

#[test]
fn a_session_is_not_closed_over_a_reserved_track_that_is_not_full() {
    for (medium, sense) in [
        (Medium::CdR80, Sense::SESSION_FIXATION_ERROR_INCOMPLETE_TRACK),
        (Medium::DvdR, Sense::EMPTY_OR_PARTIALLY_WRITTEN_RESERVED_TRACK),
        (Medium::DvdPlusR, Sense::SESSION_FIXATION_ERROR_INCOMPLETE_TRACK),
        (Medium::BdR, Sense::EMPTY_OR_PARTIALLY_WRITTEN_RESERVED_TRACK),
    ] {
        for written in [0, 32] {
            let (mut disc, _) = reserved(medium, Behaviour::default());
            if written > 0 {
                disc.write(0, written, 1).unwrap();
            }
            disc.close(CloseFunction::Track, 2).unwrap();
            refused(disc.close(CloseFunction::Session, 1), sense);
            disc.close(CloseFunction::Track, 1).unwrap();
            assert_eq!(disc.read(479, 1).unwrap(), [0], "{medium}: the rest is padding");
            assert!(!disc.track(1).unwrap().reserved_track(), "{medium}");
            disc.close(CloseFunction::Session, 1).unwrap();
            assert_eq!(disc.disc().number_of_sessions(), 2, "{medium}");
        }
    }
}

#[test]
fn a_session_is_closed_over_a_reserved_track_that_is_full() {
    for medium in FAMILIES {
        let (mut disc, second) = reserved(medium, Behaviour::default());
        disc.write(0, 480, 1).unwrap();
        disc.synchronize();
        assert_eq!(disc.track(1).unwrap().next_writable(), None, "{medium}");
        if medium == Medium::CdR80 {
            disc.close(CloseFunction::Track, 1).unwrap();
        }
        disc.close(CloseFunction::Track, 2).unwrap();
        disc.close(CloseFunction::Session, 1).unwrap();
        assert_eq!(disc.read(479, 1).unwrap(), [1], "{medium}");
        assert_eq!(disc.read(second, 1).unwrap(), [2], "{medium}");
    }
}

#[test]
fn drives_differ_in_closing_a_session_with_a_reserved_track() {
    for medium in FAMILIES {
        for (value, sense) in [
            ("incomplete-track", Sense::SESSION_FIXATION_ERROR_INCOMPLETE_TRACK),
            ("reserved-track", Sense::EMPTY_OR_PARTIALLY_WRITTEN_RESERVED_TRACK),
        ] {
            let (mut disc, _) = reserved(medium, switched("close_over_reserved", value));
            disc.close(CloseFunction::Track, 2).unwrap();
            refused(disc.close(CloseFunction::Session, 1), sense);
        }
        let (mut disc, _) = reserved(medium, switched("close_over_reserved", "closed"));
        disc.close(CloseFunction::Track, 2).unwrap();
        disc.close(CloseFunction::Session, 1).unwrap();
        assert_eq!(disc.read(0, 480).unwrap(), [0; 480], "{medium}");
    }
}

#[test]
fn a_drive_may_refuse_reservations_round_up_or_leave_another_gap() {
    for medium in FAMILIES {
        let mut disc = Bench::with(medium, CAPACITY, switched("reserve_track", "no"));
        refused(disc.reserve(480), Sense::INVALID_COMMAND_OPERATION_CODE);
        assert_eq!((disc.next(), disc.disc().disc_status()), (0, DiscStatus::Blank));
        let mut disc = Bench::with(medium, CAPACITY, switched("reservation_unit", "1024"));
        disc.reserve(480).unwrap();
        assert_eq!(disc.track(1).unwrap().track_size.get(), 1024, "{medium}");
        for (gap, blocks) in [("0", 0), ("64", 64)] {
            let mut disc = Bench::with(medium, CAPACITY, switched("track_gap", gap));
            disc.reserve(480).unwrap();
            let run_out = if medium == Medium::CdR80 { 2 } else { 0 };
            assert_eq!(disc.next(), 480 + run_out + blocks, "{medium}, {gap}");
        }
    }
}

#[test]
fn a_bd_r_may_leave_the_rest_of_a_closed_reserved_track_unrecorded() {
    let (mut bd, _) = reserved(Medium::BdR, switched("reserved_track_padded", "no"));
    bd.write(0, 32, 1).unwrap();
    bd.close(CloseFunction::Track, 1).unwrap();
    assert_eq!(bd.read(0, 32).unwrap(), [1; 32]);
    refused_at(bd.read(31, 2), Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE, 32);
    bd.close(CloseFunction::Session, 1).unwrap();
    bd.reopen().unwrap();
    refused_at(bd.read(31, 2), Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE, 32);
}

#[test]
fn a_closed_session_of_a_dvd_plus_r_may_read_back_as_one_track() {
    let (mut dvd, second) = reserved(Medium::DvdPlusR, switched("closed_session_is_one_track", "yes"));
    dvd.write(0, 480, 1).unwrap();
    dvd.close(CloseFunction::Session, 1).unwrap();
    let track = dvd.track(1).unwrap();
    assert_eq!(
        (track.track_size.get(), track.next_writable()),
        (second + 320, None)
    );
    assert_eq!(dvd.open_track().track_number(), 2);
    assert_eq!(dvd.read(479, 2).unwrap(), [1, 2]);
    dvd.reopen().unwrap();
    assert_eq!(dvd.track(1).unwrap().track_size.get(), second + 320);
}

#[test]
fn blocks_between_joined_tracks_cannot_be_read() {
    let mut behaviour = switched("closed_session_is_one_track", "yes");
    assert!(behaviour.set("track_gap", "16"));
    let (mut dvd, second) = reserved(Medium::DvdPlusR, behaviour);
    assert_eq!(second, 496);
    dvd.write(0, 480, 1).unwrap();
    dvd.close(CloseFunction::Session, 1).unwrap();
    assert_eq!(dvd.track(1).unwrap().track_size.get(), 496 + 320);
    refused_at(dvd.read(479, 2), Sense::ILLEGAL_MODE_FOR_THIS_TRACK, 480);
    assert_eq!(dvd.read(496, 1).unwrap(), [2]);
}

#[test]
fn the_toc_of_a_dvd_r_has_at_most_two_sessions() {
    let mut dvd = Bench::new(Medium::DvdR, CAPACITY);
    for number in 1..=3 {
        let at = dvd.next();
        dvd.write(at, 320, 1).unwrap();
        let track = dvd.open_track().track_number();
        dvd.close(CloseFunction::Track, track).unwrap();
        dvd.close(CloseFunction::Session, 0).unwrap();
        let sessions = dvd.toc(TocFormat::SessionInformation, 0).unwrap();
        assert_eq!(sessions[3], number.min(2), "the last session");
        assert_eq!(sessions[8..12], at.to_be_bytes());
        let toc = dvd.toc(TocFormat::Toc, 0).unwrap();
        assert_eq!(toc[3], number.min(2), "the last track");
    }
}

#[test]
fn unrecorded_blocks_of_a_reserved_track_cannot_be_read() {
    let blank = Sense::new(SenseKey::BlankCheck, 0, 0);
    for medium in FAMILIES {
        for (value, sense) in [
            ("out-of-range", Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE),
            ("blank", blank),
            ("medium-error", Sense::UNRECOVERED_READ_ERROR),
        ] {
            let mut behaviour = Behaviour::default();
            assert!(behaviour.set("unrecorded_blocks", value));
            let (mut disc, second) = reserved(medium, behaviour);
            refused_at(disc.read(16, 1), sense, 16);
            disc.write(0, 32, 1).unwrap();
            disc.synchronize();
            assert_eq!(disc.read(16, 16).unwrap(), [1; 16], "{medium}");
            refused_at(disc.read(479, 1), sense, 479);
            assert_eq!(disc.read(second, 1).unwrap(), [2], "{medium}");
        }
    }
}

#[test]
fn a_drive_may_read_zeros_before_the_last_recorded_block() {
    for medium in FAMILIES {
        let (mut disc, second) = reserved(medium, switched("unrecorded_blocks", "zeros"));
        assert_eq!(disc.read(16, 2).unwrap(), [0; 2], "{medium}");
        assert_eq!(disc.read(second - 1, 2).unwrap(), [0, 2], "{medium}");
        let end = second + 320;
        refused_at(
            disc.read(end - 1, 2),
            Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE,
            end,
        );
    }
}

#[test]
fn an_unwritten_reserved_track_is_a_hole_in_the_image() {
    for medium in FAMILIES {
        let (mut disc, second) = reserved(medium, Behaviour::default());
        for _ in 0..3 {
            disc.reopen().unwrap();
            let track = disc.track(1).unwrap();
            assert!(track.reserved_track() && track.blank(), "{medium}");
            assert_eq!(track.next_writable().map(|at| at.0), Some(0), "{medium}");
        }
        assert!(disc.recorder().misfit().is_none());
        let image = std::fs::read(&disc.image).unwrap();
        assert!(
            image[..second as usize * 2048].iter().all(|byte| *byte == 0),
            "{medium}"
        );
        disc.write(0, 480, 1).unwrap();
        disc.reopen().unwrap();
        assert_eq!(disc.track(1).unwrap().next_writable(), None, "{medium}");
        assert_eq!(disc.read(0, 480).unwrap(), [1; 480], "{medium}");
        assert_eq!(disc.read(second, 320).unwrap(), [2; 320], "{medium}");
    }
}

#[test]
fn a_power_cut_while_filling_a_reserved_track_keeps_synchronized_data() {
    for medium in FAMILIES {
        for keep in [Keep::None, Keep::Units(1), Keep::All] {
            let (mut disc, second) = reserved(medium, Behaviour::default());
            disc.write(0, 32, 1).unwrap();
            disc.synchronize();
            let next = disc.track(1).unwrap().next_writable().unwrap().0;
            disc.write(next, 64, 3).unwrap();
            disc.recorder().cut_power(keep);
            disc.recorder = Some(Recorder::open(&disc.image).unwrap());
            assert_eq!(disc.read(0, 32).unwrap(), [1; 32], "{medium}, {keep:?}");
            assert_eq!(disc.read(second, 320).unwrap(), [2; 320], "{medium}, {keep:?}");
            let after = disc.track(1).unwrap().next_writable().unwrap().0;
            assert!(
                (next..=next + 64 + 7).contains(&after),
                "{medium}, {keep:?}: {after}"
            );
            refused(disc.read(after, 1), Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE);
        }
    }
}

#[test]
fn a_killed_drive_leaves_the_blocks_written_to_a_reserved_track() {
    for medium in FAMILIES {
        let (mut disc, second) = reserved(medium, Behaviour::default());
        disc.write(0, 64, 3).unwrap();
        disc.recorder().kill();
        disc.recorder = Some(Recorder::open(&disc.image).unwrap());
        assert_eq!(disc.read(0, 64).unwrap(), [3; 64], "{medium}");
        assert_eq!(disc.read(second, 320).unwrap(), [2; 320], "{medium}");
    }
}

#[test]
fn a_power_cut_at_a_reservation_happens_before_or_after_it() {
    for medium in FAMILIES {
        for step in 0..12 {
            let mut disc = Bench::new(medium, CAPACITY);
            disc.recorder()
                .set_faults(FaultScript::new().cut_at_side_file(step));
            let command = mmc::Command::from(mmc::command::ReserveTrack::new(480));
            let outcome = mmc::Transport::execute(disc.recorder(), command.as_bytes(), mmc::Data::None);
            disc.recorder = None;
            disc.recorder = Some(Recorder::open(&disc.image).unwrap());
            let tracks = disc.open_track().track_number();
            assert!(tracks <= 2, "{medium}, step {step}");
            assert!(
                outcome.is_err() || tracks == 2,
                "{medium}, step {step}: acknowledged and lost"
            );
        }
    }
}

#[test]
fn a_write_to_one_track_ends_the_open_unit_of_the_other() {
    for (medium, costs) in [
        (Medium::CdR80, 10 + 7),
        (Medium::DvdR, 16),
        (Medium::DvdPlusR, 16),
        (Medium::BdR, 32),
    ] {
        let mut disc = Bench::new(medium, CAPACITY);
        disc.reserve(480).unwrap();
        let second = disc.next();
        disc.write(second, 10, 2).unwrap();
        assert_eq!(disc.next(), second + 10, "{medium}");
        disc.write(0, 10, 1).unwrap();
        assert_eq!(disc.next(), second + costs, "{medium}");
        refused(disc.write(second + 10, 1, 2), Sense::INVALID_ADDRESS_FOR_WRITE);
        disc.write(second + costs, 10, 3).unwrap();
        disc.synchronize();
        disc.reopen().unwrap();
        assert_eq!(disc.read(0, 10).unwrap(), [1; 10], "{medium}");
        assert_eq!(disc.read(second, 10).unwrap(), [2; 10], "{medium}");
        assert_eq!(disc.read(second + costs, 10).unwrap(), [3; 10], "{medium}");
    }
}

#[test]
fn seven_links_precede_the_second_packet_of_a_reserved_cd_track() {
    let (mut cd, _) = reserved(Medium::CdR80, Behaviour::default());
    cd.write(0, 249, 1).unwrap();
    cd.synchronize();
    assert_eq!(cd.track(1).unwrap().next_writable().map(|at| at.0), Some(256));
    cd.write(256, 3, 1).unwrap();
    cd.synchronize();
    refused_at(cd.read(248, 2), Sense::ILLEGAL_MODE_FOR_THIS_TRACK, 249);
    cd.close(CloseFunction::Track, 1).unwrap();
    assert_eq!(cd.read(256, 224).unwrap()[..4], [1, 1, 1, 0]);
}

#[test]
fn the_switches_of_reservations_stay_with_the_disc() {
    for (name, value) in RESERVATIONS {
        let mut disc = Bench::with(Medium::DvdPlusR, CAPACITY, switched(name, value));
        disc.reopen().unwrap();
        assert_eq!(disc.recorder().behaviour().settings(), [(name, value.to_owned())]);
    }
}
