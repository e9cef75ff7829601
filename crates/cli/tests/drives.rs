//! Drives: the list of them, speed and tray.

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
fn a_speed_is_refused_if_nothing_is_recorded() {
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

#[test]
fn a_probe_of_a_disc_is_text_that_replays() {
    let place = Place::new();
    place.file("a", noise(10_000, 1));
    place.ok("burn a --to d.udf --medium cd-r --capacity 100M --close");
    let before = place.bytes("d.udf.oncefs");
    let text = place.ok("drives --probe d.udf");
    assert_eq!(place.bytes("d.udf.oncefs"), before, "nothing is changed");
    assert!(
        text.lines()
            .any(|line| line.contains("\tREAD DISC INFORMATION\t")),
        "{text}"
    );
    place.file("d.probe", &text);
    let shown = place.json("drives --replay d.probe");
    let info = place.json("info d.udf");
    assert_eq!(shown[0]["medium"]["profile"], "CD-R");
    assert_eq!(shown[0]["medium"]["status"], "appendable");
    assert_eq!(shown[0]["medium"]["free_blocks"], info["medium"]["free_blocks"]);
}

#[test]
fn a_text_that_is_not_a_probe_is_refused() {
    let place = Place::new();
    place.file("a", "nothing of the kind\n");
    assert_eq!(place.failure("drives --replay a")["exit_code"], 1);
    assert_eq!(place.failure("drives --probe a")["exit_code"], 4);
    assert_eq!(place.failure("drives --probe nowhere")["exit_code"], 1);
}

#[test]
fn a_disc_that_the_drive_did_not_finalize_is_not_reported_as_finalized() {
    let place = Place::new();
    place.file("a", noise(10_000, 1));
    place.ok("burn a --to d.udf --medium dvd+r --capacity 100M");
    behave(&place, "d.udf", "finalizing_without_effect yes");
    let failure = place.failure("close d.udf --finalize --yes");
    assert_eq!(failure["exit_code"], 1, "{failure}");
    let said = failure["message"].as_str().expect("a message");
    assert!(said.contains("did not finalize the disc"), "{said}");
    assert_eq!(place.names("d.udf"), ["/a"]);
}

#[test]
fn a_disc_finalized_against_the_request_is_not_a_success() {
    let place = Place::new();
    place.file("a", noise(10_000, 1));
    place.ok("burn a --to d.udf --medium dvd+r --capacity 200M");
    behave(&place, "d.udf", "session_close finalized");
    let failure = place.failure("close d.udf");
    assert_eq!(failure["exit_code"], 1, "{failure}");
    assert!(
        failure["message"]
            .as_str()
            .is_some_and(|said| said.contains("finalized the disc"))
    );
    assert_eq!(place.names("d.udf"), ["/a"]);
}

#[test]
fn the_cost_of_a_recorder_without_packets_is_reported_first() {
    let place = Place::new();
    place.file("a", noise(10_000, 1));
    place.ok("format d.udf --medium cd-r --capacity 100M");
    behave(&place, "d.udf", "packets no");
    let run = place.run("add d.udf a");
    assert!(
        run.code == 0 && run.err.contains("a track a commit"),
        "{}",
        run.err
    );
    place.ok("close d.udf --finalize --yes");
    assert_eq!(place.names("d.udf"), ["/a"]);
}

/// Changes the behaviour of the emulated recorder of a disc.
fn behave(place: &Place, disc: &str, setting: &str) {
    let side = place.path(&format!("{disc}.oncefs"));
    let text = std::fs::read_to_string(&side).expect("a side file");
    let with = text.replacen("\nstatus ", &format!("\nbehaviour {setting}\nstatus "), 1);
    std::fs::write(side, with).expect("written");
}
