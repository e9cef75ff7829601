//! Random changes against a model: what a commit acknowledged is what a new reader finds.

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
    fn what_was_committed_is_what_is_found_whatever_the_drive_and_its_medium(life in lives(Size::LARGE)) {
        live(&life);
    }

    #[test]
    fn a_medium_that_gets_full_loses_nothing_and_can_be_closed(life in lives(Size::SMALL)) {
        live(&life);
    }
}
