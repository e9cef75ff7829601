//! Volumes in the forms of other programs: one of ours, whose structures are recorded anew in place.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt as _;

use ecma167::file::extended_attribute::{self, Attribute, VatLvExtension};
use ecma167::file::{
    AllocationForm, ExtentType, FileCharacteristics, FileEntry, FileIdentifier, FileType, IcbFlags, IcbTag,
    LongAd,
};
use ecma167::general::{DString, EntityIdentifier, TagVersion, tag};
use ecma167::osta::Revision;
use ecma167::osta::vat::{NONE, VatHeader, VatTail};
use ecma167::{BLOCK_BYTES, BLOCK_SIZE, PartitionReference, RecordedAddress};
use emulator::{Behaviour, Medium};
use recording::{Attributes, NodeKind, Recording};
use trials::{End, Life, MemoryDisc, time};
use zerocopy::IntoBytes as _;

/// The program whose forms a volume has.
#[derive(Clone, Copy)]
pub struct Program {
    pub identifier: &'static str,
    pub medium: Medium,
    pub revision: Revision,
    /// Whether its VAT counts files: in UDF 1.50, whether its ICB has the attribute that does.
    pub counts: bool,
}

/// The name that the VAT, and only the VAT, states.
pub const NAME_IN_VAT: &str = "Renamed by another program";

/// The blocks that structures of the other program may take.
const POOL: u32 = 32;

/// The nodes whose entries become those of streams.
const SPARE: usize = 3;

/// A volume while it gets the forms of a program.
struct Editor {
    image: File,
    program: Program,
    version: TagVersion,
    /// First sector of the partition.
    start: u32,
    /// The VAT: the block of each virtual address.
    table: Vec<u32>,
    /// Virtual addresses by path.
    nodes: BTreeMap<String, u32>,
    /// Blocks to take.
    pool: Vec<u32>,
    /// The blocks of the VAT ICB.
    icbs: Vec<u32>,
    vat: volume::Vat,
    files: u32,
}

/// A disc with an open session and a volume in the forms of a program.
pub fn disc_by(program: Program) -> MemoryDisc {
    let life = Life {
        medium: program.medium,
        capacity: 60_000,
        behaviour: Behaviour::default(),
        transfer_limit: None,
        revision: program.revision,
        rom: None,
        operations: Vec::new(),
        end: End::Commit,
    };
    let disc = MemoryDisc::blank(&life).unwrap();
    recording::format(disc.drive().unwrap(), &disc.options()).unwrap();
    let mut recording = disc.recording().unwrap();
    fill(&mut recording);
    recording.commit(time(2)).unwrap();
    drop(recording);
    let mut editor = Editor::of(&disc, program);
    editor.entries();
    editor.names();
    if program.revision > Revision::V1_50 {
        editor.streams();
    } else {
        editor.remove("/theirs", &["spare 0", "spare 1", "spare 2"]);
    }
    editor.remove("/", &["pool"]);
    editor.permute();
    editor.vat();
    disc
}

fn fill(recording: &mut Recording) {
    let root = recording.root();
    let directory = |recording: &mut Recording, parent, name: &str| {
        let attributes = Attributes::at(0o755, time(1));
        recording
            .create(parent, name, NodeKind::Directory, &attributes)
            .unwrap()
    };
    let file = |recording: &mut Recording, parent, name: &str, bytes: &[u8]| {
        let attributes = Attributes::at(0o644, time(1));
        let node = recording
            .create(parent, name, NodeKind::File, &attributes)
            .unwrap();
        recording.write(node, 0, bytes).unwrap();
    };
    let theirs = directory(recording, root, "theirs");
    file(recording, theirs, "embedded", b"text");
    file(recording, theirs, "extent", &[1; 9000]);
    file(recording, theirs, "attributes", &[2; 100]);
    file(recording, theirs, "attributes and extent", &[3; 5000]);
    file(recording, theirs, "tail", &[4; 5000]);
    file(recording, theirs, "allocated", &[0; 6144]);
    file(recording, theirs, "real time", b"type 249");
    file(recording, theirs, "unspecified", b"type 0");
    file(recording, theirs, "reserved", b"type 200");
    file(recording, theirs, "hidden", b"existence");
    file(recording, theirs, "implementation use", b"in its name");
    file(recording, theirs, "streams", b"body");
    let inner = directory(recording, theirs, "inner");
    file(recording, inner, "file", b"inside");
    let many = directory(recording, root, "many");
    for number in 0..40 {
        file(recording, many, &format!("{number:0100}"), b"");
    }
    for number in 0..SPARE {
        file(recording, theirs, &format!("spare {number}"), b"");
    }
    file(recording, root, "pool", &vec![9; POOL as usize * BLOCK_SIZE]);
}

