//! The image of that tree, and what readers must see of it.

use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use iso9660::names::{Finder, Identifier, Kind as NameKind, Name, Namespace, joliet, primary, rock_ridge};
use iso9660::rock_ridge::{Attributes, RockRidge, Special, Target};
use iso9660::{
    BLOCK_BYTES, Block, ByteOrder, Child, Content, DateTime, DirectoryEncoder, DirectorySize, Own, Part,
    PathTableEncoder, PathTableSize, PathTables, RecordDate, Section, VolumeDescriptor, VolumeFacts,
    VolumeKind, Window, sections, set_terminator,
};
use sha2::{Digest, Sha256};

use super::tree::{Body, Node, hard_tree};
use crate::listing::{Entry, Kind, Listing};

/// The first block of data; the structures of the bridge follow the data, as on a closed disc.
const FIRST_DATA: u32 = 600;
const DESCRIPTORS: u32 = 16;

/// The image, and the contents of its two trees.
pub struct Bridge {
    pub image: PathBuf,
    /// With the names of Rock Ridge.
    pub rock_ridge: Listing,
    /// With those of Joliet, which has only files and directories.
    pub joliet: Listing,
}

/// Writes it to that folder.
pub fn write_bridge(folder: &Path) -> Result<Bridge> {
    let image = folder.join("bridge.iso");
    let tree = hard_tree();
    let mut disc = Disc {
        file: File::create(&image).context("cannot make the image")?,
        next: FIRST_DATA,
        data: HashMap::new(),
    };
    disc.place(&tree)?;
    let trees = [Namespace::Primary, Namespace::Joliet].map(|namespace| Tree::of(&tree, namespace));
    let [primary, joliet] = trees;
    let (primary, joliet) = (primary?, joliet?);
    let facts = [disc.write_tree(&primary)?, disc.write_tree(&joliet)?];
    // Nothing needs to read beyond the last directory, but some readers do.
    let blocks = disc.next + 150;
    disc.file.set_len(u64::from(blocks) * BLOCK_BYTES as u64)?;
    for (number, (kind, (path_tables, root))) in
        (DESCRIPTORS..).zip([VolumeKind::Primary, VolumeKind::Joliet].into_iter().zip(facts))
    {
        let facts = VolumeFacts {
            volume: "Bridge Größe",
            volume_set: "",
            system: "",
            publisher: "",
            preparer: "",
            application: "oncefs",
            blocks,
            path_tables,
            root,
            root_date: RecordDate::new(&tree.modified),
            created: Some(tree.modified),
            modified: None,
        };
        disc.write(number, &VolumeDescriptor::new(kind, &facts).to_block())?;
    }
    disc.write(DESCRIPTORS + 2, &set_terminator())?;
    Ok(Bridge {
        image,
        rock_ridge: primary.listing(),
        joliet: joliet.listing(),
    })
}

/// The image as it is written: data first, then whatever follows.
struct Disc {
    file: File,
    next: u32,
    /// The sections of each file, by serial number.
    data: HashMap<u32, Vec<Section>>,
}

impl Disc {
    fn write(&self, block: u32, bytes: &[u8]) -> Result<()> {
        Ok(self
            .file
            .write_all_at(bytes, u64::from(block) * BLOCK_BYTES as u64)?)
    }

    fn append(&mut self, block: &Block) -> Result<()> {
        self.write(self.next, block)?;
        self.next += 1;
        Ok(())
    }

