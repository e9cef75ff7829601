//! A backstore: the configfs directory that makes a SCSI unit whose commands a process answers.

use crate::error::{Error, at};
use crate::uio::Uio;
use std::io;
use std::path::{Path, PathBuf};

/// MiB of shared memory for data: several of the largest commands.
const DATA_AREA: u32 = 16;
/// The number of adapters to try before giving up.
const MOST_ADAPTERS: u32 = 1000;

/// The settings of a unit in the kernel.
#[derive(Clone, Debug)]
pub struct BackstoreSettings<'a> {
    /// Its name: the last part of its directory.
    pub name: &'a str,
    /// The program that answers it: the part of the configuration before the slash, which [`crate::find`]
    /// looks for. No commas.
    pub owner: &'a str,
    /// A description of the medium for people: at most 511 bytes, on one line.
    pub medium: &'a str,
    /// Size of the unit in bytes, a multiple of the block size. The kernel requires the number, but nothing
    /// reads it.
    pub bytes: u64,
}

/// A unit of the kernel that a process answers. It exists until [`Backstore::remove`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backstore {
    path: PathBuf,
}

impl Backstore {
    /// Creates and enables a backstore below `target`, the directory of LIO in configfs.
    ///
    /// # Errors
    /// [`Error::NoTarget`] if LIO or configfs is missing; [`Error::Kernel`].
    pub fn create(target: &Path, settings: &BackstoreSettings<'_>) -> Result<Self, Error> {
        let core = target.join("core");
        if !core.is_dir() {
            return Err(Error::NoTarget(core));
        }
        let adapter = free_adapter(&core)?;
        let path = adapter.join(settings.name);
        if let Err(source) = std::fs::create_dir(&path) {
            let _ = std::fs::remove_dir(&adapter);
            return Err(Error::Kernel { path, source });
        }
        let backstore = Self { path };
        if let Err(error) = backstore.enable(settings) {
            let _ = backstore.remove();
            return Err(error);
        }
        Ok(backstore)
    }

    fn enable(&self, settings: &BackstoreSettings<'_>) -> Result<(), Error> {
        let control = format!(
            "dev_config={}/{},dev_size={},hw_block_size={},max_data_area_mb={DATA_AREA},nl_reply_supported=-1",
            settings.owner,
            settings.name,
            settings.bytes,
            mmc::BLOCK_SIZE,
        );
        set(&self.path.join("control"), &control)?;
        set(&self.path.join("udev_path"), settings.medium)?;
        // The sender of a command sets its time limit; without this, the kernel fails commands after 30
        // seconds.
        set(&self.path.join("attrib/cmd_time_out"), "0")?;
        // Aborted commands and resets become entries of the ring.
        set(&self.path.join("attrib/tmr_notification"), "1")?;
        set(&self.path.join("enable"), "1")
    }

    pub(crate) const fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Its directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The number of its UIO device.
    ///
    /// # Errors
    /// [`Error::NoUio`] if there is none; [`Error::Kernel`].
    pub fn uio(&self) -> Result<u32, Error> {
        let mut parts = self.path.iter().rev().map(|part| part.to_string_lossy());
        let (Some(name), Some(adapter)) = (parts.next(), parts.next()) else {
            return Err(Error::NoUio(self.path.display().to_string()));
        };
        let adapter = adapter.trim_start_matches("user_").to_owned();
        let wanted = format!("tcm-user/{adapter}/{name}/");
        let class = Path::new("/sys/class/uio");
        for entry in std::fs::read_dir(class)
            .map_err(at(class))?
            .filter_map(Result::ok)
        {
            let number = entry
                .file_name()
                .to_string_lossy()
                .trim_start_matches("uio")
                .parse();
            let named = std::fs::read_to_string(entry.path().join("name"));
            if let (Ok(number), Ok(true)) = (number, named.map(|named| named.starts_with(&wanted))) {
                return Ok(number);
            }
        }
        Err(Error::NoUio(wanted))
    }

    /// Whether a process answers it.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        self.uio().is_ok_and(Uio::is_busy)
    }

    /// Removes the backstore. Nothing may be linked to it.
    ///
    /// # Errors
    /// [`Error::Kernel`].
    pub fn remove(&self) -> Result<(), Error> {
        gone(&self.path)?;
        // The adapter may have other backstores.
        if let Some(adapter) = self.path.parent() {
            let _ = std::fs::remove_dir(adapter);
        }
        Ok(())
    }
}

/// Creates the directory of an unused adapter.
fn free_adapter(core: &Path) -> Result<PathBuf, Error> {
    for number in 0..MOST_ADAPTERS {
        let path = core.join(format!("user_{number}"));
        match std::fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(source) => return Err(Error::Kernel { path, source }),
        }
    }
    Err(at(core)(io::ErrorKind::StorageFull.into()))
}

/// Writes a configfs file in a single write, as the kernel requires.
pub(crate) fn set(path: &Path, text: &str) -> Result<(), Error> {
    std::fs::write(path, text).map_err(at(path))
}

/// Removes a configfs directory unless it no longer exists.
pub(crate) fn gone(path: &Path) -> Result<(), Error> {
    match std::fs::remove_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(path)(error)),
        _ => Ok(()),
    }
}