impl Editor {
    fn of(disc: &MemoryDisc, program: Program) -> Self {
        let mut volume = disc.volume().unwrap();
        let vat = volume.vat().unwrap().clone();
        let start = volume
            .partition_start(volume.physical_partition().unwrap())
            .unwrap()
            .0;
        let mut body = vec![0; usize::try_from(vat.body.len()).unwrap()];
        volume.read(&vat.body, 0, &mut body).unwrap();
        let first = usize::try_from(vat.entries_offset).unwrap();
        let entries = body[first..].chunks_exact(4).take(vat.entries as usize);
        let table = entries.map(|entry| word(entry, 0)).collect();
        let mut nodes = BTreeMap::new();
        for path in trials::listing(&mut volume).unwrap().into_keys() {
            let node = volume.lookup_path(&path).unwrap();
            nodes.insert(path, node.address.block);
        }
        let pool = volume.lookup_path("/pool").unwrap();
        let volume::Body::Extents(extents) = volume.body(&pool).unwrap() else {
            panic!("embedded");
        };
        let volume::ExtentKind::Recorded(first) = extents[0].kind else {
            panic!("a hole");
        };
        assert_eq!(extents.len(), 1);
        let mut first_icb = vat.icb.0;
        while let Ok(before) = volume.read_physical(ecma167::LogicalBlock(first_icb - 1))
            && FileEntry::decode(before, Some(first_icb - 1))
                .is_ok_and(|copy| copy.unique_id == vat.entry.unique_id)
        {
            first_icb -= 1;
        }
        Self {
            image: File::options().read(true).write(true).open(disc.image()).unwrap(),
            program,
            version: TagVersion::of(program.revision),
            start,
            table,
            nodes,
            pool: (first.block..first.block + POOL).rev().collect(),
            icbs: (first_icb..=vat.icb.0).collect(),
            files: vat.files.unwrap(),
            vat,
        }
    }

    fn block(&self, at: u32) -> [u8; BLOCK_SIZE] {
        let mut block = [0; BLOCK_SIZE];
        let offset = u64::from(self.start + at) * BLOCK_SIZE as u64;
        self.image.read_exact_at(&mut block, offset).unwrap();
        block
    }

    fn put(&self, at: u32, block: &[u8]) {
        let offset = u64::from(self.start + at) * BLOCK_SIZE as u64;
        self.image.write_all_at(block, offset).unwrap();
    }

    /// A block of the other program.
    fn take(&mut self, bytes: &[u8]) -> u32 {
        let at = self.pool.pop().unwrap();
        let mut block = [0; BLOCK_SIZE];
        block[..bytes.len()].copy_from_slice(bytes);
        self.put(at, &block);
        at
    }

    fn entry(&self, node: u32) -> FileEntry {
        FileEntry::decode(&self.block(self.table[node as usize]), Some(node)).unwrap()
    }

    fn put_entry(&self, node: u32, entry: &FileEntry) {
        let block = entry.encode(self.version, node).unwrap();
        self.put(self.table[node as usize], &block);
    }

    fn edit(&self, path: &str, change: impl FnOnce(&mut FileEntry)) {
        let node = self.nodes[path];
        let mut entry = self.entry(node);
        change(&mut entry);
        self.put_entry(node, &entry);
    }

    fn used(&self) -> Vec<u32> {
        let nodes = 1..u32::try_from(self.table.len()).unwrap();
        nodes.filter(|node| self.table[*node as usize] != NONE).collect()
    }

    fn address(&self, node: u32) -> RecordedAddress {
        RecordedAddress {
            partition: PartitionReference(1),
            block: node,
        }
    }

