//! The parts of a plain volume, and the place of each in the run of its blocks.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use ecma167::osta::unique_id;
use ecma167::{LogicalBlock, LogicalSector, RecordedAddress};
use iso9660::names::{Distinction, Identifier};
use iso9660::{DirectorySize, PathTableSize, Section};
use volume::{ExtraRoom, Node, NodeKind, Scattered, Volume, Zeros};

use crate::bridge::{self, ChildExtents, Family};
use crate::data::ExtraBlocks;
use crate::differences::PlainVolumeDifferences;
use crate::directory::{blocks_of, identifier_bytes};
use crate::error::Error;
use crate::listing::Listing;
use crate::node::Child;
use crate::options::{Bridge, Options, SECTIONS};
use crate::tree::{self, Tree};

/// Placeholder for the sector of the zeros before it is known. No data is adjacent to it.
const SOMEWHERE: LogicalSector = LogicalSector(u32::MAX - (1 << 20));

/// Bytes of memory for listings that are kept until they are recorded: enough for some 20,000 files.
const KEPT: usize = 5 << 20;

/// A plain volume over the contents of a volume: its structures as one run of blocks.
///
/// It takes some 150 bytes of memory for each directory and 24 for each file with several names, and keeps
/// the listings of the first directories.
#[derive(Debug)]
pub struct Layout {
    pub(crate) options: Options,
    pub(crate) directories: Vec<Directory>,
    /// Files with several names: each has one entry and one copy.
    pub(crate) shared: HashMap<RecordedAddress, Shared>,
    pub(crate) tables: Tables,
    /// Blocks of zeros that holes need.
    zeros: u32,
    /// Zeros that the disc already has. Without them zeros are recorded at the end of the run.
    zeros_on_disc: Option<LogicalSector>,
    pub(crate) files: u32,
    /// The greatest unique ID of a node or name.
    pub(crate) unique_id: u64,
    differences: PlainVolumeDifferences,
    /// What the files take beyond their share.
    extra: ExtraRoom,
    blocks: u32,
    /// Listings of the first directories, by number, so that recording need not derive them again.
    listings: Vec<Listing>,
    /// Bytes that further listings may take.
    room: usize,
}

/// A directory, and where its parts begin, in blocks from the start of the first directory.
#[derive(Debug)]
pub(crate) struct Directory {
    pub node: RecordedAddress,
    /// The number of its parent; the root is its own parent.
    pub parent: u32,
    pub name: String,
    pub distinctions: [Distinction; 2],
    /// The numbers of its subdirectories.
    pub below: Range<u32>,
    /// The block of its file entry.
    pub entry: u32,
    /// Bytes of its file identifier descriptors, which follow the entry.
    pub body_bytes: u64,
    /// The sizes of its records in both trees, which follow the descriptors.
    pub trees: [DirectorySize; 2],
    /// Blocks of copies and allocation extents of its files, which follow the records.
    pub data: u32,
    /// Blocks of the file entries of its files, which come last.
    pub entries: u32,
}

/// Where a file with several names is, in blocks from the start of the first directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shared {
    pub entry: u32,
    pub copy: u32,
}

/// The path tables, before the directories: each tree has one in each byte order.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tables {
    pub bytes: [u32; 2],
    pub blocks: [u32; 2],
}

impl Tables {
    /// Blocks of all four.
    fn total(&self) -> u32 {
        2 * (self.blocks[0] + self.blocks[1])
    }

    /// Where the path tables of a tree begin.
    pub fn start(&self, tree: Tree) -> u32 {
        match tree {
            Tree::Primary => 0,
            Tree::Joliet => 2 * self.blocks[0],
        }
    }
}

impl Directory {
    /// Where its file identifier descriptors begin.
    pub fn body(&self) -> u32 {
        self.entry + 1
    }

    /// Its extent in a tree.
    pub fn records(&self, tree: Tree) -> Result<Section, Error> {
        let mut at = self.body() + narrow(blocks_of(self.body_bytes))?;
        if tree == Tree::Joliet {
            at += blocks_of_tree(&self.trees[0])?;
        }
        Ok(self.trees[tree as usize].extent(at)?)
    }

    /// Where the copies of its files begin.
    pub fn copies(&self) -> Result<u32, Error> {
        let joliet = self.records(Tree::Joliet)?.block;
        Ok(joliet + blocks_of_tree(&self.trees[1])?)
    }

    /// Where the entries of its files begin.
    pub fn entries(&self) -> Result<u32, Error> {
        Ok(self.copies()? + self.data)
    }

