//! The first walk: counts and checks everything, records nothing.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::fd::AsFd as _;
use std::path::Path;

use indicatif::ProgressBar;
use oncefs::nodes::{self, NodeId, NodeKind, Recording};
use oncefs::{BLOCK_SIZE, PlainVolumeDifferences, holes};
use rustix::fs::{Access, AtFlags, CWD, FileType, Statx, accessat};
use rustix::process::geteuid;
use serde::Serialize;

use super::argument::{Content, Source};
use super::collisions::collisions;
use super::found::Found;
use super::own::OwnFiles;
use super::roll::{Roll, name_of};
use super::status::may_be_sparse;
use super::status::{Key, key, status};
use super::walk::{Visitor, walk};
use super::windows::{self, Folded};
use super::{Options, Selection, WindowsNames, limits};
use crate::failure::{Context, Exit, Failure, Outcome, Refusal};
use crate::failure_kind::FailureKind;
use crate::interrupt::Interrupt;
use crate::tree::{DEEPEST, LONGEST_PATH};

/// The totals of a walk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Directories.
    pub directories: u64,
    /// Regular files, each once whatever the number of its names.
    pub files: u64,
    /// Links, pipes, sockets, devices.
    pub others: u64,
    /// Bytes of data, holes left out.
    pub bytes: u64,
}

/// A link count has 16 bits (`ECMA-167 4/14.9.6`).
const MOST_LINKS: u64 = 65_535;

/// The first visitor of a walk.
pub struct Survey<'a> {
    recording: Option<&'a mut Recording>,
    interrupt: &'a Interrupt,
    bar: ProgressBar,
    options: Options,
    own: OwnFiles,
    found: Surveyed,
    refused: Vec<Refusal>,
    /// Some of them only because their path is longer than UDF allows.
    is_deep: bool,
    /// The directories from the top down, with their node on the disc and their number of subdirectories.
    directories: Vec<Level>,
    /// Number of names found for each file that has several.
    links: HashMap<Key, u64>,
    /// Whether to check the permissions of each file.
    unprivileged: bool,
}

/// The result of a survey.
#[derive(Debug, Default)]
pub struct Surveyed {
    /// The totals.
    pub totals: Totals,
    /// Most blocks that recording it all takes; if the volume is unknown, as for UDF 2.00 or later.
    pub blocks: u64,
    /// The names found.
    pub roll: Roll,
    /// What readers of a plain volume will see changed, as far as names and targets tell.
    pub differences: PlainVolumeDifferences,
    /// Names that these readers will see changed.
    pub changed: Changed,
    /// Names that Windows cannot open.
    pub unopenable: u64,
    /// The first of them, and why.
    pub first_unopenable: Option<Refusal>,
}

/// Names that some readers will see changed: how many, and the first.
#[derive(Debug, Default)]
pub struct Changed {
    count: usize,
    first: Vec<String>,
}

impl Changed {
    /// Paths that are kept to be listed.
    const LISTED: usize = 20;

    fn note(&mut self, path: &Path) {
        self.count += 1;
        if self.first.len() < Self::LISTED {
            self.first.push(path.to_string_lossy().into_owned());
        }
    }

    /// The first paths, and the number of those that are not among them.
    pub fn listed(&self) -> (&[String], usize) {
        (&self.first, self.count - self.first.len())
    }
}

/// Where a survey begins.
pub struct Start<'a> {
    /// The volume; `None` if the disc is still blank.
    pub recording: Option<&'a mut Recording>,
    /// The directory to add to; `None` if it does not exist yet.
    pub directory: Option<NodeId>,
    /// The names of its path.
    pub into: &'a [String],
}

/// Checks everything selected. Fails before the first block if some of it cannot be recorded.
pub fn survey(
    selection: &Selection,
    start: Start<'_>,
    interrupt: &Interrupt,
    bar: ProgressBar,
) -> Outcome<Surveyed> {
    let mut survey = Survey::new(selection, start, interrupt, bar)?;
    survey.refused.extend(collisions(selection));
    walk(CWD, &selection.sources, &selection.exclude, &mut survey)?;
    survey.finish()
}

