//! Drives that contradict themselves, alone and in pairs, and drives that lie: what they did is what is said, and nothing hangs.

use emulator::{Behaviour, CONTRADICTIONS, LIES, Medium};
use trials::{EndedByLie, Life, Size, live_with_lie};

/// One of each family, and the one of a single session.
const MEDIA: [Medium; 5] = [
    Medium::CdR80,
    Medium::DvdR,
    Medium::DvdRDl,
    Medium::DvdPlusR,
    Medium::BdR,
];

/// Room for sessions behind the widest gap.
const CAPACITY: u32 = 90_000;

fn behaving(settings: &[(&str, &str)]) -> Behaviour {
    let mut behaviour = Behaviour::default();
    for (name, value) in settings {
        assert!(behaviour.set(name, value), "{name} {value}");
    }
    behaviour
}

fn life(seed: u64, medium: Medium, settings: &[(&str, &str)]) -> Life {
    Life {
        medium,
        capacity: CAPACITY,
        behaviour: behaving(settings),
        ..Life::of_seed(seed, Size::SMALL)
    }
}

/// Lives one life, and says what it is where it breaks.
fn lived(seed: u64, medium: Medium, settings: &[(&str, &str)]) -> EndedByLie {
    let life = life(seed, medium, settings);
    let number = usize::try_from(seed % 1000).unwrap_or(0);
    live_with_lie(&life, number)
        .unwrap_or_else(|broken| panic!("seed {seed}, {medium}, {settings:?}: {broken}"))
}

#[test]
fn a_life_is_whole_in_every_drive_that_contradicts_itself() {
    for (number, setting) in (0..).zip(CONTRADICTIONS) {
        for medium in MEDIA {
            let ended = lived(number, medium, &[setting]);
            assert_eq!(ended, EndedByLie::Done, "{medium} {setting:?}");
        }
    }
}

#[test]
fn a_life_is_whole_where_closed_tracks_end_nowhere_and_last_recorded_addresses_are_told() {
    for (number, medium) in (0..).zip(MEDIA) {
        let settings = [
            ("closed_tracks_end_nowhere", "yes"),
            ("last_recorded_address_valid", "yes"),
        ];
        for seed in (number * 100..).take(8) {
            assert_eq!(lived(seed, medium, &settings), EndedByLie::Done, "{medium}");
        }
    }
}

#[test]
fn a_life_is_whole_in_a_drive_with_any_two_contradictions() {
    let mut seed = 1000;
    for (at, one) in CONTRADICTIONS.iter().enumerate() {
        for other in &CONTRADICTIONS[at + 1..] {
            seed += 1;
            let medium = MEDIA[usize::try_from(seed).unwrap_or(0) % MEDIA.len()];
            let ended = lived(seed, medium, &[*one, *other]);
            assert_eq!(ended, EndedByLie::Done, "{medium} {one:?} {other:?}");
        }
    }
}

#[test]
fn a_lie_ends_with_the_truth_or_an_error() {
    let mut told = 0;
    for (at, lie) in LIES.iter().enumerate() {
        for (number, other) in CONTRADICTIONS.iter().enumerate() {
            let seed = 5000 + (at * CONTRADICTIONS.len() + number) as u64;
            let medium = MEDIA[(at + number) % MEDIA.len()];
            // The later one of two values of one switch counts.
            told += u32::from(lived(seed, medium, &[*other, *lie]) == EndedByLie::Told);
        }
    }
    assert!(told > 20, "only {told} lives met the lie");
}
