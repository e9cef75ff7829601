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
fn a_speed_needs_a_drive() {
    let place = Place::new();
    place.file("a", noise(10_000, 1));
    place.ok("format old.udf --medium cd-r --capacity 100M");
    for line in [
        "burn a --to d.udf --speed 4x",
        "add old.udf a --speed max",
        "format d.udf --speed 8",
    ] {
        let failure = place.failure(line);
        assert_eq!(failure["exit_code"], 2, "{line}");
        assert!(
            failure["hint"]
                .as_str()
                .is_some_and(|hint| hint.contains("oncefs drives")),
            "{failure}"
        );
    }
    assert!(!place.path("d.udf").exists());
    assert!(place.names("old.udf").is_empty());
}

#[test]
fn no_disc_is_made_among_the_devices() {
    let place = Place::new();
    place.file("a", "text");
    for line in [
        "burn a --to /dev/sr98 --medium bd-r",
        "burn a --to /dev/sr98 --finalize",
        "format /dev/sr98",
        "burn a --to /dev/no/such/disc",
        "format d.udf --trace /dev/sr98",
    ] {
        let failure = place.failure(line);
        assert_eq!(failure["exit_code"], 1, "{line}");
        assert!(
            failure["hint"]
                .as_str()
                .is_some_and(|hint| hint.contains("oncefs drives")),
            "{failure}"
        );
    }
    assert_eq!(place.failure("info /dev/sr98")["exit_code"], 1);
    place.ok("burn a --to d.udf --medium cd-r");
    assert_eq!(
        place.failure("extract d.udf --to /dev/oncefs-none")["exit_code"],
        1
    );
    for made in ["/dev/sr98", "/dev/sr98.oncefs", "/dev/no", "/dev/oncefs-none"] {
        assert!(!std::path::Path::new(made).exists(), "{made}");
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
