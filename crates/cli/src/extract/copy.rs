//! Copies files one by one. A failed file is reported, and the others are still copied.

mod write;

use std::collections::HashMap;
use std::fs::File;
use std::ops::Range;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::rc::Rc;

use indicatif::ProgressBar;
use oncefs::RecordedAddress;
use oncefs::nodes::{Body, CopyError, Copying, Node, NodeKind, Volume};
use rustix::io::Errno;
use serde::Serialize;

use super::attributes::{Caller, Wanted};
use super::witness::{Beside, Done, From, Witness};
use super::{host, left, names};
use crate::descent::Descent;
use crate::failure::{Context, Exit, Failure, Outcome};
use crate::failure_kind::FailureKind;
use crate::interrupt::Interrupt;
use crate::missing::{self, Missing};
use crate::rescue::{Map, Version};
use crate::streams::{self, Stream, beside};
use crate::tree::{Entry, Step, Tree};

/// Bytes copied at once.
const CHUNK: usize = 1 << 20;
/// The most names that are tried for a version of a file.
const MOST_NAMES: u32 = 1000;

/// What was copied.
#[derive(Debug, Default, Serialize)]
pub struct Copied {
    /// Directories.
    pub directories: u64,
    /// Regular files, each once whatever the number of its names.
    pub files: u64,
    /// Links, pipes, sockets, devices.
    pub others: u64,
    /// Named streams.
    pub streams: u64,
    /// Bytes of data, holes left out.
    pub bytes: u64,
    /// Files that could not be copied.
    pub failed: u64,
}

/// Copies below one directory of the host.
pub struct Copier<'a> {
    volume: &'a mut Volume,
    top: OwnedFd,
    force: bool,
    streams: bool,
    fill: bool,
    reverse: bool,
    shortens: bool,
    /// Whether only versions beside files that were copied before are copied.
    only_versions: bool,
    map: Option<&'a mut Map>,
    witness: Option<&'a mut dyn Witness>,
    /// The top below the directory of the map.
    base: Option<String>,
    bar: ProgressBar,
    /// Reports why a file was not copied.
    complain: &'a dyn Fn(&Failure),
    interrupt: &'a Interrupt,
    /// The path from the top to the directory being copied; `None` is the top.
    way: Option<Rc<Way>>,
    /// The directories of the host being filled, and the attributes that each gets when it is complete.
    descent: Descent,
    wanted: Vec<Option<Wanted>>,
    caller: Caller,
    /// The prefix of temporary names, and how many were used: each is unique.
    begins: String,
    begun: u64,
    /// Where the first name of each file with several was copied to.
    links: HashMap<RecordedAddress, First>,
    copied: Copied,
    worst: Option<Exit>,
    beyond: Option<Beyond<'a>>,
}

/// The question asked once before more bytes are copied than the disc has.
struct Beyond<'a> {
    recorded: u64,
    ask: Ask<'a>,
}

/// Called with the total of bytes to copy.
type Ask<'a> = Box<dyn FnOnce(&mut Volume, u64) -> Outcome + 'a>;

/// A directory below the top, by its name in the one above: a deep path takes no more memory than its names.
struct Way {
    above: Option<Rc<Way>>,
    name: String,
}

impl Way {
    /// The names from the top down.
    fn names(way: Option<&Self>) -> Vec<&str> {
        let mut names = Vec::new();
        let mut way = way;
        while let Some(Self { above, name }) = way {
            names.push(name.as_str());
            way = above.as_deref();
        }
        names.reverse();
        names
    }
}

impl Drop for Way {
    /// Drops one link after another: dropping the chain recursively needs a stack as deep as the chain.
    fn drop(&mut self) {
        let mut above = self.above.take();
        while let Some(mut way) = above.and_then(Rc::into_inner) {
            above = way.above.take();
        }
    }
}

/// The first name of a file with several.
struct First {
    /// Its directory.
    way: Option<Rc<Way>>,
    /// Its name there.
    name: String,
    /// The file that was created there; its name may belong to another one now.
    identity: host::Identity,
    /// What of it could not be read, which its other names lack too.
    missing: Vec<Range<u64>>,
    /// The better version that it is.
    kept: Option<(Version, u64)>,
}

