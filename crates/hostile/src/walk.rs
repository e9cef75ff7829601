//! Reads everything on a volume, as `ls -R` and a full copy would, up to a bound.

use volume::{Node, NodeKind, Totals, Volume};

/// Maximum number of nodes read.
const NODES: usize = 400;
/// Maximum depth of directories.
const DEPTH: usize = 24;
/// Maximum entries per directory.
const ENTRIES: usize = 5000;
/// Maximum streams per node.
const STREAMS: usize = 200;
/// Bytes read from the start of a body.
const FRONT: usize = 256 << 10;

/// Calls `seen` with the root and everything below.
pub fn nodes(volume: &mut Volume, seen: &mut dyn FnMut(&mut Volume, &Node)) {
    let Ok(root) = volume.lookup_path("/") else { return };
    let mut left = NODES;
    below(volume, &root, DEPTH, &mut left, seen);
}

fn below(
    volume: &mut Volume,
    node: &Node,
    depth: usize,
    left: &mut usize,
    seen: &mut dyn FnMut(&mut Volume, &Node),
) {
    if *left == 0 || depth == 0 {
        return;
    }
    *left -= 1;
    seen(volume, node);
    if node.kind != NodeKind::Directory {
        return;
    }
    let Ok(mut directory) = volume.directory(node) else {
        return;
    };
    for _ in 0..ENTRIES {
        let entry = match directory.next(volume) {
            Ok(Some(entry)) => entry,
            Ok(None) => return,
            // Reading continues after damage.
            Err(_) => continue,
        };
        if entry.is_live()
            && let Ok(child) = volume.node(entry.address())
        {
            below(volume, &child, depth - 1, left, seen);
        }
    }
}

/// Queries all properties of a node, and reads its body at the start, in the middle and at the end.
pub fn read(volume: &mut Volume, node: &Node) {
    let _ = (node.mode(), node.size(), node.unique_id(), node.uid(), node.gid());
    let times = [
        node.entry.access_time,
        node.entry.modification_time,
        node.entry.attribute_time,
    ];
    let _ = times.map(|time| time.to_unix());
    let _ = volume.symlink_target(node);
    streams(volume, node);
    let Ok(body) = volume.body(node) else { return };
    let mut bytes = vec![0; FRONT];
    let _ = volume.read(&body, 0, &mut bytes);
    for offset in [body.len() / 2, body.len().saturating_sub(5000), u64::MAX - 1] {
        let _ = volume.read(&body, offset, &mut bytes[..6000]);
    }
}

/// Reads the streams of a node, as listing and copying them would.
fn streams(volume: &mut Volume, node: &Node) {
    let Ok(Some(directory)) = volume.stream_directory(node) else {
        return;
    };
    let Ok(mut directory) = volume.directory(&directory) else {
        return;
    };
    let mut bytes = vec![0; 6000];
    for _ in 0..STREAMS {
        match directory.next_live(volume) {
            Ok(Some(entry)) => {
                let stream = volume.stream(entry.address());
                if let Ok(body) = stream.and_then(|stream| volume.body(&stream)) {
                    let _ = volume.read(&body, 0, &mut bytes);
                }
            }
            Ok(None) => return,
            // Reading continues after damage.
            Err(_) => {}
        }
    }
}

/// Queries all properties of a volume above its nodes.
pub fn top(volume: &mut Volume) {
    let _ = (
        volume.label(),
        volume.revision(),
        volume.recognition(),
        volume.clean(),
    );
    let _ = (volume.virtual_partition(), volume.physical_partition());
    let _ = volume.generation();
    past(volume);
    if let Ok(found) = volume.after_newest()
        && let Ok(names) = volume.lost_names(&found)
    {
        let paths = found.entries.iter().flat_map(|entry| names.of(entry));
        assert!(paths.take(1000).all(|path| path.starts_with('/')));
    }
    let _ = volume.in_use();
    let _ = volume.structures(&mut |_, _| {});
    let _ = volume.free_space();
    let _ = volume.root();
    let _ = volume.system_stream_directory();
    let _ = (
        volume.losses_since_opening().len(),
        volume.losses().iter().map(ToString::to_string).count(),
    );
}

/// The most generations that are compared.
const COMPARED: usize = 8;

/// Compares generations, forwards and back.
fn past(volume: &mut Volume) {
    let Ok(past) = volume.past() else { return };
    let mut generations: Vec<_> = past.generations().iter().take(COMPARED).collect();
    generations.extend(past.generations().first());
    let mut comparison = volume.comparison();
    for generation in generations {
        let mut totals = Totals::default();
        let _ = comparison.advance(generation, &mut |change| totals.count(change));
        let _ = comparison.retired(&mut |_| {});
    }
}
