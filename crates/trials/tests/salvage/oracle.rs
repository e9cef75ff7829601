//! What a disc has before it is ruined: for each file, the blocks that it needs, and those that its path
//! needs.

use std::collections::BTreeSet;

use ecma167::file::{AllocationExtent, AllocationForm, ExtentType, allocation_descriptor};
use ecma167::{BLOCK_SIZE, RecordedAddress};
use volume::{Body, ExtentKind, Node, NodeKind, Volume};

/// A file, link or special file.
#[derive(Clone, Debug)]
pub struct Had {
    pub path: String,
    pub bytes: Vec<u8>,
    /// The sectors of its entry, allocation descriptors and data.
    pub needs: BTreeSet<u32>,
    /// The sectors of the names on its path, and of the entries of their directories.
    pub way: BTreeSet<u32>,
    /// The sector of its own name.
    pub name: BTreeSet<u32>,
}

/// Everything on the volume.
pub fn all(volume: &mut Volume) -> Vec<Had> {
    let mut all = Vec::new();
    let root = volume.root().unwrap();
    let mut left = vec![(String::new(), root, BTreeSet::new(), BTreeSet::new())];
    while let Some((path, address, way, name)) = left.pop() {
        let node = volume.node(address).unwrap();
        let mut needs = BTreeSet::from([volume.resolve(address).unwrap().0]);
        needs.extend(continuations(volume, &node));
        let body = volume.body(&node).unwrap();
        if node.kind == NodeKind::Directory {
            let mut way: BTreeSet<u32> = way;
            way.extend(&needs);
            let blocks = sectors(volume, &body);
            let mut directory = volume.directory(&node).unwrap();
            while let Some(entry) = directory.next_live(volume).unwrap() {
                let end = entry.offset + entry.length as u64;
                let range = entry.offset / BLOCK_SIZE as u64..end.div_ceil(BLOCK_SIZE as u64);
                let of_name: BTreeSet<u32> = match &body {
                    Body::Embedded(_) => needs.clone(),
                    Body::Extents(_) => range
                        .map(|block| blocks[usize::try_from(block).unwrap()])
                        .collect(),
                };
                let below = way.union(&of_name).copied().collect();
                left.push((format!("{path}/{}", entry.name), entry.address(), below, of_name));
            }
            continue;
        }
        needs.extend(sectors(volume, &body));
        let bytes = if node.kind == NodeKind::SymbolicLink {
            volume.symlink_target(&node).unwrap().into_bytes()
        } else {
            let mut bytes = vec![0; usize::try_from(body.len()).unwrap()];
            volume.read(&body, 0, &mut bytes).unwrap();
            bytes
        };
        all.push(Had {
            path,
            bytes,
            needs,
            way,
            name,
        });
    }
    all
}

/// The sectors of a body, one for each of its blocks.
fn sectors(volume: &mut Volume, body: &Body) -> Vec<u32> {
    let Body::Extents(extents) = body else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for extent in extents {
        let ExtentKind::Recorded(first) = extent.kind else {
            continue;
        };
        for by in 0..u32::try_from(extent.length.div_ceil(BLOCK_SIZE as u64)).unwrap() {
            let block = first.block + by;
            all.push(volume.resolve(RecordedAddress { block, ..first }).unwrap().0);
        }
    }
    all
}

/// The allocation extents of a node.
fn continuations(volume: &mut Volume, node: &Node) -> Vec<u32> {
    let form = node.entry.icb_tag.form().unwrap();
    let mut descriptors = node.entry.allocation_descriptors.clone();
    let mut all = Vec::new();
    if form == AllocationForm::Embedded {
        return all;
    }
    loop {
        let next = allocation_descriptor::parse(form, node.address.partition, &descriptors)
            .map(Result::unwrap)
            .find(|descriptor| descriptor.extent_type == ExtentType::Continuation);
        let Some(next) = next else { return all };
        let at = volume.resolve(next.address).unwrap();
        all.push(at.0);
        let block = volume.read_sector(at).unwrap();
        descriptors = AllocationExtent::decode(block, None)
            .unwrap()
            .allocation_descriptors;
    }
}
