//! The side file on the host: read whole, and replaced whole and at once.

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

/// No side file is longer: a medium has at most 62.5 million blocks, and a packet on a CD costs about 16 bytes here.
const LONGEST: u64 = 64 << 20;

/// The bits of a mode that a side file takes over.
const PERMISSIONS: u32 = 0o777;

/// Reads the side file of the image at a place.
///
/// # Errors
/// [`Error::NoSideFile`], [`Error::NotASideFile`] without waiting for what is none, [`Error::SideFile`]; what the host answers.
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

/// Fails where the host would not let the side file be replaced, before anything depends on it.
///
/// # Errors
/// [`Error::SideFileFixed`]; [`Error::Io`] where the file system is mounted read-only or denies the directory.
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
        // Hosts that do not know the attributes have none.
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

/// Whether the side file is another user's in a directory, such as `/tmp`, in which each may replace his own files alone.
fn is_kept_by_others(place: &ImageDirectory) -> io::Result<bool> {
    let (Some(side), directory) = (place.side()?, fstat(place.directory())?) else {
        return Ok(false);
    };
    let user = geteuid();
    let is_restricted = Mode::from_raw_mode(directory.st_mode).contains(Mode::SVTX);
    let owns = [side.st_uid, directory.st_uid].contains(&user.as_raw());
    Ok(is_restricted && !owns && !user.is_root())
}

/// Replaces the side file: at any moment there is the old one or the new one. The new one has owner and mode of the old one, or
/// of the image where there is none.
///
/// # Errors
/// What the host answers; that there is another side file than `known` by now. Either leaves what is there.
pub(crate) fn replace(
    place: &ImageDirectory,
    image: &File,
    state: &State,
    known: Option<Identity>,
    faults: &mut Faults,
) -> io::Result<Identity> {
    let old = place.side()?;
    if old.as_ref().map(Identity::of) != known {
        let text = "its side file was changed by another program meanwhile, and is left as it is";
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
        // What keeps the new one from its place says more than a failure here would.
        let _ = unlinkat(place.directory(), &name, AtFlags::empty());
    }
    written?;
    let now = place.side()?.ok_or(io::ErrorKind::NotFound)?;
    Ok(Identity::of(&now))
}

/// Writes the new side file, and puts it in the place of the old one.
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
            // Who is not the superuser can give nothing away; the group may still go over.
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

/// What the name of a new side file begins with; 16 hexadecimal digits follow.
const NEW: &str = ".oncefs-";

/// A name that nobody can have put something at.
fn unforeseeable_name() -> io::Result<String> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    Ok(format!("{NEW}{:016x}", u64::from_ne_bytes(random)))
}

/// Whether a name is one of those.
pub(crate) fn is_new(name: &OsStr) -> bool {
    let digits = name.as_bytes().strip_prefix(NEW.as_bytes());
    digits.is_some_and(|digits| digits.len() == 16 && digits.iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_side_file_is_known_by_its_name() -> io::Result<()> {
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
