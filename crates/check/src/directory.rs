//! Directories: file identifier descriptors (`ECMA-167 4/8.6`, `4/14.4`, `UDF 2.60 2.3.4`).

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};

use ecma167::file::{FileCharacteristics, LongAd};
use ecma167::general::{EntityIdentifier, Tag, TagIdentifier};
use ecma167::osta::cs0;
use ecma167::volume::AccessType;
use ecma167::{BLOCK_SIZE, RecordedAddress};
use zerocopy::FromBytes;

use crate::basic::cs0_fault;
use crate::body::{Body, Reader};
use crate::entry::Loaded;
use crate::finding::FindingPlace;
use crate::judge::Judge;
use crate::layout::{Layout, Map};
use crate::nodes::{Kind, Tree};
use crate::rules::FindingKind as K;
use crate::tag::identifier_of;

/// The bit of a stream that its implementation uses (`ECMA-167 4/14.4.3`).
const METADATA: u8 = 1 << 4;
/// Bytes of a FID before its implementation use.
const HEADER: usize = 38;

/// A directory being examined.
pub(crate) struct Examined {
    pub number: u32,
    pub place: FindingPlace,
    /// Number of FIDs of the parent.
    parents: u32,
    /// Number of all FIDs.
    fids: u64,
    names: Names,
    /// Valid tag locations in an embedded body.
    embedded: [u32; 2],
    /// Whether the tags of FIDs must not cross the border of two blocks.
    write_once: bool,
}

/// The names in a directory, by two hashes with random keys.
struct Names {
    hashers: [RandomState; 2],
    seen: HashSet<(u64, u64)>,
}

/// A FID that decodes.
pub(crate) struct Fid<'a> {
    pub place: FindingPlace,
    pub characteristics: FileCharacteristics,
    pub icb: LongAd,
    implementation_use: &'a [u8],
    pub identifier: &'a [u8],
    padding: &'a [u8],
    version: u16,
}

impl<'a> Fid<'a> {
    fn parse(place: FindingPlace, bytes: &'a [u8]) -> Option<Self> {
        let used = usize::from(u16::from_le_bytes([*bytes.get(36)?, *bytes.get(37)?]));
        let length = usize::from(*bytes.get(19)?);
        let (implementation_use, rest) = bytes.get(HEADER..)?.split_at_checked(used)?;
        let (identifier, padding) = rest.split_at_checked(length)?;
        Some(Self {
            place,
            characteristics: FileCharacteristics::from_bits_retain(*bytes.get(18)?),
            icb: LongAd::read_from_bytes(bytes.get(20..36)?).ok()?,
            implementation_use,
            identifier,
            padding,
            version: u16::from_le_bytes([*bytes.get(16)?, *bytes.get(17)?]),
        })
    }

    pub fn is(&self, characteristic: FileCharacteristics) -> bool {
        self.characteristics.contains(characteristic)
    }

    /// The name as shown in a finding.
    pub fn name(&self) -> String {
        if self.is(FileCharacteristics::PARENT) {
            "the parent".to_owned()
        } else {
            format!("{:?}", cs0::decode_lossy(self.identifier))
        }
    }
}

/// The buffered bytes of a directory, and the block that each belongs to.
pub(crate) struct Window<'a> {
    reader: Reader<'a>,
    bytes: Vec<u8>,
    /// Offset in the body of the first buffered byte.
    start: u64,
    /// Offset and length of each block, and the location of tags in it.
    blocks: VecDeque<(u64, usize, Option<u32>)>,
    at: usize,
    unreadable: bool,
}

/// A child of an already judged directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NamedChild {
    pub name: String,
    pub icb: RecordedAddress,
}

impl<'a> Window<'a> {
    pub fn new(body: &'a Body) -> Self {
        Self {
            reader: body.reader(),
            bytes: Vec::new(),
            start: 0,
            blocks: VecDeque::new(),
            at: 0,
            unreadable: false,
        }
    }

    /// The next child of an already judged directory; reports no findings.
    pub fn next_child(&mut self, judge: &mut Judge<'_>, layout: &Layout) -> Option<NamedChild> {
        loop {
            if !self.need(judge, layout, HEADER) {
                return None;
            }
            let length = ecma167::file::FileIdentifier::stated_len(self.rest())?;
            if length > judge.disc.size().as_usize() || !self.need(judge, layout, length) {
                return None;
            }
            let bytes = self.rest()[..length].to_vec();
            self.at += length;
            let fid = Fid::parse(FindingPlace::Volume, &bytes)?;
            if !fid.is(FileCharacteristics::DELETED) && !fid.is(FileCharacteristics::PARENT) {
                return Some(NamedChild {
                    name: cs0::decode_lossy(fid.identifier),
                    icb: fid.icb.address(),
                });
            }
        }
    }
}

