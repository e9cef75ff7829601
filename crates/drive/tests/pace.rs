//! A drive as slow as a real one, on a clock that advances only when someone waits.

mod common;

use std::time::Duration;

use common::{Counted, blocks, folder, read_one, recorder, traced};
use drive::{Disposition, Drive, Speed, Status};
use emulator::{Behaviour, Clock, Medium, Pace};
use mmc::Lba;

/// 16 MiB: four times the size of the recorder's buffer.
const BLOCKS: u32 = 8192;

impl Clock for Counted {
    fn now(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    fn wait(&self, time: Duration) {
        *self.0.lock().unwrap() += time;
    }
}

#[test]
fn a_disc_slower_than_the_host_is_recorded_without_a_break() {
    // A medium, its slowest speed as a multiple of speed 1, and the number of blocks per second.
    for (medium, times, speed) in [
        (Medium::CdR80, 8, 600),
        (Medium::DvdR, 4, 2705),
        (Medium::DvdPlusR, 4, 2705),
        (Medium::BdR, 2, 4390),
    ] {
        let folder = folder();
        let clock = Counted::default();
        let model = Behaviour {
            pace: Pace::Model,
            ..Behaviour::default()
        };
        let mut recorder = recorder(&folder, medium, model);
        recorder.set_clock(Box::new(clock.clone()));
        let sent = traced(&mut recorder);
        let mut drive = Drive::open_waiting(Box::new(recorder), Box::new(clock.clone())).unwrap();
        drive.set_write_speed(Speed::Factor(times)).unwrap();

        // Each write must continue the one before; a drive that ended its packet in between would refuse it.
        let start = drive.append_point().unwrap().address.0;
        for at in (start..start + BLOCKS).step_by(512) {
            drive.write(Lba(at), &blocks(at, 512)).unwrap();
        }
        drive.synchronize().unwrap();
        let recorded = clock.now();
        assert!(
            recorded > Duration::from_secs(u64::from(BLOCKS / speed)),
            "{medium}"
        );
        let writes = sent
            .lock()
            .unwrap()
            .iter()
            .filter(|name| name.starts_with("WRITE"))
            .count();
        assert!(
            writes > 40,
            "{medium}: only {writes} attempts to write to a full buffer"
        );
        let last = start + BLOCKS - 1;
        assert_eq!(read_one(&mut drive, Lba(last)).unwrap(), last);

        drive.close_session(Disposition::Finalized).unwrap();
        assert_eq!(drive.medium().status, Status::Finalized);
        assert!(clock.now() > recorded, "{medium}");
    }
}
