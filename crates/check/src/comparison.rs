//! Compares a plain volume with the VAT generation that it shows, directory by directory; only waiting
//! directories are kept in memory (`docs/understanding/format.md`, "Two volumes on a disc").

use std::collections::HashMap;

use ecma167::file::{FileEntry, FileType};
use ecma167::{BLOCK_BYTES, LogicalSector, RecordedAddress};

use crate::body::Body;
use crate::bridge_children::{Child, Children};
use crate::bridge_volume::{Bridge, InBridge};
use crate::companion::Placement;
use crate::directory::{NamedChild, Window};
use crate::facts::{Facts, Posix, add_piece, device, is_special, record_date};
use crate::finding::FindingPlace;
use crate::judge::Judge;
use crate::layout::Layout;
use crate::rules::FindingKind as K;

/// UTF-16 units of the longest name in a plain volume.
const LONGEST_NAME: usize = 127;
/// Units of the mark that distinguishes cut names: `~` and eight digits.
const MARK: usize = 9;
/// The longest symbolic link target that is compared, in bytes.
const LONGEST_TARGET: usize = 1 << 16;

/// What is being compared.
pub(crate) struct Comparison<'a> {
    pub vat: &'a Layout,
    pub plain: &'a Layout,
    pub placement: Placement,
    /// Whether the plain volume has symbolic links and special files.
    pub links: bool,
    pub bridge: Option<Bridge>,
}

/// A directory in both volumes and in both trees of the bridge.
struct Pair {
    vat: RecordedAddress,
    plain: RecordedAddress,
    place: InBridge,
}

/// Children without a counterpart so far.
type Waiting = HashMap<String, RecordedAddress>;

