//! What tells one disc of this host from all others.

use std::io;
use std::os::unix::fs::MetadataExt as _;

use crate::Disc;
use crate::device::{Host, Node};

/// What tells one disc from all others on this host: device and file number of the image, or of the device node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DiscIdentity {
    /// The device that the image or node lies on.
    pub device: u64,
    /// Its number there; 0, which no file has, if the disc is in a device.
    pub file: u64,
}

impl Disc {
    /// Which disc it is now: its image, also behind a loop device, or the whole drive, whatever node names it. A path may come to
    /// name another.
    ///
    /// # Errors
    /// What the host answers.
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
