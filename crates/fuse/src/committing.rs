//! When changes become part of the volume: when a program asks, some time after the first of them, and at the end.

use std::time::{Duration, Instant};

use recording::Commit;

use crate::error::Error;
use crate::mount::Report;
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

    /// Makes every change part of the volume.
    pub fn commit(&mut self) -> Result<Option<Commit>, Error> {
        self.waiting_since = None;
        let now = (self.clock)();
        let Some(Tree::Recording(recording)) = &mut self.tree else {
            return Ok(None);
        };
        if !recording.is_dirty() {
            return Ok(None);
        }
        let commit = recording.commit(now)?;
        (self.report)(&Report::Committed(commit));
        Ok(Some(commit))
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
            let is_latched = matches!(error, Error::Recording(recording::Error::ReadOnly(_)));
            if !is_latched
                && let Some(Tree::Recording(recording)) = &mut self.tree
                && let Err(error) = recording.abandon()
            {
                self.tell("going back to the commit before", &error.into());
            }
        }
        self.tree = None;
        self.outcome = Some(committed.map(drop));
    }
}
