//! The past of random lives: each generation shows what was committed, and the changes lead from one to the
//! next.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::os::unix::fs::FileExt as _;

use ecma167::LogicalSector;
use emulator::{Behaviour, CONTRADICTIONS, Medium};
use mmc::Lba;
use proptest::prelude::*;
use trials::{
    Broken, Course, Life, Listing, MemoryDisc, REVISIONS, Size, Witness, differences, listing, lives,
    switches_of_seed,
};
use volume::{Change, ChangeKind, NodeKind, Past, Totals, Volume};

/// Keeps the listing of each generation.
#[derive(Default)]
struct Keeping {
    kept: Vec<(u32, Listing)>,
}

impl Witness for Keeping {
    fn acknowledged(&mut self, _: &trials::Model, volume: &mut Volume) -> Result<(), Broken> {
        let icb = volume.vat_icb().map_or(0, |sector| sector.0);
        let now = listing(volume)?;
        match self.kept.last_mut() {
            // A copy of the VAT after a plain volume is the same generation.
            Some((last, known)) if *known == now || *last == icb => *last = icb,
            _ => self.kept.push((icb, now)),
        }
        Ok(())
    }
}

/// Paths with kind and size; sizes of files only.
type Tree = BTreeMap<String, (NodeKind, u64)>;

fn tree(listing: &Listing) -> Tree {
    let paths = listing.iter().filter(|(path, _)| !path.is_empty());
    paths
        .map(|(path, seen)| {
            let is_file = seen.kind == NodeKind::File;
            (
                path.clone(),
                (seen.kind, if is_file { seen.bytes.len() as u64 } else { 0 }),
            )
        })
        .collect()
}

/// The nodes that are not directories, and the bytes of files.
fn sums(listing: &Listing) -> (u64, u64) {
    let nodes: BTreeMap<&String, u64> = listing
        .values()
        .filter(|seen| seen.kind != NodeKind::Directory)
        .map(|seen| {
            (
                &seen.node,
                if seen.kind == NodeKind::File {
                    seen.bytes.len() as u64
                } else {
                    0
                },
            )
        })
        .collect();
    (nodes.len() as u64, nodes.values().sum())
}

/// Where a path of the generation before is now.
fn moved(path: &str, gone: &BTreeSet<&str>, renamed: &HashMap<&str, &str>) -> Option<String> {
    if path.is_empty() {
        return Some(String::new());
    }
    if let Some(to) = renamed.get(path) {
        return Some((*to).to_owned());
    }
    if gone.contains(path) {
        return None;
    }
    let (parent, name) = path.rsplit_once('/')?;
    Some(format!("{}/{name}", moved(parent, gone, renamed)?))
}

/// The tree after some changes. A change of a node is told of one of its names in `listing`.
fn applied(before: &Tree, changes: &[Change], listing: &Listing) -> Tree {
    let mut gone = BTreeSet::new();
    let mut renamed = HashMap::new();
    for change in changes {
        match &change.kind {
            ChangeKind::Removed | ChangeKind::Unlinked => drop(gone.insert(change.path.as_str())),
            ChangeKind::Renamed { from } => drop(renamed.insert(from.as_str(), change.path.as_str())),
            _ => {}
        }
    }
    let mut now: Tree = before
        .iter()
        .filter_map(|(path, what)| Some((moved(path, &gone, &renamed)?, *what)))
        .collect();
    for change in changes {
        let size = if change.node == NodeKind::File {
            change.bytes
        } else {
            0
        };
        match change.kind {
            ChangeKind::Added | ChangeKind::Linked if change.path != "/" => {
                now.insert(change.path.clone(), (change.node, size));
            }
            ChangeKind::Changed if change.path != "/" => {
                let node = listing.get(&change.path).map(|seen| &seen.node);
                for (path, what) in &mut now {
                    if *path == change.path
                        || node.is_some() && listing.get(path).map(|seen| &seen.node) == node
                    {
                        *what = (change.node, size);
                    }
                }
            }
            _ => {}
        }
    }
    now
}

/// The start of a text; names in lives are long.
fn short(text: impl std::fmt::Debug) -> String {
    format!("{text:?}").replace("xxxx", "")
}

fn require_same(found: &Tree, expected: &Tree, changes: &[Change]) {
    let of = |one: &Tree, other: &Tree| -> Vec<String> {
        let missing = one.iter().filter(|(path, what)| other.get(*path) != Some(*what));
        missing.map(short).collect()
    };
    let (more, less) = (of(found, expected), of(expected, found));
    let changes: Vec<String> = changes.iter().map(short).collect();
    assert!(
        more.is_empty() && less.is_empty(),
        "{more:#?} instead of {less:#?} by {changes:#?}"
    );
}

