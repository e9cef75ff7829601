//! The arena of the contests: a folder in memory, so that no storage device is measured, emptied before and
//! after.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::trees;

/// A file system in memory that Linux mounts everywhere.
const MEMORY: &str = "/dev/shm";

/// The folder, and the lock that excludes a second run.
pub struct Arena {
    folder: PathBuf,
    _lock: File,
}

/// A tree that is recorded and copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tree {
    /// 20,000 files of 0 to 16 KiB in 400 directories.
    Small,
    /// Four files of 512 MiB.
    Large,
    /// 50,000 empty files in one directory.
    Names,
    /// 1,000,000 empty files in 1,000 directories.
    Million,
    /// 1,000,000 empty files in one directory.
    MillionInOne,
}

impl Tree {
    /// Its name in tables and below the arena.
    pub fn name(self) -> &'static str {
        match self {
            Self::Small => "S",
            Self::Large => "L",
            Self::Names => "D",
            Self::Million => "million",
            Self::MillionInOne => "million-in-one",
        }
    }

    /// Whether it has so many names that only the fastest programs take part.
    pub fn is_million(self) -> bool {
        matches!(self, Self::Million | Self::MillionInOne)
    }

    fn grow(self, top: &Path) -> Result<()> {
        match self {
            Self::Small => trees::small(top),
            Self::Large => trees::large(top),
            Self::Names => trees::names(top, 1, 50_000),
            Self::Million => trees::names(top, 1000, 1000),
            Self::MillionInOne => trees::names(top, 1, 1_000_000),
        }
    }
}

impl Arena {
    /// Waits for any other run to end, and empties the folder.
    pub fn open() -> Result<Self> {
        let memory = Path::new(MEMORY);
        if !memory.is_dir() {
            bail!("no {MEMORY}: the contests are held in memory");
        }
        let lock = File::create(memory.join("oncefs-bench.lock"))?;
        lock.lock().context("cannot lock the arena")?;
        let arena = Self {
            folder: memory.join("oncefs-bench"),
            _lock: lock,
        };
        arena.clear()?;
        fs::create_dir(&arena.folder)?;
        Ok(arena)
    }

    fn clear(&self) -> Result<()> {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder)?;
        }
        Ok(())
    }

    /// A path in the arena.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The path of a tree, which is created on first use.
    pub fn tree(&self, tree: Tree) -> Result<PathBuf> {
        let top = self.path(tree.name());
        if !top.exists() {
            eprintln!("bench: making {}", tree.name());
            tree.grow(&top)?;
        }
        Ok(top)
    }

    /// Removes a tree, because it occupies memory.
    pub fn fell(&self, tree: Tree) -> Result<()> {
        remove(&self.path(tree.name()))
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        // There is nobody to report to; the next run empties it too.
        let _ = self.clear();
    }
}

/// Removes a file, or a directory with everything in it; it need not exist.
pub fn remove(path: &Path) -> Result<()> {
    let removed = match path.symlink_metadata() {
        Err(_) => return Ok(()),
        Ok(status) if status.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
    };
    removed.with_context(|| format!("cannot remove {}", path.display()))
}