    /// Places the data of all files below a node, with gaps between sections.
    fn place(&mut self, node: &Node) -> Result<()> {
        if self.data.contains_key(&node.serial) {
            return Ok(());
        }
        match &node.body {
            Body::Directory(children) => children.iter().try_for_each(|child| self.place(child)),
            Body::File(contents, cuts) => {
                let mut rest = &contents[..];
                let mut found = Vec::new();
                let cuts = cuts.iter().map(|blocks| blocks * BLOCK_BYTES).chain([usize::MAX]);
                for cut in cuts {
                    let (now, later) = rest.split_at(cut.min(rest.len()));
                    self.write(self.next, now)?;
                    found.extend(sections(self.next, now.len() as u64)?);
                    self.next += u32::try_from(now.len().div_ceil(BLOCK_BYTES))?;
                    self.append(&[0xEE; BLOCK_BYTES])?;
                    rest = later;
                }
                self.data.insert(node.serial, found);
                Ok(())
            }
            Body::Huge(bytes) => {
                self.data
                    .insert(node.serial, sections(self.next, *bytes)?.collect());
                self.next += u32::try_from(bytes.div_ceil(BLOCK_BYTES as u64))?;
                Ok(())
            }
            Body::Link(_) | Body::Fifo | Body::Device(..) => Ok(()),
        }
    }

    /// Writes the directories and path tables of a tree; returns their places and the root.
    fn write_tree(&mut self, tree: &Tree<'_>) -> Result<(PathTables, Section)> {
        let mut extents = Vec::new();
        let mut next = self.next;
        for (number, directory) in tree.directories.iter().enumerate() {
            let attributes = tree.attributes(directory);
            let mut size = DirectorySize::new(&tree.own(number, &[], &attributes));
            tree.each_child(directory, &self.data, &[], |child| size.add(child))?;
            extents.push(size.extent(next)?);
            next += size.record_blocks()? + size.continuation_blocks()?;
        }
        for (number, directory) in tree.directories.iter().enumerate() {
            let attributes = tree.attributes(directory);
            let own = tree.own(number, &extents, &attributes);
            for part in [Part::Records, Part::Continuations] {
                let mut encoder = DirectoryEncoder::new(part, &own);
                tree.each_child(directory, &self.data, &extents, |child| encoder.push(child))?;
                encoder.finish();
                while let Some(block) = encoder.take() {
                    self.append(&block)?;
                }
            }
        }
        if self.next != next {
            bail!("directories end at block {} instead of {next}", self.next);
        }
        let mut size = PathTableSize::default();
        for directory in &tree.directories {
            size.add(&directory.identifier, directory.parent_number()?);
        }
        let mut tables = [0; 2];
        for (order, table) in [ByteOrder::Little, ByteOrder::Big].into_iter().zip(&mut tables) {
            *table = self.next;
            let mut encoder = PathTableEncoder::new(order);
            for (directory, extent) in tree.directories.iter().zip(&extents) {
                encoder.push(&directory.identifier, directory.parent_number()?, extent.block);
            }
            encoder.finish();
            while let Some(block) = encoder.take() {
                self.append(&block)?;
            }
        }
        let [type_l, type_m] = tables;
        let path_tables = PathTables {
            bytes: size.bytes()?,
            type_l,
            type_m,
        };
        Ok((path_tables, extents[0]))
    }
}

/// One of the two trees, with its directories in path table order.
struct Tree<'a> {
    in_joliet: bool,
    directories: Vec<Directory<'a>>,
}

struct Directory<'a> {
    node: &'a Node,
    identifier: Identifier,
    /// Index of its parent.
    parent: usize,
    children: Vec<Named<'a>>,
    path: String,
}

struct Named<'a> {
    node: &'a Node,
    identifier: Identifier,
    name: Name,
    /// Its name as readers show it.
    shown: String,
    /// Its index if it is a directory.
    directory: Option<usize>,
}

impl<'a> Tree<'a> {
    fn of(root: &'a Node, namespace: Namespace) -> Result<Self> {
        let in_joliet = namespace == Namespace::Joliet;
        let mut directories = vec![Directory {
            node: root,
            identifier: Identifier::SELF,
            parent: 0,
            children: Vec::new(),
            path: String::new(),
        }];
        let mut number = 0;
        while number < directories.len() {
            let Body::Directory(children) = &directories[number].node.body else {
                bail!("no directory")
            };
            let mut named = named(children, namespace)?;
            let path = directories[number].path.clone();
            for child in named
                .iter_mut()
                .filter(|child| name_kind(child.node) == NameKind::Directory)
            {
                child.directory = Some(directories.len());
                directories.push(Directory {
                    node: child.node,
                    identifier: child.identifier,
                    parent: number,
                    children: Vec::new(),
                    path: format!("{path}/{}", child.shown),
                });
            }
            directories[number].children = named;
            number += 1;
        }
        Ok(Self {
            in_joliet,
            directories,
        })
    }

