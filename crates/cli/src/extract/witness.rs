//! Hears of each file that is copied, and chooses what is.

use std::ops::Range;

use oncefs::nodes::{Node, Volume};

use crate::failure::Failure;

/// Hears of each file that is copied, and chooses what is.
pub trait Witness {
    /// Whether to copy a node, or to enter a directory.
    fn wants(&mut self, volume: &mut Volume, path: &str, node: &Node) -> bool;

    /// A node was copied, without these bytes.
    fn copied(&mut self, volume: &mut Volume, path: &str, node: &Node, missing: &[Range<u64>]);

    /// A node could not be copied.
    fn failed(&mut self, path: &str, failure: &Failure);

    /// Other versions of a node, to be copied beside it: what their names have at the end, and their nodes.
    fn versions(&mut self, volume: &mut Volume, node: &Node) -> Vec<(String, Node)>;
}