/// A node that was copied.
#[derive(Default)]
struct Put {
    /// What of it could not be read.
    missing: Missing,
    /// Whether it is another name of a file that was copied before, whose failure is reported.
    is_link: bool,
    /// The better version that an earlier run left in its place, and its bytes.
    kept: Option<(Version, u64)>,
}

impl Put {
    fn new(missing: Missing) -> Self {
        Self {
            missing,
            ..Self::default()
        }
    }

    fn judge(self, name: &str) -> Outcome {
        if self.is_link {
            Ok(())
        } else {
            self.missing.judge(name)
        }
    }
}

impl<'a> Copier<'a> {
    /// A copier below `top`.
    pub fn new(
        volume: &'a mut Volume,
        top: OwnedFd,
        force: bool,
        bar: ProgressBar,
        interrupt: &'a Interrupt,
        complain: &'a dyn Fn(&Failure),
    ) -> Self {
        Self {
            volume,
            top,
            force,
            streams: false,
            fill: false,
            reverse: false,
            shortens: false,
            only_versions: false,
            map: None,
            witness: None,
            base: None,
            bar,
            complain,
            interrupt,
            way: None,
            descent: Descent::default(),
            wanted: Vec::new(),
            caller: Caller::of_process(),
            begins: format!(".oncefs-{}-", std::process::id()),
            begun: 0,
            links: HashMap::new(),
            copied: Copied::default(),
            worst: None,
            beyond: None,
        }
    }

    /// The same, but asks once more than `recorded` bytes are copied: then files of the disc share blocks.
    /// `ask` gets the total.
    pub fn asking_beyond(
        mut self,
        recorded: u64,
        ask: impl FnOnce(&mut Volume, u64) -> Outcome + 'a,
    ) -> Self {
        self.beyond = Some(Beyond {
            recorded,
            ask: Box::new(ask),
        });
        self
    }

    /// The same, but copies named streams too if `streams` is set.
    pub fn with_streams(mut self, streams: bool) -> Self {
        self.streams = streams;
        self
    }

    /// The same, but keeps files of which a part cannot be read, with zeros in its place, if `fill` is set.
    pub fn filling(mut self, fill: bool) -> Self {
        self.fill = fill;
        self
    }

    /// The same, but reads each file from its end to its start if `reverse` is set.
    pub fn reversing(mut self, reverse: bool) -> Self {
        self.reverse = reverse;
        self
    }

    /// The same, but gives a shorter name to what has too long a name for the host, if `shortens` is set.
    pub fn shortening(mut self, shortens: bool) -> Self {
        self.shortens = shortens;
        self
    }

    /// From here on copies only the versions that the witness wants beside files that were copied before:
    /// only now it is known which names the files of the disc have.
    pub fn begin_versions(&mut self) {
        self.only_versions = true;
        if let Some(witness) = &mut self.witness {
            witness.begin_versions();
        }
    }

    /// The same, but completes files of the host that an earlier run left, by its map of the disc.
    pub fn with_map(mut self, map: Option<&'a mut Map>) -> Self {
        self.map = map;
        self
    }

    /// The same, but the top is this directory below the one that the map is about.
    pub fn below_map(mut self, base: Option<&str>) -> Self {
        self.base = base.map(str::to_owned);
        self
    }

    /// The same, with a witness.
    pub fn with_witness(mut self, witness: &'a mut dyn Witness) -> Self {
        self.witness = Some(witness);
        self
    }

    /// What `look` finds in the volume.
    pub fn look_at<T>(&mut self, look: impl FnOnce(&mut Volume) -> T) -> T {
        look(self.volume)
    }

    /// What was copied, and the exit code of the worst failure.
    pub fn finish(self) -> (Copied, Option<Exit>) {
        self.bar.finish_and_clear();
        (self.copied, self.worst)
    }

