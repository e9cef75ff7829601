//! Small volumes built block by block from the structures themselves.
#![allow(dead_code)] // each test uses some of it

pub mod host_tree;
pub mod rewritable;

use std::io::Write;

use drive::Drive;
use ecma167::file::{
    AllocationForm, ExtentType, FileCharacteristics, FileEntry, FileIdentifier, FileSetDescriptor, FileType,
    IcbFlags, IcbTag, IndirectEntry, LongAd, Permissions,
};
use ecma167::general::tag::{self, Descriptor, TagVersion};
use ecma167::general::{Charspec, DString, DomainFlags, EntityIdentifier, ExtentAd, Timestamp};
use ecma167::osta::Revision;
use ecma167::osta::vat::{VatHeader, VatTail};
use ecma167::volume::{
    AccessType, AnchorVolumeDescriptorPointer, LogicalVolumeDescriptor, PartitionDescriptor, PartitionMap,
    PrimaryVolumeDescriptor, TerminatingDescriptor,
};
use ecma167::{BLOCK_SIZE, LogicalSector, PartitionReference, RecordedAddress, recognition};
use tempfile::NamedTempFile;
use volume::{OpenError, Volume};
use zerocopy::{FromZeros, IntoBytes};

/// Sectors of the fixture's structures.
pub const MAIN: u32 = 32;
pub const RESERVE: u32 = 64;
pub const ANCHOR: u32 = 256;
pub const START: u32 = 288;
/// The number of its partition: not 0, so that a partition reference is never mistaken for it.
pub const NUMBER: u16 = 7;
pub const LENGTH: u32 = 1_500_000;
/// The virtual addresses of the file set and root.
pub const FILE_SET: u32 = 0;
pub const ROOT: u32 = 1;

/// A disc under construction.
#[derive(Clone)]
pub struct Disc {
    pub revision: Revision,
    pub blocks: Vec<[u8; BLOCK_SIZE]>,
    pub vat: Vec<u32>,
    /// Nodes are addressed through `vat`: it becomes the VAT, or the blocks of the metadata file.
    pub is_virtual: bool,
    pub maps: Vec<PartitionMap>,
    pub block_size: u32,
    pub previous: u32,
    pub next_unique_id: u64,
    /// The system stream directory ICB of the file set descriptor.
    pub system_streams: LongAd,
    /// The number of this volume in its set, and the number of volumes in the set.
    pub of_set: (u16, u16),
    /// Descriptors of further partitions.
    pub further_partitions: Vec<PartitionDescriptor>,
    /// The domain and the character set in the descriptors.
    pub domain: EntityIdentifier,
    pub character_set: Charspec,
    pub entries: Entries,
}

/// How entries are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entries {
    /// As they are.
    Usual,
    /// Files have no type.
    Untyped,
    /// With strategy 4096, each after an older version without a body (`UDF 2.60 6.6`).
    Replaced,
}

impl Disc {
    /// A volume with a virtual partition.
    pub fn new(revision: Revision) -> Self {
        let maps = vec![
            PartitionMap::Type1 {
                volume_sequence_number: 1,
                partition_number: NUMBER,
            },
            PartitionMap::Virtual {
                volume_sequence_number: 1,
                partition_number: NUMBER,
                revision,
            },
        ];
        Self::with_maps(revision, maps, true)
    }

    /// A volume with one type 1 partition.
    pub fn plain(revision: Revision) -> Self {
        let maps = vec![PartitionMap::Type1 {
            volume_sequence_number: 1,
            partition_number: NUMBER,
        }];
        Self::with_maps(revision, maps, false)
    }

    /// A volume with one type 1 partition whose entries have older versions.
    pub fn replaced(revision: Revision) -> Self {
        let mut disc = Self::plain(revision);
        disc.entries = Entries::Replaced;
        // After the root.
        disc.push([0; BLOCK_SIZE]);
        disc
    }

