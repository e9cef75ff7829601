//! The status of a file, and its identity.

use std::ffi::OsStr;
use std::os::fd::BorrowedFd;

use rustix::fs::{AtFlags, FileType, Statx, StatxFlags, statx};

/// A file of the host, whatever its names. A new file may reuse an inode number; the birth time tells them
/// apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    device: (u32, u32),
    number: u64,
    /// When it was created, if the host knows.
    made: Option<(i64, u32)>,
}

/// The identity in a status requested with [`WANTED`].
pub fn key(status: &Statx) -> Key {
    let has_birth = StatxFlags::from_bits_retain(status.stx_mask).contains(StatxFlags::BTIME);
    Key {
        device: (status.stx_dev_major, status.stx_dev_minor),
        number: status.stx_ino,
        made: has_birth.then_some((status.stx_btime.tv_sec, status.stx_btime.tv_nsec)),
    }
}

/// The fields of a status that are needed.
pub const WANTED: StatxFlags = StatxFlags::BASIC_STATS.union(StatxFlags::BTIME);

/// The status of an open file.
pub fn status(file: BorrowedFd<'_>) -> rustix::io::Result<Statx> {
    statx(file, "", AtFlags::EMPTY_PATH, WANTED)
}

/// Whether fewer bytes are allocated than the file is long, so that it may have holes.
pub fn may_be_sparse(status: &Statx) -> bool {
    status.stx_blocks.saturating_mul(512) < status.stx_size
}

/// The type of a file; does not follow links.
pub fn kind_of(directory: BorrowedFd<'_>, name: &OsStr) -> rustix::io::Result<FileType> {
    let status = statx(directory, name, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::TYPE)?;
    Ok(FileType::from_raw_mode(status.stx_mode.into()))
}