impl Judge<'_> {
    pub fn compare(&mut self, comparison: &Comparison<'_>) {
        let roots = (self.root_again(comparison.vat), self.root_again(comparison.plain));
        let (Some(vat), Some(plain)) = roots else { return };
        let place = InBridge::root(comparison.bridge.as_ref());
        self.compare_nodes(comparison, vat, plain);
        let mut waiting = vec![Pair { vat, plain, place }];
        while let Some(pair) = waiting.pop() {
            if self.report.interrupted().is_some() || self.budget == 0 {
                return;
            }
            self.compare_directories(comparison, &pair, &mut waiting);
        }
    }

    fn compare_directories(&mut self, comparison: &Comparison<'_>, pair: &Pair, waiting: &mut Vec<Pair>) {
        let bodies = (
            self.whole_body(comparison.vat, pair.vat),
            self.whole_body(comparison.plain, pair.plain),
        );
        let (Some((own, vat_body)), Some((_, plain_body))) = bodies else {
            return;
        };
        let mut vat = Window::new(&vat_body);
        let mut plain = Window::new(&plain_body);
        let mut children = Children::new(
            comparison.bridge.as_ref().map(|bridge| &bridge.hasher),
            self.options.names / 2,
        );
        let (mut without, mut unknown) = (Waiting::new(), Waiting::new());
        while let Some(child) = vat.next_child(self, comparison.vat) {
            let Some(entry) = self.entry_again(comparison.vat, child.icb) else {
                return;
            };
            if is_special(&entry) && !comparison.links {
                self.add_child(comparison, &mut children, &child, &entry, None);
                continue;
            }
            let mut found = unknown.remove(&child.name);
            if found.is_none()
                && let Some(next) = plain.next_child(self, comparison.plain)
            {
                if next.name == child.name || is_cut_of(&next.name, &child.name) {
                    found = Some(next.icb);
                } else if let Some(met) = without.remove(&next.name) {
                    self.pair(comparison, &mut children, (next.name, met), next.icb);
                } else {
                    unknown.insert(next.name, next.icb);
                }
            }
            match found {
                Some(shown) => self.pair(comparison, &mut children, (child.name, child.icb), shown),
                None => _ = without.insert(child.name, child.icb),
            }
            if without.len() + unknown.len() > self.options.names / 4 {
                break;
            }
        }
        while let Some(next) = plain.next_child(self, comparison.plain) {
            match without.remove(&next.name) {
                Some(met) => self.pair(comparison, &mut children, (next.name, met), next.icb),
                None => _ = unknown.insert(next.name, next.icb),
            }
        }
        self.without_counterpart(comparison, pair, &mut children, without, unknown);
        if self.report.interrupted().is_some() {
            return;
        }
        let facts = self.facts(comparison, pair.vat, &own, None);
        let times = times_of(&own);
        let own = [children.print(&facts), children.print(&facts.without_posix())];
        if let Some(bridge) = &comparison.bridge {
            self.bridge_directory(bridge, &pair.place, (&facts, times), &mut children, comparison);
        }
        for child in children.directories() {
            waiting.push(Pair {
                vat: child.vat,
                plain: child.plain.unwrap_or(child.vat),
                place: pair.place.below(child.sections, own, times),
            });
        }
    }

    fn without_counterpart(
        &mut self,
        comparison: &Comparison<'_>,
        pair: &Pair,
        children: &mut Children,
        without: Waiting,
        mut unknown: Waiting,
    ) {
        for (name, met) in without {
            let cut = unknown.keys().find(|cut| is_cut_of(cut, &name)).cloned();
            if let Some(shown) = cut.and_then(|cut| unknown.remove(&cut)) {
                self.pair(comparison, children, (name, met), shown);
                continue;
            }
            let place = comparison.plain.place(pair.plain);
            self.find(K::PlainNames, place, format_args!("{name:?} is missing"));
        }
        for name in unknown.into_keys() {
            let place = comparison.plain.place(pair.plain);
            self.find(
                K::PlainNames,
                place,
                format_args!("{name:?} is only in the plain volume"),
            );
        }
    }

    fn whole_body(&mut self, layout: &Layout, address: RecordedAddress) -> Option<(FileEntry, Body)> {
        let entry = self.entry_again(layout, address)?;
        let body = self.body_again(layout, &entry, address)?;
        Some((entry, body))
    }

    /// Compares a child of both volumes.
    fn pair(
        &mut self,
        comparison: &Comparison<'_>,
        children: &mut Children,
        (name, vat): (String, RecordedAddress),
        plain: RecordedAddress,
    ) {
        let Some(entry) = self.compare_nodes(comparison, vat, plain) else {
            return;
        };
        let child = NamedChild { name, icb: vat };
        self.add_child(comparison, children, &child, &entry, Some(plain));
    }

    fn add_child(
        &mut self,
        comparison: &Comparison<'_>,
        children: &mut Children,
        child: &NamedChild,
        entry: &FileEntry,
        plain: Option<RecordedAddress>,
    ) {
        let is_directory = entry.icb_tag.file_type == FileType::DIRECTORY;
        if comparison.bridge.is_none() && !is_directory {
            return;
        }
        let facts = self.facts(comparison, child.icb, entry, plain);
        let times = times_of(entry);
        let met = Child::new(child.icb, plain, is_directory, is_special(entry));
        if !children.add(met, &child.name, &facts, &times) {
            let most = self.options.names / 2;
            self.find(
                K::LimitReached,
                FindingPlace::Volume,
                format_args!("more than {most} names of a directory of the bridge"),
            );
        }
    }

    /// The facts about a node that the bridge should state.
    pub fn facts(
        &mut self,
        comparison: &Comparison<'_>,
        vat: RecordedAddress,
        entry: &FileEntry,
        plain: Option<RecordedAddress>,
    ) -> Facts {
        let file_type = entry.icb_tag.file_type;
        let mut facts = Facts {
            is_directory: file_type == FileType::DIRECTORY,
            date: record_date(&entry.modification_time),
            pieces: Vec::new(),
            posix: None,
        };
        if comparison.bridge.is_none() {
            return facts;
        }
        let mut target = None;
        if file_type == FileType::SYMBOLIC_LINK {
            let body = self.body_again(comparison.vat, entry, vat);
            target = body.and_then(|body| self.bytes_again(comparison.vat, &body, LONGEST_TARGET));
        } else if let Some(plain) = plain.filter(|_| !facts.is_directory && !is_special(entry))
            && let Some((_, Body::Runs(runs))) = self.whole_body(comparison.plain, plain)
        {
            for run in runs {
                if let Ok(sector) = comparison.plain.resolve(run.address) {
                    add_piece(&mut facts.pieces, sector.0, run.length.into());
                }
            }
        }
        facts.posix = Some(Posix::of(entry, target.as_deref()));
        facts
    }

    /// Compares a node of the plain volume with that of the other; returns the latter.
    fn compare_nodes(
        &mut self,
        comparison: &Comparison<'_>,
        vat: RecordedAddress,
        plain: RecordedAddress,
    ) -> Option<FileEntry> {
        let place = comparison.plain.place(plain);
        let entry = self.entry_again(comparison.vat, vat)?;
        let shown = self.entry_again(comparison.plain, plain)?;
        let posix = [&entry, &shown].map(|entry| Posix::of(entry, None).mode);
        let is_directory = entry.icb_tag.file_type == FileType::DIRECTORY;
        let differences = [
            ("file type", entry.icb_tag.file_type != shown.icb_tag.file_type),
            ("mode", posix[0] != posix[1]),
            ("permissions", entry.permissions != shown.permissions),
            ("owner", (entry.uid, entry.gid) != (shown.uid, shown.gid)),
            ("access time", entry.access_time != shown.access_time),
            (
                "modification time",
                entry.modification_time != shown.modification_time,
            ),
            ("attribute time", entry.attribute_time != shown.attribute_time),
            ("link count", entry.file_link_count != shown.file_link_count),
            ("unique ID", entry.unique_id != shown.unique_id),
            (
                "size",
                !is_directory && entry.information_length != shown.information_length,
            ),
            ("device numbers", device(&entry) != device(&shown)),
        ];
        let at = comparison.vat.place(vat);
        let mut same = true;
        for (field, _) in differences.iter().filter(|(_, differs)| *differs) {
            same = false;
            self.find(K::PlainNode, place, format_args!("different {field} at {at}"));
        }
        if same && !is_directory {
            self.compare_data(comparison, (&entry, vat), (&shown, plain));
        }
        Some(entry)
    }

    fn compare_data(
        &mut self,
        comparison: &Comparison<'_>,
        (entry, vat): (&FileEntry, RecordedAddress),
        (shown, plain): (&FileEntry, RecordedAddress),
    ) {
        let place = comparison.plain.place(plain);
        let bodies = (
            self.body_again(comparison.vat, entry, vat),
            self.body_again(comparison.plain, shown, plain),
        );
        let (Some(one), Some(other)) = bodies else { return };
        if let Body::Embedded(bytes) = &other {
            let expected = self.bytes_again(comparison.vat, &one, LONGEST_TARGET);
            if expected.as_ref() != Some(bytes) {
                self.find(
                    K::PlainData,
                    place,
                    format_args!("the bytes in the entries differ"),
                );
            }
            return;
        }
        let at = comparison.vat.place(vat);
        let mut one = Blocks::of(comparison.vat, &one);
        let mut other = Blocks::of(comparison.plain, &other);
        let mut offset = 0_u64;
        while let (Some(from), Some(to)) = (one.next(), other.next()) {
            let bytes = from.bytes.min(to.bytes);
            if from.sector.is_some() && from.sector == to.sector {
                one.skip(bytes);
                other.skip(bytes);
                offset += u64::from(bytes);
                continue;
            }
            let placement = &comparison.placement;
            let zeros = placement.zeros.at.0..placement.zeros.at.0.saturating_add(placement.zeros.blocks);
            let is_copy = to.sector.is_some_and(|sector| {
                let is_own = (placement.base.0..placement.reserve.0).contains(&sector);
                is_own || from.sector.is_none() && zeros.contains(&sector)
            });
            let length = bytes.min(BLOCK_BYTES);
            if !is_copy || !self.same_block(&one, from, to, length) {
                let sector = to.sector.map(LogicalSector);
                self.find(
                    K::PlainData,
                    place.byte(offset),
                    format_args!("{sector:?} differs from the data of the file at {at}"),
                );
                return;
            }
            one.skip(length);
            other.skip(length);
            offset += u64::from(length);
        }
    }

    /// Whether a block and its copy are equal; they are compared only if all data is read.
    fn same_block(&mut self, one: &Blocks, from: Piece, to: Piece, length: u32) -> bool {
        let is_hole = from.sector.is_none() && one.embedded.is_none();
        // All holes share the same zeros.
        let is_known = is_hole && to.sector.is_some_and(|sector| self.zeros.contains(sector));
        if !self.options.read_data || is_known || !self.spend() {
            return true;
        }
        let length = length as usize;
        let mut read = |sector: u32| self.peek(LogicalSector(sector));
        // Unreadable blocks are already reported.
        let Some(copy) = to.sector.and_then(&mut read) else {
            return true;
        };
        match (from.sector, &one.embedded) {
            (_, Some(bytes)) => bytes.get(from.offset..from.offset + length) == Some(&copy[..length]),
            (None, None) => {
                let is_zeros = copy[..length].iter().all(|byte| *byte == 0);
                if let Some(sector) = to.sector.filter(|_| is_zeros && length == copy.len()) {
                    self.zeros.insert(sector);
                }
                is_zeros
            }
            (Some(sector), None) => read(sector).is_none_or(|block| block[..length] == copy[..length]),
        }
    }
}

