//! `oncefs add`

use std::fmt;
use std::path::Path;

use oncefs::RecordingError;
use oncefs::nodes::Attributes;
use serde::Serialize;

use super::Tools;
use super::write::{Change, own_ids};
use crate::arguments::{Add, CommitEvery, Selecting};
use crate::confirm::{self, Answer};
use crate::disc_path::DiscPath;
use crate::failure::{Context, Exit, Failure, Outcome, Refusal};
use crate::failure_kind::FailureKind;
use crate::interrupt::Interrupt;
use crate::output::count;
use crate::source::{
    Exclude, Options, Own, Selection, Source, Start, Surveyed, Target, Totals, record, survey,
};
use crate::terminal::Shown;

/// What to add, and where.
pub struct Load {
    selection: Selection,
    into: DiscPath,
    commit_every: Option<CommitEvery>,
}

/// The result of adding.
#[derive(Debug, Serialize)]
pub struct Added {
    #[serde(flatten)]
    totals: Totals,
    free_blocks: u64,
    /// What is not on the disc, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<Refusal>,
    /// The user stopped it before the end.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    interrupted: bool,
    /// The medium had no room for something.
    #[serde(skip)]
    is_full: bool,
    /// The volume as it is now, in words.
    #[serde(skip)]
    state: String,
    /// Bytes of the medium that it used.
    #[serde(skip)]
    used: u64,
}

/// Adds files.
pub fn run(tools: &Tools, arguments: &Add) -> Outcome {
    tools.discs.require_trace_apart(&arguments.sources)?;
    let load = Load::new(tools, &arguments.sources, &arguments.selecting, &arguments.disc)?;
    let interrupt = Interrupt::watch_twice()?;
    let stated = arguments.stated;
    let drive = tools.discs.open_to_record(&arguments.disc, stated.medium)?;
    let change = Change::open(tools, drive, interrupt, stated.accept_losses);
    let mut change = change.at(arguments.disc.display())?;
    change.tell_interrupted(tools);
    let added = load.add(tools, &mut change, None).at(arguments.disc.display())?;
    let shown = tools.output.recorded(&added, added.used);
    added.judge(shown).at(arguments.disc.display())
}

impl Load {
    /// From the command line.
    pub fn new(
        tools: &Tools,
        sources: &[std::path::PathBuf],
        selecting: &Selecting,
        disc: &Path,
    ) -> Outcome<Self> {
        Ok(Self {
            selection: Selection {
                sources: Source::all(sources, &selecting.name)?,
                exclude: Exclude::new(&selecting.exclude)?,
                own: Own::of(disc, tools.discs.trace.as_deref()),
                options: Options {
                    all_or_nothing: selecting.all_or_nothing,
                    deep: selecting.deep,
                    windows_names: selecting.windows_names,
                },
            },
            into: DiscPath::new(&selecting.into),
            commit_every: selecting.commit_every,
        })
    }

    /// Checks the files alone, before there is a volume.
    pub fn survey(&self, tools: &Tools, interrupt: &Interrupt) -> Outcome<Surveyed> {
        let start = Start {
            recording: None,
            directory: None,
            into: self.into.names(),
        };
        survey(&self.selection, start, interrupt, tools.progress.looking())
    }

    /// Checks the files against the volume and asks for room, then records them and commits complete files.
    /// If there are none, the volume stays as it was. A volume made after the survey needs no further check.
    pub fn add(&self, tools: &Tools, change: &mut Change, surveyed: Option<Surveyed>) -> Outcome<Added> {
        match self.commit_every {
            Some(CommitEvery::Bytes(bytes)) => change.commits.bytes = Some(bytes),
            Some(CommitEvery::Time(time)) => change.commits.time = Some(time),
            None => {}
        }
        let recorded = self.record(tools, change, surveyed);
        let mut added = recorded.map_err(|failure| change.give_up(failure))?;
        if change.interrupt.asked_twice() {
            return Err(change.give_up(Failure::interrupted()));
        }
        if added.is_nothing() {
            return Err(change.give_up(added.failure()));
        }
        change.commit_now(tools)?;
        if change.interrupt.asked() && !added.interrupted {
            tools
                .output
                .note("the interrupt came too late: everything is committed");
        }
        let vat_icb = change.recording.vat_icb();
        let (label, totals) = (change.recording.label(), added.totals);
        added.state = match vat_icb {
            Some(block) => format!("volume '{label}' with {totals}, its VAT ICB at block {block}"),
            None => format!("volume '{label}' with {totals}"),
        };
        added.free_blocks = change.recording.free_blocks()?;
        added.used = change.used();
        Ok(added)
    }

