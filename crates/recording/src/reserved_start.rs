//! What the reserved track of an open session holds.

use drive::Medium;
use ecma167::osta::Revision;
use mmc::Profile;
use track::ReservedStart;
use volume::Companion;

/// What the reserved track of a session holds while the session is open, beside a volume of a revision: the
/// recognition sequence, if both volumes have the same and nothing precedes it. A bridge has ISO 9660
/// descriptors there, which belong to the state that is closed. On CD an interruption could leave links on
/// it.
pub(crate) fn reserved_start(medium: &Medium, companion: Companion, revision: Revision) -> ReservedStart {
    let is_other = companion.revision.nsr() != revision.nsr();
    if companion.bridge || is_other || medium.profile == Profile::CdR {
        ReservedStart::Blank
    } else {
        ReservedStart::Recognition
    }
}
