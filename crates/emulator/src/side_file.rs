//! The side file on the host, which is read whole and replaced atomically.

use crate::error::Error;
use crate::fault::Faults;
use crate::image_directory::{Identity, ImageDirectory, kind_of};
use crate::side_text::{self, State};
use rustix::fs::{
    Access, AtFlags, FileType, Gid, Mode, OFlags, StatxAttributes, StatxFlags, Uid, accessat, fchmod, fchown,
    fstat, openat, renameat, statx, unlinkat,
};
use rustix::io::Errno;
use rustix::process::geteuid;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;

/// The longest side file. A medium has at most 62.5 million blocks, and a packet on a CD takes about 16 bytes
/// here.
const LONGEST: u64 = 64 << 20;

/// The mode bits that a new side file inherits.
const PERMISSIONS: u32 = 0o777;

/// Reads the side file of an image.
///
/// # Errors
/// [`Error::NoSideFile`], [`Error::NotASideFile`] without waiting for other kinds of file,
/// [`Error::SideFile`]; errors of the host.
pub(crate) fn read(place: &ImageDirectory) -> Result<(State, Identity), Error> {
    let path = place.side_path();
    let at = |source: io::Error| Error::Io {
        path: path.clone(),
        source,
    };
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = match openat(place.directory(), place.side_name(), flags, Mode::empty()) {
        Err(Errno::NOENT) => return Err(Error::NoSideFile(place.path().to_owned())),
        Err(Errno::LOOP) => return Err(Error::NotASideFile(path)),
        opened => File::from(opened.map_err(|errno| at(errno.into()))?),
    };
    let stat = fstat(&file).map_err(|errno| at(errno.into()))?;
    if kind_of(&stat) != FileType::RegularFile {
        return Err(Error::NotASideFile(path));
    }
    let mut bytes = Vec::new();
    file.take(LONGEST).read_to_end(&mut bytes).map_err(at)?;
    let wrong = |(line, what)| Error::SideFile {
        path: path.clone(),
        line,
        what,
    };
    let text = std::str::from_utf8(&bytes).map_err(|_| wrong((1, "not the side file of a recorder")))?;
    let state = side_text::decode(text).map_err(wrong)?;
    Ok((state, Identity::of(&stat)))
}

/// Fails early if the host would not allow the side file to be replaced.
///
/// # Errors
/// [`Error::SideFileFixed`]; [`Error::Io`] if the file system is mounted read-only or denies access to the
/// directory.
pub(crate) fn require_replaceable(place: &ImageDirectory) -> Result<(), Error> {
    let path = place.side_path();
    let denied = |errno: Errno| match errno {
        Errno::ACCESS | Errno::PERM => Error::SideFileFixed(path.clone()),
        other => Error::Io {
            path: path.clone(),
            source: other.into(),
        },
    };
    let fixed = StatxAttributes::IMMUTABLE | StatxAttributes::APPEND;
    let directory = place.directory();
    accessat(
        directory,
        ".",
        Access::WRITE_OK | Access::EXEC_OK,
        AtFlags::EACCESS,
    )
    .map_err(denied)?;
    match accessat(directory, place.side_name(), Access::WRITE_OK, AtFlags::EACCESS) {
        Ok(()) | Err(Errno::NOENT) => {}
        Err(errno) => return Err(denied(errno)),
    }
    if is_kept_by_others(place).map_err(|source| Error::Io {
        path: path.clone(),
        source,
    })? {
        return Err(Error::SideFileFixed(path));
    }
    for name in [place.side_name(), ".".as_ref()] {
        // A host that does not know the attributes does not have them either.
        let found = statx(
            directory,
            name,
            AtFlags::SYMLINK_NOFOLLOW,
            StatxFlags::BASIC_STATS,
        );
        if found.is_ok_and(|found| found.stx_attributes.intersects(fixed)) {
            return Err(Error::SideFileFixed(path));
        }
    }
    Ok(())
}

