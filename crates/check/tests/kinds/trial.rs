//! Changes to one disc: each is judged and undone.

use std::collections::BTreeSet;

use check::FindingKind as K;

use crate::bench::{Block, Changeable, Disc, Places, half, repair, word};

/// Changes to one disc, and every kind of finding so far.
pub struct Trial {
    pub disc: Changeable,
    pub places: Places,
    found: BTreeSet<K>,
    missed: Vec<String>,
    _medium: Disc,
}

impl Trial {
    pub fn new(medium: Disc) -> Self {
        let mut disc = medium.changeable();
        let places = Places::of(&mut disc);
        Self {
            disc,
            places,
            found: BTreeSet::new(),
            missed: Vec::new(),
            _medium: medium,
        }
    }

    /// Judges the changes and undoes them.
    pub fn judge(&mut self, expected: &[K], what: &str) {
        let report = self.disc.report();
        self.disc.restore();
        for kind in expected {
            match report.findings().iter().find(|finding| finding.kind == *kind) {
                Some(finding) => assert_eq!(finding.severity, kind.severity()),
                None => self.missed.push(format!(
                    "{what}: no {kind:?} in {}",
                    crate::bench::listing(&report)
                )),
            }
        }
        self.found.extend(expected);
    }

    /// The kinds found, if none was missed.
    pub fn finish(self) -> BTreeSet<K> {
        assert!(
            self.missed.is_empty(),
            "{} missed:\n{}",
            self.missed.len(),
            self.missed.join("\n")
        );
        self.found
    }

    /// Changes a block in its current state, without a repair.
    pub fn put(&mut self, sector: u32, change: impl FnOnce(&mut Block)) {
        let mut block = self.disc.block(sector);
        change(&mut block);
        self.disc.put(sector, block);
    }

    /// Changes bytes of a descriptor and corrects its CRC.
    pub fn field(&mut self, sectors: &[u32], at: usize, bytes: &[u8], expected: &[K]) {
        for sector in sectors {
            self.put(*sector, |block| {
                block[at..at + bytes.len()].copy_from_slice(bytes);
                repair(block);
            });
        }
        self.judge(
            expected,
            &format!("sector {}, bytes {bytes:?} at {at}", sectors[0]),
        );
    }

    /// Changes a FID of an embedded directory, and corrects its CRC and that of the entry.
    pub fn fid(&mut self, node: u32, number: usize, change: impl FnOnce(&mut [u8]), expected: &[K]) {
        self.put(node, |block| {
            let mut at = 216 + usize::try_from(word(block, 208)).unwrap();
            for _ in 0..number {
                at += stated(block, at);
            }
            let end = at + stated(block, at);
            change(&mut block[at..end]);
            repair(&mut block[at..end]);
            repair(block);
        });
        self.judge(expected, &format!("FID {number} at sector {node}"));
    }
}

/// Adds to a number of two bytes.
pub fn grow(block: &mut Block, at: usize, by: u16) {
    let sum = half(block, at) + by;
    block[at..at + 2].copy_from_slice(&sum.to_le_bytes());
}

pub fn stated(block: &Block, at: usize) -> usize {
    (38 + usize::from(half(block, at + 36)) + usize::from(block[at + 19])).next_multiple_of(4)
}
