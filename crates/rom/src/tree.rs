//! The two trees of ISO 9660, the names of their children, and the order of these.

use iso9660::Window;
use iso9660::names::{Changes, Distinction, Distinctions, Finder, Identifier, Kind, Mapped, Name, Namespace};
use iso9660::names::{joliet, primary, rock_ridge};
use iso9660::rock_ridge::MAX_TARGET_BYTES;
use volume::NodeKind;

use crate::error::Error;
use crate::node::Child;

/// Bytes of memory in which the children of a directory are sorted.
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

    /// The identifier of a directory in this tree, unless it is the root.
    pub fn directory(self, name: &str, distinctions: [Distinction; 2]) -> Identifier {
        match self {
            Self::Primary => primary::identifier(name, Kind::Directory, distinctions[0]).identifier,
            Self::Joliet => joliet::identifier(name, distinctions[1]).identifier,
        }
    }

    /// The key by which the children of a directory are sorted.
    pub fn order_key(self, identifier: &Identifier) -> Identifier {
        match self {
            Self::Primary => primary::order_key(identifier),
            Self::Joliet => joliet::order_key(identifier),
        }
    }

    /// Whether the tree has a child. Joliet has only files and directories, Rock Ridge no link with too long
    /// a target.
    fn has(self, child: &Child) -> bool {
        match self {
            Self::Primary => !is_too_long(child),
            Self::Joliet => kind(child) != Kind::Special,
        }
    }
}

/// Whether the target of a link does not fit Rock Ridge.
pub(crate) fn is_too_long(child: &Child) -> bool {
    child
        .target()
        .is_some_and(|target| target.len() > MAX_TARGET_BYTES)
}

/// How the names of the children of a directory are distinguished.
#[derive(Debug, Default)]
pub(crate) struct Names {
    primary: Distinctions,
    joliet: Distinctions,
    rock_ridge: Distinctions,
}

fn kind(child: &Child) -> Kind {
    kind_of(child.kind)
}

/// What ISO 9660 distinguishes of a kind.
pub(crate) fn kind_of(kind: NodeKind) -> Kind {
    match kind {
        NodeKind::File => Kind::File,
        NodeKind::Directory => Kind::Directory,
        _ => Kind::Special,
    }
}

impl Names {
    /// Distinguishes the names of children.
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

    /// How the names of a child are distinguished in both trees.
    pub fn distinctions(&self, number: u32) -> [Distinction; 2] {
        [self.primary.of(number), self.joliet.of(number)]
    }

    /// The identifier of a child in a tree.
    pub fn identifier(&self, tree: Tree, child: &Child, number: u32) -> Mapped<Identifier> {
        match tree {
            Tree::Primary => primary::identifier(&child.name, kind(child), self.primary.of(number)),
            Tree::Joliet => joliet::identifier(&child.name, self.joliet.of(number)),
        }
    }

    /// The numbers of the children in a tree, in its order.
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

    /// The name of a child in Rock Ridge.
    pub fn rock_ridge(&self, child: &Child, number: u32) -> Mapped<Name> {
        rock_ridge::name(&child.name, kind(child), self.rock_ridge.of(number))
    }

    /// How many names Joliet and Rock Ridge change.
    pub fn changed(&self, children: &[Child]) -> (u64, u64) {
        let mut changed = (0, 0);
        for (number, child) in (0..).zip(children) {
            let joliet = Tree::Joliet.has(child)
                && self.identifier(Tree::Joliet, child, number).changes != Changes::empty();
            let rock_ridge = self.rock_ridge(child, number).changes;
            changed.0 += u64::from(joliet);
            changed.1 += u64::from(rock_ridge != Changes::empty());
        }
        changed
    }
}