/// A directory being walked.
struct Level {
    /// Its node on the disc, if it exists.
    node: Option<NodeId>,
    /// Subdirectories found in it.
    directories: u64,
    /// Bytes of the file identifier descriptors added to it.
    identifiers: u64,
    /// Bytes of its path on the disc, in identifiers and as text.
    path: u64,
    text: usize,
    names: Folded,
}

impl Level {
    fn new(node: Option<NodeId>, path: u64, text: usize) -> Self {
        Self {
            node,
            directories: 0,
            identifiers: 0,
            path,
            text,
            names: Folded::default(),
        }
    }

    /// Blocks of its body: what is added, and the block that is rewritten.
    fn blocks(&self) -> u64 {
        self.identifiers.div_ceil(BLOCK_SIZE as u64) + 1
    }
}

/// Bytes of a file identifier descriptor without the name: its fields, and the longest padding
/// (`UDF 2.60 2.3.4`).
const IDENTIFIER_BYTES: u64 = 38 + 32 + 4;

impl<'a> Survey<'a> {
    fn new(
        selection: &Selection,
        start: Start<'a>,
        interrupt: &'a Interrupt,
        bar: ProgressBar,
    ) -> Outcome<Self> {
        let path = start
            .into
            .iter()
            .map(|name| limits::path_bytes(name.as_ref()))
            .sum();
        let text = start.into.iter().map(|name| 1 + name.len()).sum();
        let mut survey = Self {
            recording: start.recording,
            interrupt,
            bar,
            options: selection.options,
            own: selection.own.files(),
            found: Surveyed::default(),
            refused: Vec::new(),
            is_deep: false,
            directories: Vec::new(),
            links: HashMap::new(),
            unprivileged: !geteuid().is_root(),
        };
        survey.go_down(start.directory, path, text)?;
        if start.directory.is_none() {
            for name in start.into {
                survey.name_of_target(name);
            }
        }
        Ok(survey)
    }

    /// The result, if all of it can be recorded.
    fn finish(mut self) -> Outcome<Surveyed> {
        self.bar.finish_and_clear();
        let Totals {
            files,
            directories,
            others,
            ..
        } = self.found.totals;
        self.found.blocks += self.directories.iter().map(Level::blocks).sum::<u64>();
        // Entries of 4 bytes in the VAT, its header and its ICB.
        self.found.blocks += ((files + directories + others) * 4).div_ceil(BLOCK_SIZE as u64) + 2;
        if self.refused.is_empty() {
            return Ok(self.found);
        }
        let count = self.refused.len();
        let files = if count == 1 { "file is" } else { "files are" };
        let mut failure = Failure::new(
            Exit::Failed,
            FailureKind::Refused,
            format_args!("{count} {files} refused, nothing was recorded"),
        );
        failure.refused = self.refused;
        Err(failure.hint(if self.is_deep {
            "--exclude leaves files out; --deep records paths longer than UDF allows, which other systems may not open"
        } else {
            "--exclude leaves files out"
        }))
    }

    /// Enters a directory, with its names on the disc.
    fn go_down(&mut self, node: Option<NodeId>, path: u64, text: usize) -> Outcome {
        let mut level = Level::new(node, path, text);
        if let (Some(recording), Some(node)) = (self.recording.as_deref_mut(), node)
            && recording.is_directory(node)?
        {
            for entry in recording.entries(node)? {
                level.names.note(&entry.name);
            }
        }
        self.directories.push(level);
        Ok(())
    }

    fn refuse(&mut self, path: &Path, reason: impl Into<String>) {
        self.refused.push(Refusal {
            path: path.to_string_lossy().into_owned(),
            reason: reason.into(),
        });
    }

