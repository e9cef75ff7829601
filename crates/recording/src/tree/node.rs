//! A node in memory: its file entry, its body, and how both become blocks.

use ecma167::file::extended_attribute::{self, Attribute, Device};
use ecma167::file::{
    AllocationExtent, AllocationForm, ExtentType, FileEntry, FileType, IcbFlags, IcbTag, LongAd,
    path_component, permissions,
};
use ecma167::general::{EntityIdentifier, tag};
use ecma167::{
    BLOCK_BYTES, BLOCK_SIZE, LogicalBlock, PartitionReference, RecordedAddress, TooLong, VirtualAddress,
};
use rom::{Run, Runs};
use volume::{Node, NodeKind, TARGET_BYTES};
use zerocopy::IntoBytes;

use super::body::Body;
use super::extent_map::{Piece, pieces_of};
use super::form::Form;
use super::index::{self, Index};
use super::outside::Outside;
use crate::attributes::{Attributes, Changes};
use crate::error::{AttributeFault, Error};

/// Bytes of one long_ad (`ECMA-167 4/14.14.2`).
const LONG_AD: usize = 16;

/// Bytes that the creation time takes in the extended attributes space, as a file entry has no field for it.
const CREATION_TIME: usize = 56;

/// Allocation descriptors that fit one allocation extent descriptor.
const PER_ALLOCATION_EXTENT: usize = AllocationExtent::CAPACITY / LONG_AD;

/// A node that is open, changed, or was read to be changed.
#[derive(Debug)]
pub(crate) struct CachedNode {
    /// Its file entry without the allocation descriptors.
    pub entry: FileEntry,
    /// Its body.
    pub body: Body,
    /// The entries of a directory, once read.
    pub index: Option<Index>,
    /// The blocks of its allocation extent descriptors.
    pub continuations: Vec<LogicalBlock>,
    /// Whether its entry is recorded outside the virtual partition, in the form of the plain volume.
    pub outside: bool,
    /// Whether it must be recorded again.
    pub dirty: bool,
    /// Whether its last name is removed, so that it exists only for those who have it open and is not
    /// recorded again.
    pub unnamed: bool,
    /// When it was last used, counted in operations.
    pub used: u64,
}

/// The allocation extent descriptors that `pieces` descriptors need besides an ICB with `room` bytes for
/// them.
fn continuations(pieces: u64, room: usize) -> u64 {
    let here = (room / LONG_AD) as u64;
    if pieces <= here {
        0
    } else {
        (pieces - here.saturating_sub(1)).div_ceil(PER_ALLOCATION_EXTENT as u64 - 1)
    }
}

/// The most blocks of descriptors that a body of `length` bytes needs beyond those of a short one, even for a
/// single hole.
pub(crate) fn continuations_of(length: u64) -> u64 {
    continuations(pieces_of(length), 0)
}

/// What a new node is.
#[derive(Clone, Copy)]
pub(crate) struct NewNode<'a> {
    pub kind: NodeKind,
    /// The body of a symbolic link: see [`path_to`].
    pub path: &'a [u8],
}

/// The body of a symbolic link to a target path.
pub(crate) fn path_to(target: &str) -> Result<Vec<u8>, AttributeFault> {
    let path = path_component::encode(target).map_err(AttributeFault::SymbolicLinkTarget)?;
    let room = usize::try_from(TARGET_BYTES).unwrap_or(usize::MAX);
    if path.len() > room {
        let too_long = TooLong {
            structure: "path of a symbolic link",
            asked: path.len(),
            room,
        };
        return Err(AttributeFault::SymbolicLinkTarget(too_long.into()));
    }
    Ok(path)
}

impl From<NodeKind> for NewNode<'_> {
    fn from(kind: NodeKind) -> Self {
        Self { kind, path: &[] }
    }
}

