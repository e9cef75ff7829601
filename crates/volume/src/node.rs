//! Nodes: what a file entry describes, with its kind, owner, mode and times.

use ecma167::RecordedAddress;
use ecma167::file::extended_attribute::{self, Attribute};
use ecma167::file::{FileEntry, FileType, IcbFlags, permissions};
use ecma167::general::Timestamp;

use crate::error::{CorruptKind, Error};

/// A file, a directory, or another object of the file set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The address of its ICB, by which directories name it.
    pub address: RecordedAddress,
    /// What it is.
    pub kind: NodeKind,
    /// Its entry as recorded, except that the creation time may be from an extended attribute.
    pub entry: FileEntry,
}

/// What a node is (`ECMA-167 4/14.6.6`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NodeKind {
    /// A directory.
    Directory,
    /// A sequence of bytes, also of [another type](Node::other_type).
    File,
    /// A symbolic link.
    SymbolicLink,
    /// A character special file.
    CharacterDevice {
        /// Major device identification.
        major: u32,
        /// Minor device identification.
        minor: u32,
    },
    /// A block special file.
    BlockDevice {
        /// Major device identification.
        major: u32,
        /// Minor device identification.
        minor: u32,
    },
    /// A named pipe.
    Fifo,
    /// A socket.
    Socket,
}

impl NodeKind {
    /// The file type bits of a POSIX mode.
    #[must_use]
    pub fn mode_bits(self) -> u32 {
        match self {
            Self::Fifo => 0o010_000,
            Self::CharacterDevice { .. } => 0o020_000,
            Self::Directory => 0o040_000,
            Self::BlockDevice { .. } => 0o060_000,
            Self::File => 0o100_000,
            Self::SymbolicLink => 0o120_000,
            Self::Socket => 0o140_000,
        }
    }
}

impl Node {
    /// The node described by an entry that `address` names.
    ///
    /// # Errors
    /// A device without its numbers.
    pub fn of(address: RecordedAddress, mut entry: FileEntry) -> Result<Self, Error> {
        if !entry.extended && entry.creation_time.is_none() {
            entry.creation_time = creation_time(&entry);
        }
        let kind = match entry.icb_tag.file_type {
            FileType::DIRECTORY => NodeKind::Directory,
            FileType::FILE | FileType::REAL_TIME => NodeKind::File,
            FileType::SYMBOLIC_LINK => NodeKind::SymbolicLink,
            FileType::FIFO => NodeKind::Fifo,
            FileType::SOCKET => NodeKind::Socket,
            FileType::CHARACTER_DEVICE => {
                let (major, minor) = device(address, &entry)?;
                NodeKind::CharacterDevice { major, minor }
            }
            FileType::BLOCK_DEVICE => {
                let (major, minor) = device(address, &entry)?;
                NodeKind::BlockDevice { major, minor }
            }
            // A sequence of bytes, like every body.
            _ => NodeKind::File,
        };
        Ok(Self { address, kind, entry })
    }

    /// The file type of the entry if it is none that a node should have (`ECMA-167 4/14.6.6`, `UDF 2.60
    /// 2.3.5.2`): reserved, or for structures of the volume. The body is read all the same. Type 0,
    /// unspecified, counts as a sequence of bytes, as in other readers.
    #[must_use]
    pub fn other_type(&self) -> Option<u8> {
        match self.entry.icb_tag.file_type {
            FileType::UNSPECIFIED | FileType::FILE | FileType::REAL_TIME => None,
            FileType(other) => (self.kind == NodeKind::File).then_some(other),
        }
    }

    /// The POSIX mode: file type, permissions, set-user-ID, set-group-ID and sticky bits.
    #[must_use]
    pub fn mode(&self) -> u32 {
        let flags = IcbFlags::from_bits_retain(self.entry.icb_tag.flags.get());
        self.kind.mode_bits() | permissions::to_mode(self.entry.permissions, flags)
    }

    /// The length of its body in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.entry.information_length
    }

    /// Its unique ID (`UDF 2.60 3.2.1`).
    #[must_use]
    pub fn unique_id(&self) -> u64 {
        self.entry.unique_id
    }

    /// The owner, if one is recorded.
    #[must_use]
    pub fn uid(&self) -> Option<u32> {
        (self.entry.uid != FileEntry::NO_ID).then_some(self.entry.uid)
    }

    /// The group, if one is recorded.
    #[must_use]
    pub fn gid(&self) -> Option<u32> {
        (self.entry.gid != FileEntry::NO_ID).then_some(self.entry.gid)
    }
}

/// The creation time in an extended attribute. One that does not decode counts as absent: no reader needs it.
fn creation_time(entry: &FileEntry) -> Option<Timestamp> {
    if entry.extended_attributes.is_empty() {
        return None;
    }
    let attributes = extended_attribute::decode(&entry.extended_attributes, None).ok()?;
    attributes.iter().find_map(|attribute| match attribute {
        Attribute::CreationTime(time) => Some(*time),
        _ => None,
    })
}

/// Major and minor device identification from the Device Specification attribute (`ECMA-167 4/14.10.7`).
fn device(address: RecordedAddress, entry: &FileEntry) -> Result<(u32, u32), Error> {
    let attributes = extended_attribute::decode(&entry.extended_attributes, None)
        .map_err(|fault| Error::corrupt(fault, address))?;
    let found = attributes.iter().find_map(|attribute| match attribute {
        Attribute::Device(device) => Some((device.major, device.minor)),
        _ => None,
    });
    found.ok_or_else(|| Error::corrupt(CorruptKind::NoDeviceNumbers, address))
}
