//! The directories of ISO 9660: the primary tree with Rock Ridge, and Joliet.

use ecma167::general::Timestamp;
use iso9660::names::{Changes, Distinction, Distinctions, Finder, Identifier, Kind, Mapped, Namespace};
use iso9660::names::{joliet, primary, rock_ridge};
use iso9660::rock_ridge::{Attributes, MAX_TARGET_BYTES, RockRidge, Special, Target};
use iso9660::{
    BLOCK_BYTES, Content, DateTime, DirectoryEncoder, DirectorySize, Own, Part, RecordDate, Section, Window,
};
use volume::{Node, NodeKind};

use crate::error::Error;
use crate::node::Child;

/// Bytes in which the children of a directory are put into order at once.
const WINDOW: usize = 16 << 20;

/// One of the two trees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tree {
    /// The primary one, with Rock Ridge.
    Primary,
    Joliet,
}

impl Tree {
    pub const ALL: [Self; 2] = [Self::Primary, Self::Joliet];

    /// The identifier of a directory in this tree, where it is not the root.
    pub fn directory(self, name: &str, distinctions: [Distinction; 2]) -> Identifier {
        match self {
            Self::Primary => primary::identifier(name, Kind::Directory, distinctions[0]).identifier,
            Self::Joliet => joliet::identifier(name, distinctions[1]).identifier,
        }
    }

    /// What the children of a directory are sorted by.
    pub fn order_key(self, identifier: &Identifier) -> Identifier {
        match self {
            Self::Primary => primary::order_key(identifier),
            Self::Joliet => joliet::order_key(identifier),
        }
    }

    /// Joliet has no word for anything but files and directories, and Rock Ridge none for a link that leads too far.
    fn has(self, child: &Child) -> bool {
        match self {
            Self::Primary => !is_too_long(child),
            Self::Joliet => kind(child) != Kind::Special,
        }
    }
}

/// Whether Rock Ridge has no room for the target of a link.
pub(crate) fn is_too_long(child: &Child) -> bool {
    let target = child.target.as_ref();
    target.is_some_and(|target| target.len() > MAX_TARGET_BYTES)
}

/// What tells the children of a directory apart.
#[derive(Debug)]
pub(crate) struct Names {
    primary: Distinctions,
    joliet: Distinctions,
    rock_ridge: Distinctions,
}

fn kind(child: &Child) -> Kind {
    match child.node.kind {
        NodeKind::File => Kind::File,
        NodeKind::Directory => Kind::Directory,
        _ => Kind::Special,
    }
}

impl Names {
    /// Those of the children of a directory.
    pub fn of(children: &[Child]) -> Result<Self, Error> {
        let find = |namespace| -> Result<Distinctions, Error> {
            let mut finder = Finder::new(namespace, children.len());
            loop {
                for child in children {
                    finder.offer(&child.name, kind(child))?;
                }
                finder = match finder.settle()? {
                    Ok(distinctions) => return Ok(distinctions),
                    Err(again) => again,
                };
            }
        };
        Ok(Self {
            primary: find(Namespace::Primary)?,
            joliet: find(Namespace::Joliet)?,
            rock_ridge: find(Namespace::RockRidge)?,
        })
    }

    /// What tells a child apart in both trees.
    pub fn distinctions(&self, number: u32) -> [Distinction; 2] {
        [self.primary.of(number), self.joliet.of(number)]
    }

    fn identifier(&self, tree: Tree, child: &Child, number: u32) -> Mapped<Identifier> {
        match tree {
            Tree::Primary => primary::identifier(&child.name, kind(child), self.primary.of(number)),
            Tree::Joliet => joliet::identifier(&child.name, self.joliet.of(number)),
        }
    }

    /// The numbers of the children that a tree has, in its order.
    pub fn sorted(&self, tree: Tree, children: &[Child]) -> Vec<u32> {
        let mut window = Window::new(WINDOW);
        let mut order = Vec::with_capacity(children.len());
        loop {
            for (number, child) in (0..).zip(children) {
                if tree.has(child) {
                    let identifier = self.identifier(tree, child, number).identifier;
                    window.offer(tree.order_key(&identifier).as_bytes(), number, ());
                }
            }
            let sorted = window.take();
            order.extend(sorted.children.iter().map(|(number, ())| *number));
            if sorted.is_last {
                return order;
            }
        }
    }

    /// How many names Joliet and Rock Ridge have otherwise.
    pub fn changed(&self, children: &[Child]) -> (u64, u64) {
        let mut changed = (0, 0);
        for (number, child) in (0..).zip(children) {
            let joliet = Tree::Joliet.has(child)
                && self.identifier(Tree::Joliet, child, number).changes != Changes::empty();
            let rock_ridge = rock_ridge::name(&child.name, kind(child), self.rock_ridge.of(number)).changes;
            changed.0 += u64::from(joliet);
            changed.1 += u64::from(rock_ridge != Changes::empty());
        }
        changed
    }

