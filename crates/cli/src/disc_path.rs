//! Paths on a disc from the command line: always from the root, with `/` between names.

use std::fmt;

/// A path from the root of the volume, with `.` and `..` resolved textually.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscPath(Vec<String>);

impl DiscPath {
    /// Parses a path; the leading slash is optional.
    pub fn new(text: &str) -> Self {
        let mut names: Vec<String> = Vec::new();
        for name in text.split('/') {
            match name {
                "" | "." => {}
                ".." => {
                    names.pop();
                }
                name => names.push(name.to_owned()),
            }
        }
        Self(names)
    }

    /// Whether a path means the contents of a directory, not the directory: `/`, `.`, `dir/.`, `dir/..`.
    pub fn means_contents(text: &str) -> bool {
        matches!(
            text.trim_end_matches('/').rsplit('/').next(),
            None | Some("" | "." | "..")
        )
    }

    /// The names from the root down.
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// The directory of the file, and its name in it; `None` for the root.
    pub fn split(&self) -> Option<(Self, &str)> {
        let (name, parents) = self.0.split_last()?;
        Some((Self(parents.to_vec()), name))
    }

    /// The path and those of the directories above it, from the root down, without the root.
    pub fn and_above(&self) -> impl Iterator<Item = Self> {
        (1..=self.0.len()).map(|count| Self(self.0[..count].to_vec()))
    }

    /// The path of a file in this directory.
    pub fn join(&self, name: &str) -> Self {
        let mut names = self.0.clone();
        names.push(name.to_owned());
        Self(names)
    }

    /// Whether this path is `other` or below it.
    pub fn starts_with(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }
}

impl fmt::Display for DiscPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}", self.0.join("/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_and_doubled_slashes_are_resolved() {
        assert_eq!(DiscPath::new("a//b/./c/../d/").to_string(), "/a/b/d");
        assert_eq!(DiscPath::new("/../..").to_string(), "/");
    }

    #[test]
    fn a_trailing_dot_asks_for_the_contents() {
        for text in ["/", "", ".", "a/.", "/a/b/./", ".."] {
            assert!(DiscPath::means_contents(text), "{text}");
        }
        for text in ["a", "/a/", "a/.b", "/a..", "..."] {
            assert!(!DiscPath::means_contents(text), "{text}");
        }
    }

    #[test]
    fn the_root_is_in_no_directory() {
        assert_eq!(DiscPath::new("/").split(), None);
        let path = DiscPath::new("/a/b");
        assert_eq!(
            path.split().map(|(parent, name)| (parent.to_string(), name)),
            Some(("/a".into(), "b"))
        );
    }
}
