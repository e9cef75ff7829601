//! A backstore: the directory of configfs that makes a SCSI unit which a process answers.

use crate::error::{Error, at};
use crate::uio::Uio;
use std::io;
use std::path::{Path, PathBuf};

/// MiB of the shared memory for data: several of the largest commands.
const DATA_AREA: u32 = 16;
/// So many backstores are tried for one that is free.
const MOST_ADAPTERS: u32 = 1000;

/// What the kernel is told of a unit.
#[derive(Clone, Debug)]
pub struct BackstoreSettings<'a> {
    /// What it is called: the last part of its directory.
    pub name: &'a str,
    /// Who answers it, before a slash, as [`crate::find`] looks for it. No commas.
    pub owner: &'a str,
    /// What stands behind it, for people: at most 511 bytes, on one line.
    pub behind: &'a str,
    /// Bytes of the unit: a multiple of the block size. The kernel wants a number, and nobody reads it.
    pub bytes: u64,
}

/// A unit of the kernel that a process answers; it stays until [`Backstore::remove`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backstore {
    path: PathBuf,
}

impl Backstore {
    /// Makes and enables one below `target`, the directory of LIO in configfs.
    ///
    /// # Errors
    /// [`Error::NoTarget`] where LIO or configfs is not there; [`Error::Kernel`].
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
        set(&self.path.join("udev_path"), settings.behind)?;
        // How long a command may take is for whoever sends it to say: else the kernel fails it after 30 seconds by itself.
        set(&self.path.join("attrib/cmd_time_out"), "0")?;
        // A command that is given up, or a reset, comes as an entry of the ring.
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
    /// [`Error::NoUio`] where there is none; [`Error::Kernel`].
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

    /// Ends it. Nothing may be linked to it any more.
    ///
    /// # Errors
    /// [`Error::Kernel`].
    pub fn remove(&self) -> Result<(), Error> {
        gone(&self.path)?;
        // Others may have put something beside it.
        if let Some(adapter) = self.path.parent() {
            let _ = std::fs::remove_dir(adapter);
        }
        Ok(())
    }
}

/// Makes the directory of an adapter that nobody has.
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

/// Writes a file of configfs: all of it at once, as the kernel wants it.
pub(crate) fn set(path: &Path, text: &str) -> Result<(), Error> {
    std::fs::write(path, text).map_err(at(path))
}

/// Removes a directory of configfs, unless it is gone already.
pub(crate) fn gone(path: &Path) -> Result<(), Error> {
    match std::fs::remove_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(path)(error)),
        _ => Ok(()),
    }
}
