//! The image and its side file on the host, kept consistent: the recorded blocks, and the state of the disc.

use crate::adopted_sessions::AdoptedSessions;
use crate::behaviour::Behaviour;
use crate::digest::Digest;
use crate::error::Error;
use crate::fault::Faults;
use crate::image_directory::{
    Identity, ImageDirectory, is_empty_image, open_image, require_regular, side_path,
};
use crate::layout::DiscLayout;
use crate::medium::BLOCK;
use crate::medium::Medium;
use crate::proof::{Comparison, Misfit};
use crate::side_file;
use crate::side_text::State;
use mmc::FilePart;
use rustix::fs::{FallocateFlags, FlockOperation, OFlags, fallocate, flock};
use std::fs::{File, OpenOptions};
use std::io;
use std::ops::Range;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The purpose of opening an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Reading, shared with other readers.
    Read,
    /// Recording, exclusively.
    Record,
}

/// An image, its side file, and what was recorded since the side file was written. Neither is ever truncated,
/// and nothing changes before [`Store::begin`].
#[derive(Debug)]
pub(crate) struct Store {
    image: File,
    place: Arc<ImageDirectory>,
    access: Access,
    /// The state in the side file, or the one it would have.
    kept: State,
    /// The existing side file; `None` until the first recording on an adopted image.
    side: Option<Identity>,
    /// How the image and the side file differ.
    misfit: Option<Misfit>,
    /// The lock belongs to another store, which shares its handle with this one.
    shares_lock: bool,
    /// Whether the side file has the mark of this recorder.
    begun: bool,
    /// Some of the blocks recorded since `kept`.
    fresh: Digest,
    /// Bytes that the image must have.
    length: u64,
    /// Bytes up to which a failed write may have extended the image.
    tried: u64,
    /// Blocks taken over from an interrupted recording. `lacking` has those of its last unit that the image
    /// still lacks.
    taken_over: Option<Range<u32>>,
    lacking: Vec<Range<u32>>,
}

