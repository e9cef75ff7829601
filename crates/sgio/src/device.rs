//! The open device node of a drive, and SG_IO on it.

use std::ffi::{c_int, c_uint};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

use mmc::{Data, Failure, Transport};
use rustix::fs::OFlags;
use rustix::ioctl::{Getter, Opcode, Updater, ioctl};

use crate::attention::SignalsHeld;
use crate::fault::judge;
use crate::header::{Direction, SENSE_LENGTH, SgIoHdr};
use crate::limit::{self, Node};
use crate::timeout;

/// `<scsi/sg.h>`
pub(crate) const SG_IO: Opcode = 0x2285;
/// `<scsi/sg.h>`: the version of the interface, as an int.
const SG_GET_VERSION_NUM: Opcode = 0x2282;
/// The first version that uses this `sg_io_hdr`.
const VERSION_3: c_int = 30_000;

/// What the caller does with a drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Sends only commands that change nothing.
    Read,
    /// Sends any command.
    Record,
}

/// A drive of this host.
#[derive(Debug)]
pub struct SgDevice {
    node: File,
    /// Whether the node is generic, so that signals would restart SG_IO.
    is_generic: bool,
    transfer_limit: usize,
}

impl SgDevice {
    /// Opens the node of a drive, `/dev/srN` or `/dev/sgN`. This sends nothing and does not wait.
    ///
    /// # Errors
    /// The errors of open(2); [`io::ErrorKind::Unsupported`] if the node does not accept SCSI commands.
    pub fn open(path: &Path, access: Access) -> io::Result<Self> {
        let node = OpenOptions::new()
            .read(true)
            .write(access == Access::Record)
            .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
            .open(path)?;
        let metadata = node.metadata()?;
        let kind = if metadata.file_type().is_block_device() {
            Node::Block
        } else {
            Node::Generic
        };
        // SAFETY: SG_GET_VERSION_NUM stores an int.
        let request = unsafe { Getter::<SG_GET_VERSION_NUM, c_int>::new() };
        // SAFETY: a node either stores an int or fails.
        let version = unsafe { ioctl(&node, request) };
        if !version.is_ok_and(|version| version >= VERSION_3) {
            return Err(io::ErrorKind::Unsupported.into());
        }
        Ok(Self {
            transfer_limit: limit::of(&node, kind),
            is_generic: kind == Node::Generic,
            node,
        })
    }

    /// The most bytes that the host adapter moves in one command.
    #[must_use]
    pub fn transfer_limit(&self) -> usize {
        self.transfer_limit
    }
}

impl Transport for SgDevice {
    fn execute(&mut self, command: &[u8], data: Data<'_>) -> Result<usize, Failure> {
        let mut sense = [0; SENSE_LENGTH as usize];
        let time = timeout::of(command.first().copied().unwrap_or(0));
        let mut header = SgIoHdr::new(Direction::None, timeout::milliseconds(time));
        header.cmd_len = u8::try_from(command.len()).map_err(too_long)?;
        header.cmdp = command.as_ptr().cast_mut();
        header.mx_sb_len = SENSE_LENGTH;
        header.sbp = sense.as_mut_ptr();
        match data {
            Data::None => {}
            Data::In(bytes) => {
                header.dxfer_direction = Direction::FromDevice as c_int;
                header.dxfer_len = c_uint::try_from(bytes.len()).map_err(too_long)?;
                header.dxferp = bytes.as_mut_ptr().cast();
            }
            Data::ToFile(_) => return Err(Failure::Transport(io::ErrorKind::Unsupported.into())),
            Data::Out(bytes) => {
                header.dxfer_direction = Direction::ToDevice as c_int;
                header.dxfer_len = c_uint::try_from(bytes.len()).map_err(too_long)?;
                header.dxferp = bytes.as_ptr().cast_mut().cast();
            }
        }
        let _held = self.is_generic.then(SignalsHeld::new);
        // SAFETY: SG_IO takes this structure, whose layout a test checks, and stores its answer in it.
        let request = unsafe { Updater::<SG_IO, SgIoHdr>::new(&mut header) };
        // SAFETY: the pointers in the header are to `command`, `sense` and the caller's data, with their
        // lengths. All of them outlive the call, which returns only when the kernel is done with them,
        // because it does not request direct I/O on a generic node. The kernel writes to `sense`, and to the
        // data only in the direction from the device, in which the data is a mutable slice.
        unsafe { ioctl(&self.node, request) }.map_err(io::Error::from)?;
        judge(&header, &sense)
    }
}

fn too_long<E>(_: E) -> Failure {
    let text = "the command block or its data is too long for one command";
    Failure::Transport(io::Error::new(io::ErrorKind::InvalidInput, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_takes_no_commands_does_not_open() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        for path in [file.path(), Path::new("/dev/null")] {
            let opened = SgDevice::open(path, Access::Read);
            assert!(opened.is_err_and(|error| error.kind() == io::ErrorKind::Unsupported));
        }
    }

    #[test]
    fn a_missing_node_is_an_error() {
        let opened = SgDevice::open(Path::new("/dev/no-such-drive"), Access::Record);
        assert!(opened.is_err_and(|error| error.kind() == io::ErrorKind::NotFound));
    }
}
