//! Basic data structures that every part of the standard uses (`ECMA-167 1/7`, `3/7`).

mod charspec;
mod dstring;
mod entity_identifier;
mod extent;
pub mod tag;
mod timestamp;

pub use charspec::Charspec;
pub use dstring::DString;
pub use entity_identifier::{DomainFlags, EntityIdentifier, identifiers};
pub use extent::ExtentAd;
pub use tag::{Descriptor, Tag, TagIdentifier, TagVersion};
pub use timestamp::Timestamp;
