//! What a step needs of a directory entry.

use ecma167::file::FileCharacteristics;

use crate::directory_entry::DirectoryEntry;
use crate::past::tree::{DirectoryId, Site};

pub(super) fn is_directory(entry: &DirectoryEntry) -> bool {
    entry.characteristics.contains(FileCharacteristics::DIRECTORY)
}

/// Where a name is; `None` in a directory of more than 4 GiB.
pub(super) fn site(id: DirectoryId, entry: &DirectoryEntry) -> Option<Site> {
    Some((id, u32::try_from(entry.offset).ok()?))
}
