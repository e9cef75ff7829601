//! The second walk: everything goes to the disc. A thread reads ahead, this one records.
//!
//! What is recorded of each file is whole, or its name is taken back before anything is committed.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use ecma167::general::Timestamp;
use ecma167::{BLOCK_SIZE, LogicalSector};
use indicatif::ProgressBar;
use recording::{Attributes, Changes, Error, Kind, NodeId, Recording};

use super::ahead::{Batches, Next, pipe};
use super::batch::{Batch, Event, Place};
use super::found::Key;
use super::read::Reader;
use super::roll::Roll;
use super::{Selection, Totals, Unkept, walk};
use crate::confirm::Answer;
use crate::failure::{Failure, Outcome, Refusal};
use crate::interrupt::Interrupt;

/// Blocks that are kept free beside a file that is recorded, so that it can be taken back.
const TAKE_BACK_BLOCKS: u64 = 16;

/// What was recorded.
#[derive(Debug, Default)]
pub struct Recorded {
    /// What is whole.
    pub totals: Totals,
    /// What is not there, and why.
    pub left_out: Vec<Refusal>,
    /// Files of the disc itself, which were passed over.
    pub own: Vec<String>,
    /// Attributes that are not recorded.
    pub unkept: Unkept,
    /// The user stopped it before the end.
    pub interrupted: bool,
    /// The medium had no room for something.
    pub is_full: bool,
}

/// Where files are recorded.
pub struct Target<'a> {
    /// The volume.
    pub recording: &'a mut Recording,
    /// The directory that they are added to.
    pub directory: NodeId,
    /// Whether the user asked to stop.
    pub interrupt: &'a Interrupt,
    /// What a file gets that comes from a descriptor; its time is that of all that is new.
    pub content: Attributes,
    /// Asks the user who stopped it what is to become of what is whole.
    pub ask: &'a dyn Fn(&Totals) -> Outcome<Answer>,
    /// Commits in between.
    pub commits: &'a mut Commits,
}

/// Commits in between: when one is due, and what the last one made part of the volume.
#[derive(Debug, Default)]
pub struct Commits {
    /// After so many bytes.
    pub bytes: Option<u64>,
    /// After so much time.
    pub time: Option<Duration>,
    /// The VAT ICB of the last one.
    pub last: Option<LogicalSector>,
    /// What was recorded until then.
    pub totals: Totals,
}

impl Commits {
    fn is_due(&self, bytes: u64, since: Instant) -> bool {
        let recorded = bytes.saturating_sub(self.totals.bytes);
        self.bytes.is_some_and(|most| recorded >= most)
            || self
                .time
                .is_some_and(|most| recorded > 0 && since.elapsed() >= most)
    }
}

/// Adds all that is selected to a directory. What is on the `roll` and is not there any more is left out as what changes is.
pub fn record(selection: &Selection, roll: Roll, target: Target<'_>, bar: ProgressBar) -> Outcome<Recorded> {
    let (outgoing, batches) = pipe();
    let own = selection.own.keys();
    let mut reader = Reader::new(
        outgoing,
        target.content,
        own,
        roll,
        selection.options.all_or_nothing,
    );
    std::thread::scope(|scope| {
        let reading = std::thread::Builder::new().name("read ahead".into());
        let read = move || {
            let walked = walk(&selection.sources, &selection.exclude, &mut reader);
            reader.finish(walked);
        };
        reading
            .spawn_scoped(scope, read)
            .map_err(|error| Failure::failed(format_args!("no thread to read with: {error}")))?;
        // The batches go with it: where it fails, the thread that waits for them ends.
        Recorder::new(target, selection.options.all_or_nothing, bar).take_all(batches)
    })
}

/// The recording side.
struct Recorder<'a> {
    recording: &'a mut Recording,
    interrupt: &'a Interrupt,
    ask: &'a dyn Fn(&Totals) -> Outcome<Answer>,
    now: Timestamp,
    commits: &'a mut Commits,
    last_commit: Instant,
    all_or_nothing: bool,
    bar: ProgressBar,
    /// The directories from the top down.
    directories: Vec<Directory>,
    /// The path of the lowest, as the user would name it.
    path: PathBuf,
    /// Directories below the lowest whose events are passed over, since it could not be made.
    passed_over: usize,
    /// Nodes of the files that have several names.
    links: HashMap<Key, NodeId>,
    file: Option<File>,
    /// Files that were recorded beside another of their name, before they took its place.
    beside: u64,
    recorded: Recorded,
}

struct Directory {
    node: NodeId,
    /// The length of the path above it.
    above: Option<PathBuf>,
    /// Made by this command, so that nothing of the disc is in it.
    is_new: bool,
    /// Something was put into it since the last commit.
    is_touched: bool,
    /// What it gets when it is complete.
    attributes: Option<Attributes>,
}

