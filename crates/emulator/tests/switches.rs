//! The switches of behaviour, in both positions.

mod bench;

use bench::{Bench, refused};
use emulator::{Behaviour, LastAddress, Medium, NextWritableAddress};
use mmc::command::{
    CloseTrackSession, InformationAddress, ReadTrackInformation, SynchronizeCache, TocFormat,
};
use mmc::{CloseFunction, Data, Sense};

const CAPACITY: u32 = 30_000;

#[test]
fn the_last_recorded_address_can_be_valid_on_a_cd_and_invalid_on_a_dvd() {
    for valid in [false, true] {
        let odd = Behaviour {
            last_recorded_address_valid: Some(valid),
            ..Behaviour::default()
        };
        for medium in [Medium::CdR80, Medium::DvdPlusR] {
            let mut bench = Bench::with(medium, CAPACITY, odd.clone());
            bench.write(0, 16, 1).unwrap();
            bench.synchronize();
            assert_eq!(
                bench.open_track().last_recorded().map(|at| at.0),
                valid.then_some(15)
            );
        }
    }
}

#[test]
fn read_capacity_of_an_open_disc_differs_between_drives() {
    let all = [
        (LastAddress::Zero, 0),
        (LastAddress::LastRecorded, 19),
        (LastAddress::BeforeLeadOut, 0),
        (LastAddress::BeforeNextWritable, 26),
        (LastAddress::LastOfMedium, CAPACITY - 1),
    ];
    for (read_capacity_open, expected) in all {
        let odd = Behaviour {
            read_capacity_open,
            ..Behaviour::default()
        };
        let mut bench = Bench::with(Medium::CdR80, CAPACITY, odd);
        bench.write(0, 20, 1).unwrap();
        bench.synchronize();
        assert_eq!(bench.last_address(), expected, "{read_capacity_open:?}");
    }
}

#[test]
fn read_capacity_of_a_closed_cd_may_leave_out_the_run_out() {
    for (read_capacity_closed, expected) in [
        (LastAddress::BeforeLeadOut, 401),
        (LastAddress::LastRecorded, 399),
    ] {
        let odd = Behaviour {
            read_capacity_closed,
            ..Behaviour::default()
        };
        let mut bench = Bench::with(Medium::CdR80, CAPACITY, odd);
        bench.write(0, 400, 1).unwrap();
        bench.close(CloseFunction::Track, 1).unwrap();
        bench.close(CloseFunction::Session, 1).unwrap();
        assert_eq!(bench.last_address(), expected);
    }
}

#[test]
fn toc_format_1_may_report_0_for_the_last_session() {
    for (toc_last_session_start, expected) in [(true, 64u32), (false, 0)] {
        let odd = Behaviour {
            toc_last_session_start,
            ..Behaviour::default()
        };
        let mut bench = Bench::with(Medium::BdR, CAPACITY, odd);
        for session in 0..2 {
            bench.write(session * 64, 64, 1).unwrap();
            bench.close(CloseFunction::Session, 0).unwrap();
        }
        let toc = bench.toc(TocFormat::SessionInformation, 0).unwrap();
        assert_eq!(toc[8..12], expected.to_be_bytes());
    }
}

#[test]
fn the_next_writable_address_may_be_on_one_track_number_only() {
    let numbers = [
        (NextWritableAddress::Any, Some(true), Some(true)),
        (NextWritableAddress::TrackFfOnly, Some(true), Some(false)),
        (NextWritableAddress::NumberOnly, None, Some(true)),
    ];
    for (next_writable_address, invisible, number) in numbers {
        let odd = Behaviour {
            next_writable_address,
            ..Behaviour::default()
        };
        let mut bench = Bench::with(Medium::DvdR, CAPACITY, odd);
        let has = |track: Result<mmc::reply::TrackInformation, Sense>| {
            track.ok().map(|track| track.next_writable().is_some())
        };
        assert_eq!(has(bench.track(0xFF)), invisible, "{next_writable_address:?}");
        assert_eq!(has(bench.track(1)), number, "{next_writable_address:?}");
    }
}

#[test]
fn track_information_may_be_short() {
    let odd = Behaviour {
        short_track_information: true,
        ..Behaviour::default()
    };
    let mut bench = Bench::with(Medium::DvdR, CAPACITY, odd);
    let mut answer = [0; 48];
    let command = ReadTrackInformation::new(InformationAddress::Track, 1, 48);
    assert_eq!(bench.run(command, Data::In(&mut answer)), Ok(28));
    assert_eq!(answer[..2], [0, 26]);
}

#[test]
fn without_underrun_protection_a_packet_may_end_after_any_write() {
    for protection in [true, false] {
        let odd = Behaviour {
            underrun_after_writes: 2,
            buffer_underrun_protection: protection,
            ..Behaviour::default()
        };
        let mut bench = Bench::with(Medium::CdR80, CAPACITY, odd);
        let mut page = bench.write_parameters();
        page.set_buffer_underrun_free(true);
        bench.select(&page).unwrap();
        assert_eq!(
            bench.write_parameters().buffer_underrun_free(),
            protection,
            "MODE SENSE shows the accepted value"
        );
        bench.write(0, 5, 1).unwrap();
        bench.write(5, 5, 1).unwrap();
        if protection {
            bench.write(10, 5, 1).unwrap();
        } else {
            refused(bench.write(10, 5, 1), Sense::INVALID_ADDRESS_FOR_WRITE);
            assert_eq!(bench.next(), 17);
            bench.write(17, 5, 1).unwrap();
        }
    }
}

