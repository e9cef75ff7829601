//! What names lead to: a walk over directories, without any file.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use ecma167::{LogicalBlock, RecordedAddress};
use volume::{Body, Error, Extent, ExtentKind, Node, NodeKind, Step, Volume, Walk, Why};

use crate::bits::Bits;
use crate::index::{Index, NameSeen, unit_of};
use crate::layout::Layout;

/// The most directories whose entries are lost that are kept.
const MOST_GONE: usize = 1 << 16;
/// The most blocks of directories that are looked at: those of a hostile disc may share long bodies.
const MOST_BLOCKS: u64 = 1 << 24;

/// What was reached.
pub(crate) struct Reach<'s> {
    start: u32,
    /// Whether the caller wants an end.
    stop: &'s dyn Fn() -> bool,
    /// The entries, by index.
    pub reached: Bits,
    /// The names that are in the body of a directory, by index.
    pub covered: Bits,
    /// Directories whose entries cannot be read, with those that name them.
    pub gone: HashMap<RecordedAddress, RecordedAddress>,
    blocks_left: u64,
    room: Room,
}

/// How many bytes of directories are still read for their names. No two directories of a volume share blocks,
/// so all of them together are no longer than the disc; those of a hostile disc may share long bodies.
pub(crate) struct Room(u64);

impl Room {
    /// Room for each directory of a disc, once.
    pub fn of(index: &Index) -> Self {
        Self(index.end)
    }

    /// Takes the room for a directory, if there is enough.
    pub fn take(&mut self, directory: &Node) -> bool {
        let left = self.0.checked_sub(directory.size());
        self.0 = left.unwrap_or(self.0);
        left.is_some()
    }
}

impl<'s> Reach<'s> {
    /// Nothing is reached yet. A search ends early once `stop` returns `true`.
    pub fn new(index: &Index, layout: &Layout, stop: &'s dyn Fn() -> bool) -> Self {
        Self {
            stop,
            room: Room::of(index),
            start: layout.ground().map_or(0, |ground| ground.0),
            reached: Bits::default(),
            covered: Bits::default(),
            gone: HashMap::new(),
            blocks_left: MOST_BLOCKS,
        }
    }

    /// Forgets what names led to.
    pub fn restart(&mut self, index: &Index) {
        self.reached = Bits::default();
        self.gone.clear();
        self.room = Room::of(index);
    }

    /// Whether the caller wants an end.
    pub fn is_stopped(&self) -> bool {
        (self.stop)()
    }

    /// The index of the entry at an address.
    pub fn index_of(&self, volume: &mut Volume, index: &Index, address: RecordedAddress) -> Option<u32> {
        let sector = volume.resolve(address).ok()?;
        let unit = unit_of(sector.0, volume.block_size())?;
        u32::try_from(index.node_at(unit)?).ok()
    }

    /// Notes what the names below a directory lead to. Enters no directory that was reached before.
    pub fn walk(&mut self, volume: &mut Volume, index: &Index, top: Node) -> Result<(), Error> {
        if let Some(at) = self.index_of(volume, index, top.address) {
            self.reached.add(at);
        }
        self.cover(volume, index, &top, None)?;
        if !self.room.take(&top) {
            return Ok(());
        }
        let mut above = vec![top.address];
        let mut walk = Walk::new(top, "");
        while let Some(step) = walk.step(volume) {
            if self.is_stopped() {
                return Ok(());
            }
            let named = match step {
                Ok(Step::Entry { named, .. }) => named,
                Ok(Step::Leave) => {
                    above.pop();
                    continue;
                }
                Err(missed) => match missed.why {
                    Why::NotOpened(error) | Why::Names(error) if !is_passed(&error) => return Err(error),
                    _ => continue,
                },
            };
            let at = self.index_of(volume, index, named.address);
            let is_new = at.is_none_or(|at| !self.reached.has(at));
            if let Some(at) = at {
                self.reached.add(at);
            }
            if !named.is_directory || !is_new {
                continue;
            }
            match volume.node(named.address) {
                Ok(node) if node.kind == NodeKind::Directory => {
                    self.cover(volume, index, &node, None)?;
                    if self.room.take(&node) {
                        above.push(node.address);
                        walk.enter(node, "");
                    }
                }
                Ok(_) => {}
                Err(error) if is_passed(&error) => {
                    if let Some(parent) = above.last()
                        && self.gone.len() < MOST_GONE
                    {
                        self.gone.insert(named.address, *parent);
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Notes the names in the body of a directory. `block` is that of its entry if its address does not lead
    /// there.
    pub fn cover(
        &mut self,
        volume: &mut Volume,
        index: &Index,
        node: &Node,
        block: Option<LogicalBlock>,
    ) -> Result<(), Error> {
        let body = match volume.body(node) {
            Ok(body) => body,
            Err(error) if is_passed(&error) => return Ok(()),
            Err(error) => return Err(error),
        };
        let size = u64::from(volume.block_size().bytes());
        let extents = match body {
            Body::Embedded(_) => {
                let sector = match block {
                    Some(block) => self.start.checked_add(block.0),
                    None => volume.resolve(node.address).ok().map(|sector| sector.0),
                };
                if let Some(sector) = sector {
                    let byte = u64::from(sector) * size;
                    self.cover_bytes(index, byte..byte + size);
                }
                return Ok(());
            }
            Body::Extents(extents) => extents,
        };
        for bytes in extents
            .iter()
            .flat_map(|extent| runs(volume, extent, self.blocks_left))
            .collect::<Vec<_>>()
        {
            self.blocks_left = self
                .blocks_left
                .saturating_sub((bytes.end - bytes.start).div_ceil(size));
            self.cover_bytes(index, bytes);
        }
        Ok(())
    }

    /// Notes the copies of covered names in the mirror of a metadata file.
    pub fn cover_copies(&mut self, index: &Index) {
        let key = |name: &NameSeen| (name.location, name.partition, name.block, name.unique_id);
        let all = || (0_u32..).zip(&index.names);
        let covered = all().filter(|(at, _)| self.covered.has(*at));
        let known: HashSet<_> = covered.map(|(_, name)| key(name)).collect();
        for (at, name) in all() {
            if known.contains(&key(name)) {
                self.covered.add(at);
            }
        }
    }

    fn cover_bytes(&mut self, index: &Index, bytes: Range<u64>) {
        for at in index.names_in(&bytes) {
            if let Ok(at) = u32::try_from(at) {
                self.covered.add(at);
            }
        }
    }
}

/// The bytes of the disc that an extent has; at most this many blocks.
pub(crate) fn runs(volume: &mut Volume, extent: &Extent, most: u64) -> Vec<Range<u64>> {
    let ExtentKind::Recorded(first) = extent.kind else {
        return Vec::new();
    };
    let size = u64::from(volume.block_size().bytes());
    let blocks = extent.length.div_ceil(size).min(most);
    let mut runs: Vec<Range<u64>> = Vec::new();
    for by in 0..u32::try_from(blocks).unwrap_or(u32::MAX) {
        let Some(block) = first.block.checked_add(by) else {
            break;
        };
        let Ok(sector) = volume.resolve(RecordedAddress { block, ..first }) else {
            continue;
        };
        let start = u64::from(sector.0) * size;
        match runs.last_mut() {
            Some(last) if last.end == start => last.end += size,
            _ => runs.push(start..start + size),
        }
    }
    runs
}

/// Whether a search goes on after an error.
pub(crate) fn is_passed(error: &Error) -> bool {
    error.is_damage() || matches!(error, Error::Unsupported(_) | Error::NotADirectory)
}
