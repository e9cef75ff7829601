//! Encodes the blocks of a plain volume, one after another.

use ecma167::osta::unique_id;
use ecma167::{BLOCK_SIZE, LogicalBlock, LogicalSector, RecordedAddress};
use iso9660::{ByteOrder, Part, PathTableEncoder, Section};
use volume::{Node, NodeKind, Volume};

use crate::allocation::{Allocation, Extent, allocation_extents};
use crate::bridge::{self, ChildExtents, Family};
use crate::data::Data;
use crate::directory::DirectoryBody;
use crate::entry::{self, EntryBody};
use crate::error::Error;
use crate::layout::{Directory, Layout};
use crate::listing::Listing;
use crate::node::Child;
use crate::tags::Tags;
use crate::tree::Tree;

/// Blocks passed on at once.
const PIECE: usize = 32;

/// Takes blocks, with the number in the run of the first of them.
type Sink<'s, E> = &'s mut dyn FnMut(&mut Volume, u64, &[u8]) -> Result<(), E>;

/// Counts the blocks that were passed on.
struct Blocks<'s, E> {
    sink: Sink<'s, E>,
    number: u64,
}

impl<E: From<Error>> Blocks<'_, E> {
    fn push(&mut self, volume: &mut Volume, blocks: &[u8]) -> Result<(), E> {
        (self.sink)(volume, self.number, blocks)?;
        self.number += (blocks.len() / BLOCK_SIZE) as u64;
        Ok(())
    }

    /// As [`Blocks::push`], with the last block padded with zeros.
    fn push_bytes(&mut self, volume: &mut Volume, mut bytes: Vec<u8>) -> Result<(), E> {
        bytes.resize(bytes.len().next_multiple_of(BLOCK_SIZE), 0);
        for piece in bytes.chunks(PIECE * BLOCK_SIZE) {
            self.push(volume, piece)?;
        }
        Ok(())
    }

    /// Checks that the next block is at its place in the run.
    fn require(&self, base: LogicalSector, at: LogicalSector) -> Result<(), Error> {
        if u64::from(base.0) + self.number == u64::from(at.0) {
            Ok(())
        } else {
            Err(Error::Changed)
        }
    }
}

impl Layout {
    /// Encodes the blocks of the run as if the first one were at `base`. Passes them to `sink` in order: the
    /// number of the first in the run, and whole blocks.
    ///
    /// # Errors
    /// Any error of reading the volume; [`Error::Changed`] if the volume differs from the layout; errors of
    /// `sink`.
    pub fn record<E: From<Error> + From<volume::Error>>(
        &self,
        volume: &mut Volume,
        base: LogicalSector,
        sink: Sink<'_, E>,
    ) -> Result<(), E> {
        let mut blocks = Blocks { sink, number: 0 };
        for tree in self.trees() {
            for order in [ByteOrder::Little, ByteOrder::Big] {
                self.record_path_table(volume, base, *tree, order, &mut blocks)?;
            }
        }
        for number in 0..self.directories.len() {
            self.record_directory(volume, base, number, &mut blocks)?;
        }
        let mut left = self.recorded_zeros() as usize;
        if left > 0 {
            blocks.require(base, self.zeros_at(base))?;
        }
        while left > 0 {
            let piece = left.min(PIECE);
            blocks.push(volume, &[0; PIECE * BLOCK_SIZE][..piece * BLOCK_SIZE])?;
            left -= piece;
        }
        Ok(())
    }

    fn record_path_table<E: From<Error>>(
        &self,
        volume: &mut Volume,
        base: LogicalSector,
        tree: Tree,
        order: ByteOrder,
        blocks: &mut Blocks<'_, E>,
    ) -> Result<(), E> {
        let mut encoder = PathTableEncoder::new(order);
        for (identifier, parent, number) in self.path_table(tree) {
            let extent = self.directories[number as usize].records(tree)?;
            encoder.push(&identifier, parent, self.sector(base, extent.block).0);
        }
        encoder.finish();
        while let Some(block) = encoder.take() {
            blocks.push(volume, &block)?;
        }
        Ok(())
    }