    fn implementation(&self) -> EntityIdentifier {
        EntityIdentifier::new(self.program.identifier, [6, 5, 4, 3, 2, 1, 0, 0])
    }

    /// The attributes of an entry: those of ECMA-167, unknown ones and free space between, zeros after.
    fn attributes(&self, node: u32) -> Vec<u8> {
        let other = Attribute::Other {
            attribute_type: extended_attribute::FILE_TIMES,
            attribute_subtype: 1,
            content: [&[24, 0, 0, 0, 5, 0, 0, 0][..], &[0; 24]].concat(),
        };
        let identifier = self.implementation();
        let attributes = [
            other,
            Attribute::ImplementationUse {
                identifier,
                content: b"unknown use".to_vec(),
            },
            Attribute::free_space(self.program.revision, 96).unwrap(),
            Attribute::ApplicationUse {
                identifier,
                content: vec![7; 40],
            },
        ];
        let mut space = extended_attribute::encode(&attributes, self.version, node).unwrap();
        space.resize(space.len() + 64, 0);
        space
    }

    /// Entries of files in other forms.
    fn entries(&mut self) {
        for node in self.used() {
            let mut entry = self.entry(node);
            entry.implementation_identifier = self.implementation();
            entry.checkpoint = 7;
            let flags = entry.icb_tag.icb_flags() | IcbFlags::ARCHIVE;
            entry.icb_tag.set_icb_flags(flags);
            self.put_entry(node, &entry);
        }
        for path in [
            "/theirs/attributes",
            "/theirs/attributes and extent",
            "/theirs/inner",
        ] {
            let attributes = self.attributes(self.nodes[path]);
            self.edit(path, |entry| entry.extended_attributes = attributes);
        }
        // Space allocated after the end of the body (`ECMA-167 4/12.1`).
        let at = [(); 2].map(|()| self.pool.pop().unwrap())[0];
        let long = |kind, bytes, block| {
            let address = RecordedAddress {
                partition: PartitionReference(0),
                block,
            };
            LongAd::new(kind, bytes, address)
        };
        self.edit("/theirs/tail", |entry| {
            let tail = long(ExtentType::AllocatedNotRecorded, 2 * BLOCK_BYTES, at);
            entry.allocation_descriptors.extend_from_slice(tail.as_bytes());
        });
        // Allocated and not recorded.
        let at = [(); 3].map(|()| self.pool.pop().unwrap())[0];
        self.edit("/theirs/allocated", |entry| {
            let extent = long(ExtentType::AllocatedNotRecorded, 6144, at);
            entry.allocation_descriptors = extent.as_bytes().to_vec();
            entry.logical_blocks_recorded = 0;
            let flags = entry.icb_tag.icb_flags().with_form(AllocationForm::Long);
            entry.icb_tag.set_icb_flags(flags);
        });
        let typed = [
            ("/theirs/real time", FileType::REAL_TIME),
            ("/theirs/unspecified", FileType::UNSPECIFIED),
            ("/theirs/reserved", FileType(200)),
        ];
        for (path, file_type) in typed {
            self.edit(path, |entry| entry.icb_tag.file_type = file_type);
        }
    }

    /// Changes the names in a directory, each to one of the same length unless the directory is embedded.
    fn edit_names(&self, node: u32, mut change: impl FnMut(&mut FileIdentifier)) {
        let mut entry = self.entry(node);
        let extents: Vec<(u32, u32)> = if entry.embedded().is_some() {
            Vec::new()
        } else {
            let parsed = entry.extents(PartitionReference(1)).unwrap();
            let extents = parsed.map(|extent| extent.unwrap());
            extents
                .map(|extent| (extent.address.block, extent.length))
                .collect()
        };
        let blocks: Vec<u32> = extents
            .iter()
            .flat_map(|(at, length)| *at..at + length.div_ceil(BLOCK_BYTES))
            .collect();
        let mut body: Vec<u8> = blocks.iter().flat_map(|at| self.block(*at)).collect();
        if blocks.is_empty() {
            body.clone_from(&entry.allocation_descriptors);
        }
        body.truncate(usize::try_from(entry.information_length).unwrap());
        let mut changed = Vec::new();
        let mut rest = &body[..];
        while !rest.is_empty() {
            let (mut fid, length) = FileIdentifier::decode(rest, None).unwrap();
            rest = &rest[length..];
            change(&mut fid);
            let at = blocks.get(changed.len() / BLOCK_SIZE);
            let at = at.copied().unwrap_or(self.table[node as usize]);
            changed.extend(fid.encode(self.version, at).unwrap());
        }
        if blocks.is_empty() {
            entry.information_length = changed.len() as u64;
            entry.object_size = changed.len() as u64;
            entry.allocation_descriptors = changed;
            self.put_entry(node, &entry);
            return;
        }
        assert_eq!(changed.len(), body.len());
        for (at, bytes) in blocks.iter().zip(changed.chunks(BLOCK_SIZE)) {
            self.put(*at, bytes);
        }
    }

