//! The reading side of the second walk: reads each file to its end, and decides whether it is one state of
//! the file or is left out.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::hash::{DefaultHasher, Hasher};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

use oncefs::nodes::Attributes;
use oncefs::{Timestamp, holes};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, Statx};
use rustix::io::{Errno, pread};

use super::ahead::Outgoing;
use super::argument::{Content, Source};
use super::batch::{Destination, Event};
use super::found::{Found, attributes};
use super::own::OwnFiles;
use super::roll::{Call, Roll, name_of};
use super::sizes::Sizes;
use super::standing::Standing;
use super::state::State;
use super::status::{Key, key, may_be_sparse, status};
use super::unkept::Unkept;
use super::walk::Visitor;
use crate::failure::{Exit, Failure, Outcome, Refusal};
use crate::failure_kind::FailureKind;

/// Least bytes read from a file at once, except at its end.
const LEAST_PIECE: usize = 1 << 17;

/// Longest duration of a single write, in seconds.
const FRESH_SECONDS: u64 = 2;

/// How often to read a changing file again while nothing of it has gone to the disc.
const TRIES: u32 = 5;

/// Longest file, in bytes, to read once more after part of it has gone to the disc.
const CHEAP_BYTES: u64 = 4 << 20;

/// How long to wait for a pipe at a time.
const PATIENCE: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 100_000_000,
};

/// The visitor that reads files.
pub struct Reader {
    out: Outgoing,
    now: Timestamp,
    /// Attributes of a file from a descriptor.
    content: Attributes,
    /// The first file that cannot be recorded unchanged ends the walk.
    all_or_nothing: bool,
    own: OwnFiles,
    /// Files of the disc itself that were found.
    own_met: Vec<String>,
    unkept: Unkept,
    sizes: Sizes,
    standing: Standing,
    /// Files with several names that have been read.
    links: HashSet<Key>,
    /// The names found by the first walk.
    call: Call,
    /// The fault of the current file.
    trouble: Option<Failure>,
    /// The hash of a file that was changed just before it was read.
    sum: Option<DefaultHasher>,
    depth: usize,
}

impl Reader {
    /// A reader that sends to `out`. Files from descriptors get `content`, and new files its time.
    pub fn new(out: Outgoing, content: Attributes, own: OwnFiles, roll: Roll, all_or_nothing: bool) -> Self {
        Self {
            out,
            now: content.changed,
            content,
            all_or_nothing,
            own,
            own_met: Vec::new(),
            unkept: Unkept::default(),
            sizes: Sizes::default(),
            standing: Standing::default(),
            links: HashSet::new(),
            call: roll.call(),
            trouble: None,
            sum: None,
            depth: 0,
        }
    }

    /// Lets the working directory of the thread follow the walk.
    pub fn stand(&mut self, standing: Standing) {
        self.standing = standing;
    }

    /// Ends the reading: sends what is left, and the result of the walk.
    pub fn finish(self, walked: Outcome) {
        let Self {
            out, own_met, unkept, ..
        } = self;
        out.finish([Event::Ended {
            walked,
            own: own_met,
            unkept,
        }]);
    }

    fn place(&self, found: &Found<'_>) -> Outcome<Destination> {
        let name = match found.target_name.map(|name| name.to_str()) {
            None => None,
            Some(Some(name)) => Some(name.to_owned()),
            Some(None) => return Err(Failure::failed("the name is not UTF-8").at(found.path.display())),
        };
        let named = (self.depth == 0).then(|| found.path.to_owned());
        Ok(Destination { named, name })
    }

    /// The key of a file with several names, and whether it was read before.
    fn link(&mut self, status: &Statx) -> (Option<Key>, bool) {
        if status.stx_nlink < 2 {
            return (None, false);
        }
        let key = key(status);
        (Some(key), !self.links.insert(key))
    }

    /// Leaves out names of a directory that have disappeared.
    fn gone(&mut self, directory: Option<&Path>, names: Vec<Vec<u8>>) -> Outcome {
        for name in names {
            let path = directory.unwrap_or(Path::new("")).join(OsStr::from_bytes(&name));
            self.fault(&path, Failure::failed("it was removed before it was read"))?;
        }
        Ok(())
    }

    /// Skips a file of the disc itself.
    fn pass_over(&mut self, found: &Found<'_>) {
        self.own_met.push(found.path.to_string_lossy().into_owned());
    }

