//! The results of a life as one hash: a change to the engine that should not affect images changes no
//! fingerprint.

use std::io::Read as _;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use emulator::{FaultScript, Recorder};
use mmc::{Sense, Transport};
use sha2::{Digest as _, Sha256};
use volume::Volume;

use crate::broken::Broken;
use crate::course::{Course, Witness};
use crate::disc::MemoryDisc;
use crate::life::Life;
use crate::model::Model;

/// The number of places where the drive fails to write a block, each in a separate run of the life.
const WRITE_ERRORS: u64 = 4;

/// A hash over the image, side file and all commands of a life, and of the same life with write errors.
///
/// # Errors
/// Whatever breaks the life without faults; errors from the host.
pub fn fingerprint(life: &Life) -> Result<[u8; 32], Broken> {
    let mut hash = Sha256::new();
    let (result, written) = live(life, FaultScript::new(), &mut hash)?;
    result?;
    let blocks: u64 = written.iter().map(|range| range.len() as u64).sum();
    for number in 0..WRITE_ERRORS {
        let Some(block) = nth_block(&written, blocks * (2 * number + 1) / (2 * WRITE_ERRORS)) else {
            continue;
        };
        let script = FaultScript::new().fail_block(block, Sense::WRITE_ERROR);
        let (result, _) = live(life, script, &mut hash)?;
        hash.update([u8::from(result.is_ok())]);
    }
    Ok(hash.finalize().into())
}

/// How a life ended, and the blocks of its WRITE commands in order.
type Lived = (Result<(), Broken>, Vec<Range<u32>>);

fn live(life: &Life, script: FaultScript, hash: &mut Sha256) -> Result<Lived, Broken> {
    let disc = MemoryDisc::blank(life)?;
    let mut witness = Hashing {
        script,
        trace: Arc::default(),
    };
    let result = Course::new(&disc, life, &mut witness).run();
    let mut trace = witness.trace.lock().unwrap_or_else(PoisonError::into_inner);
    hash.update(trace.hash.finalize_reset());
    for path in [disc.image(), disc.side_file()] {
        hash_file(&path, hash)?;
    }
    Ok((result, std::mem::take(&mut trace.written)))
}

fn hash_file(path: &std::path::Path, hash: &mut Sha256) -> Result<(), Broken> {
    let mut file = std::fs::File::open(path)?;
    let mut bytes = vec![0; 1 << 20];
    loop {
        match file.read(&mut bytes)? {
            0 => return Ok(()),
            read => hash.update(&bytes[..read]),
        }
    }
}

fn nth_block(written: &[Range<u32>], mut number: u64) -> Option<u32> {
    for range in written {
        match range.len() as u64 {
            count if number >= count => number -= count,
            _ => return range.clone().nth(usize::try_from(number).ok()?),
        }
    }
    None
}

#[derive(Default)]
struct Trace {
    hash: Sha256,
    written: Vec<Range<u32>>,
}

/// Hashes commands and answers each time the disc is inserted into a recorder.
struct Hashing {
    script: FaultScript,
    trace: Arc<Mutex<Trace>>,
}

impl Witness for Hashing {
    fn transport(&mut self, mut recorder: Recorder) -> Box<dyn Transport> {
        recorder.set_faults(self.script.clone());
        let trace = Arc::clone(&self.trace);
        recorder.set_trace(Box::new(move |entry| {
            let mut trace = trace.lock().unwrap_or_else(PoisonError::into_inner);
            trace.hash.update(format!("{entry}\n"));
            if let Some((at, count)) = entry.blocks().filter(|_| entry.name() == "WRITE(10)") {
                trace.written.push(at.0..at.0 + count);
            }
        }));
        Box::new(recorder)
    }

    /// Only the engine's own commands count.
    fn acknowledged(&mut self, _now: &Model, _volume: &mut Volume) -> Result<(), Broken> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::size::Size;

    #[test]
    fn a_life_has_one_fingerprint_and_another_life_a_different_one() {
        let of_seed = |seed| fingerprint(&Life::of_seed(seed, Size::SMALL)).unwrap();
        assert_eq!(of_seed(1), of_seed(1));
        assert_ne!(of_seed(1), of_seed(2));
    }
}
