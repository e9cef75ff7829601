//! The injector: every field of every structure is changed on good discs, tags and CRCs are made right, and the judge has to find it.

mod convert;
mod disc;
mod fields;
mod icb;
mod places;
mod record;
mod relations;
mod table;

pub use convert::{Maps, converted};
pub use disc::Disc;
pub use places::{Structure, structures};
pub use record::discs;
pub use relations::{Relation, break_relations, relations};
pub use table::{Change, Outcome, change_fields, field_changes, rows};
