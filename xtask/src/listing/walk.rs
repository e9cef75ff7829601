//! The walker: lists a mounted tree. The same one lists the source tree, an extracted tree, and a mount
//! inside the guest.

use std::collections::{HashMap, HashSet};
use std::fs::{File, Metadata};
use std::io::Read;
use std::os::unix::fs::{DirEntryExt, FileTypeExt, MetadataExt};
use std::path::Path;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use super::{Entry, Kind, Listing, handle};

/// How to reach the nodes of large directories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LargeDirectories {
    /// Look up every name.
    ByName,
    /// In a directory with more than [`LARGE`] names, look up every [`EVERY`]th, and open the other files by
    /// their [`handle`]: a lookup that reads the directory from its beginning, as the kernel's does on UDF,
    /// takes too long for all of them.
    ByNumber,
}

/// A directory with more names than this is large.
const LARGE: usize = 5000;

/// In a large directory, one name in this many is looked up.
const EVERY: usize = 500;

/// Lists everything at and below `top`.
pub fn walk(top: &Path, large: LargeDirectories) -> Result<Listing> {
    let mut walker = Walker {
        large,
        listing: Listing::new(),
        buffer: vec![0; 1 << 20],
    };
    walker.visit(top, "/")?;
    Ok(walker.listing)
}

struct Walker {
    large: LargeDirectories,
    listing: Listing,
    buffer: Vec<u8>,
}

impl Walker {
    /// Lists the node at `path` as `name`, and everything below it.
    fn visit(&mut self, path: &Path, name: &str) -> Result<()> {
        let metadata = path
            .symlink_metadata()
            .with_context(|| format!("cannot look up {}", path.display()))?;
        let mut entry = entry_of(&metadata, path)?;
        if entry.kind == Some(Kind::File) {
            let mut file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
            let hashed = hash(&mut file, &mut self.buffer);
            entry.sha256 = Some(hashed.with_context(|| format!("cannot read {}", path.display()))?);
        }
        self.listing.insert(name.to_owned(), entry);
        if metadata.is_dir() {
            self.descend(path, name)
        } else {
            Ok(())
        }
    }

    fn descend(&mut self, path: &Path, name: &str) -> Result<()> {
        let mut names = Vec::new();
        for found in std::fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))? {
            let found = found?;
            let number = found.ino();
            let below = found.file_name().into_string();
            names.push((
                below.map_err(|name| anyhow::anyhow!("{name:?} is not UTF-8"))?,
                number,
            ));
        }
        names.sort_unstable();
        let files = if self.large == LargeDirectories::ByNumber && names.len() > LARGE {
            self.files_by_number(path, &names)?
        } else {
            HashMap::new()
        };
        for (position, (below, number)) in names.iter().enumerate() {
            let full = format!("{}/{below}", name.trim_end_matches('/'));
            match files.get(number) {
                Some(entry) if position % EVERY != 0 => {
                    self.listing.insert(full, entry.clone());
                }
                _ => self.visit(&path.join(below), &full)?,
            }
        }
        Ok(())
    }

    /// The regular files among the names of a directory, by node number.
    fn files_by_number(&mut self, path: &Path, names: &[(String, u64)]) -> Result<HashMap<u64, Entry>> {
        let numbers: HashSet<u64> = names.iter().map(|(_, number)| *number).collect();
        let mut files = HashMap::new();
        handle::open_files(path, &names[0].0, &numbers, |number, mut file| {
            let mut entry = entry_of(&file.metadata()?, path)?;
            entry.sha256 = Some(hash(&mut file, &mut self.buffer)?);
            files.insert(number, entry);
            Ok(())
        })?;
        Ok(files)
    }
}

fn entry_of(metadata: &Metadata, path: &Path) -> Result<Entry> {
    let kind = kind_of(metadata)?;
    let device = matches!(kind, Kind::CharDevice | Kind::BlockDevice).then(|| {
        (
            rustix::fs::major(metadata.rdev()),
            rustix::fs::minor(metadata.rdev()),
        )
    });
    let target = match kind {
        Kind::Symlink => Some(
            std::fs::read_link(path)?
                .into_os_string()
                .into_string()
                .ok()
                .context("target")?,
        ),
        _ => None,
    };
    Ok(Entry {
        kind: Some(kind),
        size: matches!(kind, Kind::File | Kind::Symlink).then_some(metadata.size()),
        mode: Some(metadata.mode() & 0o7777),
        uid: Some(metadata.uid()),
        gid: Some(metadata.gid()),
        mtime: Some(metadata.mtime() * 1_000_000 + metadata.mtime_nsec() / 1000),
        links: (kind != Kind::Directory).then_some(metadata.nlink()),
        node: Some(metadata.ino()),
        target,
        device,
        sha256: None,
    })
}

fn kind_of(metadata: &Metadata) -> Result<Kind> {
    let file_type = metadata.file_type();
    Ok(match () {
        () if file_type.is_dir() => Kind::Directory,
        () if file_type.is_file() => Kind::File,
        () if file_type.is_symlink() => Kind::Symlink,
        () if file_type.is_char_device() => Kind::CharDevice,
        () if file_type.is_block_device() => Kind::BlockDevice,
        () if file_type.is_fifo() => Kind::Fifo,
        () if file_type.is_socket() => Kind::Socket,
        () => bail!("a node of an unknown kind: {file_type:?}"),
    })
}

fn hash(file: &mut File, buffer: &mut [u8]) -> Result<String> {
    let mut digest = Sha256::new();
    loop {
        let read = file.read(buffer)?;
        if read == 0 {
            return Ok(digest
                .finalize()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect());
        }
        digest.update(&buffer[..read]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_node_share_its_number_and_contents_are_hashed() -> Result<()> {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("a"), "abc")?;
        std::fs::hard_link(folder.path().join("a"), folder.path().join("b"))?;
        std::fs::create_dir(folder.path().join("c"))?;
        std::os::unix::fs::symlink("../a", folder.path().join("c/d"))?;
        let listing = walk(folder.path(), LargeDirectories::ByNumber)?;
        assert_eq!(
            listing.keys().collect::<Vec<_>>(),
            ["/", "/a", "/b", "/c", "/c/d"]
        );
        assert_eq!(listing["/a"].node, listing["/b"].node);
        assert_eq!(listing["/a"].links, Some(2));
        assert_eq!(listing["/c/d"].target.as_deref(), Some("../a"));
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(listing["/b"].sha256.as_deref(), Some(abc));
        Ok(())
    }
}
