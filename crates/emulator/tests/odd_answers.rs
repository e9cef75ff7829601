//! Drives with unusual answers: the switches of replies, of closing, and of commands that are refused.

mod bench;

use bench::{Bench, refused};
use emulator::{AddressMoves, Behaviour, Calibration, LastAddress, Medium, SessionClose, Toc};
use mmc::command::{
    GetConfiguration, GetEventStatusNotification, InformationAddress, ReadFormatCapacities,
    ReadTrackInformation, RequestedFeatures, SendOpcInformation, TocFormat,
};
use mmc::reply::{DiscStatus, FeatureHeader, SessionStatus, TrackInformation};
use mmc::{CloseFunction, Data, FeatureNumber, Features, MultiSession, Sense, SenseKey, WriteType};
use zerocopy::FromBytes as _;

const CAPACITY: u32 = 40_000;
const IN_PREGAP: u32 = 0xFFFF_FF6A;
const MULTI: [Medium; 4] = [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR];

fn odd(change: impl FnOnce(&mut Behaviour)) -> Behaviour {
    let mut behaviour = Behaviour::default();
    change(&mut behaviour);
    behaviour
}

/// A blank CD with mode page 05h as after power on.
fn as_after_power_on(behaviour: Behaviour) -> Bench {
    let directory = tempfile::tempdir().unwrap();
    let image = directory.path().join("disc.img");
    let recorder = emulator::Recorder::create(&image, Medium::CdR80, Some(CAPACITY), behaviour).unwrap();
    Bench {
        directory,
        image,
        recorder: Some(recorder),
    }
}

/// Records and closes a session of 320 blocks.
fn close_session(bench: &mut Bench) {
    let next = bench.open_track().next_writable().unwrap().0;
    bench.write(next, 320, 1).unwrap();
    bench.close(CloseFunction::Track, 0xFF).unwrap();
    bench.close(CloseFunction::Session, 0).unwrap();
}

#[test]
fn the_next_writable_address_may_advance_late_or_never() {
    for (next_writable_address_moves, written, synchronized) in [
        (AddressMoves::WithEachWrite, 32, 32),
        (AddressMoves::AfterSynchronize, 0, 32),
        (AddressMoves::Never, 0, 0),
    ] {
        let odd = odd(|odd| odd.next_writable_address_moves = next_writable_address_moves);
        let mut bench = Bench::with(Medium::DvdPlusR, CAPACITY, odd);
        bench.write(0, 32, 1).unwrap();
        assert_eq!(bench.next(), written, "{next_writable_address_moves:?}");
        bench.synchronize();
        assert_eq!(bench.next(), synchronized, "{next_writable_address_moves:?}");
        // The drive still writes at the real address.
        bench.write(32, 32, 1).unwrap();
    }
}

#[test]
fn a_blank_disc_may_be_writable_from_its_pregap_on() {
    let odd = odd(|odd| odd.blank_next_writable_address_in_pregap = true);
    for medium in MULTI {
        let mut bench = Bench::with(medium, CAPACITY, odd.clone());
        assert_eq!(bench.next(), IN_PREGAP, "{medium}");
        bench.write(0, 32, 1).unwrap();
        assert_eq!(bench.next(), 32, "{medium}");
    }
}

#[test]
fn tracks_of_a_cd_may_count_their_pregap() {
    let odd = odd(|odd| odd.tracks_count_pregap = true);
    let mut bench = Bench::with(Medium::CdR80, CAPACITY, odd);
    close_session(&mut bench);
    let first = bench.track(1).unwrap();
    assert_eq!(first.track_start_address.get(), IN_PREGAP);
    assert_eq!(first.track_size.get(), 150 + 320 + 2);
    let next = bench.open_track();
    let start = next.track_start_address.get();
    assert_eq!(next.next_writable().unwrap().0, start + 150);
}

#[test]
fn a_closed_track_may_end_nowhere() {
    let odd = odd(|odd| odd.closed_tracks_end_nowhere = true);
    let mut bench = Bench::with(Medium::CdR80, CAPACITY, odd);
    close_session(&mut bench);
    assert_eq!(bench.track(1).unwrap().track_size.get(), 0x7FFF_FFFF);
}

#[test]
fn a_blank_track_may_start_at_zero() {
    let odd = odd(|odd| odd.blank_track_starts_at_zero = true);
    let mut bench = Bench::with(Medium::DvdPlusR, CAPACITY, odd);
    close_session(&mut bench);
    let open = bench.open_track();
    assert!(open.blank());
    assert_eq!(open.track_start_address.get(), 0);
    assert_eq!(open.next_writable().unwrap().0, 320 + 2048);
    assert_eq!(bench.disc().last_session_status(), SessionStatus::Empty);
}

#[test]
fn the_free_blocks_of_a_track_may_remain_its_size() {
    let odd = odd(|odd| odd.free_blocks_never_shrink = true);
    let mut bench = Bench::with(Medium::BdR, CAPACITY, odd);
    bench.write(0, 320, 1).unwrap();
    assert_eq!(bench.open_track().free_blocks.get(), CAPACITY);
}

