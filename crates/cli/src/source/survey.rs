//! The first walk: nothing is recorded, everything is counted and judged.

use std::collections::HashMap;
use std::path::Path;

use ecma167::BLOCK_SIZE;
use indicatif::ProgressBar;
use recording::{NodeId, Recording};
use rustix::fs::{Access, AtFlags, FileType, OFlags, Statx, accessat};
use rustix::process::geteuid;
use serde::Serialize;

use super::found::Found;
use super::walk::Visitor;
use super::{holes, limits};
use crate::failure::{Context, Exit, Failure, Outcome, Refusal};
use crate::interrupt::Interrupt;

/// What the walk adds up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Directories.
    pub directories: u64,
    /// Regular files, each once whatever its names.
    pub files: u64,
    /// Links, pipes, sockets, devices.
    pub others: u64,
    /// Bytes of data, holes left out.
    pub bytes: u64,
    /// Blocks that recording all of it takes at most; where the volume is not known, one of UDF 2.00 or later.
    #[serde(skip)]
    pub blocks: u64,
}

/// A link count has 16 bits (`ECMA-167 4/14.9.6`).
const MOST_LINKS: u64 = 65_535;

/// The first visitor of a walk.
pub struct Survey<'a> {
    recording: Option<&'a mut Recording>,
    interrupt: &'a Interrupt,
    bar: ProgressBar,
    totals: Totals,
    refused: Vec<Refusal>,
    /// The directories from the top down: what they are on the disc, and how many directories they hold.
    directories: Vec<Level>,
    /// Names met of each file that has several.
    links: HashMap<(u32, u32, u64), u64>,
    /// Whether each file has to be asked for permission.
    unprivileged: bool,
}

/// A directory that is being walked.
struct Level {
    /// What it is on the disc already.
    node: Option<NodeId>,
    /// Directories met in it.
    directories: u64,
    /// Bytes of the file identifier descriptors that it gets.
    identifiers: u64,
}

impl Level {
    fn new(node: Option<NodeId>) -> Self {
        Self {
            node,
            directories: 0,
            identifiers: 0,
        }
    }

    /// Blocks of its body: what it gets, and the block where that begins anew.
    fn blocks(&self) -> u64 {
        self.identifiers.div_ceil(BLOCK_SIZE as u64) + 1
    }
}

/// Bytes of a file identifier descriptor beside the name: its fields, and the longest padding (`UDF 2.60 2.3.4`).
const IDENTIFIER_BYTES: u64 = 38 + 32 + 4;

impl<'a> Survey<'a> {
    /// A survey for adding to `target`; both `None` where the disc is still blank, or the target is not made yet.
    pub fn new(
        recording: Option<&'a mut Recording>,
        target: Option<NodeId>,
        interrupt: &'a Interrupt,
        bar: ProgressBar,
    ) -> Self {
        Self {
            recording,
            interrupt,
            bar,
            totals: Totals::default(),
            refused: Vec::new(),
            directories: vec![Level::new(target)],
            links: HashMap::new(),
            unprivileged: !geteuid().is_root(),
        }
    }

    /// What was found, if all of it can be recorded.
    pub fn finish(mut self) -> Outcome<Totals> {
        self.bar.finish_and_clear();
        self.totals.blocks += self.directories.iter().map(Level::blocks).sum::<u64>();
        // Entries of 4 bytes in the VAT, its header and its ICB.
        let nodes = self.totals.files + self.totals.directories + self.totals.others;
        self.totals.blocks += (nodes * 4).div_ceil(BLOCK_SIZE as u64) + 2;
        if self.refused.is_empty() {
            return Ok(self.totals);
        }
        let count = self.refused.len();
        let files = if count == 1 { "file is" } else { "files are" };
        let mut failure = Failure::new(
            Exit::Failed,
            "refused",
            format_args!("{count} {files} refused, nothing was recorded"),
        );
        failure.refused = self.refused;
        Err(failure.hint("--exclude leaves files out"))
    }

    fn refuse(&mut self, path: &Path, reason: impl Into<String>) {
        self.refused.push(Refusal {
            path: path.to_string_lossy().into_owned(),
            reason: reason.into(),
        });
    }

    /// The node that has this name on the disc already.
    fn existing(&mut self, found: &Found<'_>) -> Outcome<Option<NodeId>> {
        let parent = self.directories.last().and_then(|level| level.node);
        let (Some(recording), Some(parent)) = (self.recording.as_deref_mut(), parent) else {
            return Ok(None);
        };
        let Some(name) = found.target_name else {
            return Ok(Some(parent));
        };
        match name.to_str() {
            Some(name) => recording.lookup(parent, name).at(found.path.display()),
            None => Ok(None),
        }
    }