    /// Names that are hidden, have implementation use, or are deleted.
    fn names(&mut self) {
        let kept = [self.implementation().as_bytes(), b"kept"].concat();
        self.edit_names(self.nodes["/theirs"], |fid| match fid.name().as_deref() {
            Ok("hidden") => fid.characteristics |= FileCharacteristics::EXISTENCE,
            Ok("implementation use") => fid.implementation_use.clone_from(&kept),
            _ => {}
        });
    }

    /// Deletes names and the nodes that they name.
    fn remove(&mut self, directory: &str, names: &[&str]) {
        let key = if directory == "/" { "" } else { directory };
        self.edit_names(self.nodes[key], |fid| {
            if fid.name().is_ok_and(|name| names.contains(&name.as_str())) {
                fid.delete();
            }
        });
        for name in names {
            let node = self.nodes[&format!("{key}/{name}")];
            self.table[node as usize] = NONE;
            self.files -= 1;
        }
    }

    /// Two streams of a file, one of which is metadata, in the entries of spare nodes.
    fn streams(&mut self) {
        let spare = |number: usize| self.nodes[&format!("/theirs/spare {number}")];
        let [directory, first, second] = [spare(0), spare(1), spare(2)];
        let file = self.nodes["/theirs/streams"];
        let names = ["spare 0", "spare 1", "spare 2"];
        self.edit_names(self.nodes["/theirs"], |fid| {
            if fid.name().is_ok_and(|name| names.contains(&name.as_str())) {
                fid.delete();
            }
        });
        self.files -= 3;
        let data = self.take(&[8; 2000]);
        let mut entry = self.entry(second);
        let extent = RecordedAddress {
            partition: PartitionReference(0),
            block: data,
        };
        let extent = LongAd::new(ExtentType::Recorded, 2000, extent);
        let flags = IcbFlags::STREAM;
        entry.icb_tag = IcbTag::new(FileType::FILE, flags);
        let mut embedded = entry.clone();
        entry.icb_tag.set_icb_flags(flags.with_form(AllocationForm::Long));
        entry.allocation_descriptors = extent.as_bytes().to_vec();
        (entry.information_length, entry.object_size) = (2000, 2000);
        entry.logical_blocks_recorded = 1;
        self.put_entry(second, &entry);
        embedded
            .icb_tag
            .set_icb_flags(flags.with_form(AllocationForm::Embedded));
        embedded.allocation_descriptors = b"a stream".to_vec();
        (embedded.information_length, embedded.object_size) = (8, 8);
        self.put_entry(first, &embedded);
        let mut fids = FileIdentifier::parent(LongAd::icb(self.address(file)))
            .encode(self.version, self.table[directory as usize])
            .unwrap();
        for (name, node, kind) in [
            ("*Other Metadata", first, FileCharacteristics::METADATA),
            ("stream", second, FileCharacteristics::empty()),
        ] {
            let fid = FileIdentifier::new(name, kind, LongAd::icb(self.address(node))).unwrap();
            fids.extend(fid.encode(self.version, self.table[directory as usize]).unwrap());
        }
        let mut entry = embedded.clone();
        let flags = IcbFlags::default().with_form(AllocationForm::Embedded);
        entry.icb_tag = IcbTag::new(FileType::STREAM_DIRECTORY, flags);
        (entry.information_length, entry.object_size) = (fids.len() as u64, fids.len() as u64);
        entry.allocation_descriptors = fids;
        entry.file_link_count = 1;
        self.put_entry(directory, &entry);
        let icb = LongAd::icb(self.address(directory));
        self.edit("/theirs/streams", |entry| {
            entry.stream_directory_icb = icb;
            entry.object_size += 2008;
        });
        // All streams have the unique ID of their file.
        let unique_id = self.entry(file).unique_id;
        for node in [directory, first, second] {
            let mut entry = self.entry(node);
            entry.unique_id = unique_id;
            self.put_entry(node, &entry);
        }
    }

