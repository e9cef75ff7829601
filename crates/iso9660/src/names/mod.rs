//! Names of a volume as the identifiers of the three trees: what of a name each has room for, and what makes
//! it unique.
//!
//! A mapping depends on the name alone as long as no other name of the directory has the same identifier.
//! Where some do, they get a few characters from a digest of the whole name; one that an identifier says
//! whole keeps it. So what a name becomes depends on the set of names in its directory and on nothing else,
//! and a name that is added changes those alone that it clashes with.

mod identifier;
pub mod joliet;
mod mark;
pub mod primary;
pub mod rock_ridge;
mod unique;

pub use identifier::{Changes, Identifier, Kind, Mapped, Name};
pub use mark::Distinction;
pub use unique::{Distinctions, Finder, FinderError, Namespace};