#[test]
fn track_information_of_more_than_36_bytes_may_be_refused() {
    let odd = odd(|odd| odd.long_track_information_refused = true);
    let mut bench = Bench::with(Medium::CdR80, CAPACITY, odd);
    let ask = |length| ReadTrackInformation::new(InformationAddress::Track, 1, length);
    assert!(
        bench
            .ask::<TrackInformation>(ask(48))
            .unwrap_err()
            .is(Sense::INVALID_FIELD_IN_CDB)
    );
    let mut bytes = [0; 36];
    assert_eq!(bench.run(ask(36), Data::In(&mut bytes)), Ok(36));
    assert_eq!(bytes[1], 34);
}

#[test]
fn a_missing_invisible_track_may_look_like_not_ready() {
    let odd = odd(|odd| odd.no_invisible_track_is_not_ready = true);
    let mut bench = Bench::with(Medium::DvdPlusR, CAPACITY, odd);
    bench.write(0, 32, 1).unwrap();
    bench.close(CloseFunction::Finalize, 0).unwrap();
    let sense = bench.track(0xFF).unwrap_err();
    assert!(sense.is(Sense::new(SenseKey::NotReady, 0x24, 0)));
    assert!(bench.ready().is_ok());
}

#[test]
fn disc_information_may_always_report_1_as_the_last_track() {
    let odd = odd(|odd| odd.last_track_stays = true);
    let mut bench = Bench::with(Medium::BdR, CAPACITY, odd);
    close_session(&mut bench);
    close_session(&mut bench);
    assert_eq!(bench.disc().last_track_in_last_session(), 1);
    assert_eq!(bench.open_track().track_number(), 3);
}

#[test]
fn disc_information_may_count_an_open_session_twice() {
    let odd = odd(|odd| odd.open_session_counted_twice = true);
    let mut bench = Bench::with(Medium::BdR, CAPACITY, odd);
    assert_eq!(bench.disc().number_of_sessions(), 1);
    bench.write(0, 32, 1).unwrap();
    let disc = bench.disc();
    assert_eq!(
        (disc.number_of_sessions(), disc.first_track_in_last_session()),
        (2, 1)
    );
}

#[test]
fn disc_information_may_show_a_close_late() {
    let odd = odd(|odd| odd.close_shows_late = 2);
    let mut bench = Bench::with(Medium::DvdPlusR, CAPACITY, odd);
    bench.write(0, 32, 1).unwrap();
    bench.close(CloseFunction::Finalize, 0).unwrap();
    let said = [(); 3].map(|()| bench.disc().disc_status());
    assert_eq!(
        said,
        [
            DiscStatus::Incomplete,
            DiscStatus::Incomplete,
            DiscStatus::Complete
        ]
    );
}

#[test]
fn closing_a_session_may_have_another_effect_than_requested() {
    for (session_close, allowed, status, session) in [
        (
            SessionClose::Nothing,
            true,
            DiscStatus::Incomplete,
            SessionStatus::Incomplete,
        ),
        (
            SessionClose::Finalized,
            true,
            DiscStatus::Complete,
            SessionStatus::Complete,
        ),
        (
            SessionClose::Appendable,
            false,
            DiscStatus::Incomplete,
            SessionStatus::Empty,
        ),
    ] {
        for medium in [Medium::CdR80, Medium::DvdR] {
            let odd = odd(|odd| odd.session_close = session_close);
            let mut bench = Bench::with(medium, CAPACITY, odd);
            bench.incremental(if allowed {
                MultiSession::Allowed
            } else {
                MultiSession::None
            });
            close_session(&mut bench);
            let disc = bench.disc();
            assert_eq!(disc.disc_status(), status, "{medium} {session_close:?}");
            assert_eq!(disc.last_session_status(), session, "{medium} {session_close:?}");
        }
    }
}

#[test]
fn finalizing_by_function_may_have_no_effect() {
    let odd = odd(|odd| odd.finalizing_without_effect = true);
    for function in [CloseFunction::Finalize, CloseFunction::FinalizeMinimalRadius] {
        let mut bench = Bench::with(Medium::DvdPlusR, CAPACITY, odd.clone());
        bench.write(0, 32, 1).unwrap();
        bench.close(function, 0).unwrap();
        assert_eq!(bench.disc().last_session_status(), SessionStatus::Incomplete);
    }
}

#[test]
fn the_multi_session_field_may_count_even_if_it_should_not() {
    let odd = odd(|odd| odd.multi_session_counts_always = true);
    for (allowed, status) in [
        (MultiSession::Allowed, DiscStatus::Incomplete),
        (MultiSession::None, DiscStatus::Complete),
    ] {
        for medium in [Medium::DvdPlusR, Medium::BdR] {
            let mut bench = Bench::with(medium, CAPACITY, odd.clone());
            bench.incremental(allowed);
            close_session(&mut bench);
            assert_eq!(bench.disc().disc_status(), status, "{medium}");
        }
    }
}

