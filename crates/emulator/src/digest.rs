//! A digest of a disc that is cheap to compute and to check: a bounded selection of its synchronized blocks.

use crate::medium::BLOCK;
use crate::ranges::Ranges;
use mmc::BLOCK_SIZE;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;

/// The most blocks in a digest. Two discs on which all of them match are the same disc.
const MOST: usize = 64;
/// The number of most recently recorded blocks in the digest; earlier blocks become ever sparser.
const LAST: usize = 16;
/// The number of blocks taken from one command.
const OF_ONE_COMMAND: usize = 4;
/// Every block before this one is taken unless it is all zeros, because that is where discs made at the same
/// moment differ.
pub(crate) const FIRST: u32 = 64;
/// Blocks of an image to examine for one that is not all zeros.
const LOOKED_AT: u32 = 64;

/// A block and a hash of its contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Witness {
    pub(crate) block: u32,
    /// The first eight bytes of the SHA-256 of the block.
    pub(crate) hash: u64,
}

/// Blocks that distinguish a disc from any other. None is all zeros, because such blocks are the same on
/// every disc.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Digest(Vec<Witness>);

/// How an image compares with a digest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DigestMatch {
    /// Number of matching blocks, and of differing ones.
    pub(crate) same: usize,
    pub(crate) other: usize,
    /// The first differing block.
    pub(crate) first_other: Option<u32>,
}

impl Witness {
    fn of(block: u32, bytes: &[u8]) -> Self {
        let [a, b, c, d, e, f, g, h, ..]: [u8; 32] = Sha256::digest(bytes).into();
        Self {
            block,
            hash: u64::from_be_bytes([a, b, c, d, e, f, g, h]),
        }
    }
}

impl Digest {
    /// The digest in a side file.
    pub(crate) fn new(witnesses: Vec<Witness>) -> Option<Self> {
        let ascending = witnesses.windows(2).all(|pair| pair[0].block < pair[1].block);
        (ascending && witnesses.len() <= MOST).then_some(Self(witnesses))
    }

    pub(crate) fn witnesses(&self) -> &[Witness] {
        &self.0
    }

    /// Takes some of the blocks that one command records from `first` on.
    pub(crate) fn take(&mut self, first: u32, bytes: &[u8]) {
        let (blocks, _) = bytes.as_chunks::<BLOCK_SIZE>();
        let holds = |at: &usize| blocks[*at].iter().any(|byte| *byte != 0);
        let step = blocks.len().div_ceil(OF_ONE_COMMAND).max(1);
        let last = (0..blocks.len()).rev().find(holds);
        let first_blocks = usize::try_from(FIRST.saturating_sub(first)).unwrap_or(0);
        let first_blocks = (0..blocks.len().min(first_blocks)).filter(holds);
        let spread = (0..blocks.len()).step_by(step);
        let chosen = spread.filter_map(|from| (from..blocks.len().min(from + step)).find(holds));
        for at in first_blocks.chain(chosen).chain(last) {
            let block = first.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
            self.add(Witness::of(block, &blocks[at]));
        }
        self.thin_out();
    }

    /// Takes some of the blocks of an image whose recording was not observed.
    ///
    /// # Errors
    /// Errors of the host.
    pub(crate) fn take_from(&mut self, image: &File, blocks: Range<u32>) -> io::Result<()> {
        const CHOSEN: u32 = 16;
        let step = (blocks.end.saturating_sub(blocks.start)).div_ceil(CHOSEN).max(1);
        let starts = blocks.clone().step_by(step as usize);
        let first = (blocks.start..blocks.end.min(FIRST)).map(|block| block..block + 1);
        let mut bytes = [0; BLOCK_SIZE];
        let spread = starts.chain(blocks.end.checked_sub(LOOKED_AT.min(step)));
        let spread = spread
            .map(|start| start.max(blocks.start)..blocks.end.min(start.saturating_add(LOOKED_AT.min(step))));
        for part in first.chain(spread) {
            for block in part {
                image.read_exact_at(&mut bytes, u64::from(block) * BLOCK)?;
                if bytes.iter().any(|byte| *byte != 0) {
                    self.add(Witness::of(block, &bytes));
                    break;
                }
            }
        }
        self.thin_out();
        Ok(())
    }