/// The file that data come for.
struct File {
    node: NodeId,
    place: Place,
    attributes: Attributes,
    size: Option<u64>,
    key: Option<Key>,
    /// The name that it has until it is whole, where another file has its own.
    beside: Option<String>,
    /// The byte behind the last that came.
    end: u64,
    /// Bytes that came.
    bytes: u64,
}

/// Whether an error concerns one file, and others can still be recorded.
fn is_of_one_file(error: &Error) -> bool {
    matches!(
        error,
        Error::MediumFull { .. }
            | Error::NotFound
            | Error::Exists
            | Error::NotADirectory
            | Error::IsADirectory
            | Error::NotAFile
            | Error::NotEmpty
            | Error::TooManyLinks
            | Error::Name(_)
            | Error::Attribute(_)
            | Error::FileTooLarge
    )
}

impl<'a> Recorder<'a> {
    fn new(target: Target<'a>, all_or_nothing: bool, bar: ProgressBar) -> Self {
        Self {
            recording: target.recording,
            interrupt: target.interrupt,
            ask: target.ask,
            now: target.content.changed,
            commits: target.commits,
            last_commit: Instant::now(),
            all_or_nothing,
            bar,
            directories: vec![Directory {
                node: target.directory,
                above: None,
                is_new: false,
                is_touched: false,
                attributes: None,
            }],
            path: PathBuf::new(),
            passed_over: 0,
            links: HashMap::new(),
            file: None,
            beside: 0,
            recorded: Recorded::default(),
        }
    }

    fn take_all(mut self, batches: Batches) -> Outcome<Recorded> {
        loop {
            let mut batch = match batches.next() {
                Next::Batch(batch) => batch,
                Next::Nothing if self.stops()? => return self.stop(),
                Next::Nothing => continue,
                Next::End => break,
            };
            let events = std::mem::take(&mut batch.events);
            for event in events {
                if self.stops()? {
                    return self.stop();
                }
                self.take(event, &batch)?;
            }
            batches.give_back(batch);
        }
        self.bar.finish_and_clear();
        Ok(self.recorded)
    }

    /// Whether the user asked to stop, and means it.
    fn stops(&mut self) -> Outcome<bool> {
        if !self.interrupt.asked() {
            return Ok(false);
        }
        if self.all_or_nothing {
            return Err(Failure::interrupted());
        }
        let totals = self.recorded.totals;
        let answer = self.bar.suspend(|| (self.ask)(&totals));
        match answer? {
            Answer::GoOn => {
                self.interrupt.withdraw();
                Ok(false)
            }
            Answer::Commit => Ok(true),
            Answer::Abandon => Err(Failure::interrupted()),
        }
    }

    /// Takes back the file that is not whole, and leaves the directories as they are complete.
    fn stop(mut self) -> Outcome<Recorded> {
        self.recorded.interrupted = true;
        if let Some(file) = self.file.take() {
            self.take_back(&file)?;
        }
        while self.directories.len() > 1 {
            self.leave()?;
        }
        self.bar.finish_and_clear();
        Ok(self.recorded)
    }

    fn take(&mut self, event: Event, batch: &Batch) -> Outcome {
        if self.passed_over > 0 {
            match event {
                Event::Enter { .. } => self.passed_over += 1,
                Event::Leave => self.passed_over -= 1,
                Event::Missing(refusal) => self.recorded.left_out.push(refusal),
                ended @ Event::Ended { .. } => return self.ended(ended),
                _ => {}
            }
            return Ok(());
        }
        match event {
            Event::Enter { place, attributes } => {
                let entered = self.enter(&place, &attributes);
                if self.settle(entered, &place)?.is_none() {
                    self.passed_over = 1;
                }
                Ok(())
            }
            Event::Leave => self.leave(),
            Event::File {
                place,
                attributes,
                size,
                data,
                key,
            } => {
                let begun = self.begin(&place, &attributes, size.unwrap_or(0), data);
                if let Some((node, beside)) = self.settle(begun, &place)? {
                    self.file = Some(File {
                        node,
                        place,
                        attributes,
                        size,
                        key,
                        beside,
                        end: 0,
                        bytes: 0,
                    });
                }
                Ok(())
            }
            Event::Data { at, range } => self.data(at, batch.bytes.get(range).unwrap_or_default()),
            Event::End { length } => {
                let Some(file) = self.file.take() else {
                    return Ok(());
                };
                let ended = self.end(&file, length);
                if ended.as_ref().is_err_and(is_of_one_file) {
                    self.take_back(&file)?;
                }
                self.settle(ended, &file.place)?;
                self.commit_if_due()
            }
            Event::Torn { reason } => {
                let Some(file) = self.file.take() else {
                    return Ok(());
                };
                self.take_back(&file)?;
                if let Some(reason) = reason {
                    self.leave_out(&file.place, reason);
                }
                Ok(())
            }
            Event::Missing(refusal) => {
                self.recorded.left_out.push(refusal);
                Ok(())
            }
            Event::Other {
                place,
                attributes,
                kind,
                key,
            } => {
                let created = self.create(&place, &kind, &attributes, key);
                if self.settle(created, &place)?.is_some() {
                    self.recorded.totals.others += 1;
                }
                Ok(())
            }
            Event::Link { place, key } => {
                let linked = self.link(&place, key);
                self.settle(linked, &place).map(drop)
            }
            ended @ Event::Ended { .. } => self.ended(ended),
        }
    }

