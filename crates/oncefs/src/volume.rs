//! A volume, read like a file system.

use drive::{Drive, SessionState, Status};
use ecma167::LogicalSector;
use ecma167::general::Timestamp;
use ecma167::recognition::{RECOGNITION_SECTOR, recognise};
use recording::{OpenVolume, Plan, Room};
use volume::{AfterNewest, Companion, Comparison, Directories as _, InUse, Loss, Past};

use crate::disc_info::DiscInfo;
use crate::error::{AtPath, Error, ErrorKind, Result};
use crate::file::File;
use crate::metadata::Metadata;
use crate::read_dir::ReadDir;
use crate::turn::Turn;
use crate::volume_info::VolumeInfo;
use crate::walk_dir::WalkDir;

/// A volume open for reading.
///
/// Paths begin at the root of the volume, with or without a leading `/`; names are Unicode. `.` and empty
/// names are ignored, `..` removes the name before it, and symbolic links are not followed. Directories and
/// files are read on request, so memory does not grow with the volume. Several files and directories can be
/// read at a time, also in several threads; they use the drive in turns.
pub struct Volume {
    turn: Turn,
}

impl Volume {
    /// Opens the volume on the medium in a drive that is already open.
    ///
    /// # Errors
    /// Fails with an error of the drive, or with:
    ///
    /// - [`ErrorKind::NoVolume`] if the medium has no UDF volume.
    /// - [`ErrorKind::Unsupported`] if this library cannot read the volume.
    /// - [`ErrorKind::Damaged`] if the volume is damaged.
    pub fn from_drive(drive: Drive) -> Result<Self> {
        Ok(volume::Volume::open(drive)?.into())
    }

    pub(crate) fn of(open: impl Into<OpenVolume>) -> Self {
        Self {
            turn: Turn::new(open.into()),
        }
    }

    pub(crate) fn turn(&self) -> &Turn {
        &self.turn
    }

    /// Returns the volume of the layer below, for what this crate does not cover.
    pub fn open_volume(&mut self) -> &mut OpenVolume {
        self.turn.get_mut()
    }

    /// Consumes the volume and returns that of the layer below, as [`Volume::open_volume`] does.
    #[must_use]
    pub fn into_open_volume(self) -> OpenVolume {
        self.turn.into_inner()
    }

    /// Returns the metadata of the node at a path.
    ///
    /// # Errors
    /// Fails if the volume cannot be read, or with:
    ///
    /// - [`ErrorKind::NotFound`] if `path` does not exist.
    /// - [`ErrorKind::NotADirectory`] if a component of `path` is not a directory.
    pub fn metadata(&self, path: &str) -> Result<Metadata> {
        let node = self.turn.lock().lookup_path(path).at(path)?;
        Ok(Metadata::new(node))
    }

    /// Returns whether a path exists.
    ///
    /// # Errors
    /// Fails if the volume cannot be read, because the answer is unknown then.
    pub fn exists(&self, path: &str) -> Result<bool> {
        match self.metadata(path) {
            Ok(_) => Ok(true),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Returns an iterator over the entries of a directory, in the order on the disc.
    ///
    /// # Errors
    /// Fails as [`Volume::metadata`] does.
    pub fn read_dir(&self, path: &str) -> Result<ReadDir<'_>> {
        let mut open = self.turn.lock();
        let node = open.lookup_path(path).at(path)?;
        let entries = open.begin(&node, 0).at(path)?;
        drop(open);
        Ok(ReadDir::new(&self.turn, entries, path))
    }

    /// Returns an iterator over the entries of a directory and of all directories below it. Each directory
    /// comes before its contents.
    ///
    /// # Errors
    /// Fails as [`Volume::metadata`] does.
    pub fn walk_dir(&self, path: &str) -> Result<WalkDir<'_>> {
        let node = self.turn.lock().lookup_path(path).at(path)?;
        Ok(WalkDir::new(&self.turn, node, path))
    }