    /// Where the next directory begins.
    fn end(&self) -> Result<u32, Error> {
        let end = self.entries()?.checked_add(self.entries);
        end.ok_or(Error::TooManyBlocks)
    }

    /// Its identifier in a tree.
    pub fn identifier(&self, tree: Tree) -> Identifier {
        if self.name.is_empty() {
            return Identifier::SELF;
        }
        tree.directory(&self.name, self.distinctions)
    }
}

fn narrow(blocks: u64) -> Result<u32, Error> {
    u32::try_from(blocks).map_err(|_| Error::TooManyBlocks)
}

fn blocks_of_tree(size: &DirectorySize) -> Result<u32, Error> {
    Ok(size.record_blocks()? + size.continuation_blocks()?)
}

impl Layout {
    /// Walks the generation in force of a volume, and assigns each part its place.
    ///
    /// # Errors
    /// Any error of reading the volume, because a plain volume is either complete or not built;
    /// [`Error::DirectoryTwice`]; [`Error::TooManyBlocks`].
    pub fn of(volume: &mut Volume, options: Options) -> Result<Self, Error> {
        let root = volume.root()?;
        let mut layout = Self {
            options,
            directories: vec![Directory {
                node: root,
                parent: 0,
                name: String::new(),
                distinctions: [Distinction::default(); 2],
                below: 0..0,
                entry: 0,
                body_bytes: 0,
                trees: [DirectorySize::default(); 2],
                data: 0,
                entries: 0,
            }],
            shared: HashMap::new(),
            tables: Tables::default(),
            zeros: 0,
            zeros_on_disc: None,
            files: 0,
            unique_id: unique_id::ROOT,
            differences: PlainVolumeDifferences::default(),
            extra: ExtraRoom::default(),
            blocks: 0,
            listings: Vec::new(),
            room: KEPT,
        };
        let most = volume.drive().medium().capacity_blocks;
        let mut met = HashSet::from([root]);
        let mut number = 0;
        let mut end = 0;
        while number < layout.directories.len() {
            end = layout.place(volume, number, end, &mut met)?;
            number += 1;
            // A hostile volume may claim more than a disc holds, again and again.
            if end > most {
                return Err(Error::TooManyBlocks);
            }
        }
        layout.size_tables()?;
        let blocks = u64::from(layout.tables.total()) + u64::from(end) + u64::from(layout.zeros);
        layout.blocks = narrow(blocks)?;
        layout.differences.copied_blocks += u64::from(layout.zeros);
        Ok(layout)
    }

    /// Blocks in the run.
    #[must_use]
    pub fn blocks(&self) -> u32 {
        self.blocks
    }

    /// How scattered files are recorded.
    #[must_use]
    pub fn scattered(&self) -> Scattered {
        self.options.scattered
    }

    /// What the files take in a plain volume beyond the share that each name has, to be stated for the next
    /// recording; `None` if not all of them are recorded as they would be with more room.
    #[must_use]
    pub fn extra_room(&self) -> Option<ExtraRoom> {
        (self.options.scattered == Scattered::Copied).then_some(self.extra)
    }

    /// Blocks of zeros that its holes name; 0 if no file has a hole.
    #[must_use]
    pub fn zero_blocks(&self) -> u32 {
        self.zeros
    }

    /// The zeros that its holes name, for a run that begins at `base`.
    #[must_use]
    pub fn zeros(&self, base: LogicalSector) -> Zeros {
        Zeros {
            at: self.zeros_at(base),
            blocks: self.zeros,
        }
    }

    /// Lets holes name zeros that the disc already has, [`Layout::zero_blocks`] or more, instead of
    /// recording zeros.
    pub fn use_zeros(&mut self, at: LogicalSector) {
        let recorded = self.recorded_zeros();
        self.blocks -= recorded;
        self.differences.copied_blocks -= u64::from(recorded);
        self.zeros_on_disc = Some(at);
    }

    /// What readers of the plain volume do not see.
    #[must_use]
    pub fn differences(&self) -> &PlainVolumeDifferences {
        &self.differences
    }

    /// Files and directories in UDF, including the root.
    #[must_use]
    pub fn counts(&self) -> (u32, u32) {
        let directories = u32::try_from(self.directories.len()).unwrap_or(u32::MAX);
        (self.files, directories)
    }

    /// Checks that `at` is the place of block `number` of a run that begins at `base`.
    ///
    /// # Errors
    /// [`Error::Moved`].
    pub fn require_place(base: LogicalSector, number: u64, at: LogicalSector) -> Result<(), Error> {
        let wanted = u64::from(base.0) + number;
        if wanted == u64::from(at.0) {
            return Ok(());
        }
        Err(Error::Moved {
            at,
            wanted: LogicalSector(u32::try_from(wanted).unwrap_or(u32::MAX)),
        })
    }