/// Whether the side file belongs to another user, in a directory such as `/tmp` where users may only replace
/// their own files.
fn is_kept_by_others(place: &ImageDirectory) -> io::Result<bool> {
    let (Some(side), directory) = (place.side()?, fstat(place.directory())?) else {
        return Ok(false);
    };
    let user = geteuid();
    let is_restricted = Mode::from_raw_mode(directory.st_mode).contains(Mode::SVTX);
    let owns = [side.st_uid, directory.st_uid].contains(&user.as_raw());
    Ok(is_restricted && !owns && !user.is_root())
}

/// Replaces the side file, so that at any moment either the old one or the new one exists. The new one
/// inherits owner and mode from the old one, or from the image if there is none.
///
/// # Errors
/// Errors of the host; an error if the side file is no longer `known`. Both leave the existing file.
pub(crate) fn replace(
    place: &ImageDirectory,
    image: &File,
    state: &State,
    known: Option<Identity>,
    faults: &mut Faults,
) -> io::Result<Identity> {
    let old = place.side()?;
    if old.as_ref().map(Identity::of) != known {
        let text = "another program has changed its side file, which is left as it is";
        return Err(io::Error::other(text));
    }
    let model = match &old {
        Some(old) => *old,
        None => fstat(image)?,
    };
    faults.at_side_operation()?;
    let name = unforeseeable_name()?;
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = openat(place.directory(), &name, flags, Mode::RUSR | Mode::WUSR)?;
    let written = fill(place, image, &File::from(file), &name, state, &model, faults);
    if written.is_err() && !faults.is_cut() {
        // The failure that led here says more than a failure here would.
        let _ = unlinkat(place.directory(), &name, AtFlags::empty());
    }
    written?;
    let now = place.side()?.ok_or(io::ErrorKind::NotFound)?;
    Ok(Identity::of(&now))
}

/// Writes the new side file and moves it over the old one.
fn fill(
    place: &ImageDirectory,
    image: &File,
    mut file: &File,
    name: &str,
    state: &State,
    model: &rustix::fs::Stat,
    faults: &mut Faults,
) -> io::Result<()> {
    let own = fstat(file)?;
    if (own.st_uid, own.st_gid) != (model.st_uid, model.st_gid) {
        let (owner, group) = (Uid::from_raw(model.st_uid), Gid::from_raw(model.st_gid));
        match fchown(file, Some(owner), Some(group)) {
            // Only the superuser can give files away, but changing the group may still work.
            Err(Errno::PERM) => drop(fchown(file, None, Some(group))),
            changed => changed?,
        }
    }
    fchmod(file, Mode::from_raw_mode(model.st_mode & PERMISSIONS))?;
    faults.at_side_operation()?;
    file.write_all(side_text::encode(state).as_bytes())?;
    faults.at_side_operation()?;
    file.sync_all()?;
    faults.at_side_operation()?;
    renameat(place.directory(), name, place.directory(), place.side_name())?;
    faults.at_side_operation()?;
    place.synchronize(image)
}

/// The start of a new side file's name; 16 hexadecimal digits follow.
const NEW: &str = ".oncefs-";

/// A name that nobody can have predicted.
fn unforeseeable_name() -> io::Result<String> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    Ok(format!("{NEW}{:016x}", u64::from_ne_bytes(random)))
}

/// Whether a name has this form.
pub(crate) fn is_new(name: &OsStr) -> bool {
    let digits = name.as_bytes().strip_prefix(NEW.as_bytes());
    digits.is_some_and(|digits| digits.len() == 16 && digits.iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_side_file_is_recognised_by_its_name() -> io::Result<()> {
        assert!(is_new(unforeseeable_name()?.as_ref()));
        for other in [
            ".oncefs-",
            ".oncefs-0123456789abcde",
            ".oncefs-0123456789abcdefg",
            "d.udf.oncefs",
        ] {
            assert!(!is_new(other.as_ref()), "{other}");
        }
        Ok(())
    }
}
