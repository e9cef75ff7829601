//! What a caller says about a node besides its body.

use ecma167::file::{FileEntry, permissions};
use ecma167::general::Timestamp;

/// Mode, owners and times of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attributes {
    /// Permission bits with set-user-ID, set-group-ID and sticky, as in `st_mode & 07777`.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Last access (`ECMA-167 4/14.9.12`).
    pub accessed: Timestamp,
    /// Last modification of the body (`ECMA-167 4/14.9.13`).
    pub modified: Timestamp,
    /// Last change of the attributes (`ECMA-167 4/14.9.14`).
    pub changed: Timestamp,
    /// Creation, recorded from UDF 2.00 on (`ECMA-167 4/14.17.15`).
    pub created: Timestamp,
}

impl Attributes {
    /// Those of a node on the disc.
    pub(crate) fn of(entry: &FileEntry) -> Attributes {
        Attributes {
            mode: permissions::to_mode(entry.permissions, entry.icb_tag.icb_flags()),
            uid: entry.uid,
            gid: entry.gid,
            accessed: entry.access_time,
            modified: entry.modification_time,
            changed: entry.attribute_time,
            created: entry.creation_time.unwrap_or(entry.modification_time),
        }
    }

    /// Attributes whose four times are all `now`.
    #[must_use]
    pub fn at(mode: u32, now: Timestamp) -> Attributes {
        Attributes {
            mode,
            uid: 0,
            gid: 0,
            accessed: now,
            modified: now,
            changed: now,
            created: now,
        }
    }
}

/// The attributes of a node to change; `None` leaves one as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// As in [`Attributes::mode`].
    pub mode: Option<u32>,
    /// Owner.
    pub uid: Option<u32>,
    /// Group.
    pub gid: Option<u32>,
    /// Last access.
    pub accessed: Option<Timestamp>,
    /// Last modification of the body.
    pub modified: Option<Timestamp>,
    /// Last change of the attributes.
    pub changed: Option<Timestamp>,
}

impl Changes {
    /// The times of a node, for one that was filled after it got them.
    pub(crate) fn times_of(attributes: &Attributes) -> Self {
        Self {
            accessed: Some(attributes.accessed),
            modified: Some(attributes.modified),
            changed: Some(attributes.changed),
            ..Self::default()
        }
    }
}