fn remember(life: &Life) {
    let disc = MemoryDisc::blank(life).unwrap();
    let mut keeping = Keeping::default();
    Course::new(&disc, life, &mut keeping)
        .run()
        .unwrap_or_else(|broken| panic!("{broken}"));
    let mut volume = disc.volume().unwrap();
    let newest = volume.vat_icb();
    let past = volume.past().unwrap();
    assert_eq!((past.broken().count(), past.left_out().count()), (0, 0));
    assert_eq!(past.generations().len(), volume.generation().unwrap() as usize);
    for (icb, kept) in &keeping.kept {
        let generation = past.at_block(LogicalSector(*icb)).expect("a generation");
        volume.reload_vat(generation.icb.unwrap()).unwrap();
        assert!(
            differences(kept, &listing(&mut volume).unwrap()).is_empty(),
            "{generation:?}"
        );
    }
    let mut lists = Vec::new();
    for generation in past.generations() {
        volume.reload_vat(generation.icb.unwrap()).unwrap();
        lists.push(listing(&mut volume).unwrap());
    }
    let mut comparison = volume.comparison();
    let (mut before, mut expected) = (Tree::new(), (0, 0));
    for (generation, list) in past.generations().iter().zip(&lists) {
        let (mut changes, mut totals) = (Vec::new(), Totals::default());
        let missed = comparison.advance(generation, &mut |change| {
            totals.count(change);
            changes.push(change.clone());
        });
        assert_eq!(missed.unwrap(), 0);
        let now = applied(&before, &changes, list);
        require_same(&now, &tree(list), &changes);
        let of_files = |change: &&Change| change.node == NodeKind::File;
        let mut of_files_alone = Totals::default();
        changes
            .iter()
            .filter(of_files)
            .for_each(|change| of_files_alone.count(change));
        expected.0 += totals.added.files;
        expected.0 -= totals.removed.files;
        expected.1 += of_files_alone.added.bytes + of_files_alone.changed.bytes;
        expected.1 -= of_files_alone.removed.bytes + of_files_alone.bytes_before;
        assert_eq!(expected, sums(list), "{}", short(&changes));
        before = now;
    }
    drop(comparison);
    assert_eq!(volume.vat_icb(), newest);
    assert!(differences(lists.last().unwrap(), &listing(&mut volume).unwrap()).is_empty());

    // Any two, in any order.
    let all = past.generations();
    for (from, to) in [
        (0, all.len() - 1),
        (all.len() - 1, 0),
        (all.len() / 2, all.len() - 1),
    ] {
        let mut comparison = volume.comparison();
        assert_eq!(comparison.begin(&all[from]).unwrap(), 0);
        let mut changes = Vec::new();
        comparison
            .advance(&all[to], &mut |change| changes.push(change.clone()))
            .unwrap();
        require_same(
            &applied(&tree(&lists[from]), &changes, &lists[to]),
            &tree(&lists[to]),
            &changes,
        );
    }

    // The same by a disc that ends there.
    drop(volume);
    for (generation, list) in all.iter().zip(&lists) {
        let mut drive = disc.drive().unwrap();
        drive.end_with(Lba(generation.sector.unwrap().0));
        let mut then = Volume::open(drive).unwrap();
        // A CD without run-out blocks may show another VAT ICB of the same state.
        let different = differences(list, &listing(&mut then).unwrap());
        assert!(different.is_empty(), "{generation:?} {different:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_past_of_any_life_is_what_was_committed(life in lives(Size::LARGE)) {
        remember(&life);
    }

    #[test]
    fn the_past_of_a_disc_that_fills_up_is_what_was_committed(life in lives(Size::SMALL)) {
        remember(&life);
    }
}

#[test]
fn the_past_of_discs_with_plain_volumes_is_what_was_committed() {
    for seed in 0..40 {
        remember(&Life::with_plain_volumes(seed, Size::LARGE));
    }
}

/// Twenty lives on every medium in every revision, with files held open. One in 19 of them is lived, at least
/// one on each medium in each revision; with `STEP=1`, all.
fn on_every_medium(seed: u64) -> impl Iterator<Item = (u64, Life)> {
    let step = std::env::var("STEP").map_or(19, |step| step.parse().unwrap());
    let seeds = (seed..).step_by(Medium::ALL.len() * REVISIONS.len());
    let all = seeds
        .take(20)
        .flat_map(|seed| Life::everywhere(seed, Size::LARGE));
    let all = (seed..).zip(all).step_by(step);
    all.map(|(seed, life)| (seed, life.with_held_files()))
}

fn remember_each(lives: impl Iterator<Item = (u64, Life)>) {
    for (seed, life) in lives {
        let what = format!(
            "seed {seed}, {}, UDF {}, {:?}",
            life.medium,
            life.revision,
            life.behaviour.settings()
        );
        // Shown if the test fails.
        println!("{what}");
        remember(&life);
    }
}

#[test]
fn the_past_on_every_medium_in_every_revision_is_what_was_committed() {
    remember_each(on_every_medium(10_000).map(|(seed, life)| {
        let behaviour = Behaviour::default();
        (seed, Life { behaviour, ..life })
    }));
}

#[test]
fn the_past_in_every_drive_that_contradicts_itself_is_what_was_committed() {
    let switches = CONTRADICTIONS.into_iter().cycle();
    let lives = on_every_medium(20_000).zip(switches);
    remember_each(lives.map(|((seed, life), (name, value))| {
        let mut behaviour = Behaviour::default();
        assert!(behaviour.set(name, value), "{name} {value}");
        (seed, Life { behaviour, ..life })
    }));
}

#[test]
fn the_past_in_drives_with_two_switches_set_is_what_was_committed() {
    remember_each(on_every_medium(30_000).map(|(seed, life)| {
        let behaviour = switches_of_seed(seed);
        (seed, Life { behaviour, ..life })
    }));
}

#[test]
fn the_past_beside_plain_volumes_on_every_medium_is_what_was_committed() {
    let lives = on_every_medium(40_000);
    remember_each(lives.map(|(seed, life)| (seed, life.beside_plain_volumes(seed))));
}

/// Lets the first VAT of the second session name no earlier one. Returns its number; `None` if the life has
/// no such VAT, or if its header is not in a block of its own.
fn cut_chain(disc: &MemoryDisc, volume: &mut Volume) -> Option<u32> {
    let past = volume.past().unwrap();
    let mut pairs = past.generations().windows(2);
    let [last, first] = pairs.find(|pair| pair[0].session != pair[1].session)? else {
        return None;
    };
    let previous = last.icb.unwrap().0.to_le_bytes();
    let icb = first.sector.unwrap().0;
    let image = std::fs::File::options()
        .read(true)
        .write(true)
        .open(disc.image())
        .unwrap();
    // `UDF 2.60 2.2.11`: 152 bytes of header, in which the previous VAT ICB follows the identifier.
    let is_header = |block: &[u8]| block[..2] == 152_u16.to_le_bytes() && block[132..136] == previous;
    let mut block = [0; 2048];
    for at in (icb.saturating_sub(64)..icb).rev() {
        image.read_exact_at(&mut block, u64::from(at) * 2048).unwrap();
        if is_header(&block) {
            let place = u64::from(at) * 2048 + 132;
            image.write_all_at(&u32::MAX.to_le_bytes(), place).unwrap();
            return Some(first.number);
        }
    }
    None
}

#[test]
fn a_session_that_the_chain_passes_over_is_found() {
    let mut found = 0;
    for seed in 0..60 {
        let life = Life {
            behaviour: Behaviour::default(),
            ..Life::of_seed(seed, Size::LARGE)
        };
        let disc = MemoryDisc::blank(&life).unwrap();
        Course::new(&disc, &life, &mut Keeping::default()).run().unwrap();
        let mut volume = disc.volume().unwrap();
        let before = volume.past().unwrap();
        let Some(number) = cut_chain(&disc, &mut volume) else {
            continue;
        };
        drop(volume);
        let mut volume = Volume::open(disc.drive_unproven().unwrap()).unwrap();
        let past = volume.past().unwrap();
        let icbs = |past: &Past| past.generations().iter().map(|one| one.icb).collect::<Vec<_>>();
        assert_eq!(icbs(&past), icbs(&before), "seed {seed}");
        let left_out: Vec<u32> = past.left_out().map(|one| one.number).collect();
        assert_eq!(
            (left_out, past.broken().count()),
            (vec![number], 0),
            "seed {seed}"
        );
        found += 1;
    }
    assert!(found > 0, "no life has two sessions");
}
