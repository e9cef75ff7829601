//! What is in a volume besides its blocks: the way to each node, and the nodes without one.

use std::collections::{HashMap, HashSet};

use ecma167::file::FileType;
use ecma167::osta::unique_id;
use ecma167::{LogicalBlock, RecordedAddress};
use volume::{Error, Node, NodeKind, Volume};

use crate::fragments::{Made, directories};
use crate::index::{Index, NodeSeen};
use crate::layout::{Form, Layout};
use crate::lost::LostNode;
use crate::reach::{Reach, Room, is_passed};
use crate::table::Table;
use crate::used::note_used;

/// What is known of a volume besides its blocks.
pub(crate) struct Explored {
    pub table: Table,
    pub root: Option<RecordedAddress>,
    pub lost: Vec<LostNode>,
    /// Directories made of names alone.
    pub made: u64,
}

/// Finds what names lead to, and what they do not, and notes in `index` what this explains. Once `stop`
/// returns `true`, it ends early and has not found everything.
pub(crate) fn explore(
    volume: &mut Volume,
    index: &mut Index,
    layout: &Layout,
    stop: &dyn Fn() -> bool,
) -> Result<Explored, Error> {
    let table = match layout.form() {
        Form::Virtual => Table::put_in_force(volume, index, layout)?,
        Form::Plain | Form::Metadata => Table::default(),
    };
    let root = crate::root::find(volume, index, layout)?;
    let mut reach = Reach::new(index, layout, stop);
    walk_from(volume, index, &mut reach, root)?;
    cover_streams(volume, index, layout, &mut reach)?;
    let own = own_nodes(volume, index, layout, &table, &reach);
    for one in own.iter().filter(|one| one.is_directory) {
        if reach.is_stopped() {
            break;
        }
        match one.node(volume) {
            Ok(node) if node.kind == NodeKind::Directory => {
                reach.cover(volume, index, &node, one.block)?;
            }
            Ok(_) => {}
            Err(error) if is_passed(&error) => {}
            Err(error) => return Err(error),
        }
    }
    if layout.form() == Form::Metadata {
        reach.cover_copies(index);
    }
    let made = directories(volume, index, &reach, layout.nodes(), root)?;
    made.iter().for_each(|made| volume.stand_in(made.node.clone()));
    if made.iter().any(|made| made.is_placed) {
        // What these directories name has a path now.
        reach.restart(index);
        walk_from(volume, index, &mut reach, root)?;
        cover_streams(volume, index, layout, &mut reach)?;
    }
    let lost = lost(volume, index, &mut reach, &own, &made)?;
    note_used(volume, index, layout, &reach, &own)?;
    Ok(Explored {
        table,
        root,
        lost,
        made: made.len() as u64,
    })
}

