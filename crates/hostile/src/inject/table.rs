//! The results of the changes: the tables of `docs/understanding/check.md`.

use std::collections::BTreeMap;

use drive::Drive;
use volume::Volume;

use super::disc::JudgedDisc;
use super::fields::Field;
use super::places::{Structure, structures};
use crate::image::Block;
use crate::repair;

/// The results of the changes to one kind of structure.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Number of judged changes.
    pub changes: u64,
    /// The names of the fields, with the reason if a field may change.
    pub fields: BTreeMap<String, Option<String>>,
}

impl Outcome {
    /// Adds the results of another disc.
    pub fn add(&mut self, other: Self) {
        self.changes += other.changes;
        for (field, legal) in other.fields {
            let here = self.fields.entry(field).or_insert(None);
            *here = here.take().or(legal);
        }
    }
}

/// A change of one field, in all copies of its structure.
pub struct Change {
    /// Disc, structure, field, place and value.
    pub what: String,
    /// Why another value may also be correct.
    pub legal: Option<String>,
    /// The changed blocks, with their sectors.
    pub blocks: Vec<(u32, Block)>,
}

/// Changes every field of every structure on a disc; counts the changes and collects those that were missed
/// although not legal.
///
/// # Panics
/// If the volume cannot be read.
pub fn change_fields(
    disc: &mut JudgedDisc,
    outcomes: &mut BTreeMap<&'static str, Outcome>,
    missed: &mut Vec<String>,
) {
    for structure in with_volume(disc, structures) {
        let outcome = outcomes.entry(structure.name).or_default();
        for field in &structure.fields {
            outcome
                .fields
                .entry(field.name.clone())
                .and_modify(|legal| *legal = legal.take().or(field.legal.clone()))
                .or_insert_with(|| field.legal.clone());
            for change in changes(disc, &structure, field) {
                outcome.changes += 1;
                let found = disc.with(&change.blocks);
                if found.is_empty() && change.legal.is_none() {
                    missed.push(change.what);
                }
            }
        }
    }
}

/// Every `every`th of the changes of all fields.
///
/// # Panics
/// If the volume cannot be read.
#[must_use]
pub fn field_changes(disc: &JudgedDisc, every: usize) -> Vec<Change> {
    let all = with_volume(disc, structures);
    let fields = all
        .iter()
        .flat_map(|structure| structure.fields.iter().map(move |field| (structure, field)));
    fields
        .flat_map(|(structure, field)| changes(disc, structure, field))
        .step_by(every)
        .collect()
}

/// The changes of a field, one for each value.
fn changes(disc: &JudgedDisc, structure: &Structure, field: &Field) -> Vec<Change> {
    let (sector, _) = structure.copies[0];
    let change = |value: Vec<u8>| Change {
        what: format!(
            "{}: {} at sector {sector}: {} (bytes {:?}) to {value:02x?}",
            disc.name, structure.name, field.name, field.bytes
        ),
        legal: field.legal.clone(),
        blocks: changed(disc, structure, field, &value),
    };
    // A length that is limited to the existing bytes may equal the old one.
    let differs = |change: &Change| change.blocks.iter().any(|(at, block)| *block != disc.block(*at));
    field
        .values(&disc.block(sector))
        .into_iter()
        .map(change)
        .filter(differs)
        .collect()
}

/// Passes the volume to `look` while the disc keeps its drive.
pub fn with_volume<T>(disc: &JudgedDisc, look: impl FnOnce(&JudgedDisc, &mut Volume) -> T) -> T {
    let drive = Drive::open_image(disc.path()).expect("an image");
    let mut volume = Volume::open(drive)
        .map_err(|failed| failed.error)
        .expect("a volume");
    look(disc, &mut volume)
}

