//! What all descriptor tags of a plain volume have in common (`ECMA-167 3/7.2`).

use ecma167::general::{TagVersion, tag};
use ecma167::osta::Revision;

/// The descriptor version and the tag serial number of a plain volume.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tags {
    pub version: TagVersion,
    serial_number: u16,
}

impl Tags {
    /// The tags of a volume of a revision.
    pub fn new(revision: Revision, serial_number: u16) -> Self {
        Self {
            version: TagVersion::of(revision),
            serial_number,
        }
    }

    /// The same descriptor with the serial number of the volume in its tag.
    pub fn numbered<T: AsMut<[u8]>>(&self, mut descriptor: T) -> T {
        tag::set_serial_number(descriptor.as_mut(), self.serial_number);
        descriptor
    }
}
