//! Bodies: allocation descriptors, allocation extents, and reading what they describe (`ECMA-167 4/12`,
//! `4/14.14`).

use std::collections::HashSet;

use ecma167::file::{AllocationForm, ExtentLength, ExtentType, LongAd, ShortAd};
use ecma167::general::TagIdentifier;
use ecma167::{LogicalSector, RecordedAddress};
use zerocopy::FromBytes;

use crate::claims::{Owner, Use};
use crate::disc::Block;
use crate::entry::Loaded;
use crate::finding::FindingPlace;
use crate::judge::Judge;
use crate::layout::{Layout, Map, Nowhere};
use crate::rules::FindingKind as K;

/// Bytes before the descriptors in an allocation extent.
const HEADER: usize = 24;
/// Maximum number of allocation extents followed per body.
const MOST_CONTINUATIONS: usize = 1 << 16;

/// An extent of a body, kept for reading.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub address: RecordedAddress,
    /// Length in bytes.
    pub length: u32,
    pub recorded: bool,
}

/// The body of a node.
pub(crate) enum Body {
    /// In the ICB.
    Embedded(Vec<u8>),
    /// In extents; empty unless they were to be kept.
    Runs(Vec<Run>),
}

/// Totals over the descriptors of a body.
struct Scan<'a> {
    place: FindingPlace,
    owner: Owner,
    form: AllocationForm,
    inherited: RecordedAddress,
    information_length: u64,
    keep: Option<&'a mut Vec<Run>>,
    total: u64,
    tail: u64,
    recorded: u64,
    partial: bool,
    /// The body could not be followed to its end: its sums say nothing.
    broken: bool,
}

/// How the descriptors in one place end.
enum Next {
    End,
    Continue(RecordedAddress),
}

