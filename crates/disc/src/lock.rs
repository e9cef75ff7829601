//! The advisory lock of a disc: on its image, or on the device node of its drive.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use drive::Wait;
use rustix::fs::{FlockOperation, OFlags, flock, major, minor};
use rustix::io::Errno;

use crate::Error;
use crate::device::{Host, Node};
use crate::error::{at, is_denied};

/// Who may use the disc at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Other readers.
    Shared,
    /// Nobody.
    Exclusive,
}

/// The lock of a disc, held until dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    held: Vec<File>,
    is_of_device: bool,
}

/// How many times and at what interval to try for the lock of a device: the host's device manager takes it
/// briefly after each change of medium.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);

impl Lock {
    /// Takes the lock of the disc at a path.
    ///
    /// The lock of a device follows systemd's rule (flock on the node of the whole device), whichever node
    /// the path names, so each drive has one lock. A loop device is locked together with its image. For
    /// recording, a block device is also claimed from the host: it must not be mounted now, and cannot be
    /// mounted while the lock is held.
    ///
    /// # Errors
    /// [`Error::InUse`], [`Error::Mounted`], [`Error::Host`].
    pub(crate) fn take(path: &Path, mode: Mode) -> Result<Self, Error> {
        Self::take_on(&Host::default(), path, mode, &mut drive::Sleep)
    }