    /// Reads a file, and again if it changed meanwhile and that is cheap.
    fn file(&mut self, found: &Found<'_>) -> Outcome {
        if self.own.has_name(found) {
            self.pass_over(found);
            return Ok(());
        }
        for tries in 1.. {
            let is_worth_another = match self.seen_empty(found) {
                Some(seen) => self.empty(found, &seen).map(|()| false),
                None => self.read_once(found, tries),
            };
            if !is_worth_another? {
                break;
            }
            std::thread::sleep(Duration::from_millis(1 << tries));
        }
        Ok(())
    }

    /// The status of a file for which one check is enough: it was empty before and still is. A file that the
    /// user named may be of any kind, and must be opened.
    /// and is opened to be known.
    fn seen_empty(&mut self, found: &Found<'_>) -> Option<Statx> {
        if self.depth == 0 || !self.call.was_empty() {
            return None;
        }
        let seen = found.status().ok()?;
        let is_empty = FileType::from_raw_mode(seen.stx_mode.into()) == FileType::RegularFile
            && seen.stx_size == 0
            && self.sizes.are_true(&seen, found.directory);
        is_empty.then_some(seen)
    }

    /// Sends an empty file.
    fn empty(&mut self, found: &Found<'_>, seen: &Statx) -> Outcome {
        if self.own.has(seen) {
            self.pass_over(found);
            return Ok(());
        }
        let place = match self.place(found) {
            Ok(place) => place,
            Err(failure) => return self.fault(found.path, failure),
        };
        let (key, known) = self.link(seen);
        if let Some(key) = key.filter(|_| known) {
            return self.out.push(Event::Link { place, key });
        }
        let is_here = self.standing.go_to(found.directory);
        self.unkept.look_at(found, is_here);
        self.out
            .announce(place, attributes(seen, self.now), Some(0), 0, key)?;
        self.out.push(Event::End { length: 0 })
    }

    /// Reads a file; returns whether another try is worth it.
    fn read_once(&mut self, found: &Found<'_>, tries: u32) -> Outcome<bool> {
        let opened = found
            .open_settled()
            .and_then(|opened| Ok((opened, self.place(found)?)));
        let ((file, before), place) = match opened {
            Ok(opened) => opened,
            Err(failure) if failure.kind == FailureKind::Changed && tries < TRIES => return Ok(true),
            Err(failure) => return self.fault(found.path, failure).map(|()| false),
        };
        if self.own.has(&before) {
            self.pass_over(found);
            return Ok(false);
        }
        let (key, known) = self.link(&before);
        if let Some(key) = key.filter(|_| known) {
            return self.out.push(Event::Link { place, key }).map(|()| false);
        }
        if tries == 1 {
            self.unkept.look(file.as_fd(), found.path);
        }
        let mark = self.out.mark()?;
        let torn = match self.whole(found.path, file.as_fd(), &before, place, key)? {
            Ok(length) => return self.out.push(Event::End { length }).map(|()| false),
            Err(torn) => torn,
        };
        if let Some(key) = key {
            self.links.remove(&key);
        }
        let is_in_memory = self.out.take_back(mark);
        let most = if is_in_memory { TRIES } else { 2 };
        let is_cheap = is_in_memory || before.stx_size <= CHEAP_BYTES;
        if torn.kind == FailureKind::Changed && is_cheap && tries < most {
            if !is_in_memory {
                self.out.push(Event::Torn { reason: None })?;
            }
            return Ok(true);
        }
        if is_in_memory || self.all_or_nothing {
            return self.fault(found.path, torn).map(|()| false);
        }
        let reason = Some(torn.reason_at(found.path));
        self.out.push(Event::Torn { reason }).map(|()| false)
    }