    /// The sector `at` blocks from the start of the first directory, for a run that begins at `base`.
    pub(crate) fn sector(&self, base: LogicalSector, at: u32) -> LogicalSector {
        LogicalSector(base.0.saturating_add(self.tables.total()).saturating_add(at))
    }

    /// The logical block of a sector.
    pub(crate) fn block(&self, sector: LogicalSector) -> LogicalBlock {
        LogicalBlock(sector.0.saturating_sub(self.options.partition_start.0))
    }

    /// The first sector of the zeros.
    pub(crate) fn zeros_at(&self, base: LogicalSector) -> LogicalSector {
        let recorded = || LogicalSector(base.0.saturating_add(self.blocks - self.zeros));
        self.zeros_on_disc.unwrap_or_else(recorded)
    }

    /// Blocks of zeros at the end of the run.
    pub(crate) fn recorded_zeros(&self) -> u32 {
        if self.zeros_on_disc.is_some() {
            0
        } else {
            self.zeros
        }
    }

    pub(crate) fn trees(&self) -> &'static [Tree] {
        match self.options.bridge {
            Bridge::No => &[],
            Bridge::Iso9660 => &Tree::ALL,
        }
    }

    /// Assigns a directory its place, `at` blocks from the start of the first one, and appends its
    /// subdirectories to the list of directories. Returns where it ends.
    fn place(
        &mut self,
        volume: &mut Volume,
        number: usize,
        at: u32,
        met: &mut HashSet<RecordedAddress>,
    ) -> Result<u32, Error> {
        let address = self.directories[number].node;
        let node = volume.node(address)?;
        let listing = Listing::of(volume, &node, &self.options)?;
        self.directories[number].entry = at;
        self.directories[number].body_bytes = self.body_bytes(listing.children());
        self.size_trees(number, &node, &listing)?;
        self.tell(listing.children());
        let first = u32::try_from(self.directories.len()).map_err(|_| Error::TooManyBlocks)?;
        let parent = u32::try_from(number).map_err(|_| Error::TooManyBlocks)?;
        for (child_number, child) in listing.in_order(Tree::Primary) {
            if child.kind != NodeKind::Directory {
                continue;
            }
            if !met.insert(child.address) {
                let path = self.path(number, &child.name);
                return Err(Error::DirectoryTwice { path });
            }
            self.directories.push(Directory {
                node: child.address,
                parent,
                name: child.name.to_string(),
                distinctions: listing.names().distinctions(child_number),
                below: 0..0,
                entry: 0,
                body_bytes: 0,
                trees: [DirectorySize::default(); 2],
                data: 0,
                entries: 0,
            });
        }
        let last = u32::try_from(self.directories.len()).map_err(|_| Error::TooManyBlocks)?;
        self.directories[number].below = first..last;
        self.place_files(number, listing.children())?;
        self.keep(number, listing);
        self.directories[number].end()
    }

    /// Keeps the listing of a directory if there is room.
    fn keep(&mut self, number: usize, listing: Listing) {
        let weight = listing.weight();
        if self.listings.len() == number && weight <= self.room {
            self.room -= weight;
            self.listings.push(listing);
        }
    }

    /// The listing of a directory, if kept.
    pub(crate) fn listing(&self, number: usize) -> Option<&Listing> {
        self.listings.get(number)
    }

    fn body_bytes(&self, children: &[Child]) -> u64 {
        let names = children.iter().filter(|child| child.is_in_udf(&self.options));
        let bytes: u64 = names.map(|child| identifier_bytes(Some(child.udf_name()))).sum();
        identifier_bytes(None) + bytes
    }

    /// Determines the size of a directory in both trees.
    fn size_trees(&mut self, number: usize, node: &Node, listing: &Listing) -> Result<(), Error> {
        if self.options.bridge == Bridge::No {
            return Ok(());
        }
        let family = Family {
            is_root: number == 0,
            node,
            parent: node,
            extents: [Section::default(); 2],
        };
        let place = |child: &Child| {
            Ok(match (child.file_data(), child.kind) {
                (Some(data), _) => ChildExtents::File(data.sections(LogicalSector(0), SOMEWHERE)?),
                (None, NodeKind::Directory) => ChildExtents::Directory(Section::default()),
                (None, _) => ChildExtents::Special,
            })
        };
        for tree in Tree::ALL {
            self.directories[number].trees[tree as usize] = bridge::size(tree, &family, listing, place)?;
        }
        let (joliet, rock_ridge) = listing.names().changed(listing.children());
        self.differences.changed_in_joliet += joliet;
        self.differences.changed_in_rock_ridge += rock_ridge;
        Ok(())
    }

    /// Assigns a place in their directory to the copies and entries of its files. A file with several names
    /// has its place in the first directory that names it.
    fn place_files(&mut self, number: usize, children: &[Child]) -> Result<(), Error> {
        let (mut data, mut entries) = (0_u64, 0_u32);
        let mut several = Vec::new();
        for child in children.iter().filter(|child| child.kind != NodeKind::Directory) {
            let in_udf = u32::from(child.is_in_udf(&self.options));
            self.files += in_udf;
            let extra = child
                .data
                .as_ref()
                .map(|data| ExtraBlocks::of_data(data, self.options.bridge))
                .unwrap_or_default();
            self.extra.of_files += extra.of_name;
            if let Some(node) = child.several_names() {
                let shared = Shared {
                    entry: entries,
                    copy: narrow(data)?,
                };
                if self.shared.contains_key(&node) {
                    continue;
                }
                self.shared.insert(node, shared);
                several.push(node);
            }
            if let Some(file) = &child.data {
                data += file.own_blocks();
                self.extra.of_files += extra.of_file;
                self.extra.zeros = self.extra.zeros.max(extra.zeros);
                self.zeros = self.zeros.max(file.zero_blocks());
                self.differences.copied += u64::from(file.copied_blocks() > 0);
                self.differences.copied_blocks += file.copied_blocks();
                let extents = file.extent_count();
                let in_bridge = self.options.bridge == Bridge::Iso9660 && child.kind == NodeKind::File;
                self.differences.unordered += u64::from(in_bridge && !file.ascends());
                self.differences.beyond_isofs += u64::from(in_bridge && extents > SECTIONS);
                self.differences.in_allocation_extents += u64::from(file.own_blocks() > file.copied_blocks());
            }
            entries += u32::from(child.has_entry(&self.options));
        }
        self.directories[number].data = narrow(data)?;
        self.directories[number].entries = entries;
        let copies = self.directories[number].copies()?;
        let first = self.directories[number].entries()?;
        for node in several {
            if let Some(shared) = self.shared.get_mut(&node) {
                shared.entry += first;
                shared.copy += copies;
            }
        }
        Ok(())
    }

    fn tell(&mut self, children: &[Child]) {
        for child in children {
            let of_both = child.node_unique_id.max(child.unique_id.into());
            self.unique_id = self.unique_id.max(of_both);
            let is_in_udf = child.is_in_udf(&self.options);
            self.differences.left_out += u64::from(!is_in_udf);
            self.differences.long_links += u64::from(tree::is_too_long(child));
            self.differences.cut_in_udf += u64::from(is_in_udf && child.is_cut());
            self.differences.streams += u64::from(child.has_streams);
        }
    }

    fn size_tables(&mut self) -> Result<(), Error> {
        for tree in self.trees() {
            let mut size = PathTableSize::default();
            for (identifier, parent, _) in self.path_table(*tree) {
                size.add(&identifier, parent);
            }
            self.tables.bytes[*tree as usize] = size.bytes()?;
            self.tables.blocks[*tree as usize] = size.blocks()?;
        }
        Ok(())
    }

    /// The directories in path table order of a tree: identifier, number of the parent in this order, counted
    /// from 1, and index in `directories`.
    pub(crate) fn path_table(&self, tree: Tree) -> Vec<(Identifier, u32, u32)> {
        let mut table = vec![(Identifier::SELF, 1, 0)];
        let mut next = 0;
        while let Some((_, _, number)) = table.get(next).copied() {
            let parent = u32::try_from(next + 1).unwrap_or(u32::MAX);
            let below = self.directories[number as usize].below.clone();
            let mut children: Vec<_> = below
                .map(|child| {
                    let identifier = self.directories[child as usize].identifier(tree);
                    (identifier, parent, child)
                })
                .collect();
            children
                .sort_by(|(a, ..), (b, ..)| tree.order_key(a).as_bytes().cmp(tree.order_key(b).as_bytes()));
            table.extend(children);
            next += 1;
        }
        table
    }

    fn path(&self, mut number: usize, name: &str) -> String {
        let mut path = format!("/{name}");
        while number != 0 {
            let directory = &self.directories[number];
            path = format!("/{}{path}", directory.name);
            number = directory.parent as usize;
        }
        path
    }
}
