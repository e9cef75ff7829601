//! Names of a volume as identifiers of the three trees: how much of a name fits into each, and what makes it
//! unique.
//!
//! A mapping depends only on the name if no other name in the directory has the same identifier. Names that
//! clash get a few characters from a digest of the whole name, except one that its identifier contains in
//! full. So the result depends only on the set of names in the directory, and adding a name changes only
//! those that it clashes with.

mod identifier;
pub mod joliet;
mod mark;
pub mod primary;
pub mod rock_ridge;
mod unique;

pub use identifier::{Changes, Identifier, Kind, Mapped, Name};
pub use mark::Distinction;
pub use unique::{Distinctions, Finder, FinderError, Namespace};
