//! Runs every target on its corpus, on what once failed, and on changes of both: no panic, no overflow, an
//! end, and bounded memory.
//!
//! What the fuzzer does for hours is done here for seconds, with the same functions and reproducible numbers.

use std::alloc::System;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use cap::Cap;
use hostile::{MEMORY_BOUND, TARGETS};

/// Counts allocated memory.
#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

/// Memory is counted for all threads, so only one target runs at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Numbers that look random but are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let high = usize::try_from(self.0 >> 33).unwrap_or_default();
        high % bound.max(1)
    }

    fn byte(&mut self) -> u8 {
        self.below(256).to_le_bytes()[0]
    }
}

/// Inputs of a target, by name.
fn inputs(kind: &str, target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz")
        .join(kind)
        .join(target);
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let bytes = fs::read(&path).unwrap();
            (path, bytes)
        })
        .collect()
}

/// Runs a target; a failure is reported with its input.
fn run(target: hostile::Target, input: &[u8], what: &str) {
    let before = MEMORY.allocated();
    let highest = MEMORY.max_allocated();
    let ended = panic::catch_unwind(AssertUnwindSafe(|| target(input)));
    let hex: String = input.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(ended.is_ok(), "{what}: {hex}");
    let peak = MEMORY.max_allocated();
    // The peak belongs to this input only if it exceeds that of all earlier ones.
    if peak > highest {
        let took = peak - before;
        assert!(took <= MEMORY_BOUND, "{what} took {took} bytes: {hex}");
    }
}

/// Changes an input as a fuzzer does.
fn change(input: &mut Vec<u8>, others: &[(PathBuf, Vec<u8>)], numbers: &mut Numbers) {
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(input.len() + 1);
        match numbers.below(7) {
            0 => input.insert(at, numbers.byte()),
            1 if at < input.len() => drop(input.remove(at)),
            2 => {
                let odd: [&[u8]; 5] = [
                    &[0; 4],
                    &[0xFF; 4],
                    &[0xFF; 8],
                    &[0, 0, 0, 0x80],
                    &[0xFE, 0xFF, 0xFF, 0x7F],
                ];
                for (place, byte) in input[at..].iter_mut().zip(odd[numbers.below(odd.len())]) {
                    *place = *byte;
                }
            }
            3 => {
                let other = &others[numbers.below(others.len())].1;
                let from = numbers.below(other.len() + 1);
                let until = from + numbers.below(64).min(other.len() - from);
                input.splice(at..at, other[from..until].iter().copied());
            }
            4 => input.truncate(at),
            _ if at < input.len() => input[at] = numbers.byte(),
            _ => input.push(numbers.byte()),
        }
    }
}

/// Runs one target on its inputs, and on `changes` changes of them.
fn hold(name: &str, changes: usize) {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let target = TARGETS.iter().find(|target| target.0 == name).unwrap().1;
    let mut inputs = inputs("corpus", name);
    assert!(inputs.len() >= 5, "the corpus of {name} is missing");
    inputs.extend(self::inputs("regressions", name));
    for (path, input) in &inputs {
        run(target, input, &path.display().to_string());
    }
    let mut numbers = Numbers(7);
    for number in 0..changes {
        let (path, input) = &inputs[numbers.below(inputs.len())];
        let mut changed = input.clone();
        change(&mut changed, &inputs, &mut numbers);
        run(
            target,
            &changed,
            &format!("change {number}, of {}", path.display()),
        );
    }
}

#[test]
fn recognition_takes_anything() {
    hold("recognition", 3000);
}

#[test]
fn vats_take_anything() {
    hold("vat", 3000);
}

#[test]
fn directories_take_anything() {
    hold("directory", 4000);
}

#[test]
fn nodes_take_anything() {
    hold("node", 4000);
}

#[test]
fn the_judge_takes_anything() {
    hold("check", 2500);
}

#[test]
fn a_whole_image_takes_anything() {
    hold("mount", 1500);
}

#[test]
fn volumes_that_are_only_read_take_anything() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let mut numbers = Numbers(11);
    for name in [
        "mkudffs-cdrw",
        "sparable-201",
        "metadata-250",
        "metadata-sparable",
        "replaced-150",
        "mkudffs-512",
        "mkudffs-4096",
    ] {
        let base = hostile::bases::all().iter().position(|base| base.name == name);
        let base = u8::try_from(base.unwrap()).unwrap();
        for (target, changes) in [("recognition", 150), ("mount", 500), ("check", 100)] {
            let (_, run_target) = TARGETS.iter().find(|(name, _)| *name == target).unwrap();
            run(*run_target, &[base, 0], name);
            for number in 0..changes {
                let mut input = vec![base, u8::from(numbers.below(8) == 0)];
                for _ in 0..=numbers.below(40) {
                    input.push(numbers.byte());
                }
                run(
                    *run_target,
                    &input,
                    &format!("change {number} of {name} for {target}"),
                );
            }
        }
    }
}

#[test]
fn the_recorder_takes_anything() {
    hold("commands", 4000);
}

#[test]
fn a_side_file_and_its_image_take_anything() {
    hold("side_files", 3000);
}

#[test]
fn an_image_file_of_any_contents_is_looked_at() {
    hold("containers", 1500);
}
