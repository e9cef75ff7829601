//! The injector: changes every field of every structure on good discs and corrects tags and CRCs; the judge
//! must find each change.

mod convert;
mod disc;
mod fields;
mod icb;
mod places;
mod record;
mod relations;
mod table;

pub use convert::{Maps, converted};
pub use disc::JudgedDisc;
pub use places::{Structure, structures};
pub use relations::{Relation, break_relations, relations};
pub use table::{Change, Outcome, change_fields, field_changes, rows};

/// All discs: one of each medium in each revision, and volumes with other maps made from those.
///
/// # Panics
/// If one cannot be recorded, or is not good.
#[must_use]
pub fn discs() -> Vec<JudgedDisc> {
    let recorded = record::of_each_medium();
    recorded.chain(Maps::ALL.map(converted)).collect()
}
