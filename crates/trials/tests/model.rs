//! Random changes compared with a model: a new reader must find what a commit acknowledged.

use proptest::prelude::*;
use trials::{Comparing, Course, Life, MemoryDisc, Size, lives, require};

fn live(life: &Life) {
    let disc = MemoryDisc::blank(life).unwrap();
    let mut witness = Comparing;
    let mut course = Course::new(&disc, life, &mut witness);
    course.run().unwrap_or_else(|broken| panic!("{broken}"));
    let last = course.progress().acknowledged.clone().unwrap();
    require(&last, &mut disc.volume().unwrap()).unwrap_or_else(|broken| panic!("{broken}"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_reader_finds_what_was_committed_on_any_medium_in_any_drive(life in lives(Size::LARGE)) {
        live(&life);
    }

    #[test]
    fn a_medium_that_fills_up_loses_nothing_and_can_be_closed(life in lives(Size::SMALL)) {
        live(&life);
    }
}
