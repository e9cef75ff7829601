//! The meaning of a path on the command line.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::fd::AsFd;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Outcome};

/// One of the paths to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The path as typed.
    pub path: PathBuf,
    /// The name on the disc; `None` if the contents are meant, not the directory.
    pub name: Option<OsString>,
    /// The descriptor of this program that the path stands for.
    pub content: Option<Content>,
}

/// A descriptor of this program, whose bytes become the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Standard input.
    Input,
    /// Another one, by its path on the host.
    Passed(PathBuf),
}

impl Source {
    /// `dir` is the directory, `dir/.` (and `.`, `..`, `/`) its contents, as in `cp -a`.
    fn new(path: &Path) -> Self {
        let name = path
            .as_os_str()
            .as_bytes()
            .split(|&byte| byte == b'/')
            .rfind(|name| !name.is_empty())
            .filter(|name| *name != b"." && *name != b"..");
        Self {
            path: path.to_owned(),
            name: name.map(|name| OsStr::from_bytes(name).to_owned()),
            content: None,
        }
    }

    /// All paths of a command line. Paths of descriptors get `names` in order.
    pub fn all(paths: &[PathBuf], names: &[OsString]) -> Outcome<Vec<Self>> {
        let mut names = names.iter();
        let mut sources = Vec::new();
        for path in paths {
            let mut source = Self::new(path);
            source.content = Content::of(path);
            if source.content.is_some() {
                let name = names.next().ok_or_else(|| {
                    Failure::usage("input from a descriptor has no name")
                        .at(path.display())
                        .hint("--name NAME gives it one")
                })?;
                if name.as_bytes().contains(&b'/') || matches!(name.as_bytes(), b"" | b"." | b"..") {
                    return Err(Failure::usage(
                        "--name takes a name without `/`; --into sets the directory",
                    ));
                }
                source.name = Some(name.clone());
            }
            sources.push(source);
        }
        if names.next().is_some() {
            return Err(Failure::usage(
                "--name is for input from a descriptor: `-`, /dev/stdin, /dev/fd/N",
            ));
        }
        Ok(sources)
    }
}

impl Content {
    /// The source of a path that is `-` or the host's name of a descriptor.
    fn of(path: &Path) -> Option<Self> {
        let path: PathBuf = path.components().collect();
        if path == Path::new("-") || path == Path::new("/dev/stdin") {
            return Some(Self::Input);
        }
        let number = ["/dev/fd", "/proc/self/fd"]
            .into_iter()
            .find_map(|top| path.strip_prefix(top).ok())?;
        number.to_str()?.parse::<u32>().ok().map(|number| match number {
            0 => Self::Input,
            _ => Self::Passed(path.clone()),
        })
    }

    /// Opens it.
    pub fn open(&self) -> std::io::Result<OwnedFd> {
        let file = match self {
            Self::Input => std::io::stdin().as_fd().try_clone_to_owned()?,
            Self::Passed(path) => File::open(path)?.into(),
        };
        if File::from(file.try_clone()?).metadata()?.is_dir() {
            return Err(std::io::ErrorKind::IsADirectory.into());
        }
        Ok(file)
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

    #[test]
    fn names_of_descriptors_stand_for_their_input() {
        let of = |path: &str| Content::of(Path::new(path));
        for input in ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0", "/dev//fd/0"] {
            assert_eq!(of(input), Some(Content::Input), "{input}");
        }
        assert_eq!(of("/dev/fd/63"), Some(Content::Passed("/dev/fd/63".into())));
        for other in ["./-", "a/-", "/dev/fd", "/dev/fd/x", "/dev/stdout", "dev/fd/3"] {
            assert_eq!(of(other), None, "{other}");
        }
    }

    #[test]
    fn every_descriptor_needs_a_name_and_nothing_else_takes_one() {
        let all = |paths: &[&str], names: &[&str]| {
            let paths: Vec<_> = paths.iter().map(PathBuf::from).collect();
            let names: Vec<_> = names.iter().map(OsString::from).collect();
            Source::all(&paths, &names).map(|sources| sources.len())
        };
        assert!(all(&["a", "-", "/dev/fd/3"], &["x", "y"]).is_ok());
        for (paths, names) in [
            (&["-"][..], &[][..]),
            (&["a"], &["x"]),
            (&["-"], &["a/b"]),
            (&["-"], &[".."]),
        ] {
            assert!(all(paths, names).is_err(), "{paths:?} {names:?}");
        }
    }
}
