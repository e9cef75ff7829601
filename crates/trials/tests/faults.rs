//! Anything may go wrong at any command of a life: the request succeeds anyway or reports the drive's error,
//! what was acknowledged stays, and the disc can be continued and closed.

use drive::DriveError;
use ecma167::osta::Revision;
use emulator::{Behaviour, Medium};
use mmc::Sense;
use recording::Error;
use trials::{Broken, End, Ended, FaultTrial, Life, Operation, Sequel, Trouble};

/// A medium of each family, with the revision used for it here.
const FAMILIES: [(Medium, Revision); 5] = [
    (Medium::CdR80, Revision::V1_50),
    (Medium::DvdR, Revision::V2_00),
    (Medium::DvdRDl, Revision::V2_50),
    (Medium::DvdPlusR, Revision::V2_01),
    (Medium::BdR, Revision::V2_60),
];

/// Polls of a drive that stays busy: 30 minutes, partly at intervals of 40 ms. The engine waits for it once.
const PATIENCE: u64 = 50_000;

/// A format, several commits, a close, a further session, and the end of the disc.
fn whole_life(medium: Medium, revision: Revision) -> FaultTrial {
    let file = |parent, name, length| Operation::Create { parent, name, length };
    let mut operations = vec![
        file(0, 0, 700),
        file(0, 1, 9_000),
        Operation::MakeDirectory { parent: 0, name: 2 },
        Operation::Commit,
        file(1, 3, 40_000),
        Operation::Symlink { parent: 1, name: 4 },
        Operation::Commit,
        Operation::Remove { node: 1 },
        Operation::Write {
            node: 2,
            offset: 30_000,
            length: 5_000,
        },
        Operation::Commit,
    ];
    if !is_single(medium) {
        operations.extend([
            Operation::Close,
            file(0, 5, 3_000),
            Operation::Commit,
            file(1, 6, 10),
        ]);
    }
    let life = Life {
        medium,
        capacity: 100_000,
        behaviour: Behaviour::default(),
        transfer_limit: Some(64 << 10),
        revision,
        rom: None,
        operations,
        end: End::Finalize,
    };
    FaultTrial::of(life).unwrap()
}

/// Whether the medium ends with its first session.
fn is_single(medium: Medium) -> bool {
    medium == Medium::DvdRDl
}

/// Runs the life once for every `step`th command, and judges each result.
fn at_commands(trouble: Trouble, step: usize, judge: impl Fn(&str, Ended)) {
    at_commands_followed_by(Sequel::GoOn, trouble, step, judge);
}

fn at_commands_followed_by(sequel: Sequel, trouble: Trouble, step: usize, judge: impl Fn(&str, Ended)) {
    for (at, (medium, revision)) in FAMILIES.into_iter().enumerate() {
        let trial = whole_life(medium, revision).followed_by(sequel);
        let commands: Vec<u8> = trial.commands().collect();
        // Different commands on each medium.
        for number in (at % step..commands.len()).step_by(step) {
            let what = format!(
                "{medium}, {trouble:?} at command {number}, {:02X}h",
                commands[number]
            );
            let ended = trial
                .trouble(number, trouble)
                .unwrap_or_else(|broken| panic!("{what}: {broken}"));
            let most = commands.len() as u64 + PATIENCE;
            assert!(ended.commands < most, "{what}: {} commands", ended.commands);
            judge(&what, ended);
        }
    }
}

/// The drive's error that caused an error of recording, if that is the cause.
fn of_drive(error: &Error) -> Option<&DriveError> {
    match error {
        Error::Drive(error) | Error::Volume(volume::Error::Drive(error)) => Some(error),
        _ => None,
    }
}

/// The request succeeded, or failed with this sense and with a command or a block.
fn require_reported(what: &str, ended: &Ended, sense: Sense) {
    let Some(error) = &ended.error else { return };
    match of_drive(error) {
        Some(DriveError::Sense { sense: reported, .. } | DriveError::Unreadable { sense: reported, .. }) => {
            assert!(reported.is(sense), "{what}: {error}");
        }
        _ => panic!("{what}: {error}"),
    }
}

#[test]
fn any_command_may_fail_once() {
    for (sense, step) in [
        (Sense::WRITE_ERROR, 2),
        (Sense::INTERNAL_TARGET_FAILURE, 3),
        (Sense::SESSION_FIXATION_ERROR, 5),
    ] {
        at_commands(Trouble::Once(sense), step, |what, ended| {
            require_reported(what, &ended, sense)
        });
    }
}

#[test]
fn a_drive_reset_is_survived_or_reported_if_it_may_have_lost_something() {
    for (reset, step) in [
        (Sense::POWER_ON_OR_RESET, 4),
        (Sense::BUS_DEVICE_RESET_FUNCTION_OCCURRED, 7),
    ] {
        at_commands(Trouble::Once(reset), step, |what, ended| {
            require_reported(what, &ended, reset)
        });
    }
}

