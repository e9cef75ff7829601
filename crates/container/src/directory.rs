//! The files that a sheet may name: regular files in its own directory, in any letter case, since Windows
//! programs ignore case.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, fstat, openat, statat};
use rustix::io::Errno;

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
        match self.open_exactly(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => match self.in_another_case(name)? {
                Some(other) => self.open_exactly(&other),
                None => Err(error),
            },
            opened => opened,
        }
    }
}

impl Directory {
    fn open_exactly(&self, name: &str) -> io::Result<OpenFile> {
        // Opening a device may have effects, so check the type first.
        require_regular(self.mode_of(name)?)?;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let opened = openat(&self.0, name, flags, Mode::empty())?;
        // Another file may have taken the name meanwhile.
        require_regular(fstat(&opened)?.st_mode)?;
        OpenFile::over(File::from(opened))
    }

    fn mode_of(&self, name: &str) -> Result<u32, Errno> {
        Ok(statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?.st_mode)
    }

    /// The only regular file whose name differs just in letter case.
    fn in_another_case(&self, name: &str) -> io::Result<Option<String>> {
        let folded = name.to_lowercase();
        let mut found: Option<String> = None;
        for entry in Dir::read_from(&self.0)? {
            let entry = entry?;
            let Ok(other) = entry.file_name().to_str() else {
                continue;
            };
            let is_file = |name| self.mode_of(name).is_ok_and(|mode| require_regular(mode).is_ok());
            if other.to_lowercase() != folded || !is_file(other) {
                continue;
            }
            if let Some(found) = found {
                let both = format!("'{found}' and '{other}' differ from it in letter case only: rename one");
                return Err(io::Error::new(io::ErrorKind::InvalidInput, both));
            }
            found = Some(other.to_owned());
        }
        Ok(found)
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

    /// A directory of files that contain their names.
    fn directory(names: &[&str]) -> (tempfile::TempDir, Directory) {
        let folder = tempfile::tempdir().expect("a directory");
        for name in names {
            std::fs::write(folder.path().join(name), name).expect("a file");
        }
        let directory = Directory::of(&folder.path().join(names[0])).expect("a directory");
        (folder, directory)
    }

    fn text(directory: &Directory, name: &str) -> String {
        let file = directory.open(name).expect("a file");
        let mut bytes = vec![0; usize::try_from(file.length()).expect("a length")];
        file.read_at(0, &mut bytes).expect("its bytes");
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn a_name_in_another_letter_case_opens_the_one_file() {
        let (folder, directory) = directory(&["Größe.bin"]);
        symlink("Größe.bin", folder.path().join("größe.BIN")).expect("a link");
        assert_eq!(
            text(&directory, "GRÖSSE.BIN".replace("SS", "ß").as_str()),
            "Größe.bin"
        );
    }

    #[test]
    fn the_exact_name_comes_before_other_letter_cases() {
        let (_folder, directory) = directory(&["disc.bin", "DISC.bin"]);
        assert_eq!(text(&directory, "disc.bin"), "disc.bin");
        assert_eq!(text(&directory, "DISC.bin"), "DISC.bin");
    }

    #[test]
    fn two_files_that_differ_in_letter_case_only_are_both_named() {
        let (_folder, directory) = directory(&["disc.bin", "DISC.bin"]);
        let error = directory.open("Disc.bin").expect_err("two files").to_string();
        assert!(
            error.contains("'disc.bin'") && error.contains("'DISC.bin'"),
            "{error}"
        );
    }
}
