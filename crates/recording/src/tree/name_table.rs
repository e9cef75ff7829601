//! Maps hashes to the entries of a directory: 8 bytes a name in a sorted run, and a small table of later
//! additions.
//!
//! A hash table that doubles would take up to 27 bytes a name while it grows, too much for a directory of a
//! million names.

use hashbrown::HashTable;

/// A name: half of its hash, and the place where its entry starts in the directory, in units of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Slot {
    hash: u32,
    place: u32,
}

/// The place in a slot whose name is removed.
const GONE: u32 = u32::MAX;

/// The fewest names that the small table holds before they are merged into the run.
const FEW: usize = 512;

/// The small table holds up to this fraction of the run, so that merging costs a name about as many moves.
const PART: usize = 8;

/// The hash for the small table, which uses the highest and the lowest bits.
fn spread(hash: u32) -> u64 {
    u64::from(hash) * 0x0000_0001_0000_0001
}

/// Hashes and places of names.
#[derive(Debug, Default)]
pub(crate) struct NameTable {
    /// Ascending.
    run: Vec<Slot>,
    /// Slots of the run whose names are removed.
    gone: usize,
    recent: HashTable<Slot>,
}

impl NameTable {
    /// Adds a name. Returns false if its place is too large to store.
    pub fn insert(&mut self, hash: u32, place: u32) -> bool {
        if place == GONE {
            return false;
        }
        if self.recent.len() >= FEW.max(self.run.len() / PART) {
            self.merge();
        }
        self.recent
            .insert_unique(spread(hash), Slot { hash, place }, |slot| spread(slot.hash));
        true
    }

    /// The places of all names with a hash.
    pub fn places(&self, hash: u32) -> impl Iterator<Item = u32> {
        let from_hash = self.run.get(self.start_of(hash)..).unwrap_or_default();
        let old = from_hash
            .iter()
            .take_while(move |slot| slot.hash == hash)
            .filter(|slot| slot.place != GONE);
        let recent = self
            .recent
            .iter_hash(spread(hash))
            .filter(move |slot| slot.hash == hash);
        old.chain(recent).map(|slot| slot.place)
    }

    /// Removes a name.
    pub fn remove(&mut self, hash: u32, place: u32) {
        if let Ok(slot) = self.recent.find_entry(spread(hash), |slot| slot.place == place) {
            slot.remove();
            return;
        }
        let start = self.start_of(hash);
        let from_hash = self.run.get_mut(start..).unwrap_or_default();
        let same = from_hash.iter_mut().take_while(|slot| slot.hash == hash);
        if let Some(slot) = same.into_iter().find(|slot| slot.place == place) {
            slot.place = GONE;
            self.gone += 1;
        }
        if self.gone > FEW.max(self.run.len() / 2) {
            self.sweep();
        }
    }

    /// Number of names.
    pub fn len(&self) -> usize {
        self.run.len() - self.gone + self.recent.len()
    }

    /// Memory in bytes.
    pub fn weight(&self) -> usize {
        self.run.capacity() * size_of::<Slot>() + self.recent.allocation_size()
    }

    fn start_of(&self, hash: u32) -> usize {
        self.run.partition_point(|slot| slot.hash < hash)
    }

    fn sweep(&mut self) {
        self.run.retain(|slot| slot.place != GONE);
        self.gone = 0;
    }

    /// Merges the small table into the run from the end on, which needs no second copy.
    fn merge(&mut self) {
        self.sweep();
        let mut added: Vec<Slot> = self.recent.drain().collect();
        added.sort_unstable();
        let mut old = self.run.len();
        self.run.reserve_exact(added.len());
        self.run.resize(old + added.len(), Slot { hash: 0, place: GONE });
        let mut free = self.run.len();
        while let Some(&last) = added.last() {
            free -= 1;
            if old > 0 && self.run[old - 1] > last {
                old -= 1;
                self.run[free] = self.run[old];
            } else {
                self.run[free] = last;
                added.pop();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_million_names_take_less_than_twelve_bytes_each() {
        let mut table = NameTable::default();
        for name in 0..1_000_000_u32 {
            assert!(table.insert(name.wrapping_mul(0x9E37_79B9), name));
        }
        assert_eq!(table.len(), 1_000_000);
        assert!(table.weight() < 12_000_000, "{}", table.weight());
    }

    #[test]
    fn a_place_that_is_too_large_is_refused() {
        assert!(!NameTable::default().insert(1, GONE));
    }

    proptest! {
        #[test]
        fn it_contains_what_was_added_and_not_removed(steps in prop::collection::vec((any::<bool>(), 0u32..600), 0..6000)) {
            let mut table = NameTable::default();
            let mut model = BTreeSet::new();
            // Few hashes, so that many names share one.
            let hash = |place: u32| (place % 97).wrapping_mul(0x0123_4567);
            for (add, place) in steps {
                if add && model.insert(place) {
                    prop_assert!(table.insert(hash(place), place));
                } else if !add {
                    model.remove(&place);
                    table.remove(hash(place), place);
                }
            }
            prop_assert_eq!(table.len(), model.len());
            for number in 0..97 {
                let found: BTreeSet<u32> = table.places(hash(number)).collect();
                let expected: BTreeSet<u32> = model.iter().copied().filter(|place| place % 97 == number).collect();
                prop_assert_eq!(found, expected);
            }
        }
    }
}