impl CachedNode {
    /// A new node, with an empty body unless it is a symbolic link.
    pub fn new(
        new: NewNode<'_>,
        attributes: &Attributes,
        form: Form,
        unique_id: u64,
    ) -> Result<CachedNode, Error> {
        let (file_type, device) = match new.kind {
            NodeKind::File => (FileType::FILE, None),
            NodeKind::Directory => (FileType::DIRECTORY, None),
            NodeKind::SymbolicLink => (FileType::SYMBOLIC_LINK, None),
            NodeKind::CharacterDevice { major, minor } => (FileType::CHARACTER_DEVICE, Some((major, minor))),
            NodeKind::BlockDevice { major, minor } => (FileType::BLOCK_DEVICE, Some((major, minor))),
            NodeKind::Fifo => (FileType::FIFO, None),
            NodeKind::Socket => (FileType::SOCKET, None),
        };
        let mut entry = new_entry(file_type, form, unique_id, attributes);
        if let Some((major, minor)) = device {
            let attributes = [Attribute::Device(Device { major, minor })];
            entry.extended_attributes =
                extended_attribute::encode(&attributes, form.version, 0).map_err(AttributeFault::Device)?;
        }
        entry.file_link_count = 1;
        let body = Body::Embedded(new.path.to_vec());
        let mut node = CachedNode {
            entry,
            body,
            index: None,
            continuations: Vec::new(),
            outside: false,
            dirty: true,
            unnamed: false,
            used: 0,
        };
        let room = match form.shared {
            // Both volumes share the blocks of a path that no entry of the plain volume has room for.
            Some(_) => node.room().min(FileEntry::capacity(false) - CREATION_TIME),
            None => node.room(),
        };
        if new.path.len() > room {
            node.body.in_blocks();
        }
        Ok(node)
    }

    /// Bytes in the ICB for allocation descriptors.
    fn room(&self) -> usize {
        let creation_time = if self.outside { CREATION_TIME } else { 0 };
        self.entry.descriptor_room().saturating_sub(creation_time)
    }

    /// Bytes in the ICB for an embedded body: 0 for a file outside the virtual partition. The plain volume
    /// shares its entry, and not all readers of plain volumes find an embedded body.
    pub fn room_for_body(&self) -> usize {
        if self.outside { 0 } else { self.room() }
    }