    fn record(&self, tools: &Tools, change: &mut Change, surveyed: Option<Surveyed>) -> Outcome<Added> {
        let surveyed = match surveyed {
            Some(surveyed) => surveyed,
            None => self.survey_on(tools, change)?,
        };
        if let Some(first) = &surveyed.first_unopenable {
            let names = count(surveyed.unopenable, "name", "names");
            tools.output.note(format_args!(
                "{names} that Windows cannot open, the first is {}: {} (--windows-names refuse|keep)",
                Shown(&first.path),
                first.reason
            ));
        }
        // For each directory of the target that may be missing: a node, its name, the directory above.
        let room = 3 * self.into.names().len() as u64;
        change
            .recording
            .inner()?
            .require(surveyed.blocks.saturating_add(room))?;
        let into = self.into.to_string();
        change.recording.create_dir_all(&into)?;
        // Millions of files are recorded by their nodes, not by their paths.
        let recording = change.recording.inner()?;
        let directory = recording.lookup_path(&into).at(&into)?;
        let interrupt = change.interrupt.clone();
        let may_ask = confirm::is_possible()
            && self
                .selection
                .sources
                .iter()
                .all(|source| source.content.is_none());
        let ask = |totals: &Totals| {
            if may_ask {
                confirm::stopping(&interrupt, totals.files, totals.bytes)
            } else {
                Ok(Answer::Commit)
            }
        };
        let (uid, gid) = own_ids();
        let target = Target {
            recording,
            directory,
            interrupt: &change.interrupt,
            content: Attributes {
                uid,
                gid,
                ..Attributes::at(0o644, change.now)
            },
            ask: &ask,
            commits: &mut change.commits,
        };
        let recorded = record(
            &self.selection,
            surveyed.roll,
            target,
            tools.progress.bytes(Some(surveyed.totals.bytes)),
        )?;
        for path in &recorded.own {
            tools.output.note(format_args!(
                "{}: left out, it belongs to the disc itself",
                Shown(path)
            ));
        }
        if let Some((path, name)) = &recorded.unkept.first {
            let files = count(recorded.unkept.files, "file has", "files have");
            tools.output.note(format_args!(
                "{files} extended attributes or access control lists, which are not recorded; the first is {} ({})",
                Shown(path),
                Shown(name)
            ));
        }
        Ok(Added {
            totals: recorded.totals,
            free_blocks: 0,
            left_out: recorded.left_out,
            interrupted: recorded.interrupted,
            is_full: recorded.is_full,
            state: String::new(),
            used: 0,
        })
    }

    fn survey_on(&self, tools: &Tools, change: &mut Change) -> Outcome<Surveyed> {
        let recording = change.recording.inner()?;
        let target = match recording.lookup_path(&self.into.to_string()) {
            Err(RecordingError::NotFound) => None,
            found => Some(found.at(&self.into)?),
        };
        if let Some(target) = target
            && !recording.is_directory(target).at(&self.into)?
        {
            return Err(Failure::from(RecordingError::NotADirectory).at(&self.into));
        }
        let start = Start {
            recording: Some(recording),
            directory: target,
            into: self.into.names(),
        };
        survey(
            &self.selection,
            start,
            &change.interrupt,
            tools.progress.looking(),
        )
    }
}

impl Added {
    /// Whether nothing was recorded.
    fn is_nothing(&self) -> bool {
        let Totals {
            directories,
            files,
            others,
            ..
        } = self.totals;
        directories + files + others == 0
    }

    /// The volume as it is now, in words.
    pub fn state(&self) -> &str {
        &self.state
    }

    /// Whether everything requested is on the disc.
    pub fn is_complete(&self) -> bool {
        self.left_out.is_empty() && !self.interrupted
    }

    /// Bytes of the medium that it used.
    pub fn used(&self) -> u64 {
        self.used
    }

    /// Fails if something requested is not on the disc. That failure says more than the one of showing the
    /// result, `shown`.
    pub fn judge(&self, shown: Outcome) -> Outcome {
        if self.is_complete() {
            return shown;
        }
        Err(self.failure().leaving(self.state.clone()).using(self.used))
    }

    fn failure(&self) -> Failure {
        let left_out = count(self.left_out.len() as u64, "file is", "files are");
        let mut failure = if self.interrupted {
            let message = if self.is_nothing() {
                "interrupted before a file was whole"
            } else {
                "interrupted"
            };
            Failure::new(Exit::Failed, FailureKind::Interrupted, message).hint(GO_ON)
        } else if self.left_out.is_empty() {
            Failure::failed("there is nothing to add")
        } else if self.is_nothing() {
            let exit = if self.is_full { Exit::Full } else { Exit::Failed };
            Failure::new(
                exit,
                FailureKind::Incomplete,
                format_args!("{left_out} left out, and nothing else was to be recorded"),
            )
        } else {
            let (exit, hint) = if self.is_full {
                (Exit::Full, "add the files that are left out to another disc")
            } else {
                (
                    Exit::Failed,
                    "add the files again once nothing changes them, or leave them out with --exclude",
                )
            };
            Failure::new(
                exit,
                FailureKind::Incomplete,
                format_args!("{left_out} left out, everything else is on the disc"),
            )
            .hint(hint)
        };
        failure.refused.clone_from(&self.left_out);
        failure
    }
}

/// The hint after an interrupted recording.
const GO_ON: &str =
    "add what is missing, and --exclude what is already on the disc (`oncefs ls -R` lists it)";

impl fmt::Display for Added {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let free = size(self.free_blocks.saturating_mul(2048));
        writeln!(f, "added {}; {free} free", self.totals)
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let directories = count(self.directories, "directory", "directories");
        write!(f, "{} and {directories}", count(self.files, "file", "files"))?;
        if self.others > 0 {
            write!(f, ", {}", count(self.others, "other", "others"))?;
        }
        write!(f, ", {}", size(self.bytes))
    }
}

/// A number of bytes for people.
pub fn size(bytes: u64) -> String {
    indicatif::HumanBytes(bytes).to_string()
}
