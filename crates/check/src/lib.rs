//! The judge of volumes on write-once discs: derives a volume anew from its sectors, and cites a clause for
//! each finding.
//!
//! Owns: the rules of ECMA-167 and of UDF 1.50 to 2.60 for such volumes, for a plain volume next to one and
//! for a bridge to it, and how they are broken. Imports: ecma167, iso9660, drive, mmc. Never touches:
//! `volume` and `recording`, the code being judged; anything on the disc; output.
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
mod versions;
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
/// Changes nothing. Whatever is recorded there, the sizes of its tables keep memory below [`MEMORY_BOUND`]
/// with the default options, and the size of the medium bounds the time.
pub fn check(drive: &mut Drive, options: &Options) -> Report {
    judge::Judge::new(drive, options).run()
}
