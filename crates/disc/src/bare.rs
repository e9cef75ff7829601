//! Images and devices that can only be read: where their volume is, or what they are instead.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;

use container::{Directory, Found, Kind, OpenFile, Other, Seen, look, raw_sectors};
use drive::{Drive, ImageLayout};
use ecma167::BLOCK_SIZE;
use rustix::fs::OFlags;
use rustix::io::Errno;

use crate::Error;
use crate::error::{at, is_denied};
use crate::lock::{Lock, Mode, open_now};
use crate::remainder::without_remainder;

/// A drive over the volume in a file or device. It holds the lock of everything that it reads.
pub(crate) fn read(path: &Path) -> Result<Drive, Error> {
    let (mut lock, file) = opened(path)?;
    let (seen, others) = seen(path, &file);
    let drive = match seen {
        Seen::Volume(found) => over(path, &mut lock, file, others, found)?,
        Seen::Plain => Drive::over_image(file.into_file())?,
        Seen::Other(other) => return Err(refusal(path, other)),
    };
    Ok(without_remainder(drive).holding(lock))
}

/// A drive over all blocks of a file or device, whether there is a volume in them or not.
pub(crate) fn read_ruin(path: &Path) -> Result<Drive, Error> {
    let (mut lock, file) = opened(path)?;
    let (seen, others) = seen(path, &file);
    let found = match seen {
        // A volume that begins with a block of the image leaves what is before and after it to be found.
        Seen::Volume(found) if found.has_own_blocks() => Some(found),
        Seen::Other(Other::Sheet(fault)) => return Err(refusal(path, Other::Sheet(fault))),
        _ => raw_sectors(&file),
    };
    let drive = match found {
        Some(found) => over(path, &mut lock, file, others, found)?,
        None => Drive::over_image(file.into_file())?,
    };
    Ok(drive.holding(lock))
}

/// The file of an image or device, locked for reading.
fn opened(path: &Path) -> Result<(Lock, OpenFile), Error> {
    require_blocks_at(path)?;
    let lock = Lock::take(path, Mode::Shared)?;
    let file = match lock.image() {
        Some(image) => image.try_clone(),
        None => open_now(path, OFlags::RDONLY),
    };
    let file = OpenFile::over(file.map_err(at(path))?).map_err(at(path))?;
    Ok((lock, file))
}

/// A drive over blocks in a file and those that its sheet names.
fn over(
    path: &Path,
    lock: &mut Lock,
    file: OpenFile,
    others: Vec<OpenFile>,
    found: Found,
) -> Result<Drive, Error> {
    let others: Vec<File> = others.into_iter().map(OpenFile::into_file).collect();
    for other in &others {
        lock.add(other, path)?;
    }
    Ok(Drive::over_layout(ImageLayout {
        files: std::iter::once(file.into_file()).chain(others).collect(),
        extents: found.extents,
        rest: found.rest,
        origin: Some(found.origin),
    })?)
}

/// Opens an image to record on it. Fails unless its blocks are, or could be, those of a disc from its first
/// byte on: oncefs never records in a container or over something else. The recorder takes the handle, so it
/// records on the file examined here.
pub(crate) fn open_recordable(path: &Path, access: OFlags) -> Result<File, Error> {
    require_blocks_at(path)?;
    let (file, denied) = match open_now(path, access) {
        // If the image is no disc, that says more than the denied permission.
        Err(error) if is_denied(&error) => (open_now(path, OFlags::RDONLY), Some(error)),
        opened => (opened, None),
    };
    let file = file.and_then(OpenFile::over).map_err(at(path))?;
    let seen = seen(path, &file).0;
    let file = file.into_file();
    match seen {
        Seen::Plain => require_gaps(path, &file)?,
        Seen::Other(Other::NotUdf(contents)) if matches!(contents.kind, Kind::Zeros | Kind::Empty) => {}
        Seen::Volume(found) => {
            return Err(Error::OnlyRead {
                path: path.to_owned(),
                container: found.origin.to_string(),
            });
        }
        Seen::Other(other) => return Err(refusal(path, other)),
    }
    match denied {
        Some(error) => Err(at(path)(error)),
        None => Ok(file),
    }
}

/// Fails if an image lacks the gaps between its sessions: its last block is not the last one of the disc.
fn require_gaps(path: &Path, file: &File) -> Result<(), Error> {
    let drive = Drive::over_image(file.try_clone().map_err(at(path))?)?;
    match without_remainder(drive).image_gaps() {
        [] => Ok(()),
        gaps => {
            let blocks: u64 = gaps.iter().map(|(_, blocks)| u64::from(*blocks)).sum();
            Err(Error::OnlyRead {
                path: path.to_owned(),
                container: format!("sessions without the {blocks} blocks between them"),
            })
        }
    }
}

/// Fails if a path without a side file cannot be a disc. A file too short for a disc may be a sheet, which
/// names an image.
pub(crate) fn require(path: &Path, found: &Metadata) -> Result<(), Error> {
    require_blocks(path, found)?;
    let what = match found.len() {
        0 => "an empty file".to_owned(),
        bytes if bytes < BLOCK_SIZE as u64 => format!("a file of {bytes} bytes, less than a block"),
        _ => return Ok(()),
    };
    let unknown = || Error::NotADisc {
        path: path.to_owned(),
        what,
    };
    let Ok(file) = open_now(path, OFlags::RDONLY).and_then(OpenFile::over) else {
        return Err(unknown());
    };
    match seen(path, &file).0 {
        Seen::Volume(_) | Seen::Other(Other::Sheet(_)) => Ok(()),
        Seen::Other(Other::NotUdf(contents))
            if matches!(contents.kind, Kind::Zeros | Kind::Empty | Kind::Text) =>
        {
            Err(unknown())
        }
        Seen::Other(other) => Err(refusal(path, other)),
        Seen::Plain => Err(unknown()),
    }
}

/// Examines an image. If its directory cannot be opened, a sheet can name no file.
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
fn require_blocks_at(path: &Path) -> Result<(), Error> {
    require_blocks(path, &std::fs::metadata(path).map_err(at(path))?)
}

fn require_blocks(path: &Path, found: &Metadata) -> Result<(), Error> {
    let kind = found.file_type();
    let what = if kind.is_dir() {
        "a directory"
    } else if kind.is_fifo() {
        "a FIFO"
    } else if kind.is_socket() {
        "a socket"
    } else if kind.is_char_device() {
        "a character device"
    } else {
        return Ok(());
    };
    Err(Error::NotADisc {
        path: path.to_owned(),
        what: what.to_owned(),
    })
}