    /// Opens a regular file for reading.
    ///
    /// # Errors
    /// Fails as [`Volume::metadata`] does, or with:
    ///
    /// - [`ErrorKind::IsADirectory`] if `path` is a directory.
    /// - [`ErrorKind::WrongFileType`] if `path` is not a regular file.
    pub fn open(&self, path: &str) -> Result<File<'_>> {
        let node = self.turn.lock().lookup_path(path).at(path)?;
        File::open(&self.turn, node.address, path)
    }

    /// Returns the target of a symbolic link, with `/` between names.
    ///
    /// # Errors
    /// Fails as [`Volume::metadata`] does, or with [`ErrorKind::WrongFileType`] if `path` is not a symbolic
    /// link.
    pub fn read_link(&self, path: &str) -> Result<String> {
        let mut open = self.turn.lock();
        let node = open.lookup_path(path).at(path)?;
        open.symlink_target(&node).at(path)
    }

    /// Returns an iterator over the named streams of a file or directory (`ECMA-167 4/9.2`). Each is listed
    /// like a file in a directory.
    ///
    /// # Errors
    /// Fails as [`Volume::metadata`] does.
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
    /// Fails as [`Volume::metadata`] does, also with [`ErrorKind::NotFound`] if the stream does not exist.
    pub fn open_stream(&self, path: &str, name: &str) -> Result<File<'_>> {
        let mut open = self.turn.lock();
        let node = open.lookup_path(path).at(path)?;
        let volume = open.volume();
        let found = volume.lookup_stream(&node, name).at(path)?;
        let none = || Error::new(ErrorKind::NotFound, format!("no stream {name:?}"));
        let address = found.ok_or_else(none).at(path)?;
        let stream = volume.stream(address).at(path)?;
        let body = volume.body(&stream).at(path)?;
        drop(open);
        Ok(File::new(&self.turn, Metadata::new(stream), Some(body)))
    }

    /// Consumes the volume and returns the drive, which stays open.
    #[must_use]
    pub fn into_drive(self) -> Drive {
        match self.into_open_volume() {
            OpenVolume::Reading(volume) => volume.into_drive(),
            OpenVolume::Recording(recording) => recording.into_volume().into_drive(),
        }
    }

    /// Returns the name of the volume.
    #[must_use]
    pub fn label(&self) -> String {
        self.turn.lock().volume().label()
    }

    /// Returns the block of the medium with the VAT ICB of the commit that the volume shows.
    #[must_use]
    pub fn vat_icb(&self) -> Option<u32> {
        self.turn.lock().volume().vat_icb().map(|sector| sector.0)
    }

    /// Returns the plain volume that each closing records for readers without VAT support, if the disc gets
    /// one.
    #[must_use]
    pub fn plain_volume(&self) -> Option<Companion> {
        self.turn.lock().volume().companion()
    }

    /// Returns what the volume records about itself.
    ///
    /// # Errors
    /// Fails with an error of the drive.
    pub fn info(&self) -> Result<VolumeInfo> {
        VolumeInfo::of(self.turn.lock().volume())
    }

    /// Returns the generations of the disc, the oldest first: the states that were committed, up to the one
    /// that the volume shows. [`OpenOptions::at`](crate::OpenOptions::at) shows one of them.
    ///
    /// # Errors
    /// Fails with an error of the drive.
    pub fn past(&self) -> Result<Past> {
        Ok(self.turn.lock().volume().past()?)
    }

    /// Counts the blocks that the state shown uses. Reads all directories and nodes, but no file data.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("archive.udf");
    /// # let now = std::time::SystemTime::now();
    /// # let mut options = oncefs::FormatOptions::new();
    /// # let mut new = options.capacity(20_000).create(&path, oncefs::Medium::BdR, now)?;
    /// # new.write("/note.txt", vec![1; 1 << 20])?;
    /// # new.commit()?;
    /// # new.remove_file("/note.txt")?;
    /// # new.commit()?;
    /// # drop(new);
    /// let volume = oncefs::open(&path)?;
    /// let used = volume.in_use()?.blocks;
    /// let recorded = volume.disc().recorded_blocks;
    /// println!("{} blocks are superseded, deleted or between", recorded - used);
    /// # assert!(used < 10 && recorded - used > 512);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Fails with an error of the drive. Damage is counted.
    pub fn in_use(&self) -> Result<InUse> {
        Ok(self.turn.lock().volume().in_use()?)
    }

    /// Returns what each block of the disc is, which generation recorded it and which file uses it. Reads
    /// all directories and nodes, also those that differ in earlier generations, but no contents of files.
    ///
    /// ```
    /// use oncefs::portrait::{Kind, Options};
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("archive.udf");
    /// # let now = std::time::SystemTime::now();
    /// # let mut options = oncefs::FormatOptions::new();
    /// # let mut new = options.capacity(20_000).create(&path, oncefs::Medium::BdR, now)?;
    /// # new.write("/note.txt", vec![1; 1 << 20])?;
    /// # new.commit()?;
    /// # drop(new);
    /// let portrait = oncefs::open(&path)?.portrait(&Options::default())?;
    /// let data = portrait.surface().runs().iter().find(|run| run.kind == Kind::Data);
    /// let data = data.expect("a file");
    /// assert_eq!((data.blocks, data.generation), (512, Some(2)));
    /// assert_eq!(portrait.path_of(data).as_deref(), Some("/note.txt"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Fails with an error of the drive. Damage is counted.
    pub fn portrait(&self, options: &portrait::Options<'_>) -> Result<portrait::Portrait> {
        Ok(portrait::Portrait::of(self.turn.lock().volume(), options)?)
    }

    /// Consumes the volume and returns what a recorder may still record on the disc, whether or not it is
    /// open for recording.
    ///
    /// # Errors
    /// Fails as [`OpenOptions::record`](crate::OpenOptions::record) does, also for a finalized disc.
    pub fn into_room(self, now: impl Into<Timestamp>) -> Result<Room> {
        let volume = match self.into_open_volume() {
            OpenVolume::Reading(volume) => *volume,
            OpenVolume::Recording(recording) => recording.into_volume(),
        };
        Ok(recording::Recording::room(volume, now.into())?)
    }

    /// Returns what was recorded after the newest generation: what an interrupted recording left, and no
    /// generation names. Reads each block there once, which takes as long as reading that much data.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("archive.udf");
    /// # let now = std::time::SystemTime::now();
    /// # let mut options = oncefs::FormatOptions::new();
    /// # let mut new = options.capacity(20_000).create(&path, oncefs::Medium::BdR, now)?;
    /// # new.write("/lost.bin", vec![1; 1 << 20])?;
    /// # drop(new); // without a commit
    /// let volume = oncefs::open(&path)?;
    /// assert!(!volume.is_clean());
    /// let after = volume.after_newest()?;
    /// println!("{} blocks, {} whole files", after.blocks, after.whole_files().count());
    /// # assert!(after.without_entry > 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Fails with an error of the drive.
    pub fn after_newest(&self) -> Result<AfterNewest> {
        Ok(self.turn.lock().volume().after_newest()?)
    }

    /// Starts to compare generations. Meanwhile nothing else of the volume is open.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("archive.udf");
    /// # let now = std::time::SystemTime::now();
    /// # let mut options = oncefs::FormatOptions::new();
    /// # let mut new = options.capacity(20_000).create(&path, oncefs::Medium::BdR, now)?;
    /// # new.write("/note.txt", "first")?;
    /// # new.commit()?;
    /// # drop(new);
    /// let mut volume = oncefs::open(&path)?;
    /// let past = volume.past()?;
    /// let mut comparison = volume.comparison();
    /// let mut paths = Vec::new();
    /// for generation in past.generations() {
    ///     comparison.advance(generation, &mut |change| {
    ///         println!("{}: {:?} {}", generation.number, change.kind, change.path);
    ///         paths.push(change.path.clone());
    ///     })?;
    /// }
    /// assert_eq!(paths, ["/note.txt"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn comparison(&mut self) -> Comparison<'_> {
        self.turn.get_mut().volume().comparison()
    }

    /// Returns what the drive reports about the medium and its sessions.
    #[must_use]
    pub fn disc(&self) -> DiscInfo {
        DiscInfo::of(self.turn.lock().volume().drive())
    }

    /// Returns what adding and closing will do on this medium. A drive that is open for reading does not say
    /// whether it records: the plan of a volume open for reading is what a recorder can do with the disc, and
    /// that of a [`Recording`](crate::Recording) what this drive can do.
    #[must_use]
    pub fn plan(&self) -> Plan {
        let mut open = self.turn.lock();
        let is_read = matches!(&*open, OpenVolume::Reading(_));
        let volume = open.volume();
        let plan = Plan::of(volume);
        let is_open = is_read && volume.drive().medium().status == Status::Appendable;
        Plan {
            appendable: plan.appendable || (is_open && !volume.is_write_protected()),
            ..plan
        }
    }

    /// Returns whether the volume shows its newest state, as far as it can tell: no loss
    /// [hides a generation](Loss::hides_generation), unless it was
    /// [accepted](crate::OpenOptions::accept_losses). If the disc was opened
    /// [up to a session](crate::OpenOptions::session) or [block](crate::OpenOptions::last_block), that is the
    /// newest state up to there.
    #[must_use]
    pub fn is_newest(&self) -> bool {
        self.turn.lock().volume().hidden_generation().is_none()
    }

    /// Accepts what the volume shows as its newest state, so that
    /// [`Recording::from_volume`](crate::Recording::from_volume) continues from there.
    pub fn accept_losses(&mut self) {
        self.turn.get_mut().volume().accept_losses();
    }

    /// Returns whether nothing was recorded after the commit that the volume shows; `false` after an
    /// interrupted recording.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.turn.lock().volume().clean()
    }

    /// Returns the Linux mount options for the open session of a disc that gets a plain volume: Linux starts
    /// with the last closed session and looks for a recognition sequence there. Returns `None` if no session
    /// is open.
    #[must_use]
    pub fn linux_options_for_open_session(&self) -> Option<String> {
        let mut open = self.turn.lock();
        let volume = open.volume();
        let mut sessions = volume.drive().medium().sessions.iter().rev();
        let session = sessions.find(|session| session.state == SessionState::Open)?;
        let start = session.start.0;
        let recognition = volume.read_sector(LogicalSector(start.saturating_add(RECOGNITION_SECTOR)));
        let is_recognised = recognition.is_ok_and(|block| recognise(block).is_some());
        let session = (start > 0).then(|| format!("session={start}"));
        let options: Vec<String> = session
            .into_iter()
            .chain((!is_recognised).then(|| "novrs".to_owned()))
            .collect();
        Some(options.join(","))
    }

    /// Returns what could not be read so far, and what is used instead. If a loss
    /// [hides a generation](Loss::hides_generation), the volume does not show the newest state.
    #[must_use]
    pub fn losses(&self) -> Vec<Loss> {
        self.turn.lock().volume().losses().to_vec()
    }

    /// Returns those of the [losses](Volume::losses) that were found since the volume was opened.
    #[must_use]
    pub fn losses_since_opening(&self) -> Vec<Loss> {
        self.turn.lock().volume().losses_since_opening().to_vec()
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
