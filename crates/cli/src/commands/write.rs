//! Shared by the commands that record: a commit, and if it fails a report of what is on the disc and what is
//! used up.

use std::fmt::Display;
use std::path::Path;

use oncefs::{Drive, ErrorKind, OpenOptions, Recording, Timestamp, Usage};
use rustix::process::{getegid, geteuid};
use serde::Serialize;

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
    let (done, mut change) = changed(tools, disc, stated, |change| {
        change.tell_interrupted(tools);
        work(change)
    })?;
    tools.output.recorded(&done, change.used())
}

/// As [`change`], but shows nothing: the disc is still open.
pub fn changed<T>(
    tools: &Tools,
    disc: &Path,
    stated: ToChange,
    work: impl FnOnce(&mut Change) -> Outcome<T>,
) -> Outcome<(T, Change)> {
    let interrupt = Interrupt::watch()?;
    let drive = tools.discs.open_to_record(disc, stated.medium)?;
    let mut change = Change::open(tools, drive, interrupt, stated.accept_losses).at(disc.display())?;
    let done = change.commit(tools, work).at(disc.display())?;
    Ok((done, change))
}

impl Change {
    /// Opens the volume for recording.
    pub fn open(tools: &Tools, drive: Drive, interrupt: Interrupt, accept_losses: bool) -> Outcome<Self> {
        let now = time::now();
        tools.tell_track_at_once(&drive);
        let usage = drive.usage();
        let opened = OpenOptions::new()
            .accept_losses(accept_losses)
            .record_drive(tools.listening(drive), now);
        let mut recording = opened.inspect_err(|error| read::tell(tools.output, error.losses()))?;
        read::tell(tools.output, &recording.losses());
        if recording.plan().closing_interrupted {
            tools.output.note(
                "the last closing was interrupted: it is completed first, and what is recorded now goes into a further session",
            );
        }
        let (uid, gid) = own_ids();
        recording.set_owner(uid, gid);
        let stop = interrupt.clone();
        recording.stop_if(move || stop.asked());
        Ok(Self {
            recording,
            interrupt,
            now,
            commits: Commits::default(),
            usage,
        })
    }

    /// Reports that an interruption left something, unless a closing was interrupted.
    pub fn tell_interrupted(&self, tools: &Tools) {
        let recording = &self.recording;
        tools.tell_interrupted(recording.is_interrupted() && !recording.plan().closing_interrupted);
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
        let committed = self.recording.commit();
        bar.finish_and_clear();
        let committed = committed.map(drop);
        committed.map_err(|error| self.give_up(Failure::from(error)))
    }

    /// Drops pending changes; the failure then says what is on the disc and what was used up.
    pub fn give_up(&mut self, failure: Failure) -> Failure {
        let abandoned = self.recording.abandon();
        let label = self.recording.label();
        let left = match self.commits.last {
            None => format!("volume '{label}' as it was before this command"),
            Some(_) => {
                let files = count(self.commits.totals.files, "file", "files");
                format!("volume '{label}' with {files} of this command")
            }
        };
        let left = match abandoned {
            Ok(commit) => format!("{left}, its VAT ICB at block {}", commit.vat_icb.0),
            Err(_) => format!("{left}; other readers find it once the next recording has repaired its end"),
        };
        failure.leaving(left).using(self.used())
    }

    /// Ends the change. The usage goes on to count what the drive records.
    pub fn into_drive(self) -> (Drive, Usage) {
        (self.recording.into_drive(), self.usage)
    }

    /// Bytes of the medium that this command has used up so far.
    pub fn used(&mut self) -> u64 {
        // The drive now reports what is left.
        let _ = self.recording.disc();
        self.usage.bytes()
    }

    /// Whether there is a directory at a path.
    pub fn is_directory(&mut self, path: &DiscPath) -> Outcome<bool> {
        match self.recording.metadata(&path.to_string()) {
            Ok(metadata) => Ok(metadata.is_dir()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Notes that Windows cannot open a new name, as `add` does.
    pub fn note_windows_name(&mut self, output: Output, path: &DiscPath) -> Outcome {
        let Some((parent, name)) = path.split() else {
            return Ok(());
        };
        let mut others = Folded::default();
        for entry in self.recording.read_dir(&parent.to_string())? {
            let entry = entry?;
            if entry.file_name() != name {
                others.note(entry.file_name());
            }
        }
        let meets = others.meets(name);
        if let Some(reason) = windows_fault(name).or((meets > 0).then_some(MEETS)) {
            output.note(format_args!(
                "{}: Windows cannot open it: {reason}",
                Shown(&path.to_string())
            ));
        }
        Ok(())
    }
}

/// The name at the end of a path on the disc.
pub fn name_of(path: &DiscPath) -> Outcome<&str> {
    let split = path.split().map(|(_, name)| name);
    split.ok_or_else(|| Failure::failed("this is the root of the volume").at(path))
}

/// User and group of this program.
pub fn own_ids() -> (u32, u32) {
    (geteuid().as_raw(), getegid().as_raw())
}