    /// Gives every node another virtual address, the root the highest: descending where ours ascend.
    fn permute(&mut self) {
        let count = u32::try_from(self.table.len()).unwrap();
        let moved = |icb: LongAd| match icb.length().bytes() {
            0 => icb,
            _ => {
                let address = RecordedAddress {
                    block: count - icb.address().block,
                    ..icb.address()
                };
                LongAd {
                    extent_location: LongAd::icb(address).extent_location,
                    ..icb
                }
            }
        };
        let used = self.used();
        for node in &used {
            let mut entry = self.entry(*node);
            entry.stream_directory_icb = moved(entry.stream_directory_icb);
            self.put_entry(*node, &entry);
            if [FileType::DIRECTORY, FileType::STREAM_DIRECTORY].contains(&entry.icb_tag.file_type) {
                self.edit_names(*node, |fid| fid.icb = moved(fid.icb));
            }
        }
        let entries: Vec<(u32, FileEntry)> = used.iter().map(|node| (*node, self.entry(*node))).collect();
        self.table[1..].reverse();
        for (node, mut entry) in entries {
            extended_attribute::restamp(&mut entry.extended_attributes, count - node);
            self.put_entry(count - node, &entry);
        }
        let mut set = self.block(self.table[0]);
        let root = word(&set, 404);
        set[404..408].copy_from_slice(&(count - root).to_le_bytes());
        let (length, location) = (
            usize::from(u16::from_le_bytes([set[10], set[11]])),
            word(&set, 12),
        );
        tag::seal(
            &mut set[..16 + length],
            ecma167::general::TagIdentifier::FILE_SET_DESCRIPTOR,
            self.version,
            location,
        );
        self.put(self.table[0], &set);
    }

    /// The VAT, embedded in its ICB.
    fn vat(&mut self) {
        let bytes: Vec<u8> = self.table.iter().flat_map(|block| block.to_le_bytes()).collect();
        let name = DString::new(NAME_IN_VAT).unwrap();
        let previous = self.vat.previous.unwrap_or(NONE);
        let directories = self.vat.directories.unwrap();
        for at in self.icbs.clone() {
            let mut entry = self.vat.entry.clone();
            entry.implementation_identifier = self.implementation();
            let mut attributes = vec![Attribute::ImplementationUse {
                identifier: self.implementation(),
                content: b"at a VAT".to_vec(),
            }];
            let body = if self.program.revision == Revision::V1_50 {
                if self.program.counts {
                    let extension = VatLvExtension::new(entry.unique_id, self.files, directories, name);
                    attributes.push(Attribute::vat_lv_extension(&extension));
                }
                [&bytes, VatTail::new(previous).as_bytes()].concat()
            } else {
                let mut header = VatHeader::new(self.program.revision, name);
                header.length_of_header = 192.into();
                header.length_of_implementation_use = 40.into();
                header.previous_vat_icb_location = previous.into();
                header.number_of_files = self.files.into();
                header.number_of_directories = directories.into();
                let kept = [self.implementation().as_bytes(), b"in a VAT"].concat();
                [header.as_bytes(), &kept, &bytes].concat()
            };
            (entry.information_length, entry.object_size) = (body.len() as u64, body.len() as u64);
            entry.extended_attributes = extended_attribute::encode(&attributes, self.version, at).unwrap();
            entry.logical_blocks_recorded = 0;
            entry.allocation_descriptors = body;
            let flags = entry.icb_tag.icb_flags().with_form(AllocationForm::Embedded);
            entry.icb_tag.set_icb_flags(flags);
            self.put(at, &entry.encode(self.version, at).unwrap());
        }
    }
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}
