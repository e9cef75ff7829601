//! Events on a mount, for its owner to report.

use recording::Commit;
use volume::Loss;

use crate::error::Error;

/// An event on a mount.
#[derive(Debug)]
pub enum Report<'a> {
    /// Changes were committed.
    Committed(Commit),
    /// Something could not be read, and something else is used instead.
    Lost(&'a Loss),
    /// An operation failed by a fault of disc, drive or volume.
    Failed {
        /// What the operation was doing.
        what: &'a str,
        /// Why it failed.
        error: &'a Error,
    },
}
