//! Drives that give some answers about the disc short, overlong, stale, empty or with one bit wrong: nothing
//! hangs, and nothing acknowledged is lost.

use emulator::Medium;
use trials::{Lies, Life, Mischief, Size, live_with_liar};

/// One medium of each family.
const MEDIA: [Medium; 4] = [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR];

/// A number below a bound.
fn number(seed: u64, bound: u64) -> usize {
    usize::try_from(seed % bound).unwrap_or(0)
}

/// Runs lives with false answers, one on each medium for each seed.
fn live_with(seeds: std::ops::Range<u64>, mischief: impl Fn(u64) -> Mischief) {
    let mut broken = Vec::new();
    for seed in seeds {
        for medium in MEDIA {
            let life = Life {
                medium,
                capacity: 90_000,
                behaviour: emulator::Behaviour::default(),
                ..Life::of_seed(seed, Size::SMALL)
            };
            let lies = Lies {
                first: seed * 7919 % 61,
                count: [1, 3, 1, 17][number(seed, 4)],
                mischief: mischief(seed),
            };
            if let Err(error) = live_with_liar(&life, lies, number(seed, 1000)) {
                broken.push(format!("seed {seed}, {medium}, {lies:?}: {error}"));
            }
        }
    }
    assert!(
        broken.is_empty(),
        "{} lives broke:\n{}",
        broken.len(),
        broken.join("\n")
    );
}

#[test]
fn nothing_is_lost_to_short_answers() {
    live_with(0..40, |seed| Mischief::Short(number(seed * 31, 48)));
}

#[test]
fn nothing_is_lost_to_overlong_answers() {
    live_with(100..120, |_| Mischief::Long);
}

#[test]
fn nothing_is_lost_to_stale_answers() {
    live_with(200..240, |_| Mischief::Stale);
}

#[test]
fn nothing_is_lost_to_empty_answers() {
    live_with(300..340, |_| Mischief::Zero);
}

#[test]
fn nothing_is_lost_to_a_wrong_bit() {
    live_with(400..500, |seed| Mischief::Flipped(number(seed * 131, 272)));
}