    /// Hands a child of a tree on, as ISO 9660 has it.
    fn with<R>(
        &self,
        tree: Tree,
        (number, child): (u32, &Child),
        place: &ChildExtents,
        then: impl FnOnce(&iso9660::Child<'_>) -> R,
    ) -> Result<R, Error> {
        let identifier = self.identifier(tree, child, number).identifier;
        let name = rock_ridge::name(&child.name, kind(child), self.rock_ridge.of(number)).identifier;
        let attributes = attributes(&child.node);
        let special = match (&child.target, child.node.kind) {
            (Some(target), _) => Special::Target(Target::new(target.as_bytes())?),
            (_, NodeKind::CharacterDevice { major, minor } | NodeKind::BlockDevice { major, minor }) => {
                Special::Device { major, minor }
            }
            _ => Special::None,
        };
        Ok(then(&iso9660::Child {
            identifier: &identifier,
            date: attributes.modified,
            content: match place {
                ChildExtents::Directory(extent) => Content::Directory(*extent),
                ChildExtents::File(sections) => Content::File(sections),
                ChildExtents::Special => Content::Special,
            },
            rock_ridge: (tree == Tree::Primary).then_some(RockRidge {
                name: &name,
                attributes: &attributes,
                special,
            }),
        }))
    }
}

/// Where the data of a child is.
pub(crate) enum ChildExtents {
    Directory(Section),
    File(Vec<Section>),
    Special,
}

/// A directory and its parent, whose extents matter to what is encoded alone.
pub(crate) struct Family<'a> {
    pub is_root: bool,
    pub node: &'a Node,
    pub parent: &'a Node,
    pub extents: [Section; 2],
}

impl Family<'_> {
    fn with<R>(&self, tree: Tree, then: impl FnOnce(&Own<'_>) -> R) -> R {
        let attributes = [attributes(self.node), attributes(self.parent)];
        then(&Own {
            is_root: self.is_root,
            extent: self.extents[0],
            parent: self.extents[1],
            dates: attributes.map(|attributes| attributes.modified),
            attributes: (tree == Tree::Primary).then_some([&attributes[0], &attributes[1]]),
        })
    }
}

/// How many blocks a directory takes in a tree.
pub(crate) fn size(
    tree: Tree,
    family: &Family<'_>,
    names: &Names,
    children: &[Child],
    order: &[u32],
    mut place: impl FnMut(&Child) -> Result<ChildExtents, Error>,
) -> Result<DirectorySize, Error> {
    let mut size = family.with(tree, DirectorySize::new);
    for (number, child) in ordered(order, children) {
        let place = place(child)?;
        names.with(tree, (number, child), &place, |child| size.add(child))?;
    }
    Ok(size)
}

/// Makes the blocks of a part of a directory, one after the other.
pub(crate) fn encode<E: From<Error>>(
    (tree, part): (Tree, Part),
    family: &Family<'_>,
    names: &Names,
    children: &[Child],
    order: &[u32],
    mut place: impl FnMut(u32, &Child) -> Result<ChildExtents, Error>,
    mut take: impl FnMut(&[u8; BLOCK_BYTES]) -> Result<(), E>,
) -> Result<(), E> {
    let mut encoder = family.with(tree, |own| DirectoryEncoder::new(part, own));
    for (number, child) in ordered(order, children) {
        let place = place(number, child)?;
        names.with(tree, (number, child), &place, |child| encoder.push(child))?;
        while let Some(block) = encoder.take() {
            take(&block)?;
        }
    }
    encoder.finish();
    while let Some(block) = encoder.take() {
        take(&block)?;
    }
    Ok(())
}

fn ordered<'c>(order: &[u32], children: &'c [Child]) -> impl Iterator<Item = (u32, &'c Child)> {
    order
        .iter()
        .filter_map(|number| Some((*number, children.get(*number as usize)?)))
}

fn attributes(node: &Node) -> Attributes {
    let entry = &node.entry;
    // One for the directory itself, one for its name; its subdirectories count in UDF as they do in POSIX.
    let more = u32::from(node.kind == NodeKind::Directory);
    #[expect(clippy::cast_possible_truncation, reason = "serial numbers have 32 bits")]
    let serial = node.unique_id() as u32;
    Attributes {
        mode: node.mode(),
        links: u32::from(entry.file_link_count) + more,
        uid: node.uid().unwrap_or(0),
        gid: node.gid().unwrap_or(0),
        serial,
        modified: record_date(&entry.modification_time),
        accessed: record_date(&entry.access_time),
        changed: record_date(&entry.attribute_time),
    }
}

/// A time in the short form.
pub(crate) fn record_date(time: &Timestamp) -> RecordDate {
    date_time(time).map_or_else(RecordDate::default, |time| RecordDate::new(&time))
}

/// A time as ISO 9660 has it; `None` where none is stated.
pub(crate) fn date_time(time: &Timestamp) -> Option<DateTime> {
    (time.year.get() != 0).then(|| DateTime {
        year: time.year.get(),
        month: time.month,
        day: time.day,
        hour: time.hour,
        minute: time.minute,
        second: time.second,
        centisecond: time.centiseconds,
        offset: i8::try_from(time.offset_minutes().unwrap_or(0) / 15).unwrap_or(0),
    })
}
