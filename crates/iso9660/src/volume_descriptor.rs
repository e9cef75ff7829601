//! Volume descriptors: the first blocks of a volume.

use zerocopy::little_endian::U32 as LittleU32;
use zerocopy::{BigEndian, FromBytes, Immutable, IntoBytes, KnownLayout, U32, Unaligned};

use crate::both_endian::{BothU16, BothU32};
use crate::date::{DateTime, RecordDate, VolumeDate};
use crate::directory_record::{DirectoryRecord, FileFlags};
use crate::malformed::{Malformed, MalformedKind};
use crate::names::Identifier;
use crate::section::Section;
use crate::text::{a_characters, d_characters, ucs2, unfilled};
use crate::{BLOCK_BYTES, Block};

const STANDARD_IDENTIFIER: [u8; 5] = *b"CD001";
/// UCS-2 level 3 (`Joliet 1995, SVD Escape Sequences Field`).
const JOLIET_LEVEL_3: [u8; 3] = *b"%/E";
const JOLIET_LEVELS: [[u8; 3]; 3] = [*b"%/@", *b"%/C", JOLIET_LEVEL_3];
/// The root's record: no system use, an identifier of one byte.
const ROOT_RECORD_BYTES: usize = 34;

/// The type of a block in the volume descriptor set (`ECMA-119 8.1.1`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DescriptorType {
    /// A boot record.
    Boot,
    /// A primary volume descriptor.
    Primary,
    /// A supplementary volume descriptor.
    Supplementary,
    /// A volume partition descriptor.
    Partition,
    /// The end of the set.
    Terminator,
    /// Another number.
    Reserved(u8),
}

impl DescriptorType {
    /// The type of a block; `None` if it is not a volume descriptor of this standard.
    #[must_use]
    pub fn of(block: &Block) -> Option<Self> {
        (block[1..6] == STANDARD_IDENTIFIER).then(|| match block[0] {
            0 => Self::Boot,
            1 => Self::Primary,
            2 => Self::Supplementary,
            3 => Self::Partition,
            255 => Self::Terminator,
            other => Self::Reserved(other),
        })
    }
}

/// The volume descriptor set terminator (`ECMA-119 8.3`).
#[must_use]
pub fn set_terminator() -> Block {
    let mut block = [0; BLOCK_BYTES];
    block[0] = 255;
    block[1..6].copy_from_slice(&STANDARD_IDENTIFIER);
    block[6] = 1;
    block
}

/// The tree that a descriptor leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VolumeKind {
    /// The primary one, with Rock Ridge.
    Primary,
    /// Joliet.
    Joliet,
}

/// The places of the two path tables of a tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PathTables {
    /// Size of each in bytes.
    pub bytes: u32,
    /// First block of the table with the least significant byte first.
    pub type_l: u32,
    /// First block of the other table.
    pub type_m: u32,
}

/// The contents of a descriptor. Text is converted to the characters of the tree, and cut to its field.
#[derive(Clone, Copy, Debug)]
pub struct VolumeFacts<'a> {
    /// Name of the volume: 32 d-characters, or 16 of Joliet.
    pub volume: &'a str,
    /// Name of the volume set: 128 d-characters, or 64 of Joliet.
    pub volume_set: &'a str,
    /// The system that can use the first 16 blocks: 32 a-characters, or 16 of Joliet.
    pub system: &'a str,
    /// The publisher: 128 a-characters, or 64 of Joliet, as for the next two.
    pub publisher: &'a str,
    /// The preparer of the data.
    pub preparer: &'a str,
    /// The program that recorded it.
    pub application: &'a str,
    /// Blocks of the volume: from block 0 to the end of everything that it names.
    pub blocks: u32,
    /// Its path tables.
    pub path_tables: PathTables,
    /// Its root directory.
    pub root: Section,
    /// Recording date of the root directory.
    pub root_date: RecordDate,
    /// When the volume was created.
    pub created: Option<DateTime>,
    /// When it was last changed.
    pub modified: Option<DateTime>,
}

