//! The second walk: everything goes to the disc. One thread reads ahead, this one records.
//!
//! Each file is recorded whole, or its name is removed before anything is committed.

mod commits;
mod directories;
mod entering;
mod file;
mod filling;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use indicatif::ProgressBar;
use oncefs::nodes::{Attributes, NodeId, NodeKind, Recording};
use oncefs::{Changes, RecordingError, Timestamp};

use super::ahead::{Batches, Next, pipe};
use super::batch::{Batch, Destination, Event};
use super::read::Reader;
use super::roll::Roll;
use super::standing::StartDirectory;
use super::status::Key;
use super::{Selection, Totals, Unkept, walk};
use crate::confirm::Answer;
use crate::failure::{Failure, Outcome, Refusal};
use crate::interrupt::Interrupt;

pub use commits::Commits;
use directories::Directories;
use file::{Announced, File, TAKE_BACK_BLOCKS};

/// What was recorded.
#[derive(Debug, Default)]
pub struct Recorded {
    /// What is complete.
    pub totals: Totals,
    /// What is left out, and why.
    pub left_out: Vec<Refusal>,
    /// Files of the disc itself, which were skipped.
    pub own: Vec<String>,
    /// Attributes that are not recorded.
    pub unkept: Unkept,
    /// The user stopped it before the end.
    pub interrupted: bool,
    /// The medium had no room for something.
    pub is_full: bool,
}

/// Where to record.
pub struct Target<'a> {
    /// The volume.
    pub recording: &'a mut Recording,
    /// The directory to add to.
    pub directory: NodeId,
    /// Whether the user asked to stop.
    pub interrupt: &'a Interrupt,
    /// Attributes of a file from a descriptor; everything new gets its time.
    pub content: Attributes,
    /// Asks a user who stopped it what to do with the complete files.
    pub ask: &'a dyn Fn(&Totals) -> Outcome<Answer>,
    /// Intermediate commits.
    pub commits: &'a mut Commits,
}

/// Adds the selected files to a directory. Files on the `roll` that no longer exist are left out, like files
/// that change.
pub fn record(selection: &Selection, roll: Roll, target: Target<'_>, bar: ProgressBar) -> Outcome<Recorded> {
    let (outgoing, batches) = pipe();
    let own = selection.own.files();
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
            let start = StartDirectory::of_this_thread();
            reader.stand(start.standing());
            let walked = walk(
                start.handle(),
                &selection.sources,
                &selection.exclude,
                &mut reader,
            );
            reader.finish(walked);
        };
        reading
            .spawn_scoped(scope, read)
            .map_err(|error| Failure::failed(format_args!("no thread to read with: {error}")))?;
        // The batches belong to it: if it fails, the thread that waits for them ends.
        let dropped = batches.dropped();
        Writer::new(target, selection.options.all_or_nothing, dropped, bar).take_all(batches)
    })
}

/// The recording side.
struct Writer<'a> {
    recording: &'a mut Recording,
    interrupt: &'a Interrupt,
    ask: &'a dyn Fn(&Totals) -> Outcome<Answer>,
    now: Timestamp,
    commits: &'a mut Commits,
    last_commit: Instant,
    all_or_nothing: bool,
    /// The file whose data is no longer needed.
    dropped: Arc<AtomicU64>,
    bar: ProgressBar,
    directories: Directories,
    /// Nested directories whose events are skipped, because the lowest could not be made.
    passed_over: usize,
    /// Nodes of the files that have several names.
    links: HashMap<Key, NodeId>,
    file: Option<File>,
    /// Number of files recorded next to another of their name before they replaced it.
    beside: u64,
    recorded: Recorded,
}

/// A node without a body.
#[derive(Clone, Copy)]
enum New<'a> {
    Node(NodeKind),
    /// A symbolic link to this path.
    Link(&'a str),
}

/// Whether an error concerns one file only, so that others can still be recorded.
fn is_of_one_file(error: &RecordingError) -> bool {
    matches!(
        error,
        RecordingError::MediumFull { .. }
            | RecordingError::NotFound
            | RecordingError::Exists
            | RecordingError::NotADirectory
            | RecordingError::IsADirectory
            | RecordingError::NotAFile
            | RecordingError::NotEmpty
            | RecordingError::TooManyLinks
            | RecordingError::Name(_)
            | RecordingError::Attribute(_)
            | RecordingError::FileTooLarge
    )
}

