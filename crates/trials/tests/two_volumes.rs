//! Discs that get a plain volume with each closing: power may fail after any block, and anything go wrong at
//! any command.

use check::{Options, Severity, check};
use ecma167::osta::Revision;
use emulator::{Behaviour, Medium, RESERVATIONS};
use mmc::Sense;
use recording::{Error, Rom};
use trials::{
    Broken, Comparing, Course, End, Ended, FaultTrial, Life, MemoryDisc, Operation, Outcome, Sequel, Size,
    Trial, Trouble, require,
};

/// A medium of every family, with the revision of its volume and whether it gets a bridge.
const FAMILIES: [(Medium, Revision, bool); 4] = [
    (Medium::CdR80, Revision::V1_50, true),
    (Medium::DvdR, Revision::V2_01, false),
    (Medium::DvdPlusR, Revision::V2_50, true),
    (Medium::BdR, Revision::V2_60, false),
];

/// A format, two commits, a close, a second session with a commit, a close, and a third one that finalizes.
fn life(medium: Medium, revision: Revision, bridge: bool) -> Life {
    let file = |parent, name, length| Operation::Create { parent, name, length };
    Life {
        medium,
        capacity: 100_000,
        behaviour: Behaviour::default(),
        transfer_limit: None,
        revision,
        rom: Some(Rom {
            // Both volumes have the same file entries.
            revision: Rom::revision_beside(revision),
            bridge,
            links: false,
            is_optional: false,
        }),
        operations: vec![
            file(0, 0, 700),
            file(0, 1, 9_000),
            Operation::MakeDirectory { parent: 0, name: 2 },
            Operation::Commit,
            file(1, 3, 30_000),
            Operation::Symlink { parent: 1, name: 4 },
            Operation::Link {
                node: 1,
                parent: 1,
                name: 7,
            },
            Operation::Commit,
            Operation::Close,
            Operation::Remove { node: 1 },
            file(0, 5, 5_000),
            Operation::Commit,
            Operation::Close,
            file(0, 6, 10),
        ],
        end: End::Finalize,
    }
}

/// From one place to the next that is tried. `STEP=1` tries all, which takes an hour.
fn step(usual: usize) -> usize {
    std::env::var("STEP").map_or(usual, |step| step.parse().unwrap())
}

/// Cuts a life `step` cuts apart; how many left a disc that was not seen before.
fn cut(life: Life, step: usize, sequel: Sequel) -> usize {
    let what = format!(
        "{}, UDF {}, {:?}",
        life.medium,
        life.revision,
        life.behaviour.settings()
    );
    let trial = Trial::of(life).unwrap_or_else(|broken| panic!("{what}: {broken}"));
    let mut trial = trial.followed_by(sequel);
    let mut proven = 0;
    let mut failed = Vec::new();
    for number in (0..trial.cuts().len()).step_by(step) {
        match trial.cut(number) {
            Ok(Outcome::Proven) => proven += 1,
            Ok(Outcome::Full | Outcome::SeenBefore) => {}
            Err(broken) => failed.push(format!(
                "{what}, cut {number}, {}: {broken}",
                trial.cuts()[number]
            )),
        }
    }
    let failures: Vec<String> = failed
        .iter()
        .map(|one: &String| one.chars().take(400).collect())
        .collect();
    assert!(
        failed.is_empty(),
        "{} of {} cuts: {}",
        failed.len(),
        trial.cuts().len(),
        failures.join("\n")
    );
    proven
}

#[test]
fn power_may_fail_after_any_block_on_every_medium() {
    let step = step(251);
    for (medium, revision, bridge) in FAMILIES {
        let proven = cut(life(medium, revision, bridge), step, Sequel::GoOn);
        assert!(proven > 8, "{medium}: {proven}");
    }
}

#[test]
fn recover_leaves_both_volumes_whole_on_every_medium() {
    let step = step(347);
    for (medium, revision, bridge) in FAMILIES {
        let proven = cut(life(medium, revision, bridge), step, Sequel::Recover);
        assert!(proven > 4, "{medium}: {proven}");
    }
}

/// A life in a drive with a switch set.
fn switched(medium: Medium, revision: Revision, bridge: bool, (name, value): (&str, &str)) -> Life {
    let mut life = life(medium, revision, bridge);
    assert!(life.behaviour.set(name, value), "{name} {value}");
    life
}

#[test]
fn whatever_happens_on_a_disc_both_volumes_have_what_was_committed() {
    for seed in 0..150 {
        let life = Life::with_plain_volumes(seed, Size::LARGE);
        let what = format!("seed {seed}, {}, UDF {}", life.medium, life.revision);
        live_and_judge(&life, &what);
    }
}

/// Lives a life, and holds that the disc has what was committed, and that `check` finds no error.
fn live_and_judge(life: &Life, what: &str) {
    let disc = MemoryDisc::blank(life).unwrap();
    let mut witness = Comparing;
    let mut course = Course::new(&disc, life, &mut witness);
    course.run().unwrap_or_else(|broken| panic!("{what}: {broken}"));
    let last = course.progress().acknowledged.clone().unwrap();
    require(&last, &mut disc.volume().unwrap()).unwrap_or_else(|broken| panic!("{what}: {broken}"));
    let report = check(&mut disc.drive().unwrap(), &Options::default());
    let errors: Vec<String> = report
        .findings()
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(ToString::to_string)
        .collect();
    assert!(errors.is_empty(), "{what}: {errors:?}");
}

