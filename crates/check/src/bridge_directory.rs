//! Directories of a bridge: records, their order, and what they say about each child (`ECMA-119 6.8`, `9.1`,
//! `9.3`).

use std::collections::BTreeSet;

use ecma167::LogicalSector;
use iso9660::rock_ridge::Gathered;
use iso9660::susp::{Continuation, entries, skipped};
use iso9660::{DirectoryRecord, FileFlags, Section};

use crate::bridge_children::{Children, Met};
use crate::bridge_names::{Tree, forms_of_record, identifier_fault, joliet_name, order_key};
use crate::bridge_volume::{Bridge, InBridge};
use crate::claims::{Owner, Use};
use crate::comparison::Comparison;
use crate::facts::{Facts, Pieces, Posix, add_piece, bytes_of};
use crate::finding::FindingPlace;
use crate::judge::Judge;
use crate::rules::FindingKind as K;

/// Maximum number of continuations followed per system use area.
const MOST_CONTINUATIONS: u32 = 32;
const BLOCK: u32 = 2048;
/// Bytes of a system use entry before its data.
const HEADER: usize = 4;
/// The entries that a bridge uses.
const SIGNATURES: [&[u8; 2]; 8] = [b"SP", b"CE", b"ER", b"PX", b"TF", b"NM", b"SL", b"PN"];

/// A directory whose records are being read.
struct Reading<'a> {
    bridge: &'a Bridge,
    comparison: &'a Comparison<'a>,
    tree: Tree,
    place: FindingPlace,
    section: Section,
    parent: Section,
    is_root: bool,
    /// Digests of the expected facts about the directory and its parent.
    prints: [u64; 2],
    /// Their times of access and of attribute change, if known.
    times: [Option<[[u8; 7]; 2]>; 2],
    number: u32,
    open: Option<Open>,
    last: Option<Vec<u8>>,
    continuations: BTreeSet<u32>,
    broken: bool,
    /// This is the second reading, for the records with marked names.
    again: bool,
    /// Whether there are such records.
    has_marked: bool,
}

/// A file with some of its sections still to come.
struct Open {
    identifier: Vec<u8>,
    flags: FileFlags,
    date: [u8; 7],
    pieces: Pieces,
    section: Section,
    system_use: Vec<u8>,
}

