//! Keeps files from being created on the file system of `/dev`. A missing name among the devices is a missing
//! drive, and a file in its place would fill the memory of the machine.

use std::fs::metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Outcome};

/// Most symbolic links followed to the place where a file would be created.
const LINKS: usize = 40;

/// What the user can do about it.
pub const HINT: &str = "`oncefs drives` shows the drives of this machine";

/// Fails if a path does not exist and would be created among the devices.
pub fn require_elsewhere(path: &Path) -> Outcome {
    if !path.exists() && holds(&target_of(path)) {
        let message = "no such device; no file is created among the devices of this machine";
        return Err(Failure::failed(message).at(path.display()).hint(HINT));
    }
    Ok(())
}

/// The same for a directory, which may exist, in which files are created.
pub fn require_directory_elsewhere(directory: &Path) -> Outcome {
    if holds(&directory.join("any")) {
        let message = "no file is created among the devices of this machine";
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

/// Whether a file of this path would be on the file system of `/dev`, judged by its existing directories.
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
            // In a container `/dev` may be an ordinary directory.
            devices.dev() != root.dev() || there.starts_with("/dev")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_not_created_among_the_devices() {
        for path in [
            "/dev/sr99",
            "/dev/no/such/file",
            "/dev/../dev/x",
            "/dev/mapper/../x",
        ] {
            assert!(require_elsewhere(Path::new(path)).is_err(), "{path}");
        }
        // An existing file is opened, not created.
        assert!(require_elsewhere(Path::new("/dev/null")).is_ok());
        assert!(require_directory_elsewhere(Path::new("/dev")).is_err());
    }

    #[test]
    fn elsewhere_everything_is_created() -> std::io::Result<()> {
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
    fn a_link_does_not_lead_around_the_check() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/dev/sr99", &link)?;
        assert!(require_elsewhere(&link).is_err());
        Ok(())
    }
}
