//! The file of `--trace`: a new file, or a trace to continue. Any other file stays unchanged.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use oncefs::{Disc, TraceEntry};
use rustix::fs::OFlags;

use crate::failure::{Failure, Outcome};

/// The longest line of a trace: the answer of a command in hexadecimal digits.
const LONGEST_LINE: u64 = 1 << 20;

/// Opens a trace file for commands to `disc`, created if missing.
pub fn open(trace: &Path, disc: Option<&Path>) -> Outcome<File> {
    let refused = |why: &str| Failure::usage(format_args!("--trace: {why}")).at(trace.display());
    if disc.is_some_and(|disc| is_same(trace, disc) || is_same(trace, &Disc::new(disc).side_file())) {
        return Err(refused("this is the image or its side file; name another file"));
    }
    let host = |error: io::Error| Failure::host(trace, error);
    match File::options().append(true).create_new(true).open(trace) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => return made.map_err(host),
    }
    let opened = OpenOptions::new()
        .read(true)
        .append(true)
        .custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed())
        .open(trace);
    let none = "this file exists and is not a trace, so nothing is written to it; name a new file";
    let file = opened.map_err(|error| match error.kind() {
        io::ErrorKind::IsADirectory => refused(none),
        _ => host(error),
    })?;
    let is_file = file.metadata().map_err(host)?.is_file();
    if is_file && is_trace(&file).map_err(host)? {
        Ok(file)
    } else {
        Err(refused(none))
    }
}

/// Whether a file is empty or begins with a line of a trace.
fn is_trace(file: &File) -> io::Result<bool> {
    let mut line = Vec::new();
    BufReader::new(file.take(LONGEST_LINE)).read_until(b'\n', &mut line)?;
    let text = std::str::from_utf8(&line).unwrap_or_default();
    Ok(line.is_empty() || text.trim_end().parse::<TraceEntry>().is_ok())
}

/// Whether two paths lead to the same file, or would if it existed.
pub fn is_same(one: &Path, other: &Path) -> bool {
    if let (Ok(one), Ok(other)) = (one.metadata(), other.metadata()) {
        return (one.dev(), one.ino()) == (other.dev(), other.ino());
    }
    let place = |path: &Path| -> Option<PathBuf> {
        let path = std::path::absolute(path).ok()?;
        Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?))
    };
    place(one).is_some_and(|one| place(other) == Some(one))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure_kind::FailureKind;
    use std::fs;

    fn refused(trace: &Path, disc: Option<&Path>) -> bool {
        open(trace, disc).is_err_and(|failure| failure.kind == FailureKind::Usage)
    }

    #[test]
    fn a_file_that_is_not_a_trace_stays_unchanged() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let source = folder.path().join("source");
        fs::write(&source, "the only copy").expect("a file");
        assert!(refused(&source, None));
        assert_eq!(fs::read_to_string(&source).expect("a file"), "the only copy");
        assert!(refused(folder.path(), None));
        assert!(refused(Path::new("/dev/null"), None));
    }

    #[test]
    fn an_image_and_its_side_file_are_refused_even_before_they_exist() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let image = folder.path().join("image");
        let around = folder
            .path()
            .join("../")
            .join(folder.path().file_name().expect("a name"));
        assert!(refused(&image, Some(&image)));
        assert!(refused(&around.join("image.oncefs"), Some(&image)));
        assert_eq!(fs::read_dir(folder.path()).expect("a directory").count(), 0);
    }

    #[test]
    fn a_dangling_link_creates_no_file() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(folder.path().join("image"), &link).expect("a link");
        assert!(open(&link, None).is_err());
        assert!(!folder.path().join("image").exists());
    }
}
