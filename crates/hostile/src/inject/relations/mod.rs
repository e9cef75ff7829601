//! Relations between two structures: links, IDs, parents, chains, extents, order, streams, space.

mod blocks;
mod extents;
mod maker;
mod metadata;
mod names;
mod sequences;
mod space;
mod sparing;
mod special;
mod streams;
mod vats;

use volume::Volume;

use maker::Maker;
pub use maker::Relation;

use super::disc::JudgedDisc;
use super::table::with_volume;

/// Breaks each relation on a disc; counts what was broken and collects what was missed.
pub fn break_relations(
    disc: &mut JudgedDisc,
    seen: &mut Vec<(&'static str, Option<&'static str>)>,
    missed: &mut Vec<String>,
) {
    for relation in relations(disc) {
        let key = (relation.what, relation.legal);
        if !seen.contains(&key) {
            seen.push(key);
        }
        let found = disc.with(&relation.changes);
        if found.is_empty() && relation.legal.is_none() {
            missed.push(format!("{}: {}", disc.name, relation.what));
        }
    }
}

/// Each relation on a disc, broken.
///
/// # Panics
/// If the volume cannot be read.
#[must_use]
pub fn relations(disc: &JudgedDisc) -> Vec<Relation> {
    with_volume(disc, all)
}

fn all(disc: &JudgedDisc, volume: &mut Volume) -> Vec<Relation> {
    let mut maker = Maker::new(disc, volume);
    names::break_links(&mut maker);
    extents::break_bodies(&mut maker);
    special::give_bodies(&mut maker);
    vats::break_chain(&mut maker);
    streams::break_streams(&mut maker);
    metadata::break_mirror(&mut maker);
    sparing::break_tables(&mut maker);
    space::break_bitmap(&mut maker);
    sequences::break_order(&mut maker);
    maker.made
}
