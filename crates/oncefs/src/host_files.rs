//! Copies files and directories of the host to a disc.

use std::collections::HashMap;
use std::fs::{self, File, Metadata};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use ecma167::general::Timestamp;
use recording::Changes;

use crate::error::{AtPath, Error, ErrorKind, Result};
use crate::holes::{data_bytes, next_data};
use crate::new_file::NewFile;
use crate::open_options::shown;
use crate::recording::Recording;

/// Bytes read at once.
const PIECE: usize = 1 << 20;

/// Maximum depth of nested directories that one call adds.
const DEEPEST: usize = 1 << 10;

impl Recording {
    /// Adds a file of the host with its mode, owners, times and holes, and replaces an existing file at
    /// `path`. Does not detect changes that another program makes to the file meanwhile.
    ///
    /// # Errors
    /// Fails as [`Recording::write`] does, with [`ErrorKind::WrongFileType`] if `host` is not a regular file,
    /// or if it cannot be read.
    pub fn add_file(&mut self, host: impl AsRef<Path>, path: &str) -> Result<()> {
        let host = host.as_ref();
        // Opening a FIFO, for example, would block.
        if !fs::metadata(host).at(&shown(host))?.is_file() {
            return Err(recording::Error::NotAFile).at(&shown(host));
        }
        let from = File::open(host).at(&shown(host))?;
        let metadata = from.metadata().at(&shown(host))?;
        let bytes = data_bytes(&from, metadata.len()).at(&shown(host))?;
        self.fill(path, bytes, |file| copy(&from, metadata.len(), file, host))?;
        self.set_attributes(path, &attributes(&metadata))
    }

    /// Adds the contents of a directory of the host, recursively, to a directory of the volume, which is
    /// created if it is missing. Adds files, directories and symbolic links. Refuses anything else, such as a
    /// FIFO, without opening it. Hard links to one file below `host` become names of one file on the volume.
    ///
    /// # Errors
    /// Fails as [`Recording::add_file`] does, with [`ErrorKind::NotADirectory`] if `host` is not a directory,
    /// with [`ErrorKind::InvalidName`] if a name or the target of a
    /// symbolic link is not UTF-8, or with [`ErrorKind::TooLarge`] if directories are nested more than 1,024
    /// deep. What it added before the error is pending; [`Recording::abandon`] drops it.
    pub fn add_dir_all(&mut self, host: impl AsRef<Path>, path: &str) -> Result<()> {
        let top = path.trim_end_matches('/');
        // Files with several names, by device and inode number.
        let mut added: HashMap<(u64, u64), String> = HashMap::new();
        let mut waiting: Vec<(PathBuf, String, usize)> = vec![(host.as_ref().to_owned(), top.to_owned(), 0)];
        while let Some((host, path, depth)) = waiting.pop() {
            if depth > DEEPEST {
                let message = "directories are nested more than 1,024 deep";
                return Err(Error::new(ErrorKind::TooLarge, message)).at(&shown(&host));
            }
            let metadata = fs::metadata(&host).at(&shown(&host))?;
            if !metadata.is_dir() {
                return Err(recording::Error::NotADirectory).at(&shown(&host));
            }
            self.create_dir_all(&path)?;
            for entry in fs::read_dir(&host).at(&shown(&host))? {
                self.check_stop()?;
                let below = entry.at(&shown(&host))?.path();
                let name = below.file_name().and_then(|name| name.to_str());
                let Some(name) = name else {
                    let message = "the name is not UTF-8; UDF records Unicode";
                    return Err(Error::new(ErrorKind::InvalidName, message)).at(&shown(&below));
                };
                let to = format!("{path}/{name}");
                let found = fs::symlink_metadata(&below).at(&shown(&below))?;
                if found.is_dir() {
                    // Created before its parent gets its attributes, because creating an entry changes the
                    // times of the directory.
                    self.create_dir_all(&to)?;
                    waiting.push((below, to, depth + 1));
                } else if found.is_symlink() {
                    self.add_link(&below, &to, &found)?;
                } else if !found.is_file() {
                    return Err(recording::Error::NotAFile).at(&shown(&below));
                } else if let Some(first) = added.get(&(found.dev(), found.ino())) {
                    self.replace_by_link(first, &to)?;
                } else {
                    self.add_file(&below, &to)?;
                    if found.nlink() > 1 {
                        added.insert((found.dev(), found.ino()), to);
                    }
                }
            }
            if !path.is_empty() {
                self.set_attributes(&path, &attributes(&metadata))?;
            }
        }
        Ok(())
    }

    /// Makes `path` a name of the file `first`, and replaces a file that exists there.
    fn replace_by_link(&mut self, first: &str, path: &str) -> Result<()> {
        if self.exists(path)? {
            self.remove_file(path)?;
        }
        self.hard_link(first, path)
    }

    fn add_link(&mut self, host: &Path, path: &str, metadata: &Metadata) -> Result<()> {
        let target = fs::read_link(host).at(&shown(host))?;
        let Some(target) = target.to_str() else {
            let message = "the link target is not UTF-8; UDF records Unicode";
            return Err(Error::new(ErrorKind::InvalidName, message)).at(&shown(host));
        };
        self.symlink(target, path)?;
        self.set_attributes(path, &attributes(metadata))
    }
}

/// Copies a file of `size` bytes without its holes.
fn copy(from: &File, size: u64, to: &mut NewFile<'_>, host: &Path) -> Result<()> {
    let mut buffer = vec![0; PIECE];
    let mut at = 0;
    while let Some((start, end)) = next_data(from, at, size).at(&shown(host))? {
        to.skip(start - at);
        at = start;
        while at < end {
            let want = usize::try_from(end - at).unwrap_or(PIECE).min(PIECE);
            let read = from.read_at(&mut buffer[..want], at).at(&shown(host))?;
            if read == 0 {
                // The file has become shorter meanwhile.
                break;
            }
            to.put(&buffer[..read])?;
            at += read as u64;
        }
        at = end;
    }
    to.set_len(size)?;
    to.end()
}

/// Returns mode, owners and times of a file of the host.
fn attributes(metadata: &Metadata) -> Changes {
    let time = |seconds, nanoseconds| {
        Some(Timestamp::from_unix(
            seconds,
            u32::try_from(nanoseconds).unwrap_or(0),
        ))
    };
    Changes {
        mode: Some(metadata.mode() & 0o7777),
        uid: Some(metadata.uid()),
        gid: Some(metadata.gid()),
        accessed: time(metadata.atime(), metadata.atime_nsec()),
        modified: time(metadata.mtime(), metadata.mtime_nsec()),
        changed: time(metadata.ctime(), metadata.ctime_nsec()),
    }
}
