//! What a directory names: nodes, names, links, parents, IDs.

use super::blocks::{put, put_location, sealed, with_fid};
use super::maker::{Known, Maker};
use crate::image::Block;
use crate::inject::icb::{descriptors, fids};
use crate::repair::{self, half};

/// `/directory` contains the parent, `small` and `same`; `/other` contains the parent and a hard link to
/// `small`.
pub fn break_links(maker: &mut Maker<'_>) {
    let directory = maker.known("/directory");
    let other = maker.known("/other");
    let small = maker.known("/directory/small");
    let same = maker.known("/directory/same");
    let third = half(&small.block, 0) == 266;
    let (at, block) = (directory.sector, directory.block);
    let location = |known: &Known| known.node.address.block.to_le_bytes();
    let name = |block: &Block, name: &[u8]| {
        with_fid(block, 1, |fid| {
            // "small" or "same" in 8-bit characters.
            let length = usize::from(fid[19]) - 1;
            let start = 39 + usize::from(half(fid, 36));
            let text: Vec<u8> = name.iter().copied().cycle().take(length).collect();
            fid[start..start + length].copy_from_slice(&text);
        })
    };
    maker.broken("name with '/'", vec![(at, name(&block, b"a/b"))]);
    maker.broken("name with NUL", vec![(at, name(&block, b"a\0"))]);
    let dots = sealed(&block, |block| {
        // The name becomes ".." if its padded FID keeps its length.
        let range = fids(block)[1].clone();
        let used = usize::from(half(block, range.start + 36));
        let name = range.start + 38 + used;
        let length = usize::from(block[range.start + 19]);
        if length > 3 && (38 + used + 3).next_multiple_of(4) == range.len() {
            block[range.start + 19] = 3;
            put(block, name + 1, b"..");
            block[name + 3..range.end].fill(0);
        } else {
            put(block, name + 1, b"/");
        }
        repair::seal(&mut block[range]);
    });
    maker.broken("name '..'", vec![(at, dots)]);
    let twice = with_fid(&block, 2, |fid| put_location(fid, location(&small)));
    maker.broken("two FIDs of a directory name one node", vec![(at, twice)]);
    let swapped = with_fid(&block, 1, |fid| put_location(fid, location(&same)));
    let swapped = with_fid(&swapped, 2, |fid| put_location(fid, location(&small)));
    if third {
        maker.broken("two FIDs name each other's node", vec![(at, swapped)]);
    } else {
        let why = "both were renamed, and FIDs have no unique ID before 2.00";
        maker.legal("two FIDs name each other's node", why, vec![(at, swapped)]);
    }
    let parent = with_fid(&block, 0, |fid| put_location(fid, location(&other)));
    maker.broken("parent: another directory", vec![(at, parent)]);
    let itself = with_fid(&block, 1, |fid| {
        fid[18] |= 2;
        put_location(fid, location(&directory));
    });
    maker.broken("directory in itself", vec![(at, itself)]);
    let again = with_fid(&other.block, 1, |fid| {
        fid[18] |= 2;
        put_location(fid, location(&directory));
    });
    maker.broken("directory with two names", vec![(other.sector, again)]);
    let metadata = with_fid(&block, 1, |fid| fid[18] |= 16);
    maker.broken("metadata bit in an ordinary directory", vec![(at, metadata)]);
    let links = sealed(&same.block, |block| block[48] += 1);
    maker.broken("link count of one more", vec![(same.sector, links)]);
    let unique = if third { 200..208 } else { 160..168 };
    let id = sealed(&small.block, |block| {
        block[unique.clone()].copy_from_slice(&same.block[unique.clone()])
    });
    maker.broken("two nodes with one unique ID", vec![(small.sector, id)]);
    if third {
        let id = with_fid(&block, 1, |fid| {
            fid[32..36].copy_from_slice(&same.block[200..204])
        });
        maker.broken("FID with another node's unique ID", vec![(at, id)]);
    }
    let order = sealed(&block, |block| {
        let all = fids(block);
        let (one, two) = (block[all[1].clone()].to_vec(), block[all[2].clone()].to_vec());
        put(block, all[1].start, &[two, one].concat());
    });
    maker.legal(
        "FIDs in another order",
        "a directory is not sorted",
        vec![(at, order)],
    );
    let bodies = |from: &Known, to: &Known| {
        sealed(&to.block, |block| {
            let at = descriptors(block);
            let bytes = &from.block[descriptors(&from.block)..][..8];
            put(block, at, bytes);
        })
    };
    let changed = bodies(&same, &small);
    maker.legal(
        "different bytes in a file",
        "the contents of a file are arbitrary",
        vec![(small.sector, changed)],
    );
}
