//! What the integrity descriptor states.

use crate::finding::FindingPlace;

/// What the integrity descriptor that prevails says of the volume as a whole.
pub(crate) struct Stated {
    pub place: FindingPlace,
    /// It was recorded when all else was.
    pub closed: bool,
    pub unique_id: u64,
    /// Files and directories.
    pub counts: Option<(u32, u32)>,
    /// Free blocks by partition reference.
    pub free: Vec<u32>,
}
