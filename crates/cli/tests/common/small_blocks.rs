//! A volume with blocks of 512 bytes, of which the last has the bytes of a file, and with attributes of
//! Macintosh.

use ecma167::file::extended_attribute::{self, Attribute};
use ecma167::file::{
    AllocationForm, ExtentType, FileCharacteristics, FileEntry, FileIdentifier, FileSetDescriptor, FileType,
    IcbFlags, IcbTag, LongAd, Permissions,
};
use ecma167::general::tag::{Descriptor, TagVersion};
use ecma167::general::{Charspec, DString, DomainFlags, EntityIdentifier, ExtentAd, Timestamp};
use ecma167::osta::Revision;
use ecma167::volume::{
    AccessType, AnchorVolumeDescriptorPointer, LogicalVolumeDescriptor, PartitionDescriptor, PartitionMap,
    PrimaryVolumeDescriptor, TerminatingDescriptor,
};
use ecma167::{BLOCK_SIZE, LogicalSector, PartitionReference, RecordedAddress, recognition};
use zerocopy::IntoBytes as _;

/// The bytes of a block.
const SIZE: usize = 512;
const REVISION: Revision = Revision::V2_01;
const VERSION: TagVersion = TagVersion::Three;
/// Sectors of the descriptors, the anchor and the partition.
const MAIN: u32 = 100;
const ANCHOR: u32 = 256;
const START: u32 = 288;
/// The sectors of the volume: one more than whole blocks of 2,048 bytes have.
const SECTORS: u32 = 1501;
/// Blocks of the partition.
const FILE_SET: u32 = 0;
const ROOT: u32 = 1;
const FILE: u32 = 2;
const DATA: u32 = SECTORS - START - 1;

/// The bytes of `/end`, which are in the last block.
pub fn content() -> Vec<u8> {
    (0..500_u16).map(|at| at.to_le_bytes()[0]).collect()
}

fn address(block: u32) -> RecordedAddress {
    RecordedAddress {
        partition: PartitionReference(0),
        block,
    }
}

fn time() -> Timestamp {
    Timestamp::from_unix(1_234_567_890, 0)
}

fn entry(file_type: FileType, form: AllocationForm, length: usize, descriptors: &[u8]) -> FileEntry {
    FileEntry {
        extended: true,
        icb_tag: IcbTag::new(file_type, IcbFlags::empty().with_form(form)),
        uid: FileEntry::NO_ID,
        gid: FileEntry::NO_ID,
        permissions: Permissions::OWNER_READ | Permissions::OTHER_READ | Permissions::OTHER_EXECUTE,
        file_link_count: 1,
        information_length: length as u64,
        object_size: length as u64,
        logical_blocks_recorded: 0,
        access_time: time(),
        modification_time: time(),
        creation_time: Some(time()),
        attribute_time: time(),
        checkpoint: 1,
        extended_attribute_icb: LongAd::default(),
        stream_directory_icb: LongAd::default(),
        implementation_identifier: EntityIdentifier::implementation(),
        unique_id: 16,
        extended_attributes: Vec::new(),
        allocation_descriptors: descriptors.to_vec(),
    }
}

/// A space with one attribute that UDF defines, with so many bytes of content after its checksum, which is
/// wrong if it is `damaged`.
fn attributes(identifier: &str, length: usize, location: u32, damaged: bool) -> Vec<u8> {
    let mut attribute = Attribute::udf(identifier, REVISION, &vec![0; length]);
    if let Attribute::ImplementationUse { content, .. } = &mut attribute {
        content[0] ^= u8::from(damaged);
    }
    extended_attribute::encode(&[attribute], VERSION, location).expect("a space")
}

fn logical() -> LogicalVolumeDescriptor {
    LogicalVolumeDescriptor {
        volume_descriptor_sequence_number: 1,
        descriptor_character_set: Charspec::OSTA_COMPRESSED_UNICODE,
        logical_volume_identifier: DString::new("small").expect("a label"),
        logical_block_size: 512,
        domain_identifier: EntityIdentifier::domain(REVISION, DomainFlags::empty()),
        logical_volume_contents_use: LongAd::icb(address(FILE_SET)),
        implementation_identifier: EntityIdentifier::implementation(),
        implementation_use: [0; 128],
        integrity_sequence_extent: ExtentAd::new(0, LogicalSector(0)),
        partition_maps: vec![PartitionMap::Type1 {
            volume_sequence_number: 1,
            partition_number: 0,
        }],
    }
}

