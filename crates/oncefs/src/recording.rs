//! A volume that is recorded on.

use std::ops::Deref;

use drive::Drive;
use ecma167::general::Timestamp;
use recording::{
    Attributes, Changes, CloseDisc, Commit, NodeId, NodeKind, OpenVolume, PlainWish, Recording as Lower,
};

use crate::closed::Closed;
use crate::error::{At, Error, ErrorKind, Result};
use crate::new_file::NewFile;
use crate::paths::{DEEPEST, split};
use crate::volume::Volume;

/// Mode of a new directory, and of a new file.
const DIRECTORY_MODE: u32 = 0o755;
const FILE_MODE: u32 = 0o644;

/// A volume that is recorded on, and read: what is pending shows in it.
///
/// Changes are pending until [`Recording::commit`]; bytes of files are on their way to the disc before.
/// Dropping a recording with changes leaves the volume as the last commit made it. A disc takes each block
/// once: what is removed or replaced takes its room for ever.
///
/// After an error what was done before it is pending too, such as the start of a file for which the medium is
/// too full, in place of the file that was there. [`Recording::abandon`] goes back to the last commit.
///
/// Paths are those of [`Volume`], whose methods it has. What is made belongs to user and group 0 unless
/// [`Recording::set_owner`] says otherwise, and has the time of the recording.
pub struct Recording {
    volume: Volume,
    now: Timestamp,
    uid: u32,
    gid: u32,
}

impl Recording {
    /// The volume on the medium in a drive that is open already, to record on it.
    ///
    /// # Errors
    /// As [`OpenOptions::record`](crate::OpenOptions::record).
    pub fn from_drive(drive: Drive, now: impl Into<Timestamp>) -> Result<Self> {
        let opened = volume::Volume::open(drive);
        Self::from_volume(opened.map_err(|failed| failed.error)?, now)
    }

    pub(crate) fn from_volume(volume: volume::Volume, now: impl Into<Timestamp>) -> Result<Self> {
        let now = now.into();
        let recording = Lower::of_volume(volume, now).map_err(|failed| failed.error)?;
        Ok(Self {
            volume: Volume::of(recording),
            now,
            uid: 0,
            gid: 0,
        })
    }

    /// The recording as the layer below has it, where what is here does not reach.
    ///
    /// # Errors
    /// None of a recording that was opened as one.
    pub(crate) fn lower(&mut self) -> Result<&mut Lower> {
        let read = || Error::new(ErrorKind::ReadOnly, "the volume is open for reading");
        self.volume.open_volume().recording().ok_or_else(read)
    }

    /// The volume as the layer below has it, where what is here does not reach.
    #[must_use]
    pub fn into_open_volume(self) -> OpenVolume {
        self.volume.into_open_volume()
    }

    /// Sets the time of what is made and changed from now on.
    pub fn set_time(&mut self, now: impl Into<Timestamp>) {
        self.now = now.into();
        if let Some(recording) = self.volume.open_volume().recording() {
            recording.set_time(self.now);
        }
    }

    /// Sets the owner of what is made from now on.
    pub fn set_owner(&mut self, uid: u32, gid: u32) {
        (self.uid, self.gid) = (uid, gid);
    }

    fn attributes(&self, mode: u32) -> Attributes {
        Attributes {
            uid: self.uid,
            gid: self.gid,
            ..Attributes::at(mode, self.now)
        }
    }

