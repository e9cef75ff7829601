//! What all parts of the benchmarks measure with.

use super::arena::Arena;
use super::peers::Peers;
use crate::program::Program;

/// What all parts measure with.
pub struct Equipment {
    /// The folder for trees and images.
    pub arena: Arena,
    /// The program being measured.
    pub program: Program,
    /// The other programs being measured; `None` if no chosen part has any.
    pub peers: Option<Peers>,
    /// Rounds per contest; results are medians.
    pub rounds: usize,
}
