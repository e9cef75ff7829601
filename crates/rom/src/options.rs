//! What kind of plain volume is made.

use ecma167::LogicalSector;
use ecma167::general::Timestamp;
use ecma167::osta::Revision;

use crate::allocation::IN_ENTRY;

/// Whether ISO 9660 leads to the same files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bridge {
    /// UDF alone.
    No,
    /// ISO 9660 level 3 with Rock Ridge, and Joliet.
    Iso9660,
}

/// What becomes of symbolic links, devices, FIFOs and sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// They are in Rock Ridge alone: one of them makes 7-Zip refuse the whole UDF volume, and a link that leads nowhere makes
    /// UEFI show an empty directory.
    LeaveOut,
    /// They are in UDF too.
    Keep,
}

/// What becomes of files in more extents than readers follow, and of short ones whose extents do not ascend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scattered {
    /// They are copied, so that every reader has them.
    Copied,
    /// Their extents are named where they are, in allocation extents if an entry does not hold them all: where there is no room for
    /// copies. Some readers do not read them.
    InPlace,
}

/// What kind of plain volume is made, and when.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// 1.02 or 2.01: from 2.50 on there would have to be a metadata partition, which GRUB and UEFI do not read.
    pub revision: Revision,
    /// Whether ISO 9660 leads to the same files.
    pub bridge: Bridge,
    /// What becomes of symbolic links and special files.
    pub links: Links,
    /// What becomes of scattered files.
    pub scattered: Scattered,
    /// The first sector of the partition. It is the same in every session of a disc.
    pub partition_start: LogicalSector,
    /// What it says of when it was made.
    pub now: Timestamp,
}

/// Sections of a file that Linux' isofs follows.
pub(crate) const SECTIONS: usize = 100;

impl Bridge {
    /// The most extents of a file that all readers follow: 7-Zip reads no allocation extent.
    pub(crate) fn most_extents(self) -> usize {
        match self {
            Self::No => IN_ENTRY,
            Self::Iso9660 => SECTIONS,
        }
    }
}