    /// Reads a file from start to end; returns its length, or why that is not one state of it.
    fn whole(
        &mut self,
        path: &Path,
        file: BorrowedFd<'_>,
        before: &Statx,
        place: Destination,
        key: Option<Key>,
    ) -> Outcome<Result<u64, Failure>> {
        let size = before.stx_size;
        let host = |error: Errno| Failure::host(path, error);
        let is_stated = self.sizes.are_true(before, file);
        let is_sparse = may_be_sparse(before) && size > 0;
        let data = match is_sparse.then(|| holes::data_bytes(file, size)) {
            None => size,
            Some(Ok(data)) => data,
            Some(Err(error)) => return Ok(Err(Failure::host(path, error))),
        };
        let stated = (is_stated || size > 0).then_some(size);
        let attributes = attributes(before, self.now);
        self.out.announce(place, attributes, stated, data, key)?;
        self.sum = is_fresh(before).then(DefaultHasher::new);
        let length = if is_stated && size == 0 {
            0
        } else if is_sparse {
            self.sparse(path, file, size)?
        } else {
            let stated = self.copy(path, file, 0, size)?;
            let goes_on = !is_stated && stated == size && self.trouble.is_none();
            if goes_on {
                self.copy(path, file, size, u64::MAX)?
            } else {
                stated
            }
        };
        if let Some(trouble) = self.trouble.take() {
            return Ok(Err(trouble));
        }
        if self.out.is_dropped() {
            // The reason is already reported.
            return Ok(Ok(length));
        }
        let after = match status(file) {
            Ok(after) => after,
            Err(error) => return Ok(Err(host(error))),
        };
        Ok(match State::of(before).difference(&State::of(&after)) {
            Some(difference) => Err(Failure::new(Exit::Failed, FailureKind::Changed, difference)),
            // A write that began before the first check and still goes on has already changed the times: only
            // reading again shows what it wrote.
            None if !self.is_same(file, size, is_sparse, length) => {
                let difference = "it was rewritten while it was read";
                Err(Failure::new(Exit::Failed, FailureKind::Changed, difference))
            }
            None if length < size && is_stated => Err(Failure::failed("it ends before its size")),
            None => Ok(length),
        })
    }

    /// Whether a file that was just changed reads the same again.
    fn is_same(&mut self, file: BorrowedFd<'_>, size: u64, is_sparse: bool, length: u64) -> bool {
        let Some(first) = self.sum.take() else {
            return true;
        };
        let mut again = DefaultHasher::new();
        let mut buffer = vec![0; LEAST_PIECE];
        let mut at = 0;
        while at < length {
            let part = if is_sparse {
                holes::next_data(file, at, size)
            } else {
                Ok(Some((at, length)))
            };
            let Ok(Some((start, end))) = part else { break };
            // The host may report data after the end of the file.
            let end = end.min(length);
            at = start;
            while at < end {
                let want = usize::try_from(end - at).unwrap_or(LEAST_PIECE).min(LEAST_PIECE);
                match filled(file, at, &mut buffer[..want]) {
                    Ok(got @ 1..) => {
                        again.write(&buffer[..got]);
                        at += got as u64;
                    }
                    _ => return false,
                }
            }
        }
        first.finish() == again.finish()
    }

    /// Reads the parts that contain data, and leaves holes between them.
    fn sparse(&mut self, path: &Path, file: BorrowedFd<'_>, size: u64) -> Outcome<u64> {
        let mut at = 0;
        loop {
            let (start, end) = match holes::next_data(file, at, size) {
                Ok(Some(part)) => part,
                Ok(None) => return Ok(size),
                Err(error) => {
                    self.trouble = Some(Failure::host(path, error));
                    return Ok(at);
                }
            };
            at = self.copy(path, file, start, end)?;
            if at < end {
                return Ok(at);
            }
        }
    }

    /// Reads from byte `at` to `end`, or to where the file now ends or fails; returns the position reached.
    fn copy(&mut self, path: &Path, file: BorrowedFd<'_>, mut at: u64, end: u64) -> Outcome<u64> {
        while at < end && !self.out.is_dropped() {
            let left = usize::try_from(end - at).unwrap_or(usize::MAX);
            let room = self.out.room();
            if room < left.min(LEAST_PIECE) {
                self.out.flush()?;
                continue;
            }
            self.out.require_open()?;
            // Pieces end at block boundaries of the disc.
            let want = if left <= room { left } else { room - room % 2048 };
            let sum = &mut self.sum;
            let read = |buffer: &mut [u8]| -> rustix::io::Result<usize> {
                let got = filled(file, at, buffer)?;
                sum.iter_mut().for_each(|sum| sum.write(&buffer[..got]));
                Ok(got)
            };
            match self.out.fill(at, want, read) {
                Ok(got) => {
                    at += got as u64;
                    if got < want {
                        break;
                    }
                }
                Err(error) => {
                    self.trouble = Some(Failure::host(path, error));
                    break;
                }
            }
        }
        Ok(at)
    }

