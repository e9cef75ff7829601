//! What an interrupted recording left after the newest VAT: entries that no generation names, data and
//! padding.

use std::collections::HashMap;
use std::ops::Range;

use ecma167::file::{FileType, IcbFlags};
use ecma167::general::{Tag, TagIdentifier};
use ecma167::osta::unique_id;
use ecma167::{BLOCK_SIZE, LogicalBlock, LogicalSector, RecordedAddress};

use crate::body::{Body, ExtentKind};
use crate::error::Error;
use crate::loss::is_of_recorded;
use crate::map::Ground;
use crate::node::{Node, NodeKind};
use crate::runs::Runs;
use crate::session_structures::SessionStructures;
use crate::space::Space;
use crate::volume::Volume;

/// Blocks read at a time: 1 MiB.
const STEP: u32 = 512;
/// Maximum number of unreadable blocks before the scan of a track ends, because a drive takes seconds for
/// each.
const MOST_IN_VAIN: u32 = 8192;
/// The most entries that are kept, of 80 bytes each.
const MOST_ENTRIES: usize = 1 << 18;
/// The most extents looked at in all entries together: entries of a hostile disc may share long lists.
const MOST_EXTENTS: u64 = 1 << 22;

/// What was recorded after the newest generation. No generation names any of it. What ends a closed session
/// or begins the next one is not part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AfterNewest {
    /// The first block of the medium after the VAT ICB in force.
    pub first: LogicalSector,
    /// Recorded blocks from there on.
    pub blocks: u32,
    /// Entries that are intact, in the order of the medium; 2^18 at most.
    pub entries: Vec<UnnamedEntry>,
    /// Blocks of entries that are damaged, or that were not looked at because the bounds were reached.
    pub damaged_entries: u32,
    /// Blocks with data of entries that are [whole](Wholeness::Whole) or [later
    /// versions](Wholeness::LaterVersion).
    pub data: u32,
    /// Blocks with anything else: data without an entry, parts of a VAT, allocation extent descriptors.
    pub without_entry: u32,
    /// Blocks of zeros that are not data of a whole entry.
    pub padding: u32,
    /// Blocks that were recorded and cannot be read.
    pub unreadable: u32,
    /// Blocks of tracks that were not looked at, after 8,192 unreadable ones of the same track.
    pub not_read: u32,
    /// The address of an earlier entry with exactly the data of a later one, by the address of the later: a
    /// recovery that was interrupted too recorded it.
    pub(crate) same_data: HashMap<RecordedAddress, RecordedAddress>,
}

/// An entry that is intact and that no generation names (`ECMA-167 4/14.9`, `4/14.17`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnnamedEntry {
    /// Its block of the medium.
    pub sector: LogicalSector,
    /// The same in the partition below the virtual one.
    pub block: LogicalBlock,
    /// The address that directories would name.
    pub address: RecordedAddress,
    /// Its unique ID (`UDF 2.60 3.2.1.1`).
    pub unique_id: u64,
    /// What it describes.
    pub kind: UnnamedKind,
    /// The information length in bytes.
    pub bytes: u64,
    /// Extents of its body.
    pub extents: u32,
    /// Whether its data is there.
    pub wholeness: Wholeness,
}

/// What an entry that no generation names describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnnamedKind {
    /// A file, a link or a special file.
    File,
    /// A directory.
    Directory,
    /// A stream, a directory of streams, or a structure of the volume.
    Other,
}

/// Whether all of what an entry describes is on the medium, and belongs to it alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wholeness {
    /// A new node, and all of its data was recorded after the newest generation and before the entry.
    Whole,
    /// A later version of a node that a generation names. All of its data was recorded after the newest
    /// generation and before the entry.
    LaterVersion,
    /// It shares data or its unique ID with another node, such as an earlier version of itself.
    Shared,
    /// Data is missing.
    Incomplete,
}

impl AfterNewest {
    /// The files, links and special files, new or later versions, whose data is all there and their own.
    pub fn whole_files(&self) -> impl Iterator<Item = &UnnamedEntry> {
        self.entries.iter().filter(|entry| entry.is_whole_file())
    }

    /// How many entries are of a kind, and as whole as stated.
    #[must_use]
    pub fn count(&self, kind: UnnamedKind, wholeness: Wholeness) -> usize {
        let entries = self.entries.iter();
        entries
            .filter(|entry| (entry.kind, entry.wholeness) == (kind, wholeness))
            .count()
    }
}