    /// Leaves out what cannot be read, as the recording will; refuses it if the user named it, or with all or
    /// nothing.
    fn unreadable(&mut self, path: &Path, reason: impl Into<String>) {
        if self.options.all_or_nothing || self.directories.len() == 1 {
            self.refuse(path, reason);
        }
    }

    /// Checks the path of a name in the lowest directory. Returns its bytes in identifiers and as text;
    /// `None` if refused.
    fn path(&mut self, source: &Path, name: &OsStr) -> Option<(u64, usize)> {
        let level = self.directories.last()?;
        if name.is_empty() {
            return Some((level.path, level.text));
        }
        let path = level.path + limits::path_bytes(name);
        let text = level.text + 1 + name.len();
        if text > LONGEST_PATH || self.directories.len() >= DEEPEST {
            let reason =
                format!("the limit is {DEEPEST} nested directories and a path of {LONGEST_PATH} bytes");
            self.refuse(source, reason);
            return None;
        }
        if path > limits::LONGEST_PATH && !self.options.deep {
            self.is_deep = true;
            let reason = format!("its path takes {path} bytes; UDF allows 1,023 (UDF 2.60 2)");
            self.refuse(source, reason);
            return None;
        }
        Some((path, text))
    }

    /// Checks a name in the lowest directory for readers without VAT and for Windows.
    fn other_readers_name(&mut self, source: &Path, name: &str, kind: NodeKind) {
        let meets = self
            .directories
            .last_mut()
            .map_or(0, |level| level.names.meets(name));
        if self.found.differences.foresee_name(name, kind, meets) {
            self.found.changed.note(source);
        }
        if self.options.windows_names == WindowsNames::Keep {
            return;
        }
        let reason = match windows::fault(name) {
            Some(reason) => reason,
            None if meets > 0 => windows::MEETS,
            None => return,
        };
        if self.options.windows_names == WindowsNames::Refuse {
            return self.refuse(source, format!("Windows cannot open it: {reason}"));
        }
        self.found.unopenable += 1;
        self.found.first_unopenable.get_or_insert_with(|| Refusal {
            path: source.to_string_lossy().into_owned(),
            reason: reason.into(),
        });
    }

    /// Checks the name of a directory made for the target.
    fn name_of_target(&mut self, name: &str) {
        // It is next to none of the names in the target.
        self.directories.push(Level::new(None, 0, 0));
        self.other_readers_name(Path::new(name), name, NodeKind::Directory);
        self.directories.pop();
    }

    /// The existing node of this name on the disc.
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

    /// Checks name and place. Returns the existing node.
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
        if let Some(name) = found.target_name.and_then(|name| name.to_str()) {
            let kind = match found.kind {
                FileType::RegularFile => NodeKind::File,
                FileType::Directory => NodeKind::Directory,
                _ => NodeKind::SymbolicLink,
            };
            self.other_readers_name(found.path, name, kind);
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
                "a file of this name is on the disc and is not a directory",
            ),
            _ => return Ok(Some(existing)),
        }
        Ok(None)
    }

    /// Counts a file once; `false` for another name of it.
    fn is_first_name(&mut self, found: &Found<'_>, status: &Statx) -> bool {
        if status.stx_nlink < 2 {
            return true;
        }
        let names = self.links.entry(key(status)).or_insert(0);
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
            self.unreadable(found.path, "permission denied");
            return Ok(());
        }
        let size = status.stx_size;
        if size > limits::LONGEST_BODY {
            self.refuse(found.path, "the file is longer than any volume");
            return Ok(());
        }
        let data = if may_be_sparse(status) {
            let opened = found.open_file().and_then(|file| {
                holes::data_bytes(&file, size).map_err(|error| Failure::host(found.path, error))
            });
            match opened {
                Ok(data) => data,
                Err(failure) => return self.fault(found.path, failure),
            }
        } else {
            size
        };
        self.found.totals.files += 1;
        self.found.totals.bytes += data;
        if data < size {
            self.found.differences.foresee_holes(size);
        }
        self.found.blocks += match self.recording.as_deref() {
            Some(recording) => recording.blocks_of_file(size, data),
            None => nodes::blocks_of_file(true, size, data),
        };
        Ok(())
    }
}