#[test]
fn a_command_that_is_never_answered_is_reported_with_its_block() {
    at_commands(Trouble::Hangs, 5, |what, ended| {
        let Some(error) = &ended.error else { return };
        match of_drive(error) {
            Some(DriveError::Unanswered { command, at, .. }) => {
                let moves_blocks = ["READ(10)", "WRITE(10)"].contains(command);
                assert_eq!(at.is_some(), moves_blocks, "{what}: {error}");
            }
            _ => panic!("{what}: {error}"),
        }
    });
}

#[test]
fn the_engine_waits_for_a_long_write_in_progress_at_any_command() {
    at_commands(Trouble::Busy(4), 4, |what, ended| {
        assert!(ended.error.is_none(), "{what}: {:?}", ended.error);
    });
}

#[test]
fn a_drive_that_never_becomes_ready_again_is_given_up() {
    for (sense, step) in [(Sense::BECOMING_READY, 4), (Sense::LONG_WRITE_IN_PROGRESS, 9)] {
        at_commands(Trouble::ForEver(sense), step, |what, ended| {
            // The engine does not wait for the last command if nothing depends on it.
            let error = ended.error.as_ref().and_then(of_drive);
            let is_reported =
                matches!(error, Some(DriveError::NotReady { sense: reported }) if reported.is(sense));
            assert!(is_reported || ended.error.is_none(), "{what}: {:?}", ended.error);
        });
    }
}

#[test]
fn the_medium_may_be_removed_or_changed_at_any_command() {
    at_commands(Trouble::Removed, 3, |what, ended| {
        let error = ended.error.as_ref().and_then(of_drive);
        let is_reported = matches!(error, Some(DriveError::MediumRemoved | DriveError::NoMedium));
        assert!(is_reported || ended.error.is_none(), "{what}: {:?}", ended.error);
    });
    at_commands(Trouble::Once(Sense::MEDIUM_MAY_HAVE_CHANGED), 7, |what, ended| {
        let error = ended.error.as_ref().and_then(of_drive);
        let is_reported = matches!(error, Some(DriveError::MediumChanged));
        assert!(is_reported || ended.error.is_none(), "{what}: {:?}", ended.error);
    });
}

#[test]
fn a_drive_that_fails_for_good_leaves_what_was_acknowledged() {
    at_commands(Trouble::ForEver(Sense::WRITE_ERROR), 4, |what, ended| {
        if let Some(error) = ended.error {
            let is_reported = of_drive(&error).is_some()
                || matches!(
                    error,
                    Error::Volume(volume::Error::Corrupt { .. }) | Error::ReadOnly(_)
                );
            assert!(is_reported, "{what}: {error}");
        }
    });
}

#[test]
fn the_writing_of_any_block_may_fail() {
    at_blocks_followed_by(Sequel::GoOn, 13);
}

#[test]
fn recover_leaves_what_was_acknowledged_after_any_write_error() {
    at_blocks_followed_by(Sequel::Recover, step(29));
}

#[test]
fn recover_leaves_what_was_acknowledged_after_any_fault() {
    for (trouble, usual) in [
        (Trouble::Once(Sense::WRITE_ERROR), 11),
        (Trouble::Once(Sense::SESSION_FIXATION_ERROR), 31),
        (Trouble::ForEver(Sense::WRITE_ERROR), 7),
        (Trouble::Removed, 13),
        (Trouble::Hangs, 17),
        (Trouble::Underrun, 19),
    ] {
        at_commands_followed_by(Sequel::Recover, trouble, step(usual), |_, _| {});
    }
}

/// From one place to the next that is tried. `STEP=1` tries all.
fn step(usual: usize) -> usize {
    std::env::var("STEP").map_or(usual, |step| step.parse().unwrap())
}

fn at_blocks_followed_by(sequel: Sequel, step: usize) {
    for (at, (medium, revision)) in FAMILIES.into_iter().enumerate() {
        let trial = whole_life(medium, revision).followed_by(sequel);
        let mut done = 0;
        let blocks = trial.written();
        for block in blocks.iter().skip(at % step).step_by(step).chain(&blocks[..20]) {
            let what = format!("{medium}, write error at block {block}");
            match trial.write_error(*block) {
                Ok(ended) if ended.error.is_none() => done += 1,
                Ok(ended) => require_reported(&what, &ended, Sense::WRITE_ERROR),
                // Nothing was acknowledged, and readers look at the start of the only session.
                Err(Broken::Recording(Error::OnlySessionSpoiled)) if is_single(medium) && *block <= 256 => {}
                Err(broken) => panic!("{what}: {broken}"),
            }
        }
        assert!(
            done * step * 3 > blocks.len(),
            "{medium}: only {done} lives continued after the block"
        );
    }
}