/// The blocks of a structure with another value in a field of each copy.
fn changed(disc: &JudgedDisc, structure: &Structure, field: &Field, value: &[u8]) -> Vec<(u32, Block)> {
    let copies = structure.copies.iter();
    copies
        .map(|(sector, _)| {
            let mut block = disc.block(*sector);
            block[field.bytes.clone()].copy_from_slice(value);
            reseal(&mut block, structure, field);
            (*sector, block)
        })
        .collect()
}

fn reseal(block: &mut Block, structure: &Structure, field: &Field) {
    let Some(start) = structure.sealed else { return };
    if start == 0 {
        attributes(block, field.bytes.start);
    }
    match field.bytes.start - start {
        // A wrong checksum is the fault itself.
        4 => {}
        10 | 16.. => repair::seal(&mut block[start..]),
        _ => repair::checksum(&mut block[start..]),
    }
    // A FID inside an ICB is also covered by the CRC of the ICB.
    if start > 0 && is_icb(block) {
        repair::seal(block);
    }
}

fn is_icb(block: &Block) -> bool {
    matches!(repair::half(block, 0), 261 | 266)
}

/// Corrects the tag of the extended attributes in an ICB, and the header checksum of a UDF attribute (`UDF
/// 2.60 3.3.4.5`) with a changed byte.
fn attributes(block: &mut Block, at: usize) {
    let (lengths, front) = if repair::half(block, 0) == 266 {
        (208, 216)
    } else {
        (168, 176)
    };
    let length = repair::word(block, lengths) as usize;
    if !is_icb(block) || !(front..front + length.min(1024)).contains(&at) {
        return;
    }
    repair::seal(&mut block[front..]);
    let mut next = front + 24;
    while next + 50 <= front + length && repair::word(block, next + 8) >= 12 {
        let in_header = (next..next + 48).contains(&at);
        if in_header && block[next + 17..].starts_with(b"*UDF ") {
            let sum = block[next..next + 48]
                .iter()
                .fold(0_u16, |sum, byte| sum.wrapping_add((*byte).into()));
            block[next + 48..next + 50].copy_from_slice(&sum.to_le_bytes());
        }
        next += repair::word(block, next + 8) as usize;
    }
}

/// The rows of the table: each structure with fields that may change, these fields, and the reasons. The
/// first row has the fields that may change in each of several structures.
#[must_use]
pub fn rows(outcomes: &BTreeMap<&'static str, Outcome>) -> Vec<String> {
    // The field may change, for one reason, in every structure that has it.
    let is_shared = |field: &str| {
        let all: Vec<&Option<String>> = outcomes
            .values()
            .filter_map(|outcome| outcome.fields.get(field))
            .collect();
        all.len() > 1 && all[0].is_some() && all.iter().all(|legal| *legal == all[0])
    };
    let mut shared: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut rows = Vec::new();
    for (name, outcome) in outcomes {
        let mut own = outcome.fields.clone();
        own.retain(|field, legal| is_listed(legal.as_deref()) && !is_shared(field));
        if !own.is_empty() {
            rows.push(format!("| {name} | {} |", reasons(&own)));
        }
        let fields = outcome.fields.clone().into_iter();
        shared.extend(fields.filter(|(field, legal)| is_listed(legal.as_deref()) && is_shared(field)));
    }
    rows.insert(0, format!("| all that have them | {} |", reasons(&shared)));
    rows
}

/// Whether the table lists a field for this reason; the document states once what any field may be.
fn is_listed(legal: Option<&str>) -> bool {
    legal.is_some_and(|why| !matches!(why, "any valid" | "free"))
}

/// The fields that may change, by their reason.
fn reasons(fields: &BTreeMap<String, Option<String>>) -> String {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (field, legal) in fields {
        if let Some(legal) = legal {
            reasons.entry(legal).or_default().push(field);
        }
    }
    let legal: Vec<String> = reasons
        .iter()
        .map(|(reason, fields)| format!("{} ({reason})", fields.join(", ")))
        .collect();
    legal.join("; ")
}