impl Store {
    /// Makes an image and its side file.
    ///
    /// # Errors
    /// [`Error::Exists`], [`Error::InUse`]; errors of the host. On an error no image remains.
    pub(crate) fn create(path: &Path, disc: &DiscLayout, behaviour: &Behaviour) -> Result<Self, Error> {
        let side = side_path(path);
        if side.symlink_metadata().is_ok() && path.symlink_metadata().is_err() {
            return Err(Error::Exists(side));
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        let file = if is_empty_image(path) {
            // The image may have become a link or a FIFO since.
            let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
            options.custom_flags(flags.bits().cast_signed()).open(path)
        } else {
            options.create_new(true).open(path)
        };
        let file = file.map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => Error::Exists(path.to_owned()),
            _ => at(path)(source),
        })?;
        require_regular(&file).map_err(at(path))?;
        Self::begin_new(file, path, disc, behaviour)
    }

    /// Makes the side file of an image that was just made.
    fn begin_new(file: File, path: &Path, disc: &DiscLayout, behaviour: &Behaviour) -> Result<Self, Error> {
        let place = ImageDirectory::of(&file, path).map_err(at(path))?;
        let state = State {
            number: 1,
            recording: true,
            disc: disc.clone(),
            behaviour: behaviour.clone(),
            digest: Some(Digest::default()),
        };
        let mut store = Self::over(file, place, Access::Record, state);
        // Only the holder of the lock may record on the image.
        store.lock()?;
        if !store.is_still_new() {
            return Err(Error::Exists(path.to_owned()));
        }
        if let Err(error) = store.write_side(&mut Faults::default()) {
            // An image without its side file would obstruct the next attempt.
            if store.is_still_new() {
                store.place.remove_image();
            }
            return Err(at(&store.place.side_path())(error));
        }
        store.begun = true;
        Ok(store)
    }

    /// Whether nobody has recorded on the image or made its side file between its creation and its lock.
    fn is_still_new(&self) -> bool {
        let is_empty = self.image.metadata().is_ok_and(|image| image.len() == 0);
        let has_side = matches!(self.place.side(), Ok(Some(_)));
        is_empty && !has_side && self.place.leads_to(&self.image).unwrap_or(false)
    }

    /// Opens an image with its side file, and returns the disc that both describe. Recording despite a misfit
    /// requires `accepted`.
    ///
    /// # Errors
    /// [`Error::NoSideFile`], [`Error::NotASideFile`], [`Error::SideFile`], [`Error::SideFileFixed`],
    /// [`Error::InUse`]; [`Error::Unproven`] on a misfit that is not accepted, or when reading with the side
    /// file of another disc; [`Error::OtherMedium`]; errors of the host.
    pub(crate) fn open(path: &Path, access: Access, accepted: bool) -> Result<(Self, DiscLayout), Error> {
        let file = open_image(path, access == Access::Record).map_err(at(path))?;
        let place = ImageDirectory::of(&file, path).map_err(at(path))?;
        lock(&file, path, access)?;
        let (state, identity) = side_file::read(&place)?;
        let length = file.metadata().map_err(at(path))?.len();
        let Comparison { misfit, beyond } = Comparison::of(&file, length, &state).map_err(at(path))?;
        let other_disc = matches!(misfit, Some(Misfit::OtherDisc { .. }));
        if let Some(misfit) = misfit
            && (other_disc || access == Access::Record)
            && !accepted
        {
            let image = path.to_owned();
            return Err(Error::Unproven { image, misfit });
        }
        let mut disc = state.disc.clone();
        let mut store = Self::over(file, place, access, state);
        store.side = Some(identity);
        store.misfit = misfit;
        store.length = length;
        if access == Access::Record {
            side_file::require_replaceable(&store.place)?;
        }
        let is_shorter = matches!(misfit, Some(Misfit::Shorter { .. }));
        if other_disc || is_shorter && access == Access::Record {
            let medium = disc.medium();
            let adopted = store.adopted(medium, disc.capacity(), &AdoptedSessions::default());
            disc = adopted.map_err(|error| match error {
                Error::TooBig { blocks, capacity } => Error::OtherMedium {
                    image: path.to_owned(),
                    blocks,
                    medium,
                    capacity,
                },
                other => other,
            })?;
        } else if is_shorter || length < u64::from(disc.recorded_end()) * BLOCK {
            let end = disc.recorded_end();
            disc.damage(u32::try_from(length / BLOCK).unwrap_or(end)..end);
        } else {
            let link = store.kept.behaviour.link(disc.medium());
            let before = disc.recorded_end();
            store.lacking = disc.take_over(&beyond, link);
            // Blocks of reserved tracks before this do not move the end of the disc.
            store.taken_over = Some(before..disc.recorded_end()).filter(|taken| !taken.is_empty());
        }
        if misfit.is_some() {
            // From here on, the present contents of the image prove it.
            store.kept.digest = None;
        }
        Ok((store, disc))
    }

    /// Treats an image without a side file as a disc with one open track, recorded up to the end of the
    /// image.
    ///
    /// # Errors
    /// [`Error::Exists`] if there is a side file, [`Error::NotWholeBlocks`], [`Error::TooBig`],
    /// [`Error::InUse`]; errors of the host.
    pub(crate) fn adopt(path: &Path, medium: Medium, capacity: u32) -> Result<(Self, DiscLayout), Error> {
        let file = open_image(path, true).map_err(at(path))?;
        Self::adopt_open(file, path, (medium, capacity), &AdoptedSessions::default())
    }

    /// The same for a file that is open for reading and writing.
    ///
    /// # Errors
    /// As [`Store::adopt`].
    pub(crate) fn adopt_open(
        file: File,
        path: &Path,
        (medium, capacity): (Medium, u32),
        sessions: &AdoptedSessions,
    ) -> Result<(Self, DiscLayout), Error> {
        require_regular(&file).map_err(at(path))?;
        let place = ImageDirectory::of(&file, path).map_err(at(path))?;
        if place.side().map_err(at(path))?.is_some() {
            return Err(Error::Exists(place.side_path()));
        }
        lock(&file, path, Access::Record)?;
        let length = file.metadata().map_err(at(path))?.len();
        if length % BLOCK != 0 {
            return Err(Error::NotWholeBlocks(length));
        }
        side_file::require_replaceable(&place)?;
        let state = State {
            number: 0,
            recording: false,
            disc: DiscLayout::blank(medium, capacity),
            behaviour: Behaviour::default(),
            digest: None,
        };
        let mut store = Self::over(file, place, Access::Record, state);
        store.length = length;
        let disc = store.adopted(medium, capacity, sessions)?;
        store.kept.disc = disc.clone();
        Ok((store, disc))
    }

    /// The same image through the same handle, only for reading.
    ///
    /// # Errors
    /// Errors of the host.
    pub(crate) fn reader(&self) -> io::Result<Self> {
        Ok(Self {
            image: self.image.try_clone()?,
            place: Arc::clone(&self.place),
            access: Access::Read,
            kept: self.kept.clone(),
            side: self.side,
            misfit: self.misfit,
            begun: false,
            shares_lock: true,
            fresh: Digest::default(),
            length: self.length,
            tried: self.tried,
            taken_over: self.taken_over.clone(),
            lacking: self.lacking.clone(),
        })
    }

    fn over(image: File, place: ImageDirectory, access: Access, kept: State) -> Self {
        Self {
            image,
            place: Arc::new(place),
            access,
            kept,
            side: None,
            misfit: None,
            begun: false,
            shares_lock: false,
            fresh: Digest::default(),
            length: 0,
            tried: 0,
            taken_over: None,
            lacking: Vec::new(),
        }
    }

    /// A disc recorded up to the end of the image. If that is inside a unit, the rest of the unit is lost.
    fn adopted(
        &mut self,
        medium: Medium,
        capacity: u32,
        sessions: &AdoptedSessions,
    ) -> Result<DiscLayout, Error> {
        let mut disc = DiscLayout::blank(medium, capacity);
        let length = self.length.div_ceil(BLOCK);
        let blocks = u32::try_from(length)
            .ok()
            .filter(|blocks| *blocks <= disc.limit());
        let blocks = blocks.ok_or(Error::TooBig {
            blocks: length,
            capacity: disc.limit(),
        })?;
        disc.adopt(blocks, sessions, &self.kept.behaviour);
        // The image may contain only a part of the last block.
        self.lacking
            .extend((!self.length.is_multiple_of(BLOCK)).then(|| blocks - 1..blocks));
        Ok(disc)
    }

    pub(crate) fn path(&self) -> &Path {
        self.place.path()
    }

    pub(crate) fn behaviour(&self) -> &Behaviour {
        &self.kept.behaviour
    }

    pub(crate) fn is_read_only(&self) -> bool {
        self.access == Access::Read
    }

    /// Whether the side file has the mark of this recorder, because something was or will be recorded.
    pub(crate) fn has_begun(&self) -> bool {
        self.begun
    }

    /// The disc in the side file.
    pub(crate) fn kept(&self) -> &DiscLayout {
        &self.kept.disc
    }

    pub(crate) fn misfit(&self) -> Option<Misfit> {
        self.misfit
    }

    /// The blocks of an interrupted recording that were taken over when the image was opened.
    pub(crate) fn taken_over(&self) -> Option<Range<u32>> {
        self.taken_over.clone()
    }

    /// Reads whole recorded blocks. Blocks that complete the unit of an interrupted recording are zeros, like
    /// the padding of a drive.
    ///
    /// # Errors
    /// Errors of the host; [`io::ErrorKind::UnexpectedEof`] if the image was truncated.
    pub(crate) fn read(&self, first: u32, out: &mut [u8]) -> io::Result<()> {
        let offset = u64::from(first) * BLOCK;
        let end = offset + out.len() as u64;
        let padded = |pad: &Range<u32>| end <= u64::from(pad.end) * BLOCK;
        if end > self.length && self.lacking.iter().any(padded) {
            let there = usize::try_from(self.length.saturating_sub(offset)).unwrap_or(out.len());
            let (there, lacking) = out.split_at_mut(there.min(out.len()));
            lacking.fill(0);
            return self.image.read_exact_at(there, offset);
        }
        self.image.read_exact_at(out, offset)
    }

    /// Reads blocks to a file of the host.
    ///
    /// # Errors
    /// Errors of the host.
    pub(crate) fn read_to_file(&self, first: u32, part: FilePart<'_>) -> io::Result<()> {
        part.fill_from(&self.image, u64::from(first) * BLOCK)
    }

    /// Blocks of the image, the last of them possibly partial.
    ///
    /// # Errors
    /// Errors of the host.
    pub(crate) fn blocks(&self) -> io::Result<u32> {
        Ok(u32::try_from(self.image.metadata()?.len() / BLOCK).unwrap_or(u32::MAX))
    }

    /// Makes the mark durable before the first block after opening, and completes the unit of an interrupted
    /// recording. Later calls cost nothing.
    ///
    /// # Errors
    /// Errors of the host; an error if the image or side file is no longer the one that was opened.
    pub(crate) fn begin(
        &mut self,
        disc: &DiscLayout,
        behaviour: &Behaviour,
        faults: &mut Faults,
    ) -> io::Result<()> {
        if self.begun {
            return Ok(());
        }
        self.require_in_place()?;
        for pad in std::mem::take(&mut self.lacking) {
            self.reach(u64::from(pad.end) * BLOCK)?;
        }
        if self.kept.digest.is_none() {
            let blocks = u32::try_from(self.length / BLOCK).unwrap_or(u32::MAX);
            self.fresh
                .take_from(&self.image, 0..blocks.min(disc.recorded_end()))?;
        } else if let Some(taken) = self.taken_over.clone() {
            let blocks = u32::try_from(self.length / BLOCK).unwrap_or(u32::MAX);
            self.fresh
                .take_from(&self.image, taken.start..taken.end.min(blocks))?;
        }
        self.keep(disc, behaviour, faults)
    }

    /// Records blocks.
    ///
    /// # Errors
    /// Errors of the host; an error if the image was truncated or has grown, which a recording now would
    /// hide.
    pub(crate) fn write(&mut self, first: u32, bytes: &[u8]) -> io::Result<()> {
        self.require_whole()?;
        let offset = u64::from(first) * BLOCK;
        let end = offset + bytes.len() as u64;
        self.tried = self.tried.max(end);
        self.image.write_all_at(bytes, offset)?;
        self.length = self.length.max(end);
        self.fresh.take(first, bytes);
        Ok(())
    }

    /// Records blocks of zeros; the image grows to their end.
    ///
    /// # Errors
    /// The errors of [`Store::write`].
    pub(crate) fn fill_with_zeros(&mut self, blocks: &Range<u32>) -> io::Result<()> {
        self.require_whole()?;
        let (start, end) = (u64::from(blocks.start) * BLOCK, u64::from(blocks.end) * BLOCK);
        if start < self.length {
            self.zero(start, end.min(self.length))?;
        }
        self.reach(end)
    }

    /// Extends the image to a length in bytes.
    fn reach(&mut self, length: u64) -> io::Result<()> {
        if length > self.length {
            self.image.set_len(length)?;
            self.length = length;
        }
        Ok(())
    }

    fn zero(&self, start: u64, end: u64) -> io::Result<()> {
        let hole = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
        if start == end || fallocate(&self.image, hole, start, end - start).is_ok() {
            return Ok(());
        }
        static PIECE: [u8; 1 << 16] = [0; 1 << 16];
        let mut at = start;
        while at < end {
            let piece = usize::try_from(end - at).unwrap_or(PIECE.len()).min(PIECE.len());
            self.image.write_all_at(&PIECE[..piece], at)?;
            at += piece as u64;
        }
        Ok(())
    }

    /// Makes the present state of the disc durable in image and side file. The side file follows once the
    /// image contains all of it.
    ///
    /// # Errors
    /// Errors of the host; an error if the image or side file is no longer the one that was opened. A failed
    /// call can be repeated.
    pub(crate) fn keep(
        &mut self,
        disc: &DiscLayout,
        behaviour: &Behaviour,
        faults: &mut Faults,
    ) -> io::Result<()> {
        if self.begun && self.kept.disc == *disc {
            return Ok(());
        }
        self.require_in_place()?;
        // A host that fails here may have dropped data that it had accepted, so no later attempt is
        // trustworthy.
        self.image
            .sync_data()
            .map_err(|error| io::Error::other(format!("the image cannot be synchronized: {error}")))?;
        let mut digest = self.kept.digest.clone().unwrap_or_default();
        digest.extend(&self.fresh);
        digest.retain(|block| disc.damaged().first_in(&(block..block + 1)).is_none());
        let next = State {
            number: self.kept.number.saturating_add(1),
            recording: true,
            disc: disc.clone(),
            behaviour: behaviour.clone(),
            digest: Some(digest),
        };
        let before = std::mem::replace(&mut self.kept, next);
        if let Err(error) = self.write_side(faults) {
            self.kept = before;
            return Err(error);
        }
        self.begun = true;
        self.fresh.clear();
        Ok(())
    }

    /// Removes the mark, because the program ends and everything is kept. The mark remains if the host had no
    /// room for a whole command, since it explains why the image is longer.
    ///
    /// # Errors
    /// The errors of [`Store::keep`].
    pub(crate) fn end(&mut self) -> io::Result<()> {
        if !self.begun {
            return Ok(());
        }
        self.require_in_place()?;
        if self.image.metadata()?.len() > self.length {
            return Ok(());
        }
        self.kept.recording = false;
        self.write_side(&mut Faults::default())
    }

    /// Goes back to a disc with less recorded, as after a power cut.
    ///
    /// # Errors
    /// Errors of the host.
    pub(crate) fn cut_to(&mut self, disc: &DiscLayout) -> io::Result<()> {
        self.fresh.retain(|block| disc.is_recorded(block));
        let end = u64::from(disc.recorded_end()) * BLOCK;
        self.image.set_len(end)?;
        (self.length, self.tried) = (end, end);
        for track in disc
            .tracks()
            .iter()
            .filter(|track| track.reserved && track.writable())
        {
            let from = (u64::from(track.recorded_end) * BLOCK).min(end);
            self.zero(from, (u64::from(track.end) * BLOCK).min(end))?;
        }
        Ok(())
    }

    /// Releases the lock on the image.
    pub(crate) fn unlock(&self) {
        // A host without locks has none to release.
        let _ = flock(&self.image, FlockOperation::Unlock);
    }

    fn lock(&self) -> Result<(), Error> {
        lock(&self.image, self.place.path(), self.access)
    }

    /// Fails if the name of the image now refers to another file, or if the image was truncated or has grown.
    /// Recording then would be lost, or change the side file of another image.
    fn require_in_place(&self) -> io::Result<()> {
        if !self.place.leads_to(&self.image)? {
            let path = self.place.path().display();
            let text = format!("{path} was replaced or removed by another program during recording");
            return Err(io::Error::other(text));
        }
        self.require_whole()
    }

    /// Fails if another program has truncated the image or recorded on it.
    fn require_whole(&self) -> io::Result<()> {
        let length = self.image.metadata()?.len();
        let what = if length < self.length {
            "truncated"
        } else if length > self.length.max(self.tried) {
            "extended"
        } else {
            return Ok(());
        };
        let path = self.place.path().display();
        let text = format!("{path} was {what} by another program during recording");
        Err(io::Error::other(text))
    }

    fn write_side(&mut self, faults: &mut Faults) -> io::Result<()> {
        let written = side_file::replace(&self.place, &self.image, &self.kept, self.side, faults)?;
        self.side = Some(written);
        Ok(())
    }
}

