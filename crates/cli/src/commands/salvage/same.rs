//! Files that a volume before has: volumes of one disc may share files.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use oncefs::nodes::{Body, ExtentKind, Node, NodeKind, Step, Volume, Walk};
use oncefs::salvage::Salvaged;

/// The most files that are known: 128 MB.
const MOST: usize = 1 << 23;

/// The files that were copied whole.
#[derive(Default)]
pub struct Same {
    /// Those of volumes before.
    before: HashSet<u64>,
    /// Those of this volume, which may have several names for one.
    own: Vec<u64>,
}

impl Same {
    /// Notes a file.
    pub fn add(&mut self, volume: &mut Volume, path: &str, node: &Node) {
        if self.before.len() + self.own.len() < MOST {
            self.own.push(mark(volume, path, node));
        }
    }

    /// Ends a volume.
    pub fn end_volume(&mut self) {
        self.before.extend(self.own.drain(..));
    }

    /// Whether a volume before has a file.
    pub fn has(&self, volume: &mut Volume, path: &str, node: &Node) -> bool {
        !self.before.is_empty() && self.before.contains(&mark(volume, path, node))
    }

    /// Whether a volume has a file that no volume before has.
    pub fn has_news(&self, salvaged: &mut Salvaged) -> bool {
        let (root, lost) = (salvaged.root(), salvaged.lost().to_vec());
        let volume = salvaged.volume();
        let tops = lost.iter().filter_map(|one| one.node(volume).ok());
        let tops: Vec<Node> = tops.collect();
        let root = root.and_then(|root| volume.node(root).ok());
        let mut entered = HashSet::new();
        for top in root.into_iter().chain(tops) {
            if top.kind != NodeKind::Directory {
                if !self.has(volume, "", &top) {
                    return true;
                }
                continue;
            }
            let mut walk = Walk::new(top, "");
            while let Some(step) = walk.step(volume) {
                let Ok(Step::Entry { path, named }) = step else {
                    continue;
                };
                let Ok(node) = volume.node(named.address) else {
                    continue;
                };
                let is_directory = node.kind == NodeKind::Directory;
                if is_directory && entered.insert(node.address) {
                    walk.enter(node, &path);
                } else if !is_directory && !self.has(volume, &path, &node) {
                    return true;
                }
            }
        }
        false
    }
}

/// Tells a file from others: by the places of its data, or by path, time and bytes if it has none outside its
/// entry.
fn mark(volume: &mut Volume, path: &str, node: &Node) -> u64 {
    let mut hasher = DefaultHasher::new();
    node.size().hash(&mut hasher);
    let body = volume.body(node).ok();
    let mut is_placed = false;
    if let Some(Body::Extents(extents)) = &body {
        for extent in extents {
            if let ExtentKind::Recorded(address) = extent.kind {
                let place = volume.resolve(address).ok().map(|sector| sector.0);
                (extent.offset, extent.length, place).hash(&mut hasher);
                is_placed |= place.is_some();
            }
        }
    }
    if !is_placed {
        path.hash(&mut hasher);
        node.entry.modification_time.to_unix().hash(&mut hasher);
        if let Some(Body::Embedded(bytes)) = &body {
            bytes.hash(&mut hasher);
        }
    }
    hasher.finish()
}