/// Notes streams and their names: they are no files.
fn cover_streams(
    volume: &mut Volume,
    index: &Index,
    layout: &Layout,
    reach: &mut Reach<'_>,
) -> Result<(), Error> {
    let directories = index
        .nodes
        .iter()
        .filter(|node| node.kind == FileType::STREAM_DIRECTORY);
    for seen in directories {
        let address = RecordedAddress {
            partition: layout.nodes(),
            block: seen.location,
        };
        let at = reach.index_of(volume, index, address);
        if at.and_then(|at| index.nodes.get(at as usize)) != Some(seen) {
            continue;
        }
        let kind = NodeKind::Directory;
        match volume.node(address).map(|node| Node { kind, ..node }) {
            Ok(node) => reach.walk(volume, index, node)?,
            Err(error) if is_passed(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn walk_from(
    volume: &mut Volume,
    index: &Index,
    reach: &mut Reach<'_>,
    root: Option<RecordedAddress>,
) -> Result<(), Error> {
    match root.map(|root| volume.node(root)) {
        Some(Ok(node)) if node.kind == NodeKind::Directory => reach.walk(volume, index, node),
        Some(Err(error)) if !is_passed(&error) => Err(error),
        _ => Ok(()),
    }
}

/// The entries of a volume that the walk did not reach: those that its addresses lead to, and earlier
/// versions.
fn own_nodes(
    volume: &mut Volume,
    index: &Index,
    layout: &Layout,
    table: &Table,
    reach: &Reach<'_>,
) -> Vec<LostNode> {
    let partition = layout.nodes();
    let lost_node = |node: &NodeSeen, block: Option<LogicalBlock>, is_deleted| LostNode {
        address: RecordedAddress {
            partition,
            block: node.location,
        },
        block,
        byte: node.byte(),
        is_directory: node.kind == FileType::DIRECTORY,
        is_deleted,
        name: None,
    };
    // Entries that are replaced by others have the unique ID of those (`ECMA-167 4/A.5`).
    let reached = (0_u32..)
        .zip(&index.nodes)
        .filter(|(at, _)| reach.reached.has(*at));
    let roots = reached
        .clone()
        .filter(|(_, node)| node.unique_id == unique_id::ROOT);
    let has_root = roots.count() == 1;
    let ids: HashSet<u64> = reached.map(|(_, node)| node.unique_id).collect();
    let is_replaced = |node: &NodeSeen| match node.unique_id {
        unique_id::ROOT => has_root && node.kind == FileType::DIRECTORY,
        id => ids.contains(&id),
    };
    let mut own = Vec::new();
    if layout.form() == Form::Virtual {
        for (_, block, at) in table.all() {
            let Some(node) = index.nodes.get(*at as usize).filter(|node| node.is_of_user()) else {
                continue;
            };
            if reach.reached.has(*at) {
                continue;
            }
            let one = lost_node(node, None, false);
            let shown = reach.index_of(volume, index, one.address);
            let is_shown = shown == Some(*at);
            let block = LogicalBlock(*block);
            own.push(if is_shown {
                one
            } else {
                lost_node(node, Some(block), true)
            });
        }
        return own;
    }
    for (at, node) in (0_u32..).zip(&index.nodes) {
        if !node.is_of_user() || reach.reached.has(at) || index.used_nodes.has(at) {
            continue;
        }
        let one = lost_node(node, None, is_replaced(node));
        if reach.index_of(volume, index, one.address) == Some(at) {
            own.push(one);
        }
    }
    own
}

/// The nodes that no name leads to, and the directories that are made of names and have no path.
fn lost(
    volume: &mut Volume,
    index: &Index,
    reach: &mut Reach<'_>,
    own: &[LostNode],
    made: &[Made],
) -> Result<Vec<LostNode>, Error> {
    let mut tops: Vec<LostNode> = Vec::new();
    let nowhere = made.iter().filter(|made| !made.is_placed).map(|made| LostNode {
        address: made.node.address,
        block: None,
        byte: made.byte,
        is_directory: true,
        is_deleted: false,
        name: None,
    });
    let current = own
        .iter()
        .filter(|one| !one.is_deleted && one.is_directory)
        .cloned();
    let directories: Vec<LostNode> = current.chain(nowhere).collect();
    let named = named_by(volume, index, reach, &directories)?;
    // Those that no other names come first; what is left then are directories that contain each other.
    let (first, second): (Vec<_>, Vec<_>) = directories
        .into_iter()
        .partition(|one| !named.contains(&one.address));
    for one in first.into_iter().chain(second) {
        if reach.is_stopped() {
            break;
        }
        let at = reach.index_of(volume, index, one.address);
        if at.is_some_and(|at| reach.reached.has(at)) {
            continue;
        }
        match one.node(volume) {
            Ok(node) if node.kind == NodeKind::Directory => {
                reach.walk(volume, index, node)?;
                tops.push(one);
            }
            Ok(_) => {}
            Err(error) if is_passed(&error) => {}
            Err(error) => return Err(error),
        }
    }
    let mut ids = HashSet::new();
    let files = own.iter().rev().filter(|one| !one.is_directory || one.is_deleted);
    let mut files: Vec<LostNode> = files
        .filter(|one| {
            let at = one.index_in(index);
            // A node of which a version is shown was not deleted.
            let is_gone = one.block.is_none() || reach.index_of(volume, index, one.address).is_none();
            let is_new = !one.is_deleted || is_gone && ids.insert(one.address);
            is_new && at.is_none_or(|at| !reach.reached.has(at))
        })
        .cloned()
        .collect();
    files.reverse();
    name_deleted(volume, reach, own, &mut files)?;
    tops.extend(files);
    Ok(tops)
}

/// Gives deleted nodes the names that earlier versions of directories have for them.
fn name_deleted(
    volume: &mut Volume,
    reach: &Reach<'_>,
    own: &[LostNode],
    files: &mut [LostNode],
) -> Result<(), Error> {
    let deleted = (0..).zip(files.iter()).filter(|(_, one)| one.is_deleted);
    let places: HashMap<RecordedAddress, usize> = deleted.map(|(at, one)| (one.address, at)).collect();
    if places.is_empty() {
        return Ok(());
    }
    for one in own.iter().filter(|one| one.is_directory && one.is_deleted) {
        let opened = one.node(volume).and_then(|node| volume.directory(&node));
        let mut directory = match opened {
            Ok(directory) => directory,
            Err(error) if is_passed(&error) => continue,
            Err(error) => return Err(error),
        };
        while !reach.is_stopped() {
            match directory.next_live(volume) {
                Ok(Some(entry)) => {
                    if let Some(file) = places.get(&entry.address()).and_then(|at| files.get_mut(*at)) {
                        file.name = Some(entry.name);
                    }
                }
                Ok(None) => break,
                Err(error) if is_passed(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

/// What directories name.
fn named_by(
    volume: &mut Volume,
    index: &Index,
    reach: &Reach<'_>,
    directories: &[LostNode],
) -> Result<HashSet<RecordedAddress>, Error> {
    let candidates: HashSet<RecordedAddress> = directories.iter().map(|one| one.address).collect();
    let mut named = HashSet::new();
    let mut room = Room::of(index);
    for one in directories {
        let node = one.node(volume);
        if node.as_ref().is_ok_and(|node| !room.take(node)) {
            continue;
        }
        let opened = node.and_then(|node| volume.directory(&node));
        let mut directory = match opened {
            Ok(directory) => directory,
            Err(error) if is_passed(&error) => continue,
            Err(error) => return Err(error),
        };
        while !reach.is_stopped() {
            match directory.next_live(volume) {
                Ok(Some(entry)) if entry.address() != one.address => {
                    if candidates.contains(&entry.address()) {
                        named.insert(entry.address());
                    }
                }
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(error) if is_passed(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(named)
}