impl Drop for Store {
    /// Closing alone would not release the lock, because a process that this one is starting shares the
    /// handle for a moment.
    fn drop(&mut self) {
        if !self.shares_lock {
            self.unlock();
        }
    }
}

/// Locks the image: against everyone for recording, against all but readers for reading.
fn lock(file: &File, path: &Path, access: Access) -> Result<(), Error> {
    let operation = match access {
        Access::Read => FlockOperation::NonBlockingLockShared,
        Access::Record => FlockOperation::NonBlockingLockExclusive,
    };
    match flock(file, operation) {
        Err(rustix::io::Errno::WOULDBLOCK) => Err(Error::InUse(path.to_owned())),
        // A file system without locks is no reason to refuse an image.
        _ => Ok(()),
    }
}

/// The path of an image's side file, after following symbolic links.
pub(crate) fn side_file_of(image: &Path) -> PathBuf {
    let real = image.canonicalize();
    side_path(real.as_deref().unwrap_or(image))
}

pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Error + '_ {
    move |source| Error::Io {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An image just made, after another program has changed it in between.
    fn made(meanwhile: impl FnOnce(&Path) -> Option<Store>) -> (Result<Store, Error>, bool) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("image");
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&path)
            .unwrap();
        let _others = meanwhile(&path);
        let disc = DiscLayout::blank(Medium::BdR, 640);
        let store = Store::begin_new(file, &path, &disc, &Behaviour::default());
        (store, path.exists())
    }

    #[test]
    fn an_image_that_another_program_takes_over_at_once_remains() {
        let (store, is_there) = made(|path| Some(Store::adopt(path, Medium::BdR, 640).unwrap().0));
        assert!(matches!(store, Err(Error::InUse(_))), "{store:?}");
        assert!(is_there);
        let (store, is_there) = made(|path| {
            std::fs::write(path, [1; 2048]).unwrap();
            std::fs::write(side_path(path), "of another program").unwrap();
            None
        });
        assert!(matches!(store, Err(Error::Exists(_))), "{store:?}");
        assert!(is_there);
    }

    #[test]
    fn an_image_whose_side_file_cannot_be_made_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        // The name of its side file is longer than the host allows.
        let path = folder.path().join("i".repeat(250));
        let disc = DiscLayout::blank(Medium::BdR, 640);
        let store = Store::create(&path, &disc, &Behaviour::default());
        assert!(store.is_err());
        assert!(!path.exists());
    }
}