impl Judge<'_> {
    /// Judges a directory in both trees and compares it with the children in the volumes.
    pub fn bridge_directory(
        &mut self,
        bridge: &Bridge,
        place: &InBridge,
        (own, times): (&Facts, [[u8; 7]; 2]),
        children: &mut Children,
        comparison: &Comparison<'_>,
    ) {
        let is_root = place.parent.is_none();
        for tree in Tree::ALL {
            children.sort(tree);
            let facts = match tree {
                Tree::Primary => own.clone(),
                Tree::Joliet => own.without_posix(),
            };
            let section = place.sections[tree as usize];
            if section.bytes == 0 {
                continue;
            }
            let print = children.print(&facts);
            let mut reading = Reading {
                bridge,
                comparison,
                tree,
                place: FindingPlace::Sector(LogicalSector(section.block)),
                section,
                parent: place.parents[tree as usize],
                is_root,
                prints: [print, place.parent.map_or(print, |parent| parent[tree as usize])],
                times: [
                    Some(times),
                    place.parent_times.or(Some(times).filter(|_| is_root)),
                ],
                number: 0,
                open: None,
                last: None,
                continuations: BTreeSet::new(),
                broken: false,
                again: false,
                has_marked: false,
            };
            self.claim(
                section.block,
                section.bytes.div_ceil(BLOCK),
                Owner::Volume,
                Use::Structure,
            );
            self.records_of_directory(&mut reading, children);
            if reading.has_marked {
                reading.again = true;
                (reading.number, reading.open) = (0, None);
                self.records_of_directory(&mut reading, children);
            }
            if reading.open.is_some() || reading.number < 2 {
                self.find(
                    K::BridgeRecord,
                    reading.place,
                    format_args!("{} records, the last is not the end of a file", reading.number),
                );
            }
            for block in reading.continuations {
                self.claim(block, 1, Owner::Volume, Use::Structure);
            }
            if reading.broken || !children.is_whole() || self.report.interrupted().is_some() {
                continue;
            }
            for child in children.unseen(tree) {
                let at = comparison.vat.place(child.vat);
                self.find(
                    K::BridgeNames,
                    reading.place,
                    format_args!("{tree:?} tree: no record of the node at {at}"),
                );
            }
        }
    }

    /// Reports a rule that does not hold in a directory, once per directory.
    fn wrong(&mut self, reading: &Reading<'_>, kind: K, detail: std::fmt::Arguments<'_>) {
        self.wrong_by(reading, kind, kind.clause(), detail);
    }

    fn wrong_by(
        &mut self,
        reading: &Reading<'_>,
        kind: K,
        clause: &'static str,
        detail: std::fmt::Arguments<'_>,
    ) {
        if !reading.again {
            self.find_by(kind, clause, reading.place, detail);
        }
    }

    fn records_of_directory(&mut self, reading: &mut Reading<'_>, children: &mut Children) {
        let Section { block, bytes } = reading.section;
        if !bytes.is_multiple_of(BLOCK) {
            self.wrong_by(
                reading,
                K::BridgeOwnRecords,
                "ECMA-119 6.8.1.3",
                format_args!("{bytes} bytes"),
            );
        }
        for number in 0..bytes.div_ceil(BLOCK) {
            let sector = LogicalSector(block.saturating_add(number));
            if !self.spend() {
                reading.broken = true;
                return;
            }
            reading.place = FindingPlace::Sector(sector);
            let bytes = match reading.again {
                true => self.peek(sector),
                false => self.sector(sector, reading.place, "directory of the bridge"),
            };
            let Some(bytes) = bytes else {
                reading.broken = true;
                continue;
            };
            let mut at = 0;
            while let Some(length) = bytes.get(at).copied().map(usize::from) {
                if length == 0 {
                    if bytes[at..].iter().any(|byte| *byte != 0) {
                        let what = format_args!("byte {at}: something follows the last record");
                        self.wrong_by(reading, K::BridgeRecord, "ECMA-119 6.8.1.1", what);
                    }
                    break;
                }
                match DirectoryRecord::read(&bytes[at..]) {
                    Ok(record) => self.record(reading, children, &record, &bytes[at..at + length]),
                    Err(fault) => {
                        let (clause, kind) = (fault.clause, fault.kind);
                        let what = format_args!("byte {at}: {kind}");
                        self.wrong_by(reading, K::BridgeRecord, clause, what);
                        reading.broken = true;
                        break;
                    }
                }
                at += length;
            }
        }
        reading.place = FindingPlace::Sector(LogicalSector(block));
    }

    fn record(
        &mut self,
        reading: &mut Reading<'_>,
        children: &mut Children,
        record: &DirectoryRecord<'_>,
        bytes: &[u8],
    ) {
        let number = reading.number;
        reading.number += 1;
        let known = FileFlags::DIRECTORY | FileFlags::MULTI_EXTENT;
        let name = usize::from(bytes[32]);
        // An identifier of even length is followed by a zero byte.
        let padded = name.is_multiple_of(2) && bytes.get(33 + name).is_some_and(|byte| *byte != 0);
        if bytes[1] != 0
            || bytes[26..28] != [0, 0]
            || bytes[28..32] != [1, 0, 0, 1]
            || !known.contains(record.flags)
            || !bytes.len().is_multiple_of(2)
            || padded
        {
            self.wrong(
                reading,
                K::BridgeRecord,
                format_args!(
                    "record {number}: a fixed field, flags {:#04x}",
                    record.flags.bits()
                ),
            );
        }
        let end = u64::from(record.section.block) + u64::from(record.section.bytes.div_ceil(BLOCK));
        if end > u64::from(reading.bridge.blocks) {
            self.wrong_by(
                reading,
                K::BridgeRecord,
                "ECMA-119 9.1.3",
                format_args!("record {number}: {:?} is outside the volume", record.section),
            );
        }
        if number < 2 {
            self.own_record(reading, children, record, number);
            return;
        }
        let is_last = !record.flags.contains(FileFlags::MULTI_EXTENT);
        let mut open = match reading.open.take() {
            Some(open) if open.identifier == record.identifier => {
                let is_same = open.date == bytes_of(&record.date) && open.system_use == record.system_use;
                if !is_same || record.flags.contains(FileFlags::DIRECTORY) {
                    let what = format_args!("record {number}: another section of the file differs");
                    self.wrong_by(reading, K::BridgeRecord, "ECMA-119 9.1.6", what);
                }
                open
            }
            other => {
                if other.is_some() {
                    self.wrong_by(
                        reading,
                        K::BridgeRecord,
                        "ECMA-119 9.1.6",
                        format_args!("record {number}: the file before it has no last section"),
                    );
                }
                Open {
                    identifier: record.identifier.to_vec(),
                    flags: record.flags & FileFlags::DIRECTORY,
                    date: bytes_of(&record.date),
                    pieces: Pieces::new(),
                    section: record.section,
                    system_use: record.system_use.to_vec(),
                }
            }
        };
        add_piece(
            &mut open.pieces,
            record.section.block,
            record.section.bytes.into(),
        );
        if is_last {
            self.child_record(reading, children, open);
        } else {
            reading.open = Some(open);
        }
    }

    /// Judges the record of the directory itself, or of its parent.
    fn own_record(
        &mut self,
        reading: &mut Reading<'_>,
        children: &Children,
        record: &DirectoryRecord<'_>,
        number: u32,
    ) {
        let is_itself = number == 0;
        let (identifier, section) = if is_itself {
            ([0], reading.section)
        } else {
            ([1], reading.parent)
        };
        if record.identifier != identifier
            || record.section != section
            || record.flags != FileFlags::DIRECTORY
        {
            self.wrong(
                reading,
                K::BridgeOwnRecords,
                format_args!(
                    "record {number}: {:02x?}, {:?}, {:?}",
                    record.identifier, record.section, record.flags
                ),
            );
        }
        if reading.again {
            return;
        }
        let (posix, has_er) = self.posix_of(reading, record.system_use);
        if is_itself && reading.is_root && reading.tree == Tree::Primary {
            let has_sp = skipped(record.system_use) == Some(0);
            if !has_sp || !has_er {
                self.wrong_by(
                    reading,
                    K::BridgeSystemUse,
                    if has_sp { "SUSP 1.12 5.5" } else { "SUSP 1.12 5.3" },
                    format_args!("the root does not announce Rock Ridge"),
                );
            }
        }
        let date = bytes_of(&record.date);
        let times = posix.as_ref().map(|(_, found)| found.times);
        let facts = Facts {
            is_directory: true,
            date,
            pieces: Pieces::new(),
            posix: posix.map(|(posix, _)| posix),
        };
        let times = times.map(|times| times.map(|time| time.map(|time| bytes_of(&time))));
        let fits = match (times, reading.times[number as usize]) {
            (Some([modified, accessed, changed]), Some(own)) => {
                modified == Some(date) && [accessed, changed] == own.map(Some)
            }
            _ => true,
        };
        if !fits || children.print(&facts) != reading.prints[number as usize] {
            self.wrong(
                reading,
                K::BridgeShows,
                format_args!("record {number}, of the directory itself or its parent"),
            );
        }
    }

    fn child_record(&mut self, reading: &mut Reading<'_>, children: &mut Children, open: Open) {
        let tree = reading.tree;
        let is_directory = open.flags.contains(FileFlags::DIRECTORY);
        let shown = match tree {
            Tree::Primary => String::from_utf8_lossy(&open.identifier).into_owned(),
            Tree::Joliet => joliet_name(&open.identifier),
        };
        if let Some(fault) = identifier_fault(tree, &open.identifier, is_directory) {
            let what = format_args!("{shown:?}: {fault}");
            self.wrong(reading, K::BridgeIdentifier, what);
        }
        let key = order_key(tree, &open.identifier);
        if reading.last.as_ref().is_some_and(|last| *last >= key) {
            self.wrong(reading, K::BridgeOrder, format_args!("{shown:?}"));
        }
        reading.last = Some(key);
        let (gathered, _) = self.posix_of(reading, &open.system_use);
        let (posix, found) = gathered.map_or((None, None), |(posix, found)| (Some(posix), Some(found)));
        let name = match (tree, found.as_ref().and_then(|found| found.name.as_ref())) {
            (Tree::Joliet, _) => shown.clone(),
            (Tree::Primary, Some(name)) => String::from_utf8_lossy(name).into_owned(),
            (Tree::Primary, None) => {
                self.wrong(reading, K::BridgeSystemUse, format_args!("{shown:?} has no name"));
                reading.broken = true;
                return;
            }
        };
        let kind = posix.as_ref().map(|posix| posix.mode >> 12);
        let is_special = !is_directory && kind.is_some_and(|kind| kind != 0o10);
        let facts = Facts {
            is_directory,
            date: open.date,
            pieces: if is_directory { Pieces::new() } else { open.pieces },
            posix,
        };
        let forms = forms_of_record(tree, &name, is_special);
        let met = children.find(tree, &forms, (&facts, open.section), reading.again);
        // The first reading reports what it does not leave to the second, so the following is reported once.
        match met {
            Met::Later => reading.has_marked = true,
            Met::Earlier => {}
            Met::Child(number) => {
                if let Some(child) = children.get_mut(number) {
                    child.sections[tree as usize] = open.section;
                }
                if !self.has_times(children, number, found.as_ref(), open.date) {
                    let what = format_args!("{name:?}: times of Rock Ridge");
                    self.find(K::BridgeShows, reading.place, what);
                }
            }
            Met::Again => {
                self.find(
                    K::BridgeNames,
                    reading.place,
                    format_args!("{tree:?} tree: {name:?} occurs twice"),
                );
            }
            Met::Other(vat, plain) => {
                // Whether it is a directory is unknown, so nothing below it is judged.
                reading.broken = true;
                let comparison = reading.comparison;
                let expected = self
                    .entry_again(comparison.vat, vat)
                    .map(|entry| self.facts(comparison, vat, &entry, plain));
                let expected = expected.map(|facts| match tree {
                    Tree::Primary => facts,
                    Tree::Joliet => facts.without_posix(),
                });
                let what = expected.map_or("its facts", |expected| expected.difference(&facts));
                self.find(
                    K::BridgeShows,
                    reading.place,
                    format_args!("{tree:?} tree, {name:?}: {what}"),
                );
            }
            Met::Nothing => self.find(
                K::BridgeNames,
                reading.place,
                format_args!("{tree:?} tree: {name:?} is not a name in the directory"),
            ),
        }
    }

    /// Whether Rock Ridge has the times of a child, if there was room for them.
    fn has_times(&self, children: &Children, number: u32, found: Option<&Gathered>, date: [u8; 7]) -> bool {
        let Some(times) = found.map(|found| found.times) else {
            return true;
        };
        match times.map(|time| time.map(|time| bytes_of(&time))) {
            [None, None, None] => true,
            [Some(modified), Some(accessed), Some(changed)] => {
                modified == date && children.has_times(number, &[accessed, changed])
            }
            _ => false,
        }
    }

    /// The facts from Rock Ridge in a system use area and its continuations, and whether ER is present.
    fn posix_of(&mut self, reading: &mut Reading<'_>, area: &[u8]) -> (Option<(Posix, Gathered)>, bool) {
        if reading.tree == Tree::Joliet {
            if !area.is_empty() {
                let what = format_args!("system use of {} bytes in Joliet", area.len());
                self.wrong(reading, K::BridgeSystemUse, what);
            }
            return (None, false);
        }
        let mut gathered = Gathered::default();
        let mut has_er = false;
        let mut area = area.to_vec();
        let mut followed = 0;
        loop {
            let mut next = None;
            let mut taken_bytes = 0;
            for entry in entries(&area) {
                let taken = entry.and_then(|entry| {
                    taken_bytes += HEADER + entry.data.len();
                    if let Some(continuation) = Continuation::read(&entry) {
                        next = Some(continuation?.get()?);
                    }
                    has_er |= entry.signature == *b"ER" && entry.data.get(4..14) == Some(b"IEEE_P1282");
                    // The flags of a name or target only say whether it continues.
                    let has_flags = matches!(&entry.signature, b"NM" | b"SL");
                    let unknown = entry.data.first().is_some_and(|flags| flags & !1 != 0) && has_flags;
                    if entry.version != 1 || unknown || !SIGNATURES.contains(&&entry.signature) {
                        return Err(iso9660::Malformed {
                            kind: iso9660::MalformedKind::Field("signature, version or flags"),
                            structure: "system use entry",
                            clause: "SUSP 1.12 4.1",
                        });
                    }
                    gathered.take(&entry)
                });
                if let Err(fault) = taken {
                    let (clause, what) = (fault.clause, (fault.structure, fault.kind));
                    self.wrong_by(
                        reading,
                        K::BridgeSystemUse,
                        clause,
                        format_args!("{}: {}", what.0, what.1),
                    );
                }
            }
            let rest = area.get(taken_bytes..).unwrap_or_default();
            if rest.iter().any(|byte| *byte != 0) {
                let what = format_args!("something follows the last entry");
                self.wrong(reading, K::BridgeSystemUse, what);
            }
            let Some((block, offset, length)) = next else {
                break;
            };
            followed += 1;
            let end = offset.checked_add(length).filter(|end| *end <= BLOCK);
            let within = block < reading.bridge.blocks && followed <= MOST_CONTINUATIONS;
            let continued = end.filter(|_| within).and_then(|end| {
                let bytes = self.peek(LogicalSector(block))?;
                Some(bytes.get(offset as usize..end as usize)?.to_vec())
            });
            let Some(continued) = continued else {
                self.wrong_by(
                    reading,
                    K::BridgeSystemUse,
                    "SUSP 1.12 5.1",
                    format_args!("CE: {length} bytes at byte {offset} of block {block}"),
                );
                break;
            };
            reading.continuations.insert(block);
            area = continued;
        }
        let posix = Posix::gathered(&gathered);
        if posix.is_none() {
            self.wrong_by(
                reading,
                K::BridgeSystemUse,
                "RRIP 1.12 4.1.1",
                format_args!("no PX with a serial number"),
            );
        }
        (posix.map(|posix| (posix, gathered)), has_er)
    }
}
