//! The VATs of a disc, by their ICBs.

use std::collections::HashSet;

use ecma167::{BlockSize, LogicalBlock};
use volume::{Error, Vat, Volume};

use crate::index::{Index, unit_of};

/// An entry that cannot be read. No partition has this block.
const UNKNOWN: u32 = u32::MAX - 1;
/// The most VAT ICBs that are tried, the last recorded first.
const MOST_VATS: usize = 1 << 10;
/// The most entries of a table: 64 MB.
pub(crate) const MOST_ENTRIES: u32 = 1 << 24;
/// The most VATs before the newest that are read, and the most entries of all of them.
const MOST_OLDER: usize = 64;
const MOST_OLDER_ENTRIES: u64 = 1 << 26;
/// The most versions that only older VATs name.
const MOST_NAMED: usize = 1 << 20;
/// Bytes of a VAT read at once.
const PIECE: usize = 1 << 20;

/// The blocks of what may be VAT ICBs, the last recorded first.
fn icbs(index: &Index, start: u32, size: BlockSize) -> Vec<LogicalBlock> {
    let all = index.nodes.iter().rev().filter(|node| {
        let block = node.sector(size).and_then(|sector| sector.checked_sub(start));
        index.may_be_vat(node) && block == Some(node.location)
    });
    all.map(|node| LogicalBlock(node.location))
        .take(MOST_VATS)
        .collect()
}

fn read(volume: &mut Volume, icb: LogicalBlock) -> Result<Option<Vat>, Error> {
    match volume.vat_at(icb) {
        Ok(vat) => Ok(Some(vat).filter(|vat| vat.entries <= MOST_ENTRIES)),
        Err(error) if error.is_damage() || matches!(error, Error::Unsupported(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The VAT with the last recorded ICB that can be read.
pub(crate) fn newest(
    volume: &mut Volume,
    index: &Index,
    start: u32,
    size: BlockSize,
) -> Result<Option<Vat>, Error> {
    for icb in icbs(index, start, size) {
        if let Some(vat) = read(volume, icb)? {
            return Ok(Some(vat));
        }
    }
    Ok(None)
}

/// The versions of nodes that only VATs before the one whose ICB is in block `newest` name: virtual address,
/// block and index. Some writers record the block in the tag of a node, and not its virtual address.
pub(crate) fn named_by_older(
    volume: &mut Volume,
    index: &Index,
    start: u32,
    size: BlockSize,
    newest: u32,
) -> Result<HashSet<(u32, u32, u32)>, Error> {
    let mut named = HashSet::new();
    let mut left = MOST_OLDER_ENTRIES;
    let older = icbs(index, start, size).into_iter().filter(|icb| icb.0 < newest);
    for icb in older.take(MOST_OLDER) {
        let Some(vat) = read(volume, icb)? else { continue };
        let Some(rest) = left.checked_sub(vat.entries.into()) else {
            break;
        };
        left = rest;
        let entries = entries(volume, &vat)?;
        for (address, block) in (0..).zip(entries) {
            let unit = start.checked_add(block).and_then(|sector| unit_of(sector, size));
            let Some(at) = unit.and_then(|unit| index.node_at(unit)) else {
                continue;
            };
            let is_its_block = index.nodes[at].location == block;
            let Some(at) = u32::try_from(at).ok().filter(|_| is_its_block) else {
                continue;
            };
            if named.len() < MOST_NAMED && !index.used_nodes.has(at) {
                named.insert((address, block, at));
            }
        }
    }
    Ok(named)
}

/// The entries of a VAT. Those that cannot be read are unused.
pub(crate) fn entries(volume: &mut Volume, vat: &Vat) -> Result<Vec<u32>, Error> {
    let all = vat.entries as usize * 4;
    let mut entries = Vec::new();
    let mut piece = vec![0; PIECE.min(all)];
    let mut done = 0;
    while done < all {
        let length = piece.len().min(all - done);
        let part = &mut piece[..length];
        let offset = vat.entries_offset + done as u64;
        let got = match volume.read_readable(&vat.body, offset, part) {
            Ok(0) => break,
            Ok(got) => got,
            Err(error) if error.is_damage() => {
                // Each block has whole entries.
                let got = (2048 - (offset % 2048) as usize).min(length);
                let (words, _) = part[..got].as_chunks_mut::<4>();
                words.fill(UNKNOWN.to_le_bytes());
                got
            }
            Err(error) => return Err(error),
        };
        let (words, _) = part[..got].as_chunks::<4>();
        entries.extend(words.iter().map(|word| u32::from_le_bytes(*word)));
        done += got.max(4);
    }
    Ok(entries)
}
