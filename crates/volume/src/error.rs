//! Faults as values: what is wrong, and where.

use drive::DriveError;
use ecma167::general::TagIdentifier;
use ecma167::{LogicalBlock, LogicalSector, Malformed, RecordedAddress, VirtualAddress};

/// Reading a volume failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing on the medium indicates a UDF volume.
    #[error("no UDF volume found")]
    NoVolume,
    /// Nothing is recorded on the medium.
    #[error("no UDF volume found: the medium is blank")]
    Blank,
    /// The volume breaks the standard where it matters.
    #[error("{place}: {kind}")]
    Corrupt {
        /// What is wrong.
        kind: CorruptKind,
        /// Where it is.
        place: ErrorPlace,
    },
    /// The volume uses something that this crate does not read.
    #[error("not supported: {0}")]
    Unsupported(Unsupported),
    /// The drive failed.
    #[error(transparent)]
    Drive(#[from] DriveError),
    /// No entry of that name.
    #[error("not found")]
    NotFound,
    /// A path leads through something that is not a directory.
    #[error("not a directory")]
    NotADirectory,
    /// The target was requested of a node that is not a symbolic link.
    #[error("not a symbolic link")]
    NotASymbolicLink,
}

impl Error {
    /// Corruption at a place on the disc.
    pub fn corrupt(kind: impl Into<CorruptKind>, place: impl Into<ErrorPlace>) -> Self {
        Self::Corrupt {
            kind: kind.into(),
            place: place.into(),
        }
    }

    /// The same error once more, if it is damage.
    pub(crate) fn again(&self) -> Option<Self> {
        match self {
            Self::Corrupt { kind, place } => Some(Self::corrupt(kind.clone(), *place)),
            Self::Drive(DriveError::Unreadable { at, sense }) => {
                let (at, sense) = (*at, *sense);
                Some(DriveError::Unreadable { at, sense }.into())
            }
            _ => None,
        }
    }

    /// The kind of corruption, if the volume is corrupt.
    #[must_use]
    pub fn corrupt_kind(&self) -> Option<&CorruptKind> {
        match self {
            Self::Corrupt { kind, .. } => Some(kind),
            _ => None,
        }
    }

    /// Whether other places may still contain what could not be read here: the medium is damaged, but the
    /// drive still answers.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::Corrupt { .. } | Self::Drive(DriveError::Unreadable { .. })
        )
    }
}

/// What is wrong with the volume.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CorruptKind {
    /// A structure does not decode.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// A block of the volume recognition sequence is not one of its descriptors (`ECMA-167 2/9`).
    #[error("no descriptor of the volume recognition sequence")]
    NoRecognition,
    /// No anchor volume descriptor pointer at a place that requires one (`ECMA-167 3/8.4.2.1`).
    #[error("no anchor volume descriptor pointer")]
    NoAnchor,
    /// A volume descriptor sequence lacks a descriptor that every volume has (`ECMA-167 3/8.4.2`).
    #[error("no {} in the volume descriptor sequences", .0.name())]
    MissingDescriptor(TagIdentifier),
    /// A virtual or metadata partition has no map of the partition below it (`UDF 2.60 2.2.8`, `2.2.10`).
    #[error("no type 1 partition map in the volume descriptor sequences")]
    NoMapBelow,
    /// A partition map names a partition that no partition descriptor describes (`ECMA-167 3/10.7`).
    #[error(transparent)]
    NoPartition(#[from] AbsentPartition),
    /// A partition reference has no map.
    #[error("no partition map for partition reference {0}")]
    PartitionReference(u16),
    /// A place after the end of its partition.
    #[error("outside its partition")]
    OutsidePartition,
    /// No VAT on the whole disc (`UDF 2.60 2.2.11`).
    #[error("no virtual allocation table found")]
    NoVat,
    /// An ICB that was expected to be a VAT ICB is not one.
    #[error("not a virtual allocation table")]
    NotAVat,
    /// A virtual address past the end of the VAT.
    #[error("virtual address past the end of the VAT")]
    BeyondVat,
    /// A virtual address that the VAT marks as unused.
    #[error("unused virtual address")]
    UnusedVirtualAddress,
    /// A metadata partition map names something that is not a metadata file, or one recorded inside itself
    /// (`UDF 2.60 2.2.13`).
    #[error("not a metadata file")]
    NotAMetadataFile,
    /// A block of a metadata partition that is in a hole of its metadata file or past its end.
    #[error("the metadata file has no such block")]
    BeyondMetadata,
    /// No file set descriptor (`ECMA-167 4/14.1`).
    #[error("no file set descriptor")]
    NoFileSet,
    /// A form of allocation descriptors that the standard does not define (`ECMA-167 4/14.6.8`).
    #[error("an unknown form of allocation descriptors")]
    AllocationForm,
    /// The versions of an ICB of strategy 4096 replace each other in a circle.
    #[error("the versions of an entry replace each other in a circle")]
    VersionLoop,
    /// The allocation descriptors continue in a circle.
    #[error("allocation descriptors continue in a circle")]
    ContinuationLoop,
    /// The allocation descriptors cover less than the information length.
    #[error("allocation descriptors end before the information length")]
    BodyTooShort,
    /// An extent before the last of a body ends inside a block.
    #[error("an extent ends inside a block")]
    PartialExtent,
    /// A file identifier descriptor runs past the end of its directory.
    #[error("a directory entry runs past the end of its directory")]
    TruncatedDirectory,
    /// Too many blocks after this sector are unreadable, so the search for a VAT ends here.
    #[error("too many unreadable blocks after it: the search for a VAT was given up")]
    SearchGivenUp,
    /// A directory longer than everything recorded: it uses blocks more than once, or has holes.
    #[error("a directory longer than what is recorded on the medium")]
    DirectoryTooLong,
    /// A name or path component that is not CS0 or contains what no name can.
    #[error("a name that cannot be read")]
    Name,
    /// A special file without major and minor identification (`ECMA-167 4/14.10.7`).
    #[error("a special file without device numbers")]
    NoDeviceNumbers,
    /// What a node or the file set names is not a stream directory (`ECMA-167 4/9.2`).
    #[error("not a stream directory")]
    NotAStreamDirectory,
    /// An entry of a stream directory is not a sequence of bytes.
    #[error("not a stream")]
    NotAStream,
    /// The root is not a directory.
    #[error("not a directory")]
    NotADirectory,
}

