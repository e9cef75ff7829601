//! What the state shown uses of the medium, found by one walk over its nodes.

use std::ops::Range;

use ecma167::{BLOCK_SIZE, RecordedAddress};

use crate::body::Body;
use crate::error::Error;
use crate::node::{Node, NodeKind};
use crate::runs::Runs;
use crate::volume::Volume;
use crate::walk::{Named, Step, Walk, Why};

/// The most runs of nodes that are kept to know a node by a second name: 48 MB.
const MOST_RUNS: usize = 1 << 20;
/// The most runs looked at in all nodes together: nodes of a hostile disc may share long lists.
const MOST_LOOKED_AT: u64 = 1 << 24;

/// What blocks are used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlockUse {
    /// The VAT or its ICB.
    Vat,
    /// The file set descriptor (`ECMA-167 4/14.1`).
    FileSet,
    /// The entry of a node (`ECMA-167 4/14.9`, `4/14.17`).
    Entry,
    /// Allocation descriptors that the entry has no room for (`ECMA-167 4/14.5`).
    Continuation,
    /// The names of a directory, or of the streams of a node.
    Directory,
    /// The data of a file or of a stream.
    Data,
}

/// What a walk over the nodes of a state meets, in this order.
#[derive(Debug)]
pub enum Used<'a> {
    /// Blocks of the medium. They belong to the node named last or, before the first name, to the volume.
    Blocks(BlockUse, Range<u32>),
    /// A name of a node in the directory entered last; the root has an empty one and comes first. If it is
    /// the first name of its node, the blocks of the node follow.
    Name {
        /// The name.
        name: &'a str,
        /// The node.
        node: &'a Node,
        /// Whether the node had no name before.
        is_first: bool,
    },
    /// The contents of the directory named last follow, up to [`Used::Leave`].
    Enter,
    /// The end of the contents of a directory.
    Leave,
    /// A name in the directory entered last whose node cannot be read.
    UnreadableNode {
        /// The name.
        name: &'a str,
        /// Whether the name is that of a directory.
        is_directory: bool,
        /// The blocks of its entry on the medium; `None` if its address leads nowhere.
        entry: Option<Range<u32>>,
        /// Why.
        error: &'a Error,
    },
    /// Something of the node named last cannot be read.
    Unreadable {
        /// Why; `None` for a directory that is nested too deep, or that has a second name.
        error: Option<&'a Error>,
    },
    /// Nodes have more extents than are looked at: blocks are missing from here on.
    More,
}

/// A walk over the nodes of a state.
struct Looking<'h> {
    hear: &'h mut dyn FnMut(Used<'_>),
    /// The sectors of the entries met.
    nodes: Runs,
    looked_at: u64,
}