    fn record_directory<E: From<Error> + From<volume::Error>>(
        &self,
        volume: &mut Volume,
        base: LogicalSector,
        number: usize,
        blocks: &mut Blocks<'_, E>,
    ) -> Result<(), E> {
        let directory = &self.directories[number];
        let parent = &self.directories[directory.parent as usize];
        let node = volume.node(directory.node)?;
        let parent_node = volume.node(parent.node)?;
        let made;
        let listing = match self.listing(number) {
            Some(kept) => kept,
            None => {
                made = Listing::of(volume, &node, &self.options)?;
                &made
            }
        };
        let children = listing.children();
        let group = Group {
            layout: self,
            base,
            directory,
            places: self.places(directory, listing)?,
        };
        blocks.require(base, self.sector(base, directory.entry))?;
        blocks.push(volume, &group.own_entry(&node)?)?;
        group.body((parent, &parent_node), children, |block| {
            blocks.push(volume, block)
        })?;
        for tree in self.trees() {
            let family = Family {
                is_root: number == 0,
                node: &node,
                parent: &parent_node,
                extents: [group.extent(*tree, directory)?, group.extent(*tree, parent)?],
            };
            // Hardly any directory has continuations.
            let continuations = directory.trees[*tree as usize].continuation_blocks();
            let has_continuations = continuations.map_err(Error::from)? > 0;
            let parts = [Part::Records, Part::Continuations];
            for part in &parts[..1 + usize::from(has_continuations)] {
                let place = |number: u32, child: &Child| group.place(*tree, number, child);
                bridge::encode((*tree, *part), &family, listing, place, |block| {
                    blocks.push(volume, block)
                })?;
            }
        }
        blocks.require(base, self.sector(base, directory.copies()?))?;
        for (number, child) in (0..).zip(children) {
            if !group.is_first_name(number, child) {
                continue;
            }
            match &child.data {
                Some(Data::Copied(length)) => copy(volume, child.address, *length, blocks)?,
                Some(data) => group.allocation_extents(number, data, |block| blocks.push(volume, block))?,
                None => {}
            }
        }
        blocks.require(base, self.sector(base, directory.entries()?))?;
        for (number, child) in (0..).zip(children) {
            if group.is_first_name(number, child) && child.has_entry(&self.options) {
                let entry = group.entry(volume, number, child)?;
                blocks.push(volume, &entry)?;
            }
        }
        Ok(())
    }

    /// Where each child of a directory is, by its number; entry and copy in blocks from the start of the
    /// first directory.
    fn places(&self, directory: &Directory, listing: &Listing) -> Result<Vec<Located>, Error> {
        let children = listing.children();
        let mut places = vec![Located::default(); children.len()];
        let mut below = directory.below.clone();
        for (number, child) in listing.in_order(Tree::Primary) {
            if child.kind == NodeKind::Directory {
                let directory = below.next().ok_or(Error::Changed)?;
                let found = self.directories.get(directory as usize).ok_or(Error::Changed)?;
                if found.node != child.address {
                    return Err(Error::Changed);
                }
                places[number as usize] = Located {
                    directory: Some(directory),
                    entry: found.entry,
                    copy: 0,
                    is_first: true,
                };
            }
        }
        let (mut entry, mut copy) = (directory.entries()?, directory.copies()?);
        for (place, child) in places.iter_mut().zip(children) {
            if child.kind == NodeKind::Directory {
                continue;
            }
            let shared = child.several_names().map(|node| self.shared.get(&node));
            *place = match shared {
                Some(None) => return Err(Error::Changed),
                Some(Some(shared)) if (shared.entry, shared.copy) != (entry, copy) => Located {
                    directory: None,
                    entry: shared.entry,
                    copy: shared.copy,
                    is_first: false,
                },
                _ => Located {
                    directory: None,
                    entry,
                    copy,
                    is_first: true,
                },
            };
            if place.is_first {
                entry += u32::from(child.has_entry(&self.options));
                let blocks = child.data.as_ref().map_or(0, Data::own_blocks);
                copy += u32::try_from(blocks).map_err(|_| Error::TooManyBlocks)?;
            }
        }
        Ok(places)
    }
}

/// Where a child is, in blocks from the start of the first directory.
#[derive(Clone, Copy, Debug, Default)]
struct Located {
    directory: Option<u32>,
    entry: u32,
    copy: u32,
    /// Whether its entry and copy are recorded with this directory.
    is_first: bool,
}

/// A directory, and where its parts are.
struct Group<'a> {
    layout: &'a Layout,
    base: LogicalSector,
    directory: &'a Directory,
    places: Vec<Located>,
}