    /// Whether it may be outside the virtual partition: it has one name, and nothing that an entry of the
    /// plain volume lacks.
    pub fn can_stay_outside(&self) -> bool {
        let entry = &self.entry;
        self.is_file()
            && entry.file_link_count == 1
            && entry.extended_attributes.is_empty()
            && entry.extended_attribute_icb.length().bytes() == 0
            && entry.stream_directory_icb.length().bytes() == 0
    }

    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        self.entry.icb_tag.file_type == FileType::DIRECTORY
    }

    /// Whether it is a regular file.
    pub fn is_file(&self) -> bool {
        matches!(
            self.entry.icb_tag.file_type,
            FileType::FILE | FileType::UNSPECIFIED | FileType::REAL_TIME
        )
    }

    /// Blocks that recording it takes now: its dirty blocks, its ICB, and the continuation of its allocation
    /// descriptors.
    pub fn owed(&self) -> u64 {
        if self.unnamed {
            return self.body.dirty_blocks();
        }
        if !self.dirty {
            return 0;
        }
        self.body.dirty_blocks() + 1 + self.continuations_owed()
    }

    /// The most allocation extent descriptors that recording it takes. Each run may have a hole before it,
    /// each dirty block may become a run of its own between two others, and a long run or hole takes several
    /// descriptors.
    fn continuations_owed(&self) -> u64 {
        let Body::Blocks(blocks) = &self.body else {
            return 0;
        };
        let pieces = 2 * (blocks.map.runs().len() + blocks.dirty.len()) as u64 + pieces_of(blocks.length);
        continuations(pieces, self.room())
    }

    /// Removes the addresses of its allocation extent descriptors before it is placed. Returns how many there
    /// are.
    pub fn unplace_continuations(&mut self) -> usize {
        let needed = self.continuations_needed();
        self.continuations.clear();
        self.continuations.resize(needed, LogicalBlock(0));
        needed
    }

    /// Approximate memory in bytes.
    pub fn weight(&self) -> usize {
        let body = match &self.body {
            Body::Embedded(bytes) => bytes.capacity(),
            Body::Blocks(blocks) => blocks.dirty.len() * (BLOCK_SIZE + 64) + blocks.map.runs().len() * 24,
        };
        size_of::<CachedNode>()
            + 64
            + body
            + self.entry.extended_attributes.capacity()
            + self.index.as_ref().map_or(0, Index::weight)
    }

    /// Changes attributes.
    pub fn change(&mut self, changes: &Changes) {
        let entry = &mut self.entry;
        if let Some(mode) = changes.mode {
            set_mode(entry, mode);
        }
        entry.uid = changes.uid.unwrap_or(entry.uid);
        entry.gid = changes.gid.unwrap_or(entry.gid);
        entry.access_time = changes.accessed.unwrap_or(entry.access_time);
        entry.modification_time = changes.modified.unwrap_or(entry.modification_time);
        entry.attribute_time = changes.changed.unwrap_or(entry.attribute_time);
    }

    fn pieces(&self) -> Vec<Piece> {
        match &self.body {
            Body::Embedded(_) => Vec::new(),
            Body::Blocks(blocks) => blocks.map.pieces(blocks.length),
        }
    }

    /// How many allocation extent descriptors it needs besides the ICB.
    pub fn continuations_needed(&self) -> usize {
        let Body::Blocks(blocks) = &self.body else {
            return 0;
        };
        // Nearly every body has a run or two, so count only for a body that has many runs or is long.
        let here = self.room() / LONG_AD;
        let short = blocks.map.runs().len() * 2 < here && blocks.length < 1 << 30;
        let pieces = if short { 0 } else { self.pieces().len() as u64 };
        usize::try_from(continuations(pieces, self.room())).unwrap_or(usize::MAX)
    }

    /// The descriptors of part `part`: part 0 is in the ICB, the others are in allocation extent descriptors.
    fn descriptors(&self, part: usize, form: Form) -> Vec<u8> {
        let pieces = self.pieces();
        let needed = self.continuations_needed();
        let here = self.room() / LONG_AD;
        let (start, room) = match part {
            0 => (0, here),
            _ => (
                here.saturating_sub(1) + (part - 1) * (PER_ALLOCATION_EXTENT - 1),
                PER_ALLOCATION_EXTENT,
            ),
        };
        let last = part >= needed;
        let end = if last {
            pieces.len()
        } else {
            (start + room).saturating_sub(1)
        };
        let mut bytes = Vec::with_capacity(room * LONG_AD);
        for piece in pieces.get(start..end.min(pieces.len())).unwrap_or(&[]) {
            bytes.extend_from_slice(long_ad(*piece, form).as_bytes());
        }
        if let Some(next) = self.continuations.get(part).filter(|_| !last) {
            let address = RecordedAddress {
                partition: form.physical,
                block: next.0,
            };
            bytes.extend_from_slice(LongAd::new(ExtentType::Continuation, BLOCK_BYTES, address).as_bytes());
        }
        bytes
    }

    /// The block of allocation extent descriptor `index`, to be recorded at `at`.
    pub fn encode_continuation(
        &self,
        index: usize,
        form: Form,
        at: LogicalBlock,
    ) -> Result<[u8; BLOCK_SIZE], Error> {
        let extent = AllocationExtent {
            previous_allocation_extent_location: 0,
            allocation_descriptors: self.descriptors(index + 1, form),
        };
        Ok(extent.encode(form.version, at.0)?)
    }

    /// The block of its file entry outside the virtual partition, to be recorded at `at`: in the form of the
    /// plain volume, if that can express it.
    pub fn encode_outside(&mut self, form: Form, at: LogicalBlock) -> Result<[u8; BLOCK_SIZE], Error> {
        let created = self.entry.creation_time.map(Attribute::CreationTime);
        let mut plain = FileEntry {
            extended: false,
            information_length: self.body.length(),
            object_size: self.body.length(),
            ..self.entry.clone()
        };
        let node = Node::of(form.address_outside(at), plain.clone())?;
        let runs = self.runs(form);
        if let Some(shared) = form.shared
            && let Some(block) = shared.encode(&node, runs, at)?
        {
            return Ok(block);
        }
        plain.implementation_identifier = EntityIdentifier::implementation();
        let form_of_descriptors = match &self.body {
            Body::Embedded(bytes) => {
                plain.logical_blocks_recorded = 0;
                plain.allocation_descriptors.clone_from(bytes);
                AllocationForm::Embedded
            }
            Body::Blocks(blocks) => {
                plain.logical_blocks_recorded = blocks.map.recorded();
                plain.allocation_descriptors = self.descriptors(0, form);
                AllocationForm::Long
            }
        };
        let unordered = plain.icb_tag.icb_flags() - (IcbFlags::SORTED | IcbFlags::CONTIGUOUS);
        plain
            .icb_tag
            .set_icb_flags(unordered.with_form(form_of_descriptors));
        plain.extended_attributes = extended_attribute::encode(created.as_slice(), form.version, at.0)?;
        tag::set_serial_number(&mut plain.extended_attributes, form.serial);
        Ok(plain.encode(form.version, at.0)?)
    }

    /// Whether all its bytes are in the entry or in one run, and it is no directory.
    pub fn is_in_one_run(&self) -> bool {
        match &self.body {
            _ if self.is_directory() => true,
            Body::Embedded(_) => true,
            Body::Blocks(blocks) => {
                let blocks_of_body = blocks.length.div_ceil(BLOCK_SIZE as u64);
                blocks.map.runs().len() <= 1 && blocks.map.recorded() == blocks_of_body
            }
        }
    }

    /// Whether blocks of its body are neither recorded nor waiting in it: holes, or blocks that are on their
    /// way.
    pub fn may_have_holes(&self) -> bool {
        match &self.body {
            Body::Embedded(_) => false,
            Body::Blocks(blocks) => {
                let waiting = blocks.dirty.len() as u64;
                blocks.map.recorded() + waiting < blocks.length.div_ceil(BLOCK_SIZE as u64)
            }
        }
    }

    /// Runs of its body that are recorded; holes are between them.
    pub fn run_count(&self) -> usize {
        match &self.body {
            Body::Embedded(_) => 0,
            Body::Blocks(blocks) => blocks.map.runs().len(),
        }
    }

    /// The runs of its body on the disc, including holes.
    pub fn runs(&self, form: Form) -> Runs {
        let pieces = self.pieces();
        let runs = pieces.iter().map(|piece| Run {
            at: piece.at.map(|at| form.sector(at)),
            bytes: piece.length.into(),
        });
        runs.collect()
    }

    /// The block of the (extended) file entry of a node with a VAT entry, to be recorded at `at`.
    ///
    /// Its tag states the virtual address (`UDF 2.60 2.2.1.3`), the entries of an embedded directory state
    /// the block.
    pub fn encode(
        &mut self,
        node: VirtualAddress,
        outside: &Outside,
        form: Form,
        at: LogicalBlock,
    ) -> Result<[u8; BLOCK_SIZE], Error> {
        // Streams that another implementation added stay, and count (`ECMA-167 4/14.17.11`).
        let streams = self
            .entry
            .object_size
            .saturating_sub(self.entry.information_length);
        self.entry.information_length = self.body.length();
        self.entry.object_size = self.body.length().saturating_add(streams);
        self.entry.implementation_identifier = EntityIdentifier::implementation();
        let form_of_descriptors = match &self.body {
            Body::Embedded(bytes) => {
                self.entry.logical_blocks_recorded = 0;
                self.entry.allocation_descriptors = bytes.clone();
                if self.is_directory() {
                    let body = &mut self.entry.allocation_descriptors;
                    index::stamp_embedded(body, form, at);
                    if let Some(index) = &self.index {
                        index.unplaced().name(0, body, outside, form, at)?;
                    }
                }
                AllocationForm::Embedded
            }
            Body::Blocks(blocks) => {
                self.entry.logical_blocks_recorded = blocks.map.recorded();
                self.entry.allocation_descriptors = self.descriptors(0, form);
                AllocationForm::Long
            }
        };
        // Entries and extents are in no promised order, whatever the previous writer promised.
        let unordered = self.entry.icb_tag.icb_flags() - (IcbFlags::SORTED | IcbFlags::CONTIGUOUS);
        let flags = unordered.with_form(form_of_descriptors);
        self.entry.icb_tag.set_icb_flags(flags);
        extended_attribute::restamp(&mut self.entry.extended_attributes, node.0);
        tag::set_serial_number(&mut self.entry.extended_attributes, form.serial);
        let block = self.entry.encode(form.version, node.0);
        self.entry.allocation_descriptors = Vec::new();
        Ok(block?)
    }
}

