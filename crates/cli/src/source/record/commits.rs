//! Commits in between: what is whole is part of the volume before the end.

use std::time::{Duration, Instant};

use ecma167::LogicalSector;

use crate::source::Totals;

/// When a commit in between is due, and what the last one made part of the volume.
#[derive(Debug, Default)]
pub struct Commits {
    /// After so many bytes.
    pub bytes: Option<u64>,
    /// After so much time.
    pub time: Option<Duration>,
    /// The VAT ICB of the last one.
    pub last: Option<LogicalSector>,
    /// What was recorded until then.
    pub totals: Totals,
}

impl Commits {
    pub(super) fn is_due(&self, bytes: u64, since: Instant) -> bool {
        let recorded = bytes.saturating_sub(self.totals.bytes);
        self.bytes.is_some_and(|most| recorded >= most)
            || self
                .time
                .is_some_and(|most| recorded > 0 && since.elapsed() >= most)
    }
}