    /// Reads from a descriptor to its end.
    fn stream(&mut self, path: &Path, file: BorrowedFd<'_>) -> Outcome<u64> {
        let mut at = 0;
        while !self.out.is_dropped() {
            if self.out.room() < LEAST_PIECE {
                self.out.flush()?;
            }
            self.out.require_open()?;
            let mut watched = [PollFd::from_borrowed_fd(file, PollFlags::IN)];
            match poll(&mut watched, Some(&PATIENCE)) {
                Ok(0) | Err(Errno::INTR) => continue,
                // Read what cannot be polled.
                Ok(_) | Err(_) => {}
            }
            let room = self.out.room();
            match self
                .out
                .fill(at, room - room % 2048, |buffer| rustix::io::read(file, buffer))
            {
                Ok(0) => return Ok(at),
                Ok(got) => at += got as u64,
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(error) => {
                    self.trouble = Some(Failure::host(path, error));
                    return Ok(at);
                }
            }
        }
        Ok(at)
    }
}

impl Visitor for Reader {
    fn meet(&mut self, found: &Found<'_>) -> Outcome {
        let gone = self.call.meet(name_of(found));
        if gone.is_empty() {
            return Ok(());
        }
        self.gone(found.path.parent(), gone)
    }

    fn enter(&mut self, found: &Found<'_>) -> Outcome<bool> {
        self.out.require_open()?;
        let looked = found.status().and_then(|status| Ok((self.place(found)?, status)));
        let (place, status) = match looked {
            Ok(looked) => looked,
            Err(failure) => return self.fault(found.path, failure).map(|()| false),
        };
        if let Some(directory) = found.opened {
            self.unkept.look(directory, found.path);
        }
        let attributes = attributes(&status, self.now);
        self.out.push(Event::Enter { place, attributes })?;
        self.call.enter();
        self.standing.moves_on();
        self.depth += 1;
        Ok(true)
    }

    fn visit(&mut self, found: &Found<'_>) -> Outcome {
        self.out.require_open()?;
        if found.kind == FileType::RegularFile {
            return self.file(found);
        }
        let looked = found.status().and_then(|status| {
            let kind = found.disc_kind(&status);
            let kind = kind.ok_or_else(|| Failure::failed("a kind of file that UDF does not have"))?;
            Ok((self.place(found)?, status, kind, found.link_target()?))
        });
        let (place, status, kind, target) = match looked {
            Ok(looked) => looked,
            Err(failure) => return self.fault(found.path, failure),
        };
        let (key, known) = self.link(&status);
        if let Some(key) = key.filter(|_| known) {
            return self.out.push(Event::Link { place, key });
        }
        self.out.push(Event::Other {
            place,
            attributes: attributes(&status, self.now),
            kind,
            target,
            key,
        })
    }

    fn content(&mut self, source: &Source, content: &Content) -> Outcome {
        let file = match content.open() {
            Ok(file) => file,
            Err(error) => return self.fault(&source.path, Failure::host(&source.path, error)),
        };
        // Reading the growing image would never end.
        if status(file.as_fd()).is_ok_and(|status| self.own.has(&status)) {
            self.own_met.push(source.path.to_string_lossy().into_owned());
            return Ok(());
        }
        let name = source.name.as_ref().and_then(|name| name.to_str());
        let place = Destination {
            named: Some(source.path.clone()),
            name: name.map(str::to_owned),
        };
        self.out.announce(place, self.content, None, 0, None)?;
        let length = self.stream(&source.path, file.as_fd())?;
        match self.trouble.take() {
            None => self.out.push(Event::End { length }),
            Some(failure) if self.all_or_nothing => Err(failure),
            Some(failure) => {
                let reason = Some(failure.reason_at(&source.path));
                self.out.push(Event::Torn { reason })
            }
        }
    }

    fn leave(&mut self, path: &Path) -> Outcome {
        let gone = self.call.leave();
        self.gone(Some(path), gone)?;
        self.standing.moves_on();
        self.depth -= 1;
        self.out.push(Event::Leave)
    }

    fn fault(&mut self, path: &Path, failure: Failure) -> Outcome {
        if self.all_or_nothing {
            return Err(failure.at(path.display()));
        }
        self.out.push(Event::Missing(Refusal {
            path: path.to_string_lossy().into_owned(),
            reason: failure.reason_at(path),
        }))
    }
}

/// Whether a file was changed so recently that a single write may still go on.
fn is_fresh(status: &Statx) -> bool {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::RealtimeCoarse);
    status.stx_size > 0 && status.stx_ctime.tv_sec.abs_diff(now.tv_sec) <= FRESH_SECONDS
}

/// Reads until the buffer is full or the file ends.
fn filled(file: BorrowedFd<'_>, at: u64, buffer: &mut [u8]) -> rustix::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match pread(file, &mut buffer[filled..], at + filled as u64) {
            Ok(0) => break,
            Ok(got) => filled += got,
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
