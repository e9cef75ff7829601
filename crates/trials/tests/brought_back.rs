//! The past of lives brought back: rolled back to each state, and removed files restored. Both volumes of the
//! disc and `check` agree with it.

use check::{Options, Severity, check};
use drive::Status;
use recording::{CloseDisc, Error, PlainVolume};
use trials::{
    Broken, Course, End, Life, Listing, MemoryDisc, Model, Size, Witness, differences, listing, time,
};
use volume::{NodeKind, Vat, Volume};

/// Keeps the VAT and the listing of each state.
#[derive(Default)]
struct Keeping(Vec<(Vat, Listing)>);

impl Witness for Keeping {
    fn acknowledged(&mut self, _: &Model, volume: &mut Volume) -> Result<(), Broken> {
        let now = listing(volume)?;
        let vat = volume.vat().cloned();
        self.0.extend(vat.map(|vat| (vat, now)));
        Ok(())
    }
}

/// The discs of lives that end with an open medium, each with its states.
fn lived(seeds: std::ops::Range<u64>) -> impl Iterator<Item = (u64, MemoryDisc, Vec<(Vat, Listing)>)> {
    seeds.filter_map(|seed| {
        let life = if seed.is_multiple_of(2) {
            Life::of_seed(seed, Size::SMALL)
        } else {
            Life::with_plain_volumes(seed, Size::SMALL)
        };
        let end = if life.end == End::Finalize {
            End::Close
        } else {
            life.end
        };
        let life = Life { end, ..life };
        let disc = MemoryDisc::blank(&life).unwrap();
        let mut keeping = Keeping::default();
        Course::new(&disc, &life, &mut keeping).run().unwrap();
        let is_open = disc.drive().unwrap().medium().status != Status::Finalized;
        is_open.then_some((seed, disc, keeping.0))
    })
}

fn require_clean(disc: &MemoryDisc, what: &str) {
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
fn each_state_can_be_rolled_back_to() {
    let mut reached = 0;
    for (seed, disc, states) in lived(0..40) {
        let step = states.len().div_ceil(4).max(1);
        for (number, (vat, then)) in states.iter().enumerate().step_by(step) {
            let what = format!("seed {seed}, state {number} of {}", states.len());
            let before = disc.listing().unwrap();
            let mut recording = disc.recording().unwrap();
            match recording.roll_back(vat) {
                Err(Error::MediumFull { .. }) => {
                    drop(recording);
                    assert_eq!(differences(&before, &disc.listing().unwrap()), [""; 0], "{what}");
                    break;
                }
                rolled => rolled.unwrap_or_else(|error| panic!("{what}: {error}")),
            }
            let blocks = recording.commit(time(900)).unwrap().blocks;
            drop(recording);
            assert_eq!(differences(then, &disc.listing().unwrap()), [""; 0], "{what}");
            assert!(blocks < 600, "{what}: {blocks} blocks");
            reached += 1;
        }
        require_clean(&disc, &format!("seed {seed}"));
    }
    assert!(reached > 80, "only {reached}");
}

/// Whether a path shows the same: names may be fewer, because others were not restored.
fn is_same(one: &Listing, other: &Listing, path: &str) -> bool {
    let (Some(one), Some(other)) = (one.get(path), other.get(path)) else {
        return false;
    };
    let is_directory = one.kind == NodeKind::Directory;
    one.kind == other.kind
        && (one.mode, one.owner) == (other.mode, other.owner)
        && (is_directory || one.modified == other.modified && one.bytes == other.bytes)
}

#[test]
fn each_removed_file_can_be_restored() {
    let mut restored = 0;
    for (seed, disc, states) in lived(100..220) {
        for (number, (vat, then)) in states.iter().enumerate() {
            let now = disc.listing().unwrap();
            let mut gone = then.keys().filter(|path| !now.contains_key(*path));
            let Some(path) = gone.next_back() else { continue };
            let what = format!("seed {seed}, state {number}, {path:?}");
            let mut recording = disc.recording().unwrap();
            let done = match recording.restore(vat, path) {
                // Something else has the name of one of its directories.
                Err(Error::NotADirectory) => continue,
                Err(Error::MediumFull { .. }) => break,
                done => done.unwrap_or_else(|error| panic!("{what}: {error}")),
            };
            assert!(done.is_complete(), "{what}: {done:?}");
            recording.commit(time(900)).unwrap();
            drop(recording);
            let after = disc.listing().unwrap();
            assert!(
                is_same(then, &after, path),
                "{what}: {:?}",
                differences(then, &after)
            );
            for path in now.keys() {
                assert!(is_same(&now, &after, path), "{what}: {path:?} changed");
            }
            restored += 1;
        }
        require_clean(&disc, &format!("seed {seed}"));
    }
    assert!(restored > 40, "only {restored}");
}

#[test]
fn a_whole_state_can_be_restored_into_an_empty_volume_and_closed() {
    let mut restored = 0;
    for (seed, disc, states) in lived(200..240) {
        let Some((_, empty)) = states.first() else {
            continue;
        };
        let (first, _) = &states[0];
        let Some((vat, then)) = states.iter().max_by_key(|(_, listing)| listing.len()) else {
            continue;
        };
        let what = format!("seed {seed}");
        assert_eq!(empty.len(), 1, "{what}");
        let mut recording = disc.recording().unwrap();
        let done = recording.roll_back(first).and_then(|()| {
            recording.commit(time(900))?;
            let done = recording.restore(vat, "/")?;
            assert!(done.is_complete() && done.taken == 0, "{what}: {done:?}");
            recording.commit(time(901))?;
            recording.close(CloseDisc::No, time(902))
        });
        match done {
            Err(Error::MediumFull { .. } | Error::FinalizedUnasked { .. }) => continue,
            done => {
                let closed = done.unwrap_or_else(|error| panic!("{what}: {error}"));
                drop(recording);
                let after = disc.listing().unwrap();
                for path in then.keys().filter(|path| !path.is_empty()) {
                    assert!(
                        is_same(then, &after, path),
                        "{what}: {:?}",
                        differences(then, &after)
                    );
                }
                if closed.plain == PlainVolume::Recorded {
                    let mut plain = Volume::open_plain(disc.drive().unwrap()).unwrap();
                    let plain = listing(&mut plain).unwrap();
                    // Some names are cut there.
                    let whole = |path: &&String| !path.is_empty() && then.contains_key(*path);
                    for path in plain.keys().filter(whole) {
                        assert!(
                            is_same(then, &plain, path),
                            "{what}: {path:?} in the plain volume"
                        );
                    }
                }
            }
        }
        require_clean(&disc, &what);
        restored += 1;
    }
    assert!(restored > 20, "only {restored}");
}
