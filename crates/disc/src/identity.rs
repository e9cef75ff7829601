//! What distinguishes a disc from all others on this host.

use std::io;
use std::os::unix::fs::MetadataExt as _;

use crate::Disc;
use crate::device::{Host, Node};

/// Distinguishes a disc from all others on this host: device and inode number of the image or of the device
/// node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DiscIdentity {
    /// The device with the image or node.
    pub device: u64,
    /// The inode number there; 0, which no file has, for a disc in a device.
    pub file: u64,
}

impl Disc {
    /// The current identity of the disc: that of its image, also through a loop device, or of the whole
    /// drive, whichever node names it. The same path may lead to another disc later.
    ///
    /// # Errors
    /// Errors from the host.
    pub fn identity(&self) -> io::Result<DiscIdentity> {
        let mut file = std::fs::metadata(self.path())?;
        if let Some(node) = Node::of(&file) {
            let host = Host::default();
            let whole = host.whole(node);
            match host.backing_file(whole).map(std::fs::metadata) {
                Some(Ok(image)) => file = image,
                _ => {
                    return Ok(DiscIdentity {
                        device: whole.number(),
                        file: 0,
                    });
                }
            }
        }
        Ok(DiscIdentity {
            device: file.dev(),
            file: file.ino(),
        })
    }
}