    fn take_on(host: &Host, path: &Path, mode: Mode, wait: &mut dyn Wait) -> Result<Self, Error> {
        let metadata = std::fs::metadata(path).map_err(at(path))?;
        let Some(node) = Node::of(&metadata) else {
            return Ok(Self {
                held: vec![hold_file(path, path, mode)?],
                is_of_device: false,
            });
        };
        let whole = host.whole(node);
        let named = host.path_of(whole);
        // In a container, the host's own name of the node may be out of reach.
        let locked = named.as_deref().unwrap_or(path);
        let mut held = vec![hold_device(locked, path, whole, mode, wait)?];
        if let Some(image) = host.backing_file(whole) {
            match hold_file(&image, path, mode) {
                Ok(file) => held.push(file),
                // If this user may not open the image, this user is not recording on it either.
                Err(Error::Host { .. }) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(Self {
            held,
            is_of_device: true,
        })
    }

    /// Also holds a file that the image at `path` refers to, for reading.
    ///
    /// # Errors
    /// [`Error::InUse`], [`Error::Host`].
    pub(crate) fn add(&mut self, file: &File, path: &Path) -> Result<(), Error> {
        if !try_lock(file, Mode::Shared) {
            return Err(Error::InUse(path.to_owned()));
        }
        self.held.push(file.try_clone().map_err(at(path))?);
        Ok(())
    }

    /// The locked image, open for reading; `None` for a device, whose lock may be on a different node from
    /// that of its blocks.
    pub(crate) fn image(&self) -> Option<&File> {
        self.held.first().filter(|_| !self.is_of_device)
    }
}

impl Drop for Lock {
    /// Unlocks explicitly, since closing is not enough: a child process being started briefly holds the
    /// handles too.
    fn drop(&mut self) {
        for file in &self.held {
            // If the host has no locks, there is nothing to release.
            let _ = flock(file, FlockOperation::Unlock);
        }
    }
}

/// Opens and locks a file. `path` is the path that the user named.
fn hold_file(file: &Path, path: &Path, mode: Mode) -> Result<File, Error> {
    // Must not block on something that is not an image, such as a FIFO.
    let held = open_now(file, OFlags::RDONLY).map_err(at(file))?;
    if try_lock(&held, mode) {
        Ok(held)
    } else {
        Err(Error::InUse(path.to_owned()))
    }
}

/// Opens and locks the node of a whole device.
fn hold_device(
    node: &Path,
    path: &Path,
    whole: Node,
    mode: Mode,
    wait: &mut dyn Wait,
) -> Result<File, Error> {
    let held = match (mode, whole) {
        (Mode::Exclusive, Node::Block(_)) => claim(node).map_err(|error| refused(error, path, whole))?,
        _ => open_now(node, OFlags::RDONLY).map_err(at(node))?,
    };
    for _ in 0..TRIES {
        if try_lock(&held, mode) {
            return Ok(held);
        }
        wait.wait(PAUSE);
    }
    Err(Error::InUse(path.to_owned()))
}

/// Opens a block device to claim it. While it is open for writing, the kernel does not touch the medium in
/// the drive; if the device is read-only, the claim alone counts.
fn claim(node: &Path) -> io::Result<File> {
    match open_now(node, OFlags::RDWR | OFlags::EXCL) {
        Err(error) if is_denied(&error) => open_now(node, OFlags::EXCL),
        opened => opened,
    }
}

/// Opens a file or device without moving a tray or waiting for anything.
pub(crate) fn open_now(node: &Path, flags: OFlags) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(flags.contains(OFlags::RDWR))
        .custom_flags((flags | OFlags::NONBLOCK).bits().cast_signed())
        .open(node)
}

fn refused(error: io::Error, path: &Path, whole: Node) -> Error {
    if Errno::from_io_error(&error) != Some(Errno::BUSY) {
        return at(path)(error);
    }
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    match mount_point(&mounts, whole) {
        Some(point) => Error::Mounted {
            path: path.to_owned(),
            point,
        },
        None => Error::InUse(path.to_owned()),
    }
}

/// The mount point of a device. The lines are those of proc(5), mountinfo: the third field is the device, the
/// fifth the mount point, with spaces in octal.
fn mount_point(mounts: &str, device: Node) -> Option<PathBuf> {
    let number = device.number();
    let number = format!("{}:{}", major(number), minor(number));
    let mut of_device = mounts
        .lines()
        .filter(|line| line.split(' ').nth(2) == Some(&number));
    let place = of_device.next()?.split(' ').nth(4)?;
    let place = [(r"\040", " "), (r"\011", "\t"), (r"\012", "\n"), (r"\134", "\\")]
        .iter()
        .fold(place.to_owned(), |place, (octal, character)| {
            place.replace(octal, character)
        });
    Some(place.into())
}

fn try_lock(file: &File, mode: Mode) -> bool {
    let operation = match mode {
        Mode::Shared => FlockOperation::NonBlockingLockShared,
        Mode::Exclusive => FlockOperation::NonBlockingLockExclusive,
    };
    // A file system without locks is no reason to refuse an image.
    flock(file, operation) != Err(Errno::WOULDBLOCK)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::makedev;

    #[test]
    fn readers_share_an_image_and_a_recorder_excludes_everyone() {
        let image = tempfile::NamedTempFile::new().expect("an image");
        let take = |mode| Lock::take(image.path(), mode);
        let first = take(Mode::Shared).expect("the image is free");
        let second = take(Mode::Shared).expect("only readers hold the lock");
        assert!(matches!(take(Mode::Exclusive), Err(Error::InUse(path)) if path == image.path()));
        drop((first, second));
        let recorder = take(Mode::Exclusive).expect("the image is free");
        for mode in [Mode::Shared, Mode::Exclusive] {
            assert!(matches!(take(mode), Err(Error::InUse(_))));
        }
        drop(recorder);
        take(Mode::Shared).expect("the image is free");
    }

    #[test]
    fn an_image_with_two_names_has_one_lock() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let (image, link) = (folder.path().join("image"), folder.path().join("link"));
        std::fs::write(&image, []).expect("an image");
        std::os::unix::fs::symlink(&image, &link).expect("a link");
        let _held = Lock::take(&image, Mode::Exclusive).expect("the image is free");
        assert!(matches!(Lock::take(&link, Mode::Shared), Err(Error::InUse(_))));
    }

    #[test]
    fn a_path_that_leads_nowhere_has_no_lock() {
        let taken = Lock::take(Path::new("/nothing/here"), Mode::Shared);
        assert!(matches!(taken, Err(Error::Host { .. })));
    }

    #[test]
    fn the_mount_of_a_device_is_named() {
        let mounts = "36 35 11:0 / /media/my\\040disc ro,nosuid - udf /dev/sr0 ro\n";
        let found = |minor| mount_point(mounts, Node::Block(makedev(11, minor)));
        assert_eq!(found(0), Some("/media/my disc".into()));
        assert_eq!(found(1), None);
    }
}