impl Judge<'_> {
    /// Judges the allocation descriptors of an entry and their extents; keeps the extents for reading if
    /// requested.
    pub fn body(
        &mut self,
        layout: &Layout,
        loaded: &Loaded,
        address: RecordedAddress,
        owner: Owner,
        keep: bool,
    ) -> Body {
        let entry = &loaded.entry;
        let form = match entry.icb_tag.form() {
            Some(AllocationForm::Embedded) => {
                if entry.logical_blocks_recorded != 0 {
                    let blocks = entry.logical_blocks_recorded;
                    self.find(
                        K::BlocksRecorded,
                        loaded.place,
                        format_args!("{blocks} of an embedded body"),
                    );
                }
                return Body::Embedded(entry.allocation_descriptors.clone());
            }
            Some(form @ (AllocationForm::Short | AllocationForm::Long)) => form,
            // Reported with the ICB tag.
            _ => return Body::Runs(Vec::new()),
        };
        let mut runs = Vec::new();
        let mut scan = Scan {
            place: loaded.place,
            owner,
            form,
            inherited: address,
            information_length: entry.information_length,
            keep: keep.then_some(&mut runs),
            total: 0,
            tail: 0,
            recorded: 0,
            partial: false,
            broken: false,
        };
        self.descriptor_chain(layout, &mut scan, &entry.allocation_descriptors);
        let (total, recorded, broken) = (scan.total, scan.recorded, scan.broken);
        if !broken && total != entry.information_length {
            self.find(
                K::InformationLength,
                loaded.place,
                format_args!("{} bytes, extents of {total}", entry.information_length),
            );
        }
        if !broken && recorded != entry.logical_blocks_recorded {
            self.find(
                K::BlocksRecorded,
                loaded.place,
                format_args!("{}, extents of {recorded}", entry.logical_blocks_recorded),
            );
        }
        Body::Runs(runs)
    }

    fn descriptor_chain(&mut self, layout: &Layout, scan: &mut Scan<'_>, first: &[u8]) {
        let mut descriptors = first.to_vec();
        let mut seen = HashSet::new();
        loop {
            let Next::Continue(address) = self.descriptors_of(layout, scan, &descriptors) else {
                return;
            };
            let Some(sector) = self.continuation_sector(layout, scan, address) else {
                scan.broken = true;
                return;
            };
            if !seen.insert(sector) || seen.len() > MOST_CONTINUATIONS {
                self.find(K::ContinuationLoop, scan.place, format_args!("at {address}"));
                scan.broken = true;
                return;
            }
            self.claim_in(sector.0, 1, scan.owner, Use::Structure, layout.is_below(address));
            match self.continuation(layout, address, sector) {
                Some(found) => descriptors = found,
                None => {
                    scan.broken = true;
                    return;
                }
            }
        }
    }

    fn continuation_sector(
        &mut self,
        layout: &Layout,
        scan: &Scan<'_>,
        address: RecordedAddress,
    ) -> Option<LogicalSector> {
        if let Some(Map::Virtual(_)) = layout.maps.get(usize::from(address.partition.0)) {
            self.find(
                K::BodyInVirtualSpace,
                scan.place,
                format_args!("allocation extent at {address}"),
            );
        }
        match layout.resolve(address) {
            Ok(sector) => Some(sector),
            Err(Nowhere::Breaks(kind)) => {
                self.find(kind, scan.place, format_args!("allocation extent at {address}"));
                None
            }
            Err(Nowhere::NotJudged) => None,
        }
    }

    /// The descriptors of an allocation extent.
    fn continuation(
        &mut self,
        layout: &Layout,
        address: RecordedAddress,
        sector: LogicalSector,
    ) -> Option<Vec<u8>> {
        let place = layout.place(address);
        // Many nodes may name one chain.
        if !self.spend() {
            return None;
        }
        let block = self.sector(sector, place, "allocation extent descriptor")?;
        let identifier = TagIdentifier::ALLOCATION_EXTENT_DESCRIPTOR;
        let tag = self.tag(place, &block, identifier, &[address.block])?;
        let word = |at: usize| u32::from_le_bytes([block[at], block[at + 1], block[at + 2], block[at + 3]]);
        if word(16) != 0 {
            self.find(K::ContinuationPrevious, place, format_args!("block {}", word(16)));
        }
        let length = usize::try_from(word(20)).unwrap_or(usize::MAX);
        let Some(descriptors) = block[HEADER..].get(..length) else {
            self.find_by(
                K::Malformed,
                identifier.clause(),
                place,
                format_args!("descriptors of {length} bytes"),
            );
            return None;
        };
        self.crc_length(place, &tag, &[HEADER + length, HEADER]);
        self.trailing(place, &block, HEADER + length);
        Some(descriptors.to_vec())
    }

    fn descriptors_of(&mut self, layout: &Layout, scan: &mut Scan<'_>, bytes: &[u8]) -> Next {
        let size = scan.form.descriptor_len();
        if !bytes.len().is_multiple_of(size) {
            self.find(
                K::DescriptorLength,
                scan.place,
                format_args!("{} bytes of descriptors of {size}", bytes.len()),
            );
        }
        let mut at = 0;
        while let Some(bytes_here) = bytes.get(at..at + size) {
            at += size;
            let (length, address) = descriptor(scan, bytes_here);
            if scan.form == AllocationForm::Long && length.extent_type() != ExtentType::AllocatedNotRecorded {
                let flags = u16::from_le_bytes([bytes_here[10], bytes_here[11]]);
                if flags != 0 {
                    self.find(
                        K::AddressUse,
                        scan.place,
                        format_args!("extent at {address}: {flags:#06x}"),
                    );
                }
            }
            let rest = bytes.get(at..).unwrap_or_default();
            if length.bytes() == 0 {
                if bytes_here[4..].iter().chain(rest).any(|byte| *byte != 0) || length.0 != 0 {
                    self.find(K::DescriptorsTrailing, scan.place, format_args!("after length 0"));
                }
                return Next::End;
            }
            if length.extent_type() == ExtentType::Continuation {
                if rest.iter().any(|byte| *byte != 0) {
                    self.find(
                        K::DescriptorsTrailing,
                        scan.place,
                        format_args!("after the descriptor of an allocation extent"),
                    );
                }
                if length.bytes() > self.disc.size().bytes() {
                    let bytes = length.bytes();
                    self.find(K::ContinuationLength, scan.place, format_args!("{bytes} bytes"));
                }
                return Next::Continue(address);
            }
            if !self.extent(layout, scan, length, address) {
                scan.broken = true;
                return Next::End;
            }
        }
        Next::End
    }

    /// Judges an extent of the body; `false` if there are too many.
    fn extent(
        &mut self,
        layout: &Layout,
        scan: &mut Scan<'_>,
        length: ExtentLength,
        address: RecordedAddress,
    ) -> bool {
        let bytes = length.bytes();
        let size = self.disc.size().bytes();
        let place = scan.place.byte(scan.total + scan.tail);
        if scan.total >= scan.information_length && length.extent_type() == ExtentType::AllocatedNotRecorded {
            // Allocated so that the body can grow: not part of the body.
            scan.tail += u64::from(bytes);
            self.located(layout, scan, place, bytes.div_ceil(size), address, false);
            return true;
        }
        if scan.total >= scan.information_length && scan.total > 0 {
            let kind = length.extent_type();
            self.find(K::ExtentTail, place, format_args!("{kind:?}, {bytes} bytes"));
        } else if scan.partial {
            self.find(
                K::ExtentNotWhole,
                place,
                format_args!("the previous extent ends inside a block"),
            );
        }
        scan.partial = !bytes.is_multiple_of(size);
        if bytes > ExtentLength::MAX + 1 - size {
            self.find(K::ExtentTooLong, place, format_args!("{bytes} bytes"));
        }
        let blocks = bytes.div_ceil(size);
        let recorded = match length.extent_type() {
            ExtentType::Recorded => {
                scan.recorded += u64::from(blocks);
                self.located(layout, scan, place, blocks, address, true)
            }
            ExtentType::AllocatedNotRecorded => {
                self.located(layout, scan, place, blocks, address, false);
                false
            }
            _ => {
                let partition = if scan.form == AllocationForm::Long {
                    address.partition.0
                } else {
                    0
                };
                if address.block != 0 || partition != 0 {
                    self.find(K::ExtentLocation, place, format_args!("{address}"));
                }
                false
            }
        };
        scan.total += u64::from(bytes);
        let most = self.options.runs;
        match &mut scan.keep {
            Some(runs) if runs.len() >= most => {
                self.find(K::LimitReached, place, format_args!("more than {most} extents"));
                false
            }
            Some(runs) => {
                runs.push(Run {
                    address,
                    length: bytes,
                    recorded,
                });
                true
            }
            None => true,
        }
    }

    /// Judges an extent with a location; returns whether it can be read.
    fn located(
        &mut self,
        layout: &Layout,
        scan: &Scan<'_>,
        place: FindingPlace,
        blocks: u32,
        address: RecordedAddress,
        recorded: bool,
    ) -> bool {
        let what = |start: RecordedAddress| format!("{blocks} blocks at {start}");
        match layout.maps.get(usize::from(address.partition.0)) {
            None => {
                self.find(K::PartitionReference, place, format_args!("{}", what(address)));
                false
            }
            Some(Map::Other) => {
                self.find(K::NotJudged, place, format_args!("{}", what(address)));
                false
            }
            Some(Map::Virtual(_)) => {
                self.find(K::BodyInVirtualSpace, place, format_args!("{}", what(address)));
                self.claim_virtual(layout, scan, place, blocks, address);
                recorded
            }
            Some(Map::Physical(_) | Map::Sparable(..) | Map::Metadata(_)) => {
                let pieces = match layout.pieces(address, blocks) {
                    Ok(pieces) => pieces,
                    Err(Nowhere::Breaks(kind)) => {
                        self.find(kind, place, format_args!("{}", what(address)));
                        return false;
                    }
                    Err(Nowhere::NotJudged) => return false,
                };
                let mut is_there = recorded;
                for (start, blocks) in pieces {
                    if recorded && !self.disc.is_recorded(start, blocks) {
                        self.find(K::NotRecorded, place, format_args!("{}", what(address)));
                        is_there = false;
                        continue;
                    }
                    let used_for = if recorded && matches!(scan.owner, Owner::Node(_)) {
                        Use::Data
                    } else {
                        Use::Structure
                    };
                    let below = layout.is_below(address);
                    self.claim_in(start, blocks, scan.owner, used_for, below);
                    if recorded && self.options.read_data {
                        self.read_data(place, start, blocks);
                    }
                }
                is_there
            }
        }
    }

    fn claim_virtual(
        &mut self,
        layout: &Layout,
        scan: &Scan<'_>,
        place: FindingPlace,
        blocks: u32,
        address: RecordedAddress,
    ) {
        for number in 0..blocks {
            let block = address.block.checked_add(number);
            let at = block.map(|block| RecordedAddress { block, ..address });
            // Many descriptors may name the same virtual addresses.
            if !self.spend() {
                return;
            }
            match at.map(|at| layout.resolve(at)) {
                Some(Ok(sector)) => self.claim(sector.0, 1, scan.owner, Use::Data),
                _ => {
                    self.find(
                        K::VirtualAddressUnknown,
                        place,
                        format_args!("block {number} of {address}"),
                    );
                    return;
                }
            }
        }
    }

    fn read_data(&mut self, place: FindingPlace, start: u32, blocks: u32) {
        for number in 0..blocks {
            let sector = LogicalSector(start + number);
            if self.data_read.contains(sector.0) {
                continue;
            }
            if !self.spend() {
                return;
            }
            if self.peek(sector).is_some() {
                self.data_read.insert(sector.0);
            } else if self.report.interrupted().is_none() {
                self.find(
                    K::Unreadable,
                    place,
                    format_args!("block {number} of the extent, {sector}"),
                );
            }
        }
    }
}

