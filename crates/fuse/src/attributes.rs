//! The attributes of a node in the form of the kernel.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ecma167::BlockSize;
use ecma167::general::Timestamp;
use fuser::{FileAttr, FileType, INodeNo, TimeOrNow};
use volume::{Node, NodeKind};

/// Owner and group of a node that states none (`UDF 2.60 2.3.3.1`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner {
    pub uid: u32,
    pub gid: u32,
}

/// Placeholder attributes of a node that cannot be read; the kernel may not cache them. The number is the
/// node's, because programs do not see names without one.
pub(crate) fn unknown(number: INodeNo, block_size: BlockSize) -> FileAttr {
    FileAttr {
        ino: number,
        size: 0,
        blocks: 0,
        atime: UNIX_EPOCH,
        mtime: UNIX_EPOCH,
        ctime: UNIX_EPOCH,
        crtime: UNIX_EPOCH,
        kind: FileType::RegularFile,
        perm: 0,
        nlink: 1,
        uid: 0,
        gid: 0,
        rdev: 0,
        blksize: block_size.bytes(),
        flags: 0,
    }
}

/// The attributes of a directory that is not on the disc; without names of its own to count.
pub(crate) fn directory(
    number: INodeNo,
    recorded: &Timestamp,
    owner: Owner,
    block_size: BlockSize,
) -> FileAttr {
    let time = system_time(recorded);
    FileAttr {
        atime: time,
        mtime: time,
        ctime: time,
        crtime: time,
        kind: FileType::Directory,
        perm: 0o555,
        uid: owner.uid,
        gid: owner.gid,
        ..unknown(number, block_size)
    }
}

/// The attributes of a node with a body, or a target, of `size` bytes in blocks of the volume.
pub(crate) fn attributes(
    node: &Node,
    number: INodeNo,
    size: u64,
    owner: Owner,
    block_size: BlockSize,
) -> FileAttr {
    let entry = &node.entry;
    let created = entry.creation_time.unwrap_or(entry.modification_time);
    FileAttr {
        ino: number,
        size,
        blocks: units_of_512(size, block_size),
        atime: system_time(&entry.access_time),
        mtime: system_time(&entry.modification_time),
        ctime: system_time(&entry.attribute_time),
        crtime: system_time(&created),
        kind: file_type(node.kind),
        perm: u16::try_from(node.mode() & 0o7777).unwrap_or(0),
        nlink: links(node),
        uid: node.uid().unwrap_or(owner.uid),
        gid: node.gid().unwrap_or(owner.gid),
        rdev: device_number(node.kind),
        blksize: block_size.bytes(),
        flags: 0,
    }
}

/// The units of 512 bytes in the blocks of `size` bytes, as `st_blocks` counts.
fn units_of_512(size: u64, block_size: BlockSize) -> u64 {
    let bytes = u64::from(block_size.bytes());
    size.div_ceil(bytes).saturating_mul(bytes / 512)
}

/// The number of names the system counts for a node. A directory counts as one of its own names, which has no
/// descriptor on disc (`ECMA-167 4/14.9.6`).
fn links(node: &Node) -> u32 {
    let itself = u32::from(node.kind == NodeKind::Directory);
    u32::from(node.entry.file_link_count) + itself
}

fn file_type(kind: NodeKind) -> FileType {
    match kind {
        NodeKind::Directory => FileType::Directory,
        NodeKind::File => FileType::RegularFile,
        NodeKind::SymbolicLink => FileType::Symlink,
        NodeKind::CharacterDevice { .. } => FileType::CharDevice,
        NodeKind::BlockDevice { .. } => FileType::BlockDevice,
        NodeKind::Fifo => FileType::NamedPipe,
        NodeKind::Socket => FileType::Socket,
    }
}

/// Major and minor number as the protocol encodes them: 12 bits and 20 bits.
fn device_number(kind: NodeKind) -> u32 {
    let (NodeKind::CharacterDevice { major, minor } | NodeKind::BlockDevice { major, minor }) = kind else {
        return 0;
    };
    (minor & 0xFF) | (major & 0xFFF) << 8 | (minor & 0xFFF00) << 12
}

/// Major and minor of an encoded device number.
pub(crate) fn device(number: u32) -> (u32, u32) {
    ((number >> 8) & 0xFFF, (number & 0xFF) | (number >> 12) & 0xFFF00)
}

/// A recorded time; the epoch if none is recorded.
fn system_time(time: &Timestamp) -> SystemTime {
    let (seconds, nanoseconds) = time.to_unix().unwrap_or((0, 0));
    let whole = Duration::from_secs(seconds.unsigned_abs());
    let start = if seconds < 0 {
        UNIX_EPOCH.checked_sub(whole)
    } else {
        UNIX_EPOCH.checked_add(whole)
    };
    start
        .and_then(|start| start.checked_add(Duration::from_nanos(nanoseconds.into())))
        .unwrap_or(UNIX_EPOCH)
}

/// A time that `fuser` passed for a node, rounded down to microseconds.
///
/// Before 1970, `fuser` 0.18 counts the fraction of a second backwards, while the kernel counts it forwards
/// within the second before: 6.75 seconds before the epoch from `fuser` means 5.25.
fn timestamp(time: SystemTime) -> Timestamp {
    let (distance, sign) = match time.duration_since(UNIX_EPOCH) {
        Ok(since) => (since, 1),
        Err(before) => (before.duration(), -1),
    };
    let seconds = i64::try_from(distance.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_unix(sign * seconds, distance.subsec_nanos())
}

/// A time that a program sets.
pub(crate) fn time_or(time: TimeOrNow, now: Timestamp) -> Timestamp {
    match time {
        TimeOrNow::SpecificTime(time) => timestamp(time),
        TimeOrNow::Now => now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn device_numbers_of_all_widths_round_trip() {
        for (major, minor) in [(0, 0), (1, 3), (8, 0xFF), (0xFFF, 0x100), (259, 0xF_FFFF)] {
            let number = device_number(NodeKind::CharacterDevice { major, minor });
            assert_eq!(device(number), (major, minor));
        }
        assert_eq!(device_number(NodeKind::BlockDevice { major: 8, minor: 1 }), 0x801);
    }

    #[test]
    fn the_blocks_of_a_file_are_those_of_its_volume() {
        let taken =
            |size, block_size| BlockSize::new(block_size).map(|block_size| units_of_512(size, block_size));
        assert_eq!(taken(513, 512), Some(2));
        assert_eq!(taken(513, 2048), Some(4));
        assert_eq!(taken(32_769, 32_768), Some(128));
        let huge = taken(u64::MAX, 512).unwrap_or_default();
        assert!(huge >= u64::MAX / 512);
    }

    #[test]
    fn recorded_times_before_the_epoch_count_up_within_their_second() {
        let shown = system_time(&Timestamp::from_unix(-6, 750_000_000));
        assert_eq!(shown, UNIX_EPOCH - Duration::from_millis(5250));
    }

    #[test]
    fn set_times_before_the_epoch_are_what_the_kernel_passed() {
        let came = UNIX_EPOCH - Duration::new(6, 750_000_000);
        assert_eq!(timestamp(came), Timestamp::from_unix(-6, 750_000_000));
        let came = UNIX_EPOCH + Duration::new(6, 750_000_000);
        assert_eq!(timestamp(came), Timestamp::from_unix(6, 750_000_000));
    }
}
