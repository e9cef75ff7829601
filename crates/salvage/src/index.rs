//! What a scan found, in records of a few bytes each. The number of each kind is bounded.

use std::ops::Range;

use crate::bits::Bits;
use crate::identity::Sample;
use ecma167::file::{AllocationForm, FileCharacteristics, FileType, LongAd};
use ecma167::osta::sparing::SparingTable;
use ecma167::volume::{LogicalVolumeDescriptor, PartitionDescriptor};
use ecma167::{BLOCK_SIZE, BlockSize};

/// Bytes of the smallest block of a volume; every place is counted in these.
pub(crate) const UNIT: usize = 512;
/// The most entries that are kept, of 40 bytes each.
const MOST_NODES: usize = 1 << 22;
/// The most names that are kept, of 24 bytes each.
const MOST_NAMES: usize = 1 << 22;
/// The most descriptors of a kind that are kept: a disc has a few for each session.
const MOST_DESCRIPTORS: usize = 256;
/// The most places of other structures that are kept.
const MOST_MARKS: usize = 1 << 20;
/// The most samples that are kept.
const MOST_SAMPLES: usize = 32;
/// The most file set descriptors that are kept.
const MOST_FILE_SETS: usize = 1 << 12;

/// An entry, intact by its checksum and CRC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NodeSeen {
    /// Its place, in units of 512 bytes.
    pub unit: u32,
    /// The location in its tag.
    pub location: u32,
    pub unique_id: u64,
    pub kind: FileType,
    /// Whether it is a named stream.
    pub is_stream: bool,
    /// The form of its allocation descriptors.
    pub form: Option<AllocationForm>,
    /// The block and the bytes of its first recorded extent; no bytes if it has none.
    pub data_block: u32,
    pub data_bytes: u32,
}

/// A file identifier descriptor, intact by its checksum and CRC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NameSeen {
    /// Its place, in units of 512 bytes and words of 4 bytes.
    unit: u32,
    word: u8,
    characteristics: u8,
    /// Its length in words of 4 bytes.
    words: u16,
    /// The location in its tag.
    pub location: u32,
    /// The address of the node that it names.
    pub partition: u16,
    pub block: u32,
    /// The low half of the unique ID; 0 below UDF 2.00.
    pub unique_id: u32,
}

/// A file set descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileSetSeen {
    pub unit: u32,
    pub location: u32,
    pub root: LongAd,
}

/// What a scan found on a disc.
#[derive(Debug, Default)]
pub struct Index {
    pub(crate) nodes: Vec<NodeSeen>,
    pub(crate) names: Vec<NameSeen>,
    pub(crate) partitions: Vec<(u32, PartitionDescriptor)>,
    pub(crate) logicals: Vec<(u32, LogicalVolumeDescriptor)>,
    pub(crate) file_sets: Vec<FileSetSeen>,
    /// Places and locations of allocation extent descriptors.
    pub(crate) marks: Vec<(u32, u32)>,
    /// Places of sparing tables, with their sequence numbers.
    pub(crate) sparing_tables: Vec<(u32, u32)>,
    /// The spared packets of the newest table: blocks of the partition, and sectors.
    spared: Vec<(u32, u32)>,
    /// Places of the tails of VATs of UDF 1.50, whose ICBs have no type of their own.
    pub(crate) vat_tails: Vec<u32>,
    /// Blocks of 2,048 bytes with structures, in ascending order.
    structures: Vec<Range<u32>>,
    /// Blocks of 2,048 bytes that were read and not looked at yet.
    pending: Range<u32>,
    /// Blocks of 2,048 bytes that were recorded and cannot be read, in ascending order.
    unreadable: Vec<Range<u32>>,
    left_out: u64,
    samples: Vec<Sample>,
    /// Bytes of the disc up to the last that was looked at.
    pub(crate) end: u64,
    /// The entries and names that an opened volume explains.
    pub(crate) used_nodes: Bits,
    pub(crate) used_names: Bits,
    /// Whether a volume was opened.
    is_begun: bool,
}

