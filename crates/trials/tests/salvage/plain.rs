//! Discs that get a plain volume with each closing: whichever volume a file comes out of.

use std::collections::BTreeSet;

use ecma167::BLOCK_SIZE;
use trials::{Life, Size};

use super::kinds::Kind;
use super::out::Out;
use super::{Random, kinds, lived, missing, oracle, out_of_ruin, step};

/// What came out, under the paths of its volumes.
fn of_any_volume(out: Out) -> Out {
    let mut all = Out::new();
    for (path, bytes) in out {
        let inside = path.find('/').map_or(path.as_str(), |at| {
            let (volume, inside) = path.split_at(at);
            let is_number = volume
                .strip_suffix(':')
                .is_some_and(|number| number.parse::<u8>().is_ok());
            if is_number { inside } else { &path }
        });
        // A file that one volume has whole is whole.
        let found = all.entry(inside.to_owned()).or_default();
        if found.is_none() {
            *found = bytes;
        } else if inside != path {
            all.insert(path, bytes);
        }
    }
    all
}

/// The ruins of a disc: its blocks of each kind but directories, and random ones.
fn ruins(seed: u64, blocks: &[u8]) -> Vec<(String, BTreeSet<u32>)> {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let number = blocks.len() / BLOCK_SIZE;
    let mut ruins: Vec<(String, BTreeSet<u32>)> = (0..8)
        .map(|at| (format!("random {at}"), random.ruin(number)))
        .collect();
    let is_of_directories = |kind: &Kind| matches!(kind, Kind::DirectoryEntries | Kind::Directories);
    let of_volumes = kinds::RUINS
        .into_iter()
        .filter(|(_, kinds)| !kinds.iter().any(is_of_directories));
    for (name, kinds) in of_volumes {
        ruins.push((name.to_owned(), kinds::blocks_of(blocks, kinds)));
    }
    ruins
}

#[test]
fn what_is_whole_comes_out_beside_plain_volumes() {
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    let image = folder.path().join("ruin.img");
    for seed in (300..332_u64).step_by(step(4)) {
        let disc = lived(&Life::with_plain_volumes(seed, Size::SMALL));
        let had = oracle::all(&mut disc.volume().unwrap());
        let blocks = std::fs::read(disc.image()).unwrap();
        for (name, ruined) in ruins(seed, &blocks) {
            let out = of_any_volume(out_of_ruin(&image, &blocks, &ruined, 0));
            let missing = missing(&had, &out, &ruined);
            assert!(missing.is_empty(), "seed {seed}, without {name}: {missing:?}");
        }
    }
}
