//! Images and devices that are only read: where the volume in them is, or what they are instead.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;

use container::{Directory, Kind, OpenFile, Other, Seen, look};
use drive::{Drive, ImageLayout};
use rustix::fs::OFlags;
use rustix::io::Errno;

use crate::Error;
use crate::error::at;
use crate::lock::{Lock, Mode, open_now};
use crate::remainder::without_remainder;

/// A drive over what is in a file or device, which holds the lock of everything that it reads.
pub(crate) fn read(path: &Path) -> Result<Drive, Error> {
    require_blocks(path)?;
    let mut lock = Lock::take(path, Mode::Shared)?;
    let file = match lock.image() {
        Some(image) => image.try_clone(),
        None => open_now(path, OFlags::RDONLY),
    };
    let file = OpenFile::over(file.map_err(at(path))?).map_err(at(path))?;
    let (seen, others) = seen(path, &file);
    let drive = match seen {
        Seen::Volume(found) => {
            let others: Vec<File> = others.into_iter().map(OpenFile::into_file).collect();
            for other in &others {
                lock.add(other, path)?;
            }
            Drive::over_layout(ImageLayout {
                files: std::iter::once(file.into_file()).chain(others).collect(),
                extents: found.extents,
                origin: Some(found.origin),
            })?
        }
        Seen::Plain => Drive::over_image(file.into_file())?,
        Seen::Other(other) => return Err(refusal(path, other)),
    };
    Ok(without_remainder(drive).holding(lock))
}

/// Fails unless the blocks of a file are those of a disc from its first byte on, or could be: nothing is
/// recorded in a container, or over something else.
pub(crate) fn require_recordable(path: &Path) -> Result<(), Error> {
    require_blocks(path)?;
    let file = open_now(path, OFlags::RDONLY).and_then(OpenFile::over);
    let file = file.map_err(at(path))?;
    match seen(path, &file).0 {
        Seen::Plain => Ok(()),
        Seen::Other(Other::NotUdf(contents)) if matches!(contents.kind, Kind::Zeros | Kind::Empty) => Ok(()),
        Seen::Volume(found) => Err(Error::OnlyRead {
            path: path.to_owned(),
            container: found.origin.to_string(),
        }),
        Seen::Other(other) => Err(refusal(path, other)),
    }
}

/// What a glance at a file that is too short for a disc tells.
#[derive(Debug)]
pub(crate) enum Glance {
    /// It leads to a volume, or would if its files were there.
    Volume,
    /// It is something else, which has a name.
    Other(Error),
    /// Its contents tell nothing.
    Unknown,
}

/// Glances at a file that is too short for a disc: it may be a sheet that leads to an image.
pub(crate) fn glance(path: &Path) -> Glance {
    let file = require_blocks(path).and_then(|()| {
        let file = open_now(path, OFlags::RDONLY).and_then(OpenFile::over);
        file.map_err(at(path))
    });
    let Ok(file) = file else { return Glance::Unknown };
    match seen(path, &file).0 {
        Seen::Volume(_) | Seen::Other(Other::Sheet(_)) => Glance::Volume,
        Seen::Other(Other::NotUdf(contents))
            if matches!(contents.kind, Kind::Zeros | Kind::Empty | Kind::Text) =>
        {
            Glance::Unknown
        }
        Seen::Other(other) => Glance::Other(refusal(path, other)),
        Seen::Plain => Glance::Unknown,
    }
}

/// Looks at an image. Without the directory of the image, no sheet can name a file.
fn seen(path: &Path, file: &OpenFile) -> (Seen, Vec<OpenFile>) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match Directory::of(path) {
        Ok(directory) => look(file, &name, &directory),
        Err(_) => look(file, &name, &Nothing),
    }
}

/// A directory that cannot be opened.
struct Nothing;

impl container::Beside for Nothing {
    type File = OpenFile;

    fn open(&self, _: &str) -> io::Result<OpenFile> {
        Err(Errno::ACCESS.into())
    }
}

fn refusal(path: &Path, other: Other) -> Error {
    let path = path.to_owned();
    match other {
        Other::Elsewhere(elsewhere) => Error::Elsewhere { path, elsewhere },
        Other::Sheet(fault) => Error::Sheet { path, fault },
        Other::NotUdf(contents) => Error::NotUdf { path, contents },
    }
}

/// Fails for a path that has no blocks, before it is opened.
fn require_blocks(path: &Path) -> Result<(), Error> {
    let found = std::fs::metadata(path).map_err(at(path))?;
    match without_blocks(&found) {
        Some(what) => Err(Error::NotADisc {
            path: path.to_owned(),
            what: what.to_owned(),
        }),
        None => Ok(()),
    }
}

fn without_blocks(found: &Metadata) -> Option<&'static str> {
    let kind = found.file_type();
    if kind.is_dir() {
        Some("a directory")
    } else if kind.is_fifo() {
        Some("a FIFO")
    } else if kind.is_socket() {
        Some("a socket")
    } else if kind.is_char_device() {
        Some("a character device")
    } else {
        None
    }
}
