//! The open drive: a transport and what is known of the medium behind it.

use std::fs::File;
use std::path::Path;

use mmc::{BLOCK_SIZE, Data, FilePart, Lba, Transport};

use crate::blocks::{advance, whole_blocks};
use crate::error::{DriveError, ReadOnly};
use crate::image::BareImage;
use crate::initiator::Initiator;
use crate::medium::{Medium, Status};
use crate::progress::ProgressOfTracks;
use crate::usage::Usage;
use crate::wait::{Sleep, Wait};

/// What stands behind a drive.
pub(crate) enum Backing {
    /// A recorder that takes commands.
    Recorder(Initiator),
    /// An image file that nobody can say more of.
    Image(BareImage),
}

/// An open drive with a medium in it.
pub struct Drive {
    pub(crate) backing: Backing,
    pub(crate) medium: Medium,
    pub(crate) transfer_limit: usize,
    /// Everything below was recorded when it was last known.
    pub(crate) recorded_end: Lba,
    pub(crate) usage: Usage,
    /// Blocks that were free when it was opened.
    pub(crate) free_at_opening: u32,
    pub(crate) progress: ProgressOfTracks,
    /// Dropped after what stands behind.
    held: Vec<Box<dyn Send>>,
    /// Hears what takes long.
    listener: Option<Box<dyn FnMut(Notice) + Send>>,
}

/// What takes a drive long, for whoever waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The end of what is recorded is not where the drive says, or holds nothing: it is looked for before this block.
    WalkingBack {
        /// The block behind the ones that are looked at.
        from: Lba,
    },
}

/// Where the drive takes the next write, and how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AppendPoint {
    /// The next writable address.
    pub address: Lba,
    /// Blocks that the drive still takes from there.
    pub free_blocks: u32,
    /// The track that takes them, from 1.
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
    /// Waits until the medium is ready and takes the snapshot of it.
    ///
    /// # Errors
    /// [`DriveError::NoMedium`], [`DriveError::NotReady`], or what a command met.
    pub fn open(transport: Box<dyn Transport>) -> Result<Self, DriveError> {
        Self::open_waiting(transport, Box::new(Sleep))
    }

    /// As [`Drive::open`], with the caller's way to let time pass.
    ///
    /// # Errors
    /// As [`Drive::open`].
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
            held: Vec::new(),
            listener: None,
        };
        drive.note_snapshot();
        Ok(drive)
    }

    /// Opens a bare image file, read-only: one closed session from block 0 to the image's end.
    ///
    /// # Errors
    /// [`DriveError::Transport`] where the file cannot be opened, [`DriveError::Unsupported`] where it is shorter than
    /// one block or longer than 2^32 blocks.
    pub fn open_image(path: &Path) -> Result<Self, DriveError> {
        Self::over_image(File::open(path).map_err(DriveError::Transport)?)
    }

    /// As [`Drive::open_image`], over a file that is open for reading.
    ///
    /// # Errors
    /// As [`Drive::open_image`].
    pub fn over_image(file: File) -> Result<Self, DriveError> {
        let image = BareImage::over(file)?;
        let medium = image.medium();
        Ok(Self {
            recorded_end: Lba(medium.capacity_blocks),
            usage: Usage::default(),
            free_at_opening: 0,
            backing: Backing::Image(image),
            medium,
            transfer_limit: 512 * BLOCK_SIZE,
            progress: ProgressOfTracks::default(),
            held: Vec::new(),
            listener: None,
        })
    }

    /// Has somebody told of what takes long.
    #[must_use]
    pub fn listening(mut self, listener: impl FnMut(Notice) + Send + 'static) -> Self {
        self.listener = Some(Box::new(listener));
        self
    }

    /// Tells whoever listens.
    pub fn tell(&mut self, notice: Notice) {
        if let Some(listener) = &mut self.listener {
            listener(notice);
        }
    }

    /// Keeps something, such as a lock of the host, until the drive is dropped.
    #[must_use]
    pub fn holding(mut self, held: impl Send + 'static) -> Self {
        self.held.push(Box::new(held));
        self
    }

    /// The medium as it was when the drive was last asked.
    #[must_use]
    pub fn medium(&self) -> &Medium {
        &self.medium
    }

    /// Asks the drive about its medium again.
    ///
    /// # Errors
    /// What a command met.
    pub fn refresh(&mut self) -> Result<&Medium, DriveError> {
        if let Backing::Recorder(recorder) = &mut self.backing {
            self.medium = recorder.snapshot()?;
            self.note_snapshot();
            self.note_usage();
        }
        Ok(&self.medium)
    }

    /// Whether nothing can be recorded here.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.medium.read_only.is_some()
    }

    /// The most bytes of one command, a multiple of the unit of writing.
    #[must_use]
    pub fn transfer_limit(&self) -> usize {
        self.transfer_limit
    }

    /// Lowers or raises the most bytes of one command, for a host adapter that moves less or more than 1 MiB; it is
    /// rounded down to a whole unit of writing, and is never less than one.
    pub fn set_transfer_limit(&mut self, bytes: usize) {
        let unit = self.medium.write_unit as usize * BLOCK_SIZE;
        self.transfer_limit = (bytes / unit).max(1) * unit;
    }

    /// The block after the last one that is known to be recorded: what lies below does not change any more, but for reserved
    /// tracks ([`Drive::is_settled`]).
    #[must_use]
    pub fn recorded_end(&self) -> Lba {
        self.recorded_end
    }

    /// Fills `out`, whole blocks, from `at` on, with as many commands as it takes.
    ///
    /// # Errors
    /// [`DriveError::Unreadable`] where a block is damaged or was never recorded; then nothing in `out` counts.
    pub fn read(&mut self, at: Lba, out: &mut [u8]) -> Result<(), DriveError> {
        whole_blocks(out.len())?;
        let mut next = at;
        for chunk in out.chunks_mut(self.transfer_limit) {
            match &mut self.backing {
                Backing::Recorder(recorder) => recorder.read(next, Data::In(chunk))?,
                Backing::Image(image) => image.read(next, chunk)?,
            }
            next = advance(next, chunk.len())?;
        }
        Ok(())
    }

    /// Fills a part of a file of the host, whole blocks, from `at` on, past the memory of this program. `false` where that cannot
    /// be, as with every drive of hardware, or did not succeed: the blocks are to be read and written then, which also tells
    /// whether disc or file is why.
    ///
    /// # Errors
    /// As [`Drive::read`].
    pub fn read_to_file(&mut self, at: Lba, part: FilePart<'_>) -> Result<bool, DriveError> {
        whole_blocks(part.bytes)?;
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
            done += chunk.bytes;
            next = advance(next, chunk.bytes)?;
        }
        Ok(true)
    }

    /// The recorder, where something can be recorded.
    pub(crate) fn recorder(&mut self) -> Result<&mut Initiator, DriveError> {
        match (&mut self.backing, self.medium.read_only) {
            (Backing::Recorder(recorder), None) => Ok(recorder),
            (Backing::Recorder(_), Some(why)) => Err(DriveError::ReadOnly(why)),
            (Backing::Image(_), _) => Err(DriveError::ReadOnly(ReadOnly::BareImage)),
        }
    }

    /// What of the medium was used up since this was opened.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.usage.clone()
    }

    /// Takes down what the snapshot says is used up.
    pub(crate) fn note_usage(&self) {
        let free = match self.medium.next_writable_address {
            Some(_) => self.medium.free_blocks,
            None if self.medium.status == Status::Finalized => 0,
            // Between two sessions there is no track whose free blocks could be told.
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
