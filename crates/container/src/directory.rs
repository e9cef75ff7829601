//! The files that a sheet may name: regular files in its own directory.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, fstat, openat, statat};

use crate::bytes::{Bytes, OpenFile};

/// Opens the files that a sheet names.
pub trait Beside {
    /// An open file.
    type File: Bytes;

    /// Opens a file in the directory of the sheet.
    ///
    /// # Errors
    /// An error of the host, or `InvalidInput` for a name or a file that a sheet may not name.
    fn open(&self, name: &str) -> io::Result<Self::File>;
}

/// The directory of an image.
#[derive(Debug)]
pub struct Directory(OwnedFd);

impl Directory {
    /// The directory that contains an image, whose path may be a link.
    ///
    /// # Errors
    /// An error of the host.
    pub fn of(image: &Path) -> io::Result<Self> {
        let image = image.canonicalize()?;
        let parent = image.parent().unwrap_or(Path::new("/"));
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self(openat(CWD, parent, flags, Mode::empty())?))
    }
}

impl Beside for Directory {
    type File = OpenFile;

    fn open(&self, name: &str) -> io::Result<OpenFile> {
        if name.is_empty() || name == "." || name == ".." || name.contains(['/', '\0']) {
            return Err(not_allowed("not a name in the same directory"));
        }
        // Opening a device may do something, so what it is comes first.
        let named = statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?;
        require_regular(named.st_mode)?;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let opened = openat(&self.0, name, flags, Mode::empty())?;
        // Another file may have taken its name.
        require_regular(fstat(&opened)?.st_mode)?;
        OpenFile::over(File::from(opened))
    }
}

fn require_regular(mode: u32) -> io::Result<()> {
    match FileType::from_raw_mode(mode) {
        FileType::RegularFile => Ok(()),
        FileType::Symlink => Err(not_allowed("a symbolic link, which is not followed")),
        _ => Err(not_allowed("not a regular file")),
    }
}

fn not_allowed(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn only_regular_files_of_the_directory_are_opened() {
        let folder = tempfile::tempdir().expect("a directory");
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("data"), "text").expect("a file");
        std::fs::create_dir(path("inner")).expect("a directory");
        std::fs::write(path("inner/data"), "text").expect("a file");
        symlink("data", path("link")).expect("a link");
        let fifo = rustix::fs::mknodat(CWD, path("fifo"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0);
        fifo.expect("a FIFO");
        let directory = Directory::of(&path("data")).expect("a directory");
        assert_eq!(directory.open("data").expect("the file").length(), 4);
        for name in [
            "",
            ".",
            "..",
            "link",
            "fifo",
            "inner",
            "inner/data",
            "/etc/passwd",
            "../x",
            "none",
            "a\0b",
        ] {
            assert!(directory.open(name).is_err(), "{name}");
        }
    }
}
