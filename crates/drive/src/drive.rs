//! The open drive: a transport and the known state of its medium.

use std::fs::File;
use std::ops::Range;
use std::path::Path;

use mmc::{BLOCK_SIZE, Data, FilePart, Lba, Transport};

use crate::blocks::{advance, whole_blocks};
use crate::error::{DriveError, ReadOnly};
use crate::image::BareImage;
use crate::image_layout::{ImageLayout, ImageOrigin, ImageRemainder, ImageSession};
use crate::initiator::Initiator;
use crate::medium::{Medium, Status};
use crate::progress::ProgressOfTracks;
use crate::reading::Reading;
use crate::usage::Usage;
use crate::wait::{Sleep, Wait};

/// The basis of a drive.
pub(crate) enum Backing {
    /// A recorder that takes commands.
    Recorder(Initiator),
    /// An image file without further information.
    Image(BareImage),
}

/// An open drive with a medium in it.
pub struct Drive {
    pub(crate) backing: Backing,
    pub(crate) medium: Medium,
    pub(crate) transfer_limit: usize,
    /// The block after the last one known to be recorded.
    pub(crate) recorded_end: Lba,
    pub(crate) usage: Usage,
    /// Free blocks when the drive was opened.
    pub(crate) free_at_opening: u32,
    pub(crate) progress: ProgressOfTracks,
    /// The medium is shown up to this block.
    shown_last: Option<Lba>,
    reading: Reading,
    /// Dropped after the backing.
    held: Vec<Box<dyn Send>>,
    /// Receives notices of long operations.
    listener: Option<Box<dyn FnMut(Notice) + Send>>,
}

/// A long operation of the drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// The recorded data does not end at the block that the drive says, or has nothing useful there; the
    /// search continues before this block.
    WalkingBack {
        /// The block after those searched.
        from: Lba,
    },
}

/// Where the drive takes the next write, and how many blocks it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AppendPoint {
    /// The next writable address.
    pub address: Lba,
    /// Blocks that the drive takes from there on.
    pub free_blocks: u32,
    /// The track of the next write, counted from 1.
    pub track: u16,
    /// Its first block.
    pub track_start: Lba,
}

impl std::fmt::Debug for Drive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Drive")
            .field("medium", &self.medium)
            .finish_non_exhaustive()
    }
}

impl Drive {
    /// Waits until the medium is ready and takes its snapshot.
    ///
    /// # Errors
    /// [`DriveError::NoMedium`], [`DriveError::NotReady`], or the error of a command.
    pub fn open(transport: Box<dyn Transport>) -> Result<Self, DriveError> {
        Self::open_waiting(transport, Box::new(Sleep))
    }

    /// Like [`Drive::open`], with a way to wait that the caller provides.
    ///
    /// # Errors
    /// The errors of [`Drive::open`].
    pub fn open_waiting(transport: Box<dyn Transport>, wait: Box<dyn Wait>) -> Result<Self, DriveError> {
        let mut recorder = Initiator::new(transport, wait);
        recorder.become_ready()?;
        let medium = recorder.snapshot()?;
        let mut drive = Self {
            backing: Backing::Recorder(recorder),
            free_at_opening: medium.free_blocks,
            usage: Usage::default(),
            medium,
            transfer_limit: 512 * BLOCK_SIZE,
            recorded_end: Lba(0),
            progress: ProgressOfTracks::default(),
            shown_last: None,
            reading: Reading::default(),
            held: Vec::new(),
            listener: None,
        };
        drive.note_snapshot();
        Ok(drive)
    }

    /// Opens a bare image file read-only, as one closed session from block 0 to the end of the image.
    ///
    /// # Errors
    /// [`DriveError::Transport`] if the file cannot be opened, [`DriveError::Unsupported`] if it is shorter
    /// than one block or longer than 2^32 blocks.
    pub fn open_image(path: &Path) -> Result<Self, DriveError> {
        Self::over_image(File::open(path).map_err(DriveError::Transport)?)
    }

    /// Like [`Drive::open_image`], with a file that is open for reading.
    ///
    /// # Errors
    /// The errors of [`Drive::open_image`].
    pub fn over_image(file: File) -> Result<Self, DriveError> {
        Ok(Self::over_bare(BareImage::over(file)?))
    }