/// How much was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Entries.
    pub entries: usize,
    /// Names.
    pub names: usize,
    /// Structures that were found and not kept, because there are too many.
    pub left_out: u64,
    /// Blocks of 2,048 bytes that were recorded and cannot be read.
    pub unreadable: u64,
}

impl NodeSeen {
    /// Its first byte on the disc.
    pub fn byte(&self) -> u64 {
        u64::from(self.unit) * UNIT as u64
    }

    /// Its block, if it begins one of this size.
    pub fn sector(&self, size: BlockSize) -> Option<u32> {
        sector_of(self.unit, size)
    }

    /// The blocks of its first recorded extent, if it has one.
    pub fn data(&self, size: BlockSize) -> Option<Range<u32>> {
        let blocks = self.data_bytes.div_ceil(size.bytes());
        let end = self.data_block.checked_add(blocks)?;
        (blocks > 0).then_some(self.data_block..end)
    }

    /// Whether it describes something that a user named: no stream and no structure of the volume.
    pub fn is_of_user(&self) -> bool {
        let types = [
            FileType::UNSPECIFIED,
            FileType::DIRECTORY,
            FileType::FILE,
            FileType::BLOCK_DEVICE,
            FileType::CHARACTER_DEVICE,
            FileType::FIFO,
            FileType::SOCKET,
            FileType::SYMBOLIC_LINK,
            FileType::REAL_TIME,
        ];
        !self.is_stream && types.contains(&self.kind)
    }
}

impl NameSeen {
    /// A name at a byte, a multiple of 4, with a length in bytes.
    pub fn new(
        byte: u64,
        length: usize,
        location: u32,
        characteristics: FileCharacteristics,
        icb: &LongAd,
    ) -> Self {
        let at = icb.address();
        Self {
            unit: u32::try_from(byte / UNIT as u64).unwrap_or(u32::MAX),
            word: u8::try_from(byte % UNIT as u64 / 4).unwrap_or(0),
            characteristics: characteristics.bits(),
            words: u16::try_from(length / 4).unwrap_or(u16::MAX),
            location,
            partition: at.partition.0,
            block: at.block,
            unique_id: icb.unique_id(),
        }
    }

    /// Its first byte on the disc.
    pub fn byte(&self) -> u64 {
        u64::from(self.unit) * UNIT as u64 + u64::from(self.word) * 4
    }

    /// Its length in bytes.
    pub fn length(&self) -> usize {
        usize::from(self.words) * 4
    }

    pub fn characteristics(&self) -> FileCharacteristics {
        FileCharacteristics::from_bits_retain(self.characteristics)
    }

    /// Whether it names something in its directory.
    pub fn is_live(&self) -> bool {
        let hidden = FileCharacteristics::DELETED | FileCharacteristics::PARENT;
        !self.characteristics().intersects(hidden)
    }

    /// Whether it is the entry of the parent, with which a directory begins.
    pub fn is_parent(&self) -> bool {
        self.characteristics().contains(FileCharacteristics::PARENT)
    }
}

/// The block that begins with a unit, if one does.
pub(crate) fn sector_of(unit: u32, size: BlockSize) -> Option<u32> {
    let units = size.bytes() / 512;
    unit.is_multiple_of(units).then_some(unit / units)
}

/// The unit with which a block begins.
pub(crate) fn unit_of(sector: u32, size: BlockSize) -> Option<u32> {
    sector.checked_mul(size.bytes() / 512)
}

impl Index {
    /// How much was found.
    #[must_use]
    pub fn kept(&self) -> Kept {
        let count = |run: &Range<u32>| u64::from(run.end - run.start);
        Kept {
            entries: self.nodes.len(),
            names: self.names.len(),
            left_out: self.left_out,
            unreadable: self.unreadable.iter().map(count).sum(),
        }
    }

    /// The blocks of 2,048 bytes that a further scan must read again to find the same: those with structures,
    /// and those that were read and not looked at before the scan ended.
    pub fn to_read_again(&self) -> impl Iterator<Item = Range<u32>> {
        let pending = std::iter::once(&self.pending).filter(|blocks| !blocks.is_empty());
        self.structures.iter().chain(pending).cloned()
    }

