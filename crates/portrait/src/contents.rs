//! What the state shown contains: sums by directory, and a digest of the list of files.

use std::fmt::Write as _;

use ecma167::general::Timestamp;
use sha2::{Digest, Sha256};

use crate::left::Left;
use crate::owners::{OwnerId, OwnerKind, Owners};

/// The most directories in the lists.
const MOST: usize = 24;

/// What the state shown contains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Files, and everything else that is no directory; one with several names counts once.
    pub files: u64,
    /// Directories, without the root.
    pub directories: u64,
    /// Bytes of the files.
    pub bytes: u64,
    /// What is in the root, the largest first.
    pub top: Vec<Share>,
    /// The largest directories with all below them, at any depth.
    pub largest: Vec<Share>,
    /// Directories of the root that `top` leaves out.
    pub more_in_root: u64,
    /// The times of modification of the oldest and the newest file.
    pub modified: Option<(Timestamp, Timestamp)>,
    /// The SHA-256 of the list of files, in hexadecimal digits; `None` if names are missing.
    ///
    /// The list has an entry for each name of a regular file: its size in decimal digits, a space, its path
    /// without the first `/`, and a zero byte; in ascending order of bytes. On a mounted disc:
    /// `find . -type f -printf '%s %P\0' | LC_ALL=C sort -z | sha256sum`.
    pub digest: Option<String>,
}

/// A directory, and what it has with all below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Its path; that of the files in the root is `/`.
    pub path: String,
    /// Files.
    pub files: u64,
    /// Bytes of them.
    pub bytes: u64,
}

impl Contents {
    pub(crate) fn of(owners: &Owners, left: &Left) -> Self {
        let mut found = Self::default();
        let count = owners.all().len();
        let (mut files, mut bytes) = (vec![0_u64; count], vec![0_u64; count]);
        let mut in_root = (0, 0);
        for (id, owner) in owners.iter() {
            match owner.kind {
                OwnerKind::Directory => found.directories += u64::from(owner.parent.is_some()),
                OwnerKind::File => {
                    found.files += 1;
                    found.bytes = found.bytes.saturating_add(owner.bytes);
                    files[id.index()] = 1;
                    bytes[id.index()] = owner.bytes;
                    found.note_time(owner.modified);
                    if owner.parent.is_some_and(|parent| parent.index() == 0) {
                        in_root = (in_root.0 + 1, u64::saturating_add(in_root.1, owner.bytes));
                    }
                }
                OwnerKind::Link(_) | OwnerKind::Former => {}
            }
        }
        // What is in a directory has a higher number.
        for (at, owner) in owners.all().iter().enumerate().rev() {
            if let Some(parent) = owner.parent {
                let (files_below, bytes_below) = (files[at], bytes[at]);
                files[parent.index()] += files_below;
                bytes[parent.index()] = bytes[parent.index()].saturating_add(bytes_below);
            }
        }
        let directories = owners
            .iter()
            .filter(|(_, owner)| owner.kind == OwnerKind::Directory);
        let mut all: Vec<OwnerId> = directories.map(|(id, _)| id).collect();
        all.sort_by_key(|id| std::cmp::Reverse(bytes[id.index()]));
        let share = |id: &OwnerId| Share {
            path: owners.path(*id),
            files: files[id.index()],
            bytes: bytes[id.index()],
        };
        let is_below_root = |id: &&OwnerId| owners.get(**id).is_some_and(|owner| owner.parent.is_some());
        found.largest = all.iter().filter(is_below_root).take(MOST).map(share).collect();
        let is_in_root = |id: &&OwnerId| {
            let parent = owners.get(**id).and_then(|owner| owner.parent);
            parent.is_some_and(|parent| parent.index() == 0)
        };
        found.top = all.iter().filter(is_in_root).take(MOST).map(share).collect();
        found.more_in_root = (all.iter().filter(is_in_root).count() - found.top.len()) as u64;
        if in_root.0 > 0 {
            found.top.push(Share {
                path: "/".to_owned(),
                files: in_root.0,
                bytes: in_root.1,
            });
        }
        if left.names == 0 && left.unread_nodes == 0 {
            found.digest = Some(digest(owners));
        }
        found
    }

    fn note_time(&mut self, time: Timestamp) {
        let Some(at) = time.to_unix() else {
            return;
        };
        let (oldest, newest) = self.modified.get_or_insert((time, time));
        if oldest.to_unix().is_some_and(|known| at < known) {
            *oldest = time;
        }
        if newest.to_unix().is_some_and(|known| at > known) {
            *newest = time;
        }
    }
}

fn digest(owners: &Owners) -> String {
    let regular = owners.iter().filter(|(_, owner)| owner.is_regular);
    let mut list: Vec<String> = regular
        .map(|(id, owner)| format!("{} {}", owner.bytes, owners.path(id).trim_start_matches('/')))
        .collect();
    list.sort_unstable();
    let mut digest = Sha256::new();
    for entry in &list {
        digest.update(entry.as_bytes());
        digest.update([0]);
    }
    let mut text = String::new();
    for byte in digest.finalize() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
