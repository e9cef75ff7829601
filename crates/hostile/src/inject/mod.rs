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
pub use disc::JudgedDisc;
pub use places::{Structure, structures};
pub use relations::{Relation, break_relations, relations};
pub use table::{Change, Outcome, change_fields, field_changes, rows};

/// All discs: one of each medium, in each revision, and volumes of other maps that are made of those.
///
/// # Panics
/// Where one cannot be recorded, or is not good.
#[must_use]
pub fn discs() -> Vec<JudgedDisc> {
    let recorded = record::of_each_medium();
    recorded.chain(Maps::ALL.map(converted)).collect()
}
