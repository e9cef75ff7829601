//! What a listing has of each name.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::{Deserialize, Serialize};

/// Entries by path. A path begins with `/` and is `/` for the root.
pub type Listing = BTreeMap<String, Entry>;

/// What kind of node a name leads to.
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

/// One name and its node. What a reader does not tell, or nobody can know beforehand, is `None`, and then not compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub kind: Option<Kind>,
    /// Bytes; `None` for directories, whose size is each file system's own affair.
    pub size: Option<u64>,
    /// Permissions with the setuid, setgid and sticky bits.
    pub mode: Option<u32>,
    pub uid: Option<u32>,
    pub gid: Option<u32>,
    /// Microseconds since 1970, rounded down: as fine as UDF has it.
    pub mtime: Option<i64>,
    /// Names of this node; `None` for directories.
    pub links: Option<u64>,
    /// Equal for the names of one node within a listing, and for nothing else.
    pub node: Option<u64>,
    /// Where a symbolic link leads to.
    pub target: Option<String>,
    /// Major and minor number.
    pub device: Option<(u32, u32)>,
    /// Of a file's contents, in hexadecimal.
    pub sha256: Option<String>,
}

/// Write a listing as JSON lines, sorted by path.
pub fn to_json_lines(listing: &Listing) -> Result<String> {
    let mut text = String::new();
    for line in listing {
        text.push_str(&serde_json::to_string(&line)?);
        text.push('\n');
    }
    Ok(text)
}