    pub fn with_maps(revision: Revision, maps: Vec<PartitionMap>, is_virtual: bool) -> Self {
        let mut disc = Self {
            revision,
            blocks: vec![[0; BLOCK_SIZE]; START as usize],
            vat: Vec::new(),
            is_virtual,
            maps,
            block_size: 2048,
            previous: u32::MAX,
            next_unique_id: 16,
            system_streams: LongAd::default(),
            of_set: (1, 1),
            further_partitions: Vec::new(),
            domain: EntityIdentifier::domain(revision, DomainFlags::empty()),
            character_set: Charspec::OSTA_COMPRESSED_UNICODE,
            entries: Entries::Usual,
        };
        disc.recognition(0);
        disc.sequence(MAIN);
        disc.sequence(RESERVE);
        disc.anchor(ANCHOR);
        // So that no block number equals a virtual address.
        for _ in 0..if is_virtual { 64 } else { 2 } {
            disc.push([0xEE; BLOCK_SIZE]);
        }
        if is_virtual {
            disc.vat = vec![u32::MAX; 2];
            disc.blocks.push([0; BLOCK_SIZE]);
            disc.vat[FILE_SET as usize] = disc.next_block() - 1;
        }
        let root = disc.address(ROOT);
        let set = disc.file_set(root);
        let at = disc.set_block();
        disc.blocks[(START + at) as usize] = set;
        disc
    }

    pub fn version(&self) -> TagVersion {
        TagVersion::of(self.revision)
    }

    fn set_block(&self) -> u32 {
        if self.is_virtual {
            self.vat[FILE_SET as usize]
        } else {
            FILE_SET
        }
    }

    /// The recorded address of a node.
    pub fn address(&self, block: u32) -> RecordedAddress {
        RecordedAddress {
            partition: PartitionReference(u16::from(self.is_virtual)),
            block,
        }
    }

    /// The address of a block of the partition.
    pub fn physical(&self, block: u32) -> RecordedAddress {
        RecordedAddress {
            partition: PartitionReference(0),
            block,
        }
    }

    pub fn set(&mut self, sector: u32, block: [u8; BLOCK_SIZE]) {
        if self.blocks.len() <= sector as usize {
            self.blocks.resize(sector as usize + 1, [0; BLOCK_SIZE]);
        }
        self.blocks[sector as usize] = block;
    }

    pub fn recognition(&mut self, start: u32) {
        self.set(start + 16, recognition::bea01());
        self.set(start + 17, recognition::nsr(self.revision.nsr()));
        self.set(start + 18, recognition::tea01());
    }

    pub fn anchor(&mut self, sector: u32) {
        let extent = |at| ExtentAd::new(16 * 2048, LogicalSector(at));
        let anchor = AnchorVolumeDescriptorPointer::new(extent(MAIN), extent(RESERVE));
        self.set(sector, anchor.to_block(self.version(), sector));
    }

    /// A volume descriptor sequence.
    pub fn sequence(&mut self, at: u32) {
        let version = self.version();
        self.set(at, self.primary().to_block(version, at));
        self.set(at + 1, self.partition(1).to_block(version, at + 1));
        self.set(at + 2, self.logical("label", 1).encode(version, at + 2).unwrap());
        for (at, further) in (at + 3..).zip(self.further_partitions.clone()) {
            self.set(at, further.to_block(version, at));
        }
        let end = at + 3 + u32::try_from(self.further_partitions.len()).unwrap();
        self.set(end, TerminatingDescriptor::default().to_block(version, end));
    }

    pub fn primary(&self) -> PrimaryVolumeDescriptor {
        let mut primary = PrimaryVolumeDescriptor::new(
            DString::new("volume").unwrap(),
            DString::new("0123456789abcdef set").unwrap(),
            Timestamp::from_unix(1_000_000_000, 0),
        );
        primary.volume_sequence_number = self.of_set.0.into();
        primary.maximum_volume_sequence_number = self.of_set.1.into();
        primary.descriptor_character_set = self.character_set;
        primary
    }

    pub fn partition(&self, number: u32) -> PartitionDescriptor {
        let of_rewritable =
            |map: &PartitionMap| matches!(map, PartitionMap::Sparable { .. } | PartitionMap::Metadata { .. });
        let access = if self.maps.iter().any(of_rewritable) {
            AccessType::Overwritable
        } else {
            AccessType::WriteOnce
        };
        PartitionDescriptor::new(
            self.revision,
            number,
            NUMBER,
            access,
            LogicalSector(START),
            LENGTH,
        )
    }

