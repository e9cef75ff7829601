//! What is asked of drives: the list of them, speed and tray.

mod common;

use common::{Place, noise};

#[test]
fn drives_are_an_array_whatever_is_attached() {
    let place = Place::new();
    let drives = place.json("drives");
    for drive in drives.as_array().expect("an array") {
        assert!(drive["device"].is_string() && drive["state"].is_string());
    }
}

#[test]
fn a_speed_reaches_the_drive_before_the_first_write() {
    let place = Place::new();
    place.file("a", noise(10_000, 1));
    for (medium, command) in [
        ("cd-r", "SET CD SPEED"),
        ("dvd-r", "SET STREAMING"),
        ("bd-r", "SET STREAMING"),
    ] {
        let (disc, trace) = (format!("{medium}.udf"), format!("{medium}.trace"));
        place.ok(&format!(
            "burn a --to {disc} --medium {medium} --capacity 100M --speed 4x --trace {trace}"
        ));
        let trace = String::from_utf8(place.bytes(&trace)).expect("text");
        let at = |name: &str| {
            trace
                .lines()
                .position(|line| line.split('\t').nth(1) == Some(name))
        };
        assert!(at(command).is_some(), "{medium}");
        assert!(at(command) < at("WRITE(10)"), "{medium}");
        assert_eq!(place.names(&disc), ["/a"]);
    }
}

#[test]
fn a_speed_is_refused_where_nothing_is_recorded() {
    let place = Place::new();
    place.ok("format d.udf --medium cd-r");
    for line in [
        "ls d.udf --speed 4",
        "format e.udf --speed fast",
        "drives --speed max",
    ] {
        assert_eq!(place.failure(line)["exit_code"], 2, "{line}");
    }
    assert!(!place.path("e.udf").exists());
}

#[test]
fn the_tray_of_an_image_does_not_open() {
    let place = Place::new();
    place.file("a", "text");
    for line in [
        "burn a --to d.udf --eject",
        "burn a --to d.udf --reload",
        "drives --eject",
        "drives --reload",
    ] {
        assert_eq!(place.failure(line)["exit_code"], 2, "{line}");
    }
    assert!(!place.path("d.udf").exists(), "nothing is done before");
}
