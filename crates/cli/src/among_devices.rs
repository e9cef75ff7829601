//! The file system that `/dev` itself is on: nothing is ever made there. A name without a file among the devices is a drive that is not there,
//! and what is made in its place fills the memory of the machine.

use std::fs::metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Outcome};

/// Symbolic links that are followed to where a file would be made.
const LINKS: usize = 40;

/// What could be done about it.
pub const HINT: &str = "`oncefs drives` shows the drives of this machine";

/// Fails where a path leads nowhere yet, and what is made there would be among the devices.
pub fn require_elsewhere(path: &Path) -> Outcome {
    if !path.exists() && holds(&target_of(path)) {
        let message = "no such device, and nothing else is made among the devices of this machine";
        return Err(Failure::failed(message).at(path.display()).hint(HINT));
    }
    Ok(())
}

/// The same of a directory that may be there, and in which files are made.
pub fn require_directory_elsewhere(directory: &Path) -> Outcome {
    if holds(&directory.join("any")) {
        let message = "nothing is made among the devices of this machine";
        return Err(Failure::failed(message).at(directory.display()));
    }
    Ok(())
}

/// The place where a path would create a file, after following dangling symbolic links.
fn target_of(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let Ok(target) = std::fs::read_link(&path) else {
            break;
        };
        path = path.parent().unwrap_or(Path::new("")).join(target);
    }
    path
}

/// Whether a file of this path would be on the file system of `/dev`, as far as its directories are there.
fn holds(path: &Path) -> bool {
    let there = path.ancestors().skip(1).find_map(|above| {
        let above = if above.as_os_str().is_empty() {
            Path::new(".")
        } else {
            above
        };
        above.canonicalize().ok()
    });
    let Some(there) = there else { return false };
    match (metadata(&there), metadata("/dev"), metadata("/")) {
        (Ok(there_is), Ok(devices), Ok(root)) if there_is.dev() == devices.dev() => {
            // In a container it may be a directory like others.
            devices.dev() != root.dev() || there.starts_with("/dev")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_not_made_among_the_devices() {
        for path in [
            "/dev/sr99",
            "/dev/no/such/file",
            "/dev/../dev/x",
            "/dev/mapper/../x",
        ] {
            assert!(require_elsewhere(Path::new(path)).is_err(), "{path}");
        }
        // What is there is opened and not made.
        assert!(require_elsewhere(Path::new("/dev/null")).is_ok());
        assert!(require_directory_elsewhere(Path::new("/dev")).is_err());
    }

    #[test]
    fn elsewhere_everything_is_made() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        assert!(require_elsewhere(&folder.path().join("disc")).is_ok());
        assert!(require_elsewhere(Path::new("disc")).is_ok());
        assert!(require_directory_elsewhere(folder.path()).is_ok());
        let shared = Path::new("/dev/shm");
        if metadata(shared).is_ok_and(|shm| metadata("/dev").is_ok_and(|dev| dev.dev() != shm.dev())) {
            assert!(require_elsewhere(&shared.join("disc")).is_ok());
        }
        Ok(())
    }

    #[test]
    fn a_link_that_leads_among_the_devices_is_no_way_around() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/dev/sr99", &link)?;
        assert!(require_elsewhere(&link).is_err());
        Ok(())
    }
}