    pub fn logical(&self, label: &str, number: u32) -> LogicalVolumeDescriptor {
        LogicalVolumeDescriptor {
            volume_descriptor_sequence_number: number,
            descriptor_character_set: self.character_set,
            logical_volume_identifier: DString::new(label).unwrap(),
            logical_block_size: self.block_size,
            domain_identifier: self.domain,
            logical_volume_contents_use: LongAd::icb(self.address(FILE_SET)),
            implementation_identifier: EntityIdentifier::implementation(),
            implementation_use: [0; 128],
            integrity_sequence_extent: ExtentAd::new(0, LogicalSector(0)),
            partition_maps: self.maps.clone(),
        }
    }

    pub fn file_set(&self, root: RecordedAddress) -> [u8; BLOCK_SIZE] {
        let mut set = FileSetDescriptor::new(
            self.revision,
            DString::new("label").unwrap(),
            DString::new("set").unwrap(),
            LongAd::icb(root),
            Timestamp::from_unix(1_000_000_000, 0),
        );
        set.system_stream_directory_icb = self.system_streams;
        set.domain_identifier = self.domain;
        set.file_set_character_set = self.character_set;
        set.to_block(self.version(), FILE_SET)
    }

    /// Records both sequences and the file set again, after a change of what is in them.
    pub fn describe(&mut self) {
        self.sequence(MAIN);
        self.sequence(RESERVE);
        let at = self.set_block();
        self.blocks[(START + at) as usize] = self.file_set(self.address(ROOT));
    }

    /// The next logical block to be recorded.
    pub fn next_block(&self) -> u32 {
        u32::try_from(self.blocks.len()).unwrap() - START
    }

    /// Records one block and returns its logical block number.
    pub fn push(&mut self, block: [u8; BLOCK_SIZE]) -> u32 {
        self.blocks.push(block);
        self.next_block() - 1
    }

    /// Records bytes in blocks of their own and returns the first block.
    pub fn push_bytes(&mut self, bytes: &[u8]) -> u32 {
        let first = self.next_block();
        for chunk in bytes.chunks(BLOCK_SIZE) {
            let mut block = [0; BLOCK_SIZE];
            block[..chunk.len()].copy_from_slice(chunk);
            self.push(block);
        }
        first
    }

    /// An extent of recorded bytes.
    pub fn extent(&mut self, bytes: &[u8]) -> LongAd {
        let length = u32::try_from(bytes.len()).unwrap();
        let block = self.push_bytes(bytes);
        LongAd::new(ExtentType::Recorded, length, self.physical(block))
    }

    /// An entry without a body.
    pub fn entry(&mut self, file_type: FileType, form: AllocationForm) -> FileEntry {
        self.next_unique_id += 1;
        let time = Timestamp::from_unix(1_234_567_890, 123_456_000);
        FileEntry {
            extended: self.revision >= Revision::V2_00,
            icb_tag: IcbTag::new(file_type, IcbFlags::empty().with_form(form)),
            uid: 1000,
            gid: 100,
            permissions: Permissions::OWNER_READ | Permissions::OWNER_WRITE | Permissions::GROUP_READ,
            file_link_count: 1,
            information_length: 0,
            object_size: 0,
            logical_blocks_recorded: 0,
            access_time: time,
            modification_time: time,
            creation_time: (self.revision >= Revision::V2_00).then_some(time),
            attribute_time: time,
            checkpoint: 1,
            extended_attribute_icb: LongAd::default(),
            stream_directory_icb: LongAd::default(),
            implementation_identifier: EntityIdentifier::implementation(),
            unique_id: self.next_unique_id,
            extended_attributes: Vec::new(),
            allocation_descriptors: Vec::new(),
        }
    }

    /// An entry with its body inside.
    pub fn embedded(&mut self, file_type: FileType, bytes: &[u8]) -> FileEntry {
        let mut entry = self.entry(file_type, AllocationForm::Embedded);
        entry.information_length = bytes.len() as u64;
        entry.allocation_descriptors = bytes.to_vec();
        entry
    }