    /// Opens the blocks of a volume in the files of an image read-only, as one closed session from the first
    /// block to the last.
    ///
    /// # Errors
    /// [`DriveError::Unsupported`] if the layout has no block, overlaps itself or has more than 2^32 blocks.
    pub fn over_layout(layout: ImageLayout) -> Result<Self, DriveError> {
        Ok(Self::over_bare(BareImage::within(layout)?))
    }

    /// The source of a bare image's blocks, if they are not simply those of the file.
    #[must_use]
    pub fn image_origin(&self) -> Option<&ImageOrigin> {
        match &self.backing {
            Backing::Image(image) => image.origin(),
            Backing::Recorder(_) => None,
        }
    }

    /// The files of a bare image, such as those that a sheet names; none for a recorder.
    #[must_use]
    pub fn image_files(&self) -> &[File] {
        match &self.backing {
            Backing::Image(image) => image.files(),
            Backing::Recorder(_) => &[],
        }
    }

    /// The blocks of a bare image that contain any of these bytes of its file; `None` if its blocks are in
    /// several files, and for a recorder.
    #[must_use]
    pub fn image_blocks_of(&self, bytes: Range<u64>) -> Option<Vec<Range<u32>>> {
        match &self.backing {
            Backing::Image(image) => image.blocks_of(bytes),
            Backing::Recorder(_) => None,
        }
    }

    /// The blocks left out at the end of a bare image because they do not belong to the volume.
    #[must_use]
    pub fn image_remainder(&self) -> Option<ImageRemainder> {
        match &self.backing {
            Backing::Image(image) => image.remainder(),
            Backing::Recorder(_) => None,
        }
    }

    /// Ends a bare image before a block: what follows does not belong to the volume.
    pub fn end_image(&mut self, end: Lba, remainder: ImageRemainder) {
        if let Backing::Image(image) = &mut self.backing {
            image.end_before(end, remainder);
            self.medium = image.medium();
            self.recorded_end = Lba(self.medium.capacity_blocks);
        }
    }

    /// Moves the blocks of a bare image from `at` on by this many, because the image lacks so many before it.
    /// Nothing happens, and it returns `false`, if there is no such block or an address would be too large.
    pub fn insert_gap(&mut self, at: Lba, blocks: u32) -> bool {
        let Backing::Image(image) = &mut self.backing else {
            return false;
        };
        let is_moved = image.insert_gap(at, blocks);
        self.medium = image.medium();
        self.recorded_end = Lba(self.medium.capacity_blocks);
        is_moved
    }

    /// The gaps that a bare image lacks: the address after each, and its number of blocks.
    #[must_use]
    pub fn image_gaps(&self) -> &[(Lba, u32)] {
        match &self.backing {
            Backing::Image(image) => image.gaps(),
            Backing::Recorder(_) => &[],
        }
    }

    /// How many blocks of the volume a bare image lacks at its end, according to [`Drive::note_missing`].
    #[must_use]
    pub fn image_missing(&self) -> u32 {
        match &self.backing {
            Backing::Image(image) => image.missing(),
            Backing::Recorder(_) => 0,
        }
    }

    /// Notes that a bare image lacks blocks of the volume at its end.
    pub fn note_missing(&mut self, blocks: u32) {
        if let Backing::Image(image) = &mut self.backing {
            image.note_missing(blocks);
        }
    }

    /// Divides a bare image into sessions, in ascending order. The last one should end with the image.
    pub fn divide_image(&mut self, sessions: Vec<ImageSession>) {
        if let Backing::Image(image) = &mut self.backing {
            image.divide(sessions);
            self.medium = image.medium();
        }
    }

    /// From now on the medium is read-only and shown as it was when `last` was the last recorded block. Has
    /// no effect if nothing was recorded after it.
    pub fn end_with(&mut self, last: Lba) {
        let end = Lba(last.0.saturating_add(1));
        if end < self.recorded_end {
            self.shown_last = Some(last);
            self.medium.end_with(last);
            self.recorded_end = end;
        }
    }

