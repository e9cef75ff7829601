//! Filling a file: in the end it is complete, or its name is removed.

use std::sync::atomic::Ordering;

use oncefs::nodes::{NodeId, NodeKind};
use oncefs::{BLOCK_SIZE, RecordingError};

use super::file::{Announced, File, TAKE_BACK_BLOCKS};
use super::{Writer, is_of_one_file, times};
use crate::failure::{Failure, Outcome};

impl Writer<'_> {
    /// Makes a file, whose data come next. A file without room is left out, and its data are skipped.
    pub(super) fn announce(&mut self, announced: Announced) -> Outcome {
        let begun = self.begin(&announced);
        let begun = self.settle(begun, &announced.place)?;
        if begun.is_none() {
            self.drop_data(&announced);
        }
        if let Some((node, beside)) = begun {
            self.file = Some(File {
                announced,
                node,
                beside,
                end: 0,
                bytes: 0,
            });
        }
        Ok(())
    }

    /// Makes room for a file, then the file. An existing file of its name stays until this one is complete.
    fn begin(&mut self, announced: &Announced) -> Result<(NodeId, Option<String>), RecordingError> {
        let size = announced.size.unwrap_or(0);
        let blocks = self.recording.blocks_of_file(size, announced.data);
        self.recording.require(blocks + TAKE_BACK_BLOCKS)?;
        let parent = self.directories.node();
        let name = announced.place.name();
        let beside = match self.existing(name)? {
            Some(existing) if self.recording.is_directory(existing)? => {
                return Err(RecordingError::IsADirectory);
            }
            Some(_) => Some(self.free_name(parent)?),
            None => None,
        };
        let new = beside.as_deref().unwrap_or(name);
        let attributes = &announced.attributes;
        let node = self.recording.create(parent, new, NodeKind::File, attributes)?;
        self.directories.touch();
        Ok((node, beside))
    }

    fn free_name(&mut self, parent: NodeId) -> Result<String, RecordingError> {
        loop {
            let name = format!("~{}", self.beside);
            self.beside += 1;
            if self.recording.lookup(parent, &name)?.is_none() {
                return Ok(name);
            }
        }
    }

    pub(super) fn data(&mut self, at: u64, bytes: &[u8]) -> Outcome {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        file.end = at + bytes.len() as u64;
        file.bytes += bytes.len() as u64;
        let (node, size) = (file.node, file.announced.size);
        let is_last = size.is_some_and(|size| file.end >= size);
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
        self.drop_data(&file.announced);
        if is_of_one_file(&error) {
            self.take_back(&file)?;
        }
        self.settle(Err::<(), _>(error), file.place()).map(drop)
    }

    /// Tells the reader that the rest of a file is not needed.
    fn drop_data(&self, announced: &Announced) {
        self.dropped.store(announced.number, Ordering::Relaxed);
    }

    /// Completes the file, unless the medium has no room for its end.
    pub(super) fn end_file(&mut self, length: u64) -> Outcome {
        let Some(file) = self.file.take() else {
            return Ok(());
        };
        let ended = self.end(&file, length);
        if ended.as_ref().is_err_and(is_of_one_file) {
            self.take_back(&file)?;
        }
        self.settle(ended, file.place()).map(drop)
    }

    /// The data are not one state of the file. It is left out for that reason; without one it is sent again.
    pub(super) fn tear(&mut self, reason: Option<String>) -> Outcome {
        let Some(file) = self.file.take() else {
            return Ok(());
        };
        self.take_back(&file)?;
        if let Some(reason) = reason {
            self.leave_out(file.place(), reason);
        }
        Ok(())
    }

    /// Removes the name of an incomplete file.
    pub(super) fn take_back(&mut self, file: &File) -> Outcome {
        let parent = self.directories.node();
        let name = file.beside.as_deref().unwrap_or(file.place().name());
        let taken = self.recording.unlink(parent, name);
        taken.map_err(|error| Failure::from(error).at(self.directories.path_of(file.place())))
    }

    /// Ends a file: its last hole, the times that writing has changed, and its name.
    fn end(&mut self, file: &File, length: u64) -> Result<(), RecordingError> {
        let announced = &file.announced;
        if length > file.end {
            self.recording.truncate(file.node, length)?;
        }
        if announced.size.is_none() && file.end > 0 {
            self.recording.finish(file.node)?;
        }
        if length > 0 {
            self.recording
                .set_attributes(file.node, &times(&announced.attributes))?;
        }
        if let Some(beside) = &file.beside {
            let parent = self.directories.node();
            self.recording
                .rename(parent, beside, parent, file.place().name())?;
        }
        if let Some(key) = announced.key {
            self.links.insert(key, file.node);
        }
        self.recorded.totals.files += 1;
        self.recorded.totals.bytes += file.bytes;
        Ok(())
    }
}
