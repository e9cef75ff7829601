//! What the relations of a disc are made with: the disc, its volume, and the relations made so far.

use ecma167::{PartitionReference, RecordedAddress};
use volume::{Node, Volume};

use crate::image::Block;
use crate::inject::disc::JudgedDisc;

/// A change, and why nothing is found if it is correct.
pub struct Relation {
    /// The change in words.
    pub what: &'static str,
    /// Why it is legal; `None` if it must be found.
    pub legal: Option<&'static str>,
    /// The changed blocks, with their sectors.
    pub changes: Vec<(u32, Block)>,
}

/// A node, its sector, and related data.
pub struct Known {
    pub node: Node,
    pub sector: u32,
    pub block: Block,
}

/// Makes the relations of a disc.
pub struct Maker<'a> {
    pub disc: &'a JudgedDisc,
    pub volume: &'a mut Volume,
    pub made: Vec<Relation>,
}

impl<'a> Maker<'a> {
    pub fn new(disc: &'a JudgedDisc, volume: &'a mut Volume) -> Self {
        Self {
            disc,
            volume,
            made: Vec::new(),
        }
    }

    /// Adds a change that the judge must find.
    pub fn broken(&mut self, what: &'static str, changes: Vec<(u32, Block)>) {
        self.made.push(Relation {
            what,
            legal: None,
            changes,
        });
    }

    /// Adds a change that is also correct, with the reason.
    pub fn legal(&mut self, what: &'static str, why: &'static str, changes: Vec<(u32, Block)>) {
        self.made.push(Relation {
            what,
            legal: Some(why),
            changes,
        });
    }

    /// The node at a path.
    pub fn known(&mut self, path: &str) -> Known {
        let node = self.volume.lookup_path(path).expect("a node of that name");
        let sector = self.volume.resolve(node.address).expect("its sector").0;
        Known {
            block: self.disc.block(sector),
            node,
            sector,
        }
    }

    /// The sector of a block of the partition below.
    pub fn below(&mut self, block: u32) -> u32 {
        let address = RecordedAddress {
            partition: PartitionReference(0),
            block,
        };
        self.volume.resolve(address).expect("a block of the partition").0
    }
}
