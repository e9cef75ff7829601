//! A drive that takes time on a clock.

mod bench;

use bench::{Bench, refused};
use emulator::{Behaviour, Clock, Medium, Pace};
use mmc::command::{
    CloseTrackSession, ReadBufferCapacity, SendOpcInformation, StartStopUnit, SynchronizeCache,
};
use mmc::reply::BufferCapacity;
use mmc::{CloseFunction, Data, Sense};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const CAPACITY: u32 = 60_000;

/// A clock that advances only when someone waits for it.
#[derive(Clone, Default)]
struct Virtual(Arc<Mutex<Duration>>);

impl Clock for Virtual {
    fn now(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    fn wait(&self, time: Duration) {
        *self.0.lock().unwrap() += time;
    }
}

fn paced(medium: Medium) -> (Bench, Virtual) {
    let model = Behaviour {
        pace: Pace::Model,
        ..Behaviour::default()
    };
    let mut bench = Bench::with(medium, CAPACITY, model);
    let clock = Virtual::default();
    bench.recorder().set_clock(Box::new(clock.clone()));
    (bench, clock)
}

#[test]
fn a_synchronize_returns_when_all_is_recorded() {
    let (mut bd, clock) = paced(Medium::BdR);
    bd.write(0, 512, 1).unwrap();
    assert_eq!(clock.now(), Duration::ZERO, "the blocks are in the buffer");
    bd.synchronize();
    assert_eq!(clock.now(), bd.recorder().occupied());
    assert!(clock.now() > Duration::ZERO);
}

#[test]
fn an_immediate_close_returns_at_once_and_leaves_the_drive_busy() {
    let (mut cd, clock) = paced(Medium::CdR80);
    cd.write(0, 400, 1).unwrap();
    cd.close(CloseFunction::Track, 1).unwrap();
    let before = clock.now();
    let (occupied, close) = (
        cd.recorder().occupied(),
        CloseTrackSession::new(CloseFunction::Session, 0, true),
    );
    cd.run(close, Data::None).unwrap();
    let busy = cd.recorder().occupied() - occupied;
    assert_eq!(clock.now(), before);
    refused(cd.ready(), Sense::LONG_WRITE_IN_PROGRESS);
    clock.wait(busy - Duration::from_millis(1));
    refused(cd.ready(), Sense::LONG_WRITE_IN_PROGRESS);
    clock.wait(Duration::from_millis(1));
    cd.ready().unwrap();
}

#[test]
fn an_immediate_synchronize_of_nothing_leaves_the_drive_ready() {
    let (mut cd, _) = paced(Medium::CdR80);
    cd.run(SynchronizeCache::all(true), Data::None).unwrap();
    cd.ready().unwrap();
}

#[test]
fn a_host_that_is_faster_than_the_disc_finds_the_buffer_full() {
    let (mut dvd, clock) = paced(Medium::DvdPlusR);
    dvd.run(SendOpcInformation::calibrate(), Data::None).unwrap();
    dvd.write(0, 16, 1).unwrap();
    clock.wait(Duration::from_secs(1));
    for piece in 0..4 {
        dvd.write(16 + piece * 512, 512, 1).unwrap();
    }
    let next = 16 + 4 * 512;
    refused(dvd.write(next, 512, 1), Sense::LONG_WRITE_IN_PROGRESS);
    let command = ReadBufferCapacity::new(false);
    let full: BufferCapacity = dvd.ask(command).unwrap();
    assert!(full.available_length.get() < 512 * 2048);
    assert_eq!(full.length_of_buffer.get(), 4 << 20);
    // At speed 16 a MiB passes in less time.
    clock.wait(Duration::from_millis(50));
    dvd.write(next, 512, 1).unwrap();
    clock.wait(Duration::from_secs(1));
    let empty: BufferCapacity = dvd.ask(ReadBufferCapacity::new(false)).unwrap();
    assert_eq!(empty.available_length, empty.length_of_buffer);
}

#[test]
fn a_read_waits_for_the_recording_in_progress() {
    let (mut bd, clock) = paced(Medium::BdR);
    bd.write(0, 32, 1).unwrap();
    bd.read(0, 32).unwrap();
    assert_eq!(clock.now(), bd.recorder().occupied());
}

#[test]
fn an_inserted_disc_becomes_ready_after_its_loading_time() {
    let (mut cd, clock) = paced(Medium::CdR80);
    cd.run(StartStopUnit::eject(), Data::None).unwrap();
    cd.run(StartStopUnit::load(), Data::None).unwrap();
    refused(cd.ready(), Sense::MEDIUM_MAY_HAVE_CHANGED);
    refused(cd.ready(), Sense::BECOMING_READY);
    clock.wait(Duration::from_secs(10));
    cd.ready().unwrap();
}

#[test]
fn without_the_switch_a_clock_changes_nothing() {
    let mut cd = Bench::new(Medium::CdR80, CAPACITY);
    let clock = Virtual::default();
    cd.recorder().set_clock(Box::new(clock.clone()));
    cd.write(0, 400, 1).unwrap();
    cd.write(400, 400, 1).unwrap();
    cd.close(CloseFunction::Track, 1).unwrap();
    cd.run(
        CloseTrackSession::new(CloseFunction::Session, 0, true),
        Data::None,
    )
    .unwrap();
    cd.ready().unwrap();
    assert_eq!(clock.now(), Duration::ZERO);
}
