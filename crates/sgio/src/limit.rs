//! How many bytes the host adapter moves in one command.

use std::ffi::{c_int, c_ushort};
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{major, minor};
use rustix::ioctl::{Getter, Opcode, ioctl};

/// `<linux/fs.h>`: for a block device the most sectors of 512 bytes, as an unsigned short; for a generic
/// device the most bytes, as an int.
const BLKSECTGET: Opcode = 0x1267;

/// Every host adapter moves this number of bytes, which is also the largest unit of writing of any medium.
const LEAST: usize = 64 << 10;

/// Larger commands take longer and save nothing.
const MOST: usize = 1 << 20;

/// Bytes of a page: memory that is not contiguous takes one segment per page.
const PAGE: usize = 4096;

/// The type of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    Block,
    Generic,
}

/// The most bytes of one command.
pub(crate) fn of(node: &File, kind: Node) -> usize {
    let by_queue = queue(Path::new("/sys"), node, kind).and_then(|queue| of_queue(&queue));
    within_bounds(by_queue.or_else(|| by_ioctl(node, kind)))
}

fn within_bounds(limit: Option<usize>) -> usize {
    limit.unwrap_or(LEAST).clamp(LEAST, MOST)
}

/// The directory of the request queue for the commands.
fn queue(sys: &Path, node: &File, kind: Node) -> Option<PathBuf> {
    let number = node.metadata().ok()?.rdev();
    let name = format!("{}:{}", major(number), minor(number));
    match kind {
        Node::Block => Some(sys.join("dev/block").join(name).join("queue")),
        Node::Generic => {
            let blocks = sys.join("dev/char").join(name).join("device/block");
            let block = fs::read_dir(blocks).ok()?.find_map(Result::ok)?;
            Some(block.path().join("queue"))
        }
    }
}

/// The bytes that a queue accepts: limited directly, and by the number of pages. A buffer that begins inside
/// a page takes one more page.
fn of_queue(queue: &Path) -> Option<usize> {
    let number = |name| -> Option<usize> {
        let text = fs::read_to_string(queue.join(name)).ok()?;
        text.trim().parse().ok()
    };
    let bytes = number("max_sectors_kb")?.saturating_mul(1024);
    let scattered = number("max_segments").map(|segments| segments.saturating_sub(1).saturating_mul(PAGE));
    Some(scattered.map_or(bytes, |scattered| scattered.min(bytes)))
}

fn by_ioctl(node: &File, kind: Node) -> Option<usize> {
    match kind {
        Node::Block => {
            // SAFETY: BLKSECTGET stores an unsigned short for a block device.
            let request = unsafe { Getter::<BLKSECTGET, c_ushort>::new() };
            // SAFETY: the node is a block device.
            let sectors = unsafe { ioctl(node, request) }.ok()?;
            Some(usize::from(sectors) * 512)
        }
        Node::Generic => {
            // SAFETY: BLKSECTGET stores an int for a generic device.
            let request = unsafe { Getter::<BLKSECTGET, c_int>::new() };
            // SAFETY: the node is a generic device, because it has returned its version.
            let bytes = unsafe { ioctl(node, request) }.ok()?;
            usize::try_from(bytes).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue_of(files: &[(&str, &str)]) -> Option<usize> {
        let folder = tempfile::tempdir().expect("a temporary directory");
        for (name, text) in files {
            fs::write(folder.path().join(name), text).expect("a file");
        }
        of_queue(folder.path())
    }

    #[test]
    fn a_queue_is_limited_by_its_bytes_and_by_its_segments() {
        let bytes_count = [("max_sectors_kb", "120\n"), ("max_segments", "2048\n")];
        assert_eq!(queue_of(&bytes_count), Some(120 << 10));
        let segments_count = [("max_sectors_kb", "1280\n"), ("max_segments", "128\n")];
        assert_eq!(queue_of(&segments_count), Some(127 * 4096));
        assert_eq!(queue_of(&[]), None);
    }

    #[test]
    fn one_command_moves_at_least_a_unit_of_every_medium() {
        assert_eq!(within_bounds(Some(120 << 10)), 120 << 10);
        assert_eq!(within_bounds(Some(0)), LEAST);
        assert_eq!(within_bounds(Some(usize::MAX)), MOST);
        assert_eq!(within_bounds(None), LEAST);
    }
}
