//! The example, which makes the call as documented, on discs of every medium.

mod common;

use std::path::Path;

use common::{Folder, run};
use drive::{Drive, SessionState, Status};
use emulator::{Behaviour, Recorder};

const MEDIA: [&str; 9] = [
    "cd-r", "dvd-r", "dvd-r-dl", "dvd+r", "dvd+r-dl", "bd-r", "bd-r-dl", "bd-r-tl", "bd-r-ql",
];

fn status(disc: &Path) -> (Status, usize) {
    let recorder = Recorder::open(disc).expect("the image opens");
    let drive = Drive::open(Box::new(recorder)).expect("the drive opens");
    let sessions = &drive.medium().sessions;
    let closed = sessions
        .iter()
        .filter(|session| session.state == SessionState::Closed);
    (drive.medium().status, closed.count())
}

fn close(close_disc: &str, expected: impl Fn(&str) -> Status) {
    let folder = Folder::new();
    let program = folder.build("make_media_compatible.cpp", &[]);
    for medium in MEDIA {
        let disc = folder.disc(medium, medium, Behaviour::default());
        let output = run(&program, &format!("X={}", disc.display()), &["X", close_disc]);
        assert!(output.status.success(), "{medium}: {output:?}");
        assert_eq!(output.stdout, b"\\\\.\\X: is ROM compatible\n");
        assert_eq!(status(&disc), (expected(medium), 1), "{medium}");
    }
}

#[test]
fn false_closes_the_session_of_every_medium() {
    close("FALSE", |medium| match medium {
        // The medium has only one session.
        "dvd-r-dl" => Status::Finalized,
        _ => Status::Appendable,
    });
}

#[test]
fn true_finalizes_every_medium() {
    close("TRUE", |_| Status::Finalized);
}

#[test]
fn a_volume_that_is_not_write_once_is_reported() {
    let folder = Folder::new();
    let program = folder.build("make_media_compatible.cpp", &[]);
    let image = folder.path("image");
    std::fs::write(&image, vec![0; 1 << 20]).expect("an image");
    let output = run(&program, &format!("X={}", image.display()), &["X", "FALSE"]);
    assert_eq!(output.status.code(), Some(1));
    // ERROR_UNRECOGNIZED_VOLUME
    assert_eq!(output.stderr, b"GetVolumeInformationByHandle: error 1005\n");
}