/// Primary or supplementary volume descriptor, one block (`ECMA-119 8.4`, `8.5`).
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct VolumeDescriptor {
    descriptor_type: u8,
    standard_identifier: [u8; 5],
    version: u8,
    volume_flags: u8,
    system_identifier: [u8; 32],
    volume_identifier: [u8; 32],
    unused: [u8; 8],
    volume_space_size: BothU32,
    escape_sequences: [u8; 32],
    volume_set_size: BothU16,
    volume_sequence_number: BothU16,
    logical_block_size: BothU16,
    path_table_size: BothU32,
    type_l_path_table: LittleU32,
    optional_type_l_path_table: LittleU32,
    type_m_path_table: U32<BigEndian>,
    optional_type_m_path_table: U32<BigEndian>,
    root_directory_record: [u8; ROOT_RECORD_BYTES],
    volume_set_identifier: [u8; 128],
    publisher_identifier: [u8; 128],
    data_preparer_identifier: [u8; 128],
    application_identifier: [u8; 128],
    copyright_file_identifier: [u8; 37],
    abstract_file_identifier: [u8; 37],
    bibliographic_file_identifier: [u8; 37],
    creation: VolumeDate,
    modification: VolumeDate,
    expiration: VolumeDate,
    effective: VolumeDate,
    file_structure_version: u8,
    reserved: u8,
    application_use: [u8; 512],
    reserved_to_the_end: [u8; 653],
}

const _: () = assert!(size_of::<VolumeDescriptor>() == BLOCK_BYTES);

/// The fields with characters that depend on the tree.
struct Texts {
    system: [u8; 32],
    volume: [u8; 32],
    long: [[u8; 128]; 4],
    file: [u8; 37],
}

impl VolumeDescriptor {
    /// The descriptor of a volume of one disc, with blocks of 2,048 bytes.
    #[must_use]
    pub fn new(kind: VolumeKind, facts: &VolumeFacts<'_>) -> Self {
        let date =
            |time: Option<DateTime>| time.map_or(VolumeDate::UNSPECIFIED, |time| VolumeDate::new(&time));
        let texts = texts(kind, facts);
        let [set, publisher, preparer, application] = texts.long;
        let mut escape_sequences = [0; 32];
        if kind == VolumeKind::Joliet {
            escape_sequences[..3].copy_from_slice(&JOLIET_LEVEL_3);
        }
        let mut root = Vec::with_capacity(ROOT_RECORD_BYTES);
        DirectoryRecord {
            identifier: Identifier::SELF.as_bytes(),
            section: facts.root,
            date: facts.root_date,
            flags: FileFlags::DIRECTORY,
            system_use: &[],
        }
        .encode(&mut root);
        let mut root_directory_record = [0; ROOT_RECORD_BYTES];
        root_directory_record.copy_from_slice(&root);
        Self {
            descriptor_type: match kind {
                VolumeKind::Primary => 1,
                VolumeKind::Joliet => 2,
            },
            standard_identifier: STANDARD_IDENTIFIER,
            version: 1,
            volume_flags: 0,
            system_identifier: texts.system,
            volume_identifier: texts.volume,
            unused: [0; 8],
            volume_space_size: facts.blocks.into(),
            escape_sequences,
            volume_set_size: 1.into(),
            volume_sequence_number: 1.into(),
            logical_block_size: 2048.into(),
            path_table_size: facts.path_tables.bytes.into(),
            type_l_path_table: facts.path_tables.type_l.into(),
            optional_type_l_path_table: 0.into(),
            type_m_path_table: facts.path_tables.type_m.into(),
            optional_type_m_path_table: 0.into(),
            root_directory_record,
            volume_set_identifier: set,
            publisher_identifier: publisher,
            data_preparer_identifier: preparer,
            application_identifier: application,
            copyright_file_identifier: texts.file,
            abstract_file_identifier: texts.file,
            bibliographic_file_identifier: texts.file,
            creation: date(facts.created),
            modification: date(facts.modified),
            expiration: VolumeDate::UNSPECIFIED,
            effective: VolumeDate::UNSPECIFIED,
            file_structure_version: 1,
            reserved: 0,
            application_use: [0; 512],
            reserved_to_the_end: [0; 653],
        }
    }

