//! How long a real recorder would be busy: which commands count, and how much.

mod bench;

use bench::Bench;
use emulator::Medium;
use mmc::command::{SendOpcInformation, SetCdSpeed, StartStopUnit};
use mmc::{CloseFunction, Data, MultiSession};
use proptest::prelude::*;
use std::time::Duration;

/// Speed 1 of a CD, in kB/s.
const SINGLE: u16 = 176;
const POSITIONING: Duration = Duration::from_millis(500);
const CALIBRATION: Duration = Duration::from_secs(4);

/// A disc in a calibrated drive that writes at `speed` kB/s.
fn disc(medium: Medium, speed: u16) -> Bench {
    let mut bench = Bench::new(medium, 100_000);
    bench.run(SetCdSpeed::new(u16::MAX, speed), Data::None).unwrap();
    bench.run(SendOpcInformation::calibrate(), Data::None).unwrap();
    bench
}

/// The time for which `what` keeps the drive busy.
fn time(bench: &mut Bench, what: impl FnOnce(&mut Bench)) -> Duration {
    let before = bench.recorder().occupied();
    what(bench);
    bench.recorder().occupied() - before
}

/// The time for `blocks` of a CD at speed 8.
fn at_8(blocks: u32) -> Duration {
    Duration::from_nanos(u64::from(blocks) * 1_000_000_000 / 600)
}

fn is_about(one: Duration, other: Duration) {
    assert!(
        one.abs_diff(other) < Duration::from_micros(1),
        "{one:?} instead of {other:?}"
    );
}

#[test]
fn blocks_take_the_time_of_the_speed_that_the_host_set() {
    for times in [8, 16, 48] {
        let mut cd = disc(Medium::CdR80, times * SINGLE);
        cd.write(0, 1, 1).unwrap();
        let busy = time(&mut cd, |cd| cd.write(1, 300, 1).unwrap());
        is_about(busy, Duration::from_secs(4) / u32::from(times));
    }
}

#[test]
fn a_cd_packet_costs_positioning_and_a_link_or_the_first_a_pregap() {
    let mut cd = disc(Medium::CdR80, 8 * SINGLE);
    is_about(
        time(&mut cd, |cd| cd.write(0, 10, 1).unwrap()),
        POSITIONING + at_8(150 + 10),
    );
    assert_eq!(time(&mut cd, Bench::synchronize), Duration::ZERO);
    is_about(
        time(&mut cd, |cd| cd.write(17, 10, 1).unwrap()),
        POSITIONING + at_8(7 + 10),
    );
}

#[test]
fn ending_a_unit_costs_the_zeros_that_fill_it() {
    let mut bd = disc(Medium::BdR, 8992);
    let whole = time(&mut bd, |bd| {
        bd.write(0, 32, 1).unwrap();
        bd.synchronize();
    });
    let filled = time(&mut bd, |bd| {
        bd.write(32, 1, 1).unwrap();
        bd.synchronize();
    });
    is_about(filled, whole);
}

#[test]
fn closing_a_session_of_a_cd_costs_its_lead_in_and_lead_out() {
    let mut cd = disc(Medium::CdR80, 8 * SINGLE);
    for lead_in_and_out in [10_927 + 6750, 4500 + 2250] {
        let start = cd.next();
        cd.write(start, 400, 1).unwrap();
        let number = cd.open_track().track_number();
        cd.close(CloseFunction::Track, number).unwrap();
        let closing = time(&mut cd, |cd| cd.close(CloseFunction::Session, 0).unwrap());
        // And the blocks in which the drive keeps account of the session.
        is_about(closing, 3 * POSITIONING + at_8(lead_in_and_out + 10));
    }
}

#[test]
fn a_lead_out_instead_of_a_border_follows_the_last_session() {
    let [another, last] = [MultiSession::Allowed, MultiSession::None].map(|multi_session| {
        let mut dvd = disc(Medium::DvdR, 11_080);
        dvd.incremental(multi_session);
        dvd.write(0, 16, 1).unwrap();
        dvd.close(CloseFunction::Track, 1).unwrap();
        time(&mut dvd, |dvd| dvd.close(CloseFunction::Session, 0).unwrap())
    });
    // 28,672 blocks of border-out, compared with a disc recorded to a diameter of 70 mm.
    assert!(last > another + Duration::from_secs(60), "{another:?} {last:?}");
}

#[test]
fn the_minimal_radius_of_a_dvd_plus_r_takes_less_time() {
    let [minimal, other] = [CloseFunction::FinalizeMinimalRadius, CloseFunction::Finalize].map(|function| {
        let mut dvd = disc(Medium::DvdPlusR, 11_080);
        dvd.write(0, 16, 1).unwrap();
        time(&mut dvd, |dvd| dvd.close(function, 0).unwrap())
    });
    assert!(minimal < other);
}

#[test]
fn the_laser_power_is_calibrated_once_per_disc() {
    let mut cd = Bench::new(Medium::CdR80, 1000);
    let first = time(&mut cd, |cd| cd.write(0, 1, 1).unwrap());
    assert!(first > CALIBRATION);
    cd.synchronize();
    let second = time(&mut cd, |cd| cd.write(8, 1, 1).unwrap());
    assert!(second < CALIBRATION);
    let asked_for = time(&mut cd, |cd| {
        cd.run(SendOpcInformation::calibrate(), Data::None).unwrap();
    });
    assert_eq!(asked_for, CALIBRATION);
}

#[test]
fn an_inserted_disc_is_loaded_and_calibrated_again() {
    let mut cd = disc(Medium::CdR80, 8 * SINGLE);
    let loading = time(&mut cd, |cd| {
        cd.run(StartStopUnit::eject(), Data::None).unwrap();
        cd.run(StartStopUnit::load(), Data::None).unwrap();
    });
    assert_eq!(loading, Duration::from_secs(10));
    let _ = cd.ready();
    cd.incremental(MultiSession::Allowed);
    assert!(time(&mut cd, |cd| cd.write(0, 1, 1).unwrap()) > CALIBRATION);
}

#[test]
fn refusals_reads_and_queries_take_no_time() {
    let mut dvd = disc(Medium::DvdR, 11_080);
    dvd.write(0, 16, 1).unwrap();
    dvd.synchronize();
    let nothing = time(&mut dvd, |dvd| {
        dvd.read(0, 16).unwrap();
        dvd.write(0, 16, 1).unwrap_err();
        dvd.close(CloseFunction::Finalize, 0).unwrap_err();
        dvd.disc();
        dvd.synchronize();
    });
    assert_eq!(nothing, Duration::ZERO);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_life_with_more_blocks_takes_no_less(
        medium in prop::sample::select(Medium::ALL.to_vec()), some in 1u16..300, more in 0u16..200, last in any::<bool>()
    ) {
        let [shorter, longer] = [some, some + more].map(|blocks| {
            let mut bench = Bench::new(medium, 100_000);
            bench.write(0, blocks, 1).unwrap();
            bench.synchronize();
            bench.close(CloseFunction::Track, 1).unwrap();
            bench.close(CloseFunction::Session, 0).unwrap();
            if last {
                // Media that do not know the function refuse it.
                let _ = bench.close(CloseFunction::Finalize, 0);
            }
            bench.recorder().occupied()
        });
        // Each time is rounded down, so several short ones are nanoseconds less than a long one.
        prop_assert!(longer + Duration::from_micros(1) > shorter, "{:?} {:?}", longer, shorter);
    }
}