    /// Shows blocks of a reserved track as blank: they were recorded after the state that [is
    /// shown](Drive::end_with).
    pub fn show_blank(&mut self, blocks: Range<Lba>) {
        self.reading.blank(blocks.start.0..blocks.end.0);
    }

    /// The block after which the medium is [not shown](Drive::end_with).
    #[must_use]
    pub fn shown_last(&self) -> Option<Lba> {
        self.shown_last
    }

    fn over_bare(image: BareImage) -> Self {
        let medium = image.medium();
        Self {
            recorded_end: Lba(medium.capacity_blocks),
            usage: Usage::default(),
            free_at_opening: 0,
            backing: Backing::Image(image),
            medium,
            transfer_limit: 512 * BLOCK_SIZE,
            progress: ProgressOfTracks::default(),
            shown_last: None,
            reading: Reading::default(),
            held: Vec::new(),
            listener: None,
        }
    }

    /// Passes notices of long operations to `listener`.
    #[must_use]
    pub fn listening(mut self, listener: impl FnMut(Notice) + Send + 'static) -> Self {
        self.listener = Some(Box::new(listener));
        self
    }

    /// Passes a notice to the listener, if there is one.
    pub fn tell(&mut self, notice: Notice) {
        if let Some(listener) = &mut self.listener {
            listener(notice);
        }
    }

    /// Keeps `held`, such as a lock of the host, until the drive is dropped.
    #[must_use]
    pub fn holding(mut self, held: impl Send + 'static) -> Self {
        self.held.push(Box::new(held));
        self
    }

    /// The medium according to the last snapshot.
    #[must_use]
    pub fn medium(&self) -> &Medium {
        &self.medium
    }

    /// Takes a new snapshot of the medium.
    ///
    /// # Errors
    /// The error of a command.
    pub fn refresh(&mut self) -> Result<&Medium, DriveError> {
        if let Backing::Recorder(recorder) = &mut self.backing {
            self.medium = recorder.snapshot()?;
            if let Some(last) = self.shown_last {
                self.medium.end_with(last);
            }
            self.note_snapshot();
            self.note_usage();
        }
        Ok(&self.medium)
    }

