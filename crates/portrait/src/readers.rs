//! Which readers open a disc, by what is recorded on it.

use drive::SessionState;
use ecma167::LogicalSector;
use ecma167::recognition::{RECOGNITION_SECTOR, Recognised, recognise};
use volume::{Error, Map, Volume};

/// A group of readers, and what they show of a disc.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// The readers.
    pub name: &'static str,
    /// Whether they open it.
    pub opens: Opens,
    /// Why, in words.
    pub why: String,
}

/// Whether readers open a disc.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Opens {
    /// With the state shown.
    Yes,
    /// With an earlier state.
    Earlier,
    /// Not at all.
    No,
}

impl Opens {
    /// A word for people and programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Earlier => "an earlier state",
            Self::No => "no",
        }
    }
}

const WITH_VAT: &str = "UDF readers that know the VAT, such as Linux and oncefs";
const WITHOUT_VAT: &str = "UDF readers without VAT, such as 7-Zip, GRUB, UEFI firmware and players";
const ISO: &str = "ISO 9660 readers, such as isoinfo and bsdtar";
const UDF: &str = "UDF readers, such as Linux and oncefs";

impl Reader {
    /// What is known of all readers.
    ///
    /// # Errors
    /// Errors of the drive.
    pub(crate) fn all(volume: &mut Volume) -> Result<Vec<Self>, Error> {
        let is_open = volume
            .drive()
            .medium()
            .sessions
            .iter()
            .any(|session| session.state == SessionState::Open);
        let reader = |name, opens, why: &str| Self {
            name,
            opens,
            why: why.to_owned(),
        };
        if volume.vat().is_none() {
            let needs = volume.maps().iter().find_map(|map| match map {
                Map::Metadata { .. } => Some("they must support metadata partitions (UDF 2.50)"),
                Map::Sparable { .. } => Some("they must support sparing tables"),
                _ => None,
            });
            let iso = if has_iso(volume)? { Opens::Yes } else { Opens::No };
            let why = match iso {
                Opens::Yes => "descriptors of ISO 9660 are recorded",
                _ => "there is no ISO 9660",
            };
            let plain = needs.unwrap_or("nothing more than UDF is needed");
            return Ok(vec![reader(UDF, Opens::Yes, plain), reader(ISO, iso, why)]);
        }
        let known = match (is_open, volume.clean()) {
            (_, false) => "more was recorded after the state shown: they may need oncefs recover first",
            (true, true) => "the session is open: on a drive they find its VAT at the end",
            (false, true) => "the session is closed",
        };
        let with_vat = reader(WITH_VAT, Opens::Yes, known);
        let sessions = volume.sessions_with_plain_volume()?;
        let (Some(session), Some(companion)) = (sessions.last(), volume.companion()) else {
            let why = "no session was closed with a plain volume";
            return Ok(vec![
                with_vat,
                reader(WITHOUT_VAT, Opens::No, why),
                reader(ISO, Opens::No, why),
            ]);
        };
        let opens = if volume.is_ended_by_plain_volume() {
            Opens::Yes
        } else {
            Opens::Earlier
        };
        let mut why = format!("session {session} was closed with a plain volume");
        if *session > 1 {
            why += if sessions.contains(&1) {
                "; readers that do not follow sessions show session 1"
            } else {
                "; readers that do not follow sessions find none"
            };
        }
        let iso = if companion.bridge {
            reader(ISO, opens, &why)
        } else {
            reader(ISO, Opens::No, "the plain volume has no ISO 9660")
        };
        Ok(vec![with_vat, reader(WITHOUT_VAT, opens, &why), iso])
    }
}

/// Whether a recognition sequence begins with a descriptor of ISO 9660.
fn has_iso(volume: &mut Volume) -> Result<bool, Error> {
    let sessions = volume.drive().medium().sessions.iter();
    let start = sessions.map(|session| session.start.0).max().unwrap_or(0);
    let sector = LogicalSector(start.saturating_add(RECOGNITION_SECTOR));
    match volume.read_sector(sector) {
        Ok(block) => Ok(recognise(block) == Some(Recognised::Cd001)),
        Err(error @ Error::Drive(_)) if !error.is_damage() => Err(error),
        Err(_) => Ok(false),
    }
}
