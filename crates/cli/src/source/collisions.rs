//! Finds sources with the same name on the disc: the second would silently replace the first.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FileType, OFlags};

use super::Selection;
use super::found::open;
use super::names::Names;
use super::status::kind_of;
use crate::failure::Refusal;

/// The files whose name another source has too. Reads only directories that have a name in common.
pub fn collisions(selection: &Selection) -> Vec<Refusal> {
    let mut found = Vec::new();
    // Directories that are merged, with their path on the disc below the target.
    let mut left = vec![(PathBuf::new(), Vec::new())];
    let mut names: BTreeMap<OsString, Vec<Origin>> = BTreeMap::new();
    for source in &selection.sources {
        let path = source.path.clone();
        match &source.name {
            None => left[0].1.push(path),
            Some(name) => {
                let is_directory = source.content.is_none()
                    && kind_of(CWD, path.as_os_str()).is_ok_and(|kind| kind == FileType::Directory);
                let origin = Origin { path, is_directory };
                names.entry(name.clone()).or_default().push(origin);
            }
        }
    }
    let is_single = left[0].1.len() + names.len() < 2 && names.values().all(|origins| origins.len() < 2);
    if is_single {
        return found;
    }
    while let Some((below, directories)) = left.pop() {
        for directory in directories {
            // The walk reports what cannot be listed.
            let listed =
                open(CWD, directory.as_os_str(), OFlags::DIRECTORY).and_then(|open| Names::of(&open));
            let Ok(listed) = listed else { continue };
            for (name, kind) in (0..).map_while(|number| listed.get(number)) {
                let origin = Origin {
                    path: directory.join(name),
                    is_directory: kind == FileType::Directory,
                };
                names.entry(name.to_owned()).or_default().push(origin);
            }
        }
        for (name, origins) in std::mem::take(&mut names) {
            let below = below.join(&name);
            if origins.len() > 1 && !selection.exclude.matches(&below) {
                judge(&below, origins, &mut found, &mut left);
            }
        }
    }
    found
}

/// A file of the host that takes a name.
struct Origin {
    path: PathBuf,
    is_directory: bool,
}

fn judge(
    below: &Path,
    origins: Vec<Origin>,
    found: &mut Vec<Refusal>,
    left: &mut Vec<(PathBuf, Vec<PathBuf>)>,
) {
    let is_same = |one: &Origin| {
        origins
            .iter()
            .filter(|other| one.path.components().eq(other.path.components()))
            .count()
            > 1
    };
    if origins.iter().all(|origin| origin.is_directory) && !origins.iter().any(is_same) {
        left.push((
            below.to_owned(),
            origins.into_iter().map(|origin| origin.path).collect(),
        ));
        return;
    }
    let first = origins[0].path.display().to_string();
    for origin in &origins[1..] {
        found.push(Refusal {
            path: origin.path.display().to_string(),
            reason: format!("{first} gets the same name on the disc"),
        });
    }
}
