//! The buffer of a drive without underrun protection runs empty after any write of a life on CD: the packet
//! ends there, nothing is lost, every closed session has its end, and readers find everything. The judge is
//! asked too, unless links fall on the start of a session.

use ecma167::osta::Revision;
use emulator::{Behaviour, Medium};
use mmc::BLOCK_SIZE;
use trials::{End, FaultTrial, Life, Operation, Trouble};

const WRITE_10: u8 = 0x2A;

/// A format, two commits, a close, a second session with a commit, and an end; at most `blocks` blocks per
/// command.
fn life(blocks: usize, revision: Revision, end: End) -> FaultTrial {
    let file = |parent, name, length| Operation::Create { parent, name, length };
    let life = Life {
        medium: Medium::CdR80,
        // A session with links in its start is abandoned, and another one begun.
        capacity: 100_000,
        behaviour: Behaviour {
            buffer_underrun_protection: false,
            ..Behaviour::default()
        },
        transfer_limit: Some(blocks * BLOCK_SIZE),
        revision,
        rom: None,
        operations: vec![
            file(0, 0, 700),
            file(0, 1, 9_000),
            Operation::MakeDirectory { parent: 0, name: 2 },
            Operation::Commit,
            file(1, 3, 30_000),
            Operation::Remove { node: 1 },
            Operation::Commit,
            Operation::Close,
            file(0, 5, 5_000),
            Operation::Commit,
        ],
        end,
    };
    FaultTrial::of(life).unwrap()
}

/// Runs a life once for each of its writes, and proves each of them.
fn underrun_after_every_write(trial: &FaultTrial, least: usize) {
    let commands: Vec<u8> = trial.commands().collect();
    let writes = (0..commands.len()).filter(|number| commands[*number] == WRITE_10);
    let mut lives = 0;
    for number in writes {
        let ended = trial
            .trouble(number, Trouble::Underrun)
            .unwrap_or_else(|broken| panic!("underrun after command {number}: {broken}"));
        assert!(
            ended.error.is_none(),
            "underrun after command {number}: {:?}",
            ended.error
        );
        lives += 1;
    }
    assert!(lives >= least, "only {lives} writes");
}

#[test]
fn a_packet_may_end_after_any_block_of_two_sessions() {
    underrun_after_every_write(&life(1, Revision::V2_01, End::Close), 1_100);
}

#[test]
fn a_packet_may_end_after_any_write_of_a_finalized_disc() {
    underrun_after_every_write(&life(16, Revision::V1_50, End::Finalize), 70);
}