impl Window<'_> {
    fn offset(&self) -> u64 {
        self.start + self.at as u64
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Reads until `count` bytes are buffered or the body ends.
    fn need(&mut self, judge: &mut Judge<'_>, layout: &Layout, count: usize) -> bool {
        while self.rest().len() < count && !self.unreadable {
            match self.reader.next(judge, layout) {
                Some(Some(chunk)) => {
                    self.bytes.drain(..self.at);
                    self.start += self.at as u64;
                    self.at = 0;
                    let end = self.start + self.bytes.len() as u64;
                    self.blocks.push_back((end, chunk.bytes().len(), chunk.location));
                    self.bytes.extend_from_slice(chunk.bytes());
                    while self
                        .blocks
                        .front()
                        .is_some_and(|(offset, length, _)| offset + *length as u64 <= self.start)
                    {
                        self.blocks.pop_front();
                    }
                }
                Some(None) => self.unreadable = true,
                None => return false,
            }
        }
        self.rest().len() >= count
    }

    /// The location of a tag that begins here, and the number of bytes left in its block.
    fn block(&self) -> (Option<u32>, usize) {
        let at = self.offset();
        let here = self
            .blocks
            .iter()
            .find(|(offset, length, _)| (*offset..offset + *length as u64).contains(&at));
        here.map_or((None, BLOCK_SIZE), |(offset, length, location)| {
            let left = offset + *length as u64 - at;
            (*location, usize::try_from(left).unwrap_or(BLOCK_SIZE))
        })
    }
}