/// Times of access and of attribute change, in the form of a directory record.
fn times_of(entry: &FileEntry) -> [[u8; 7]; 2] {
    [
        record_date(&entry.access_time),
        record_date(&entry.attribute_time),
    ]
}

/// The rest of a body at one position.
#[derive(Clone, Copy)]
struct Piece {
    /// `None` for a hole, and for bytes in the entry.
    sector: Option<u32>,
    bytes: u32,
    /// Offset from the start of the bytes in the entry.
    offset: usize,
}

/// A body as a list of blocks.
struct Blocks {
    embedded: Option<Vec<u8>>,
    /// First sector (`None` for a hole) and length in bytes of each run.
    runs: Vec<(Option<u32>, u32)>,
    run: usize,
    /// Bytes of the current run already passed.
    inside: u32,
}

impl Blocks {
    fn of(layout: &Layout, body: &Body) -> Self {
        let (embedded, runs) = match body {
            Body::Embedded(bytes) => (
                Some(bytes.clone()),
                vec![(None, u32::try_from(bytes.len()).unwrap_or(u32::MAX))],
            ),
            Body::Runs(runs) => {
                let sector = |address| layout.resolve(address).ok().map(|sector| sector.0);
                let runs = runs
                    .iter()
                    .map(|run| (sector(run.address).filter(|_| run.recorded), run.length));
                (None, runs.collect())
            }
        };
        Self {
            embedded,
            runs,
            run: 0,
            inside: 0,
        }
    }

