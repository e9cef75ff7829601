//! The walker: lists a mounted tree. The same one walks the source tree, what was extracted, and inside the guest.

use std::fs::{File, Metadata};
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use walkdir::WalkDir;

use super::{Entry, Kind, Listing};

/// Whether the contents of files are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contents {
    Hash,
    Leave,
}

/// List everything at and below `top`, on its file system.
pub fn walk(top: &Path, contents: Contents) -> Result<Listing> {
    let mut listing = Listing::new();
    let mut buffer = vec![0; 1 << 20];
    for found in WalkDir::new(top).same_file_system(true) {
        let found = found?;
        let path = path_below(top, found.path())?;
        let metadata = found.metadata()?;
        let mut entry = entry_of(&metadata, found.path())?;
        if entry.kind == Kind::File && contents == Contents::Hash {
            entry.sha256 = Some(hash(found.path(), &mut buffer)?);
        }
        listing.insert(path, entry);
    }
    Ok(listing)
}

fn path_below(top: &Path, path: &Path) -> Result<String> {
    let relative = path.strip_prefix(top)?;
    let text = relative
        .to_str()
        .with_context(|| format!("{relative:?} is no UTF-8"))?;
    Ok(format!("/{text}"))
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
        kind,
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
        () => bail!("a node of no kind that is known: {file_type:?}"),
    })
}

fn hash(path: &Path, buffer: &mut [u8]) -> Result<String> {
    let mut file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let mut digest = Sha256::new();
    loop {
        let read = file
            .read(buffer)
            .with_context(|| format!("cannot read {}", path.display()))?;
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
        std::os::unix::fs::symlink("a", folder.path().join("c"))?;
        let listing = walk(folder.path(), Contents::Hash)?;
        assert_eq!(listing.keys().collect::<Vec<_>>(), ["/", "/a", "/b", "/c"]);
        assert_eq!(listing["/a"].node, listing["/b"].node);
        assert_eq!(listing["/a"].links, Some(2));
        assert_eq!(listing["/c"].target.as_deref(), Some("a"));
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(listing["/b"].sha256.as_deref(), Some(abc));
        Ok(())
    }
}
