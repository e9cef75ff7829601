//! How many blocks the state shown uses.

use std::ops::Range;

use ecma167::{BLOCK_SIZE, RecordedAddress};

use crate::body::Body;
use crate::error::Error;
use crate::node::{Node, NodeKind};
use crate::runs::Runs;
use crate::volume::Volume;
use crate::walk::{Step, Walk, Why};

/// The most runs of blocks that are kept: 48 MB.
const MOST_RUNS: usize = 1 << 20;
/// The most runs looked at in all nodes together: nodes of a hostile disc may share long lists.
const MOST_LOOKED_AT: u64 = 1 << 24;

/// What the state shown uses of the medium.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InUse {
    /// Blocks of 2,048 bytes with files, directories, streams, the file set or the VAT.
    pub blocks: u32,
    /// Nodes and directories that cannot be read; what they use is not counted.
    pub unreadable: u64,
    /// Whether more is used, because there is more to count than this crate keeps in memory.
    pub is_more: bool,
}

/// What was counted so far.
struct Counting {
    runs: Runs,
    looked_at: u64,
    found: InUse,
}

impl Volume {
    /// Counts the blocks that the state shown uses. Reads all directories and nodes, but no file data. A
    /// block that several files use counts once; allocation extent descriptors do not count.
    ///
    /// # Errors
    /// Errors of the drive. Damage is counted.
    pub fn in_use(&mut self) -> Result<InUse, Error> {
        let mut counting = Counting {
            runs: Runs::of_at_most(MOST_RUNS),
            looked_at: 0,
            found: InUse::default(),
        };
        if let Some(icb) = self.vat_icb() {
            counting.add(icb.0..icb.0.saturating_add(1));
        }
        if let Some(body) = self.vat().map(|vat| vat.body.clone()) {
            self.count_body(&body, &mut counting)?;
        }
        let file_set = self.descriptors().logical.logical_volume_contents_use.address();
        let counted = self.count_block(file_set, &mut counting);
        counting.look(counted)?;
        if let Some(streams) = counting.look(self.system_stream_directory())?.flatten() {
            self.count_node(&streams, &mut counting)?;
            self.count_names(&streams, &mut counting)?;
        }
        let root = self.root().and_then(|root| self.node(root));
        let Some(root) = counting.look(root)? else {
            return Ok(counting.finish());
        };
        self.count_node(&root, &mut counting)?;
        let mut walk = Walk::new(root, "");
        while let Some(step) = walk.step(self) {
            match step {
                Ok(Step::Entry { path, named }) => {
                    let node = self.node(named.address);
                    let Some(node) = counting.look(node)? else {
                        continue;
                    };
                    let is_new = self.count_node(&node, &mut counting)?;
                    if is_new && node.kind == NodeKind::Directory {
                        walk.enter(node, &path);
                    }
                }
                Ok(Step::Leave) => {}
                Err(missed) => match missed.why {
                    Why::NotOpened(error) | Why::Names(error) => {
                        counting.look::<()>(Err(error))?;
                    }
                    Why::SecondName | Why::TooDeep => counting.found.unreadable += 1,
                },
            }
        }
        Ok(counting.finish())
    }

    /// Counts a node, its body and its streams. Returns whether it was not counted before.
    fn count_node(&mut self, node: &Node, counting: &mut Counting) -> Result<bool, Error> {
        let is_new = self.count_block(node.address, counting);
        if counting.look(is_new)? != Some(true) {
            return Ok(false);
        }
        let body = self.body(node);
        if let Some(body) = counting.look(body)? {
            self.count_body(&body, counting)?;
        }
        let streams = self.stream_directory(node);
        if let Some(streams) = counting.look(streams)?.flatten() {
            let is_new = self.count_block(streams.address, counting);
            if counting.look(is_new)? == Some(true) {
                self.count_names(&streams, counting)?;
            }
        }
        Ok(true)
    }

    /// Counts the body of a stream directory, and its streams.
    fn count_names(&mut self, streams: &Node, counting: &mut Counting) -> Result<(), Error> {
        let body = self.body(streams);
        if let Some(body) = counting.look(body)? {
            self.count_body(&body, counting)?;
        }
        let directory = self.directory(streams);
        let Some(mut directory) = counting.look(directory)? else {
            return Ok(());
        };
        loop {
            let next = directory.next_live(self);
            let entry = match counting.look(next)? {
                Some(Some(entry)) => entry,
                Some(None) => return Ok(()),
                None => continue,
            };
            let node = self.stream(entry.address());
            let Some(node) = counting.look(node)? else {
                continue;
            };
            let is_new = self.count_block(node.address, counting);
            if counting.look(is_new)? == Some(true)
                && let Some(body) = counting.look(self.body(&node))?
            {
                self.count_body(&body, counting)?;
            }
        }
    }

    fn count_block(&mut self, address: RecordedAddress, counting: &mut Counting) -> Result<bool, Error> {
        let size = u64::from(self.block_size().bytes());
        let sector = u64::from(self.resolve(address)?.0);
        Ok(counting.add(sectors(sector * size, size)))
    }

    fn count_body(&mut self, body: &Body, counting: &mut Counting) -> Result<(), Error> {
        let places = self.places(body);
        for place in counting.look(places)?.unwrap_or_default() {
            counting.add(sectors(place.medium, place.bytes.end - place.bytes.start));
        }
        Ok(())
    }
}

impl Counting {
    /// Adds blocks of the medium. Returns whether any of them is new.
    fn add(&mut self, blocks: Range<u32>) -> bool {
        self.looked_at += 1;
        if self.looked_at > MOST_LOOKED_AT {
            self.found.is_more = true;
            return false;
        }
        let is_new = !self.runs.has_all(&blocks);
        self.found.is_more |= !self.runs.add(blocks);
        is_new
    }

    /// Counts damage; any other error ends the counting.
    fn look<T>(&mut self, found: Result<T, Error>) -> Result<Option<T>, Error> {
        match found {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.is_damage() => {
                self.found.unreadable += 1;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn finish(self) -> InUse {
        let blocks = self.runs.iter().map(|run| run.end - run.start).sum();
        InUse { blocks, ..self.found }
    }
}

/// The blocks of the medium that bytes of it touch.
fn sectors(medium: u64, bytes: u64) -> Range<u32> {
    let size = BLOCK_SIZE as u64;
    let sector = |at: u64| u32::try_from(at).unwrap_or(u32::MAX);
    sector(medium / size)..sector(medium.saturating_add(bytes).div_ceil(size))
}
