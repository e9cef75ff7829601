//! A volume open for recording.

use std::ops::Deref;

use drive::Drive;
use ecma167::BLOCK_SIZE;
use ecma167::general::Timestamp;
use recording::{
    Attributes, Changes, CloseDisc, Commit, LOST_AND_FOUND, Linked, NodeId, NodeKind, OpenVolume,
    PlainVolumeChoice, PlainVolumeDifferences, Recording as Lower,
};

use crate::closed::Closed;
use crate::error::{AtPath, Error, ErrorKind, Result};
use crate::new_file::NewFile;
use crate::paths::split;
use crate::volume::Volume;

/// Modes of a new directory and of a new file.
const DIRECTORY_MODE: u32 = 0o755;
const FILE_MODE: u32 = 0o644;

/// A volume open for recording. It can be read too; reading shows pending changes.
///
/// Changes are pending until [`Recording::commit`], but the bytes of files go to the disc earlier. Dropping a
/// recording drops its pending changes and leaves the volume as of the last commit. A block is recorded only
/// once, so removing or replacing a file frees no space.
///
/// If an operation on one path fails, it leaves nothing pending, except that a file that it replaces may be
/// truncated. An operation on many files or directories leaves what it did before the error, and so does
/// writing to a [`NewFile`]. After the drive fails to record, nothing can be committed until
/// [`Recording::abandon`] returns to the last commit.
///
/// Paths have the form described at [`Volume`], whose methods a recording has too. New files and directories
/// belong to user and group 0 unless [`Recording::set_owner`] sets another owner, and have the time of the
/// recording.
pub struct Recording {
    volume: Volume,
    now: Timestamp,
    uid: u32,
    gid: u32,
    stop: Option<Box<dyn Fn() -> bool + Send + Sync>>,
}

impl Recording {
    /// Opens the volume on the medium in a drive that is already open, to record on it.
    ///
    /// # Errors
    /// Fails as [`OpenOptions::record`](crate::OpenOptions::record) does.
    pub fn from_drive(drive: Drive, now: impl Into<Timestamp>) -> Result<Self> {
        Self::from_volume(Volume::from_drive(drive)?, now)
    }

    /// Starts to record on a volume that is open for reading.
    ///
    /// # Errors
    /// Fails as [`OpenOptions::record`](crate::OpenOptions::record) does.
    pub fn from_volume(volume: Volume, now: impl Into<Timestamp>) -> Result<Self> {
        let now = now.into();
        let recording = match volume.into_open_volume() {
            OpenVolume::Reading(volume) => Lower::of_volume(*volume, now)?.into(),
            recording => recording,
        };
        Ok(Self {
            volume: Volume::of(recording),
            now,
            uid: 0,
            gid: 0,
            stop: None,
        })
    }

    /// Returns the recording of the layer below, for what this crate does not cover.
    ///
    /// # Errors
    /// Never fails, because the volume was opened for recording.
    pub fn inner(&mut self) -> Result<&mut Lower> {
        self.volume.open_volume().recording().ok_or_else(not_recording)
    }

    /// Consumes the recording and returns the volume of the layer below, for what this crate does not cover.
    #[must_use]
    pub fn into_open_volume(self) -> OpenVolume {
        self.volume.into_open_volume()
    }

    /// Consumes the recording and returns the drive, which stays open. Drops pending changes.
    #[must_use]
    pub fn into_drive(self) -> Drive {
        self.volume.into_drive()
    }

    /// Sets the time of later changes.
    pub fn set_time(&mut self, now: impl Into<Timestamp>) {
        self.now = now.into();
        if let Some(recording) = self.volume.open_volume().recording() {
            recording.set_time(self.now);
        }
    }

    /// Sets the owner of files and directories that are created later.
    pub fn set_owner(&mut self, uid: u32, gid: u32) {
        (self.uid, self.gid) = (uid, gid);
    }

    /// Sets a function that operations on many files call before each file. If it returns `true`, they stop
    /// with [`ErrorKind::Interrupted`]; what they did until then is pending.
    pub fn stop_if(&mut self, asked: impl Fn() -> bool + Send + Sync + 'static) {
        self.stop = Some(Box::new(asked));
    }

    pub(crate) fn check_stop(&self) -> Result<()> {
        match &self.stop {
            Some(asked) if asked() => Err(Error::new(ErrorKind::Interrupted, "interrupted")),
            _ => Ok(()),
        }
    }

    fn attributes(&self, mode: u32) -> Attributes {
        Attributes {
            uid: self.uid,
            gid: self.gid,
            ..Attributes::at(mode, self.now)
        }
    }

