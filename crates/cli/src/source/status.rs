//! What the host knows of a file, and which file it is.

use std::ffi::OsStr;
use std::os::fd::BorrowedFd;

use rustix::fs::{AtFlags, FileType, Statx, StatxFlags, statx};

/// A file of the host, whatever its names. A number that is free again goes to the next file that is made, which the time tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    device: (u32, u32),
    number: u64,
    /// When it was made, where the host knows that.
    made: Option<(i64, u32)>,
}

/// Which file it is, by a status that was asked for with [`WANTED`].
pub fn key(status: &Statx) -> Key {
    let has_birth = StatxFlags::from_bits_retain(status.stx_mask).contains(StatxFlags::BTIME);
    Key {
        device: (status.stx_dev_major, status.stx_dev_minor),
        number: status.stx_ino,
        made: has_birth.then_some((status.stx_btime.tv_sec, status.stx_btime.tv_nsec)),
    }
}

/// What is asked of the host about a file.
pub const WANTED: StatxFlags = StatxFlags::BASIC_STATS.union(StatxFlags::BTIME);

/// What the host knows of an open file.
pub fn status(file: BorrowedFd<'_>) -> rustix::io::Result<Statx> {
    statx(file, "", AtFlags::EMPTY_PATH, WANTED)
}

/// What something is, links not followed.
pub fn kind_of(directory: BorrowedFd<'_>, name: &OsStr) -> rustix::io::Result<FileType> {
    let status = statx(directory, name, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::TYPE)?;
    Ok(FileType::from_raw_mode(status.stx_mode.into()))
}
