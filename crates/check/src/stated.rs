//! What the integrity descriptor states.

use crate::finding::FindingPlace;

/// What the prevailing integrity descriptor states about the volume as a whole.
pub(crate) struct Stated {
    pub place: FindingPlace,
    /// It was recorded after everything else.
    pub closed: bool,
    pub unique_id: u64,
    /// Numbers of files and directories.
    pub counts: Option<(u32, u32)>,
    /// Free blocks by partition reference.
    pub free: Vec<u32>,
}