    /// The descriptor as its block.
    #[must_use]
    pub fn to_block(&self) -> Block {
        let mut block = [0; BLOCK_BYTES];
        block.copy_from_slice(self.as_bytes());
        block
    }

    /// The descriptor in a block.
    ///
    /// # Errors
    /// If it is neither a primary nor a Joliet descriptor, or its block size is not 2,048 bytes.
    pub fn read(block: &Block) -> Result<&Self, Malformed> {
        let descriptor = Self::ref_from_bytes(block).map_err(|_| wrong(MalformedKind::Truncated))?;
        if DescriptorType::of(block).is_none() {
            return Err(wrong(MalformedKind::Field("Standard Identifier")));
        }
        descriptor.kind()?;
        if descriptor.version != 1 {
            return Err(wrong(MalformedKind::Field("Volume Descriptor Version")));
        }
        if descriptor.logical_block_size.get("Logical Block Size")? != 2048 {
            return Err(wrong(MalformedKind::Field("Logical Block Size")));
        }
        Ok(descriptor)
    }

    /// The tree that it leads to.
    ///
    /// # Errors
    /// If it is another descriptor, or has characters other than Joliet's.
    pub fn kind(&self) -> Result<VolumeKind, Malformed> {
        match self.descriptor_type {
            1 => Ok(VolumeKind::Primary),
            2 if JOLIET_LEVELS
                .iter()
                .any(|level| self.escape_sequences.starts_with(level)) =>
            {
                Ok(VolumeKind::Joliet)
            }
            2 => Err(wrong(MalformedKind::Field("Escape Sequences"))),
            _ => Err(wrong(MalformedKind::Field("Volume Descriptor Type"))),
        }
    }

    /// Blocks of the volume.
    ///
    /// # Errors
    /// If the two byte orders differ; the same applies to the methods below.
    pub fn blocks(&self) -> Result<u32, Malformed> {
        self.volume_space_size.get("Volume Space Size")
    }

    /// The places of its path tables.
    ///
    /// # Errors
    /// See [`Self::blocks`].
    pub fn path_tables(&self) -> Result<PathTables, Malformed> {
        Ok(PathTables {
            bytes: self.path_table_size.get("Path Table Size")?,
            type_l: self.type_l_path_table.get(),
            type_m: self.type_m_path_table.get(),
        })
    }

    /// The record of its root directory.
    ///
    /// # Errors
    /// If it is not the record of a root directory.
    pub fn root(&self) -> Result<DirectoryRecord<'_>, Malformed> {
        let record = DirectoryRecord::read(&self.root_directory_record)?;
        let is_root =
            record.identifier == Identifier::SELF.as_bytes() && record.flags.contains(FileFlags::DIRECTORY);
        is_root
            .then_some(record)
            .ok_or(wrong(MalformedKind::Field("Directory Record for Root Directory")))
    }

    /// Name of the volume; invalid characters become U+FFFD.
    #[must_use]
    pub fn volume(&self) -> String {
        let field = &self.volume_identifier;
        let text = if self.descriptor_type == 2 {
            let units = field
                .chunks_exact(2)
                .map(|unit| u16::from_be_bytes([unit[0], unit[1]]));
            char::decode_utf16(units)
                .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect()
        } else {
            String::from_utf8_lossy(field).into_owned()
        };
        unfilled(&text).to_owned()
    }

    /// When the volume was created, if that is recorded.
    #[must_use]
    pub fn created(&self) -> Option<DateTime> {
        self.creation.get()
    }

    /// When it was last changed, if that is recorded.
    #[must_use]
    pub fn modified(&self) -> Option<DateTime> {
        self.modification.get()
    }
}

