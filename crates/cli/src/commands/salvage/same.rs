//! Files that a volume before has: volumes of one disc may share files.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher};

use oncefs::nodes::{Body, ExtentKind, Node, NodeKind, Step, Volume, Walk};
use oncefs::salvage::Salvaged;
use sha2::{Digest as _, Sha256};

use crate::extract::shortened_path;
use crate::rescue::first_bytes;

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
                } else if !is_directory && !self.has(volume, &shortened_path(&path), &node) {
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
    if !hash_contents(volume, node, &mut hasher) {
        path.hash(&mut hasher);
        node.entry.modification_time.to_unix().hash(&mut hasher);
    }
    hasher.finish()
}

/// Tells the contents of a node from others, in any run of the program.
pub fn contents(volume: &mut Volume, node: &Node) -> u64 {
    let mut hasher = Lasting::default();
    hash_contents(volume, node, &mut hasher);
    if let NodeKind::CharacterDevice { major, minor } | NodeKind::BlockDevice { major, minor } = node.kind {
        (major, minor).hash(&mut hasher);
    }
    hasher.finish()
}

/// Hashes size, places and bytes in the entry. Returns whether there are places.
fn hash_contents(volume: &mut Volume, node: &Node, hasher: &mut impl Hasher) -> bool {
    node.size().hash(hasher);
    let mut is_placed = false;
    match volume.body(node).ok() {
        Some(Body::Extents(extents)) => {
            for extent in extents {
                if let ExtentKind::Recorded(address) = extent.kind {
                    let place = volume.resolve(address).ok().map(|sector| sector.0);
                    (extent.offset, extent.length, place).hash(hasher);
                    is_placed |= place.is_some();
                }
            }
        }
        Some(Body::Embedded(bytes)) => bytes.hash(hasher),
        None => {}
    }
    is_placed
}

/// A hash that stays the same with other versions of this program.
#[derive(Default)]
struct Lasting(Sha256);

impl Hasher for Lasting {
    fn finish(&self) -> u64 {
        first_bytes(&self.0.clone().finalize())
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
}
