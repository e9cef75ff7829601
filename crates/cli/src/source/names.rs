//! The names in a directory of the host: one buffer for all of them, because there may be a million.

use std::ffi::OsStr;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;

use rustix::fs::{FileType, RawDir};
use rustix::io::Errno;

use super::status::kind_of;

/// Bytes of one directory read.
const PIECE: usize = 1 << 15;

/// Names, sorted by their bytes.
pub struct Names {
    bytes: Vec<u8>,
    names: Vec<Name>,
}

struct Name {
    start: u32,
    length: u16,
    kind: FileType,
}

impl Names {
    /// The names in a directory except `.` and `..`.
    pub fn of(directory: &OwnedFd) -> rustix::io::Result<Self> {
        let mut names = Self {
            bytes: Vec::new(),
            names: Vec::new(),
        };
        let mut buffer = Vec::with_capacity(PIECE);
        let mut listing = RawDir::new(directory, buffer.spare_capacity_mut());
        while let Some(entry) = listing.next() {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name == b"." || name == b".." {
                continue;
            }
            let kind = match entry.file_type() {
                FileType::Unknown => kind_of(directory.as_fd(), OsStr::from_bytes(name))?,
                kind => kind,
            };
            names.push(name, kind)?;
        }
        let bytes = &names.bytes;
        names.names.sort_unstable_by(|a, b| a.of(bytes).cmp(b.of(bytes)));
        Ok(names)
    }

    fn push(&mut self, name: &[u8], kind: FileType) -> rustix::io::Result<()> {
        self.names.push(Name {
            start: u32::try_from(self.bytes.len()).map_err(|_| Errno::OVERFLOW)?,
            length: u16::try_from(name.len()).map_err(|_| Errno::NAMETOOLONG)?,
            kind,
        });
        self.bytes.extend_from_slice(name);
        Ok(())
    }

    /// The name at this position and its type; `None` after the last.
    pub fn get(&self, number: usize) -> Option<(&OsStr, FileType)> {
        let name = self.names.get(number)?;
        Some((OsStr::from_bytes(name.of(&self.bytes)), name.kind))
    }
}

impl Name {
    fn of<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        let start = self.start as usize;
        bytes
            .get(start..start + usize::from(self.length))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_by_their_bytes_and_have_their_type() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        for name in ["b", "a", "\u{e4}", "a b"] {
            std::fs::write(folder.path().join(name), [])?;
        }
        std::fs::create_dir(folder.path().join("Z"))?;
        let names = Names::of(&std::fs::File::open(folder.path())?.into())?;
        let found: Vec<_> = (0..)
            .map_while(|number| names.get(number))
            .map(|(name, kind)| (name.to_str(), kind))
            .collect();
        let file = FileType::RegularFile;
        assert_eq!(
            found,
            [
                (Some("Z"), FileType::Directory),
                (Some("a"), file),
                (Some("a b"), file),
                (Some("b"), file),
                (Some("\u{e4}"), file)
            ]
        );
        Ok(())
    }
}
