//! The entries of a listing.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::{Deserialize, Serialize};

/// Entries by path. A path begins with `/` and is `/` for the root.
pub type Listing = BTreeMap<String, Entry>;

/// The kind of node that a name leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Directory,
    File,
    Symlink,
    CharDevice,
    BlockDevice,
    Fifo,
    Socket,
}

/// A name and its node. A field that a reader does not report, or that cannot be known beforehand, is `None`
/// and not compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub kind: Option<Kind>,
    /// Size in bytes; `None` for directories, whose size depends on the file system.
    pub size: Option<u64>,
    /// Permissions with the setuid, setgid and sticky bits.
    pub mode: Option<u32>,
    pub uid: Option<u32>,
    pub gid: Option<u32>,
    /// Microseconds since 1970, rounded down: the resolution of UDF.
    pub mtime: Option<i64>,
    /// Number of names of this node; `None` for directories.
    pub links: Option<u64>,
    /// Equal for names of the same node within one listing, and unique otherwise.
    pub node: Option<u64>,
    /// The target of a symbolic link.
    pub target: Option<String>,
    /// Major and minor number.
    pub device: Option<(u32, u32)>,
    /// The hash of a file's contents, in hexadecimal.
    pub sha256: Option<String>,
}

/// Writes a listing as JSON lines, sorted by path.
pub fn to_json_lines(listing: &Listing) -> Result<String> {
    let mut text = String::new();
    for line in listing {
        text.push_str(&serde_json::to_string(&line)?);
        text.push('\n');
    }
    Ok(text)
}