    /// Returns the directory and the last name of a path.
    pub(crate) fn place<'p>(&mut self, path: &'p str) -> Result<(NodeId, &'p str)> {
        let (parent, name) = split(path)?;
        let parent = self.inner()?.lookup_path(parent).at(parent)?;
        Ok((parent, name))
    }

    fn node(&mut self, path: &str) -> Result<NodeId> {
        self.inner()?.lookup_path(path).at(path)
    }

    fn make(&mut self, path: &str, kind: NodeKind, attributes: &Attributes) -> Result<NodeId> {
        let (parent, name) = self.place(path)?;
        self.inner()?.create(parent, name, kind, attributes).at(path)
    }

    /// Creates a directory.
    ///
    /// # Errors
    /// Fails with an error of the drive, or with:
    ///
    /// - [`ErrorKind::AlreadyExists`] if `path` exists.
    /// - [`ErrorKind::NotFound`] if the directory above it does not exist.
    /// - [`ErrorKind::InvalidName`] if UDF cannot represent the name.
    /// - [`ErrorKind::MediumFull`] if the medium has too little free space.
    pub fn create_dir(&mut self, path: &str) -> Result<()> {
        let attributes = self.attributes(DIRECTORY_MODE);
        self.make(path, NodeKind::Directory, &attributes).map(drop)
    }

    /// Creates a directory and all missing directories above it.
    ///
    /// # Errors
    /// Fails as [`Recording::create_dir`] does, or with [`ErrorKind::NotADirectory`] if a component of `path`
    /// exists and is not a directory. A directory that exists is not an error.
    pub fn create_dir_all(&mut self, path: &str) -> Result<()> {
        let attributes = self.attributes(DIRECTORY_MODE);
        let recording = self.inner()?;
        let mut node = recording.root();
        for name in path.split('/').filter(|name| !name.is_empty() && *name != ".") {
            node = match recording.lookup(node, name).at(path)? {
                Some(next) => next,
                None => recording
                    .create(node, name, NodeKind::Directory, &attributes)
                    .at(path)?,
            };
        }
        if recording.is_directory(node).at(path)? {
            Ok(())
        } else {
            Err(recording::Error::NotADirectory).at(path)
        }
    }

    /// Creates a file for writing, or truncates an existing one.
    ///
    /// # Errors
    /// Fails as [`Recording::create_dir`] does, or with:
    ///
    /// - [`ErrorKind::IsADirectory`] if `path` is a directory.
    /// - [`ErrorKind::WrongFileType`] if `path` exists and is neither a directory nor a regular file.
    pub fn create(&mut self, path: &str) -> Result<NewFile<'_>> {
        match self.existing_file(path)? {
            Some(node) => {
                let recording = self.inner()?;
                recording.truncate(node, 0).at(path)?;
                Ok(NewFile::new(recording, node, 0))
            }
            None => self.create_new(path),
        }
    }

    /// Returns the node to write at a path, if the path exists.
    fn existing_file(&mut self, path: &str) -> Result<Option<NodeId>> {
        let (parent, name) = self.place(path)?;
        let recording = self.inner()?;
        let Some(node) = recording.lookup(parent, name).at(path)? else {
            return Ok(None);
        };
        if recording.is_directory(node).at(path)? {
            return Err(recording::Error::IsADirectory).at(path);
        }
        Ok(Some(node))
    }

    /// Creates or replaces a file with `bytes` bytes of data. On failure, removes a new file again. Leaves an
    /// existing file as it is if the medium has too little free space.
    pub(crate) fn fill(
        &mut self,
        path: &str,
        bytes: u64,
        fill: impl FnOnce(&mut NewFile<'_>) -> Result<()>,
    ) -> Result<()> {
        let is_new = self.existing_file(path)?.is_none();
        // The first and the last block may be partial.
        let blocks = bytes.div_ceil(BLOCK_SIZE as u64) + 2;
        self.inner()?.require(blocks).at(path)?;
        let filled = fill(&mut self.create(path)?).at(path);
        if filled.is_err() && is_new {
            // The first error says more than a failure to remove the file.
            let _ = self.remove_file(path);
        }
        filled
    }

    /// Creates a file for writing. The path must not exist.
    ///
    /// # Errors
    /// Fails as [`Recording::create_dir`] does.
    pub fn create_new(&mut self, path: &str) -> Result<NewFile<'_>> {
        let attributes = self.attributes(FILE_MODE);
        let node = self.make(path, NodeKind::File, &attributes)?;
        Ok(NewFile::new(self.inner()?, node, 0))
    }

    /// Opens a file for writing at its end.
    ///
    /// # Errors
    /// Fails with an error of the drive, or with:
    ///
    /// - [`ErrorKind::NotFound`] if `path` does not exist.
    /// - [`ErrorKind::IsADirectory`] if `path` is a directory.
    /// - [`ErrorKind::WrongFileType`] if `path` is not a regular file.
    pub fn append(&mut self, path: &str) -> Result<NewFile<'_>> {
        let length = {
            let file = self.volume.open(path)?;
            file.metadata().len()
        };
        let node = self.node(path)?;
        Ok(NewFile::new(self.inner()?, node, length))
    }

    /// Writes `bytes` as the entire contents of a file. Creates the file, or replaces an existing one.
    ///
    /// # Errors
    /// Fails as [`Recording::create`] does. A new file is then removed again.
    pub fn write(&mut self, path: &str, bytes: impl AsRef<[u8]>) -> Result<()> {
        let bytes = bytes.as_ref();
        self.fill(path, bytes.len() as u64, |file| file.put_last(bytes))
    }

    /// Creates a symbolic link at `path` to `target`, in which `/` separates names.
    ///
    /// # Errors
    /// Fails as [`Recording::create_dir`] does.
    pub fn symlink(&mut self, target: &str, path: &str) -> Result<()> {
        let attributes = self.attributes(0o777);
        let (parent, name) = self.place(path)?;
        let made = self.inner()?.symlink(parent, name, target, &attributes);
        made.at(path).map(drop)
    }

    /// Creates `link` as a further name of the file at `original`.
    ///
    /// # Errors
    /// Fails as [`Recording::create_dir`] does, or with:
    ///
    /// - [`ErrorKind::NotFound`] if `original` does not exist.
    /// - [`ErrorKind::IsADirectory`] if `original` is a directory.
    /// - [`ErrorKind::TooLarge`] if the file has too many names.
    pub fn hard_link(&mut self, original: &str, link: &str) -> Result<()> {
        let node = self.node(original)?;
        let (parent, name) = self.place(link)?;
        self.inner()?.link(node, parent, name).at(link)
    }

    /// Removes the name of a file. The file is removed with its last name. Its blocks stay on the disc.
    ///
    /// # Errors
    /// Fails with an error of the drive, or with:
    ///
    /// - [`ErrorKind::NotFound`] if `path` does not exist.
    /// - [`ErrorKind::IsADirectory`] if `path` is a directory.
    /// - [`ErrorKind::MediumFull`] if the medium has too little free space for the change.
    pub fn remove_file(&mut self, path: &str) -> Result<()> {
        let (parent, name) = self.place(path)?;
        self.inner()?.unlink(parent, name).at(path)
    }

    /// Removes an empty directory.
    ///
    /// # Errors
    /// Fails with an error of the drive, or with:
    ///
    /// - [`ErrorKind::NotFound`] if `path` does not exist.
    /// - [`ErrorKind::NotADirectory`] if `path` is not a directory.
    /// - [`ErrorKind::DirectoryNotEmpty`] if the directory is not empty.
    /// - [`ErrorKind::MediumFull`] if the medium has too little free space for the change.
    pub fn remove_dir(&mut self, path: &str) -> Result<()> {
        let (parent, name) = self.place(path)?;
        self.inner()?.remove_directory(parent, name).at(path)
    }

    /// Renames or moves a file or directory. Replaces what exists at `to`, as `rename(2)` does.
    ///
    /// # Errors
    /// Fails as [`Recording::create_dir`] does, or with:
    ///
    /// - [`ErrorKind::NotFound`] if `from` does not exist.
    /// - [`ErrorKind::IntoItself`] if `to` is in the directory `from`.
    /// - [`ErrorKind::DirectoryNotEmpty`] if `to` is a directory that is not empty.
    /// - [`ErrorKind::IsADirectory`] if `to` is a directory and `from` is not.
    /// - [`ErrorKind::NotADirectory`] if `from` is a directory and `to` is not.
    pub fn rename(&mut self, from: &str, to: &str) -> Result<()> {
        let (old_parent, old_name) = self.place(from)?;
        let (new_parent, new_name) = self.place(to)?;
        let renamed = self.inner()?.rename(old_parent, old_name, new_parent, new_name);
        renamed.at(from)
    }

    /// Changes mode, owners and times. This takes no blocks if the file is created in the same commit.
    ///
    /// # Errors
    /// Fails with an error of the drive, or with:
    ///
    /// - [`ErrorKind::NotFound`] if `path` does not exist.
    /// - [`ErrorKind::MediumFull`] if the medium has too little free space for the change.
    pub fn set_attributes(&mut self, path: &str, changes: &Changes) -> Result<()> {
        let node = self.node(path)?;
        self.inner()?.set_attributes(node, changes).at(path)
    }

    /// Returns whether any change is pending.
    pub fn is_dirty(&self) -> bool {
        let mut open = self.volume.turn().lock();
        open.recording().is_some_and(|recording| recording.is_dirty())
    }

    /// Returns how many blocks of 2,048 bytes files may still take. Excludes what the next commit and closing
    /// need.
    ///
    /// # Errors
    /// Fails with an error of the drive.
    pub fn free_blocks(&self) -> Result<u64> {
        let mut open = self.volume.turn().lock();
        Ok(open.recording().ok_or_else(not_recording)?.free_blocks()?)
    }

    /// Makes every pending change part of the volume, and waits until the drive has recorded it. Records
    /// nothing if nothing is pending.
    ///
    /// # Errors
    /// Fails with an error of the drive. The volume then stays at the previous commit.
    pub fn commit(&mut self) -> Result<Commit> {
        let now = self.now;
        Ok(self.inner()?.commit(now)?)
    }

    /// Drops every change since the last commit, and returns that commit. Blocks that are already on the disc
    /// stay there unused.
    ///
    /// # Errors
    /// Fails with an error of the drive.
    pub fn abandon(&mut self) -> Result<Commit> {
        Ok(self.inner()?.abandon()?)
    }

    /// Returns whether the last recording on the disc was interrupted.
    pub fn is_interrupted(&self) -> bool {
        let mut open = self.volume.turn().lock();
        open.recording()
            .is_some_and(|recording| recording.is_interrupted())
    }

    /// Completes a recording that was interrupted, so that readers that look for the VAT only at the end of
    /// the disc find it. The first change does the same. Returns whether a recording was interrupted.
    ///
    /// # Errors
    /// Fails with an error of the drive. Recovery can be tried again.
    pub fn recover(&mut self) -> Result<bool> {
        let interrupted = self.is_interrupted();
        self.inner()?.recover()?;
        Ok(interrupted)
    }

    /// Recovers as [`Recording::recover`] does, and names the whole files that no generation names: in
    /// `/lost+found`, `#` and the block of the medium with their entry. Their data is not recorded again, and
    /// the names are pending until [`Recording::commit`]. Call it first:
    /// [`Volume::after_newest`](crate::Volume::after_newest) is empty once something is recorded.
    ///
    /// # Errors
    /// Fails with an error of the drive, or with:
    ///
    /// - [`ErrorKind::NotADirectory`] if `/lost+found` is a file.
    /// - [`ErrorKind::MediumFull`] if the medium has too little free space.
    pub fn recover_lost_and_found(&mut self) -> Result<Linked> {
        let attributes = self.attributes(DIRECTORY_MODE);
        let linked = self.inner()?.recover_lost_and_found(&attributes);
        linked.at(LOST_AND_FOUND)
    }

    /// Records the VAT of an open session again although nothing was interrupted, so that a side file that
    /// did not match its image ([`accept_image`](crate::OpenOptions::accept_image)) matches again. Returns
    /// whether a session was open; if none was, records nothing.
    ///
    /// # Errors
    /// Fails as [`Recording::recover`] does.
    pub fn record_vat_again(&mut self) -> Result<bool> {
        Ok(self.inner()?.restate()?)
    }

    /// Returns what is missing from the plain volume that this recording recorded last.
    pub fn plain_volume_differences(&self) -> Option<PlainVolumeDifferences> {
        let mut open = self.volume.turn().lock();
        open.recording()?.plain_volume_differences().copied()
    }

    /// Sets what the next closing does about a plain volume, instead of what the disc was formatted for.
    pub fn set_plain_volume(&mut self, choice: PlainVolumeChoice) {
        if let Some(recording) = self.volume.open_volume().recording() {
            recording.set_plain_volume(choice);
        }
    }

    /// Commits pending changes and closes the session. ROM drives can then read the disc, and a further
    /// session can add more. Records nothing if no session is open and nothing is pending. Finalizes a medium
    /// that has a single session (DVD-R DL).
    ///
    /// # Errors
    /// Fails with an error of the drive, or with:
    ///
    /// - [`ErrorKind::ReadOnly`] if the medium, drive or volume accepts no more data.
    /// - [`ErrorKind::MediumFull`] if the medium has too little free space.
    ///
    /// Closing can be tried again, even after reopening the disc.
    #[doc(alias = "FSCTL_MAKE_MEDIA_COMPATIBLE")]
    pub fn close(&mut self) -> Result<Closed> {
        self.close_as(CloseDisc::No)
    }

    /// Closes the session and finalizes the disc: nothing can be added afterwards.
    ///
    /// # Errors
    /// Fails as [`Recording::close`] does.
    pub fn finalize(&mut self) -> Result<Closed> {
        self.close_as(CloseDisc::Yes)
    }

    fn close_as(&mut self, close_disc: CloseDisc) -> Result<Closed> {
        let now = self.now;
        let closed = self.inner()?.close(close_disc, now)?;
        Ok(Closed::new(closed, self.plain_volume_differences()))
    }
}

fn not_recording() -> Error {
    Error::new(ErrorKind::ReadOnly, "the volume is open for reading")
}

impl Deref for Recording {
    type Target = Volume;

    fn deref(&self) -> &Volume {
        &self.volume
    }
}

impl std::fmt::Debug for Recording {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recording").finish_non_exhaustive()
    }
}
