//! What a reserved track has while its session is open.

use drive::Medium;
use ecma167::osta::Revision;
use mmc::Profile;
use track::ReservedStart;
use volume::Companion;

/// What the reserved track of a session has while it is open, beside a volume of a revision: the recognition sequence, if both volumes
/// have the same and nothing comes before it. A bridge has descriptors of ISO 9660 there, which belong to the state that is closed. On CD
/// an interruption could leave links on it.
pub(crate) fn reserved_start(medium: &Medium, companion: Companion, revision: Revision) -> ReservedStart {
    let is_other = companion.revision.nsr() != revision.nsr();
    if companion.bridge || is_other || medium.profile == Profile::CdR {
        ReservedStart::Blank
    } else {
        ReservedStart::Recognition
    }
}
