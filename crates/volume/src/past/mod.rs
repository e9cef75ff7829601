//! The past of a volume: its generations, and what each of them changed.

mod chain;
mod change;
mod comparison;
mod difference;
mod generation;
mod names;
mod retired;
mod state;
mod step;
mod table;
mod tree;

pub use change::{Change, ChangeKind, Count, Totals};
pub use comparison::Comparison;
pub use generation::{Generation, Link, Past};
pub use retired::Retired;
