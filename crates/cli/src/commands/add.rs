//! `oncefs add`

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use super::Tools;
use super::write::{Change, change};
use crate::arguments::Add;
use crate::disc_path::DiscPath;
use crate::failure::{Context, Outcome};
use crate::interrupt::Interrupt;
use crate::output::count;
use crate::source::{Exclude, Source, Survey, Target, Totals, record, walk};

/// What is to be added, and where.
pub struct Load {
    sources: Vec<Source>,
    exclude: Exclude,
    into: DiscPath,
}

/// What was added.
#[derive(Debug, Serialize)]
pub struct Added {
    #[serde(flatten)]
    totals: Totals,
    free_blocks: u64,
}

/// Adds files in one commit.
pub fn run(tools: &Tools, arguments: &Add) -> Outcome {
    tools.discs.require_trace_apart(&arguments.sources)?;
    let load = Load::new(&arguments.sources, &arguments.exclude, &arguments.into)?;
    let added = change(tools, &arguments.disc, arguments.stated, |change| {
        load.record(tools, change, None)
    })?;
    tools.output.result(&added)
}

impl Load {
    /// What the command line says.
    pub fn new(sources: &[PathBuf], exclude: &[String], into: &str) -> Outcome<Self> {
        Ok(Self {
            sources: sources.iter().map(|path| Source::new(path)).collect(),
            exclude: Exclude::new(exclude)?,
            into: DiscPath::new(into),
        })
    }

    /// Judges the files alone, before there is a volume.
    pub fn survey(&self, tools: &Tools, interrupt: &Interrupt) -> Outcome<Totals> {
        let mut survey = Survey::new(None, None, interrupt, tools.progress.looking());
        walk(&self.sources, &self.exclude, &mut survey)?;
        survey.finish()
    }

    /// Judges the files against the volume, asks for the room, and records them; the commit is the caller's.
    /// On a volume that was made since they were surveyed there is nothing to judge them against.
    pub fn record(&self, tools: &Tools, change: &mut Change, surveyed: Option<Totals>) -> Outcome<Added> {
        let totals = match surveyed {
            Some(totals) => totals,
            None => self.survey_on(tools, change)?,
        };
        // Each directory of the target that may have to be made: a node, its name, the directory above.
        let room = 3 * self.into.names().len() as u64;
        change.recording.require(totals.blocks.saturating_add(room))?;
        let target = change.make_directories(&self.into)?;
        let bar = tools.progress.bytes(totals.bytes);
        let target = Target {
            recording: &mut change.recording,
            directory: target,
            interrupt: &change.interrupt,
            now: change.now,
        };
        for path in record(&self.sources, &self.exclude, target, bar)?.changed {
            tools.output.note(format_args!(
                "{path}: it changed while it was read; the disc has what was read"
            ));
        }
        Ok(Added {
            totals,
            free_blocks: change.recording.free_blocks()?,
        })
    }

    fn survey_on(&self, tools: &Tools, change: &mut Change) -> Outcome<Totals> {
        let target = change.find(&self.into)?;
        if let Some(target) = target
            && !change.recording.is_directory(target).at(&self.into)?
        {
            return Err(crate::failure::Failure::from(recording::Error::NotADirectory).at(&self.into));
        }
        let recording = Some(&mut change.recording);
        let mut survey = Survey::new(recording, target, &change.interrupt, tools.progress.looking());
        walk(&self.sources, &self.exclude, &mut survey)?;
        survey.finish()
    }
}

impl fmt::Display for Added {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let totals = &self.totals;
        write!(f, "added {}", count(totals.files, "file", "files"))?;
        write!(
            f,
            " and {}",
            count(totals.directories, "directory", "directories")
        )?;
        if totals.others > 0 {
            write!(f, ", {} others", totals.others)?;
        }
        writeln!(
            f,
            ", {}; {} free",
            size(totals.bytes),
            size(self.free_blocks.saturating_mul(2048))
        )
    }
}

/// Bytes as a person reads them.
pub fn size(bytes: u64) -> String {
    indicatif::HumanBytes(bytes).to_string()
}
