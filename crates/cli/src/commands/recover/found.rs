//! What `oncefs recover` finds, before anything is recorded.

use std::fmt;

use oncefs::{AfterNewest, Generation, UnnamedEntry, UnnamedKind, Volume, Wholeness};
use serde::Serialize;

use crate::failure::Outcome;
use crate::output::count;
use crate::time;

/// The newest whole generation, and what follows it.
#[derive(Serialize)]
pub struct Found {
    /// Its number, counted from 1.
    generation: u32,
    /// The block of the medium with its VAT ICB.
    vat_icb: Option<u32>,
    time: Option<String>,
    /// Whether a recording was interrupted after it.
    interrupted: bool,
    /// Whether that was a closing, so that what follows is part of a plain volume and not looked at.
    closing_interrupted: bool,
    /// `None` if nothing follows it, or a part of a plain volume.
    after: Option<After>,
    #[serde(skip)]
    local_time: String,
}

/// What was recorded after a generation. Blocks have 2,048 bytes.
#[derive(Serialize)]
pub struct After {
    /// The first block of the medium after the generation.
    first: u32,
    blocks: u32,
    whole_files: usize,
    /// Whole files, and those whose data is not all there.
    files: Vec<File>,
    /// Later versions of files and directories, new directories, streams.
    other_entries: usize,
    damaged_entries: u32,
    data: u32,
    without_entry: u32,
    padding: u32,
    unreadable: u32,
    not_read: u32,
}

/// A file that no generation names.
#[derive(Serialize)]
pub struct File {
    /// The block of the medium with its entry.
    block: u32,
    bytes: u64,
    whole: bool,
}

impl Found {
    /// Looks at the disc, up to its end. Nothing is recorded.
    pub fn on(volume: &Volume) -> Outcome<Self> {
        let newest = volume.past()?.generations().last().copied();
        let is_interrupted = !volume.is_clean();
        let closing_interrupted = volume.plan().closing_interrupted;
        let after = if is_interrupted && !closing_interrupted {
            Some(After::from(&volume.after_newest()?))
        } else {
            None
        };
        let recorded = newest.map(|newest: Generation| newest.recorded);
        Ok(Self {
            generation: newest.map_or(0, |newest| newest.number),
            vat_icb: volume.vat_icb(),
            time: recorded.as_ref().and_then(time::rfc3339),
            interrupted: is_interrupted || closing_interrupted,
            closing_interrupted,
            after,
            local_time: recorded.as_ref().map(time::local).unwrap_or_default(),
        })
    }

    /// What to do next, if there is something to do.
    pub fn advice(&self) -> Option<String> {
        let whole = self.after.as_ref().map_or(0, |after| after.whole_files as u64);
        match (self.interrupted, whole) {
            (false, _) => None,
            (true, 0) => Some("`oncefs recover DISC --write` makes the end of the disc whole".into()),
            (true, whole) => Some(format!(
                "`oncefs recover DISC --write` makes the end of the disc whole; with --lost-and-found, {} there",
                count(whole, "file gets a name", "files get names")
            )),
        }
    }
}

impl File {
    /// Those of the files left without a name whose data is not all there.
    pub fn incomplete(found: &AfterNewest) -> Vec<Self> {
        let of = |entry: &&UnnamedEntry| {
            (entry.kind, entry.wholeness) == (UnnamedKind::File, Wholeness::Incomplete)
        };
        found.entries.iter().filter(of).map(Self::from).collect()
    }
}

impl From<&UnnamedEntry> for File {
    fn from(entry: &UnnamedEntry) -> Self {
        Self {
            block: entry.sector.0,
            bytes: entry.bytes,
            whole: entry.is_whole_file(),
        }
    }
}

impl From<&AfterNewest> for After {
    fn from(found: &AfterNewest) -> Self {
        let is_listed =
            |entry: &&UnnamedEntry| entry.kind == UnnamedKind::File && entry.wholeness != Wholeness::Shared;
        let files: Vec<File> = found.entries.iter().filter(is_listed).map(File::from).collect();
        Self {
            first: found.first.0,
            blocks: found.blocks,
            whole_files: found.whole_files().count(),
            other_entries: found.entries.len() - files.len(),
            files,
            damaged_entries: found.damaged_entries,
            data: found.data,
            without_entry: found.without_entry,
            padding: found.padding,
            unreadable: found.unreadable,
            not_read: found.not_read,
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the newest whole generation is {}", self.generation)?;
        if !self.local_time.is_empty() {
            write!(f, ", of {}", self.local_time)?;
        }
        if let Some(vat_icb) = self.vat_icb {
            write!(f, ", its VAT ICB is block {vat_icb}")?;
        }
        writeln!(f)?;
        match &self.after {
            Some(after) => after.fmt(f),
            None if self.closing_interrupted => writeln!(f, "a closing was interrupted after it"),
            None => writeln!(f, "nothing follows it"),
        }
    }
}

impl fmt::Display for After {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let blocks = |number: u32| count(number.into(), "block", "blocks");
        writeln!(
            f,
            "{} follow it from block {} on, which no generation names:",
            blocks(self.blocks),
            self.first
        )?;
        let mut line = |number: u64, words: String| {
            if number == 0 {
                return Ok(());
            }
            writeln!(f, "  {words}")
        };
        let whole = self.whole_files as u64;
        let incomplete = (self.files.len() - self.whole_files) as u64;
        let others = self.other_entries as u64;
        line(whole, count(whole, "whole file", "whole files"))?;
        line(
            incomplete,
            count(incomplete, "file", "files") + " whose data is not all there",
        )?;
        line(
            others,
            count(others, "other entry", "other entries") + ": later versions, directories, streams",
        )?;
        line(
            self.damaged_entries.into(),
            count(self.damaged_entries.into(), "damaged entry", "damaged entries"),
        )?;
        line(
            self.data.into(),
            blocks(self.data) + " with data of whole files and directories",
        )?;
        line(
            self.without_entry.into(),
            blocks(self.without_entry) + " with data without an entry",
        )?;
        line(self.padding.into(), blocks(self.padding) + " of padding")?;
        line(
            self.unreadable.into(),
            blocks(self.unreadable) + " that cannot be read",
        )?;
        line(
            self.not_read.into(),
            blocks(self.not_read) + " that were not looked at",
        )?;
        self.files.iter().try_for_each(|file| write!(f, "    {file}"))
    }
}

impl fmt::Display for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.whole {
            "whole"
        } else {
            "not all of its data was recorded"
        };
        writeln!(f, "#{}  {} bytes, {state}", self.block, self.bytes)
    }
}