/// Length and address of a descriptor.
fn descriptor(scan: &Scan<'_>, bytes: &[u8]) -> (ExtentLength, RecordedAddress) {
    if scan.form == AllocationForm::Long {
        let descriptor = LongAd::read_from_bytes(bytes).unwrap_or_default();
        (descriptor.length(), descriptor.address())
    } else {
        let descriptor = ShortAd::read_from_bytes(bytes).unwrap_or_default();
        let address = RecordedAddress {
            partition: scan.inherited.partition,
            block: descriptor.extent_position.get(),
        };
        (descriptor.length(), address)
    }
}

/// A part of a body that was read.
pub(crate) struct Chunk {
    block: Block,
    length: usize,
    embedded: Option<Vec<u8>>,
    /// The location that a tag beginning here must have; `None` in an embedded body.
    pub location: Option<u32>,
}

impl Chunk {
    pub fn bytes(&self) -> &[u8] {
        match &self.embedded {
            Some(bytes) => bytes,
            None => &self.block[..self.length],
        }
    }
}

/// Reads a body from its start, one block at a time.
pub(crate) struct Reader<'a> {
    body: &'a Body,
    run: usize,
    block: u32,
    read: u64,
}

impl Body {
    pub fn reader(&self) -> Reader<'_> {
        Reader {
            body: self,
            run: 0,
            block: 0,
            read: 0,
        }
    }
}