impl Group<'_> {
    fn sector(&self, at: u32) -> LogicalSector {
        self.layout.sector(self.base, at)
    }

    fn block(&self, at: u32) -> LogicalBlock {
        self.layout.block(self.sector(at))
    }

    fn tags(&self) -> Tags {
        self.layout.options.tags()
    }

    fn is_first_name(&self, number: usize, child: &Child) -> bool {
        child.kind != NodeKind::Directory && self.places.get(number).is_some_and(|place| place.is_first)
    }

    /// Passes on the allocation extents of a file whose entry cannot hold all its extents.
    fn allocation_extents<E: From<Error>>(
        &self,
        number: usize,
        data: &Data,
        mut sink: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let count = allocation_extents(data.extent_count());
        if count == 0 {
            return Ok(());
        }
        let place = self.places.get(number).ok_or(Error::Changed)?;
        let extents = data.extents(self.sector(place.copy), self.layout.zeros_at(self.base));
        let allocation = self.allocation(&extents, place.copy);
        for number in 0..count {
            sink(&allocation.in_extent(number, self.tags())?)?;
        }
        Ok(())
    }

    /// The allocation of `extents`; its allocation extents begin `at` blocks from the first directory.
    fn allocation<'e>(&self, extents: &'e [Extent], at: u32) -> Allocation<'e> {
        Allocation {
            extents,
            partition_start: self.layout.options.partition_start,
            continued_at: self.block(at),
        }
    }

    fn own_entry(&self, node: &Node) -> Result<[u8; BLOCK_SIZE], Error> {
        let bytes = u32::try_from(self.directory.body_bytes).map_err(|_| Error::TooManyBlocks)?;
        let extent = Extent {
            at: self.sector(self.directory.body()),
            bytes,
        };
        let body = EntryBody::Extents(self.allocation(std::slice::from_ref(&extent), 0));
        entry::encode(node, &body, self.tags(), self.block(self.directory.entry))
    }

    /// Passes on the blocks of the directory's file identifier descriptors.
    fn body<E: From<Error>>(
        &self,
        (parent, parent_node): (&Directory, &Node),
        children: &[Child],
        mut sink: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut body = DirectoryBody::new(
            self.block(self.directory.body()),
            (
                self.block(parent.entry),
                unique_id::low_half(parent_node.unique_id()),
            ),
            &self.layout.options,
        )?;
        for (place, child) in self.places.iter().zip(children) {
            if child.is_in_udf(&self.layout.options) {
                let at = child.shared_entry().unwrap_or_else(|| self.block(place.entry));
                let entry = (at, child.unique_id);
                body.push(child.udf_name(), place.directory.is_some(), entry)?;
                while let Some(block) = body.take() {
                    sink(&block)?;
                }
            }
        }
        if body.len() != self.directory.body_bytes {
            return Err(Error::Changed.into());
        }
        body.finish();
        while let Some(block) = body.take() {
            sink(&block)?;
        }
        Ok(())
    }

    /// The extent of a directory in a tree.
    fn extent(&self, tree: Tree, directory: &Directory) -> Result<Section, Error> {
        let extent = directory.records(tree)?;
        Ok(Section {
            block: self.sector(extent.block).0,
            ..extent
        })
    }

    fn place(&self, tree: Tree, number: u32, child: &Child) -> Result<ChildExtents, Error> {
        let place = self.places.get(number as usize).ok_or(Error::Changed)?;
        if let Some(directory) = place.directory {
            let directory = &self.layout.directories[directory as usize];
            return Ok(ChildExtents::Directory(self.extent(tree, directory)?));
        }
        Ok(match child.file_data() {
            None => ChildExtents::Special,
            Some(data) => {
                let zeros = self.layout.zeros_at(self.base);
                ChildExtents::File(data.sections(self.sector(place.copy), zeros)?)
            }
        })
    }

    fn entry(&self, volume: &mut Volume, number: usize, child: &Child) -> Result<[u8; BLOCK_SIZE], Error> {
        let place = self.places.get(number).ok_or(Error::Changed)?;
        let at = self.block(place.entry);
        let node = volume.node(child.address)?;
        let Some(data) = &child.data else {
            let body = volume.body(&node)?;
            let mut bytes = vec![0; usize::try_from(body.len()).unwrap_or(0).min(BLOCK_SIZE)];
            let moved = volume.read(&body, 0, &mut bytes)?;
            return entry::encode(&node, &EntryBody::Embedded(&bytes[..moved]), self.tags(), at);
        };
        let extents = data.extents(self.sector(place.copy), self.layout.zeros_at(self.base));
        let body = EntryBody::Extents(self.allocation(&extents, place.copy));
        entry::encode(&node, &body, self.tags(), at)
    }
}

/// Copies a file of `length` bytes.
fn copy<E: From<Error> + From<volume::Error>>(
    volume: &mut Volume,
    node: RecordedAddress,
    length: u64,
    blocks: &mut Blocks<'_, E>,
) -> Result<(), E> {
    let node = volume.node(node)?;
    let body = volume.body(&node)?;
    if body.len() != length {
        return Err(Error::Changed.into());
    }
    let mut at = 0;
    while at < length {
        let want = usize::try_from(length - at)
            .unwrap_or(usize::MAX)
            .min(PIECE * BLOCK_SIZE);
        let mut bytes = vec![0; want];
        let moved = volume.read(&body, at, &mut bytes)?;
        if moved != want {
            return Err(Error::Changed.into());
        }
        at += want as u64;
        blocks.push_bytes(volume, bytes)?;
    }
    Ok(())
}
