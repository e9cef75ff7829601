//! A volume, read as one reads a file system.

use drive::Drive;
use recording::{OpenVolume, Plan};
use volume::{Directories as _, Loss};

use crate::disc_info::DiscInfo;
use crate::error::{At, Error, ErrorKind, Result};
use crate::file::File;
use crate::metadata::Metadata;
use crate::read_dir::ReadDir;
use crate::turn::Turn;
use crate::volume_info::VolumeInfo;
use crate::walk_dir::WalkDir;

/// A volume that is read.
///
/// Paths begin at the root of the volume, with or without a leading `/`; names are Unicode. `.` and empty
/// names are passed over, `..` goes back along the path, symbolic links are not followed. Directories and
/// files are read when they are asked for: memory does not grow with the volume. Several files and
/// directories can be read at a time, in several threads too; they take turns at the drive.
pub struct Volume {
    turn: Turn,
}

impl Volume {
    /// The volume on the medium in a drive that is open already.
    ///
    /// # Errors
    /// [`ErrorKind::NoVolume`], [`ErrorKind::Unsupported`], [`ErrorKind::Damaged`], or what the drive met.
    pub fn from_drive(drive: Drive) -> Result<Self> {
        let opened = volume::Volume::open(drive);
        Ok(Self::of(opened.map_err(|failed| failed.error)?))
    }

    pub(crate) fn of(open: impl Into<OpenVolume>) -> Self {
        Self {
            turn: Turn::new(open.into()),
        }
    }

    /// The volume as the layer below has it, where what is here does not reach.
    pub fn open_volume(&mut self) -> &mut OpenVolume {
        self.turn.get_mut()
    }

    /// As [`Volume::open_volume`], given away.
    #[must_use]
    pub fn into_open_volume(self) -> OpenVolume {
        self.turn.into_inner()
    }

    /// What is known of a path.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], [`ErrorKind::NotADirectory`], or what reading the volume met.
    pub fn metadata(&self, path: &str) -> Result<Metadata> {
        let node = self.turn.lock().lookup_path(path).at(path)?;
        Ok(Metadata::new(node))
    }

    /// Whether there is something at a path.
    ///
    /// # Errors
    /// What reading the volume met: then nobody knows.
    pub fn exists(&self, path: &str) -> Result<bool> {
        match self.metadata(path) {
            Ok(_) => Ok(true),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The entries of a directory, in the order of the disc.
    ///
    /// # Errors
    /// As [`Volume::metadata`].
    pub fn read_dir(&self, path: &str) -> Result<ReadDir<'_>> {
        let mut open = self.turn.lock();
        let node = open.lookup_path(path).at(path)?;
        let entries = open.begin(&node, 0).at(path)?;
        drop(open);
        Ok(ReadDir::new(&self.turn, entries, path))
    }

    /// The entries of a directory and of all directories below it, each before what it holds.
    ///
    /// # Errors
    /// As [`Volume::metadata`].
    pub fn walk_dir(&self, path: &str) -> Result<WalkDir<'_>> {
        let node = self.turn.lock().lookup_path(path).at(path)?;
        Ok(WalkDir::new(&self.turn, node, path))
    }

    /// Opens a regular file for reading.
    ///
    /// # Errors
    /// As [`Volume::metadata`]; [`ErrorKind::IsADirectory`] and [`ErrorKind::WrongFileType`] of what is no
    /// regular file.
    pub fn open(&self, path: &str) -> Result<File<'_>> {
        let node = self.turn.lock().lookup_path(path).at(path)?;
        File::open(&self.turn, node.address, path)
    }

    /// Where a symbolic link leads, with `/` between names.
    ///
    /// # Errors
    /// As [`Volume::metadata`]; [`ErrorKind::WrongFileType`] of what is no symbolic link.
    pub fn read_link(&self, path: &str) -> Result<String> {
        let mut open = self.turn.lock();
        let node = open.lookup_path(path).at(path)?;
        open.symlink_target(&node).at(path)
    }

    /// The named streams that a file or directory has beside its bytes (`ECMA-167 4/9.2`), each like a file
    /// in a directory.
    ///
    /// # Errors
    /// As [`Volume::metadata`].
    pub fn streams(&self, path: &str) -> Result<ReadDir<'_>> {
        let mut open = self.turn.lock();
        let node = open.lookup_path(path).at(path)?;
        let volume = open.volume();
        let directory = volume.stream_directory(&node).at(path)?;
        let streams = directory.map(|directory| volume.directory(&directory));
        let streams = streams.transpose().at(path)?;
        drop(open);
        Ok(ReadDir::of_streams(&self.turn, streams, path))
    }

    /// Opens a named stream for reading.
    ///
    /// # Errors
    /// As [`Volume::metadata`]; of a stream that is not there with the path `FILE:STREAM`.
    pub fn open_stream(&self, path: &str, name: &str) -> Result<File<'_>> {
        let mut open = self.turn.lock();
        let node = open.lookup_path(path).at(path)?;
        let volume = open.volume();
        let found = volume.lookup_stream(&node, name).at(path)?;
        let none = || Error::new(ErrorKind::NotFound, format!("no stream {name:?}"));
        let stream_path = format!("{}:{name}", path.trim_end_matches('/'));
        let address = found.ok_or_else(none).at(&stream_path)?;
        let stream = volume.stream(address).at(path)?;
        let body = volume.body(&stream).at(path)?;
        drop(open);
        Ok(File::new(&self.turn, Metadata::new(stream), Some(body)))
    }

    /// What the volume says of itself.
    ///
    /// # Errors
    /// What the drive met.
    pub fn info(&self) -> Result<VolumeInfo> {
        VolumeInfo::of(self.turn.lock().volume())
    }

    /// What the drive says of the medium and its sessions.
    #[must_use]
    pub fn disc(&self) -> DiscInfo {
        DiscInfo::of(self.turn.lock().volume().drive())
    }

    /// What adding and closing will do on this medium.
    #[must_use]
    pub fn plan(&self) -> Plan {
        Plan::of(self.turn.lock().volume())
    }

    /// What could not be read so far, and what is used in its place. Where one of them
    /// [hides a generation](Loss::hides_generation), the newest state is not what the volume shows.
    #[must_use]
    pub fn losses(&self) -> Vec<Loss> {
        self.turn.lock().volume().losses().to_vec()
    }
}

impl From<volume::Volume> for Volume {
    fn from(volume: volume::Volume) -> Self {
        Self::of(volume)
    }
}

impl std::fmt::Debug for Volume {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Volume").finish_non_exhaustive()
    }
}
