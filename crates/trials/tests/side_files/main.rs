//! Lives of two discs whose side files are moved, restored, swapped, cut and linked while programs record and
//! are killed: nothing recorded changes, what was acknowledged is read, and recording is refused if the side
//! file does not fit.

mod archive;
mod origin;
mod steps;
mod totals;

use std::panic::{AssertUnwindSafe, catch_unwind};

use archive::Archive;
use steps::{Life, Step};
use totals::Totals;

fn live(life: &Life) -> Totals {
    let mut discs =
        [0, 1].map(|number| Archive::new(number, life.media[number], life.capacity, life.revision));
    for step in &life.steps {
        match step {
            Step::Record(disc, work) => discs[*disc].record(work),
            Step::Copy(disc) => discs[*disc].copy(),
            Step::BringSideBack(disc, copy) => discs[*disc].bring_side_back(*copy),
            Step::BringImageBack(disc, copy, both) => {
                let [one, other] = &mut discs;
                let (it, other) = if *disc == 0 { (one, other) } else { (other, one) };
                it.bring_image_back(other, *copy, *both);
            }
            Step::Swap => {
                let [one, other] = &mut discs;
                one.swap(other);
            }
            Step::Rename(disc, both) => discs[*disc].rename(*both),
            Step::CutText(disc, at) => discs[*disc].cut_text(*at),
            Step::RemoveSide(disc) => discs[*disc].remove_side(),
        }
    }
    discs[0].totals + discs[1].totals
}

/// Runs the lives of a range of seeds. Each case must have occurred often enough to prove anything.
fn live_all(seeds: std::ops::Range<u64>) {
    let mut totals = Totals::default();
    for seed in seeds {
        let life = Life::of_seed(seed);
        match catch_unwind(AssertUnwindSafe(|| live(&life))) {
            Ok(of_life) => totals = totals + of_life,
            Err(_) => panic!("seed {seed}: {life:#?}"),
        }
    }
    totals.require(40);
}

#[test]
fn side_files_never_cost_recorded_data_in_seeds_0_to_499() {
    live_all(0..500);
}

#[test]
fn side_files_never_cost_recorded_data_in_seeds_500_to_999() {
    live_all(500..1000);
}
