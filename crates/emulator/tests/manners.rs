//! Drives that refuse commands or answer differently: the switches for behaviour that other programs work
//! around.

mod bench;

use bench::{Bench, refused};
use emulator::{Behaviour, CloseEnds, Medium, WrongAddress};
use mmc::command::{GetConfiguration, PreventAllowMediumRemoval, ReadDiscInformation, RequestedFeatures};
use mmc::reply::{DiscInformation, DiscStatus};
use mmc::{CloseFunction, Data, MultiSession, Sense, SenseKey};

const CAPACITY: u32 = 40_000;

fn bench(medium: Medium, change: impl FnOnce(&mut Behaviour)) -> Bench {
    let mut behaviour = Behaviour::default();
    change(&mut behaviour);
    Bench::with(medium, CAPACITY, behaviour)
}

#[test]
fn a_close_may_end_with_sense_although_it_takes_effect() {
    for (close_ends, sense) in [
        (CloseEnds::InOperation, Sense::OPERATION_IN_PROGRESS),
        (CloseEnds::InLongWrite, Sense::LONG_WRITE_IN_PROGRESS),
        (
            CloseEnds::WithAttention,
            Sense::new(SenseKey::UnitAttention, 0x2E, 0),
        ),
    ] {
        let mut bench = bench(Medium::DvdR, |odd| odd.close_ends = close_ends);
        bench.incremental(MultiSession::None);
        bench.write(0, 32, 1).unwrap();
        refused(bench.close(CloseFunction::Track, 1), sense);
        // The close took effect, so it is not repeated.
        bench.close(CloseFunction::Track, 1).unwrap();
        refused(bench.close(CloseFunction::Session, 0), sense);
        assert_eq!(bench.disc().disc_status(), DiscStatus::Complete, "{close_ends:?}");
    }
}

#[test]
fn a_drive_may_be_ready_and_in_operation() {
    let mut bench = bench(Medium::BdR, |odd| odd.operation_in_progress_polls = 2);
    bench.write(0, 32, 1).unwrap();
    bench.synchronize();
    bench.ready().unwrap();
    for _ in 0..2 {
        refused(bench.read(0, 1), Sense::OPERATION_IN_PROGRESS);
    }
    bench.read(0, 1).unwrap();
}

#[test]
fn only_function_5_may_finalize() {
    let mut bench = bench(Medium::DvdPlusRDl, |odd| odd.finalizes_by_minimal_radius = true);
    bench.write(0, 32, 1).unwrap();
    refused(
        bench.close(CloseFunction::Finalize, 0),
        Sense::INVALID_FIELD_IN_CDB,
    );
    bench.close(CloseFunction::FinalizeMinimalRadius, 0).unwrap();
    assert_eq!(bench.disc().disc_status(), DiscStatus::Complete);
}

#[test]
fn a_write_elsewhere_may_be_refused_with_other_sense() {
    for (wrong_address, sense) in [
        (WrongAddress::Invalid, Sense::INVALID_ADDRESS_FOR_WRITE),
        (
            WrongAddress::OutOfRange,
            Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE,
        ),
        (WrongAddress::InvalidField, Sense::INVALID_FIELD_IN_CDB),
    ] {
        let mut bench = bench(Medium::DvdPlusR, |odd| odd.wrong_address = wrong_address);
        refused(bench.write(16, 16, 1), sense);
    }
}

#[test]
fn the_first_write_may_require_a_synchronize_before_it() {
    let mut bench = bench(Medium::BdR, |odd| odd.first_write_out_of_sequence = true);
    refused(bench.write(0, 32, 1), Sense::COMMAND_SEQUENCE_ERROR);
    bench.synchronize();
    bench.write(0, 32, 1).unwrap();
}

#[test]
fn disc_information_may_be_short_and_refused_in_full() {
    let mut bench = bench(Medium::CdR80, |odd| odd.disc_information_length = 24);
    let full: Result<DiscInformation, _> = bench.ask(ReadDiscInformation::standard(34));
    refused(full, Sense::INVALID_FIELD_IN_CDB);
    let length: [u8; 2] = bench.ask(ReadDiscInformation::standard(2)).unwrap();
    assert_eq!(u16::from_be_bytes(length), 22);
}

#[test]
fn rubbish_may_follow_an_answer() {
    let mut bench = bench(Medium::CdR80, |odd| odd.rubbish_behind_answers = true);
    let mut out = [0; 64];
    let moved = bench.run(ReadDiscInformation::standard(64), Data::In(&mut out));
    assert_eq!(moved, Ok(64));
    assert!(out[34..].iter().all(|byte| *byte == 0xA5));
}

#[test]
fn commands_may_be_unknown() {
    let unknown = Sense::INVALID_COMMAND_OPERATION_CODE;
    let mut bench = bench(Medium::BdR, |odd| {
        odd.configuration = false;
        odd.disc_information = false;
        odd.track_information = false;
        odd.removal_can_be_prevented = false;
    });
    let mut out = [0; 64];
    let configuration = GetConfiguration::new(RequestedFeatures::All, 0, 64);
    refused(bench.run(configuration, Data::In(&mut out)), unknown);
    let disc: Result<[u8; 34], _> = bench.ask(ReadDiscInformation::standard(34));
    refused(disc, unknown);
    refused(bench.track(1), unknown);
    refused(
        bench.run(PreventAllowMediumRemoval::new(true), Data::None),
        unknown,
    );
}

#[test]
fn odd_write_parameters_are_refused_when_sent_back() {
    let mut bench = bench(Medium::BdR, |odd| odd.odd_write_parameters = true);
    let mut page = bench.write_parameters();
    page.session_format = 0xFF;
    refused(bench.select(&page), Sense::INVALID_FIELD_IN_PARAMETER_LIST);
    page.session_format = 0;
    page.audio_pause_length = 150.into();
    bench.select(&page).unwrap();
}
