//! Changes between two states of a volume, as text and JSON.

use std::fmt;

use oncefs::{Change, ChangeKind};
use serde::Serialize;

use crate::listing::file_type_word;
use crate::terminal::Shown;

/// A change. The fields are in the order of the JSON.
#[derive(Serialize)]
pub struct ShownChange<'a> {
    /// `added`, `changed`, `removed`, `renamed`, `linked`, `unlinked`.
    pub change: &'static str,
    /// The path; of what was removed, the one that it had.
    pub path: &'a str,
    /// The path before it was renamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<&'a str>,
    /// The kind of the file.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Bytes before.
    pub bytes_before: u64,
    /// Bytes after.
    pub bytes: u64,
}

impl<'a> ShownChange<'a> {
    /// The form of a change.
    pub fn of(change: &'a Change) -> Self {
        let (word, from) = match &change.kind {
            ChangeKind::Added => ("added", None),
            ChangeKind::Changed => ("changed", None),
            ChangeKind::Removed => ("removed", None),
            ChangeKind::Renamed { from } => ("renamed", Some(from.as_str())),
            ChangeKind::Linked => ("linked", None),
            ChangeKind::Unlinked => ("unlinked", None),
        };
        Self {
            change: word,
            path: &change.path,
            from,
            kind: file_type_word(change.node),
            bytes_before: change.bytes_before,
            bytes: change.bytes,
        }
    }
}

impl fmt::Display for ShownChange<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.change {
            "added" => '+',
            "changed" => '~',
            "removed" => '-',
            "renamed" => '>',
            "linked" => '=',
            _ => '/',
        };
        let end = if self.kind == "directory" && self.path != "/" {
            "/"
        } else {
            ""
        };
        match self.from {
            Some(from) => writeln!(f, "{mark} {}{end} -> {}{end}", Shown(from), Shown(self.path)),
            None => writeln!(f, "{mark} {}{end}", Shown(self.path)),
        }
    }
}