impl UnnamedEntry {
    /// Whether it is a file, link or special file, new or a later version, whose data is all there and its
    /// own.
    #[must_use]
    pub fn is_whole_file(&self) -> bool {
        self.kind == UnnamedKind::File && matches!(self.wholeness, Wholeness::Whole | Wholeness::LaterVersion)
    }
}

/// What a scan has found so far.
struct Scan {
    ground: Ground,
    /// The blocks of the medium to look at, and the gaps between them.
    area: Range<u32>,
    /// The first unique ID that no generation has given out; 0 if the VAT does not say.
    next_unique_id: u64,
    /// Serial numbers in the tags of this volume. An entry with another one is data: a file may be the image
    /// of a disc.
    serial_numbers: Vec<u16>,
    found: AfterNewest,
    zeros: Runs,
    /// Blocks of zeros that `zeros` does not keep.
    more_zeros: u32,
    unreadable: Runs,
    data: Runs,
    /// The data of each of the entries found.
    runs: Vec<Vec<Range<u32>>>,
    structures: SessionStructures,
    extents_left: u64,
    /// Whether blocks of data or unreadable blocks could not be noted.
    is_unsure: bool,
}

impl Volume {
    /// Looks at every block of a track that was recorded after the VAT ICB in force. Nothing follows the
    /// newest generation of a volume that is [clean](Volume::clean), or that has no VAT.
    ///
    /// Each block is read once. What looks like an entry and has the tag serial number of another volume
    /// counts as data, because a file may be the image of a disc.
    ///
    /// # Errors
    /// Errors of the drive. Damage is counted.
    pub fn after_newest(&mut self) -> Result<AfterNewest, Error> {
        let (Some(vat), Some(ground), false) = (self.space.vat(), self.space.maps().ground(), self.clean())
        else {
            return Ok(AfterNewest::default());
        };
        let next_unique_id = vat.next_unique_id();
        let partition = ground.partition;
        let icb = vat.icb_sector(&partition);
        let first = icb.0.saturating_add(1);
        let candidates = self.drive().medium().last_recorded_candidates();
        let last = candidates.iter().map(|last| last.0.saturating_add(1)).max();
        let end = last.unwrap_or_else(|| self.drive().recorded_end().0);
        let end = end.min(partition.start.0.saturating_add(partition.length));
        let serial_numbers = self.serial_numbers(icb)?;
        let mut scan = Scan {
            ground,
            area: first..end.max(first),
            next_unique_id: if next_unique_id < unique_id::FIRST {
                0
            } else {
                next_unique_id
            },
            serial_numbers,
            found: AfterNewest {
                first: LogicalSector(first),
                ..AfterNewest::default()
            },
            zeros: Runs::default(),
            more_zeros: 0,
            unreadable: Runs::default(),
            data: Runs::default(),
            runs: Vec::new(),
            structures: SessionStructures::after(self.drive().medium(), first),
            extents_left: MOST_EXTENTS,
            is_unsure: false,
        };
        for part in self.drive().medium().parts_with_data(scan.area.clone()) {
            self.space.scan(&mut scan, part)?;
        }
        Ok(scan.finish())
    }