    /// Copies a node to `name`; without a name, the contents of a directory, with its own attributes if
    /// `is_made`.
    pub fn copy(&mut self, node: &Node, name: Option<&str>, path: &str, is_made: bool) -> Outcome {
        let top = self.top.try_clone().map_err(Failure::failed)?;
        match name {
            Some(name) => {
                self.go_down(top, None)?;
                let entered = self.one(node, name, path).at(path);
                if !self.settle(entered)?.unwrap_or(false) {
                    self.go_up();
                    return Ok(());
                }
            }
            None => {
                self.copy_streams(node, top.as_fd(), "", path)?;
                self.go_down(top, is_made.then(|| Wanted::new(node, self.caller)))?;
            }
        }
        self.below(node, path)?;
        self.leave()?;
        if name.is_some() {
            self.go_up();
        }
        Ok(())
    }

    /// Copies a node to `name` in a directory below the top, which is created if it is missing.
    pub fn copy_into(&mut self, directory: &str, node: &Node, name: &str, path: &str) -> Outcome {
        names::check(directory)?;
        let top = self.top.try_clone().map_err(Failure::failed)?;
        let below = self.enter(top.as_fd(), directory)?;
        self.go_down(top, None)?;
        self.go_down(below, None)?;
        self.way = Some(Rc::new(Way {
            above: self.way.take(),
            name: directory.to_owned(),
        }));
        let (name, path) = self.fitting(name.to_owned(), path.to_owned());
        let entered = self.one(node, &name, &path).at(&path);
        if self.settle(entered)?.unwrap_or(false) {
            self.below(node, &path)?;
            self.leave()?;
        }
        self.leave()?;
        self.go_up();
        Ok(())
    }

    fn go_down(&mut self, directory: OwnedFd, wanted: Option<Wanted>) -> Outcome {
        self.descent.push(directory).map_err(host_failure)?;
        self.wanted.push(wanted);
        Ok(())
    }

    /// The directory to leave, and its attributes.
    fn go_up(&mut self) -> Option<(Rc<OwnedFd>, Wanted)> {
        let wanted = self.wanted.pop().flatten();
        self.descent.pop().zip(wanted)
    }

    /// Copies the contents of a directory; the caller ends it.
    fn below(&mut self, node: &Node, path: &str) -> Outcome {
        let depth = self.wanted.len();
        let mut tree = Tree::new(node.clone(), path);
        while let Some(step) = tree.step(self.volume) {
            self.interrupt.check()?;
            match step {
                Ok(Step::Entry(entry)) => {
                    let node = entry.node(self.volume);
                    if self.only_versions && node.is_err() {
                        continue;
                    }
                    if let (Some(witness), Err(failure)) = (&mut self.witness, &node) {
                        witness.failed(&entry.path, None, failure);
                    }
                    let Some(node) = self.settle(node)? else { continue };
                    let Entry { path, name, .. } = entry;
                    let (name, path) = self.fitting(name, path);
                    let entered = self.one(&node, &name, &path).at(&path);
                    if self.settle(entered)?.unwrap_or(false) {
                        tree.enter(node, &path);
                    }
                }
                Ok(Step::Leave) if self.wanted.len() > depth => self.leave()?,
                Ok(Step::Leave) => {}
                // It was reported.
                Err(_) if self.only_versions => {}
                Err(failure) => {
                    if let Some(witness) = &mut self.witness {
                        witness.failed(failure.named().unwrap_or(path), None, &failure);
                    }
                    self.settle::<()>(Err(failure))?;
                }
            }
        }
        Ok(())
    }

    /// A name that the host takes, and the path that ends with it.
    fn fitting(&mut self, name: String, path: String) -> (String, String) {
        let Some(shorter) = names::shortened(&name).filter(|_| self.shortens) else {
            return (name, path);
        };
        let above = path.strip_suffix(&name).unwrap_or_default();
        let path = format!("{above}{shorter}");
        if let Some(witness) = self.witness.as_mut().filter(|_| !self.only_versions) {
            self.bar.suspend(|| witness.shortened(&name, &path));
        }
        (shorter, path)
    }