    /// The attributes of a directory and its parent.
    fn attributes(&self, directory: &Directory<'_>) -> [Attributes; 2] {
        [directory.node, self.directories[directory.parent].node].map(attributes)
    }

    /// What a directory says about itself, as far as extents are known.
    fn own<'b>(&self, number: usize, extents: &[Section], attributes: &'b [Attributes; 2]) -> Own<'b> {
        let directory = &self.directories[number];
        let of = |number: usize| extents.get(number).copied().unwrap_or_default();
        let [this, parent] = attributes;
        Own {
            is_root: number == 0,
            extent: of(number),
            parent: of(directory.parent),
            dates: [this.modified, parent.modified],
            attributes: (!self.in_joliet).then_some([this, parent]),
        }
    }

    fn each_child(
        &self,
        directory: &Directory<'_>,
        data: &HashMap<u32, Vec<Section>>,
        extents: &[Section],
        mut take: impl FnMut(&Child<'_>),
    ) -> Result<()> {
        for child in &directory.children {
            let attributes = attributes(child.node);
            let content = match (&child.node.body, child.directory) {
                (_, Some(number)) => Content::Directory(extents.get(number).copied().unwrap_or_default()),
                (Body::File(..) | Body::Huge(_), _) => {
                    Content::File(data.get(&child.node.serial).context("no data")?)
                }
                _ => Content::Special,
            };
            let special = match &child.node.body {
                Body::Link(target) => Special::Target(Target::new(target.as_bytes())?),
                Body::Device(_, major, minor) => Special::Device {
                    major: *major,
                    minor: *minor,
                },
                _ => Special::None,
            };
            take(&Child {
                identifier: &child.identifier,
                date: attributes.modified,
                content,
                rock_ridge: (!self.in_joliet).then_some(RockRidge {
                    name: &child.name,
                    attributes: &attributes,
                    special,
                }),
            });
        }
        Ok(())
    }

    /// What readers must see of it.
    fn listing(&self) -> Listing {
        let mut listing = Listing::new();
        listing.insert("/".to_owned(), self.entry(self.directories[0].node));
        for directory in &self.directories {
            for child in &directory.children {
                listing.insert(
                    format!("{}/{}", directory.path, child.shown),
                    self.entry(child.node),
                );
            }
        }
        listing
    }

    fn entry(&self, node: &Node) -> Entry {
        let file = |bytes: u64, contents: Option<&[u8]>| Entry {
            kind: Some(Kind::File),
            size: Some(bytes),
            sha256: contents.map(|contents| {
                Sha256::digest(contents)
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect()
            }),
            ..Entry::default()
        };
        let of_kind = |kind| Entry {
            kind: Some(kind),
            ..Entry::default()
        };
        let entry = match &node.body {
            Body::Directory(_) => of_kind(Kind::Directory),
            Body::File(contents, _) => file(contents.len() as u64, Some(contents)),
            Body::Huge(bytes) => file(*bytes, None),
            Body::Link(target) => Entry {
                target: Some(target.clone()),
                ..of_kind(Kind::Symlink)
            },
            Body::Fifo => of_kind(Kind::Fifo),
            Body::Device(kind, major, minor) => Entry {
                device: Some((*major, *minor)),
                ..of_kind(*kind)
            },
        };
        let time = RecordDate::new(&node.modified).get().and_then(microseconds);
        if self.in_joliet {
            return Entry { mtime: time, ..entry };
        }
        Entry {
            // Names of one file are one node to readers that can tell.
            node: matches!(entry.kind, Some(Kind::File)).then_some(u64::from(node.serial)),
            mode: Some(node.mode),
            uid: Some(node.owner.0),
            gid: Some(node.owner.1),
            mtime: time,
            ..entry
        }
    }
}