/// A file entry for a new node or VAT ICB.
pub(crate) fn new_entry(
    file_type: FileType,
    form: Form,
    unique_id: u64,
    attributes: &Attributes,
) -> FileEntry {
    let (permissions, flags) = permissions::from_mode(attributes.mode);
    FileEntry {
        extended: form.extended(),
        icb_tag: IcbTag::new(file_type, flags),
        uid: attributes.uid,
        gid: attributes.gid,
        permissions,
        file_link_count: 0,
        information_length: 0,
        object_size: 0,
        logical_blocks_recorded: 0,
        access_time: attributes.accessed,
        modification_time: attributes.modified,
        creation_time: form.extended().then_some(attributes.created),
        attribute_time: attributes.changed,
        checkpoint: 1,
        extended_attribute_icb: LongAd::default(),
        stream_directory_icb: LongAd::default(),
        implementation_identifier: EntityIdentifier::implementation(),
        unique_id,
        extended_attributes: Vec::new(),
        allocation_descriptors: Vec::new(),
    }
}

fn set_mode(entry: &mut FileEntry, mode: u32) {
    let (permissions, flags) = permissions::from_mode(mode);
    let special = IcbFlags::SET_UID | IcbFlags::SET_GID | IcbFlags::STICKY;
    entry.permissions = permissions;
    entry
        .icb_tag
        .set_icb_flags((entry.icb_tag.icb_flags() - special) | flags);
}

fn long_ad(piece: Piece, form: Form) -> LongAd {
    let (kind, block) = match piece.at {
        Some(at) => (ExtentType::Recorded, at.0),
        None => (ExtentType::NotAllocated, 0),
    };
    let partition = if piece.at.is_some() {
        form.physical
    } else {
        PartitionReference(0)
    };
    LongAd::new(kind, piece.length, RecordedAddress { partition, block })
}
