//! What happens on a mount, for its owner to tell.

use recording::Commit;
use volume::Loss;

use crate::error::Error;

/// Something that happened on a mount.
#[derive(Debug)]
pub enum Report<'a> {
    /// Changes became part of the volume.
    Committed(Commit),
    /// Something could not be read, and something else stands for it.
    Lost(&'a Loss),
    /// Something failed by a fault of disc, drive or volume.
    Failed {
        /// What was being done.
        what: &'a str,
        /// Why it failed.
        error: &'a Error,
    },
}
