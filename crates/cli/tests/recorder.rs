//! `oncefs recorder` without a kernel device. The guest of the judges tests it with one.

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
fn the_list_is_an_array_even_if_the_kernel_has_no_such_devices() {
    let place = Place::new();
    assert!(place.json("recorder list").is_array());
}

#[test]
fn an_unknown_switch_is_a_usage_error() {
    let place = Place::new();
    let run = place.run("recorder attach a.udf --behaviour colour=red");
    assert_eq!(run.code, 2, "{}", run.err);
    assert!(!place.path("a.udf").exists());
}
