//! Changes recorded structures in the image, as no drive could.

use std::os::unix::fs::FileExt;

use ecma167::file::{FileEntry, FileIdentifier};
use ecma167::general::TagVersion;
use ecma167::{BLOCK_SIZE, LogicalSector};

use super::Disc;

/// Changes the file entry of a node in place.
pub fn edit_entry(disc: &Disc, path: &str, change: impl FnOnce(&mut FileEntry)) {
    let mut volume = disc.volume();
    let node = volume.lookup_path(path).unwrap();
    let sector = volume.resolve(node.address).unwrap();
    let version = TagVersion::of(volume.revision());
    drop(volume);
    let mut entry = node.entry;
    change(&mut entry);
    put(disc, sector, &entry.encode(version, node.address.block).unwrap());
}

/// Overwrites a recorded block, as no drive could.
pub fn put(disc: &Disc, sector: LogicalSector, block: &[u8; BLOCK_SIZE]) {
    let image = std::fs::File::options().write(true).open(disc.image()).unwrap();
    image
        .write_all_at(block, u64::from(sector.0) * BLOCK_SIZE as u64)
        .unwrap();
}

/// Changes each entry of the root directory, which is embedded.
pub fn edit_root(disc: &Disc, mut change: impl FnMut(&mut FileIdentifier)) {
    edit_entry(disc, "/", |entry| {
        let mut rest = entry.allocation_descriptors.as_slice();
        let mut changed = Vec::new();
        while !rest.is_empty() {
            let (mut fid, length) = FileIdentifier::decode(rest, None).unwrap();
            rest = &rest[length..];
            change(&mut fid);
            changed.extend(fid.encode(TagVersion::Three, 0).unwrap());
        }
        entry.information_length = changed.len() as u64;
        entry.allocation_descriptors = changed;
    });
}
