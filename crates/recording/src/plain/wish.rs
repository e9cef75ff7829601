//! What the caller that closes a disc wants of a plain volume, if that differs from what the disc was
//! formatted for.

use volume::Companion;

use crate::Recording;
use crate::error::{Error, Unsupported};
use crate::format::Rom;
use crate::plain::blocks_of_plain_volume;
use crate::plain_volume_choice::{PlainVolumeChoice, PlainVolumeKind};
use crate::plan::blocks_of_further_session;
use crate::reserved_start::reserved_start;

impl Recording {
    /// Sets what the next closing does about a plain volume.
    pub fn set_plain_volume(&mut self, choice: PlainVolumeChoice) {
        self.plain_volume_choice = choice;
    }

    /// Whether the session being closed should get a plain volume.
    pub(crate) fn is_plain_volume_wanted(&self) -> bool {
        self.plain_volume_choice != PlainVolumeChoice::Without || self.is_closing_begun()
    }

    /// Whether the last closed session has no plain volume, and one more session is to have it.
    pub(crate) fn is_left_out_wanted(&self) -> bool {
        matches!(self.plain_volume_choice, PlainVolumeChoice::With(_))
            && self.companion().is_some()
            && !self.session_has_data()
            && !self.is_dirty()
            && !self.volume.is_ended_by_plain_volume()
    }

    /// Fails before the first block of a further session if it cannot have the plain volume that the last
    /// session lacks.
    fn require_left_out(&mut self, companion: Companion) -> Result<(), Error> {
        if !self.is_left_out_wanted() {
            return Ok(());
        }
        self.require_plain_volume(companion)
    }

    /// Fails before the first block of a further session that would have no room for the plain volume.
    fn require_room_for_added(&mut self) -> Result<(), Error> {
        let counts = self.tree.counts();
        let medium = self.volume.drive().medium();
        let asked = blocks_of_plain_volume(counts.files.into(), counts.directories.into())
            + u64::from(blocks_of_further_session(medium));
        let free = self.track.free_blocks(self.volume.drive_mut())?;
        if asked > free {
            return Err(Error::MediumFull { free, asked });
        }
        Ok(())
    }

    /// Closes the open session if the disc was formatted without a plain volume and is to have one in a
    /// further session.
    pub(crate) fn prepare_plain_wish(&mut self) -> Result<(), Error> {
        let PlainVolumeChoice::With(kind) = self.plain_volume_choice else {
            return Ok(());
        };
        let bridge = kind == PlainVolumeKind::Bridge;
        if let Some(formatted) = self.companion() {
            if formatted.bridge != bridge {
                return Err(Unsupported::OtherPlainVolume {
                    bridge: formatted.bridge,
                }
                .into());
            }
            return self.require_left_out(formatted);
        }
        // Fail before the first block.
        if self.volume.drive().medium().single_session {
            return Err(Unsupported::NoFurtherSession.into());
        }
        let drive = self.volume.drive_mut();
        drive.prepare_recording()?;
        let reservable = drive.reservable_blocks()?;
        reservable.ok_or(Error::Unsupported(Unsupported::NoReservedTrack))?;
        self.require_room_for_added()?;
        let companion = Companion {
            is_plain: false,
            bridge,
            links: false,
            revision: Rom::revision_beside(self.tree.form().revision),
        };
        self.require_plain_volume(companion)?;
        if self.session_has_data() || self.is_dirty() {
            self.require_room_to_close()?;
            let vat_icb = self.end_vat_session()?.vat_icb;
            if self
                .track
                .close_session(self.volume.drive_mut(), drive::Disposition::Appendable)?
            {
                return Err(Error::FinalizedUnasked { vat_icb });
            }
        }
        let start = reserved_start(self.volume.drive().medium(), companion, self.tree.form().revision);
        self.track
            .get_plain_volumes(companion.implementation_use(), start);
        self.added_companion = Some(companion);
        Ok(())
    }
}