impl<'a> Writer<'a> {
    fn new(target: Target<'a>, all_or_nothing: bool, dropped: Arc<AtomicU64>, bar: ProgressBar) -> Self {
        Self {
            recording: target.recording,
            interrupt: target.interrupt,
            ask: target.ask,
            now: target.content.changed,
            commits: target.commits,
            last_commit: Instant::now(),
            all_or_nothing,
            dropped,
            bar,
            directories: Directories::new(target.directory),
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

    /// Whether the user asked to stop and confirms it.
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

    /// Removes the incomplete file, and completes the directories as they are.
    fn stop(mut self) -> Outcome<Recorded> {
        self.recorded.interrupted = true;
        if let Some(file) = self.file.take() {
            self.take_back(&file)?;
        }
        while self.leave()? {}
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
            Event::Leave => self.leave().map(drop),
            Event::File {
                number,
                place,
                attributes,
                size,
                data,
                key,
            } => self.announce(Announced {
                number,
                place,
                attributes,
                size,
                data,
                key,
            }),
            Event::Data { at, range } => self.data(at, batch.bytes.get(range).unwrap_or_default()),
            Event::End { length } => {
                self.end_file(length)?;
                self.commit_if_due()
            }
            Event::Torn { reason } => self.tear(reason),
            Event::Missing(refusal) => {
                self.recorded.left_out.push(refusal);
                Ok(())
            }
            Event::Other {
                place,
                attributes,
                kind,
                target,
                key,
            } => {
                let new = target.as_deref().map_or(New::Node(kind), New::Link);
                let created = self.create(&place, new, &attributes, key);
                if self.settle(created, &place)?.is_some() {
                    self.recorded.totals.others += 1;
                }
                Ok(())
            }
            Event::Link { place, key } if !self.links.contains_key(&key) => {
                self.leave_out(&place, "its other name is left out".into());
                Ok(())
            }
            Event::Link { place, key } => {
                let linked = self.link(&place, key);
                self.settle(linked, &place).map(drop)
            }
            ended @ Event::Ended { .. } => self.ended(ended),
        }
    }

    /// Commits complete files if a commit is due; directories that are not complete get their attributes too.
    fn commit_if_due(&mut self) -> Outcome {
        if !self.commits.is_due(self.recorded.totals.bytes, self.last_commit) {
            return Ok(());
        }
        for directory in self.directories.take_touched() {
            self.complete(&directory)?;
        }
        let commit = self.recording.commit(self.now)?;
        self.commits.last = Some(commit.vat_icb);
        self.commits.totals = self.recorded.totals;
        self.last_commit = Instant::now();
        Ok(())
    }

    fn ended(&mut self, ended: Event) -> Outcome {
        let Event::Ended { walked, own, unkept } = ended else {
            return Ok(());
        };
        (self.recorded.own, self.recorded.unkept) = (own, unkept);
        walked
    }

    fn leave_out(&mut self, place: &Destination, reason: String) {
        let path = self.directories.path_of(place);
        self.recorded.left_out.push(Refusal { path, reason });
    }

    /// Notes an error that concerns one file, which is then left out; any other ends the recording.
    fn settle<T>(&mut self, result: Result<T, RecordingError>, place: &Destination) -> Outcome<Option<T>> {
        match result {
            Ok(done) => Ok(Some(done)),
            Err(error) if is_of_one_file(&error) && !self.all_or_nothing => {
                let reason = match error {
                    RecordingError::MediumFull { .. } => {
                        self.recorded.is_full = true;
                        "the medium has no room for it".into()
                    }
                    error => error.to_string(),
                };
                self.leave_out(place, reason);
                Ok(None)
            }
            Err(error) => Err(Failure::from(error).at(self.directories.path_of(place))),
        }
    }

    /// Makes a node without a body, in place of a file of the same name.
    fn create(
        &mut self,
        place: &Destination,
        new: New<'_>,
        attributes: &Attributes,
        key: Option<Key>,
    ) -> Result<NodeId, RecordingError> {
        let name = place.name();
        let parent = self.directories.node();
        if self.existing(name)?.is_some() {
            self.recording.require(TAKE_BACK_BLOCKS)?;
            self.recording.unlink(parent, name)?;
        }
        let node = match new {
            New::Node(kind) => self.recording.create(parent, name, kind, attributes)?,
            New::Link(target) => self.recording.symlink(parent, name, target, attributes)?,
        };
        if let Some(key) = key {
            self.links.insert(key, node);
        }
        self.directories.touch();
        Ok(node)
    }

    /// Adds another name for a node.
    fn link(&mut self, place: &Destination, key: Key) -> Result<(), RecordingError> {
        let name = place.name();
        let parent = self.directories.node();
        let node = self.links.get(&key).copied().ok_or(RecordingError::NotFound)?;
        self.recording.require(TAKE_BACK_BLOCKS)?;
        match self.existing(name)? {
            Some(existing) if existing == node => return Ok(()),
            Some(_) => self.recording.unlink(parent, name)?,
            None => {}
        }
        self.directories.touch();
        self.recording.link(node, parent, name)
    }
}

/// The times that writing to a node has changed.
fn times(attributes: &Attributes) -> Changes {
    Changes {
        accessed: Some(attributes.accessed),
        modified: Some(attributes.modified),
        changed: Some(attributes.changed),
        ..Changes::default()
    }
}