    /// Ends a directory: its times last once nothing is created in it any more.
    fn leave(&mut self) -> Outcome {
        if let Some((directory, wanted)) = self.go_up()
            && let Err(error) = wanted.set(directory.as_fd())
        {
            let path = Way::names(self.way.as_deref()).join("/");
            self.settle::<()>(Err(host_failure(error)).at(path))?;
        }
        self.way = self.way.take().and_then(|way| way.above.clone());
        Ok(())
    }

    /// Notes a failure that concerns one file; any other ends the command.
    fn settle<T>(&mut self, result: Outcome<T>) -> Outcome<Option<T>> {
        match result {
            Ok(done) => Ok(Some(done)),
            Err(failure) if ends_extracting(failure.kind) => Err(failure),
            Err(failure) => {
                self.bar.suspend(|| (self.complain)(&failure));
                self.copied.failed += 1;
                self.worst = self.worst.max(Some(failure.exit));
                Ok(None)
            }
        }
    }

    /// Copies one node, and tells the witness. Returns whether it entered a directory.
    fn one(&mut self, node: &Node, name: &str, path: &str) -> Outcome<bool> {
        if let Some(witness) = &mut self.witness
            && !witness.wants(self.volume, path, node)
        {
            return Ok(false);
        }
        if self.only_versions && node.kind != NodeKind::Directory {
            self.versions(node, name, path)?;
            return Ok(false);
        }
        let version = self.version_of(node);
        let put = self.put(node, name, path, version);
        self.tell(node, path, version, From::Node, &put);
        match put? {
            None => Ok(true),
            Some(put) => {
                put.judge(name)?;
                Ok(false)
            }
        }
    }

    /// Which version a node is; `None` without a witness.
    fn version_of(&mut self, node: &Node) -> Option<Version> {
        let witness = self.witness.as_mut()?;
        Some(witness.version(self.volume, node))
    }

    /// Tells the witness what became of a node that is no directory.
    fn tell(
        &mut self,
        node: &Node,
        path: &str,
        version: Option<Version>,
        from: From,
        put: &Outcome<Option<Put>>,
    ) {
        let (Some(witness), Some(version)) = (&mut self.witness, version) else {
            return;
        };
        match put {
            Ok(None) => {}
            Ok(Some(put)) => {
                let (is_kept, (version, size)) = match put.kept {
                    Some(kept) => (true, kept),
                    None => (false, (version, node.size())),
                };
                let from = if is_kept { From::EarlierRun } else { from };
                let missing = &put.missing.ranges();
                witness.copied(
                    path,
                    &Done {
                        version,
                        size,
                        missing,
                        from,
                    },
                );
            }
            Err(failure) if ends_extracting(failure.kind) => {}
            Err(failure) => witness.failed(path, Some((node, version)), failure),
        }
    }

    /// Copies the other versions of a node that the witness wants, each beside it.
    fn versions(&mut self, node: &Node, name: &str, path: &str) -> Outcome {
        let Some(witness) = &mut self.witness else {
            return Ok(());
        };
        for Beside { end, node, version } in witness.versions(self.volume, node) {
            if node.kind != NodeKind::File {
                continue;
            }
            let put = self.beside(&node, name, &end, version);
            let (of_host, put) = match put {
                Ok((of_host, put)) => (of_host, Ok(Some(put))),
                Err(failure) => (names::with_end(name, &end), Err(failure)),
            };
            let path = format!("{}{of_host}", path.strip_suffix(name).unwrap_or(path));
            self.tell(&node, &path, Some(version), From::Beside, &put);
            let judged = put.and_then(|put| put.map_or(Ok(()), |put| put.judge(name)));
            self.settle(judged.at(&path))?;
        }
        Ok(())
    }

    /// Copies a version of a file, and returns its name.
    fn beside(&mut self, node: &Node, name: &str, end: &str, version: Version) -> Outcome<(String, Put)> {
        let parent = self.descent.lowest().map_err(host_failure)?;
        let wanted = Wanted::new(node, self.caller);
        for number in 1..=MOST_NAMES {
            let name = match number {
                1 => names::with_end(name, end),
                _ => names::with_end(name, &format!("{end}~{number}")),
            };
            names::check(&name)?;
            if self.is_of_other(node, parent.as_fd(), &name, &wanted, version)? {
                continue;
            }
            let put = self.file(node, parent.as_fd(), &name, &wanted, Some(version))?;
            self.copied.files += u64::from(put.missing.is_empty());
            return Ok((name, put));
        }
        Err(host_failure(Errno::EXIST))
    }

