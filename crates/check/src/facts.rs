//! The facts about a node that UDF and ISO 9660 with Rock Ridge both record.

use ecma167::file::extended_attribute::{self, Attribute};
use ecma167::file::permissions::to_mode;
use ecma167::file::{FileEntry, FileType, path_component};
use ecma167::general::Timestamp;
use ecma167::osta::unique_id;
use iso9660::rock_ridge::Gathered;
use iso9660::{DateTime, RecordDate};

/// Owner or group not specified.
const NOBODY: u32 = u32::MAX;

/// First sector and length in bytes of each run of consecutive sectors.
pub(crate) type Pieces = Vec<(u32, u64)>;

/// A node as a directory record describes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Facts {
    pub is_directory: bool,
    /// The seven bytes of `ECMA-119 9.1.5`.
    pub date: [u8; 7],
    /// The data of a file.
    pub pieces: Pieces,
    /// The facts that Rock Ridge adds.
    pub posix: Option<Posix>,
}

/// The facts about a node from Rock Ridge, except its name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Posix {
    pub mode: u32,
    pub links: u32,
    pub uid: u32,
    pub gid: u32,
    pub serial: u32,
    pub target: Option<Vec<u8>>,
    pub device: Option<(u32, u32)>,
}

impl Facts {
    /// Names the first fact that differs.
    pub fn difference(&self, other: &Self) -> &'static str {
        let posix = |of: &Self| of.posix.clone();
        match (posix(self), posix(other)) {
            _ if self.is_directory != other.is_directory => "whether it is a directory",
            _ if self.pieces != other.pieces => "the extents of its data",
            _ if self.date != other.date => "its time",
            (Some(one), Some(other)) if one.mode != other.mode => "its mode",
            (Some(one), Some(other)) if one.links != other.links => "its number of links",
            (Some(one), Some(other)) if (one.uid, one.gid) != (other.uid, other.gid) => "its owner",
            (Some(one), Some(other)) if one.serial != other.serial => "its serial number",
            (Some(one), Some(other)) if one.target != other.target => "its target",
            (Some(one), Some(other)) if one.device != other.device => "its device numbers",
            _ => "its other facts in Rock Ridge",
        }
    }

    /// Without the facts that Joliet lacks.
    pub fn without_posix(&self) -> Self {
        Self {
            posix: None,
            ..self.clone()
        }
    }
}

impl Posix {
    /// The facts in an entry; `target` is the body of a symbolic link.
    pub fn of(entry: &FileEntry, target: Option<&[u8]>) -> Self {
        let is_directory = entry.icb_tag.file_type == FileType::DIRECTORY;
        let known = |id: u32| if id == NOBODY { 0 } else { id };
        Self {
            mode: mode(entry),
            // A directory also counts its own entry and that in its parent.
            links: u32::from(entry.file_link_count) + u32::from(is_directory),
            uid: known(entry.uid),
            gid: known(entry.gid),
            serial: unique_id::low_half(entry.unique_id),
            target: target.map(|body| path_component::decode(body).unwrap_or_default().into_bytes()),
            device: device(entry).map(as_rock_ridge_shows),
        }
    }

    /// The facts in Rock Ridge entries.
    pub fn gathered(found: &Gathered) -> Option<Self> {
        let (mode, links, uid, gid, serial) = found.posix?;
        Some(Self {
            mode,
            links,
            uid,
            gid,
            serial: serial?,
            target: found.target.clone(),
            device: found.device,
        })
    }
}

/// Whether it is neither file nor directory: plain volumes leave such nodes out by default.
pub(crate) fn is_special(entry: &FileEntry) -> bool {
    !matches!(
        entry.icb_tag.file_type,
        FileType::FILE | FileType::DIRECTORY | FileType::REAL_TIME | FileType::UNSPECIFIED
    )
}

fn mode(entry: &FileEntry) -> u32 {
    let kind = match entry.icb_tag.file_type {
        FileType::DIRECTORY => 0o040_000,
        FileType::SYMBOLIC_LINK => 0o120_000,
        FileType::FIFO => 0o010_000,
        FileType::SOCKET => 0o140_000,
        FileType::CHARACTER_DEVICE => 0o020_000,
        FileType::BLOCK_DEVICE => 0o060_000,
        _ => 0o100_000,
    };
    kind | to_mode(entry.permissions, entry.icb_tag.icb_flags())
}

/// Major and minor device numbers.
pub(crate) fn device(entry: &FileEntry) -> Option<(u32, u32)> {
    let attributes = extended_attribute::decode(&entry.extended_attributes, None).ok()?;
    attributes.iter().find_map(|attribute| match attribute {
        Attribute::Device(device) => Some((device.major, device.minor)),
        _ => None,
    })
}

/// What readers of Rock Ridge make of device numbers. They split the lower half of a number whose upper half
/// is 0, so major 0 has no minor number above 255.
fn as_rock_ridge_shows((major, minor): (u32, u32)) -> (u32, u32) {
    if major == 0 {
        (minor >> 8, minor & 0xFF)
    } else {
        (major, minor)
    }
}

/// A time in the form of a directory record: zeros if none is stated.
pub(crate) fn record_date(time: &Timestamp) -> [u8; 7] {
    if time.year.get() == 0 {
        return [0; 7];
    }
    let offset = i8::try_from(time.offset_minutes().unwrap_or(0) / 15).unwrap_or(0);
    bytes_of(&RecordDate::new(&DateTime {
        year: time.year.get(),
        month: time.month,
        day: time.day,
        hour: time.hour,
        minute: time.minute,
        second: time.second,
        centisecond: time.centiseconds,
        offset,
    }))
}

pub(crate) fn bytes_of(date: &RecordDate) -> [u8; 7] {
    let [offset] = date.offset.to_le_bytes();
    [
        date.years,
        date.month,
        date.day,
        date.hour,
        date.minute,
        date.second,
        offset,
    ]
}

/// Adds a run to `pieces`, merging it with the last one if it follows directly.
pub(crate) fn add_piece(pieces: &mut Pieces, start: u32, bytes: u64) {
    if bytes == 0 {
        return;
    }
    if let Some((first, length)) = pieces.last_mut()
        && length.is_multiple_of(2048)
        && u64::from(*first) + *length / 2048 == u64::from(start)
    {
        *length += bytes;
    } else {
        pieces.push((start, bytes));
    }
}
