//! The directories of ISO 9660: the primary tree with Rock Ridge, and Joliet.

use iso9660::rock_ridge::{RockRidge, Special, Target};
use iso9660::{BLOCK_BYTES, Content, DirectoryEncoder, DirectorySize, Own, Part, Section};
use volume::{Node, NodeKind};

use crate::attributes::attributes;
use crate::error::Error;
use crate::listing::Listing;
use crate::node::Child;
use crate::tree::{Names, Tree};

/// Where the data of a child is.
pub(crate) enum ChildExtents {
    Directory(Section),
    File(Vec<Section>),
    Special,
}

/// A directory and its parent, of which only the extents affect what is encoded.
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

/// The size of a directory in a tree.
pub(crate) fn size(
    tree: Tree,
    family: &Family<'_>,
    listing: &Listing,
    mut place: impl FnMut(&Child) -> Result<ChildExtents, Error>,
) -> Result<DirectorySize, Error> {
    let mut size = family.with(tree, DirectorySize::new);
    for (number, child) in listing.in_order(tree) {
        let place = place(child)?;
        as_iso9660(listing.names(), tree, (number, child), &place, |child| {
            size.add(child)
        })?;
    }
    Ok(size)
}

/// Encodes the blocks of a part of a directory, one after another.
pub(crate) fn encode<E: From<Error>>(
    (tree, part): (Tree, Part),
    family: &Family<'_>,
    listing: &Listing,
    mut place: impl FnMut(u32, &Child) -> Result<ChildExtents, Error>,
    mut take: impl FnMut(&[u8; BLOCK_BYTES]) -> Result<(), E>,
) -> Result<(), E> {
    let mut encoder = family.with(tree, |own| DirectoryEncoder::new(part, own));
    for (number, child) in listing.in_order(tree) {
        let place = place(number, child)?;
        as_iso9660(listing.names(), tree, (number, child), &place, |child| {
            encoder.push(child)
        })?;
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

/// Passes on a child of a tree in the form of ISO 9660.
fn as_iso9660<R>(
    names: &Names,
    tree: Tree,
    (number, child): (u32, &Child),
    place: &ChildExtents,
    then: impl FnOnce(&iso9660::Child<'_>) -> R,
) -> Result<R, Error> {
    let identifier = names.identifier(tree, child, number).identifier;
    let name = names.rock_ridge(child, number).identifier;
    let special = match (child.target(), child.kind) {
        (Some(target), _) => Special::Target(Target::new(target.as_bytes())?),
        (_, NodeKind::CharacterDevice { major, minor } | NodeKind::BlockDevice { major, minor }) => {
            Special::Device { major, minor }
        }
        _ => Special::None,
    };
    Ok(then(&iso9660::Child {
        identifier: &identifier,
        date: child.attributes.modified,
        content: match place {
            ChildExtents::Directory(extent) => Content::Directory(*extent),
            ChildExtents::File(sections) => Content::File(sections),
            ChildExtents::Special => Content::Special,
        },
        rock_ridge: (tree == Tree::Primary).then_some(RockRidge {
            name: &name,
            attributes: &child.attributes,
            special,
        }),
    }))
}
