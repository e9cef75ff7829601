//! Path tables of a bridge (`ECMA-119 6.9`, `9.4`): each directory once, by level, parent and identifier.

use ecma167::LogicalSector;
use iso9660::{ByteOrder, DirectoryRecord, FileFlags, PathTableRecord};

use crate::bridge_names::Tree;
use crate::bridge_volume::Bridge;
use crate::claims::{Owner, Use};
use crate::finding::FindingPlace;
use crate::judge::Judge;
use crate::rules::FindingKind as K;

/// Bytes of the longest record.
const LONGEST: u32 = 8 + 256;
/// A parent number has 16 bits: children of later directories are not listed.
const LAST_PARENT: u32 = u16::MAX as u32;
const BLOCK: u32 = 2048;

/// The two tables of a tree.
#[derive(Clone, Copy)]
struct Tables {
    type_l: u32,
    type_m: u32,
    bytes: u32,
}

/// A record that both tables contain.
struct Listed {
    identifier: Vec<u8>,
    extent: u32,
    parent: u16,
    /// Offset of the next record.
    next: u32,
}

impl Judge<'_> {
    pub fn path_tables(&mut self, bridge: &Bridge) {
        for tree in Tree::ALL {
            let tables = bridge.tables[tree as usize];
            let tables = Tables {
                type_l: tables.type_l,
                type_m: tables.type_m,
                bytes: tables.bytes,
            };
            for start in [tables.type_l, tables.type_m] {
                self.claim(start, tables.bytes.div_ceil(BLOCK), Owner::Volume, Use::Structure);
            }
            let root = bridge.roots[tree as usize];
            if let Err(what) = self.path_table(&tables, root.block, bridge.blocks)
                && self.report.interrupted().is_none()
                && self.budget > 0
            {
                let place = FindingPlace::Sector(LogicalSector(tables.type_l));
                self.find(K::BridgePathTable, place, format_args!("{tree:?} tree: {what}"));
            }
        }
    }

    /// Compares the tables with the directories, in order.
    fn path_table(&mut self, tables: &Tables, root: u32, blocks: u32) -> Result<(), String> {
        let first = self.listed(tables, 0)?;
        if (&first.identifier[..], first.extent, first.parent) != (&[0][..], root, 1) {
            return Err("the first is not the root".to_owned());
        }
        // The directory whose children are listed at `next`.
        let (mut at, mut next) = (0, first.next);
        let mut number = 0;
        while at < tables.bytes && number < LAST_PARENT {
            let directory = self.listed(tables, at)?;
            at = directory.next;
            number += 1;
            let mut left = 1;
            let mut block = directory.extent;
            while left > 0 && block < blocks {
                if !self.spend() {
                    return Err("not judged".to_owned());
                }
                // Unreadable blocks are reported when the directory is judged.
                let Some(bytes) = self.peek(LogicalSector(block)) else {
                    return Ok(());
                };
                let mut from = 0;
                while let Some(length) = bytes
                    .get(from)
                    .copied()
                    .map(usize::from)
                    .filter(|length| *length > 0)
                {
                    let Ok(record) = DirectoryRecord::read(&bytes[from..]) else {
                        return Ok(());
                    };
                    from += length;
                    if record.identifier == [0] {
                        left = record.section.bytes.div_ceil(BLOCK);
                    }
                    if matches!(record.identifier, [0 | 1]) || !record.flags.contains(FileFlags::DIRECTORY) {
                        continue;
                    }
                    let listed = self.listed(tables, next)?;
                    next = listed.next;
                    let name = record.identifier.escape_ascii();
                    if listed.identifier != record.identifier {
                        return Err(format!("{} instead of {name}", listed.identifier.escape_ascii()));
                    }
                    if listed.extent != record.section.block || u32::from(listed.parent) != number {
                        return Err(format!(
                            "{name}: extent {}, parent {}; it is at {} in directory {number}",
                            listed.extent, listed.parent, record.section.block
                        ));
                    }
                }
                left = left.saturating_sub(1);
                block = block.saturating_add(1);
            }
        }
        if next == tables.bytes {
            Ok(())
        } else {
            Err(format!("{} bytes, directories take {next}", tables.bytes))
        }
    }

    /// The record at a byte offset of both tables.
    fn listed(&mut self, tables: &Tables, at: u32) -> Result<Listed, String> {
        let mut both = Vec::new();
        for (start, order) in [
            (tables.type_l, ByteOrder::Little),
            (tables.type_m, ByteOrder::Big),
        ] {
            let bytes = self.bytes_of_table(start, at, LONGEST.min(tables.bytes.saturating_sub(at)))?;
            let (record, rest) =
                PathTableRecord::read(order, &bytes).map_err(|fault| format!("byte {at}: {fault}"))?;
            let length = u32::try_from(bytes.len() - rest.len()).unwrap_or(LONGEST);
            // An identifier of odd length is followed by a zero byte.
            let name = record.identifier.len();
            let padded = name % 2 == 1 && bytes.get(8 + name) != Some(&0);
            if bytes.get(1) != Some(&0) || padded {
                return Err(format!("byte {at}: extended attribute record length, or padding"));
            }
            both.push(Listed {
                identifier: record.identifier.to_vec(),
                extent: record.extent,
                parent: record.parent,
                next: at + length,
            });
        }
        let is_same = |one: &Listed, other: &Listed| {
            (&one.identifier, one.extent, one.parent) == (&other.identifier, other.extent, other.parent)
        };
        match (both.pop(), both.pop()) {
            (Some(big), Some(little)) if is_same(&big, &little) => Ok(little),
            _ => Err(format!("byte {at}: tables L and M differ")),
        }
    }

    fn bytes_of_table(&mut self, start: u32, at: u32, length: u32) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let mut next = at;
        while next < at + length {
            let sector = LogicalSector(start.saturating_add(next / BLOCK));
            let block = self.peek(sector).ok_or(format!("{sector} cannot be read"))?;
            let inside = (next % BLOCK) as usize;
            let count = (BLOCK - next % BLOCK).min(at + length - next);
            bytes.extend_from_slice(&block[inside..inside + count as usize]);
            next += count;
        }
        Ok(bytes)
    }
}
