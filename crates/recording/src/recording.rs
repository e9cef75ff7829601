//! The recording: a volume on write-once media that is open for changes.

use drive::Drive;
use ecma167::LogicalSector;
use ecma167::general::Timestamp;
use rom::PlainVolumeDifferences;
use track::Track;
use volume::{Companion, Vat, Volume};

use crate::error::{Error, OpenError};
use crate::known::{Known, require_appendable};
use crate::plain_volume_choice::PlainVolumeChoice;
use crate::reserved_start::reserved_start;
use crate::shared_entries::{copying, shared_entries};
use crate::tree::{Form, Overlay, Piece, Tree};

/// A volume that is open for changes.
///
/// Changes are pending until [`Recording::commit`], but file data streams to the disc before. Dropping a
/// recording with changes leaves the generation of the last commit, followed by blocks that nothing names.
/// The first change of the next recording brings its VAT ICB back to the end, and so does
/// [`Recording::recover`]. Opening records nothing.
pub struct Recording {
    /// The read side, and the drive below it.
    pub(crate) volume: Volume,
    /// What waits to be recorded, and what was sent.
    pub(crate) track: Track<Piece>,
    /// What is recorded.
    pub(crate) tree: Tree,
    /// The VAT ICB of the last commit.
    pub(crate) vat_icb: LogicalSector,
    /// Whether an earlier recording was interrupted and nothing has been recorded since.
    pub(crate) interrupted: bool,
    /// What the next closing does about a plain volume.
    pub(crate) plain_volume_choice: PlainVolumeChoice,
    /// What the volume declares about plain volumes from the next session on, if it was formatted without.
    pub(crate) added_companion: Option<Companion>,
    /// What readers do not see of the plain volume that the last closing recorded.
    pub(crate) differences: Option<PlainVolumeDifferences>,
}

impl Recording {
    /// Opens the volume on an appendable medium for changes. Nothing is recorded before the first change.
    ///
    /// # Errors
    /// [`Error::ReadOnly`], [`Error::Unsupported`], [`Error::GenerationLost`]; any error of reading the
    /// volume. The error returns the drive.
    pub fn open(drive: Drive, now: Timestamp) -> Result<Recording, OpenError<Drive>> {
        if let Err(error) = require_appendable(&drive) {
            return Err(OpenError::new(error, drive));
        }
        let volume = Volume::open(drive).map_err(|failed| OpenError {
            error: Error::Volume(failed.error),
            given: failed.drive,
        })?;
        Recording::of_volume(volume, now)
            .map_err(|failed| OpenError::new(failed.error, failed.given.into_drive()))
    }

    /// Opens a volume for changes that is already open for reading.
    ///
    /// # Errors
    /// As [`Recording::open`]. The error returns the volume as it was.
    pub fn of_volume(volume: Volume, now: Timestamp) -> Result<Recording, OpenError<Volume>> {
        match require_appendable(volume.drive()) {
            Ok(()) => Self::continued(volume, now, Track::take_up_session),
            Err(error) => Err(OpenError::new(error, volume)),
        }
    }

    /// Continues a volume; `take_up` finds out about its current session.
    pub(crate) fn continued(
        mut volume: Volume,
        now: Timestamp,
        take_up: fn(&mut Track<Piece>, &mut Drive) -> Result<(), track::Error>,
    ) -> Result<Recording, OpenError<Volume>> {
        let known = match Known::of(&mut volume) {
            Ok(known) => known,
            Err(error) => return Err(OpenError::new(error, volume)),
        };
        let form = Form {
            shared: shared_entries(&volume, known.form),
            ..known.form
        };
        let companion = volume.companion().filter(|companion| !companion.is_plain);
        let extra_room = volume.vat().and_then(Vat::extra_room);
        let tree = Tree::new(form, known.root, known.committed, now).with_plain_volume(
            companion.map(|companion| copying(companion, volume.drive().medium())),
            extra_room,
        );
        let mut track = Track::new(
            volume.drive().medium(),
            known.descriptors,
            known.sequences,
            known.partition_end,
            Some(known.vat_icb),
        );
        if let Some(companion) = companion {
            track = track.with_reserved_tracks(reserved_start(
                volume.drive().medium(),
                companion,
                known.form.revision,
            ));
        }
        if let Err(error) = take_up(&mut track, volume.drive_mut()) {
            return Err(OpenError::new(error.into(), volume));
        }
        let interrupted = !volume.clean() || track.is_session_broken();
        Ok(Recording {
            volume,
            track,
            tree,
            vat_icb: known.vat_icb,
            interrupted,
            plain_volume_choice: PlainVolumeChoice::default(),
            added_companion: None,
            differences: None,
        })
    }

    /// The overlay to read through, and the tree.
    pub(crate) fn parts(&mut self) -> (Overlay<'_>, &mut Tree) {
        let disc = Overlay {
            volume: &mut self.volume,
            track: &mut self.track,
        };
        (disc, &mut self.tree)
    }

    /// Whether a recording was interrupted, so that readers that look for the VAT only at the end do not find
    /// the volume.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.interrupted || self.is_closing_begun()
    }

    /// Records the VAT of an interrupted recording again at the end, so that every reader that knows a VAT
    /// opens the disc. The first change does the same by itself. Records nothing if no recording was
    /// interrupted.
    ///
    /// # Errors
    /// Whatever the drive reports; the volume then stays as it is, and the caller can try again.
    pub fn recover(&mut self) -> Result<(), Error> {
        if let Some(companion) = self.companion().filter(|_| self.is_closing_begun()) {
            self.complete_closing(companion)?;
            self.interrupted = false;
        }
        if !self.interrupted {
            return Ok(());
        }
        self.track.mend_session(self.volume.drive_mut())?;
        self.record_vat_again()?;
        self.interrupted = false;
        Ok(())
    }

    /// Records the VAT of an open session again although nothing was interrupted, which tells a drive about
    /// blocks on the disc that it did not know. Returns whether a session was open; if none is, nothing is
    /// recorded.
    ///
    /// # Errors
    /// As [`Recording::recover`].
    pub fn restate(&mut self) -> Result<bool, Error> {
        let is_open = self.session_has_data();
        if is_open {
            self.record_vat_again()?;
        }
        Ok(is_open)
    }

    /// What readers do not see of the plain volume that the last closing recorded; `None` if it recorded
    /// none.
    #[must_use]
    pub fn plain_volume_differences(&self) -> Option<&PlainVolumeDifferences> {
        self.differences.as_ref()
    }

    /// The volume as of the last commit.
    pub fn volume(&mut self) -> &mut Volume {
        self.track.know_medium(self.volume.drive_mut());
        &mut self.volume
    }

    /// Sets the time that changes to directories and bodies get.
    pub fn set_time(&mut self, now: Timestamp) {
        self.tree.set_time(now);
    }

    /// Returns the volume and drops what is pending.
    #[must_use]
    pub fn into_volume(mut self) -> Volume {
        self.track.know_medium(self.volume.drive_mut());
        self.volume
    }

    /// Fails if the medium takes no more, or if an earlier change broke off half-way.
    pub(crate) fn require_open_medium(&self) -> Result<(), Error> {
        self.track.require_open()?;
        self.tree.require_whole()
    }

    /// As [`Recording::require_open_medium`], but the medium may be finalized.
    pub(crate) fn require_health(&self) -> Result<(), Error> {
        self.track.require_health()?;
        self.tree.require_whole()
    }
}
