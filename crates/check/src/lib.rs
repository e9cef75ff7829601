//! The judge of a volume on a write-once disc: re-derives it from its sectors, and cites a clause for each finding.
//!
//! Owns: the rules of ECMA-167 and of UDF 1.50 to 2.60 for such volumes, of a plain volume beside one and of a bridge to it, and
//! what breaks them. Imports: ecma167, iso9660, drive, mmc.
//! Never touches: `volume` and `recording`, the code that is judged; anything on the disc; output.
#![forbid(unsafe_code)]

mod account;
mod again;
mod anchor;
mod attributes;
mod basic;
mod body;
mod bridge_children;
mod bridge_directory;
mod bridge_names;
mod bridge_tables;
mod bridge_volume;
mod claims;
mod companion;
mod comparison;
mod descriptor;
mod descriptors;
mod directory;
mod disc;
mod entry;
mod facts;
mod finding;
mod integrity;
mod judge;
mod judged_vat;
mod layout;
mod logical;
mod metadata;
mod metadata_file;
mod nodes;
mod options;
mod overlaps;
mod partition;
mod plain_session;
mod recognition;
mod rules;
mod sector_set;
mod sequence;
mod session;
mod severity;
mod space;
mod spared;
mod sparing;
mod stated;
mod symlink;
mod tag;
mod two_volumes;
mod unjudged;
mod vat;
mod vat_chain;
mod vat_icb;
mod vat_left_out;
mod volume_found;
mod volume_on_disc;
mod volumes;
mod walk;

pub use finding::{Finding, FindingPlace, Report, Summary};
pub use options::{MEMORY_BOUND, Options};
pub use rules::FindingKind;
pub use severity::Severity;
pub use unjudged::Unjudged;

use drive::Drive;

/// Judges the volume on the medium in a drive.
///
/// Nothing is changed. By the sizes of its tables memory stays below [`MEMORY_BOUND`] with the default options, time is bounded by the size of the
/// medium, whatever is recorded there.
pub fn check(drive: &mut Drive, options: &Options) -> Report {
    judge::Judge::new(drive, options).run()
}