    /// The tag serial numbers that the volume uses: those of its anchor, its newest VAT ICB and its root,
    /// which are the same one unless programs disagreed.
    fn serial_numbers(&mut self, vat_icb: LogicalSector) -> Result<Vec<u16>, Error> {
        let mut numbers = vec![self.descriptors().tag_serial_number];
        let root = self.root().and_then(|root| self.resolve(root));
        for at in [Ok(vat_icb), root] {
            match at.and_then(|at| self.read_sector(at)) {
                Ok(block) => numbers.extend(Tag::peek(block).map(|tag| tag.tag_serial_number.get())),
                Err(error) if error.is_damage() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(numbers)
    }
}

impl Space {
    fn scan(&mut self, scan: &mut Scan, part: Range<u32>) -> Result<(), Error> {
        let mut buffer = vec![0; STEP as usize * BLOCK_SIZE];
        let Range { mut start, end } = part;
        let mut in_vain = 0_u32;
        while start < end {
            if in_vain > MOST_IN_VAIN {
                scan.found.not_read = scan.found.not_read.saturating_add(end - start);
                break;
            }
            let next = start.saturating_add(STEP).min(end);
            let bytes = &mut buffer[..(next - start) as usize * BLOCK_SIZE];
            let mut unreadable = Vec::new();
            self.read_in_halves(start, bytes, &mut unreadable)?;
            unreadable.sort_unstable_by_key(|(at, _)| *at);
            in_vain = in_vain.saturating_add(u32::try_from(unreadable.len()).unwrap_or(u32::MAX));
            for (block, at) in bytes.chunks_exact(BLOCK_SIZE).zip(start..next) {
                match unreadable.binary_search_by_key(&at, |(at, _)| *at) {
                    Ok(index) => scan.note_unreadable(at, is_of_recorded(unreadable[index].1)),
                    Err(_) => self.look_at(scan, at, block)?,
                }
            }
            start = next;
        }
        Ok(())
    }

    fn look_at(&mut self, scan: &mut Scan, at: u32, block: &[u8]) -> Result<(), Error> {
        scan.found.blocks += 1;
        if scan.structures.look_at(at, block) {
            return Ok(());
        }
        // One block in 65,536 of any data begins like an entry.
        if let Some(tag) = Tag::peek(block)
            && [TagIdentifier::FILE_ENTRY, TagIdentifier::EXTENDED_FILE_ENTRY].contains(&tag.identifier())
            && scan.serial_numbers.contains(&tag.tag_serial_number.get())
        {
            return self.look_at_entry(scan, at, tag.tag_location.get());
        }
        if block.iter().all(|byte| *byte == 0) && !scan.zeros.add(at..at.saturating_add(1)) {
            scan.more_zeros += 1;
        }
        Ok(())
    }

    fn look_at_entry(&mut self, scan: &mut Scan, at: u32, location: u32) -> Result<(), Error> {
        let sector = LogicalSector(at);
        let Some(block) = scan.ground.partition.block(sector) else {
            return Ok(());
        };
        if scan.extents_left == 0 {
            scan.found.damaged_entries += 1;
            return Ok(());
        }
        let address = match self.maps().virtual_reference() {
            Some(partition) if location != block.0 => RecordedAddress {
                partition,
                block: location,
            },
            _ => scan.ground.address(block),
        };
        let body = self.node_at(address, block).and_then(|node| {
            let body = self.body(&node.entry, address)?;
            if node.kind == NodeKind::SymbolicLink {
                self.link_target(&node, &body)?;
            }
            Ok((body, node))
        });
        let (body, node) = match body {
            Ok(found) => found,
            Err(error) if error.is_damage() || matches!(error, Error::Unsupported(_)) => {
                scan.found.damaged_entries += 1;
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let extents = match &body {
            Body::Embedded(_) => 0,
            Body::Extents(extents) => extents.len(),
        };
        let (wholeness, runs) = self.wholeness(scan, at, &node, &body);
        let entry = UnnamedEntry {
            sector,
            block,
            address,
            unique_id: node.entry.unique_id,
            kind: kind_of(&node),
            bytes: node.size(),
            extents: u32::try_from(extents).unwrap_or(u32::MAX),
            wholeness,
        };
        if scan.found.entries.len() == MOST_ENTRIES {
            scan.found.damaged_entries += 1;
        } else {
            scan.found.entries.push(entry);
            scan.runs.push(runs);
        }
        Ok(())
    }

    /// Whether the data of a node is there and belongs to it alone, as far as other entries after the newest
    /// generation do not claim it; and the blocks of that data.
    fn wholeness(
        &mut self,
        scan: &mut Scan,
        at: u32,
        node: &Node,
        body: &Body,
    ) -> (Wholeness, Vec<Range<u32>>) {
        let without = |wholeness| (wholeness, Vec::new());
        let extents = match body {
            Body::Embedded(_) => &[][..],
            Body::Extents(extents) => extents,
        };
        let count = extents.len() as u64;
        let is_too_much = count > scan.extents_left;
        scan.extents_left = scan.extents_left.saturating_sub(count);
        if scan.is_unsure || is_too_much {
            return without(Wholeness::Incomplete);
        }
        let mut runs = Vec::with_capacity(extents.len());
        let mut is_shared = false;
        for extent in extents {
            let first = match extent.kind {
                ExtentKind::NotRecorded => continue,
                ExtentKind::Lost(_) => return without(Wholeness::Incomplete),
                ExtentKind::Recorded(address) => self.resolve(address),
            };
            let blocks = u32::try_from(extent.length.div_ceil(BLOCK_SIZE as u64));
            let (Ok(LogicalSector(first)), Ok(blocks)) = (first, blocks) else {
                return without(Wholeness::Incomplete);
            };
            let run = first..first.saturating_add(blocks);
            if run.end > at || scan.unreadable.meets(&run) {
                return without(Wholeness::Incomplete);
            }
            is_shared |= run.start < scan.area.start;
            runs.push(run);
        }
        runs.sort_unstable_by_key(|run| run.start);
        let is_new = node.entry.unique_id >= scan.next_unique_id;
        let is_known = if is_new {
            !self.is_given_out(node.address)
        } else {
            self.is_same_node(node)
        };
        if is_shared || !is_known || runs.windows(2).any(|pair| pair[0].end > pair[1].start) {
            return without(Wholeness::Shared);
        }
        let wholeness = if is_new {
            Wholeness::Whole
        } else {
            Wholeness::LaterVersion
        };
        (wholeness, runs)
    }

    /// Whether a virtual address was given out before: a new node gets another one.
    fn is_given_out(&self, address: RecordedAddress) -> bool {
        let entries = self.vat().map_or(0, |vat| vat.entries);
        self.maps().virtual_reference() == Some(address.partition) && address.block < entries
    }

    /// Whether the newest generation has another version of this node at the same virtual address. The same
    /// version again is in a file that is an image of this disc.
    fn is_same_node(&mut self, node: &Node) -> bool {
        self.maps().virtual_reference() == Some(node.address.partition)
            && self.node(node.address).is_ok_and(|newest| {
                newest.entry.unique_id == node.entry.unique_id && newest.entry != node.entry
            })
    }
}

impl Scan {
    fn note_unreadable(&mut self, at: u32, is_recorded: bool) {
        let blocks = at..at.saturating_add(1);
        self.is_unsure |= !self.unreadable.add(blocks);
        if is_recorded {
            self.found.blocks += 1;
            self.found.unreadable += 1;
        }
    }

    /// Gives data to the entries that have it. A commit records entries after all data, so what is in the
    /// data of a later entry, or shares it, is none: a file may be the image of a disc.
    fn claim(&mut self) {
        let all_runs = std::mem::take(&mut self.runs);
        // The entries that got their data, by its first block.
        let mut claimants: HashMap<u32, (RecordedAddress, &[Range<u32>])> = HashMap::new();
        for (entry, runs) in self.found.entries.iter_mut().zip(&all_runs).rev() {
            let at = entry.sector.0;
            let is_inside = self.data.meets(&(at..at.saturating_add(1)));
            if is_inside || self.is_unsure || runs.iter().any(|run| self.data.meets(run)) {
                if matches!(entry.wholeness, Wholeness::Whole | Wholeness::LaterVersion) {
                    entry.wholeness = Wholeness::Shared;
                }
                let claimant = runs.first().and_then(|run| claimants.get(&run.start));
                if let Some((later, same)) = claimant
                    && *same == runs.as_slice()
                {
                    self.found.same_data.insert(*later, entry.address);
                }
                continue;
            }
            if let Some(first) = runs.first() {
                claimants.insert(first.start, (entry.address, runs));
            }
            for run in runs.iter().cloned() {
                if !self.data.add(run) {
                    self.is_unsure = true;
                    entry.wholeness = Wholeness::Incomplete;
                    break;
                }
            }
        }
    }

    fn finish(mut self) -> AfterNewest {
        self.claim();
        let Self {
            area,
            mut found,
            zeros,
            more_zeros,
            data,
            structures,
            ..
        } = self;
        // What looks like an entry in the data of a file is data.
        found.entries.retain(|entry| {
            let at = entry.sector.0;
            !data.meets(&(at..at.saturating_add(1)))
        });
        let entries = u32::try_from(found.entries.len()).unwrap_or(u32::MAX);
        found.data = data.within(&area);
        found.blocks = found.blocks.saturating_sub(structures.outside(&data));
        found.padding = zeros
            .within(&area)
            .saturating_sub(zeros.common(&data))
            .saturating_add(more_zeros);
        found.without_entry = [
            entries,
            found.damaged_entries,
            found.data,
            found.padding,
            found.unreadable,
        ]
        .into_iter()
        .fold(found.blocks, u32::saturating_sub);
        found
    }
}

fn kind_of(node: &Node) -> UnnamedKind {
    let flags = IcbFlags::from_bits_retain(node.entry.icb_tag.flags.get());
    if flags.contains(IcbFlags::STREAM)
        || node.other_type().is_some()
        || node.entry.icb_tag.file_type == FileType::STREAM_DIRECTORY
    {
        return UnnamedKind::Other;
    }
    match node.kind {
        NodeKind::Directory => UnnamedKind::Directory,
        _ => UnnamedKind::File,
    }
}
