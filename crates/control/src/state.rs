//! What a handle currently holds of its disc.

use drive::{Drive, Status};
use ecma167::general::DString;
use recording::OpenVolume;
use volume::Volume;

use crate::{Error, NtStatus, VolumeFlags};

/// What a handle currently holds of its disc.
pub(crate) enum State {
    /// Nothing: the next request opens the disc.
    Released,
    /// The volume.
    Open(OpenVolume),
    /// A drive whose medium has no volume that can be opened. The first request reports the fault.
    NotRecognised(NtStatus),
}

/// What was seen of the volume when it was last reached, for answers while another has the disc.
pub(crate) struct Seen {
    /// Which volume it was, or why there was none.
    pub volume: Result<VolumeMark, NtStatus>,
    /// It has a virtual partition.
    pub write_once: bool,
    /// It takes further blocks.
    pub writable: bool,
    /// It is on a network or cluster file system.
    pub on_network: bool,
}

/// Tells one volume from another (`UDF 2.60 2.2.2.5` makes the first of these unique).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct VolumeMark {
    volume_set_identifier: DString<128>,
    volume_identifier: DString<32>,
}

impl VolumeMark {
    pub(crate) fn of(volume: &Volume) -> Self {
        let primary = &volume.descriptors().primary;
        Self {
            volume_set_identifier: primary.volume_set_identifier,
            volume_identifier: primary.volume_identifier,
        }
    }
}

impl Seen {
    /// Notes which volume it is, if it was opened.
    pub(crate) fn of(volume: Result<(&Volume, VolumeFlags), NtStatus>, on_network: bool) -> Self {
        let flags = volume.map(|(_, flags)| flags).unwrap_or(VolumeFlags::empty());
        Self {
            volume: volume.map(|(volume, _)| VolumeMark::of(volume)),
            write_once: flags.contains(VolumeFlags::FILE_SEQUENTIAL_WRITE_ONCE),
            writable: !flags.contains(VolumeFlags::FILE_READ_ONLY_VOLUME),
            on_network,
        }
    }

    /// Whether the drive had a medium without UDF.
    pub(crate) fn is_not_udf(&self) -> bool {
        self.volume.err() == Some(NtStatus::INVALID_DEVICE_REQUEST)
    }
}

/// Opens the volume from what the drive reports now: whoever had the drive before may have recorded with it.
pub(crate) fn open_volume(mut drive: Drive) -> Result<Volume, Error> {
    drive.refresh().map_err(volume::Error::from)?;
    Volume::open(drive).map_err(|failed| failed.error.into())
}

/// The flags of a volume. A drive opened for reading does not know whether its disc can be recorded on; the
/// source does.
pub(crate) fn flags_of(volume: &Volume, writable: Option<bool>) -> VolumeFlags {
    let drive = volume.drive();
    let write_once = volume.virtual_partition().is_some();
    let writable = writable.unwrap_or_else(|| !drive.is_read_only());
    let open = drive.medium().status != Status::Finalized && !volume.is_write_protected();
    VolumeFlags::of_volume(write_once, write_once && open && writable)
}
