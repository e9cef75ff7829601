//! The descriptors of a bridge (`ECMA-119 8.3`, `8.4`, `8.5`, Joliet), and the places of its trees.

use std::hash::RandomState;

use ecma167::LogicalSector;
use ecma167::recognition::RECOGNITION_SECTOR;
use iso9660::{DescriptorType, PathTables, Section, VolumeDate, VolumeDescriptor, VolumeKind};
use zerocopy::FromBytes;

use crate::bridge_names::Tree;
use crate::companion::Placement;
use crate::disc::Span;
use crate::finding::FindingPlace;
use crate::judge::Judge;
use crate::rules::FindingKind as K;

/// A bridge as its descriptors describe it.
pub(crate) struct Bridge {
    pub roots: [Section; 2],
    pub tables: [PathTables; 2],
    /// Blocks of its volume.
    pub blocks: u32,
    /// Hasher for the digests of all its directories.
    pub hasher: RandomState,
}

/// The extents of a directory in both trees, and its parent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InBridge {
    pub sections: [Section; 2],
    pub parents: [Section; 2],
    /// Digests of the facts that both trees should state about the parent; `None` for the root, which is its
    /// own parent.
    pub parent: Option<[u64; 2]>,
    /// The parent's times of access and of attribute change.
    pub parent_times: Option<[[u8; 7]; 2]>,
}

impl InBridge {
    pub fn root(bridge: Option<&Bridge>) -> Self {
        let sections = bridge.map_or([Section::default(); 2], |bridge| bridge.roots);
        Self {
            sections,
            parents: sections,
            parent: None,
            parent_times: None,
        }
    }

    /// A directory inside this one, which has these digests and times.
    pub fn below(&self, sections: [Section; 2], own: [u64; 2], times: [[u8; 7]; 2]) -> Self {
        Self {
            sections,
            parents: self.sections,
            parent: Some(own),
            parent_times: Some(times),
        }
    }
}

impl Judge<'_> {
    /// Judges the descriptors of the bridge of a session.
    pub fn bridge(&mut self, span: Span, placement: &Placement) -> Option<Bridge> {
        let first = span.first.saturating_add(RECOGNITION_SECTOR);
        let mut bridge = Bridge {
            roots: [Section::default(); 2],
            tables: [PathTables::default(); 2],
            blocks: placement.last.0.saturating_add(1),
            hasher: RandomState::new(),
        };
        for (number, tree) in (0..).zip(Tree::ALL) {
            let sector = LogicalSector(first.saturating_add(number));
            let place = FindingPlace::Sector(sector);
            let block = self.sector(sector, place, "descriptor of the bridge")?;
            let (root, tables) = self.bridge_descriptor(place, &block, tree, &bridge)?;
            bridge.roots[tree as usize] = root;
            bridge.tables[tree as usize] = tables;
        }
        let sector = LogicalSector(first.saturating_add(2));
        let place = FindingPlace::Sector(sector);
        let block = self.sector(sector, place, "terminator of the bridge")?;
        let kind = (&*block).try_into().ok().and_then(DescriptorType::of);
        let is_end = kind == Some(DescriptorType::Terminator);
        if !is_end || block[6] != 1 || block[7..].iter().any(|byte| *byte != 0) {
            self.find_by(
                K::BridgeDescriptor,
                "ECMA-119 8.3",
                place,
                format_args!("no volume descriptor set terminator"),
            );
        }
        Some(bridge)
    }

    fn bridge_descriptor(
        &mut self,
        place: FindingPlace,
        block: &[u8],
        tree: Tree,
        bridge: &Bridge,
    ) -> Option<(Section, PathTables)> {
        let kind = match tree {
            Tree::Primary => VolumeKind::Primary,
            Tree::Joliet => VolumeKind::Joliet,
        };
        let read = VolumeDescriptor::read(block.try_into().ok()?).and_then(|found| {
            let facts = (found.kind()?, found.blocks()?, found.path_tables()?);
            Ok((facts, found.root()?.section))
        });
        let ((found, blocks, tables), root) = match read {
            Ok(read) => read,
            Err(fault) => {
                self.find_by(
                    K::BridgeDescriptor,
                    fault.clause,
                    place,
                    format_args!("{}", fault.kind),
                );
                return None;
            }
        };
        let mut wrong = |clause, is_wrong: bool, what: &str| {
            if is_wrong {
                self.find_by(K::BridgeDescriptor, clause, place, format_args!("{what}"));
            }
        };
        wrong("ECMA-119 6.7.1", found != kind, "another descriptor");
        wrong("ECMA-119 8.4.8", blocks != bridge.blocks, "volume space size");
        wrong(
            "ECMA-119 8.4.9",
            block[120..124] != [1, 0, 0, 1],
            "volume set size",
        );
        wrong(
            "ECMA-119 8.4.10",
            block[124..128] != [1, 0, 0, 1],
            "volume sequence number",
        );
        let none = |range: std::ops::Range<usize>| block[range].iter().all(|byte| *byte == 0);
        wrong("ECMA-119 8.4.5", block[7] != 0 || !none(72..80), "unused field");
        // Joliet has its escape sequence here.
        let unused = if tree == Tree::Primary { 88 } else { 91 };
        wrong("ECMA-119 8.4.9", !none(unused..120), "unused field");
        wrong(
            "ECMA-119 8.4.15",
            !none(144..148) || !none(152..156),
            "optional path table",
        );
        wrong("ECMA-119 8.4.31", block[881] != 1, "file structure version");
        wrong(
            "ECMA-119 8.4.32",
            block[882] != 0 || !none(1395..2048),
            "reserved field",
        );
        let fixed = block[157] == 0 && block[181..188] == [2, 0, 0, 1, 0, 0, 1];
        wrong("ECMA-119 8.4.18", !fixed, "record of the root directory");
        for start in [813, 830, 847, 864] {
            let date = VolumeDate::read_from_bytes(&block[start..start + 17]);
            let fits = date.is_ok_and(|date| date.get().is_some() || date == VolumeDate::UNSPECIFIED);
            wrong("ECMA-119 8.4.26.1", !fits, "date and time");
        }
        if tree == Tree::Primary {
            let is_a = |byte: &u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_' | b' '..=b'"' | b'%'..=b'/' | b':'..=b'?');
            let texts = block[8..72].iter().chain(&block[190..813]);
            wrong("ECMA-119 7.4.1", !texts.clone().all(is_a), "characters");
        }
        let within = |section: &Section| {
            let end = u64::from(section.block) + u64::from(section.bytes.div_ceil(2048));
            section.bytes > 0 && end <= u64::from(bridge.blocks)
        };
        wrong("ECMA-119 8.4.18", !within(&root), "root directory");
        let table = |block| Section {
            block,
            bytes: tables.bytes,
        };
        let tables_fit = within(&table(tables.type_l)) && within(&table(tables.type_m));
        wrong("ECMA-119 8.4.14", !tables_fit, "path tables");
        (within(&root) && tables_fit).then_some((root, tables))
    }
}