    fn ended(&mut self, ended: Event) -> Outcome {
        let Event::Ended { walked, own, unkept } = ended else {
            return Ok(());
        };
        (self.recorded.own, self.recorded.unkept) = (own, unkept);
        walked
    }

    fn top(&self) -> &Directory {
        // The target is never left.
        &self.directories[self.directories.len() - 1]
    }

    fn touch(&mut self) {
        if let Some(top) = self.directories.last_mut() {
            top.is_touched = true;
        }
    }

    fn path_of(&self, place: &Place) -> String {
        place.path(&self.path).display().to_string()
    }

    fn leave_out(&mut self, place: &Place, reason: String) {
        let path = self.path_of(place);
        self.recorded.left_out.push(Refusal { path, reason });
    }

    /// Notes an error that concerns one file, which is left out then; any other ends the recording.
    fn settle<T>(&mut self, result: Result<T, Error>, place: &Place) -> Outcome<Option<T>> {
        match result {
            Ok(done) => Ok(Some(done)),
            Err(error) if is_of_one_file(&error) && !self.all_or_nothing => {
                let reason = match error {
                    Error::MediumFull { .. } => {
                        self.recorded.is_full = true;
                        "the medium has no room for it".into()
                    }
                    error => error.to_string(),
                };
                self.leave_out(place, reason);
                Ok(None)
            }
            Err(error) => Err(Failure::from(error).at(self.path_of(place))),
        }
    }

    /// The node that has this name already.
    fn existing(&mut self, name: &str) -> Result<Option<NodeId>, Error> {
        let &Directory { node, is_new, .. } = self.top();
        if is_new {
            Ok(None)
        } else {
            self.recording.lookup(node, name)
        }
    }

    /// Makes room for a file, and the file. Where another has its name it stays until this one is whole.
    fn begin(
        &mut self,
        place: &Place,
        attributes: &Attributes,
        size: u64,
        data: u64,
    ) -> Result<(NodeId, Option<String>), Error> {
        let blocks = self.recording.blocks_of_file(size, data);
        self.recording.require(blocks + TAKE_BACK_BLOCKS)?;
        let parent = self.top().node;
        let name = place.name();
        let beside = match self.existing(name)? {
            Some(existing) if self.recording.is_directory(existing)? => return Err(Error::IsADirectory),
            Some(_) => Some(self.free_name(parent)?),
            None => None,
        };
        let new = beside.as_deref().unwrap_or(name);
        let node = self.recording.create(parent, new, &Kind::File, attributes)?;
        self.touch();
        Ok((node, beside))
    }

    fn free_name(&mut self, parent: NodeId) -> Result<String, Error> {
        loop {
            let name = format!("~{}", self.beside);
            self.beside += 1;
            if self.recording.lookup(parent, &name)?.is_none() {
                return Ok(name);
            }
        }
    }

    /// Makes a node without a body, in place of a file of the same name.
    fn create(
        &mut self,
        place: &Place,
        kind: &Kind,
        attributes: &Attributes,
        key: Option<Key>,
    ) -> Result<NodeId, Error> {
        let name = place.name();
        let parent = self.top().node;
        if self.existing(name)?.is_some() {
            self.recording.require(TAKE_BACK_BLOCKS)?;
            self.recording.unlink(parent, name)?;
        }
        let node = self.recording.create(parent, name, kind, attributes)?;
        if let Some(key) = key {
            self.links.insert(key, node);
        }
        self.touch();
        Ok(node)
    }

    /// One more name for a node.
    fn link(&mut self, place: &Place, key: Key) -> Result<(), Error> {
        let name = place.name();
        let parent = self.top().node;
        // Its first name may be left out.
        let node = self.links.get(&key).copied().ok_or(Error::NotFound)?;
        self.recording.require(TAKE_BACK_BLOCKS)?;
        match self.existing(name)? {
            Some(existing) if existing == node => return Ok(()),
            Some(_) => self.recording.unlink(parent, name)?,
            None => {}
        }
        self.touch();
        self.recording.link(node, parent, name)
    }