    /// Judges name and place; the node that is there already.
    fn judge(&mut self, found: &Found<'_>) -> Outcome<Option<NodeId>> {
        self.interrupt.check()?;
        self.bar.inc(1);
        if let (Some(level), Some(name)) = (self.directories.last_mut(), found.target_name) {
            level.identifiers += IDENTIFIER_BYTES + 2 * name.len() as u64;
        }
        if let Some(reason) = found.target_name.and_then(limits::name) {
            self.refuse(found.path, reason);
            return Ok(None);
        }
        let Some(existing) = self.existing(found)? else {
            return Ok(None);
        };
        let Some(recording) = self.recording.as_deref_mut() else {
            return Ok(None);
        };
        let is_directory = recording.is_directory(existing).at(found.path.display())?;
        match (is_directory, found.kind == FileType::Directory) {
            (true, false) => self.refuse(found.path, "a directory of this name is on the disc"),
            (false, true) => self.refuse(
                found.path,
                "a file of this name is on the disc, and it is no directory",
            ),
            _ => return Ok(Some(existing)),
        }
        Ok(None)
    }

    /// Counts a file once; `false` for a further name of it.
    fn is_first_name(&mut self, found: &Found<'_>, status: &Statx) -> bool {
        if status.stx_nlink < 2 {
            return true;
        }
        let key = (status.stx_dev_major, status.stx_dev_minor, status.stx_ino);
        let names = self.links.entry(key).or_insert(0);
        *names += 1;
        let names = *names;
        if names == MOST_LINKS + 1 {
            self.refuse(
                found.path,
                "the file has more than 65,535 names (ECMA-167 4/14.9.6)",
            );
        }
        names == 1
    }

    fn file(&mut self, found: &Found<'_>, status: &Statx) -> Outcome {
        if self.unprivileged
            && accessat(found.directory, found.name, Access::READ_OK, AtFlags::EACCESS).is_err()
        {
            self.refuse(found.path, "permission denied");
            return Ok(());
        }
        let size = status.stx_size;
        if size > limits::LONGEST_BODY {
            self.refuse(found.path, "the file is longer than any volume");
            return Ok(());
        }
        let data = if holes::may_be_sparse(status) {
            let file = found.open(OFlags::NONBLOCK)?;
            holes::data_bytes(std::os::fd::AsFd::as_fd(&file), size)
                .map_err(|error| Failure::host(found.path, error))?
        } else {
            size
        };
        self.totals.files += 1;
        self.totals.bytes += data;
        self.totals.blocks += match self.recording.as_deref() {
            Some(recording) => recording.blocks_of_file(size, data),
            None => recording::blocks_of_file(true, size, data),
        };
        Ok(())
    }
}

impl Visitor for Survey<'_> {
    fn enter(&mut self, found: &Found<'_>) -> Outcome<bool> {
        let existing = self.judge(found)?;
        if let Some(level) = self.directories.last_mut() {
            level.directories += 1;
            // The link count of a directory counts itself and each directory in it.
            if level.directories == MOST_LINKS {
                let reason = "the directory that holds it has too many directories: a link count ends at 65,535 (ECMA-167 4/14.9.6)";
                self.refuse(found.path, reason);
            }
        }
        self.totals.directories += 1;
        self.totals.blocks += 1;
        self.directories.push(Level::new(existing));
        Ok(true)
    }

    fn visit(&mut self, found: &Found<'_>) -> Outcome {
        self.judge(found)?;
        let status = match found.status() {
            Ok(status) => status,
            Err(failure) => return self.fault(found.path, failure),
        };
        if !self.is_first_name(found, &status) {
            return Ok(());
        }
        if found.kind == FileType::RegularFile {
            return self.file(found, &status);
        }
        self.totals.others += 1;
        self.totals.blocks += 1;
        let reason = match found.disc_kind(&status) {
            Ok(Some(kind)) => limits::kind(&kind),
            Ok(None) => Some("a kind of file that UDF does not have".into()),
            Err(failure) => return self.fault(found.path, failure),
        };
        if let Some(reason) = reason {
            self.refuse(found.path, reason);
        }
        Ok(())
    }

    fn leave(&mut self) -> Outcome {
        self.totals.blocks += self.directories.pop().map_or(0, |level| level.blocks());
        Ok(())
    }

    fn fault(&mut self, path: &Path, failure: Failure) -> Outcome {
        let prefix = format!("{}: ", path.display());
        let reason = failure
            .message
            .strip_prefix(&prefix)
            .unwrap_or(&failure.message)
            .to_owned();
        self.refuse(path, reason);
        Ok(())
    }
}