    /// Copies one node; `None` if it entered a directory.
    fn put(&mut self, node: &Node, name: &str, path: &str, version: Option<Version>) -> Outcome<Option<Put>> {
        names::check(name)?;
        let moved = |_| Failure::failed("its directory was moved away on the host");
        let parent = self.descent.lowest().map_err(moved)?;
        if node.kind == NodeKind::Directory {
            self.copy_streams(node, parent.as_fd(), name, path)?;
            let directory = self.enter(parent.as_fd(), name)?;
            self.go_down(directory, Some(Wanted::new(node, self.caller)))?;
            self.way = Some(Rc::new(Way {
                above: self.way.take(),
                name: name.to_owned(),
            }));
            self.copied.directories += u64::from(!self.only_versions);
            return Ok(None);
        }
        if node.entry.file_link_count > 1
            && let Some(put) = self.link(node, parent.as_fd(), name, version)?
        {
            return Ok(Some(put));
        }
        let put = match node.kind {
            NodeKind::File => {
                let wanted = Wanted::new(node, self.caller);
                let put = self.file(node, parent.as_fd(), name, &wanted, version)?;
                self.copied.files += u64::from(put.missing.is_empty());
                put
            }
            _ => self.special(node, parent.as_fd(), name, version)?,
        };
        if node.entry.file_link_count > 1 {
            // Only now: until the copy succeeds, the name may belong to another file.
            let first = First {
                way: self.way.clone(),
                name: name.to_owned(),
                identity: host::identity(parent.as_fd(), name).map_err(host_failure)?,
                missing: put.missing.ranges(),
                kept: put.kept,
            };
            self.links.insert(node.address, first);
        }
        self.copy_streams(node, parent.as_fd(), name, path)?;
        Ok(Some(put))
    }

    /// Makes another name for a file that was copied before; `None` if it was not.
    fn link(
        &mut self,
        node: &Node,
        parent: BorrowedFd<'_>,
        name: &str,
        version: Option<Version>,
    ) -> Outcome<Option<Put>> {
        let Some(first) = self.links.get(&node.address) else {
            return Ok(None);
        };
        let put = Put {
            missing: Missing::of(first.missing.clone()),
            is_link: true,
            kept: first.kept,
        };
        let first_key = self.key_in(first.way.as_deref(), &first.name);
        let key = self.key(name);
        let is_linked = self.link_to(first, parent, name, &key, version)?;
        if let Some(map) = self.map.as_mut().filter(|_| is_linked) {
            map.note_link(&first_key, &key)?;
        }
        Ok(is_linked.then_some(put))
    }

    /// Copies the streams of a node, if requested, each to a file next to it.
    fn copy_streams(&mut self, node: &Node, parent: BorrowedFd<'_>, name: &str, path: &str) -> Outcome {
        if !self.streams {
            return Ok(());
        }
        let (streams, failures) = streams::of(self.volume, node, path);
        for stream in streams {
            let path = beside(path, &stream.name);
            let copied = self
                .stream(&stream, node, parent, &beside(name, &stream.name))
                .at(path);
            self.settle(copied)?;
        }
        for failure in failures {
            self.settle::<()>(Err(failure))?;
        }
        Ok(())
    }

    fn stream(&mut self, stream: &Stream, of: &Node, parent: BorrowedFd<'_>, name: &str) -> Outcome {
        names::check(name)?;
        let node = stream.node(self.volume)?;
        let put = self.file(&node, parent, name, &Wanted::of_stream(of, self.caller), None)?;
        put.judge(name)?;
        self.copied.streams += 1;
        Ok(())
    }

