//! The portrait of a disc.

use crate::contents::Contents;
use crate::era::Era;
use crate::findings::PlacedFinding;
use crate::kind::Kind;
use crate::left::Left;
use crate::owners::Owners;
use crate::readers::Reader;
use crate::subject::Subject;
use crate::surface::{Run, Surface};

/// The portrait of a disc, made by [`Portrait::of`].
#[derive(Clone, Debug)]
pub struct Portrait {
    pub(crate) subject: Subject,
    pub(crate) surface: Surface,
    pub(crate) owners: Owners,
    pub(crate) eras: Vec<Era>,
    pub(crate) readers: Vec<Reader>,
    pub(crate) findings: Vec<PlacedFinding>,
    pub(crate) is_checked: bool,
    pub(crate) contents: Contents,
    pub(crate) left: Left,
}

impl Portrait {
    /// Shows the last free blocks as kept back for a commit and the end of the session. Blocks of reserved
    /// tracks are already, and count.
    pub fn keep_back(&mut self, blocks: u64) {
        let reserved = self.surface.totals()[Kind::KeptBack.index()];
        self.surface.keep_back(blocks.saturating_sub(reserved));
    }

    /// The disc and its volume.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// What each block is.
    #[must_use]
    pub fn surface(&self) -> &Surface {
        &self.surface
    }

    /// The files and directories that blocks belong to.
    #[must_use]
    pub fn owners(&self) -> &Owners {
        &self.owners
    }

    /// The generations, the oldest first.
    #[must_use]
    pub fn eras(&self) -> &[Era] {
        &self.eras
    }

    /// Which readers open the disc.
    #[must_use]
    pub fn readers(&self) -> &[Reader] {
        &self.readers
    }

    /// What the check found, errors first.
    #[must_use]
    pub fn findings(&self) -> &[PlacedFinding] {
        &self.findings
    }

    /// What the state shown contains.
    #[must_use]
    pub fn contents(&self) -> &Contents {
        &self.contents
    }

    /// What is left out.
    #[must_use]
    pub fn left(&self) -> Left {
        self.left
    }

    /// The unreadable runs.
    pub fn unreadable(&self) -> impl Iterator<Item = &Run> {
        let runs = self.surface.runs().iter();
        runs.filter(|run| run.kind == Kind::Unreadable)
    }

    /// The path of who uses a run.
    #[must_use]
    pub fn path_of(&self, run: &Run) -> Option<String> {
        run.owner.map(|owner| self.owners.path(owner))
    }
}
