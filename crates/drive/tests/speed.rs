//! The write speed, compared with the speeds of the emulated drive.

mod common;

use std::sync::{Arc, Mutex};

use common::{blank, folder, open, recorder, traced, with_faults};
use drive::{Drive, Speed};
use emulator::{Behaviour, Medium, Recorder};
use mmc::command::ModeSense10;
use mmc::{Capabilities, Data, Failure, ModePage, PageControl, Transport};
use zerocopy::IntoBytes;

/// A recorder that a test shares with the drive.
#[derive(Clone)]
struct Shared(Arc<Mutex<Recorder>>);

impl Transport for Shared {
    fn execute(&mut self, command: &[u8], data: Data<'_>) -> Result<usize, Failure> {
        self.0.lock().unwrap().execute(command, data)
    }
}

impl Shared {
    /// The write speed that the drive itself reports, in kB/s.
    fn current(&mut self) -> u16 {
        let mut reply = [0; 256];
        let command = ModeSense10::new(Capabilities::PAGE_CODE, PageControl::Current, 256);
        self.execute(command.as_bytes(), Data::In(&mut reply)).unwrap();
        Capabilities::find(&reply[8..]).unwrap().current_write_speed.get()
    }
}

#[test]
fn a_drive_offers_its_speeds_fastest_first() {
    let folder = folder();
    for (medium, fastest) in [
        (Medium::CdR80, 8448),
        (Medium::DvdR, 22_160),
        (Medium::DvdPlusR, 22_160),
        (Medium::BdR, 26_976),
    ] {
        let speeds = blank(&folder, medium).write_speeds().unwrap();
        assert_eq!(speeds[0], fastest);
        assert!(speeds.is_sorted_by(|one, other| one > other));
    }
}

#[test]
fn the_drive_takes_the_fastest_speed_that_is_not_above_the_request() {
    let folder = folder();
    for (medium, factor, speed) in [
        (Medium::CdR80, 16, 2816),
        (Medium::DvdR, 9, 11_080),
        (Medium::DvdPlusR, 1, 5540),
        (Medium::BdR, 4, 17_984),
    ] {
        let mut shared = Shared(Arc::new(Mutex::new(recorder(
            &folder,
            medium,
            Behaviour::default(),
        ))));
        let mut drive = Drive::open(Box::new(shared.clone())).unwrap();
        assert_eq!(
            drive.set_write_speed(Speed::Factor(factor)).unwrap(),
            Some(u32::from(speed))
        );
        assert_eq!(shared.current(), speed, "{medium}");
        drive.set_write_speed(Speed::Fastest).unwrap();
        assert!(shared.current() > speed);
    }
}

#[test]
fn a_drive_without_a_list_of_speeds_gets_the_requested_one() {
    let folder = folder();
    let faults = "fail 5/20/00 at GET PERFORMANCE 1";
    let mut recorder = with_faults(recorder(&folder, Medium::BdR, Behaviour::default()), faults);
    let names = traced(&mut recorder);
    let mut drive = open(recorder).unwrap();
    assert_eq!(drive.set_write_speed(Speed::Factor(2)).unwrap(), None);
    assert_eq!(
        names.lock().unwrap().last().map(String::as_str),
        Some("SET STREAMING")
    );
}

#[test]
fn a_drive_whose_speed_cannot_be_set_writes_at_its_own() {
    let folder = folder();
    for medium in [Medium::CdR80, Medium::DvdPlusR] {
        let behaviour = Behaviour {
            speed_can_be_set: false,
            ..Behaviour::default()
        };
        let mut drive = open(recorder(&folder, medium, behaviour)).unwrap();
        assert_eq!(drive.set_write_speed(Speed::Factor(2)).unwrap(), None, "{medium}");
    }
}

#[test]
fn a_drive_that_refuses_streaming_takes_the_speed_of_a_cd() {
    let folder = folder();
    for medium in [Medium::DvdR, Medium::DvdPlusR, Medium::BdR] {
        let behaviour = Behaviour {
            streaming_refused: true,
            ..Behaviour::default()
        };
        let mut shared = Shared(Arc::new(Mutex::new(recorder(&folder, medium, behaviour))));
        let mut drive = Drive::open(Box::new(shared.clone())).unwrap();
        let slowest = drive.write_speeds().unwrap().pop();
        assert_eq!(drive.set_write_speed(Speed::Factor(1)).unwrap(), slowest);
        assert_eq!(Some(u32::from(shared.current())), slowest, "{medium}");
    }
}