/// The descriptors of the root: its parent and the file.
fn names() -> Vec<u8> {
    let parent = FileIdentifier::parent(LongAd::icb(address(ROOT)));
    let end = FileIdentifier::new("end", FileCharacteristics::empty(), LongAd::icb(address(FILE)));
    [parent, end.expect("a name")]
        .map(|fid| fid.encode(VERSION, ROOT).expect("a descriptor"))
        .concat()
}

/// The volume.
pub fn volume() -> Vec<u8> {
    build(false)
}

/// The volume, with attributes that do not decode.
pub fn with_damaged_attributes() -> Vec<u8> {
    build(true)
}

fn build(damaged: bool) -> Vec<u8> {
    let mut bytes = vec![0; SECTORS as usize * SIZE];
    let recognition = [
        recognition::bea01(),
        recognition::nsr(REVISION.nsr()),
        recognition::tea01(),
    ];
    for (at, block) in (16..).zip(recognition) {
        bytes[at * BLOCK_SIZE..][..BLOCK_SIZE].copy_from_slice(&block);
    }
    let mut put = |sector: u32, block: &[u8]| {
        let rest = block.get(SIZE..).unwrap_or_default();
        assert!(rest.iter().all(|byte| *byte == 0), "sector {sector} is full");
        let length = block.len().min(SIZE);
        bytes[sector as usize * SIZE..][..length].copy_from_slice(&block[..length]);
    };
    let sequence = ExtentAd::new(16 * 512, LogicalSector(MAIN));
    let anchor = AnchorVolumeDescriptorPointer::new(sequence, sequence);
    put(ANCHOR, &anchor.to_block(VERSION, ANCHOR));
    let (name, set) = (DString::new("small"), DString::new("0123456789abcdef small"));
    let (name, set) = (name.expect("a name"), set.expect("a name"));
    let primary = PrimaryVolumeDescriptor::new(name, set, time());
    put(MAIN, &primary.to_block(VERSION, MAIN));
    let (start, length) = (LogicalSector(START), SECTORS - START);
    let partition = PartitionDescriptor::new(REVISION, 1, 0, AccessType::ReadOnly, start, length);
    put(MAIN + 1, &partition.to_block(VERSION, MAIN + 1));
    put(
        MAIN + 2,
        &logical().encode(VERSION, MAIN + 2).expect("a descriptor"),
    );
    put(
        MAIN + 3,
        &TerminatingDescriptor::default().to_block(VERSION, MAIN + 3),
    );
    let (label, set) = (DString::new("small"), DString::new("set"));
    let root = LongAd::icb(address(ROOT));
    let set = FileSetDescriptor::new(
        REVISION,
        label.expect("a label"),
        set.expect("a name"),
        root,
        time(),
    );
    put(START + FILE_SET, &set.to_block(VERSION, FILE_SET));
    let names = names();
    let mut root = entry(FileType::DIRECTORY, AllocationForm::Embedded, names.len(), &names);
    root.extended_attributes = attributes("*UDF Mac VolumeInfo", 56, ROOT, damaged);
    put(START + ROOT, &root.encode(VERSION, ROOT).expect("an entry"));
    let content = content();
    let length = u32::try_from(content.len()).expect("a length");
    let extent = LongAd::new(ExtentType::Recorded, length, address(DATA));
    let mut file = entry(
        FileType::FILE,
        AllocationForm::Long,
        content.len(),
        extent.as_bytes(),
    );
    file.extended_attributes = attributes("*UDF Mac FinderInfo", 46, FILE, damaged);
    put(START + FILE, &file.encode(VERSION, FILE).expect("an entry"));
    put(START + DATA, &content);
    bytes
}
