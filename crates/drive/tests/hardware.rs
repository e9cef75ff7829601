//! What the drives of a host add: trays and eject buttons, unit attentions, a busy connection, a kernel that
//! polls.

mod common;

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{Counted, append, blocks, folder, open, read_one, recorder, traced, with_faults};
use drive::{Disposition, Drive, DriveError, Wait};
use emulator::{Behaviour, Medium, Recorder};
use mmc::command::{PreventAllowMediumRemoval, StartStopUnit};
use mmc::{Data, Failure, Lba, Sense, Transport};
use zerocopy::IntoBytes;

type Answer = Result<usize, Failure>;

/// Answers a command in place of the drive, or lets it through.
type Meddle = dyn FnMut(&[u8], &mut Data<'_>) -> Option<Answer> + Send;

/// A recorder that a test shares with the drive, and what happens to each command on its way.
#[derive(Clone)]
struct Shared {
    recorder: Arc<Mutex<Recorder>>,
    meddle: Arc<Mutex<Meddle>>,
}

impl Shared {
    fn new(
        recorder: Recorder,
        meddle: impl FnMut(&[u8], &mut Data<'_>) -> Option<Answer> + Send + 'static,
    ) -> Self {
        Self {
            recorder: Arc::new(Mutex::new(recorder)),
            meddle: Arc::new(Mutex::new(meddle)),
        }
    }

    fn plain(recorder: Recorder) -> Self {
        Self::new(recorder, |_, _| None)
    }

    fn open(&self) -> Drive {
        Drive::open_waiting(Box::new(self.clone()), Box::new(Counted::default())).unwrap()
    }

    /// Ejects the medium as another program would.
    fn eject(&self) -> Answer {
        let command = StartStopUnit::eject();
        self.recorder
            .lock()
            .unwrap()
            .execute(command.as_bytes(), Data::None)
    }
}

impl Transport for Shared {
    fn execute(&mut self, command: &[u8], mut data: Data<'_>) -> Answer {
        if let Some(answer) = (self.meddle.lock().unwrap())(command, &mut data) {
            return answer;
        }
        self.recorder.lock().unwrap().execute(command, data)
    }
}

fn is_kept(answer: Answer) -> bool {
    matches!(answer, Err(Failure::Check(sense)) if sense.is(Sense::MEDIUM_REMOVAL_PREVENTED))
}

#[test]
fn removal_is_prevented_from_the_first_write_to_the_close() {
    let folder = folder();
    for medium in [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR] {
        let shared = Shared::plain(recorder(&folder, medium, Behaviour::default()));
        let mut drive = shared.open();
        append(&mut drive, 320);
        assert!(is_kept(shared.eject()), "{medium}");
        drive.close_session(Disposition::Appendable).unwrap();
        assert!(shared.eject().is_ok(), "{medium}");
    }
}

#[test]
fn removal_is_allowed_when_the_drive_is_dropped_in_an_open_session() {
    let folder = folder();
    let shared = Shared::plain(recorder(&folder, Medium::DvdPlusR, Behaviour::default()));
    let mut drive = shared.open();
    append(&mut drive, 16);
    drop(drive);
    assert!(shared.eject().is_ok());
}

#[test]
fn removal_is_allowed_after_a_write_that_failed() {
    let folder = folder();
    let recorder = recorder(&folder, Medium::BdR, Behaviour::default());
    let shared = Shared::plain(with_faults(recorder, "fail 3/0C/00 at WRITE(10) 1"));
    let mut drive = shared.open();
    assert!(drive.write(Lba(0), &blocks(0, 32)).is_err());
    assert!(is_kept(shared.eject()));
    drop(drive);
    assert!(shared.eject().is_ok());
}

#[test]
fn removal_is_allowed_while_a_drive_only_reads() {
    let folder = folder();
    let shared = Shared::plain(recorder(&folder, Medium::BdR, Behaviour::default()));
    append(&mut shared.open(), 32);
    let mut drive = shared.open();
    assert_eq!(read_one(&mut drive, Lba(3)).unwrap(), 3);
    assert!(shared.eject().is_ok());
}

#[test]
fn a_drive_that_cannot_prevent_removal_still_records() {
    let folder = folder();
    for (medium, sense) in [
        (Medium::BdR, "5/20/00"),
        (Medium::DvdR, "3/0C/00"),
        (Medium::CdR80, "4/44/00"),
        (Medium::DvdPlusR, "B/4E/00"),
    ] {
        let recorder = recorder(&folder, medium, Behaviour::default());
        let faults = format!("fail {sense} at PREVENT ALLOW MEDIUM REMOVAL 1");
        let mut drive = open(with_faults(recorder, &faults)).unwrap();
        append(&mut drive, 320);
        drive.close_session(Disposition::Appendable).unwrap();
    }
}

#[test]
fn the_tray_opens_on_demand_even_with_a_session_open() {
    let folder = folder();
    let shared = Shared::plain(recorder(&folder, Medium::BdR, Behaviour::default()));
    let mut drive = shared.open();
    append(&mut drive, 32);
    drive.eject().unwrap();
    assert!(matches!(drive.append_point(), Err(DriveError::MediumRemoved)));
}

#[test]
fn the_tray_closes_again_and_the_disc_has_all_data() {
    let folder = folder();
    let shared = Shared::plain(recorder(&folder, Medium::BdR, Behaviour::default()));
    let mut drive = shared.open();
    append(&mut drive, 32);
    drive.eject().unwrap();
    drive.load().unwrap();
    assert_eq!(shared.open().append_point().unwrap().address, Lba(32));
}

#[test]
fn opening_the_tray_reports_that_another_program_prevents_removal() {
    let folder = folder();
    let shared = Shared::plain(recorder(&folder, Medium::BdR, Behaviour::default()));
    let mut drive = shared.open();
    let forbid = PreventAllowMediumRemoval::new(true);
    shared.clone().execute(forbid.as_bytes(), Data::None).unwrap();
    let error = drive.eject().unwrap_err();
    assert!(matches!(error, DriveError::Sense { sense, .. } if sense.is(Sense::MEDIUM_REMOVAL_PREVENTED)));
}

#[test]
fn another_disc_is_noticed_before_the_first_write_without_attention() {
    let folder = folder();
    let mut recorder = recorder(&folder, Medium::BdR, Behaviour::default());
    let names = traced(&mut recorder);
    let changed = Arc::new(Mutex::new(false));
    let sees = Arc::clone(&changed);
    let inner = Arc::new(Mutex::new(recorder));
    let to = Arc::clone(&inner);
    let shared = Shared {
        recorder: inner,
        // READ DISC INFORMATION returns another disc identification.
        meddle: Arc::new(Mutex::new(move |command: &[u8], data: &mut Data<'_>| {
            let Data::In(bytes) = data else { return None };
            if command[0] != 0x51 || !*sees.lock().unwrap() {
                return None;
            }
            let answer = to.lock().unwrap().execute(command, Data::In(bytes));
            bytes[12] ^= 0xFF;
            Some(answer)
        })),
    };
    let mut drive = shared.open();
    *changed.lock().unwrap() = true;
    for _ in 0..2 {
        let written = drive.write(Lba(0), &blocks(0, 32));
        assert!(matches!(written, Err(DriveError::MediumChanged)));
    }
    assert!(!names.lock().unwrap().iter().any(|name| name == "WRITE(10)"));
}

#[test]
fn a_write_is_prepared_again_after_a_change_of_mode_parameters() {
    let folder = folder();
    let faults = "fail 6/2A/01 at WRITE(10) 1\nfail 6/2A/01 at WRITE(10) 2";
    let mut recorder = with_faults(recorder(&folder, Medium::CdR80, Behaviour::default()), faults);
    let names = traced(&mut recorder);
    let mut drive = open(recorder).unwrap();
    drive.write(Lba(0), &blocks(0, 16)).unwrap();
    drive.synchronize().unwrap();
    assert_eq!(read_one(&mut drive, Lba(15)).unwrap(), 15);
    let count = |wanted: &str| {
        names
            .lock()
            .unwrap()
            .iter()
            .filter(|name| *name == wanted)
            .count()
    };
    assert_eq!((count("MODE SELECT(10)"), count("WRITE(10)")), (3, 3));
}

#[test]
fn removal_is_prevented_again_after_any_reset() {
    let folder = folder();
    for reset in ["6/29/00", "6/29/02", "6/29/03", "6/29/04"] {
        let faults = format!("fail {reset} at READ TRACK INFORMATION 4");
        let mut recorder = with_faults(recorder(&folder, Medium::DvdPlusR, Behaviour::default()), &faults);
        let names = traced(&mut recorder);
        let mut drive = open(recorder).unwrap();
        append(&mut drive, 16);
        append(&mut drive, 16);
        let prevented = names
            .lock()
            .unwrap()
            .iter()
            .filter(|name| *name == "PREVENT ALLOW MEDIUM REMOVAL")
            .count();
        assert_eq!(prevented, 2, "{reset}");
        drop(drive);
        std::fs::remove_file(folder.path().join(format!("{}.img", Medium::DvdPlusR))).unwrap();
        std::fs::remove_file(folder.path().join(format!("{}.img.oncefs", Medium::DvdPlusR))).unwrap();
    }
}

#[test]
fn mode_parameters_that_never_stay_end_a_write() {
    let folder = folder();
    let faults: String = (1..100)
        .map(|n| format!("fail 6/2A/01 at WRITE(10) {n}\n"))
        .collect();
    let mut drive = open(with_faults(
        recorder(&folder, Medium::CdR80, Behaviour::default()),
        &faults,
    ))
    .unwrap();
    let written = drive.write(Lba(0), &blocks(0, 16));
    assert!(
        matches!(written, Err(DriveError::Sense { sense, .. }) if sense.is(Sense::MODE_PARAMETERS_CHANGED))
    );
}

#[test]
fn the_eject_button_does_not_disturb_a_write() {
    let folder = folder();
    let recorder = recorder(&folder, Medium::BdR, Behaviour::default());
    let mut drive = open(with_faults(recorder, "fail 6/5A/01 at WRITE(10) 1")).unwrap();
    append(&mut drive, 32);
}

#[test]
fn a_stopped_disc_is_started() {
    let folder = folder();
    let faults = "fail 2/04/02 at TEST UNIT READY 1";
    let mut recorder = with_faults(recorder(&folder, Medium::BdR, Behaviour::default()), faults);
    let names = traced(&mut recorder);
    let drive = open(recorder).unwrap();
    assert!(drive.medium().writable);
    assert_eq!(names.lock().unwrap()[1], "START STOP UNIT");
}

#[test]
fn a_format_in_progress_is_waited_for() {
    let folder = folder();
    let faults = "fail 2/04/04 at TEST UNIT READY 1\nfail 2/04/04 at TEST UNIT READY 2";
    let recorder = with_faults(recorder(&folder, Medium::BdR, Behaviour::default()), faults);
    let waited = Counted::default();
    Drive::open_waiting(Box::new(recorder), Box::new(waited.clone())).unwrap();
    assert!(!waited.0.lock().unwrap().is_zero());
}

#[test]
fn a_busy_connection_is_waited_for() {
    let folder = folder();
    let mut left = 3;
    let shared = Shared::new(
        recorder(&folder, Medium::BdR, Behaviour::default()),
        move |command, _| {
            if command[0] != 0x2A || left == 0 {
                return None;
            }
            left -= 1;
            Some(Err(io::Error::from(io::ErrorKind::ResourceBusy).into()))
        },
    );
    append(&mut shared.open(), 32);
}

#[test]
fn a_command_that_hung_is_not_repeated() {
    let folder = folder();
    let sent = Arc::new(Mutex::new(0));
    let count = Arc::clone(&sent);
    let shared = Shared::new(
        recorder(&folder, Medium::BdR, Behaviour::default()),
        move |command, _| {
            if command[0] != 0x2A {
                return None;
            }
            *count.lock().unwrap() += 1;
            Some(Err(io::Error::from(io::ErrorKind::TimedOut).into()))
        },
    );
    let written = shared.open().write(Lba(0), &blocks(0, 32));
    let error = written.unwrap_err();
    assert!(
        matches!(
            &error,
            DriveError::Unanswered { command: "WRITE(10)", at: Some(Lba(0)), source }
                if source.kind() == io::ErrorKind::TimedOut
        ),
        "{error:?}"
    );
    assert!(error.to_string().starts_with("WRITE(10) failed at block 0: "));
    assert_eq!(*sent.lock().unwrap(), 1);
}

/// Records the longest wait.
#[derive(Clone, Default)]
struct Longest(Arc<Mutex<Duration>>);

impl Wait for Longest {
    fn wait(&mut self, duration: Duration) {
        let mut longest = self.0.lock().unwrap();
        *longest = duration.max(*longest);
    }
}

#[test]
fn a_full_buffer_is_retried_before_it_can_run_empty() {
    let folder = folder();
    let recorder = recorder(&folder, Medium::DvdR, Behaviour::default());
    let recorder = with_faults(recorder, "busy 200 at WRITE(10) 1");
    let waited = Longest::default();
    let mut drive = Drive::open_waiting(Box::new(recorder), Box::new(waited.clone())).unwrap();
    append(&mut drive, 16);
    assert_eq!(*waited.0.lock().unwrap(), Duration::from_millis(40));
}

#[test]
fn the_power_is_calibrated_only_if_the_drive_has_no_setting() {
    let folder = folder();
    for (tables, calibrations) in [(0, 1), (1, 0)] {
        let medium = if tables == 0 {
            Medium::DvdR
        } else {
            Medium::DvdPlusR
        };
        let mut recorder = recorder(&folder, medium, Behaviour::default());
        let names = traced(&mut recorder);
        let inner = Arc::new(Mutex::new(recorder));
        let to = Arc::clone(&inner);
        let shared = Shared {
            recorder: inner,
            meddle: Arc::new(Mutex::new(move |command: &[u8], data: &mut Data<'_>| {
                let Data::In(bytes) = data else { return None };
                if command[0] != 0x51 {
                    return None;
                }
                let answer = to.lock().unwrap().execute(command, Data::In(bytes));
                bytes[33] = tables;
                Some(answer)
            })),
        };
        append(&mut shared.open(), 16);
        let names = names.lock().unwrap();
        let sent = names
            .iter()
            .filter(|name| *name == "SEND OPC INFORMATION")
            .count();
        assert_eq!(sent, calibrations);
    }
}
