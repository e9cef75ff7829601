//! A file of a disc, as `ls` shows it.

use std::fmt;

use oncefs::nodes::{Node, NodeKind, Volume};
use serde::Serialize;

use crate::attributes::Attribute;
use crate::failure::{Context, Outcome};
use crate::streams::Listed;
use crate::terminal::Shown;
use crate::time;

/// One file. The fields are in the order of the JSON.
#[derive(Debug, Serialize)]
pub struct Listing {
    /// Path from the root of the volume.
    pub path: String,
    /// `file`, `directory`, `symlink`, `fifo`, `socket`, `char`, `block`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Bytes; for a symbolic link those of its target, 0 for files without a body.
    pub size: u64,
    /// `st_mode & 07777`.
    pub mode: u32,
    /// Owner; `None` if the disc states none.
    pub uid: Option<u32>,
    /// Group; `None` if the disc states none.
    pub gid: Option<u32>,
    /// Number of names.
    pub nlink: u16,
    /// Last modification, RFC 3339; `None` if not recorded.
    pub mtime: Option<String>,
    /// Target of a symbolic link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Major number of a device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub major: Option<u32>,
    /// Minor number of a device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minor: Option<u32>,
    /// The named streams, if requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub streams: Option<Vec<Listed>>,
    /// The implementation and application use attributes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
    /// What a stream is, if UDF defines its name.
    #[serde(skip)]
    pub meaning: Option<&'static str>,
    /// Whether the text shows more than the name.
    #[serde(skip)]
    pub long: bool,
    /// The name in the text: name or path.
    #[serde(skip)]
    pub shown: String,
}

impl Listing {
    /// Describes a node.
    pub fn new(volume: &mut Volume, node: &Node, path: &str) -> Outcome<Self> {
        let target = match node.kind {
            NodeKind::SymbolicLink => Some(volume.symlink_target(node).at(path)?),
            _ => None,
        };
        let (major, minor) = match node.kind {
            NodeKind::CharacterDevice { major, minor } | NodeKind::BlockDevice { major, minor } => {
                (Some(major), Some(minor))
            }
            _ => (None, None),
        };
        let size = match (&target, &node.kind) {
            (Some(target), _) => target.len() as u64,
            (None, NodeKind::File | NodeKind::Directory) => node.size(),
            _ => 0,
        };
        Ok(Self {
            path: path.to_owned(),
            kind: kind_word(node),
            size,
            mode: node.mode() & 0o7777,
            uid: stated(node.entry.uid),
            gid: stated(node.entry.gid),
            nlink: node.entry.file_link_count,
            mtime: time::rfc3339(&node.entry.modification_time),
            target,
            major,
            minor,
            streams: None,
            attributes: Vec::new(),
            meaning: None,
            long: false,
            shown: path.to_owned(),
        })
    }
}

/// The owner or group; all bits set means none (`UDF 2.60 2.3.3.1`).
fn stated(owner: u32) -> Option<u32> {
    (owner != u32::MAX).then_some(owner)
}

/// The word for the kind of a node.
pub fn kind_word(node: &Node) -> &'static str {
    match node.kind {
        NodeKind::File if node.other_type().is_some() => "other",
        kind => file_type_word(kind),
    }
}

/// The word for a kind.
pub fn file_type_word(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::File => "file",
        NodeKind::Directory => "directory",
        NodeKind::SymbolicLink => "symlink",
        NodeKind::Fifo => "fifo",
        NodeKind::Socket => "socket",
        NodeKind::CharacterDevice { .. } => "char",
        NodeKind::BlockDevice { .. } => "block",
    }
}

/// A listed name, if nothing else of the file is needed.
#[derive(Debug, Serialize)]
pub struct Name<'a>(pub &'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", Shown(self.0))
    }
}

impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let meaning = self
            .meaning
            .map(|words| format!(" ({words})"))
            .unwrap_or_default();
        if !self.long {
            return writeln!(f, "{}{meaning}", Shown(&self.shown));
        }
        let size = match (self.major, self.minor) {
            (Some(major), Some(minor)) => format!("{major}, {minor}"),
            _ => self.size.to_string(),
        };
        let mtime = self.mtime.as_deref().unwrap_or("-");
        let (mode, nlink) = (mode_text(self.kind, self.mode), self.nlink);
        let owner = |owner: Option<u32>| owner.map_or_else(|| "-".into(), |owner| owner.to_string());
        let (uid, gid) = (owner(self.uid), owner(self.gid));
        write!(
            f,
            "{mode} {nlink:>3} {uid:>5} {gid:>5} {size:>12} {mtime:>27} {}",
            Shown(&self.shown)
        )?;
        match &self.target {
            Some(target) => writeln!(f, " -> {}", Shown(target)),
            None => writeln!(f, "{meaning}"),
        }
    }
}

/// The ten characters of `ls -l`.
fn mode_text(kind: &str, mode: u32) -> String {
    let first = match kind {
        "directory" => 'd',
        "symlink" => 'l',
        "fifo" => 'p',
        "socket" => 's',
        "char" => 'c',
        "block" => 'b',
        "other" => '?',
        _ => '-',
    };
    let mut text = String::from(first);
    for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = mode >> shift & 7;
        text.push(if bits & 4 != 0 { 'r' } else { '-' });
        text.push(if bits & 2 != 0 { 'w' } else { '-' });
        text.push(match (mode & special != 0, bits & 1 != 0) {
            (false, false) => '-',
            (false, true) => 'x',
            (true, true) => letter,
            (true, false) => letter.to_ascii_uppercase(),
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unstated_owner_is_a_dash() {
        let listing = Listing {
            path: "/f".into(),
            kind: "file",
            size: 1,
            mode: 0o644,
            uid: stated(u32::MAX),
            gid: stated(0),
            nlink: 1,
            mtime: None,
            target: None,
            major: None,
            minor: None,
            streams: None,
            attributes: Vec::new(),
            meaning: None,
            long: true,
            shown: "f".into(),
        };
        let text = listing.to_string();
        let words: Vec<_> = text.split_whitespace().collect();
        assert_eq!(words, ["-rw-r--r--", "1", "-", "0", "1", "-", "f"]);
        let json = serde_json::to_value(&listing).unwrap_or_default();
        assert_eq!(
            (&json["uid"], &json["gid"]),
            (&serde_json::Value::Null, &0.into())
        );
    }

    #[test]
    fn modes_are_shown_as_ls_does() {
        assert_eq!(mode_text("file", 0o644), "-rw-r--r--");
        assert_eq!(mode_text("directory", 0o1777), "drwxrwxrwt");
        assert_eq!(mode_text("file", 0o6711), "-rws--s--x");
        assert_eq!(mode_text("char", 0o7000), "c--S--S--T");
    }
}