/// A partition map names a partition that no partition descriptor describes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("partition map {map} refers to partition {number}, {}", described_in_words(.described))]
pub struct AbsentPartition {
    /// Index of the map in the logical volume descriptor.
    pub map: usize,
    /// The partition number in it.
    pub number: u16,
    /// The partition numbers that have descriptors.
    pub described: Vec<u16>,
}

fn described_in_words(numbers: &[u16]) -> String {
    match numbers {
        [] => "there is no partition descriptor".into(),
        [one] => format!("the only descriptor is of partition {one}"),
        all => {
            let all: Vec<String> = all.iter().map(u16::to_string).collect();
            format!("the descriptors are of partitions {}", all.join(", "))
        }
    }
}

/// What this crate does not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Unsupported {
    /// Logical blocks of this many bytes.
    #[error("logical blocks of {0} bytes")]
    BlockSize(u32),
    /// Something in a partition with an unknown kind of partition map.
    #[error("a partition with an unknown kind of partition map")]
    PartitionMap,
    /// Something in a partition of another volume of the volume set.
    #[error("a partition of another volume of the volume set")]
    VolumeSet,
    /// Something in a virtual partition besides the first.
    #[error("a second virtual partition")]
    SecondVirtualPartition,
    /// An ICB strategy other than 4 and, outside of virtual partitions, 4096 (`ECMA-167 4/A`).
    #[error("ICB strategy {0}")]
    Strategy(u16),
    /// An ICB of more than this many versions.
    #[error("an ICB of more than {0} versions")]
    Versions(usize),
    /// A body of more than this many extents.
    #[error("a body of more than {0} extents")]
    Extents(usize),
    /// A VAT of more than this many entries, when generations are compared.
    #[error("comparing VATs of more than {0} entries")]
    Entries(u32),
    /// More directories than this, when generations are compared.
    #[error("comparing more than {0} directories")]
    Directories(usize),
    /// A path with more levels than are followed.
    #[error("a path of too many levels")]
    Depth,
}

impl From<Unsupported> for Error {
    fn from(what: Unsupported) -> Self {
        Self::Unsupported(what)
    }
}

/// A place on the volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorPlace {
    /// The volume as a whole.
    Volume,
    /// A logical sector.
    Sector(LogicalSector),
    /// An address as recorded in the volume.
    Address(RecordedAddress),
    /// A virtual address.
    Virtual(VirtualAddress),
    /// A logical block of the partition below the virtual one.
    Block(LogicalBlock),
    /// A byte offset in the body of the node at this address.
    Body(RecordedAddress, u64),
}

impl From<LogicalSector> for ErrorPlace {
    fn from(at: LogicalSector) -> Self {
        Self::Sector(at)
    }
}

impl From<RecordedAddress> for ErrorPlace {
    fn from(at: RecordedAddress) -> Self {
        Self::Address(at)
    }
}

impl From<VirtualAddress> for ErrorPlace {
    fn from(at: VirtualAddress) -> Self {
        Self::Virtual(at)
    }
}

impl From<LogicalBlock> for ErrorPlace {
    fn from(at: LogicalBlock) -> Self {
        Self::Block(at)
    }
}

impl std::fmt::Display for ErrorPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Volume => f.write_str("volume"),
            Self::Sector(at) => at.fmt(f),
            Self::Address(at) => at.fmt(f),
            Self::Virtual(at) => at.fmt(f),
            Self::Block(at) => at.fmt(f),
            Self::Body(node, offset) => write!(f, "byte {offset} of the body at {node}"),
        }
    }
}
