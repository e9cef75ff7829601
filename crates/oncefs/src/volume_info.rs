//! What a volume records about itself.

use ecma167::general::Timestamp;
use ecma167::osta::Revision;
use volume::{Companion, Volume};

use crate::error::Result;

/// What a volume records about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VolumeInfo {
    /// The name of the volume.
    pub label: String,
    /// The revision of UDF.
    pub revision: Revision,
    /// The number of files, if the volume records it.
    pub files: Option<u32>,
    /// The number of directories, if the volume records it.
    pub directories: Option<u32>,
    /// The number of the commit that the volume shows, from 1, as in [`Volume::past`](crate::Volume::past); 0
    /// for a volume without a VAT.
    pub generation: u32,
    /// The block of the medium with the VAT ICB of that commit.
    pub vat_icb: Option<u32>,
    /// When that commit was recorded, by its VAT ICB, or by the integrity descriptor of a volume without a
    /// VAT.
    pub recorded: Option<Timestamp>,
    /// When the volume was formatted, by its primary volume descriptor (`ECMA-167 3/10.1.17`).
    pub formatted: Timestamp,
    /// The name of the volume set, which distinguishes volumes of one name (`UDF 2.60 2.2.2.5`).
    pub volume_set: String,
    /// Blocks of the medium known to be recorded after that commit, and not by closing it; 0 if the volume is
    /// `clean` or has no VAT.
    pub blocks_after: u32,
    /// Whether nothing was recorded after that commit; `false` after an interrupted recording.
    pub clean: bool,
    /// The plain volume that each closing records for readers without VAT support; `None` if the disc gets
    /// none.
    pub plain_volume: Option<Companion>,
    /// The sessions that were closed with a plain volume, in ascending order.
    pub plain_volume_sessions: Vec<u16>,
    /// Whether a plain volume of this commit is all that was recorded after it.
    pub plain_volume_is_newest: bool,
}

impl VolumeInfo {
    /// Returns what `volume` records about itself. The first call lists the generations.
    ///
    /// # Errors
    /// Fails with an error of the drive.
    pub fn of(volume: &mut Volume) -> Result<Self> {
        let (files, directories) = counts(volume);
        let clean = volume.clean();
        let vat_icb = volume.vat_icb().map(|sector| sector.0);
        let end = volume.drive().recorded_end().0;
        let follow = vat_icb.filter(|_| !clean);
        let descriptors = volume.descriptors();
        let integrity = descriptors.integrity.as_ref();
        let recorded = match volume.vat() {
            Some(vat) => Some(vat.entry.modification_time),
            None => integrity.map(|integrity| integrity.recording_date_and_time),
        };
        Ok(Self {
            label: volume.label(),
            revision: volume.revision(),
            files,
            directories,
            generation: volume.generation()?,
            vat_icb,
            recorded,
            formatted: volume.descriptors().primary.recording_date_and_time,
            volume_set: volume.descriptors().primary.volume_set_identifier.decode_lossy(),
            blocks_after: follow.map_or(0, |icb| end.saturating_sub(icb.saturating_add(1))),
            clean,
            plain_volume: volume.companion(),
            plain_volume_sessions: volume.sessions_with_plain_volume()?,
            plain_volume_is_newest: volume.is_ended_by_plain_volume(),
        })
    }
}

/// Returns the numbers of files and directories, from the VAT, or from the integrity descriptor if there is
/// no VAT.
fn counts(volume: &Volume) -> (Option<u32>, Option<u32>) {
    let integrity = volume.descriptors().integrity.as_ref();
    match (volume.vat(), integrity) {
        (Some(vat), _) => (vat.files, vat.directories),
        (None, Some(integrity)) => match &integrity.implementation_use {
            Some(counts) => (
                Some(counts.number_of_files.get()),
                Some(counts.number_of_directories.get()),
            ),
            None => (None, None),
        },
        (None, None) => (None, None),
    }
}
