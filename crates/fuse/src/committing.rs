//! When changes are committed: when a program asks, some time after the first change, and at the end.

use std::time::{Duration, Instant};

use ecma167::BLOCK_SIZE;
use recording::Commit;

use crate::error::Error;
use crate::report::Report;
use crate::served::Served;
use crate::tree::Tree;

impl Served {
    /// Notes that there is something to commit.
    pub fn note_change(&mut self) {
        self.waiting_since.get_or_insert_with(Instant::now);
    }

    /// Time until the next commit; `None` if nothing is pending, or commits do not follow the clock.
    pub fn until_commit(&self) -> Option<Duration> {
        let since = self.waiting_since?;
        Some(self.commit_after?.saturating_sub(since.elapsed()))
    }

    /// Blocks of the medium used up since it was mounted.
    fn used(&mut self) -> u64 {
        self.tree
            .as_mut()
            .map_or(0, |tree| tree.volume().drive().usage().blocks())
    }

    /// Commits every change. A commit by the clock that fails is tried again later, unless it can never
    /// succeed.
    pub fn commit(&mut self) -> Result<Option<Commit>, Error> {
        let now = (self.clock)();
        let recording = match &mut self.tree {
            Some(tree) => match tree.changing() {
                Ok(recording) => recording,
                Err(_) => return Ok(None),
            },
            // The last commit was the one before the disc was given back.
            None if matches!(self.outcome, Some(Ok(()))) => return Ok(None),
            None => return Err(Error::Ended),
        };
        if !recording.is_dirty() {
            self.waiting_since = None;
            return Ok(None);
        }
        match recording.commit(now) {
            Ok(commit) => {
                self.waiting_since = None;
                self.used_at_commit = self.used();
                (self.report)(&Report::Committed(commit));
                Ok(Some(commit))
            }
            Err(error) => {
                let is_for_good = matches!(error, recording::Error::ReadOnly(_) | recording::Error::HalfDone);
                self.waiting_since = (!is_for_good).then(Instant::now);
                let used = self.used().saturating_sub(self.used_at_commit) * BLOCK_SIZE as u64;
                Err(Error::Commit { error, used })
            }
        }
    }

    /// Commits pending changes, reports faults and losses, and gives the disc back. Nothing is done after
    /// that.
    pub fn give_back(&mut self) {
        if self.outcome.is_some() {
            return;
        }
        if let Some(tree) = &mut self.tree {
            for loss in tree.volume().losses_since_opening() {
                (self.report)(&Report::Lost(loss));
            }
        }
        let committed = self.commit();
        if let Err(error) = &committed {
            self.tell("the last commit", error);
            // If nothing can be recorded any more, whoever next opens the disc for changes repairs its end.
            let is_latched = matches!(
                error,
                Error::Commit {
                    error: recording::Error::ReadOnly(_),
                    ..
                }
            );
            if !is_latched
                && let Some(Ok(recording)) = self.tree.as_mut().map(Tree::changing)
                && let Err(error) = recording.abandon()
            {
                self.tell("returning to the last commit", &error.into());
            }
        }
        self.tree = None;
        self.outcome = Some(committed.map(drop));
    }
}
