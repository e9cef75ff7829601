//! When changes become part of the volume: when a program asks, some time after the first of them, and at the end.

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

    /// How long to wait for the next commit; `None` where there is nothing to commit, or it is not done by the clock.
    pub fn until_commit(&self) -> Option<Duration> {
        let since = self.waiting_since?;
        Some(self.commit_after?.saturating_sub(since.elapsed()))
    }

    /// Blocks of the medium that were used up since it was mounted.
    fn used(&mut self) -> u64 {
        self.tree
            .as_mut()
            .map_or(0, |tree| tree.volume().drive().usage().blocks())
    }

    /// Makes every change part of the volume. What the clock asked for and could not be done is tried again later, unless it never can be.
    pub fn commit(&mut self) -> Result<Option<Commit>, Error> {
        let now = (self.clock)();
        let recording = match &mut self.tree {
            Some(tree) => match tree.changing() {
                Ok(recording) => recording,
                Err(_) => return Ok(None),
            },
            // The last commit was the one that gave the disc back.
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

    /// Commits what waits, tells what goes wrong and what was lost meanwhile, and gives the disc back: nothing is done behind it.
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
            // Where nothing can be recorded any more, the next who opens the disc for changes repairs its end.
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
                self.tell("going back to the commit before", &error.into());
            }
        }
        self.tree = None;
        self.outcome = Some(committed.map(drop));
    }
}
