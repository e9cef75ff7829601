//! `oncefs recorder` where no kernel takes part. With one it is tried in the guest of the judges.

mod common;

use common::Place;

#[test]
fn a_recorder_that_is_not_attached_cannot_be_detached() {
    let place = Place::new();
    let run = place.run("recorder detach no-such-recorder");
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.err.contains("no-such-recorder"), "{}", run.err);
}

#[test]
fn the_list_is_an_array_also_where_the_kernel_has_no_such_devices() {
    let place = Place::new();
    assert!(place.json("recorder list").is_array());
}

#[test]
fn a_switch_that_no_drive_has_is_a_mistake_of_the_command_line() {
    let place = Place::new();
    let run = place.run("recorder attach a.udf --behaviour colour=red");
    assert_eq!(run.code, 2, "{}", run.err);
    assert!(!place.path("a.udf").exists());
}
