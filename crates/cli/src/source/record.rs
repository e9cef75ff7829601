//! The second walk: everything goes to the disc. A thread reads ahead, this one records.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use ecma167::general::Timestamp;
use indicatif::ProgressBar;
use recording::{Attributes, Changes, Kind, NodeId, Recording};

use super::ahead::{Batches, pipe};
use super::batch::{Batch, Event, Key, Place};
use super::{Exclude, Source, walk};
use crate::failure::{Failure, Outcome};
use crate::interrupt::Interrupt;

/// What was recorded.
#[derive(Debug, Default)]
pub struct Recorded {
    /// Files that became longer or shorter while they were read: each as its path.
    pub changed: Vec<String>,
}

/// Where files are recorded.
pub struct Target<'a> {
    /// The volume.
    pub recording: &'a mut Recording,
    /// The directory that they are added to.
    pub directory: NodeId,
    /// Whether the user asked to stop.
    pub interrupt: &'a Interrupt,
    /// One time for everything that is new.
    pub now: Timestamp,
}

/// Adds all sources to a directory.
pub fn record(
    sources: &[Source],
    exclude: &Exclude,
    target: Target<'_>,
    bar: ProgressBar,
) -> Outcome<Recorded> {
    let (mut reader, batches) = pipe(target.interrupt, target.now);
    std::thread::scope(|scope| {
        let reading = std::thread::Builder::new().name("read ahead".into());
        let read = move || {
            let walked = walk(sources, exclude, &mut reader);
            reader.finish(walked);
        };
        reading
            .spawn_scoped(scope, read)
            .map_err(|error| Failure::failed(format_args!("no thread to read with: {error}")))?;
        // The batches go with it: where it fails, the thread that waits for them ends.
        Recorder::new(target, bar).take_all(batches)
    })
}

/// The recording side.
struct Recorder<'a> {
    recording: &'a mut Recording,
    interrupt: &'a Interrupt,
    bar: ProgressBar,
    /// The directories from the top down.
    directories: Vec<Directory>,
    /// Nodes of the files that have several names.
    links: HashMap<Key, NodeId>,
    file: Option<File>,
    recorded: Recorded,
}

struct Directory {
    node: NodeId,
    path: PathBuf,
    /// Made by this command, so that nothing of the disc is in it.
    is_new: bool,
    /// What it gets when it is complete.
    attributes: Option<Attributes>,
}

/// The file that data come for.
struct File {
    node: NodeId,
    place: Place,
    attributes: Attributes,
    size: u64,
    /// The byte behind the last that came.
    end: u64,
}

impl<'a> Recorder<'a> {
    fn new(target: Target<'a>, bar: ProgressBar) -> Self {
        Self {
            recording: target.recording,
            interrupt: target.interrupt,
            bar,
            directories: vec![Directory {
                node: target.directory,
                path: PathBuf::new(),
                is_new: false,
                attributes: None,
            }],
            links: HashMap::new(),
            file: None,
            recorded: Recorded::default(),
        }
    }

    fn take_all(mut self, batches: Batches) -> Outcome<Recorded> {
        while let Some(mut batch) = batches.next() {
            let events = std::mem::take(&mut batch.events);
            for event in events {
                self.interrupt.check()?;
                self.take(event, &batch)?;
            }
            batches.give_back(batch);
        }
        self.bar.finish_and_clear();
        Ok(self.recorded)
    }

    fn take(&mut self, event: Event, batch: &Batch) -> Outcome {
        match event {
            Event::Enter { place, attributes } => {
                let entered = self.enter(&place, &attributes);
                entered.map_err(|failure| self.named(failure, &place))
            }
            Event::Leave => self.leave(),
            Event::File {
                place,
                attributes,
                size,
                key,
            } => {
                let node = self
                    .create(&place, &Kind::File, &attributes, key)
                    .map_err(|failure| self.named(failure, &place))?;
                self.file = Some(File {
                    node,
                    place,
                    attributes,
                    size,
                    end: 0,
                });
                Ok(())
            }
            Event::Data { at, range } => self.data(at, batch.bytes.get(range).unwrap_or_default()),
            Event::End { length } => self.end(length),
            Event::Other {
                place,
                attributes,
                kind,
                key,
            } => {
                let created = self.create(&place, &kind, &attributes, key);
                created.map(drop).map_err(|failure| self.named(failure, &place))
            }
            Event::Link { place, key } => {
                let linked = self.link(&place, key);
                linked.map_err(|failure| self.named(failure, &place))
            }
            Event::Failed(failure) => Err(failure),
        }
    }

