//! The children of a directory with everything derived from them, so that placing and recording them agree.

use volume::{Node, Volume};

use crate::error::Error;
use crate::node::{Child, children};
use crate::options::{Bridge, Options};
use crate::tree::{Names, Tree};

/// The children of a directory, how ISO 9660 distinguishes their names, and their orders there.
#[derive(Debug)]
pub(crate) struct Listing {
    children: Vec<Child>,
    names: Names,
    /// Their numbers in the order of each tree; without a bridge, in the order of the directory.
    orders: [Vec<u32>; 2],
}

impl Listing {
    /// Lists a directory of the generation in force.
    pub fn of(volume: &mut Volume, directory: &Node, options: &Options) -> Result<Self, Error> {
        let children = children(volume, directory, options)?;
        if options.bridge == Bridge::No {
            let order = (0..).take(children.len()).collect();
            return Ok(Self {
                children,
                names: Names::default(),
                orders: [order, Vec::new()],
            });
        }
        let names = Names::of(&children)?;
        let orders = Tree::ALL.map(|tree| names.sorted(tree, &children));
        Ok(Self {
            children,
            names,
            orders,
        })
    }

    /// The children, in the order of the directory.
    pub fn children(&self) -> &[Child] {
        &self.children
    }

    /// How their names are distinguished.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The children in a tree, in its order, each with its number in the directory.
    pub fn in_order(&self, tree: Tree) -> impl Iterator<Item = (u32, &Child)> {
        self.orders[tree as usize]
            .iter()
            .filter_map(|number| Some((*number, self.children.get(*number as usize)?)))
    }

    /// Approximate memory in bytes.
    pub fn weight(&self) -> usize {
        let orders = self.orders.iter().map(|order| size_of_val(order.as_slice()));
        let children = self.children.iter().map(Child::weight);
        size_of::<Self>() + orders.chain(children).sum::<usize>()
    }
}
