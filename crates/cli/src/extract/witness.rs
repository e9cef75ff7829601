//! Hears of each file that is copied, and chooses what is.

use std::ops::Range;

use oncefs::nodes::{Node, Volume};

use crate::failure::Failure;
use crate::rescue::Version;

/// Hears of each file that is copied, and chooses what is.
pub trait Witness {
    /// Whether to copy a node, or to enter a directory.
    fn wants(&mut self, volume: &mut Volume, path: &str, node: &Node) -> bool;

    /// The version of a file that is at the address of a node.
    fn version(&mut self, volume: &mut Volume, node: &Node) -> Version;

    /// A node was copied.
    fn copied(&mut self, path: &str, done: &Done<'_>);

    /// A node could not be copied. Its names may lead to none.
    fn failed(&mut self, path: &str, of: Option<(&Node, Version)>, failure: &Failure);

    /// A node gets a shorter name, with which this path ends, because the host takes no name so long.
    fn shortened(&mut self, name: &str, path: &str);

    /// All directories are entered once more, for other versions of their files.
    fn begin_versions(&mut self);

    /// Other versions of a node, to be copied beside it.
    fn versions(&mut self, volume: &mut Volume, node: &Node) -> Vec<Beside>;
}

/// What was copied.
pub struct Done<'a> {
    /// The version that is there now.
    pub version: Version,
    /// Its bytes.
    pub size: u64,
    /// What of them could not be read.
    pub missing: &'a [Range<u64>],
    /// Where it came from.
    pub from: From,
}

/// Where a file came from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// The node.
    Node,
    /// A better version of it that an earlier run found.
    EarlierRun,
    /// Another version of a node, beside it.
    Beside,
}

/// Another version of a node.
pub struct Beside {
    /// What its name has at the end.
    pub end: String,
    /// The node.
    pub node: Node,
    /// Which version it is.
    pub version: Version,
}
