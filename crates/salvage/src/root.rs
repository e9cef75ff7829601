//! Finds the root directory.

use ecma167::RecordedAddress;
use ecma167::file::FileType;
use ecma167::osta::unique_id;
use volume::{Error, NodeKind, Volume};

use crate::index::{Index, NodeSeen, sector_of};
use crate::layout::{Form, Layout};

/// The most file sets and directories that are tried.
const MOST: usize = 1 << 10;

/// Whether a structure is where its location leads; in a virtual partition, whether it may be.
fn is_there(volume: &mut Volume, layout: &Layout, unit: u32, location: u32) -> bool {
    let sector = sector_of(unit, layout.block_size);
    let (Some((start, length)), Some(sector)) = (layout.ground(), sector) else {
        return false;
    };
    if layout.form() != Form::Plain {
        return sector.checked_sub(start).is_some_and(|block| block < length);
    }
    let address = RecordedAddress {
        partition: layout.nodes(),
        block: location,
    };
    volume.resolve(address).is_ok_and(|there| there.0 == sector)
}

/// The root directory of a volume: by the file set that its descriptor names, by any file set, or by its
/// unique ID. The node of the first need not be readable.
pub(crate) fn find(
    volume: &mut Volume,
    index: &Index,
    layout: &Layout,
) -> Result<Option<RecordedAddress>, Error> {
    match volume.root() {
        Ok(root) => return Ok(Some(root)),
        Err(error) if error.is_damage() || matches!(error, Error::Unsupported(_)) => {}
        Err(error) => return Err(error),
    }
    let partition = layout.nodes();
    let mut of_sets: Vec<RecordedAddress> = Vec::new();
    for set in index.file_sets.iter().rev() {
        let root = set.root.address();
        if is_there(volume, layout, set.unit, set.location)
            && !of_sets.contains(&root)
            && of_sets.len() < MOST
        {
            of_sets.push(root);
        }
    }
    let is_root = |node: &&NodeSeen| node.kind == FileType::DIRECTORY && node.unique_id == unique_id::ROOT;
    let roots = index.nodes.iter().rev().filter(is_root).take(MOST);
    let by_id: Vec<RecordedAddress> = roots
        .filter(|node| is_there(volume, layout, node.unit, node.location))
        .map(|node| RecordedAddress {
            partition,
            block: node.location,
        })
        .collect();
    // A file set whose root is in another partition may be that of a plain volume beside this one.
    let is_own = |root: &&RecordedAddress| root.partition == partition;
    let own = of_sets.iter().filter(is_own);
    let others = of_sets.iter().filter(|root| !is_own(root));
    for root in own.copied().chain(by_id).chain(others.copied()) {
        match volume.node(root) {
            Ok(node) if node.kind == NodeKind::Directory => return Ok(Some(root)),
            Ok(_) => {}
            Err(error) if error.is_damage() || matches!(error, Error::Unsupported(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(of_sets.first().copied())
}
