//! A quick look at a drive, with and without a medium.

mod common;

use common::{CAPACITY, append, blank, folder, recorder, with_faults};
use drive::{DriveError, Look, RECORDED_PROFILES, Status};
use emulator::{Behaviour, Medium, Recorder};
use mmc::Profile;

#[test]
fn a_drive_reports_all_that_it_records_whatever_is_in_it() {
    let folder = folder();
    let look = Look::at(Box::new(recorder(&folder, Medium::CdR80, Behaviour::default()))).unwrap();
    assert!(
        RECORDED_PROFILES
            .iter()
            .all(|profile| look.profiles.contains(profile))
    );
    assert!(!look.profiles.contains(&Profile::DvdRam));
    let medium = look.medium.unwrap();
    assert_eq!((medium.profile, medium.status), (Profile::CdR, Status::Blank));
}

#[test]
fn a_look_shows_what_is_recorded_and_changes_nothing() {
    let folder = folder();
    append(&mut blank(&folder, Medium::DvdPlusR), 32);
    let image = folder.path().join(format!("{}.img", Medium::DvdPlusR));
    let kept = || std::fs::read(Recorder::side_file(&image)).unwrap();
    let before = kept();
    let look = Look::at(Box::new(Recorder::open_read_only(&image).unwrap())).unwrap();
    let medium = look.medium.unwrap();
    assert_eq!(medium.status, Status::Appendable);
    assert!(medium.free_blocks < CAPACITY);
    assert_eq!(kept(), before);
}

#[test]
fn an_empty_drive_still_reports_what_it_records() {
    let folder = folder();
    let recorder = recorder(&folder, Medium::BdR, Behaviour::default());
    let look = Look::at(Box::new(with_faults(recorder, "remove before command 2"))).unwrap();
    assert!(look.profiles.contains(&Profile::BdRSequential));
    assert!(matches!(look.medium, Err(DriveError::NoMedium)));
}

#[test]
fn a_look_does_not_wait_for_a_medium_that_is_being_examined() {
    let folder = folder();
    let behaviour = Behaviour {
        becoming_ready_polls: u32::MAX,
        ..Behaviour::default()
    };
    let look = Look::at(Box::new(recorder(&folder, Medium::BdR, behaviour))).unwrap();
    assert!(matches!(look.medium, Err(DriveError::NotReady { .. })));
}
