//! Drives that contradict themselves, alone and in pairs, and drives that lie: what they did is what is
//! reported, and nothing hangs.

use emulator::{Behaviour, CONTRADICTIONS, LIES, Medium, READERS};
use trials::{End, EndedByLie, Life, Size, live_and_read_in, live_with_lie};

/// One medium of each family, and the one with a single session.
const MEDIA: [Medium; 5] = [
    Medium::CdR80,
    Medium::DvdR,
    Medium::DvdRDl,
    Medium::DvdPlusR,
    Medium::BdR,
];

/// Room for sessions after the widest gap.
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

/// Runs a life, and describes it if it breaks.
fn lived(seed: u64, medium: Medium, settings: &[(&str, &str)]) -> Result<EndedByLie, String> {
    let life = life(seed, medium, settings);
    let number = usize::try_from(seed % 1000).unwrap_or(0);
    live_with_lie(&life, number).map_err(|broken| format!("seed {seed}, {medium}, {settings:?}: {broken}"))
}

/// Like [`lived`], but everything must be done.
fn done(seed: u64, medium: Medium, settings: &[(&str, &str)]) -> Result<(), String> {
    match lived(seed, medium, settings)? {
        EndedByLie::Done => Ok(()),
        EndedByLie::Reported => Err(format!("seed {seed}, {medium}, {settings:?}: not done")),
    }
}

/// Reports everything that broke at once.
fn require_whole(lives: impl Iterator<Item = Result<(), String>>) {
    let broken: Vec<String> = lives.filter_map(Result::err).collect();
    assert!(
        broken.is_empty(),
        "{} lives broke:\n{}",
        broken.len(),
        broken.join("\n")
    );
}

#[test]
fn a_life_is_whole_in_every_drive_that_contradicts_itself() {
    let each = (0..).zip(CONTRADICTIONS);
    require_whole(each.flat_map(|(number, setting)| MEDIA.map(|medium| done(number, medium, &[setting]))));
}

#[test]
fn a_life_is_whole_with_endless_closed_tracks_and_known_last_addresses() {
    let settings = [
        ("closed_tracks_end_nowhere", "yes"),
        ("last_recorded_address_valid", "yes"),
    ];
    let each = (0..).zip(MEDIA);
    require_whole(each.flat_map(|(number, medium)| {
        let seeds = (number * 100..).take(8);
        seeds.map(move |seed| done(seed, medium, &settings))
    }));
}

#[test]
fn a_life_is_whole_in_a_drive_with_any_two_contradictions() {
    let pairs =
        (0..CONTRADICTIONS.len()).flat_map(|at| (at + 1..CONTRADICTIONS.len()).map(move |other| (at, other)));
    require_whole((1001..).zip(pairs).map(|(seed, (at, other))| {
        let medium = MEDIA[usize::try_from(seed).unwrap_or(0) % MEDIA.len()];
        done(seed, medium, &[CONTRADICTIONS[at], CONTRADICTIONS[other]])
    }));
}

#[test]
fn a_lie_ends_with_the_truth_or_an_error() {
    let mut reported = 0;
    let pairs = LIES.iter().enumerate();
    let pairs = pairs.flat_map(|lie| CONTRADICTIONS.iter().enumerate().map(move |other| (lie, other)));
    require_whole(pairs.map(|((at, lie), (number, other))| {
        let seed = 5000 + (at * CONTRADICTIONS.len() + number) as u64;
        let medium = MEDIA[(at + number) % MEDIA.len()];
        // If a switch has two values, the later one counts.
        reported += u32::from(lived(seed, medium, &[*other, *lie])? == EndedByLie::Reported);
        Ok(())
    }));
    assert!(reported > 20, "only {reported} lives detected the lie");
}

#[test]
fn a_closed_disc_is_read_whole_in_every_drive_that_only_reads() {
    let all: Vec<_> = READERS.into_iter().chain([("toc", "refused")]).collect();
    let sets = READERS
        .iter()
        .map(|one| vec![*one])
        .chain([READERS.to_vec(), all]);
    require_whole((0..).zip(sets).flat_map(|(number, settings)| {
        let ends = [(number, End::Close), (number + 100, End::Finalize)];
        let lives = MEDIA
            .into_iter()
            .flat_map(move |medium| ends.map(|(seed, end)| (medium, seed, end)));
        lives.map(move |(medium, seed, end)| {
            let life = Life {
                end,
                ..life(seed, medium, &[])
            };
            live_and_read_in(&life, &behaving(&settings))
                .map_err(|broken| format!("seed {seed}, {medium}, {end:?}, {settings:?}: {broken}"))
        })
    }));
}