    /// By what the disc can be known again: structures from all over it.
    #[must_use]
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// The blocks of 2,048 bytes that were recorded and cannot be read, in ascending order.
    #[must_use]
    pub fn unreadable(&self) -> &[Range<u32>] {
        &self.unreadable
    }

    /// How many entries of files and directories no volume that was opened so far explains: neither does a
    /// name lead to them, nor are they without a name in it.
    #[must_use]
    pub fn unexplained(&self) -> u64 {
        let nodes = (0_u32..).zip(&self.nodes);
        let left = nodes.filter(|(at, node)| node.is_of_user() && !self.used_nodes.has(*at));
        left.count() as u64
    }

    /// How many entries and names the volumes explain that were opened so far.
    pub(crate) fn explained(&self) -> u64 {
        self.used_nodes.count() + self.used_names.count()
    }

    /// Notes that a volume is opened. Returns whether it is the first.
    pub(crate) fn begin_volume(&mut self) -> bool {
        !std::mem::replace(&mut self.is_begun, true)
    }

    /// Whether an entry may be a VAT ICB: in UDF 1.50, those have no type of their own.
    pub(crate) fn may_be_vat(&self, node: &NodeSeen) -> bool {
        node.kind == FileType::VAT || node.kind == FileType::UNSPECIFIED && !self.vat_tails.is_empty()
    }

    /// The entry that begins at a unit.
    pub(crate) fn node_at(&self, unit: u32) -> Option<usize> {
        self.nodes.binary_search_by_key(&unit, |node| node.unit).ok()
    }

    /// Whether an entry begins in some units.
    pub(crate) fn has_node_in(&self, units: Range<u32>) -> bool {
        let first = self.nodes.partition_point(|node| node.unit < units.start);
        self.nodes.get(first).is_some_and(|node| node.unit < units.end)
    }

    /// The indexes of the names in some bytes.
    pub(crate) fn names_in(&self, bytes: &Range<u64>) -> Range<usize> {
        let before = |byte: u64| self.names.partition_point(|name| name.byte() < byte);
        before(bytes.start)..before(bytes.end)
    }

    /// Keeps a sample of a descriptor of the disc.
    pub(crate) fn add_sample(&mut self, unit: u32, bytes: &[u8]) {
        if self.samples.len() < MOST_SAMPLES {
            self.samples
                .push(Sample::of(u64::from(unit) * UNIT as u64, bytes));
        }
    }

    /// Keeps a sample of some of the entries, ever fewer of them.
    pub(crate) fn add_sample_of_entry(&mut self, unit: u32, bytes: &[u8]) {
        if (self.nodes.len() + 1).is_power_of_two() {
            self.add_sample(unit, bytes);
        }
    }

    pub(crate) fn add_node(&mut self, node: NodeSeen, length: usize) {
        self.note(node.byte(), length);
        if self.nodes.len() == MOST_NODES {
            self.left_out += 1;
        } else {
            self.nodes.push(node);
        }
    }

    pub(crate) fn add_name(&mut self, name: NameSeen) {
        self.note(name.byte(), name.length());
        if self.names.len() == MOST_NAMES {
            self.left_out += 1;
        } else {
            self.names.push(name);
        }
    }

    /// A partition is described by several copies; the first of each is kept.
    pub(crate) fn add_partition(&mut self, unit: u32, found: PartitionDescriptor) {
        self.note_unit(unit);
        let key = |one: &PartitionDescriptor| (one.partition_number, one.start(), one.length());
        let is_known = self.partitions.iter().any(|(_, one)| key(one) == key(&found));
        if !is_known && self.partitions.len() < MOST_DESCRIPTORS {
            self.partitions.push((unit, found));
        }
    }

    /// A volume is described by several copies; the first of each is kept.
    pub(crate) fn add_logical(&mut self, unit: u32, found: LogicalVolumeDescriptor) {
        self.note_unit(unit);
        let is_known = self.logicals.iter().any(|(_, one)| {
            (
                &one.partition_maps,
                one.logical_block_size,
                one.logical_volume_contents_use,
            ) == (
                &found.partition_maps,
                found.logical_block_size,
                found.logical_volume_contents_use,
            )
        });
        if !is_known && self.logicals.len() < MOST_DESCRIPTORS {
            self.logicals.push((unit, found));
        }
    }