    fn enter(&mut self, place: &Place, attributes: &Attributes) -> Result<(), Error> {
        let existing = match &place.name {
            None => Some(self.top().node),
            Some(name) => self.existing(name)?,
        };
        let node = match existing {
            Some(node) if !self.recording.is_directory(node)? => return Err(Error::NotADirectory),
            Some(node) => node,
            None => self.create(place, &Kind::Directory, attributes, None)?,
        };
        self.recorded.totals.directories += 1;
        let above = match &place.named {
            Some(path) => Some(std::mem::replace(&mut self.path, path.clone())),
            None => {
                self.path.push(place.name());
                None
            }
        };
        self.directories.push(Directory {
            node,
            above,
            is_new: existing.is_none(),
            is_touched: false,
            attributes: Some(*attributes),
        });
        Ok(())
    }

    fn leave(&mut self) -> Outcome {
        let Some(directory) = self.directories.pop() else {
            return Ok(());
        };
        let complete = self.complete(&directory);
        let complete = complete.map_err(|error| Failure::from(error).at(self.path.display()));
        match directory.above {
            Some(path) => self.path = path,
            None => drop(self.path.pop()),
        }
        complete
    }

    /// Gives a directory its attributes, which what was put into it has moved.
    fn complete(&mut self, directory: &Directory) -> Result<(), Error> {
        let Some(attributes) = &directory.attributes else {
            return Ok(());
        };
        let changes = Changes {
            mode: Some(attributes.mode),
            uid: Some(attributes.uid),
            gid: Some(attributes.gid),
            ..times(attributes)
        };
        match self.recording.set_attributes(directory.node, &changes) {
            // Its attributes were given to it when it was made.
            Err(Error::MediumFull { .. }) if directory.is_new && !self.all_or_nothing => Ok(()),
            done => done,
        }
    }

    fn data(&mut self, at: u64, bytes: &[u8]) -> Outcome {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        file.end = at + bytes.len() as u64;
        file.bytes += bytes.len() as u64;
        let (node, is_last) = (file.node, file.size.is_some_and(|size| file.end >= size));
        self.bar.inc(bytes.len() as u64);
        let blocks = (bytes.len() as u64).div_ceil(BLOCK_SIZE as u64) + TAKE_BACK_BLOCKS;
        let written = self.recording.require(blocks).and_then(|()| {
            if is_last {
                self.recording.write_last(node, at, bytes)
            } else {
                self.recording.write(node, at, bytes)
            }
        });
        let Err(error) = written else { return Ok(()) };
        let Some(file) = self.file.take() else {
            return Ok(());
        };
        if is_of_one_file(&error) {
            self.take_back(&file)?;
        }
        self.settle(Err::<(), _>(error), &file.place).map(drop)
    }

    /// Takes the name of a file back that is not whole.
    fn take_back(&mut self, file: &File) -> Outcome {
        let parent = self.top().node;
        let name = file.beside.as_deref().unwrap_or(file.place.name());
        let taken = self.recording.unlink(parent, name);
        taken.map_err(|error| Failure::from(error).at(self.path_of(&file.place)))
    }

    /// The end of a file: its last hole, the times that writing has moved, and its name.
    fn end(&mut self, file: &File, length: u64) -> Result<(), Error> {
        if length > file.end {
            self.recording.truncate(file.node, length)?;
        }
        if file.size.is_none() && file.end > 0 {
            self.recording.finish(file.node)?;
        }
        if length > 0 {
            self.recording
                .set_attributes(file.node, &times(&file.attributes))?;
        }
        if let Some(beside) = &file.beside {
            let parent = self.top().node;
            self.recording.rename(parent, beside, parent, file.place.name())?;
        }
        if let Some(key) = file.key {
            self.links.insert(key, file.node);
        }
        self.recorded.totals.files += 1;
        self.recorded.totals.bytes += file.bytes;
        Ok(())
    }

    /// Commits what is whole where that is asked for; the directories that are not complete have their attributes.
    fn commit_if_due(&mut self) -> Outcome {
        if !self.commits.is_due(self.recorded.totals.bytes, self.last_commit) {
            return Ok(());
        }
        let mut directories = std::mem::take(&mut self.directories);
        let mut completed = Ok(());
        for directory in directories.iter_mut().filter(|directory| directory.is_touched) {
            directory.is_touched = false;
            completed = completed.and_then(|()| self.complete(directory));
        }
        self.directories = directories;
        completed?;
        let commit = self.recording.commit(self.now)?;
        self.commits.last = Some(commit.vat_icb);
        self.commits.totals = self.recorded.totals;
        self.last_commit = Instant::now();
        Ok(())
    }
}

/// The times that writing into a node has moved.
fn times(attributes: &Attributes) -> Changes {
    Changes {
        accessed: Some(attributes.accessed),
        modified: Some(attributes.modified),
        changed: Some(attributes.changed),
        ..Changes::default()
    }
}