    fn top(&self) -> Outcome<&Directory> {
        let outside = || Failure::failed("a file outside of every directory");
        self.directories.last().ok_or_else(outside)
    }

    /// Names the file where the failure does not, and leaves an interrupt as it is.
    fn named(&self, failure: Failure, place: &Place) -> Failure {
        let directory = self.directories.last();
        let path = place.path(directory.map_or(Path::new(""), |directory| &directory.path));
        let path = path.display().to_string();
        if failure.kind == "interrupted" || failure.message.starts_with(&path) {
            failure
        } else {
            failure.at(path)
        }
    }

    /// The node that has this name already.
    fn existing(&mut self, name: &str) -> Outcome<Option<NodeId>> {
        let &Directory { node, is_new, .. } = self.top()?;
        if is_new {
            Ok(None)
        } else {
            Ok(self.recording.lookup(node, name)?)
        }
    }

    /// Makes a node, in place of a file of the same name.
    fn create(
        &mut self,
        place: &Place,
        kind: &Kind,
        attributes: &Attributes,
        key: Option<Key>,
    ) -> Outcome<NodeId> {
        let name = place.name()?;
        let parent = self.top()?.node;
        if self.existing(name)?.is_some() {
            self.recording.unlink(parent, name)?;
        }
        let node = self.recording.create(parent, name, kind, attributes)?;
        if let Some(key) = key {
            self.links.insert(key, node);
        }
        Ok(node)
    }

    /// One more name for a node.
    fn link(&mut self, place: &Place, key: Key) -> Outcome {
        let name = place.name()?;
        let parent = self.top()?.node;
        let node = self.links.get(&key).copied();
        let node = node.ok_or_else(|| Failure::failed("a further name of a file that was not recorded"))?;
        match self.existing(name)? {
            Some(existing) if existing == node => return Ok(()),
            Some(_) => self.recording.unlink(parent, name)?,
            None => {}
        }
        Ok(self.recording.link(node, parent, name)?)
    }

    fn enter(&mut self, place: &Place, attributes: &Attributes) -> Outcome {
        let existing = match &place.name {
            None => Some(self.top()?.node),
            Some(name) => self.existing(name)?,
        };
        let node = match existing {
            Some(node) => node,
            None => self.create(place, &Kind::Directory, attributes, None)?,
        };
        let path = place.path(&self.top()?.path);
        self.directories.push(Directory {
            node,
            path,
            is_new: existing.is_none(),
            attributes: Some(*attributes),
        });
        Ok(())
    }

    fn leave(&mut self) -> Outcome {
        if let Some(Directory {
            node,
            attributes: Some(attributes),
            ..
        }) = self.directories.pop()
        {
            let changes = Changes {
                mode: Some(attributes.mode),
                uid: Some(attributes.uid),
                gid: Some(attributes.gid),
                ..times(&attributes)
            };
            self.recording.set_attributes(node, &changes)?;
        }
        Ok(())
    }

    fn data(&mut self, at: u64, bytes: &[u8]) -> Outcome {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        file.end = at + bytes.len() as u64;
        let written = if file.end >= file.size {
            self.recording.write_last(file.node, at, bytes)
        } else {
            self.recording.write(file.node, at, bytes)
        };
        self.bar.inc(bytes.len() as u64);
        match (written, &self.file) {
            (Err(error), Some(file)) => Err(self.named(error.into(), &file.place)),
            _ => Ok(()),
        }
    }

    /// The end of a file: its last hole, and the times that writing has moved.
    fn end(&mut self, length: u64) -> Outcome {
        let Some(file) = self.file.take() else {
            return Ok(());
        };
        let ended = self.settle(&file, length);
        ended.map_err(|failure| self.named(failure, &file.place))
    }

    fn settle(&mut self, file: &File, length: u64) -> Outcome {
        if length > file.end {
            self.recording.truncate(file.node, length)?;
        }
        if length != file.size {
            let path = file.place.path(&self.top()?.path);
            self.recorded.changed.push(path.to_string_lossy().into_owned());
        }
        Ok(self
            .recording
            .set_attributes(file.node, &times(&file.attributes))?)
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