    pub(crate) fn add_file_set(&mut self, found: FileSetSeen) {
        self.note_unit(found.unit);
        if self.file_sets.len() < MOST_FILE_SETS {
            self.file_sets.push(found);
        }
    }

    pub(crate) fn add_mark(&mut self, unit: u32, location: u32) {
        self.note_unit(unit);
        if self.marks.len() < MOST_MARKS {
            self.marks.push((unit, location));
        }
    }

    pub(crate) fn add_vat_tail(&mut self, unit: u32) {
        self.note_unit(unit);
        if self.vat_tails.len() < MOST_MARKS {
            self.vat_tails.push(unit);
        }
    }

    /// Whether a sector has a block of a partition, itself or in the spare packet of its packet.
    pub(crate) fn is_block(&self, start: u32, packet: Option<u32>, sector: u32, block: u32) -> bool {
        let packet = packet.filter(|packet| *packet > 0);
        let spare = packet.and_then(|packet| {
            let inside = block % packet;
            let packet = block - inside;
            let found = self.spared.binary_search_by_key(&packet, |one| one.0).ok()?;
            self.spared.get(found)?.1.checked_add(inside)
        });
        let place = spare.or(start.checked_add(block));
        place == Some(sector)
    }

    pub(crate) fn add_sparing_table(&mut self, unit: u32, sequence: u32, table: Option<SparingTable>) {
        self.note_unit(unit);
        let is_newest = self.sparing_tables.iter().all(|(_, other)| *other <= sequence);
        if let Some(table) = table.filter(|_| is_newest) {
            let in_use = table.entries.iter().filter(|entry| entry.is_in_use());
            let packets = in_use.map(|entry| (entry.original_location.get(), entry.mapped_location.get()));
            self.spared = packets.collect();
            self.spared.sort_unstable();
        }
        if self.sparing_tables.len() < MOST_DESCRIPTORS {
            self.sparing_tables.push((unit, sequence));
        }
    }

    pub(crate) fn add_unreadable(&mut self, block: u32) {
        push(&mut self.unreadable, block..block.saturating_add(1));
    }

    /// Notes the blocks that were read and not looked at yet.
    pub(crate) fn set_pending(&mut self, blocks: Range<u32>) {
        self.pending = blocks;
    }

    /// Ends the scan.
    pub(crate) fn finish(&mut self, end: u64) {
        self.end = end;
        joined(&mut self.structures);
        joined(&mut self.unreadable);
        self.nodes.sort_unstable_by_key(|node| node.unit);
        self.names.sort_unstable_by_key(NameSeen::byte);
    }

    fn note_unit(&mut self, unit: u32) {
        self.note(u64::from(unit) * UNIT as u64, UNIT);
    }

    /// Notes that bytes have a structure.
    fn note(&mut self, byte: u64, length: usize) {
        let block = |byte: u64| u32::try_from(byte / BLOCK_SIZE as u64).unwrap_or(u32::MAX);
        let last = byte.saturating_add(length as u64).saturating_sub(1);
        push(&mut self.structures, block(byte)..block(last).saturating_add(1));
    }
}

/// Adds blocks, which often continue the last ones.
fn push(runs: &mut Vec<Range<u32>>, blocks: Range<u32>) {
    match runs.last_mut() {
        Some(last) if blocks.start >= last.start && blocks.start <= last.end => {
            last.end = last.end.max(blocks.end);
        }
        _ => runs.push(blocks),
    }
}

/// Makes runs ascending and disjoint.
pub(crate) fn joined(runs: &mut Vec<Range<u32>>) {
    runs.sort_unstable_by_key(|run| run.start);
    runs.dedup_by(|next, last| {
        let is_continued = next.start <= last.end;
        if is_continued {
            last.end = last.end.max(next.end);
        }
        is_continued
    });
}
