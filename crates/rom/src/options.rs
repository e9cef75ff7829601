//! What kind of plain volume is built.

use ecma167::LogicalSector;
use ecma167::general::Timestamp;
use ecma167::osta::Revision;
use volume::Scattered;

use crate::allocation::IN_ENTRY;
use crate::tags::Tags;

/// Whether ISO 9660 leads to the same files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bridge {
    /// UDF alone.
    No,
    /// ISO 9660 level 3 with Rock Ridge, and Joliet.
    Iso9660,
}

/// How symbolic links, devices, FIFOs and sockets are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// Only in Rock Ridge: a single one makes 7-Zip refuse the whole UDF volume, and a link without an
    /// existing target makes UEFI show an empty directory.
    LeaveOut,
    /// In UDF too.
    Keep,
}

/// What decides which files are copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copying {
    /// Whether readers of ISO 9660 are to read them.
    pub bridge: Bridge,
    /// Blocks of the medium.
    pub capacity: u32,
}

/// What kind of plain volume is built, and when.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// 1.02 or 2.01: from 2.50 on UDF requires a metadata partition, which GRUB and UEFI do not read.
    pub revision: Revision,
    /// Whether ISO 9660 leads to the same files.
    pub bridge: Bridge,
    /// How symbolic links and special files are recorded.
    pub links: Links,
    /// How scattered files are recorded.
    pub scattered: Scattered,
    /// The first sector of the partition, the same in every session of a disc.
    pub partition_start: LogicalSector,
    /// The serial number in descriptor tags, the same in both volumes of a disc (`UDF 2.60 2.2.1.1`).
    pub serial_number: u16,
    /// Blocks of the medium.
    pub capacity: u32,
    /// The recording time that it states.
    pub now: Timestamp,
}

impl Options {
    /// What decides which files are copied.
    pub(crate) fn copying(&self) -> Copying {
        Copying {
            bridge: self.bridge,
            capacity: self.capacity,
        }
    }

    /// What the descriptor tags of the volume have in common.
    pub(crate) fn tags(&self) -> Tags {
        Tags::new(self.revision, self.serial_number)
    }
}

/// The most sections of a file that Linux isofs follows.
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