    /// Adds the blocks of `later`, which were recorded since.
    pub(crate) fn extend(&mut self, later: &Self) {
        later.0.iter().for_each(|witness| self.add(*witness));
        self.thin_out();
    }

    /// Drops blocks that turn out not to be recorded.
    pub(crate) fn retain(&mut self, recorded: impl Fn(u32) -> bool) {
        self.0.retain(|witness| recorded(witness.block));
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Compares an image with these blocks. Blocks beyond its end do not count.
    ///
    /// # Errors
    /// Errors of the host.
    pub(crate) fn compare(&self, image: &File, damaged: &Ranges) -> io::Result<DigestMatch> {
        let mut found = DigestMatch::default();
        let mut bytes = [0; BLOCK_SIZE];
        for witness in &self.0 {
            if damaged.first_in(&(witness.block..witness.block + 1)).is_some() {
                continue;
            }
            match image.read_exact_at(&mut bytes, u64::from(witness.block) * BLOCK) {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
                read => read?,
            }
            if Witness::of(witness.block, &bytes) == *witness {
                found.same += 1;
            } else {
                found.other += 1;
                found.first_other.get_or_insert(witness.block);
            }
        }
        Ok(found)
    }

    fn add(&mut self, witness: Witness) {
        match self.0.binary_search_by_key(&witness.block, |known| known.block) {
            Ok(at) => self.0[at] = witness,
            Err(at) => self.0.insert(at, witness),
        }
    }

    /// Drops every other block, except the first and the last ones, until few enough remain.
    fn thin_out(&mut self) {
        while self.0.len() > MOST {
            let last = self.0.len() - LAST;
            let mut at = 0;
            self.0.retain(|_| {
                at += 1;
                at % 2 == 1 || at > last
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write as _;

    fn image(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    #[test]
    fn blocks_of_zeros_are_never_selected() {
        let mut digest = Digest::default();
        digest.take(0, &vec![0; 100 * BLOCK_SIZE]);
        assert_eq!(digest.witnesses(), []);
        let mut bytes = vec![0; 100 * BLOCK_SIZE];
        bytes[37 * BLOCK_SIZE + 5] = 1;
        digest.take(1000, &bytes);
        assert_eq!(digest.witnesses()[0].block, 1037);
        assert_eq!(digest.witnesses().len(), 1);
    }

    #[test]
    fn a_changed_block_counts_and_a_missing_one_does_not() {
        let mut bytes = vec![7; 10 * BLOCK_SIZE];
        let mut digest = Digest::default();
        digest.take(0, &bytes);
        let none = Ranges::default();
        let compared = |bytes: &[u8]| {
            let found = digest.compare(&image(bytes), &none).unwrap();
            (found.same, found.first_other)
        };
        let all = digest.witnesses().len();
        assert_eq!(compared(&bytes), (all, None));
        assert_eq!(compared(&bytes[..BLOCK_SIZE]), (1, None));
        bytes[9 * BLOCK_SIZE] = 8;
        assert_eq!(compared(&bytes), (all - 1, Some(9)));
    }

    #[test]
    fn an_image_has_a_digest_without_observing_its_recording() {
        let mut bytes = vec![0; 1000 * BLOCK_SIZE];
        bytes[3 * BLOCK_SIZE] = 1;
        bytes[999 * BLOCK_SIZE] = 1;
        let mut digest = Digest::default();
        digest.take_from(&image(&bytes), 0..1000).unwrap();
        let blocks: Vec<_> = digest.witnesses().iter().map(|witness| witness.block).collect();
        assert_eq!(blocks, [3, 999]);
    }

    proptest! {
        #[test]
        fn a_digest_stays_small_and_keeps_its_first_and_last_blocks(
            counts in proptest::collection::vec(1usize..40, 1..60)
        ) {
            let mut digest = Digest::default();
            let mut at = 0;
            for count in counts {
                digest.take(at, &vec![1; count * BLOCK_SIZE]);
                at += u32::try_from(count).unwrap();
            }
            let blocks: Vec<_> = digest.witnesses().iter().map(|witness| witness.block).collect();
            prop_assert!(blocks.len() <= MOST);
            prop_assert_eq!(blocks.first().copied(), Some(0));
            prop_assert_eq!(blocks.last().copied(), Some(at - 1));
            prop_assert!(Digest::new(digest.0.clone()).is_some());
        }
    }
}
