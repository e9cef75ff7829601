//! Shared by the commands that record: a commit, and if it fails a report of what is on the disc and what is
//! used up.

use std::fmt::Display;
use std::path::Path;

use oncefs::{Drive, Timestamp, Usage};
use recording::{Attributes, NodeId, Recording};
use rustix::process::{getegid, geteuid};
use serde::Serialize;
use volume::Volume;

use super::{Tools, read};
use crate::arguments::ToChange;
use crate::disc_path::DiscPath;
use crate::failure::{Context, Failure, Outcome};
use crate::interrupt::Interrupt;
use crate::output::{Output, count};
use crate::source::{Commits, Folded, MEETS, windows_fault};
use crate::terminal::Shown;
use crate::time;

/// A disc being changed.
pub struct Change {
    /// The volume with pending changes.
    pub recording: Recording,
    /// Whether the user asked to stop.
    pub interrupt: Interrupt,
    /// The time of everything that this command records.
    pub now: Timestamp,
    /// Intermediate commits.
    pub commits: Commits,
    /// The blocks of the medium it used up.
    usage: Usage,
}

/// Opens a disc, changes it by `work`, commits, and shows the result. A failure leaves earlier commits, and
/// says so.
pub fn change<T: Serialize + Display>(
    tools: &Tools,
    disc: &Path,
    stated: ToChange,
    work: impl FnOnce(&mut Change) -> Outcome<T>,
) -> Outcome {
    let interrupt = Interrupt::watch()?;
    let drive = tools.discs.open_to_record(disc, stated.medium)?;
    let mut change = Change::open(tools, drive, interrupt, stated.accept_losses).at(disc.display())?;
    let done = change.commit(tools, work).at(disc.display())?;
    tools.output.recorded(&done, change.used())
}

impl Change {
    /// Opens the volume for recording.
    pub fn open(tools: &Tools, drive: Drive, interrupt: Interrupt, accept_losses: bool) -> Outcome<Self> {
        let now = time::now();
        tools.tell_track_at_once(&drive);
        let mut volume = Volume::open(tools.listening(drive)).map_err(|failed| {
            read::tell(tools.output, &failed.losses);
            failed.error
        })?;
        read::tell(tools.output, volume.losses());
        if accept_losses {
            volume.accept_losses();
        }
        let usage = volume.drive().usage();
        let recording = Recording::of_volume(volume, now).map_err(|failed| failed.error)?;
        Ok(Self {
            recording,
            interrupt,
            now,
            commits: Commits::default(),
            usage,
        })
    }

    /// Runs `work` and commits it, or leaves the volume as it was and says so.
    fn commit<T>(&mut self, tools: &Tools, work: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        let worked = work(self).and_then(|done| self.interrupt.check().map(|()| done));
        let done = worked.map_err(|failure| self.give_up(failure))?;
        self.commit_now(tools)?;
        if self.interrupt.asked() {
            tools
                .output
                .note("the interrupt came too late: everything is committed");
        }
        Ok(done)
    }

    /// Commits pending changes, or leaves the volume at the last commit and says so.
    pub fn commit_now(&mut self, tools: &Tools) -> Outcome {
        let bar = tools.progress.waiting("recording directories and the VAT");
        let committed = self.recording.commit(self.now);
        bar.finish_and_clear();
        let committed = committed.map(drop);
        committed.map_err(|error| self.give_up(Failure::from(error)))
    }

    /// Drops pending changes; the failure then says what is on the disc and what was used up.
    pub fn give_up(&mut self, failure: Failure) -> Failure {
        let abandoned = self.recording.abandon();
        let label = self.recording.volume().label();
        let stands = match self.commits.last {
            None => format!("volume '{label}' as it was before this command"),
            Some(_) => {
                let files = count(self.commits.totals.files, "file", "files");
                format!("volume '{label}' with {files} of this command")
            }
        };
        let stands = match abandoned {
            Ok(commit) => format!("{stands}, its VAT ICB at block {}", commit.vat_icb.0),
            Err(_) => format!("{stands}; other readers find it once the next recording has repaired its end"),
        };
        failure.leaving(stands).using(self.used())
    }

    /// Bytes of the medium that this command has used up so far.
    pub fn used(&mut self) -> u64 {
        // Its drive now reports what is left.
        self.recording.volume();
        self.usage.bytes()
    }

    /// The node at a path.
    pub fn find(&mut self, path: &DiscPath) -> Outcome<Option<NodeId>> {
        let mut node = self.recording.root();
        for name in path.names() {
            match self.recording.lookup(node, name).at(path)? {
                Some(next) => node = next,
                None => return Ok(None),
            }
        }
        Ok(Some(node))
    }

    /// The node at a path, which must exist.
    pub fn get(&mut self, path: &DiscPath) -> Outcome<NodeId> {
        let found = self.find(path)?;
        found.ok_or_else(|| Failure::from(recording::Error::NotFound).at(path))
    }

    /// Whether there is a directory at a path.
    pub fn is_directory(&mut self, path: &DiscPath) -> Outcome<bool> {
        match self.find(path)? {
            Some(node) => self.recording.is_directory(node).at(path),
            None => Ok(false),
        }
    }

    /// The directory of a path, and its name there.
    pub fn place<'p>(&mut self, path: &'p DiscPath) -> Outcome<(NodeId, &'p str)> {
        let (parent, name) = path
            .split()
            .ok_or_else(|| Failure::failed("this is the root of the volume").at(path))?;
        Ok((self.get(&parent)?, name))
    }

    /// Notes that Windows cannot open a new name, as `add` does.
    pub fn note_windows_name(
        &mut self,
        output: Output,
        parent: NodeId,
        name: &str,
        path: &DiscPath,
    ) -> Outcome {
        let mut others = Folded::default();
        for entry in self.recording.entries(parent).at(path)? {
            if entry.name != name {
                others.note(&entry.name);
            }
        }
        let meets = others.meets(name);
        if let Some(reason) = windows_fault(name).or(meets.then_some(MEETS)) {
            output.note(format_args!(
                "{}: Windows cannot open it: {reason}",
                Shown(&path.to_string())
            ));
        }
        Ok(())
    }

    /// Makes every missing directory of a path, and calls `made` with the place and name of each. Returns the
    /// last one.
    pub fn make_directories(
        &mut self,
        path: &DiscPath,
        made: impl Fn(&mut Self, NodeId, &str) -> Outcome,
    ) -> Outcome<NodeId> {
        let mut node = self.recording.root();
        let attributes = self.attributes(0o755);
        for name in path.names() {
            node = match self.recording.lookup(node, name).at(path)? {
                Some(next) => next,
                None => {
                    let kind = recording::NodeKind::Directory;
                    let new = self.recording.create(node, name, kind, &attributes).at(path)?;
                    made(self, node, name)?;
                    new
                }
            };
        }
        if self.recording.is_directory(node).at(path)? {
            return Ok(node);
        }
        Err(Failure::from(recording::Error::NotADirectory).at(path))
    }

    /// Attributes of what this user makes now.
    pub fn attributes(&self, mode: u32) -> Attributes {
        own_attributes(mode, self.now)
    }
}

/// Attributes of what this user makes.
pub fn own_attributes(mode: u32, now: Timestamp) -> Attributes {
    let (uid, gid) = own_ids();
    Attributes {
        uid,
        gid,
        ..Attributes::at(mode, now)
    }
}

/// User and group of this program.
pub fn own_ids() -> (u32, u32) {
    (geteuid().as_raw(), getegid().as_raw())
}