    /// Writes what is recorded, and leaves the rest as a hole. Returns what could not be read.
    fn body(&mut self, node: &Node, file: &File) -> Outcome<Missing> {
        let body = self.volume.body(node)?;
        let missing = self.ranges(&body, std::iter::once(0..body.len()), file)?;
        if self.reverse {
            let end = file.metadata().map_err(host_failure)?.len();
            file.set_len(end.max(body.len())).map_err(host_failure)?;
        }
        Ok(missing)
    }

    /// Writes what an earlier run could not read into the file that it left. Returns what is still missing.
    fn complete(&mut self, node: &Node, lacking: Vec<Range<u64>>, file: &File) -> Outcome<Missing> {
        if lacking.is_empty() {
            return Ok(Missing::default());
        }
        let body = self.volume.body(node)?;
        let inside = |range: Range<u64>| range.start..range.end.min(body.len());
        let lacking = lacking.into_iter().map(inside);
        self.ranges(&body, lacking, file)
    }

    /// The path of a file below the top.
    fn key(&self, name: &str) -> String {
        self.key_in(self.way.as_deref(), name)
    }

    fn key_in(&self, way: Option<&Way>, name: &str) -> String {
        let base = self.base.as_deref().into_iter();
        let names: Vec<&str> = base.chain(Way::names(way)).chain([name]).collect();
        names.join("/")
    }

    /// Copies ranges of a body, in order or from the last piece to the first.
    fn ranges(
        &mut self,
        body: &Body,
        ranges: impl DoubleEndedIterator<Item = Range<u64>>,
        file: &File,
    ) -> Outcome<Missing> {
        let mut missing = Missing::default();
        if self.reverse {
            for range in ranges.rev() {
                let mut end = range.end;
                while end > range.start {
                    let start = range.start.max((end - 1) / CHUNK as u64 * CHUNK as u64);
                    self.range(body, start..end, file, &mut missing)?;
                    end = start;
                }
            }
        } else {
            for range in ranges {
                self.range(body, range, file, &mut missing)?;
            }
        }
        Ok(missing)
    }

    fn range(&mut self, body: &Body, range: Range<u64>, file: &File, missing: &mut Missing) -> Outcome {
        let block = self.volume.block_size().bytes().into();
        let mut copying = Copying::new(file, range.start).map_err(host_failure)?;
        while copying.at() < range.end {
            self.interrupt.check()?;
            let most = usize::try_from(range.end - copying.at()).unwrap_or(CHUNK);
            let most = missing.pace(most.min(CHUNK));
            let copied = self.volume.copy_piece(body, &mut copying, most);
            self.interrupt.check()?;
            match copied {
                Ok(0) => break,
                Ok(copied) => {
                    missing.go_on();
                    self.count(copied)?;
                }
                Err(CopyError::Write(error)) => return Err(host_failure(error)),
                Err(CopyError::Read(error)) => {
                    let failure = Failure::from(error);
                    if failure.exit != Exit::Damaged {
                        return Err(failure);
                    }
                    if !self.fill {
                        return Err(failure.hint(missing::HINT));
                    }
                    copying.skip_to(missing.add(copying.at(), block, body.len()));
                }
            }
        }
        copying.finish().map_err(host_failure)
    }

    /// Counts copied bytes.
    fn count(&mut self, bytes: usize) -> Outcome {
        self.bar.inc(bytes as u64);
        self.copied.bytes += bytes as u64;
        let copied = self.copied.bytes;
        match self.beyond.take_if(|beyond| copied > beyond.recorded) {
            Some(beyond) => (beyond.ask)(self.volume, copied),
            None => Ok(()),
        }
    }
}

fn host_failure(error: impl Into<std::io::Error>) -> Failure {
    let error = error.into();
    let is_full = [Errno::NOSPC, Errno::DQUOT]
        .iter()
        .any(|full| error.raw_os_error() == Some(full.raw_os_error()));
    Failure::new(
        Exit::Failed,
        if is_full {
            FailureKind::NoRoom
        } else {
            FailureKind::Io
        },
        error,
    )
}

/// Whether no further file can be copied after such a failure.
fn ends_extracting(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::Drive | FailureKind::Interrupted | FailureKind::NoRoom
    )
}