    /// An entry with its body in extents.
    pub fn in_extents(&mut self, file_type: FileType, extents: &[LongAd]) -> FileEntry {
        let mut entry = self.entry(file_type, AllocationForm::Long);
        entry.information_length = extents
            .iter()
            .map(|extent| u64::from(extent.length().bytes()))
            .sum();
        entry.allocation_descriptors = extents.as_bytes().to_vec();
        entry
    }

    /// The address of the next entry.
    pub fn next_number(&self) -> u32 {
        if self.is_virtual {
            u32::try_from(self.vat.len()).unwrap()
        } else {
            self.next_block()
        }
    }

    /// Reserves an address for an entry that is recorded later.
    pub fn reserve(&mut self) -> u32 {
        let number = self.next_number();
        if self.is_virtual {
            self.vat.push(u32::MAX);
        } else {
            self.push([0; BLOCK_SIZE]);
            if self.entries == Entries::Replaced {
                self.push([0; BLOCK_SIZE]);
            }
        }
        number
    }

    /// Records an entry under a new virtual address, or in a block of a plain partition.
    pub fn put(&mut self, entry: &FileEntry) -> RecordedAddress {
        let number = self.reserve();
        self.put_at(number, entry);
        self.address(number)
    }

    /// Records an entry under this virtual address, or in this block of a plain partition.
    pub fn put_at(&mut self, number: u32, entry: &FileEntry) {
        let mut entry = entry.clone();
        match self.entries {
            Entries::Usual => {}
            Entries::Untyped if entry.icb_tag.file_type == FileType::FILE => {
                entry.icb_tag.file_type = FileType::UNSPECIFIED;
            }
            Entries::Untyped => {}
            Entries::Replaced => return self.put_replaced(number, entry),
        }
        let block = entry.encode(self.version(), number).unwrap();
        if self.is_virtual {
            self.vat[number as usize] = self.push(block);
        } else {
            self.set(START + number, block);
        }
    }

    /// Records an older version of an entry in a block, after it what replaces it, and the entry elsewhere.
    fn put_replaced(&mut self, number: u32, mut entry: FileEntry) {
        entry.icb_tag.strategy_type = 4096.into();
        entry.icb_tag.maximum_number_of_entries = 2.into();
        let newest = self.next_block();
        let mut older = entry.clone();
        older
            .icb_tag
            .set_icb_flags(IcbFlags::empty().with_form(AllocationForm::Embedded));
        (older.information_length, older.allocation_descriptors) = (0, Vec::new());
        let mut indirect = IndirectEntry::new_zeroed();
        indirect.icb_tag = IcbTag::new(FileType::INDIRECT_ENTRY, IcbFlags::empty());
        indirect.icb_tag.strategy_type = 4096.into();
        indirect.indirect_icb = LongAd::icb(self.address(newest));
        // Their header states the block of its entry.
        tag::restamp(&mut older.extended_attributes, number);
        tag::restamp(&mut entry.extended_attributes, newest);
        self.set(START + number, older.encode(self.version(), number).unwrap());
        self.set(START + number + 1, indirect.to_block(self.version(), number + 1));
        entry.icb_tag.prior_recorded_number_of_direct_entries = 1.into();
        self.push(entry.encode(self.version(), newest).unwrap());
        self.push([0; BLOCK_SIZE]);
    }

    /// A file with its bytes inside its entry.
    pub fn file(&mut self, bytes: &[u8]) -> RecordedAddress {
        let entry = self.embedded(FileType::FILE, bytes);
        self.put(&entry)
    }

    /// The descriptors of a directory, one after the other, the parent's first.
    pub fn fids(&self, entries: &[(&str, RecordedAddress)]) -> Vec<u8> {
        let mut bytes = self.fid(FileIdentifier::parent(LongAd::icb(self.address(ROOT))));
        for (name, address) in entries {
            let fid = FileIdentifier::new(name, characteristics(name), LongAd::icb(*address)).unwrap();
            bytes.extend(self.fid(fid));
        }
        bytes
    }

    pub fn fid(&self, fid: FileIdentifier) -> Vec<u8> {
        fid.encode(self.version(), 0).unwrap()
    }