    /// The directory of a path, and the name in it.
    fn place<'p>(&mut self, path: &'p str) -> Result<(NodeId, &'p str)> {
        let (parent, name) = split(path)?;
        let parent = self.lower()?.lookup_path(parent).at(path)?;
        Ok((parent, name))
    }

    fn node(&mut self, path: &str) -> Result<NodeId> {
        self.lower()?.lookup_path(path).at(path)
    }

    fn make(&mut self, path: &str, kind: NodeKind, attributes: &Attributes) -> Result<NodeId> {
        let (parent, name) = self.place(path)?;
        self.lower()?.create(parent, name, kind, attributes).at(path)
    }

    /// Makes a directory.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`], [`ErrorKind::NotFound`], [`ErrorKind::InvalidName`],
    /// [`ErrorKind::MediumFull`], or what the drive met.
    pub fn create_dir(&mut self, path: &str) -> Result<()> {
        let attributes = self.attributes(DIRECTORY_MODE);
        self.make(path, NodeKind::Directory, &attributes).map(drop)
    }

    /// Makes a directory and those above it, as far as they are missing.
    ///
    /// # Errors
    /// As [`Recording::create_dir`]; [`ErrorKind::NotADirectory`].
    pub fn create_dir_all(&mut self, path: &str) -> Result<()> {
        let attributes = self.attributes(DIRECTORY_MODE);
        let recording = self.lower()?;
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

    /// Makes a file to write to, or empties the one that is there.
    ///
    /// # Errors
    /// As [`Recording::create_dir`]; [`ErrorKind::IsADirectory`] and [`ErrorKind::WrongFileType`] where
    /// something else is there.
    pub fn create(&mut self, path: &str) -> Result<NewFile<'_>> {
        let (parent, name) = self.place(path)?;
        match self.lower()?.lookup(parent, name).at(path)? {
            Some(node) => {
                let recording = self.lower()?;
                if recording.is_directory(node).at(path)? {
                    return Err(recording::Error::IsADirectory).at(path);
                }
                recording.truncate(node, 0).at(path)?;
                Ok(NewFile::new(recording, node, 0))
            }
            None => self.create_new(path),
        }
    }

    /// Makes a file to write to, which must not be there yet.
    ///
    /// # Errors
    /// As [`Recording::create_dir`].
    pub fn create_new(&mut self, path: &str) -> Result<NewFile<'_>> {
        let attributes = self.attributes(FILE_MODE);
        let node = self.make(path, NodeKind::File, &attributes)?;
        Ok(NewFile::new(self.lower()?, node, 0))
    }

    /// Opens a file to write to, beginning at its end.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], [`ErrorKind::IsADirectory`], [`ErrorKind::WrongFileType`], or what the drive
    /// met.
    pub fn append(&mut self, path: &str) -> Result<NewFile<'_>> {
        let length = {
            let file = self.volume.open(path)?;
            file.metadata().len()
        };
        let node = self.node(path)?;
        Ok(NewFile::new(self.lower()?, node, length))
    }

    /// Makes a file of these bytes, in place of one that is there.
    ///
    /// # Errors
    /// As [`Recording::create`].
    pub fn write(&mut self, path: &str, bytes: impl AsRef<[u8]>) -> Result<()> {
        let mut file = self.create(path)?;
        file.put_last(bytes.as_ref()).at(path)
    }

    /// Makes a symbolic link at `path` that says `target`, with `/` between names.
    ///
    /// # Errors
    /// As [`Recording::create_dir`].
    pub fn symlink(&mut self, target: &str, path: &str) -> Result<()> {
        let attributes = self.attributes(0o777);
        let (parent, name) = self.place(path)?;
        let made = self.lower()?.symlink(parent, name, target, &attributes);
        made.at(path).map(drop)
    }

    /// Gives the file at `original` a second name, `link`.
    ///
    /// # Errors
    /// As [`Recording::create_dir`]; [`ErrorKind::IsADirectory`], [`ErrorKind::TooLarge`] of a file with too
    /// many names.
    pub fn hard_link(&mut self, original: &str, link: &str) -> Result<()> {
        let node = self.node(original)?;
        let (parent, name) = self.place(link)?;
        self.lower()?.link(node, parent, name).at(link)
    }

    /// Removes the name of a file, and the file with its last name. Its blocks stay on the disc.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], [`ErrorKind::IsADirectory`], [`ErrorKind::MediumFull`], or what the drive
    /// met.
    pub fn remove_file(&mut self, path: &str) -> Result<()> {
        let (parent, name) = self.place(path)?;
        self.lower()?.unlink(parent, name).at(path)
    }

    /// Removes an empty directory.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], [`ErrorKind::NotADirectory`], [`ErrorKind::DirectoryNotEmpty`],
    /// [`ErrorKind::MediumFull`], or what the drive met.
    pub fn remove_dir(&mut self, path: &str) -> Result<()> {
        let (parent, name) = self.place(path)?;
        self.lower()?.remove_directory(parent, name).at(path)
    }

    /// Removes a directory with all that is in it. Of a symbolic link in it the link goes, not what it leads
    /// to.
    ///
    /// # Errors
    /// As [`Recording::remove_dir`]; [`ErrorKind::TooLarge`] of more than 1,024 directories below each other.
    /// What was removed before is pending: [`Recording::abandon`] brings it back.
    pub fn remove_dir_all(&mut self, path: &str) -> Result<()> {
        split(path)?;
        let mut waiting = vec![(path.to_owned(), 0)];
        let mut emptied = Vec::new();
        while let Some((directory, depth)) = waiting.pop() {
            if depth > DEEPEST {
                let message = "more directories below each other than are removed";
                return Err(Error::new(ErrorKind::TooLarge, message)).at(&directory);
            }
            let mut others = Vec::new();
            for entry in self.read_dir(&directory)? {
                let entry = entry?;
                if entry.is_dir() {
                    waiting.push((entry.path().to_owned(), depth + 1));
                } else {
                    others.push(entry.path().to_owned());
                }
            }
            for other in others {
                self.remove_file(&other)?;
            }
            emptied.push(directory);
        }
        // Each directory was found after the one that it is in.
        for directory in emptied.iter().rev() {
            self.remove_dir(directory)?;
        }
        Ok(())
    }

    /// Moves or renames, over what is there too, as `rename(2)` does.
    ///
    /// # Errors
    /// As [`Recording::create_dir`]; [`ErrorKind::IntoItself`], [`ErrorKind::DirectoryNotEmpty`],
    /// [`ErrorKind::IsADirectory`], [`ErrorKind::NotADirectory`].
    pub fn rename(&mut self, from: &str, to: &str) -> Result<()> {
        let (old_parent, old_name) = self.place(from)?;
        let (new_parent, new_name) = self.place(to)?;
        let renamed = self.lower()?.rename(old_parent, old_name, new_parent, new_name);
        renamed.at(from)
    }

    /// Changes mode, owners and times. In the commit that makes the file this costs nothing.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], [`ErrorKind::MediumFull`], or what the drive met.
    pub fn set_attributes(&mut self, path: &str, changes: &Changes) -> Result<()> {
        let node = self.node(path)?;
        self.lower()?.set_attributes(node, changes).at(path)
    }

    /// Whether anything is pending.
    pub fn is_dirty(&mut self) -> bool {
        self.lower().is_ok_and(|recording| recording.is_dirty())
    }

    /// Blocks of 2,048 bytes that files may still take: what the next commit and the closing need is kept
    /// back.
    ///
    /// # Errors
    /// What the drive met.
    pub fn free_blocks(&mut self) -> Result<u64> {
        Ok(self.lower()?.free_blocks()?)
    }

    /// Makes every change part of the volume, and waits until the drive has recorded it. With nothing pending
    /// nothing is recorded.
    ///
    /// # Errors
    /// What the drive met; the volume is what the commit before made it.
    pub fn commit(&mut self) -> Result<Commit> {
        let now = self.now;
        Ok(self.lower()?.commit(now)?)
    }

    /// Drops every change since the last commit. Blocks that are on the disc already stay there, and nothing
    /// names them.
    ///
    /// # Errors
    /// What the drive met.
    pub fn abandon(&mut self) -> Result<()> {
        self.lower()?.abandon()?;
        Ok(())
    }

    /// Makes a disc whose recording was interrupted one that every reader finds the volume on; the first
    /// change does the same. Returns whether there was anything to do.
    ///
    /// # Errors
    /// What the drive met; it can be tried again.
    pub fn recover(&mut self) -> Result<bool> {
        let recording = self.lower()?;
        let interrupted = recording.is_interrupted();
        recording.recover()?;
        Ok(interrupted)
    }

    /// What the next closing does about a plain volume, where that is not what the disc was formatted for.
    pub fn set_plain_wish(&mut self, wish: PlainWish) {
        if let Some(recording) = self.volume.open_volume().recording() {
            recording.set_plain_wish(wish);
        }
    }

    /// Commits what is pending and closes the session: ROM drives read the disc then, and more can be added
    /// in a further session. With no session open nothing is recorded. A medium of a single session (DVD-R
    /// DL) is finalized.
    ///
    /// # Errors
    /// [`ErrorKind::ReadOnly`], [`ErrorKind::MediumFull`], or what the drive met. Closing can be asked for
    /// again, also after the disc was opened anew.
    #[doc(alias = "FSCTL_MAKE_MEDIA_COMPATIBLE")]
    pub fn close(&mut self) -> Result<Closed> {
        self.close_as(CloseDisc::No)
    }

    /// Closes, and finalizes the disc: nothing can be added any more.
    ///
    /// # Errors
    /// As [`Recording::close`].
    pub fn finalize(&mut self) -> Result<Closed> {
        self.close_as(CloseDisc::Yes)
    }

    fn close_as(&mut self, close_disc: CloseDisc) -> Result<Closed> {
        let now = self.now;
        let recording = self.lower()?;
        let closed = recording.close(close_disc, now)?;
        Ok(Closed::new(closed, recording.told().copied()))
    }
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
