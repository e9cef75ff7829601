//! A disc in the host's memory, in an emulated recorder.

use std::path::PathBuf;
use std::time::Duration;

use drive::{Drive, Speed};
use ecma167::general::Timestamp;
use ecma167::osta::Revision;
use emulator::{Behaviour, FaultScript, Medium, Recorder};
use mmc::Transport;
use recording::{Attributes, FormatOptions, Recording, Rom};
use tempfile::TempDir;
use volume::Volume;

use crate::broken::Broken;
use crate::life::Life;
use crate::listing::{Listing, listing};

/// An image and its side file in a folder of their own, removed on drop.
pub struct MemoryDisc {
    folder: TempDir,
    revision: Revision,
    rom: Option<Rom>,
    is_cd: bool,
    transfer_limit: Option<usize>,
    /// Whether a speed is set in each drive.
    sets_speed: bool,
    /// The behaviour of the recorders it is inserted into, if different from that of the first.
    behaviour: Option<Behaviour>,
}

/// A time in the lives, in seconds from their common beginning.
#[must_use]
pub fn time(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_700_000_000 + seconds, 123_456_000)
}

/// A clock that never waits.
pub struct NoWait;

impl drive::Wait for NoWait {
    fn wait(&mut self, _duration: Duration) {}
}

impl MemoryDisc {
    /// The blank disc at the beginning of a life.
    ///
    /// # Errors
    /// Errors from the host or the recorder.
    pub fn blank(life: &Life) -> Result<Self, Broken> {
        let disc = Self::nowhere(life)?;
        let capacity = Some(life.capacity);
        Recorder::create(&disc.image(), life.medium, capacity, life.behaviour.clone())?;
        Ok(disc)
    }

    /// A place for the disc of a life, without image or side file.
    ///
    /// # Errors
    /// Errors from the host.
    pub fn nowhere(life: &Life) -> Result<Self, Broken> {
        let memory = PathBuf::from("/dev/shm");
        let folder = if memory.is_dir() {
            TempDir::new_in(memory)?
        } else {
            TempDir::new()?
        };
        Ok(Self {
            folder,
            revision: life.revision,
            rom: life.rom,
            is_cd: matches!(life.medium, Medium::CdR74 | Medium::CdR80),
            transfer_limit: life.transfer_limit,
            sets_speed: life.behaviour.streaming_refused,
            behaviour: None,
        })
    }

    /// Changes the behaviour of the recorders that it is inserted into.
    pub(crate) fn change_recorder(&mut self, behaviour: Behaviour) {
        self.behaviour = Some(behaviour);
    }

    /// The image: the blocks of the disc at their addresses.
    #[must_use]
    pub fn image(&self) -> PathBuf {
        self.folder.path().join("disc.img")
    }

    /// The side file, with what otherwise only a drive would know.
    #[must_use]
    pub fn side_file(&self) -> PathBuf {
        Recorder::side_file(&self.image())
    }

    /// Whether it is a CD, with links between packets.
    pub(crate) fn is_cd(&self) -> bool {
        self.is_cd
    }

    /// The contents of the image and the side file.
    ///
    /// # Errors
    /// Errors from the host.
    pub fn bytes(&self) -> Result<(Vec<u8>, Vec<u8>), Broken> {
        Ok((std::fs::read(self.image())?, std::fs::read(self.side_file())?))
    }

    /// The options of a format of this disc.
    #[must_use]
    pub fn options(&self) -> FormatOptions {
        FormatOptions {
            revision: self.revision,
            label: "Archive".into(),
            unique: 0x1234_5678,
            now: time(0),
            seconds: 1_700_000_000,
            root: Attributes::at(0o755, time(0)),
            rom: self.rom,
        }
    }

    /// The disc in a recorder.
    ///
    /// # Errors
    /// Errors from the recorder.
    pub fn recorder(&self) -> Result<Recorder, Broken> {
        let mut recorder = Recorder::open(&self.image())?;
        if let Some(behaviour) = &self.behaviour {
            recorder.set_behaviour(behaviour.clone());
        }
        Ok(recorder)
    }

    /// A drive over a recorder of this disc, or over a wrapped one.
    ///
    /// # Errors
    /// Errors from the drive.
    pub fn drive_over(&self, transport: Box<dyn Transport>) -> Result<Drive, Broken> {
        let mut drive = Drive::open_waiting(transport, Box::new(NoWait))?;
        if let Some(bytes) = self.transfer_limit {
            drive.set_transfer_limit(bytes);
        }
        if self.sets_speed && !drive.is_read_only() {
            drive.set_write_speed(Speed::Factor(1))?;
        }
        Ok(drive)
    }

    /// The disc in a drive in which nothing goes wrong.
    ///
    /// # Errors
    /// Errors from the drive or the recorder.
    pub fn drive(&self) -> Result<Drive, Broken> {
        self.drive_over(Box::new(self.recorder()?))
    }

    /// The sessions and tracks in the side file, without what proves that the image is that of the disc.
    ///
    /// # Errors
    /// Errors from the host.
    pub(crate) fn layout(&self) -> Result<String, Broken> {
        let side = std::fs::read_to_string(self.side_file())?;
        let counts = |line: &&str| {
            let word = line.split(' ').next();
            !word.is_some_and(|word| ["state", "recording", "digest"].contains(&word))
        };
        let lines: Vec<&str> = side.lines().filter(counts).collect();
        Ok(lines.join("\n"))
    }

    /// The disc in a drive, whatever its image now contains: the side file is changed to version 1, which
    /// proves nothing.
    ///
    /// # Errors
    /// Errors from the drive or the recorder.
    pub fn drive_unproven(&self) -> Result<Drive, Broken> {
        self.drive_over(Box::new(self.recorder_unproven()?))
    }

    fn recorder_unproven(&self) -> Result<Recorder, Broken> {
        let layout = self.layout()?.replace("oncefs recorder 2", "oncefs recorder 1");
        std::fs::write(self.side_file(), layout)?;
        self.recorder()
    }

    /// The disc in a drive with these faults, whatever its image now contains.
    ///
    /// # Errors
    /// Errors from the drive or the recorder.
    pub fn faulty_drive(&self, script: FaultScript) -> Result<Drive, Broken> {
        let mut recorder = self.recorder_unproven()?;
        recorder.set_faults(script);
        self.drive_over(Box::new(recorder))
    }

    /// Its volume, opened for changes.
    ///
    /// # Errors
    /// Errors from opening.
    pub fn recording(&self) -> Result<Recording, Broken> {
        Ok(Recording::open(self.drive()?, time(0))?)
    }

    /// Its volume, opened for reading.
    ///
    /// # Errors
    /// Errors from opening.
    pub fn volume(&self) -> Result<Volume, Broken> {
        Ok(Volume::open(self.drive()?)?)
    }

    /// What a reader finds on it.
    ///
    /// # Errors
    /// Errors from reading.
    pub fn listing(&self) -> Result<Listing, Broken> {
        listing(&mut self.volume()?)
    }
}
