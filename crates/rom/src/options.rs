//! What kind of plain volume is made.

use ecma167::LogicalSector;
use ecma167::general::Timestamp;
use ecma167::osta::Revision;

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

/// What kind of plain volume is made, and when.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// 1.02 or 2.01: from 2.50 on there would have to be a metadata partition, which GRUB and UEFI do not read.
    pub revision: Revision,
    /// Whether ISO 9660 leads to the same files.
    pub bridge: Bridge,
    /// What becomes of symbolic links and special files.
    pub links: Links,
    /// The first sector of the partition. It is the same in every session of a disc.
    pub partition_start: LogicalSector,
    /// What it says of when it was made.
    pub now: Timestamp,
}

/// Sections of a file that Linux' isofs follows.
const SECTIONS: usize = 100;

/// Short allocation descriptors that a file entry holds beside its creation time: 7-Zip reads no allocation extent.
const DESCRIPTORS: usize = 227;

impl Bridge {
    /// The most extents of a file.
    pub(crate) fn most_extents(self) -> usize {
        match self {
            Self::No => DESCRIPTORS,
            Self::Iso9660 => SECTIONS,
        }
    }
}
