//! Paths on a disc. They start at the root and separate names with `/`.

use crate::error::{Error, ErrorKind, Result};

/// Splits a path into its directory and the last name.
pub(crate) fn split(path: &str) -> Result<(&str, &str)> {
    let trimmed = path.trim_end_matches('/');
    let (parent, name) = trimmed.rsplit_once('/').unwrap_or(("", trimmed));
    if matches!(name, "" | "." | "..") {
        return Err(Error::new(ErrorKind::InvalidName, "the path ends with no name").at(path));
    }
    Ok((parent, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_name_is_in_the_directory_before_it() {
        assert_eq!(split("/a/b/c").unwrap(), ("/a/b", "c"));
        assert_eq!(split("a/").unwrap(), ("", "a"));
    }

    #[test]
    fn a_path_without_a_last_name_is_refused() {
        for path in ["", "/", "/a/..", "."] {
            assert_eq!(split(path).unwrap_err().kind(), ErrorKind::InvalidName, "{path}");
        }
    }
}
