//! Paths on a disc, as they are typed: always from the root, `/` between names.

use std::fmt;

/// A path from the root of the volume, with `.` and `..` resolved by their words alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscPath(Vec<String>);

impl DiscPath {
    /// The path that a text names; the leading slash may be left out.
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

    /// Whether a text asks for the contents of a directory rather than the directory: `/`, `.`, `dir/.`, `dir/..`.
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

    /// The directory that holds the file, and the file's name in it; `None` for the root.
    pub fn split(&self) -> Option<(Self, &str)> {
        let (name, parents) = self.0.split_last()?;
        Some((Self(parents.to_vec()), name))
    }

    /// The path of a file in this directory.
    pub fn join(&self, name: &str) -> Self {
        let mut names = self.0.clone();
        names.push(name.to_owned());
        Self(names)
    }

    /// Whether this is `other` or lies below it.
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
    fn words_that_name_no_file_are_resolved() {
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
    fn the_root_lies_in_no_directory() {
        assert_eq!(DiscPath::new("/").split(), None);
        let path = DiscPath::new("/a/b");
        assert_eq!(
            path.split().map(|(parent, name)| (parent.to_string(), name)),
            Some(("/a".into(), "b"))
        );
    }
}