#[test]
fn a_synchronize_may_close_the_track_of_any_medium() {
    let odd = odd(|odd| odd.synchronize_closes_track = true);
    for medium in MULTI {
        let mut bench = Bench::with(medium, CAPACITY, odd.clone());
        bench.write(0, 320, 1).unwrap();
        bench.synchronize();
        assert_eq!(bench.open_track().track_number(), 2, "{medium}");
        assert_eq!(
            bench.disc().last_session_status(),
            SessionStatus::Incomplete,
            "{medium}"
        );
    }
}

#[test]
fn a_closed_track_of_a_cd_may_have_no_run_out() {
    let odd = odd(|odd| odd.run_out = false);
    let mut bench = Bench::with(Medium::CdR80, CAPACITY, odd);
    close_session(&mut bench);
    assert_eq!(bench.track(1).unwrap().track_size.get(), 320);
    assert_eq!(bench.last_address(), 319);
}

#[test]
fn a_recorder_of_cds_may_know_no_packets() {
    let odd = odd(|odd| odd.packets = false);
    let mut bench = as_after_power_on(odd);
    let mut page = bench.write_parameters();
    page.set_write_type(WriteType::Packet);
    assert!(
        bench
            .select(&page)
            .unwrap_err()
            .is(Sense::INVALID_FIELD_IN_PARAMETER_LIST)
    );
    let mut bytes = vec![0; 2048];
    let command = GetConfiguration::new(RequestedFeatures::Current, 0, 2048);
    bench.run(command, Data::In(&mut bytes)).unwrap();
    let (_, features) = FeatureHeader::read_from_prefix(&bytes).unwrap();
    let has = |number| Features::new(features).any(|feature| feature.number() == number && feature.current());
    assert!(!has(FeatureNumber::INCREMENTAL_STREAMING_WRITABLE));
    assert!(has(FeatureNumber::CD_TRACK_AT_ONCE));
    page.set_write_type(WriteType::TrackAtOnce);
    bench.select(&page).unwrap();
    bench.write(0, 320, 1).unwrap();
    bench.synchronize();
    assert_eq!(bench.open_track().track_number(), 2);
}

#[test]
fn mode_page_05h_may_be_longer_and_required_so() {
    let odd = odd(|odd| odd.write_parameters_length = 54);
    let mut bench = as_after_power_on(odd);
    let mut page = bench.write_parameters();
    assert_eq!(page.page_length, 54);
    page.page_length = 50;
    assert!(
        bench
            .select(&page)
            .unwrap_err()
            .is(Sense::INVALID_FIELD_IN_PARAMETER_LIST)
    );
}

#[test]
fn a_toc_may_be_refused_or_made_up() {
    let mut bench = Bench::with(Medium::CdR80, CAPACITY, odd(|odd| odd.toc = Toc::Refused));
    close_session(&mut bench);
    for format in [TocFormat::Toc, TocFormat::SessionInformation, TocFormat::FullToc] {
        refused(bench.toc(format, 0), Sense::INVALID_FIELD_IN_CDB);
    }
    let mut bench = Bench::with(Medium::CdR80, CAPACITY, odd(|odd| odd.toc = Toc::OneTrack));
    close_session(&mut bench);
    close_session(&mut bench);
    let toc = bench.toc(TocFormat::Toc, 0).unwrap();
    assert_eq!((toc[2], toc[3], toc.len()), (1, 1, 20));
}

#[test]
fn a_calibration_may_be_refused_or_fail() {
    for (calibration, sense) in [
        (Calibration::Refused, Sense::INVALID_COMMAND_OPERATION_CODE),
        (Calibration::Fails, Sense::POWER_CALIBRATION_AREA_ERROR),
    ] {
        let mut bench = Bench::with(Medium::DvdR, CAPACITY, odd(|odd| odd.calibration = calibration));
        refused(bench.run(SendOpcInformation::calibrate(), Data::None), sense);
        bench.write(0, 16, 1).unwrap();
    }
}

#[test]
fn optional_commands_may_be_unknown() {
    let mut bench = Bench::with(Medium::BdR, CAPACITY, odd(|odd| odd.optional_commands = false));
    let unknown = Sense::INVALID_COMMAND_OPERATION_CODE;
    refused(
        bench.run(ReadFormatCapacities::new(252), Data::In(&mut [0; 252])),
        unknown,
    );
    let events = GetEventStatusNotification::poll(0x10, 8);
    refused(bench.run(events, Data::In(&mut [0; 8])), unknown);
}

#[test]
fn read_capacity_may_find_no_medium_on_a_blank_disc() {
    let odd = odd(|odd| odd.read_capacity_blank = LastAddress::NoMedium);
    let mut bench = Bench::with(Medium::DvdR, CAPACITY, odd);
    let command = mmc::command::ReadCapacity::default();
    refused(
        bench.run(command, Data::In(&mut [0; 8])),
        Sense::MEDIUM_NOT_PRESENT,
    );
    bench.write(0, 16, 1).unwrap();
    assert_eq!(bench.last_address(), 15);
}