#[test]
fn synchronizing_may_close_the_track_of_a_cd() {
    let odd = Behaviour {
        synchronize_closes_track: true,
        ..Behaviour::default()
    };
    let mut bench = Bench::with(Medium::CdR80, CAPACITY, odd);
    bench.write(0, 400, 1).unwrap();
    bench.synchronize();
    assert_eq!(bench.next(), 402 + 150);
    assert_eq!(bench.open_track().track_number(), 2);
    bench.close(CloseFunction::Track, 1).unwrap();
    bench.close(CloseFunction::Session, 1).unwrap();
    assert_eq!(bench.disc().number_of_sessions(), 2);
}

#[test]
fn closing_a_track_may_be_refused_after_a_synchronize() {
    let odd = Behaviour {
        close_track_refused_after_synchronize: true,
        ..Behaviour::default()
    };
    let mut bench = Bench::with(Medium::CdR80, CAPACITY, odd);
    bench.write(0, 400, 1).unwrap();
    bench.synchronize();
    refused(
        bench.close(CloseFunction::Track, 1),
        Sense::COMMAND_SEQUENCE_ERROR,
    );
    bench.close(CloseFunction::Session, 1).unwrap();
    assert_eq!(bench.next(), 402 + 11_400);
}

#[test]
fn a_session_gap_can_be_any_number_of_units() {
    for (medium, gap, next) in [
        (Medium::CdR80, 0, 402),
        (Medium::DvdR, 100, 400 + 112),
        (Medium::BdR, 33, 416 + 64),
    ] {
        let odd = Behaviour {
            session_gap: Some(gap),
            ..Behaviour::default()
        };
        let mut bench = Bench::with(medium, 2_000, odd);
        bench.write(0, 400, 1).unwrap();
        bench.close(CloseFunction::Track, 1).unwrap();
        bench.close(CloseFunction::Session, 1).unwrap();
        assert_eq!(bench.next(), next, "{medium}");
    }
}

#[test]
fn each_run_on_a_dvd_r_may_cost_a_linking_loss() {
    let odd = Behaviour {
        linking_loss: 16,
        ..Behaviour::default()
    };
    let mut bench = Bench::with(Medium::DvdR, CAPACITY, odd);
    bench.write(0, 10, 1).unwrap();
    bench.synchronize();
    assert_eq!(bench.next(), 32);
    bench.write(32, 16, 2).unwrap();
    assert_eq!(bench.read(15, 1).unwrap(), [0]);
    refused(bench.read(16, 1), Sense::ILLEGAL_MODE_FOR_THIS_TRACK);
}

#[test]
fn link_blocks_may_be_medium_errors() {
    let odd = Behaviour {
        link_blocks_as_medium_error: true,
        ..Behaviour::default()
    };
    let mut bench = Bench::with(Medium::CdR80, CAPACITY, odd);
    bench.write(0, 1, 1).unwrap();
    bench.synchronize();
    bench.write(8, 1, 1).unwrap();
    refused(bench.read(1, 1), Sense::UNRECOVERED_READ_ERROR);
}

#[test]
fn a_test_write_records_nothing_until_the_bit_is_cleared() {
    let odd = Behaviour {
        test_write_after_power_on: true,
        ..Behaviour::default()
    };
    let mut bench = Bench::with(Medium::DvdR, CAPACITY, odd);
    let mut page = bench.write_parameters();
    page.set_test_write(true);
    bench.select(&page).unwrap();
    bench.write(0, 16, 1).unwrap();
    bench.write(16, 16, 1).unwrap();
    bench.synchronize();
    assert_eq!(bench.next(), 0);
    refused(bench.read(0, 1), Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE);
    bench.incremental(mmc::MultiSession::Allowed);
    bench.write(0, 16, 1).unwrap();
    bench.reopen().unwrap();
    assert!(
        bench.write_parameters().test_write(),
        "the bit is back after power on"
    );
}

#[test]
fn an_immediate_close_or_synchronize_may_take_some_polls() {
    let odd = Behaviour {
        long_write_polls: 2,
        ..Behaviour::default()
    };
    let mut bench = Bench::with(Medium::DvdPlusR, CAPACITY, odd);
    bench.write(0, 16, 1).unwrap();
    bench.run(SynchronizeCache::all(true), Data::None).unwrap();
    refused(bench.ready(), Sense::LONG_WRITE_IN_PROGRESS);
    refused(bench.ready(), Sense::LONG_WRITE_IN_PROGRESS);
    bench.ready().unwrap();
    bench
        .run(
            CloseTrackSession::new(CloseFunction::Session, 0, true),
            Data::None,
        )
        .unwrap();
    refused(bench.ready(), Sense::LONG_WRITE_IN_PROGRESS);
}