    fn next(&mut self) -> Option<Piece> {
        loop {
            let (start, bytes) = *self.runs.get(self.run)?;
            if self.inside < bytes {
                return Some(Piece {
                    sector: start.map(|start| start.saturating_add(self.inside / BLOCK_BYTES)),
                    bytes: bytes - self.inside,
                    offset: self.inside as usize,
                });
            }
            self.run += 1;
            self.inside = 0;
        }
    }

    fn skip(&mut self, bytes: u32) {
        self.inside = self.inside.saturating_add(bytes);
    }
}

/// Whether a name of a plain volume is `name` cut short: its beginning, a mark, and its extension.
fn is_cut_of(cut: &str, name: &str) -> bool {
    let units = |text: &str| text.encode_utf16().count();
    if units(name) <= LONGEST_NAME || units(cut) > LONGEST_NAME {
        return false;
    }
    let extension = name.rfind('.').map_or("", |at| &name[at..]);
    let extension = if units(extension) <= 16 { extension } else { "" };
    let Some(marked) = cut.strip_suffix(extension) else {
        return false;
    };
    let mark = marked
        .len()
        .checked_sub(MARK)
        .and_then(|at| marked.split_at_checked(at));
    mark.is_some_and(|(start, mark)| {
        let is_mark = mark.starts_with('~') && mark[1..].bytes().all(|byte| byte.is_ascii_hexdigit());
        // A character of two units may leave one unit unused.
        let is_full = units(start) + MARK + units(extension) + 1 >= LONGEST_NAME;
        is_mark && is_full && name.starts_with(start)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_name_has_beginning_mark_and_extension() {
        let name = format!("{}.jpeg", "x".repeat(200));
        let cut = |mark: &str| format!("{}{mark}.jpeg", "x".repeat(113));
        assert!(is_cut_of(&cut("~0123abcd"), &name));
        assert!(!is_cut_of(&cut("-0123abcd"), &name));
        assert!(!is_cut_of(&cut("~0123abcd"), &"y".repeat(200)));
        assert!(!is_cut_of(&"x".repeat(127), &"x".repeat(127)));
    }
}
