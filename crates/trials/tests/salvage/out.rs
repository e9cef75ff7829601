//! What salvaging gets out of a disc.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use drive::Drive;
use salvage::{Index, Next, Salvaged};
use volume::{Node, NodeKind, Step, Volume, Walk};

/// The most volumes that are taken from a disc.
const MOST_VOLUMES: usize = 8;

/// Files by path, with their bytes if all of them can be read. The paths of the first volume begin with `/`,
/// those of others with its number, and what no name leads to has `#` and its place.
pub type Out = BTreeMap<String, Option<Vec<u8>>>;

pub fn salvaged(drive: Drive) -> Out {
    let mut drive = drive;
    let mut index = Index::default();
    let watch = &mut |_, _: &Index| ControlFlow::Continue(());
    index.scan(&mut drive, None, watch).unwrap();
    let mut out = Out::new();
    for number in 0..MOST_VOLUMES {
        let mut salvaged = match Salvaged::next(drive, &mut index, &|| false) {
            Ok(Next::Volume(salvaged)) => salvaged,
            Ok(Next::Nothing(_) | Next::Stopped(_)) => break,
            Err(error) => panic!("{error}"),
        };
        let before = if number == 0 {
            String::new()
        } else {
            format!("{number}:")
        };
        let root = salvaged.root();
        let lost = salvaged.lost().to_vec();
        let volume = salvaged.volume();
        if let Some(Ok(node)) = root.map(|root| volume.node(root)) {
            below(volume, node, &before, &mut out);
        }
        for one in lost.into_iter().filter(|one| !one.is_deleted) {
            let Ok(node) = one.node(volume) else { continue };
            let path = format!("{before}#{}", one.byte / 2048);
            if node.kind == NodeKind::Directory {
                below(volume, node, &path, &mut out);
            } else {
                let bytes = read(volume, &node);
                out.insert(path, bytes);
            }
        }
        drive = salvaged.into_drive();
    }
    out
}

fn below(volume: &mut Volume, top: Node, before: &str, out: &mut Out) {
    let mut walk = Walk::new(top, before);
    while let Some(step) = walk.step(volume) {
        let Ok(Step::Entry { path, named }) = step else {
            continue;
        };
        match volume.node(named.address) {
            Ok(node) if node.kind == NodeKind::Directory => walk.enter(node, &path),
            Ok(node) => {
                let bytes = read(volume, &node);
                out.insert(path, bytes);
            }
            Err(_) => drop(out.insert(path, None)),
        }
    }
}

fn read(volume: &mut Volume, node: &Node) -> Option<Vec<u8>> {
    if node.kind == NodeKind::SymbolicLink {
        return volume.symlink_target(node).ok().map(String::into_bytes);
    }
    let body = volume.body(node).ok()?;
    let mut bytes = vec![0; usize::try_from(body.len()).ok()?];
    let length = volume.read(&body, 0, &mut bytes).ok()?;
    (length == bytes.len()).then_some(bytes)
}