impl Visitor for Survey<'_> {
    fn meet(&mut self, found: &Found<'_>) -> Outcome {
        self.found.roll.meet(name_of(found));
        Ok(())
    }

    fn enter(&mut self, found: &Found<'_>) -> Outcome<bool> {
        let Some((path, text)) = self.path(found.path, found.target_name.unwrap_or_default()) else {
            return Ok(false);
        };
        let existing = self.judge(found)?;
        if let Some(level) = self.directories.last_mut() {
            level.directories += 1;
            // The link count of a directory counts itself and each subdirectory.
            if level.directories == MOST_LINKS {
                let reason = "its directory has too many subdirectories: a link count ends at 65,535 (ECMA-167 4/14.9.6)";
                self.refuse(found.path, reason);
            }
        }
        self.found.totals.directories += 1;
        self.found.blocks += 1;
        self.go_down(existing, path, text)?;
        self.found.roll.enter();
        Ok(true)
    }

    fn visit(&mut self, found: &Found<'_>) -> Outcome {
        if self.own.has_name(found) {
            return Ok(());
        }
        let status = match found.status() {
            Ok(status) => status,
            Err(failure) => return self.fault(found.path, failure),
        };
        let name = found.target_name.unwrap_or_default();
        if self.own.has(&status) || self.path(found.path, name).is_none() {
            return Ok(());
        }
        self.judge(found)?;
        if !self.is_first_name(found, &status) {
            return Ok(());
        }
        if found.kind == FileType::RegularFile {
            if status.stx_size == 0 {
                self.found.roll.hold_nothing();
            }
            return self.file(found, &status);
        }
        self.found.totals.others += 1;
        self.found.blocks += 1;
        let reason = match (found.disc_kind(&status), found.link_target()) {
            (Some(_), Ok(target)) => {
                let target = target.as_deref();
                target
                    .into_iter()
                    .for_each(|target| self.found.differences.foresee_target(target));
                target.and_then(limits::link_target)
            }
            (None, _) => Some("a kind of file that UDF does not have".into()),
            (_, Err(failure)) => return self.fault(found.path, failure),
        };
        if let Some(reason) = reason {
            self.refuse(found.path, reason);
        }
        Ok(())
    }

    fn leave(&mut self, _path: &Path) -> Outcome {
        self.found.roll.leave();
        self.found.blocks += self.directories.pop().map_or(0, |level| level.blocks());
        Ok(())
    }

    fn content(&mut self, source: &Source, content: &Content) -> Outcome {
        let name = source.name.as_deref().unwrap_or_default();
        match content.open() {
            Ok(file) if status(file.as_fd()).is_ok_and(|status| self.own.has(&status)) => return Ok(()),
            Ok(_) => {}
            Err(error) => self.refuse(&source.path, error.to_string()),
        }
        if let Some(reason) = limits::name(name) {
            self.refuse(&source.path, reason);
            return Ok(());
        }
        if self.path(&source.path, name).is_none() {
            return Ok(());
        }
        self.other_readers_name(&source.path, &name.to_string_lossy(), NodeKind::File);
        let top = self.directories.last().and_then(|level| level.node);
        if let (Some(recording), Some(top)) = (self.recording.as_deref_mut(), top)
            && let Some(existing) = recording.lookup(top, &name.to_string_lossy())?
            && recording.is_directory(existing)?
        {
            self.refuse(&source.path, "a directory of this name is on the disc");
        }
        self.found.totals.files += 1;
        self.found.blocks += 1;
        Ok(())
    }

    fn fault(&mut self, path: &Path, failure: Failure) -> Outcome {
        let reason = failure.reason_at(path);
        self.unreadable(path, reason);
        Ok(())
    }
}
