//! Excluded files.

use std::path::Path;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::failure::{Failure, Outcome};

/// Globs for names, and globs for paths.
pub struct Exclude {
    names: GlobSet,
    paths: GlobSet,
}

impl Exclude {
    /// A glob without a slash matches names at any depth, one with a slash whole paths below the target.
    pub fn new(globs: &[String]) -> Outcome<Self> {
        let (mut names, mut paths) = (GlobSetBuilder::new(), GlobSetBuilder::new());
        for text in globs {
            let pattern = text.trim_end_matches('/');
            let glob = GlobBuilder::new(pattern.trim_start_matches('/'))
                .literal_separator(true)
                .backslash_escape(true)
                .build()
                .map_err(|error| Failure::usage(format_args!("--exclude '{text}': {}", error.kind())))?;
            if pattern.contains('/') {
                paths.add(glob)
            } else {
                names.add(glob)
            };
        }
        let build = |set: GlobSetBuilder| {
            set.build()
                .map_err(|error| Failure::usage(format_args!("--exclude: {error}")))
        };
        Ok(Self {
            names: build(names)?,
            paths: build(paths)?,
        })
    }

    /// Whether nothing is excluded.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.paths.is_empty()
    }

    /// Whether the file with this path below the target is excluded.
    pub fn matches(&self, path: &Path) -> bool {
        let by_name =
            !self.names.is_empty() && path.file_name().is_some_and(|name| self.names.is_match(name));
        by_name || !self.paths.is_empty() && self.paths.is_match(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure_kind::FailureKind;

    fn matches(glob: &str, path: &str) -> bool {
        Exclude::new(&[glob.to_owned()]).is_ok_and(|exclude| exclude.matches(Path::new(path)))
    }

    #[test]
    fn a_name_matches_at_any_depth() {
        assert!(matches("*.o", "a.o") && matches("*.o", "src/deep/a.o") && matches("target/", "x/target"));
        assert!(!matches("*.o", "src/a.os"));
    }

    #[test]
    fn a_path_matches_as_a_whole() {
        assert!(matches("/src/*.o", "src/a.o") && matches("src/**/*.o", "src/deep/a.o"));
        assert!(!matches("src/*.o", "src/deep/a.o") && !matches("src/*.o", "x/src/a.o"));
    }

    #[test]
    fn a_malformed_glob_is_a_usage_error() {
        assert_eq!(
            Exclude::new(&["a[".into()]).err().map(|failure| failure.kind),
            Some(FailureKind::Usage)
        );
    }
}