impl Reader<'_> {
    /// Whether `length` bytes have been read.
    pub fn is_whole(&self, length: u64) -> bool {
        self.read == length
    }

    /// The next block; `Some(None)` if it cannot be read, which ends the body.
    pub fn next(&mut self, judge: &mut Judge<'_>, layout: &Layout) -> Option<Option<Chunk>> {
        let runs = match self.body {
            Body::Embedded(bytes) => {
                let first = self.run == 0;
                self.run = 1;
                self.read = bytes.len() as u64;
                return (first && !bytes.is_empty()).then(|| {
                    Some(Chunk {
                        block: Block::default(),
                        length: 0,
                        embedded: Some(bytes.clone()),
                        location: None,
                    })
                });
            }
            Body::Runs(runs) => runs,
        };
        let run = runs.get(self.run)?;
        if !judge.spend() {
            return Some(None);
        }
        let size = judge.disc.size();
        let done = u64::from(self.block) * u64::from(size.bytes());
        let left = u64::from(run.length).saturating_sub(done);
        let length = usize::try_from(left).unwrap_or(usize::MAX).min(size.as_usize());
        let address = run.address.block.checked_add(self.block);
        let block = if run.recorded {
            let address = address.map(|block| RecordedAddress { block, ..run.address });
            let sector = address.and_then(|address| layout.resolve(address).ok());
            sector.and_then(|sector| judge.peek(sector))
        } else {
            None
        };
        let is_hole = !run.recorded;
        self.block += 1;
        if left <= u64::from(size.bytes()) {
            self.run += 1;
            self.block = 0;
        }
        self.read += length as u64;
        match block {
            None if !is_hole => Some(None),
            found => Some(Some(Chunk {
                block: found.unwrap_or_else(|| vec![0; size.as_usize()].into()),
                length,
                embedded: None,
                location: address,
            })),
        }
    }
}
