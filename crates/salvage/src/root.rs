//! Finds the root directory.

use ecma167::file::FileType;
use ecma167::osta::unique_id;
use ecma167::{PartitionReference, RecordedAddress};
use volume::{Error, NodeKind, Volume};

use crate::index::Index;
use crate::layout::{Form, Layout};

/// The most file sets and directories that are tried.
const MOST: usize = 1 << 10;

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
    let Some((start, length)) = layout.ground() else {
        return Ok(None);
    };
    let size = layout.block_size;
    let has = |unit: u32| {
        let sector = crate::index::sector_of(unit, size);
        let block = sector.and_then(|sector| sector.checked_sub(start));
        block.filter(|block| *block < length)
    };
    let mut of_sets: Vec<RecordedAddress> = Vec::new();
    for set in index.file_sets.iter().rev() {
        let block = has(set.unit);
        let fits = match layout.form() {
            Form::Plain => block == Some(set.location),
            Form::Virtual | Form::Metadata => block.is_some(),
        };
        let root = set.root.address();
        if fits && !of_sets.contains(&root) && of_sets.len() < MOST {
            of_sets.push(root);
        }
    }
    let partition: PartitionReference = layout.nodes();
    let roots = index.nodes.iter().rev().filter(|node| {
        let block = has(node.unit);
        let is_placed = (block == Some(node.location)) == (layout.form() == Form::Plain);
        node.kind == FileType::DIRECTORY && node.unique_id == unique_id::ROOT && block.is_some() && is_placed
    });
    let by_id = roots.take(MOST).map(|node| RecordedAddress {
        partition,
        block: node.location,
    });
    for root in of_sets.iter().copied().chain(by_id) {
        match volume.node(root) {
            Ok(node) if node.kind == NodeKind::Directory => return Ok(Some(root)),
            Ok(_) => {}
            Err(error) if error.is_damage() || matches!(error, Error::Unsupported(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(of_sets.first().copied())
}