impl Volume {
    /// Passes everything that the state shown uses to `hear`. Reads all directories and nodes, but no file
    /// data. Several nodes may use the same block.
    ///
    /// # Errors
    /// Errors of the drive. Damage is passed on.
    pub fn uses(&mut self, hear: &mut dyn FnMut(Used<'_>)) -> Result<(), Error> {
        let mut looking = Looking {
            hear,
            nodes: Runs::of_at_most(MOST_RUNS),
            looked_at: 0,
        };
        if let Some(icb) = self.vat_icb() {
            looking.blocks(BlockUse::Vat, icb.0..icb.0.saturating_add(1));
        }
        if let Some(body) = self.vat().map(|vat| vat.body.clone()) {
            self.look_at_body(&body, BlockUse::Vat, &mut looking)?;
        }
        let file_set = self.descriptors().logical.logical_volume_contents_use.address();
        self.look_at_block(file_set, BlockUse::FileSet, &mut looking)?;
        if let Some(streams) = looking.look(self.system_stream_directory())?.flatten() {
            self.look_at_streams(&streams, &mut looking)?;
        }
        let root = self.root().and_then(|root| self.node(root));
        let Some(root) = looking.look(root)? else {
            return Ok(());
        };
        self.look_at_node("", &root, &mut looking)?;
        (looking.hear)(Used::Enter);
        let mut walk = Walk::new(root, "");
        while let Some(step) = walk.step(self) {
            match step {
                Ok(Step::Entry { path, named }) => {
                    self.look_at_name(&path, &named, &mut walk, &mut looking)?
                }
                Ok(Step::Leave) => (looking.hear)(Used::Leave),
                Err(missed) => match missed.why {
                    Why::NotOpened(error) | Why::Names(error) => {
                        looking.look::<()>(Err(error))?;
                    }
                    Why::SecondName | Why::TooDeep => looking.unreadable(None),
                },
            }
        }
        Ok(())
    }

    fn look_at_name(
        &mut self,
        path: &str,
        named: &Named,
        walk: &mut Walk<Self>,
        looking: &mut Looking<'_>,
    ) -> Result<(), Error> {
        let node = match self.node(named.address) {
            Ok(node) => node,
            Err(error) if error.is_damage() => {
                let size = u64::from(self.block_size().bytes());
                let sector = self.resolve(named.address).ok();
                (looking.hear)(Used::UnreadableNode {
                    name: &named.name,
                    is_directory: named.is_directory,
                    entry: sector.map(|sector| blocks_of(u64::from(sector.0) * size, size)),
                    error: &error,
                });
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let is_new = self.look_at_node(&named.name, &node, looking)?;
        if is_new && node.kind == NodeKind::Directory {
            (looking.hear)(Used::Enter);
            walk.enter(node, path);
        }
        Ok(())
    }

    /// Looks at a node, its body and its streams. Returns whether it was not looked at before.
    fn look_at_node(&mut self, name: &str, node: &Node, looking: &mut Looking<'_>) -> Result<bool, Error> {
        let sector = self.resolve(node.address);
        let sector = looking.look(sector)?;
        let is_first = sector.is_some_and(|sector| looking.is_new(sector.0));
        (looking.hear)(Used::Name { name, node, is_first });
        if !is_first {
            return Ok(false);
        }
        let what = match node.kind {
            NodeKind::Directory => BlockUse::Directory,
            _ => BlockUse::Data,
        };
        self.look_at_parts(node, what, looking)?;
        let streams = self.stream_directory(node);
        if let Some(streams) = looking.look(streams)?.flatten() {
            self.look_at_streams(&streams, looking)?;
        }
        Ok(true)
    }

    /// Looks at a stream directory and its streams.
    fn look_at_streams(&mut self, streams: &Node, looking: &mut Looking<'_>) -> Result<(), Error> {
        let sector = self.resolve(streams.address);
        let sector = looking.look(sector)?;
        if !sector.is_some_and(|sector| looking.is_new(sector.0)) {
            return Ok(());
        }
        self.look_at_parts(streams, BlockUse::Directory, looking)?;
        let directory = self.directory(streams);
        let Some(mut directory) = looking.look(directory)? else {
            return Ok(());
        };
        loop {
            let next = directory.next_live(self);
            let entry = match looking.look(next)? {
                Some(Some(entry)) => entry,
                Some(None) => return Ok(()),
                None => continue,
            };
            let node = self.stream(entry.address());
            let Some(node) = looking.look(node)? else {
                continue;
            };
            let sector = self.resolve(node.address);
            let sector = looking.look(sector)?;
            if sector.is_some_and(|sector| looking.is_new(sector.0)) {
                self.look_at_parts(&node, BlockUse::Data, looking)?;
            }
        }
    }

    /// Looks at the entry of a node, its continuations and its body.
    fn look_at_parts(&mut self, node: &Node, what: BlockUse, looking: &mut Looking<'_>) -> Result<(), Error> {
        self.look_at_block(node.address, BlockUse::Entry, looking)?;
        let found = self.space.body_with_continuations(&node.entry, node.address);
        let Some((body, continuations)) = looking.look(found)? else {
            return Ok(());
        };
        for address in continuations {
            self.look_at_block(address, BlockUse::Continuation, looking)?;
        }
        self.look_at_body(&body, what, looking)
    }

    fn look_at_block(
        &mut self,
        address: RecordedAddress,
        what: BlockUse,
        looking: &mut Looking<'_>,
    ) -> Result<(), Error> {
        let size = u64::from(self.block_size().bytes());
        let sector = self.resolve(address);
        if let Some(sector) = looking.look(sector)? {
            looking.blocks(what, blocks_of(u64::from(sector.0) * size, size));
        }
        Ok(())
    }

    fn look_at_body(&mut self, body: &Body, what: BlockUse, looking: &mut Looking<'_>) -> Result<(), Error> {
        let places = self.places(body);
        for place in looking.look(places)?.unwrap_or_default() {
            looking.blocks(what, blocks_of(place.medium, place.bytes.end - place.bytes.start));
        }
        Ok(())
    }
}

impl Looking<'_> {
    fn blocks(&mut self, what: BlockUse, blocks: Range<u32>) {
        if self.may_look() {
            (self.hear)(Used::Blocks(what, blocks));
        }
    }

    /// Whether the entry in a sector was not met before.
    fn is_new(&mut self, sector: u32) -> bool {
        let sector = sector..sector.saturating_add(1);
        let is_new = self.looked_at <= MOST_LOOKED_AT && !self.nodes.has_all(&sector);
        self.nodes.add(sector);
        is_new
    }

    fn may_look(&mut self) -> bool {
        self.looked_at += 1;
        if self.looked_at == MOST_LOOKED_AT + 1 {
            (self.hear)(Used::More);
        }
        self.looked_at <= MOST_LOOKED_AT
    }

    /// Passes damage on; any other error ends the walk.
    fn look<T>(&mut self, found: Result<T, Error>) -> Result<Option<T>, Error> {
        match found {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.is_damage() => {
                self.unreadable(Some(&error));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn unreadable(&mut self, error: Option<&Error>) {
        (self.hear)(Used::Unreadable { error });
    }
}

/// The blocks of the medium that bytes of it touch.
pub(crate) fn blocks_of(medium: u64, bytes: u64) -> Range<u32> {
    let size = BLOCK_SIZE as u64;
    let block = |at: u64| u32::try_from(at).unwrap_or(u32::MAX);
    block(medium / size)..block(medium.saturating_add(bytes).div_ceil(size))
}
