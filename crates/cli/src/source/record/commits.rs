//! Intermediate commits, which make complete files part of the volume before the end.

use std::time::{Duration, Instant};

use oncefs::LogicalSector;

use crate::source::Totals;

/// When an intermediate commit is due, and what the last one committed.
#[derive(Debug, Default)]
pub struct Commits {
    /// After this many bytes.
    pub bytes: Option<u64>,
    /// After this much time.
    pub time: Option<Duration>,
    /// The VAT ICB of the last one.
    pub last: Option<LogicalSector>,
    /// The totals at the last one.
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