fn texts(kind: VolumeKind, facts: &VolumeFacts<'_>) -> Texts {
    let VolumeFacts {
        volume,
        volume_set,
        system,
        publisher,
        preparer,
        application,
        ..
    } = *facts;
    match kind {
        VolumeKind::Primary => Texts {
            system: a_characters(system),
            volume: d_characters(volume),
            long: [
                d_characters(volume_set),
                a_characters(publisher),
                a_characters(preparer),
                a_characters(application),
            ],
            file: d_characters(""),
        },
        VolumeKind::Joliet => Texts {
            system: ucs2(system),
            volume: ucs2(volume),
            long: [volume_set, publisher, preparer, application].map(ucs2),
            file: ucs2(""),
        },
    }
}

fn wrong(kind: MalformedKind) -> Malformed {
    Malformed {
        kind,
        structure: "volume descriptor",
        clause: "ECMA-119 8.4, 8.5",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACTS: VolumeFacts<'static> = VolumeFacts {
        volume: "Größe 2",
        volume_set: "set",
        system: "Linux",
        publisher: "",
        preparer: "",
        application: "oncefs",
        blocks: 0x0102_0304,
        path_tables: PathTables {
            bytes: 10,
            type_l: 20,
            type_m: 21,
        },
        root: Section {
            block: 22,
            bytes: 2048,
        },
        root_date: RecordDate::UNSPECIFIED,
        created: None,
        modified: Some(DateTime {
            year: 1999,
            month: 12,
            day: 31,
            hour: 23,
            minute: 59,
            second: 59,
            centisecond: 99,
            offset: 4,
        }),
    };

    #[test]
    fn what_is_recorded_is_read_back() {
        for (kind, name) in [(VolumeKind::Primary, "GR__E_2"), (VolumeKind::Joliet, "Größe 2")] {
            let block = VolumeDescriptor::new(kind, &FACTS).to_block();
            let read = VolumeDescriptor::read(&block).unwrap();
            assert_eq!(read.kind(), Ok(kind));
            assert_eq!(read.volume(), name);
            assert_eq!(read.blocks(), Ok(FACTS.blocks));
            assert_eq!(read.path_tables(), Ok(FACTS.path_tables));
            assert_eq!(read.root().unwrap().section, FACTS.root);
            assert_eq!((read.created(), read.modified()), (None, FACTS.modified));
        }
    }

    #[test]
    fn fields_are_where_the_standard_puts_them() {
        let block = VolumeDescriptor::new(VolumeKind::Joliet, &FACTS).to_block();
        assert_eq!(block[..8], *b"\x02CD001\x01\x00");
        assert_eq!(block[80..88], [4, 3, 2, 1, 1, 2, 3, 4]);
        assert_eq!(block[88..91], *b"%/E");
        assert_eq!(block[140..144], [20, 0, 0, 0]);
        assert_eq!(block[148..152], [0, 0, 0, 21]);
        assert_eq!(block[156], 34);
        assert_eq!(block[813..829], *b"0000000000000000");
        assert_eq!(block[881], 1);
    }

    #[test]
    fn other_blocks_are_distinguished() {
        let terminator = set_terminator();
        assert_eq!(DescriptorType::of(&terminator), Some(DescriptorType::Terminator));
        assert!(VolumeDescriptor::read(&terminator).is_err());
        assert_eq!(DescriptorType::of(&[0; BLOCK_BYTES]), None);
        let mut block = VolumeDescriptor::new(VolumeKind::Joliet, &FACTS).to_block();
        block[90] = b'X';
        let refused = VolumeDescriptor::read(&block).err().unwrap();
        assert_eq!(refused.kind, MalformedKind::Field("Escape Sequences"));
    }
}
