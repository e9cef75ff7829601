//! Discs of which any structure is destroyed: every file whose entry and data are whole comes out with its
//! bytes, and under its path if the names on it are left.

mod in_drive;
mod kinds;
mod oracle;
mod out;
mod plain;

use std::collections::BTreeSet;
use std::path::Path;

use drive::Drive;
use ecma167::BLOCK_SIZE;
use oracle::Had;
use out::{Out, salvaged};
use trials::{Comparing, Course, Life, MemoryDisc, Size};

/// From one seed to the next. `STEP=1` tries all.
fn step(usual: usize) -> usize {
    std::env::var("STEP").map_or(usual, |step| step.parse().unwrap())
}

/// Random numbers of a seed.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end.max(1)
    }

    /// Some runs among `all` blocks.
    fn ruin(&mut self, all: usize) -> BTreeSet<u32> {
        let all = all as u64;
        let mut ruined = BTreeSet::new();
        for _ in 0..=self.below(12) {
            let most = 1 << self.below(8);
            let length = 1 + self.below(most);
            let start = self.below(all);
            ruined.extend((start..(start + length).min(all)).map(|at| u32::try_from(at).unwrap()));
        }
        ruined
    }
}

/// The disc of a life.
fn lived(life: &Life) -> MemoryDisc {
    let disc = MemoryDisc::blank(life).unwrap();
    Course::new(&disc, life, &mut Comparing).run().unwrap();
    disc
}

fn missing(had: &[Had], out: &Out, ruined: &BTreeSet<u32>) -> Vec<String> {
    let mut missing = Vec::new();
    for one in had.iter().filter(|one| one.needs.is_disjoint(ruined)) {
        let bytes = Some(&one.bytes);
        if !out.values().any(|found| found.as_ref() == bytes) {
            missing.push(format!("{} is not there", one.path));
        } else if one.way.is_disjoint(ruined) {
            let found = out.get(&one.path);
            if found.map(Option::as_ref) != Some(bytes) {
                missing.push(format!(
                    "{} is not under its path: {:?}",
                    one.path,
                    found.map(Option::is_some)
                ));
            }
        } else if one.name.is_disjoint(ruined) {
            let name = one.path.rsplit('/').next().unwrap_or_default();
            let has_name = |path: &String| path.rsplit('/').next() == Some(name);
            if !out
                .iter()
                .any(|(path, found)| has_name(path) && found.as_ref() == bytes)
            {
                missing.push(format!("{} has no name", one.path));
            }
        }
    }
    missing.truncate(4);
    missing
}

/// Overwrites blocks of an image, and salvages it without its side file.
fn out_of_ruin(image: &Path, blocks: &[u8], ruined: &BTreeSet<u32>, fill: u8) -> Out {
    let mut bytes = blocks.to_vec();
    for at in ruined {
        let start = *at as usize * BLOCK_SIZE;
        if let Some(block) = bytes.get_mut(start..start + BLOCK_SIZE) {
            block.fill(fill);
        }
    }
    std::fs::write(image, &bytes).unwrap();
    salvaged(Drive::open_image(image).unwrap())
}

#[test]
fn a_whole_disc_comes_out_as_it_is() {
    for (seed, life) in (0_u64..).zip(Life::everywhere(0, Size::SMALL)).step_by(step(4)) {
        let disc = lived(&life);
        let had = oracle::all(&mut disc.volume().unwrap());
        let out = salvaged(disc.drive().unwrap());
        let missing = missing(&had, &out, &BTreeSet::new());
        assert!(missing.is_empty(), "seed {seed}: {missing:?}");
        for path in out.keys().filter(|path| path.starts_with('/')) {
            assert!(
                had.iter().any(|one| one.path == *path),
                "seed {seed}: {path} was never there"
            );
        }
    }
}

#[test]
fn what_is_whole_comes_out_of_random_ruins() {
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    let image = folder.path().join("ruin.img");
    let lives = (0_u64..).zip(Life::everywhere(100, Size::SMALL));
    for (seed, life) in lives.step_by(step(6)) {
        let disc = lived(&life);
        let had = oracle::all(&mut disc.volume().unwrap());
        let blocks = std::fs::read(disc.image()).unwrap();
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        for number in 0..20 {
            let ruined = random.ruin(blocks.len() / BLOCK_SIZE);
            let out = out_of_ruin(&image, &blocks, &ruined, [0, 0xFF][number % 2]);
            let missing = missing(&had, &out, &ruined);
            assert!(missing.is_empty(), "seed {seed}, ruin {number}: {missing:?}");
        }
    }
}

#[test]
fn what_is_whole_comes_out_without_any_kind_of_structure() {
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    let image = folder.path().join("ruin.img");
    let lives = (0_u64..).zip(Life::everywhere(200, Size::SMALL));
    for (seed, life) in lives.step_by(step(4)) {
        let disc = lived(&life);
        let had = oracle::all(&mut disc.volume().unwrap());
        let blocks = std::fs::read(disc.image()).unwrap();
        for (name, kinds) in kinds::RUINS {
            let ruined = kinds::blocks_of(&blocks, kinds);
            let out = out_of_ruin(&image, &blocks, &ruined, 0);
            // If nothing tells where the partition begins, only what is inside an entry can be found.
            let is_unplaced = kinds.contains(&kinds::Kind::Directories) && kinds.len() > 1;
            let had: Vec<Had> = had
                .iter()
                .filter(|one| !is_unplaced || one.needs.len() == 1)
                .cloned()
                .collect();
            let missing = missing(&had, &out, &ruined);
            assert!(missing.is_empty(), "seed {seed}, without {name}: {missing:?}");
        }
    }
}
