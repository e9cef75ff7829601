//! The blocks written since the last synchronize.

use crate::fault::Keep;

/// Consecutive blocks written to a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) track: u16,
    pub(crate) start: u32,
    pub(crate) count: u32,
}

/// The blocks written since the last synchronize in order, which a power cut may lose.
#[derive(Debug, Default)]
pub(crate) struct Written {
    runs: Vec<Run>,
}

impl Written {
    pub(crate) const fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Adds `count` blocks written to a track from `start` on.
    pub(crate) fn add(&mut self, track: u16, start: u32, count: u32) {
        match self.runs.last_mut() {
            Some(run) if run.track == track && run.start + run.count == start => run.count += count,
            _ => self.runs.push(Run { track, start, count }),
        }
    }

    /// The first of them in this track.
    pub(crate) fn start_in(&self, track: u16) -> Option<u32> {
        let first = self.runs.iter().find(|run| run.track == track);
        first.map(|run| run.start)
    }

    /// Marks everything as synchronized.
    pub(crate) fn clear(&mut self) {
        self.runs.clear();
    }

    /// Forgets everything, and returns the whole units of `unit` blocks that a power cut leaves.
    pub(crate) fn cut(&mut self, keep: Keep, unit: u32) -> Vec<Run> {
        let mut left = match keep {
            Keep::None => 0,
            Keep::Units(units) => units,
            Keep::All => u32::MAX,
        };
        let mut kept = Vec::new();
        for run in self.runs.drain(..) {
            let units = (run.count / unit).min(left);
            if units == 0 {
                break;
            }
            let count = units * unit;
            kept.push(Run { count, ..run });
            left -= units;
            if count < run.count {
                break;
            }
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(runs: &[(u16, u32, u32)]) -> Written {
        let mut written = Written::default();
        for (track, start, count) in runs {
            written.add(*track, *start, *count);
        }
        written
    }

    #[test]
    fn a_cut_leaves_the_whole_units_before_the_first_partial_one() {
        let runs = [(1, 0, 32), (1, 32, 24), (1, 64, 16)];
        let kept = written(&runs).cut(Keep::All, 16);
        let only = Run {
            track: 1,
            start: 0,
            count: 48,
        };
        assert_eq!(kept, [only]);
    }

    #[test]
    fn a_cut_leaves_the_units_to_keep_and_forgets_the_rest() {
        let mut written = written(&[(1, 0, 32), (2, 100, 32)]);
        let kept = written.cut(Keep::Units(3), 16);
        let counts: Vec<_> = kept.iter().map(|run| (run.track, run.count)).collect();
        assert_eq!(counts, [(1, 32), (2, 16)]);
        assert!(written.is_empty());
    }

    #[test]
    fn each_track_has_its_own_first_written_block() {
        let written = written(&[(1, 0, 8), (2, 100, 8), (1, 8, 8)]);
        assert_eq!(written.start_in(1), Some(0));
        assert_eq!(written.start_in(2), Some(100));
        assert_eq!(written.start_in(3), None);
    }
}
