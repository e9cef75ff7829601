//! Ruins in the drive: blocks that it cannot read, and how often a scan asks for each.

use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};
use std::sync::{Arc, Mutex};

use ecma167::BLOCK_SIZE;
use emulator::{FaultScript, Recorder};
use mmc::command::Command;
use mmc::{Data, Failure, Transport};
use salvage::Index;
use trials::{Life, Size};

use super::out::salvaged;
use super::{Random, lived, missing, oracle, step};

/// How often each block was delivered.
type Delivered = Arc<Mutex<BTreeMap<u32, u32>>>;

/// A recorder that counts what it delivers.
struct Counting {
    recorder: Recorder,
    delivered: Delivered,
}

impl Transport for Counting {
    fn execute(&mut self, command: &[u8], data: Data<'_>) -> Result<usize, Failure> {
        let result = self.recorder.execute(command, data);
        if let Ok(decoded @ (Command::Read10(_) | Command::Read12(_))) = Command::decode(command)
            && let (Ok(_), Some((start, count))) = (&result, decoded.blocks())
        {
            let mut delivered = self.delivered.lock().unwrap();
            for block in start.0..start.0 + count {
                *delivered.entry(block).or_default() += 1;
            }
        }
        result
    }
}

/// The runs of some blocks.
fn unreadable(blocks: impl IntoIterator<Item = u32>) -> FaultScript {
    let mut runs: Vec<Range<u32>> = Vec::new();
    for block in blocks {
        match runs.last_mut() {
            Some(last) if last.end == block => last.end += 1,
            _ => runs.push(block..block + 1),
        }
    }
    runs.into_iter().fold(FaultScript::new(), FaultScript::unreadable)
}

#[test]
fn a_scan_is_given_every_recorded_block_once() {
    for (seed, life) in (400_u64..)
        .zip(Life::everywhere(400, Size::SMALL))
        .step_by(step(4))
    {
        let disc = lived(&life);
        let blocks = std::fs::read(disc.image()).unwrap();
        let mut random = Random(seed | 1);
        let ruined = random.ruin(blocks.len() / BLOCK_SIZE);
        for bad in [Default::default(), ruined] {
            let mut recorder = disc.recorder().unwrap();
            recorder.set_faults(unreadable(bad.iter().copied()));
            let delivered = Delivered::default();
            let counting = Counting {
                recorder,
                delivered: Arc::clone(&delivered),
            };
            let mut drive = disc.drive_over(Box::new(counting)).unwrap();
            delivered.lock().unwrap().clear();
            let mut index = Index::default();
            index
                .scan(&mut drive, None, &mut |_, _| ControlFlow::Continue(()))
                .unwrap();
            let delivered = delivered.lock().unwrap();
            let twice = delivered.iter().find(|(_, times)| **times > 1);
            assert!(twice.is_none(), "seed {seed}: {twice:?}");
            for (block, bytes) in (0_u32..).zip(blocks.chunks_exact(BLOCK_SIZE)) {
                let is_recorded = bytes.iter().any(|byte| *byte != 0);
                let is_left = is_recorded && !bad.contains(&block);
                assert!(
                    !is_left || delivered.contains_key(&block),
                    "seed {seed}: no block {block}"
                );
            }
        }
    }
}

#[test]
fn what_is_whole_comes_out_of_drives_that_cannot_read_all() {
    let lives = (0_u64..).zip(Life::everywhere(500, Size::SMALL));
    for (seed, life) in lives.step_by(step(6)) {
        let disc = lived(&life);
        let had = oracle::all(&mut disc.volume().unwrap());
        let number = std::fs::metadata(disc.image()).unwrap().len() / BLOCK_SIZE as u64;
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        for attempt in 0..8 {
            let ruined = random.ruin(usize::try_from(number).unwrap());
            let script = unreadable(ruined.iter().copied());
            // A drive that cannot read what it looks at first tells less of the disc, and opens.
            let out = salvaged(disc.faulty_drive(script).unwrap());
            let missing = missing(&had, &out, &ruined);
            assert!(missing.is_empty(), "seed {seed}, drive {attempt}: {missing:?}");
        }
    }
}
