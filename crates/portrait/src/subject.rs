//! The disc and the volume that a portrait shows.

use drive::{Session, Status, UNKNOWN_PROFILE};
use ecma167::general::Timestamp;
use volume::Volume;

/// A disc and its volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The name of the volume.
    pub label: String,
    /// The name of the volume set, which distinguishes volumes of one name.
    pub volume_set: String,
    /// The revision of UDF.
    pub revision: String,
    /// The medium; `None` if it is unknown.
    pub medium: Option<String>,
    /// Whether more can be recorded.
    pub status: Status,
    /// The sessions, by number.
    pub sessions: Vec<Session>,
    /// When the volume was formatted.
    pub formatted: Timestamp,
    /// When the state shown was recorded.
    pub recorded: Option<Timestamp>,
    /// Whether readers need to know the VAT.
    pub has_vat: bool,
    /// Whether nothing follows the state shown.
    pub is_clean: bool,
}

impl Subject {
    pub(crate) fn of(volume: &Volume) -> Self {
        let medium = volume.drive().medium();
        let descriptors = volume.descriptors();
        let integrity = descriptors.integrity.as_ref();
        let recorded = match volume.vat() {
            Some(vat) => Some(vat.entry.modification_time),
            None => integrity.map(|integrity| integrity.recording_date_and_time),
        };
        Self {
            label: volume.label(),
            volume_set: descriptors.primary.volume_set_identifier.decode_lossy(),
            revision: volume.revision().to_string(),
            medium: (medium.profile != UNKNOWN_PROFILE).then(|| medium.profile.to_string()),
            status: medium.status,
            sessions: medium.sessions.clone(),
            formatted: descriptors.primary.recording_date_and_time,
            recorded,
            has_vat: volume.vat().is_some(),
            is_clean: volume.clean(),
        }
    }
}
