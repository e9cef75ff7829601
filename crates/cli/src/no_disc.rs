//! Paths that are not discs, reported before a drive is asked.

use std::fs::Metadata;
use std::path::Path;

use oncefs::{BLOCK_SIZE, Disc};
use rustix::fs::{Access, AtFlags, CWD, accessat};
use rustix::io::Errno;

use crate::failure::{Exit, Failure, Outcome};
use crate::failure_kind::FailureKind;

const GONE: &str =
    "put the image back beside its side file; for a new disc of this name, remove the side file";
const NO_DISC: &str = "name the image of a disc, or a drive; `oncefs format` makes a new image";

/// Fails if a path cannot be a disc, or is a side file's whose image is gone.
pub fn require_disc(path: &Path) -> Outcome {
    let side = Disc::new(path).side_file();
    let has_side = side.symlink_metadata().is_ok();
    let (kind, message, hint) = match path.metadata() {
        Err(error) if has_side && error.kind() == std::io::ErrorKind::NotFound => {
            let side = side.display();
            let message = format!(
                "the image is missing, but its side file exists ({side}): the image was moved or removed"
            );
            (FailureKind::NoImage, message, GONE)
        }
        Ok(found) if !has_side => match what_it_is(&found) {
            Some(what) => (FailureKind::NotADisc, format!("is {what}, not a disc"), NO_DISC),
            None => return Ok(()),
        },
        _ => return Ok(()),
    };
    let failure = Failure::new(Exit::Failed, kind, message);
    Err(failure.at(path.display()).hint(hint))
}

/// What a path without a side file is, if it is not a disc.
fn what_it_is(found: &Metadata) -> Option<String> {
    if found.is_dir() {
        return Some("a directory".into());
    }
    match found.len() {
        _ if !found.is_file() => None,
        0 => Some("an empty file".into()),
        bytes if bytes < BLOCK_SIZE as u64 => Some(format!("a file of {bytes} bytes, less than a block")),
        _ => None,
    }
}

/// The failure if the host does not let this user write to the image.
pub fn not_writable(path: &Path) -> Option<Failure> {
    let access = accessat(CWD, path, Access::WRITE_OK, AtFlags::EACCESS);
    let (message, hint) = match access {
        _ if !path.is_file() => return None,
        Err(Errno::ACCESS) => (
            "this user has no permission to write to it, so nothing can be recorded",
            "`chmod u+w` on image and side file gives their owner the permission; reading needs none",
        ),
        Err(Errno::ROFS) => (
            "its file system is mounted read-only, so nothing can be recorded",
            "copy image and side file to where they can be written, or mount that file system for writing",
        ),
        _ => return None,
    };
    let failure = Failure::new(Exit::ReadOnly, FailureKind::ReadOnly, message);
    Some(failure.at(path.display()).hint(hint))
}
