//! Units of one owner that already exist, whether their process is alive or not.

use crate::backstore::Backstore;
use crate::error::{Error, at};
use crate::loopback::Loopback;
use std::io;
use std::path::{Path, PathBuf};

/// An existing unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundUnit {
    /// Its name.
    pub name: String,
    /// The description of its medium.
    pub medium: String,
    /// The unit.
    pub backstore: Backstore,
    /// Its SCSI host; `None` if its process ended before making one.
    pub loopback: Option<Loopback>,
}

/// All units of `owner` below `target`, the directory of LIO in configfs, in the order of their directories.
///
/// # Errors
/// [`Error::NoTarget`] if LIO or configfs is missing; [`Error::Kernel`].
pub fn find(target: &Path, owner: &str) -> Result<Vec<FoundUnit>, Error> {
    let core = target.join("core");
    if !core.is_dir() {
        return Err(Error::NoTarget(core));
    }
    let mut found = Vec::new();
    for adapter in folders(&core)? {
        if adapter
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("user_"))
        {
            for path in folders(&adapter)? {
                found.extend(unit_of(target, owner, path)?);
            }
        }
    }
    Ok(found)
}

fn unit_of(target: &Path, owner: &str, path: PathBuf) -> Result<Option<FoundUnit>, Error> {
    let text = |name: &str| std::fs::read_to_string(path.join(name)).unwrap_or_default();
    let owned = text("info").contains(&format!("Config: {owner}/"));
    let Some(name) = path.file_name().filter(|_| owned) else {
        return Ok(None);
    };
    let loopbacks = folders(&target.join("loopback"))?;
    // Another process may remove it meanwhile.
    let Ok(real) = std::fs::canonicalize(&path) else {
        return Ok(None);
    };
    Ok(Some(FoundUnit {
        name: name.to_string_lossy().into_owned(),
        medium: text("udev_path").trim_end_matches('\n').to_owned(),
        loopback: loopbacks
            .into_iter()
            .find_map(|loopback| Loopback::leading_to(loopback, &real)),
        backstore: Backstore::at(path.clone()),
    }))
}

/// The subdirectories of a directory in the order of their names; none if it no longer exists.
fn folders(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = match std::fs::read_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(at(path))?,
    };
    let mut folders: Vec<_> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    Ok(folders)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{create_dir_all, write};
    use std::os::unix::fs::symlink;

    #[test]
    fn units_of_an_owner_are_found_with_their_hosts() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let target = folder.path();
        for (unit, config, medium) in [
            ("user_0/one", "oncefs/one", "/a.udf"),
            ("user_1/two", "other/two", "/b"),
            ("user_2/three", "oncefs/three", "/c.udf"),
            ("fileio_0/four", "oncefs/four", "/d"),
        ] {
            let unit = target.join("core").join(unit);
            create_dir_all(&unit).expect("a directory");
            write(
                unit.join("info"),
                format!("Status: ACTIVATED\nConfig: {config} Size: 1\n"),
            )
            .expect("a file");
            write(unit.join("udev_path"), format!("{medium}\n")).expect("a file");
        }
        let host = target.join("loopback/naa.1/tpgt_1/lun/lun_0");
        create_dir_all(&host).expect("a directory");
        symlink(target.join("core/user_2/three"), host.join("backstore")).expect("a link");
        let found = find(target, "oncefs").expect("units");
        let seen: Vec<_> = found
            .iter()
            .map(|unit| (unit.name.as_str(), unit.medium.as_str(), unit.loopback.is_some()))
            .collect();
        assert_eq!(seen, [("one", "/a.udf", false), ("three", "/c.udf", true)]);
    }

    #[test]
    fn a_kernel_without_lio_differs_from_one_without_units() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        assert!(matches!(find(folder.path(), "oncefs"), Err(Error::NoTarget(_))));
        create_dir_all(folder.path().join("core")).expect("a directory");
        assert!(find(folder.path(), "oncefs").is_ok_and(|found| found.is_empty()));
    }
}
