//! What of a file cannot be read, and how to go on after it.

use std::ops::Range;

use crate::failure::{Exit, Failure, Outcome, Refusal};
use crate::failure_kind::FailureKind;
use crate::output::count;

/// Ranges listed for each file.
const LISTED: usize = 64;
/// The most ranges that are kept apart; those after them are one.
const KEPT: usize = 1 << 16;

/// How to read on after a failure.
pub const HINT: &str = "--fill goes on after what cannot be read, with zeros in its place";

/// The bytes of a file that cannot be read.
#[derive(Debug, Default)]
pub struct Missing {
    /// Joined where one was added after the other.
    ranges: Vec<Range<u64>>,
    /// All of them.
    bytes: u64,
    /// Bytes to ask for next; 0 if no block failed.
    pace: usize,
}

impl Missing {
    /// What an earlier run could not read.
    pub fn of(ranges: Vec<Range<u64>>) -> Self {
        Self {
            bytes: ranges.iter().map(|range| range.end - range.start).sum(),
            ranges,
            pace: 0,
        }
    }

    /// Bytes to ask for, at most `most`: after a block that failed, a block, then more and more.
    pub fn pace(&self, most: usize) -> usize {
        if self.pace == 0 { most } else { self.pace.min(most) }
    }

    /// Notes that bytes were read.
    pub fn go_on(&mut self) {
        self.pace = self.pace.saturating_mul(2);
    }

    /// Notes that the block of `block` bytes around byte `at` of a file of `length` bytes cannot be read.
    /// Returns the end of what is missing.
    pub fn add(&mut self, at: u64, block: u64, length: u64) -> u64 {
        self.pace = usize::try_from(block).unwrap_or(usize::MAX);
        let end = (at - at % block).saturating_add(block).min(length);
        self.bytes += end - at;
        let is_full = self.ranges.len() == KEPT;
        match self.ranges.last_mut() {
            Some(last) if last.end == at => last.end = end,
            // Read from its end to its start, a file has them in any order.
            Some(last) if is_full => *last = last.start.min(at)..last.end.max(end),
            _ => self.ranges.push(at..end),
        }
        end
    }

    /// Whether everything was read.
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// What is missing, in order; perhaps with bytes between that are not, if it is in very many ranges.
    pub fn ranges(&self) -> Vec<Range<u64>> {
        let mut ranges = self.ranges.clone();
        ranges.sort_unstable_by_key(|range| range.start);
        ranges.dedup_by(|next, last| {
            let is_continued = last.end >= next.start;
            if is_continued {
                last.end = last.end.max(next.end);
            }
            is_continued
        });
        ranges
    }

    /// Fails if something is missing, and lists it.
    pub fn judge(self, path: &str) -> Outcome {
        if self.is_empty() {
            return Ok(());
        }
        let bytes = count(self.bytes, "byte", "bytes");
        let message = format!("{bytes} cannot be read; zeros are in their place");
        let mut failure = Failure::new(Exit::Damaged, FailureKind::Unreadable, message);
        failure.refused = self
            .ranges()
            .into_iter()
            .take(LISTED)
            .map(|range| Refusal {
                path: path.to_owned(),
                reason: format!("bytes {} to {} are missing", range.start, range.end - 1),
            })
            .collect();
        Err(failure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjacent_blocks_are_one_range_that_ends_with_the_file() {
        let mut missing = Missing::default();
        assert_eq!(missing.pace(1 << 20), 1 << 20);
        assert_eq!(missing.add(2048, 2048, 5000), 4096);
        assert_eq!(missing.pace(1 << 20), 2048);
        missing.go_on();
        assert_eq!(missing.pace(1 << 20), 4096);
        assert_eq!(missing.add(4096, 2048, 5000), 5000);
        let failure = missing.judge("/a").expect_err("a failure");
        assert_eq!(failure.refused[0].reason, "bytes 2048 to 4999 are missing");
        assert_eq!(failure.refused.len(), 1);
    }
}
