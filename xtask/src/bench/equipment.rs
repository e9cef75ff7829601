//! What all parts of the benchmarks measure with.

use super::arena::Arena;
use super::peers::Peers;
use crate::program::Program;

/// What all parts measure with.
pub struct Equipment {
    /// Where trees and images are.
    pub arena: Arena,
    /// The program that is measured.
    pub program: Program,
    /// What else is measured.
    pub peers: Peers,
    /// Rounds of each contest, of which the median counts.
    pub rounds: usize,
}
