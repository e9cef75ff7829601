//! What a drive reports about its medium.

use drive::{Drive, Medium, Session, Status};
use mmc::Profile;

/// What a drive reports about its medium, blank or not. Sizes and addresses are in blocks of 2,048 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DiscInfo {
    /// The kind of medium; `None` for an image without its side file, because it is unknown then.
    pub profile: Option<Profile>,
    /// Whether more can be recorded on the medium.
    pub status: Status,
    /// Blocks from the start of the disc to the last that can hold data.
    pub capacity_blocks: u32,
    /// Blocks recorded in all tracks, with the padding and links among them.
    pub recorded_blocks: u32,
    /// Blocks that the drive still accepts. Includes what a commit and the closing need, unlike
    /// [`Recording::free_blocks`](crate::Recording::free_blocks).
    pub free_blocks: u32,
    /// The block that is recorded next; `None` if nothing more can be recorded.
    pub next_writable_address: Option<u32>,
    /// The drive's unit of writing, in blocks: 1 for CD-R, 16 for DVD, 32 for BD-R.
    pub write_unit_blocks: u32,
    /// Whether closing the first session finalizes the medium (DVD-R DL).
    pub single_session: bool,
    /// Whether the drive records the medium without packets (CD-R), so that each commit takes a track of its
    /// own.
    pub track_at_once: bool,
    /// All sessions, by number.
    pub sessions: Vec<Session>,
}

impl DiscInfo {
    /// Returns what `drive` reports about its medium.
    #[must_use]
    pub fn of(drive: &Drive) -> Self {
        drive.medium().into()
    }
}

impl From<&Medium> for DiscInfo {
    fn from(medium: &Medium) -> Self {
        Self {
            profile: (medium.profile != drive::UNKNOWN_PROFILE).then_some(medium.profile),
            status: medium.status,
            capacity_blocks: medium.capacity_blocks,
            recorded_blocks: medium.recorded_blocks(),
            free_blocks: medium.free_blocks,
            next_writable_address: medium.next_writable_address.map(|address| address.0),
            write_unit_blocks: medium.write_unit,
            single_session: medium.single_session,
            track_at_once: medium.track_at_once,
            sessions: medium.sessions.clone(),
        }
    }
}