impl Directory<'_> {
    /// The number of its parent in a path table.
    fn parent_number(&self) -> Result<u32> {
        Ok(u32::try_from(self.parent + 1)?)
    }
}

fn microseconds(time: DateTime) -> Option<i64> {
    let digit = |number: u8| i8::try_from(number).ok();
    let date = jiff::civil::Date::new(
        i16::try_from(time.year).ok()?,
        digit(time.month)?,
        digit(time.day)?,
    )
    .ok()?;
    let time = date.at(digit(time.hour)?, digit(time.minute)?, digit(time.second)?, 0);
    Some(
        time.to_zoned(jiff::tz::TimeZone::UTC)
            .ok()?
            .timestamp()
            .as_microsecond(),
    )
}

fn name_kind(node: &Node) -> NameKind {
    match node.body {
        Body::Directory(_) => NameKind::Directory,
        Body::File(..) | Body::Huge(_) => NameKind::File,
        Body::Link(_) | Body::Fifo | Body::Device(..) => NameKind::Special,
    }
}

fn attributes(node: &Node) -> Attributes {
    let kind = match &node.body {
        Body::Directory(_) => 0o040_000,
        Body::File(..) | Body::Huge(_) => 0o100_000,
        Body::Link(_) => 0o120_000,
        Body::Fifo => 0o010_000,
        Body::Device(Kind::CharDevice, ..) => 0o020_000,
        Body::Device(..) => 0o060_000,
    };
    let date = RecordDate::new(&node.modified);
    Attributes {
        mode: kind | node.mode,
        links: 1,
        uid: node.owner.0,
        gid: node.owner.1,
        serial: node.serial,
        modified: date,
        accessed: date,
        changed: date,
    }
}

/// The children that the tree can contain, with distinct names and in its order.
fn named(children: &[Node], namespace: Namespace) -> Result<Vec<Named<'_>>> {
    let in_joliet = namespace == Namespace::Joliet;
    let children: Vec<&Node> = children
        .iter()
        .filter(|node| !in_joliet || name_kind(node) != NameKind::Special)
        .collect();
    let find = |namespace| {
        let mut finder = Finder::new(namespace, children.len());
        loop {
            for child in &children {
                finder.offer(&child.name, name_kind(child))?;
            }
            finder = match finder.settle()? {
                Ok(distinctions) => return anyhow::Ok(distinctions),
                Err(again) => again,
            };
        }
    };
    let (identifiers, names) = (find(namespace)?, find(Namespace::RockRidge)?);
    let mut named = Vec::new();
    let mut window = Window::new(1 << 20);
    for (number, node) in (0..).zip(children.iter().copied()) {
        let (distinction, kind) = (identifiers.of(number), name_kind(node));
        let (identifier, key) = if in_joliet {
            let identifier = joliet::identifier(&node.name, distinction).identifier;
            (identifier, joliet::order_key(&identifier))
        } else {
            let identifier = primary::identifier(&node.name, kind, distinction).identifier;
            (identifier, primary::order_key(&identifier))
        };
        window.offer(key.as_bytes(), number, ());
        let name = rock_ridge::name(&node.name, kind, names.of(number)).identifier;
        let shown = if in_joliet {
            let units = identifier
                .as_bytes()
                .chunks_exact(2)
                .map(|unit| u16::from_be_bytes([unit[0], unit[1]]));
            String::from_utf16(&units.collect::<Vec<u16>>())?
        } else {
            String::from_utf8(name.as_bytes().to_vec())?
        };
        named.push(Some(Named {
            node,
            identifier,
            name,
            shown,
            directory: None,
        }));
    }
    let sorted = window.take();
    Ok(sorted
        .children
        .into_iter()
        .filter_map(|(number, ())| named.get_mut(number as usize)?.take())
        .collect())
}