    /// Whether recording is impossible.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.medium.read_only.is_some()
    }

    /// The most bytes of one command, a multiple of the unit of writing.
    #[must_use]
    pub fn transfer_limit(&self) -> usize {
        self.transfer_limit
    }

    /// Sets the most bytes of one command, for a host adapter whose limit is not 1 MiB. The limit is rounded
    /// down to whole units of writing, and is at least one unit.
    pub fn set_transfer_limit(&mut self, bytes: usize) {
        let unit = self.medium.write_unit as usize * BLOCK_SIZE;
        self.transfer_limit = (bytes / unit).max(1) * unit;
    }

    /// The block after the last one known to be recorded. The blocks before it no longer change, except in
    /// reserved tracks ([`Drive::is_settled`]).
    #[must_use]
    pub fn recorded_end(&self) -> Lba {
        self.recorded_end
    }

    /// Sets how often to repeat a read, what not to read, and who hears of each read.
    pub fn set_reading(&mut self, reading: Reading) {
        self.reading.replace(reading);
    }

    /// Treats these blocks as unreadable from now on, without a command to the drive: they are known to be.
    pub fn leave_out(&mut self, blocks: &[Range<u32>]) {
        self.reading.leave_out(blocks);
    }

    /// Fills `out`, which is whole blocks, from `at` on with the necessary number of commands.
    ///
    /// # Errors
    /// [`DriveError::Unreadable`] if a block is damaged or was never recorded; the contents of `out` are then
    /// undefined.
    pub fn read(&mut self, at: Lba, out: &mut [u8]) -> Result<(), DriveError> {
        whole_blocks(out.len())?;
        let mut next = at;
        for chunk in out.chunks_mut(self.transfer_limit) {
            let Self { backing, reading, .. } = self;
            reading.read(next, chunk, |chunk| match backing {
                Backing::Recorder(recorder) => recorder.read(next, Data::In(chunk)),
                Backing::Image(image) => image.read(next, chunk),
            })?;
            next = advance(next, chunk.len())?;
        }
        Ok(())
    }

    /// Readable bytes from byte 0 on: all of a bare image, even a partial last block, or everything before
    /// the recorded end.
    #[must_use]
    pub fn recorded_bytes(&self) -> u64 {
        match &self.backing {
            Backing::Recorder(_) => u64::from(self.recorded_end.0) * BLOCK_SIZE as u64,
            Backing::Image(image) => image.bytes(),
        }
    }

    /// Fills `out` from a byte offset on, for volumes whose blocks are not those of the medium.
    ///
    /// # Errors
    /// As [`Drive::read`].
    pub fn read_bytes(&mut self, offset: u64, out: &mut [u8]) -> Result<(), DriveError> {
        let inside = usize::try_from(offset % BLOCK_SIZE as u64).unwrap_or(0);
        let first = u32::try_from(offset / BLOCK_SIZE as u64);
        let first = first.map_err(|_| DriveError::Unsupported("an address beyond 2^32 blocks"))?;
        if let Backing::Image(image) = &self.backing {
            let read = |out: &mut [u8]| image.read_bytes(offset, out);
            return self.reading.read_part(Lba(first), inside, out, read);
        }
        if inside == 0 && out.len().is_multiple_of(BLOCK_SIZE) {
            return self.read(Lba(first), out);
        }
        let mut blocks = vec![0; (inside + out.len()).next_multiple_of(BLOCK_SIZE)];
        self.read(Lba(first), &mut blocks)?;
        out.copy_from_slice(&blocks[inside..inside + out.len()]);
        Ok(())
    }

    /// Fills a part of a file of the host, which is whole blocks, from `at` on, bypassing the memory of this
    /// program. `false` if that is impossible, as with every hardware drive, or fails. The caller must then
    /// read and write the blocks, which also tells whether the disc or the file is the cause.
    ///
    /// # Errors
    /// The errors of [`Drive::read`].
    pub fn read_to_file(&mut self, at: Lba, part: FilePart<'_>) -> Result<bool, DriveError> {
        whole_blocks(part.bytes)?;
        if self.reading.leaves_out(at, part.bytes) {
            return Ok(false);
        }
        let mut next = at;
        let mut done = 0;
        while done < part.bytes {
            let chunk = FilePart {
                offset: part.offset.saturating_add(done as u64),
                bytes: self.transfer_limit.min(part.bytes - done),
                ..part
            };
            let is_filled = match &mut self.backing {
                Backing::Recorder(recorder) => recorder.read_to_file(next, chunk)?,
                Backing::Image(image) => image.read_to_file(next, chunk),
            };
            if !is_filled {
                return Ok(false);
            }
            self.reading.note_read(next, chunk.bytes);
            done += chunk.bytes;
            next = advance(next, chunk.bytes)?;
        }
        Ok(true)
    }

    /// The recorder, if recording is possible.
    pub(crate) fn recorder(&mut self) -> Result<&mut Initiator, DriveError> {
        match (&mut self.backing, self.medium.read_only) {
            (Backing::Recorder(recorder), None) => Ok(recorder),
            (Backing::Recorder(_), Some(why)) => Err(DriveError::ReadOnly(why)),
            (Backing::Image(_), _) => Err(DriveError::ReadOnly(ReadOnly::BareImage)),
        }
    }

    /// The blocks of the medium used up since this drive was opened.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.usage.clone()
    }

    /// Updates the usage from the snapshot.
    pub(crate) fn note_usage(&self) {
        let free = match self.medium.next_writable_address {
            Some(_) => self.medium.free_blocks,
            None if self.medium.status == Status::Finalized => 0,
            // Between two sessions no track reports free blocks.
            None => return,
        };
        self.usage.raise_to(self.free_at_opening.saturating_sub(free));
    }

    fn note_snapshot(&mut self) {
        let medium = &self.medium;
        self.progress.note(medium);
        let sessions = medium.sessions.iter().filter_map(|session| session.last_recorded);
        let last = sessions.max().map_or(0, |last| last.0.saturating_add(1));
        self.recorded_end = self.recorded_end.max(Lba(last));
    }
}
