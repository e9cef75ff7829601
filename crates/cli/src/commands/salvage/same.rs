//! Files that a volume before has: volumes of one disc may share files.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use oncefs::nodes::{Body, ExtentKind, Node, NodeKind, Step, Volume, Walk};
use oncefs::salvage::Salvaged;

use crate::failure::Outcome;
use crate::interrupt::Interrupt;

/// The most files that are known: 128 MB.
const MOST: usize = 1 << 23;

/// The files that were copied, whole or not: what one volume cannot read of a file, no other can.
#[derive(Default)]
pub struct Same {
    /// Those of volumes before.
    before: HashSet<u64>,
    /// Those of this volume, which may have several names for one.
    own: HashSet<u64>,
}

impl Same {
    /// Notes a file. Returns whether no volume before has it.
    pub fn add(&mut self, volume: &mut Volume, path: &str, node: &Node) -> bool {
        let mark = mark(volume, path, node);
        let is_new = !self.before.contains(&mark);
        if is_new && self.before.len() + self.own.len() < MOST {
            self.own.insert(mark);
        }
        is_new
    }

    /// Ends a volume.
    pub fn end_volume(&mut self) {
        self.before.extend(self.own.drain());
    }

    /// Whether a volume before has a file.
    fn has(&self, volume: &mut Volume, path: &str, node: &Node) -> bool {
        self.before.contains(&mark(volume, path, node))
    }

    /// Whether a volume has a file that no volume before has; deleted ones count with `versions`. Its
    /// directories together are no longer than `room`, unless they share blocks.
    pub fn has_news(
        &self,
        salvaged: &mut Salvaged,
        versions: bool,
        room: u64,
        interrupt: &Interrupt,
    ) -> Outcome<bool> {
        let (root, lost) = (salvaged.root(), salvaged.lost().to_vec());
        let volume = salvaged.volume();
        let wanted = lost.iter().filter(|one| !one.is_deleted || versions);
        let tops = wanted.filter_map(|one| one.node(volume).ok());
        let tops: Vec<Node> = tops.collect();
        let root = root.and_then(|root| volume.node(root).ok());
        let mut entered = HashSet::new();
        let mut left = room;
        for top in root.into_iter().chain(tops) {
            if top.kind != NodeKind::Directory {
                if !self.has(volume, "", &top) {
                    return Ok(true);
                }
                continue;
            }
            let mut walk = Walk::new(top, "");
            while let Some(step) = walk.step(volume) {
                interrupt.check()?;
                let Ok(Step::Entry { path, named }) = step else {
                    continue;
                };
                let Ok(node) = volume.node(named.address) else {
                    continue;
                };
                let is_directory = node.kind == NodeKind::Directory;
                if is_directory && left >= node.size() && entered.insert(node.address) {
                    left -= node.size();
                    walk.enter(node, &path);
                } else if !is_directory && !self.has(volume, &path, &node) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
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