    /// Records the root with these entries inside it.
    pub fn root(&mut self, entries: &[(&str, RecordedAddress)]) {
        let fids = self.fids(entries);
        self.root_of(&fids);
    }

    /// Records the root with these bytes as its body.
    pub fn root_of(&mut self, fids: &[u8]) {
        let mut root = if fids.len() <= 1024 {
            self.embedded(FileType::DIRECTORY, fids)
        } else {
            let extent = self.extent(fids);
            self.in_extents(FileType::DIRECTORY, &[extent])
        };
        root.unique_id = 0;
        self.put_at(ROOT, &root);
    }

    /// The bytes of the VAT.
    pub fn vat_bytes(&self) -> Vec<u8> {
        let entries = self.vat.as_bytes();
        if self.revision >= Revision::V2_00 {
            let mut header = VatHeader::new(self.revision, DString::new("newer label").unwrap());
            header.previous_vat_icb_location = self.previous.into();
            header.number_of_files = 3.into();
            header.number_of_directories = 1.into();
            [header.as_bytes(), entries].concat()
        } else {
            [entries, VatTail::new(self.previous).as_bytes()].concat()
        }
    }

    /// Records the VAT and its ICB; returns the block of the ICB, which the next VAT names as its previous
    /// one.
    pub fn commit(&mut self) -> u32 {
        let extent = {
            let bytes = self.vat_bytes();
            self.extent(&bytes)
        };
        self.previous = self.vat_icb(extent);
        self.previous
    }

    /// Records a VAT ICB for a body that is already recorded.
    pub fn vat_icb(&mut self, extent: LongAd) -> u32 {
        let file_type = if self.revision >= Revision::V2_00 {
            FileType::VAT
        } else {
            FileType::UNSPECIFIED
        };
        let mut entry = self.in_extents(file_type, &[extent]);
        entry.unique_id = self.next_unique_id + 1;
        let at = self.next_block();
        let block = entry.encode(self.version(), at).unwrap();
        self.push(block)
    }

    /// Writes the image to a file.
    pub fn image(&self) -> NamedTempFile {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(self.blocks.as_bytes()).unwrap();
        file
    }

    pub fn try_open(&self) -> Result<Volume, OpenError> {
        let image = self.image();
        // The drive keeps the file open after its name is removed.
        Volume::open(Drive::open_image(image.path()).unwrap())
    }

    pub fn open(&self) -> Volume {
        self.try_open().unwrap()
    }

    /// Overwrites a sector with zeros.
    pub fn wipe(&mut self, sector: u32) {
        self.set(sector, [0; BLOCK_SIZE]);
    }

    /// Changes one byte of a sector.
    pub fn damage(&mut self, sector: u32) {
        self.blocks[sector as usize][100] ^= 0xFF;
    }

    pub fn last_sector(&self) -> u32 {
        u32::try_from(self.blocks.len()).unwrap() - 1
    }
}

/// Directories of the fixture have names that begin with `dir`.
fn characteristics(name: &str) -> FileCharacteristics {
    if name.starts_with("dir") {
        FileCharacteristics::DIRECTORY
    } else {
        FileCharacteristics::empty()
    }
}

/// A volume of any revision with a root of three files.
pub fn small(revision: Revision) -> Disc {
    let mut disc = Disc::new(revision);
    let files = [disc.file(b"one"), disc.file(b"two"), disc.file(b"three")];
    disc.root(&[("a", files[0]), ("b", files[1]), ("ç 😀", files[2])]);
    disc.commit();
    disc
}

/// The names in the root.
pub fn names(volume: &mut Volume) -> Vec<String> {
    let root = volume.lookup_path("/").unwrap();
    let mut directory = volume.directory(&root).unwrap();
    let mut names = Vec::new();
    while let Some(entry) = directory.next_live(volume).unwrap() {
        names.push(entry.name);
    }
    names
}

/// The bytes of the file at a path.
pub fn content(volume: &mut Volume, path: &str) -> Vec<u8> {
    let node = volume.lookup_path(path).unwrap();
    let body = volume.body(&node).unwrap();
    let mut bytes = vec![0; usize::try_from(body.len()).unwrap()];
    assert_eq!(volume.read(&body, 0, &mut bytes).unwrap(), bytes.len());
    bytes
}
