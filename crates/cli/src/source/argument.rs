//! What a path on the command line stands for.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// One of the paths to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The path as it was typed.
    pub path: PathBuf,
    /// The name that it gets; `None` where its contents are meant, not itself.
    pub name: Option<OsString>,
}

impl Source {
    /// `dir` is the directory, `dir/.` (and `.`, `..`, `/`) its contents, as for `cp -a`.
    pub fn new(path: &Path) -> Self {
        let name = path
            .as_os_str()
            .as_bytes()
            .split(|&byte| byte == b'/')
            .rfind(|name| !name.is_empty())
            .filter(|name| *name != b"." && *name != b"..");
        Self {
            path: path.to_owned(),
            name: name.map(|name| OsStr::from_bytes(name).to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_itself_and_with_a_dot_its_contents() {
        let name = |path: &str| Source::new(Path::new(path)).name;
        assert_eq!(name("a/dir"), Some("dir".into()));
        assert_eq!(name("a/dir//"), Some("dir".into()));
        for contents in ["a/dir/.", "a/dir/./", ".", "..", "/"] {
            assert_eq!(name(contents), None, "{contents}");
        }
    }
}
