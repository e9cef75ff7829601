//! The UIO device of a backstore: the shared memory and the notifications in both directions.

use crate::error::{Error, at};
use crate::region::Region;
use crate::ring::Ring;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{Mode, OFlags, open};
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

/// An open UIO device. The kernel allows one process at a time to open it.
#[derive(Debug)]
pub struct Uio {
    file: File,
    path: PathBuf,
}

impl Uio {
    /// Opens the device `number` of `/dev/uio*` and returns it with its ring.
    ///
    /// # Errors
    /// [`Error::Kernel`], with EBUSY if another process answers this backstore; [`Error::Ring`].
    pub fn open(number: u32) -> Result<(Self, Ring), Error> {
        let uio = Self::open_only(number)?;
        let size = PathBuf::from(format!("/sys/class/uio/uio{number}/maps/map0/size"));
        let text = std::fs::read_to_string(&size).map_err(at(&size))?;
        let digits = text.trim().trim_start_matches("0x");
        let length = usize::from_str_radix(digits, 16).map_err(|_| Error::Ring("has no size"))?;
        let region = Region::map(&uio.file, length).map_err(at(&uio.path))?;
        let ring = Ring::new(region)?;
        Ok((uio, ring))
    }

    /// Whether a process answers the backstore of this device.
    pub(crate) fn is_busy(number: u32) -> bool {
        matches!(Self::open_only(number), Err(Error::Kernel { source, .. })
            if source.raw_os_error() == Some(rustix::io::Errno::BUSY.raw_os_error()))
    }

    fn open_only(number: u32) -> Result<Self, Error> {
        let path = PathBuf::from(format!("/dev/uio{number}"));
        let flags = OFlags::RDWR | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let file = open(&path, flags, Mode::empty())
            .map_err(io::Error::from)
            .map_err(at(&path))?;
        Ok(Self {
            file: file.into(),
            path,
        })
    }

    /// The path of the device.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Waits until the kernel has put an entry into the ring; `false` if `stop` became readable instead.
    pub(crate) fn wait(&mut self, stop: &impl AsFd) -> Result<bool, Error> {
        let mut watched = [
            PollFd::new(&self.file, PollFlags::IN),
            PollFd::new(stop, PollFlags::IN),
        ];
        match poll(&mut watched, None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(at(&self.path)(error.into())),
        }
        let [rung, stopped] = watched.map(|watched| !watched.revents().is_empty());
        if rung {
            // The number of notifications so far, which carries no other information.
            match self.file.read_exact(&mut [0; 4]) {
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(at(&self.path)(error)),
                _ => {}
            }
        }
        Ok(rung || !stopped)
    }

    /// Tells the kernel that commands have completed.
    pub(crate) fn notify(&mut self) -> Result<(), Error> {
        self.file.write_all(&[0; 4]).map_err(at(&self.path))
    }
}