impl Judge<'_> {
    /// Judges the FIDs of a directory and what they name.
    pub fn directory(
        &mut self,
        layout: &Layout,
        tree: &mut Tree,
        number: u32,
        loaded: &Loaded,
        address: RecordedAddress,
        body: &Body,
    ) {
        let physical = layout.virtual_partition().map_or(address.block, |partition| {
            loaded.sector.0.wrapping_sub(partition.start)
        });
        let write_once = match layout.maps.get(usize::from(address.partition.0)) {
            Some(Map::Virtual(_)) => true,
            Some(Map::Physical(partition)) => partition.access == AccessType::WriteOnce,
            _ => false,
        };
        let mut examined = Examined {
            number,
            place: loaded.place,
            parents: 0,
            fids: 0,
            names: Names {
                hashers: [RandomState::new(), RandomState::new()],
                seen: HashSet::new(),
            },
            embedded: [address.block, physical],
            write_once,
        };
        let mut window = Window::new(body);
        while self.report.interrupted().is_none() && self.next_fid(layout, tree, &mut examined, &mut window) {
        }
        if window.unreadable && self.report.interrupted().is_none() {
            tree.incomplete = true;
            let place = examined.place.byte(window.offset());
            if self.budget == 0 {
                self.find(K::DirectoryLength, place, format_args!(""));
            } else {
                self.find(K::Unreadable, place, format_args!("block of a directory"));
            }
        } else if examined.parents != 1 {
            let parents = examined.parents;
            let kind = if parents == 0 {
                K::FidParentFirst
            } else {
                K::FidParentTwice
            };
            self.find(kind, examined.place, format_args!("{parents} of them"));
        }
    }

    /// Judges the next FID; `false` if the directory ends or becomes unreadable.
    fn next_fid(
        &mut self,
        layout: &Layout,
        tree: &mut Tree,
        examined: &mut Examined,
        window: &mut Window<'_>,
    ) -> bool {
        let whole = window.need(self, layout, HEADER);
        if window.unreadable || window.rest().is_empty() {
            return false;
        }
        let place = examined.place.byte(window.offset());
        let (location, left) = window.block();
        let identifier = TagIdentifier::FILE_IDENTIFIER_DESCRIPTOR;
        if !whole {
            tree.incomplete = true;
            let count = window.rest().len();
            self.find(K::FidTruncated, place, format_args!("{count} bytes at its end"));
            return false;
        }
        if identifier_of(window.rest()) != identifier {
            tree.incomplete = true;
            self.tag(place, window.rest(), identifier, &[]);
            return false;
        }
        let Some(length) = ecma167::file::FileIdentifier::stated_len(window.rest()) else {
            return false;
        };
        if length > self.disc.size().as_usize() {
            tree.incomplete = true;
            self.find(K::FidTooLong, place, format_args!("{length} bytes"));
            return false;
        }
        if !window.need(self, layout, length) {
            tree.incomplete = true;
            if !window.unreadable {
                self.find(K::FidTruncated, place, format_args!("a FID of {length} bytes"));
            }
            return false;
        }
        if left < Tag::LEN && examined.write_once && location.is_some() {
            self.find(
                K::FidTagCrossesBlock,
                place,
                format_args!("{left} bytes before it"),
            );
        }
        let bytes = window.rest()[..length].to_vec();
        window.at += length;
        examined.fids += 1;
        let embedded = examined.embedded;
        let locations = location.as_ref().map_or(&embedded[..], std::slice::from_ref);
        let Some(tag) = self.tag(place, &bytes, identifier, locations) else {
            tree.incomplete = true;
            return true;
        };
        self.crc_length(place, &tag, &[length]);
        if let Some(fid) = Fid::parse(place, &bytes) {
            self.fid(layout, tree, examined, &fid);
        }
        true
    }

    fn fid(&mut self, layout: &Layout, tree: &mut Tree, examined: &mut Examined, fid: &Fid<'_>) {
        self.fid_fields(fid);
        let in_streams = tree
            .node(examined.number)
            .is_some_and(|node| node.kind == Kind::StreamDirectory);
        if fid.characteristics.bits() & METADATA != 0 && !in_streams {
            self.find(K::FidMetadata, fid.place, format_args!("{}", fid.name()));
        }
        if examined.fids == 1 && !fid.is(FileCharacteristics::PARENT) {
            self.find(K::FidParentFirst, fid.place, format_args!("{}", fid.name()));
        }
        if fid.is(FileCharacteristics::DELETED) {
            self.deleted_fid(fid);
        } else if fid.is(FileCharacteristics::PARENT) {
            examined.parents += 1;
            self.parent_fid(layout, tree, examined.number, fid);
        } else {
            self.name(examined, fid);
            self.named(layout, tree, examined.number, fid);
        }
    }

    fn fid_fields(&mut self, fid: &Fid<'_>) {
        let place = fid.place;
        if fid.version != 1 {
            self.find(K::FidVersion, place, format_args!("{}", fid.version));
        }
        let unknown = fid.characteristics.bits() & 0xE0;
        if unknown != 0 {
            self.find(K::FidCharacteristics, place, format_args!("{unknown:#04x}"));
        }
        if fid.padding.iter().any(|byte| *byte != 0) {
            self.find(K::FidPadding, place, format_args!("{:?}", fid.padding));
        }
        let used = fid.implementation_use;
        let entity = EntityIdentifier::read_from_prefix(used).map(|(entity, _)| entity);
        match entity {
            Ok(entity) if used.len().is_multiple_of(4) && entity.flags == 0 && entity.identifier[0] != 0 => {}
            Err(_) if used.is_empty() => {}
            _ => self.find(K::FidUse, place, format_args!("{} bytes", used.len())),
        }
    }

    fn deleted_fid(&mut self, fid: &Fid<'_>) {
        let address = fid.icb;
        if address != LongAd::default() {
            self.find(
                K::FidDeletedIcb,
                fid.place,
                format_args!("{} of {}", address.address(), fid.name()),
            );
        }
        let compression = fid.identifier.first().copied();
        if !matches!(compression, Some(cs0::DELETED_BYTES | cs0::DELETED_UNITS)) {
            self.find(
                K::FidDeletedName,
                fid.place,
                format_args!("compression ID {compression:?}"),
            );
        }
    }

    fn name(&mut self, examined: &mut Examined, fid: &Fid<'_>) {
        let place = fid.place;
        if fid.identifier.len() < 2 {
            self.find(
                K::FidNameEmpty,
                place,
                format_args!("identifier of {} bytes", fid.identifier.len()),
            );
            return;
        }
        if let Some(fault) = cs0_fault(fid.identifier) {
            self.find(K::FidName, place, format_args!("{fault}"));
        }
        let name = cs0::decode_lossy(fid.identifier);
        if name.contains(['/', '\0']) || matches!(name.as_str(), "." | "..") {
            self.find(K::FidNameSeparator, place, format_args!("{name:?}"));
        }
        let names = &mut examined.names;
        let [one, other] = &names.hashers;
        let hashes = (one.hash_one(&name), other.hash_one(&name));
        if names.seen.len() < self.options.names {
            if !names.seen.insert(hashes) {
                self.find(K::FidNameTwice, place, format_args!("{name:?}"));
            }
        } else if self.report.count(K::LimitReached) == 0 {
            let most = self.options.names;
            self.find(K::LimitReached, place, format_args!("more than {most} names"));
        }
    }
}