#[test]
fn both_volumes_are_whole_on_a_cd_of_which_each_commit_is_a_track() {
    let life = switched(Medium::CdR80, Revision::V2_01, true, ("packets", "no"));
    live_and_judge(&life, "packets no");
}

#[test]
fn power_may_fail_in_seeded_lives() {
    for seed in 0..24 {
        let life = Life::with_plain_volumes(seed, Size::SMALL);
        cut(life, step(4999), Sequel::GoOn);
    }
}

#[test]
fn recover_leaves_both_volumes_whole_in_seeded_lives() {
    for seed in 24..48 {
        let life = Life::with_plain_volumes(seed, Size::SMALL);
        cut(life, step(4999), Sequel::Recover);
    }
}

#[test]
fn power_may_fail_in_drives_that_differ_about_reserved_tracks() {
    for (number, switch) in RESERVATIONS.into_iter().enumerate() {
        if switch == ("reserve_track", "no") {
            continue;
        }
        let (medium, revision, bridge) = FAMILIES[number % FAMILIES.len()];
        cut(switched(medium, revision, bridge, switch), 997, Sequel::GoOn);
    }
}

#[test]
fn power_may_fail_in_a_drive_that_records_tracks_at_once() {
    cut(
        switched(Medium::CdR80, Revision::V2_01, true, ("packets", "no")),
        397,
        Sequel::GoOn,
    );
}

#[test]
fn a_drive_that_cannot_keep_the_reserved_track_whole_gets_no_two_volumes() {
    for switch in [("reserve_track", "no"), ("buffer_underrun_protection", "no")] {
        for (medium, revision, bridge) in FAMILIES {
            let ends_packets = medium == Medium::CdR80;
            if switch.0 != "reserve_track" && !ends_packets {
                continue;
            }
            let life = switched(medium, revision, bridge, switch);
            let disc = trials::MemoryDisc::blank(&life).unwrap();
            let before = disc.bytes().unwrap();
            let refused = recording::format(disc.drive().unwrap(), &disc.options());
            let is_reported = matches!(
                refused,
                Err(Error::Drive(drive::DriveError::NotReserved { .. }) | Error::Unsupported(_))
            );
            assert!(is_reported, "{medium}, {switch:?}: {:?}", refused.map(|_| ()));
            assert_eq!(disc.bytes().unwrap().0, before.0, "{medium}, {switch:?}");
        }
    }
}

/// Lives a life once for each place, and has it proven; how many came to their end.
fn with_trouble(
    what: &str,
    places: impl Iterator<Item = usize>,
    live: impl Fn(usize) -> Result<Ended, Broken>,
) -> usize {
    let mut failed = Vec::new();
    let (mut all, mut done) = (0, 0);
    for place in places {
        all += 1;
        match live(place) {
            Ok(ended) => done += usize::from(ended.error.is_none()),
            Err(broken) => failed.push(
                format!("{what} {place}: {broken}")
                    .chars()
                    .take(400)
                    .collect::<String>(),
            ),
        }
    }
    assert!(
        failed.is_empty(),
        "{} of {all} lives, of cuts: {}",
        failed.len(),
        failed.join("\n")
    );
    done
}

#[test]
fn the_writing_of_any_block_may_fail() {
    let step = step(211);
    for (at, (medium, revision, bridge)) in FAMILIES.into_iter().enumerate() {
        let trial = FaultTrial::of(life(medium, revision, bridge)).unwrap();
        let blocks = trial.written().to_vec();
        let places = blocks.iter().skip(at).step_by(step).map(|block| *block as usize);
        let done = with_trouble(&format!("{medium}, write error at block"), places, |block| {
            trial.write_error(u32::try_from(block).unwrap())
        });
        assert!(done > 3, "{medium}: {done}");
    }
}

#[test]
fn any_command_may_fail() {
    let step = step(149);
    let troubles = [
        Trouble::Once(Sense::WRITE_ERROR),
        Trouble::Once(Sense::SESSION_FIXATION_ERROR),
        Trouble::ForEver(Sense::WRITE_ERROR),
        Trouble::Removed,
        Trouble::Underrun,
    ];
    for (at, (medium, revision, bridge)) in FAMILIES.into_iter().enumerate() {
        let trial = FaultTrial::of(life(medium, revision, bridge)).unwrap();
        let commands = trial.commands().count();
        for trouble in troubles {
            with_trouble(
                &format!("{medium}, {trouble:?} at command"),
                (at..commands).step_by(step),
                |number| trial.trouble(number, trouble),
            );
        }
    }
}

#[test]
fn a_read_that_fails_once_costs_no_plain_volume() {
    const READ_10: u8 = 0x28;
    let (medium, revision, bridge) = FAMILIES[0];
    let trial = FaultTrial::of(life(medium, revision, bridge)).unwrap();
    let reads: Vec<usize> = trial
        .commands()
        .enumerate()
        .filter(|(_, operation_code)| *operation_code == READ_10)
        .map(|(number, _)| number)
        .collect();
    // The last closing, which cannot be repeated, reads the whole volume.
    let last = reads.iter().rev().take(150).copied();
    let done = with_trouble("read error at command", last, |number| {
        trial.trouble(number, Trouble::Once(Sense::UNRECOVERED_READ_ERROR))
    });
    assert!(done > 100, "{done}");
}
