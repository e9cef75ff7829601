//! A handle: how it is opened, and its requests besides control codes.

use drive::Drive;
use ecma167::general::Timestamp;
use recording::{Closed, OpenVolume, PlainVolumeChoice, PlainVolumeDifferences};
use volume::{Companion, Loss, NodeKind, Volume};

use crate::sharing::{Opened, Seat};
use crate::state::{Seen, State, flags_of, open_volume};
use crate::{
    DesiredAccess, DiscIdentity, DiscSource, Error, HandleTarget, NtStatus, ShareMode, SourceError, Target,
    VolumeFlags, VolumeInformation,
};

use std::sync::Arc;

/// The status block of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IoStatus {
    /// The result.
    pub status: NtStatus,
    /// Bytes in the output buffer.
    pub information: usize,
}

/// A handle on a volume, or on a file or directory of it.
///
/// [`VolumeHandle::open_on`] opens the disc of a [`DiscSource`], looks at the volume and releases the disc.
/// Each request opens the disc again and releases it, so an open handle keeps nobody from the disc. A request
/// that records holds the exclusive advisory lock of the disc while it runs. `FSCTL_LOCK_VOLUME` holds it
/// until `FSCTL_UNLOCK_VOLUME` or until the handle is dropped. The handles of this process on one disc take
/// turns.
pub struct VolumeHandle {
    /// Opens the disc; `None` if the handle keeps a drive.
    pub(crate) source: Option<Box<dyn DiscSource>>,
    pub(crate) identity: Option<DiscIdentity>,
    pub(crate) seat: Arc<Seat>,
    pub(crate) state: State,
    pub(crate) seen: Seen,
    pub(crate) target: HandleTarget,
    pub(crate) access: DesiredAccess,
    pub(crate) now: Timestamp,
    pub(crate) last_error: Option<Error>,
    pub(crate) last_closed: Option<Closed>,
    pub(crate) last_used: u64,
    /// Recording continues from what the volume shows, whatever of it is lost.
    pub(crate) losses_accepted: bool,
    pub(crate) plain_volume_choice: PlainVolumeChoice,
    pub(crate) last_differences: Option<PlainVolumeDifferences>,
}

/// Why a handle could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("{status}{}", Explained(error))]
pub struct OpenFailure {
    /// The status for the caller.
    pub status: NtStatus,
    /// The fault that explains it, if any.
    pub error: Option<Error>,
}

struct Explained<'a>(&'a Option<Error>);

impl std::fmt::Display for Explained<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(error) => write!(f, ": {error}"),
            None => Ok(()),
        }
    }
}

impl VolumeHandle {
    /// Opens a handle on the disc of a source. A volume handle opens on any medium, even without UDF, and on
    /// an empty drive: each control code then reports it. A file or directory must exist on the volume.
    ///
    /// `now` is the time that requests record, see [`VolumeHandle::set_time`].
    ///
    /// # Errors
    /// [`NtStatus::SHARING_VIOLATION`] if another handle of this process does not share this access, or
    /// another process records on the disc or has locked it. [`NtStatus::ACCESS_DENIED`] if a handle of this
    /// process has locked the volume. [`NtStatus::OBJECT_NAME_NOT_FOUND`] and
    /// [`NtStatus::OBJECT_PATH_NOT_FOUND`] if there is no such disc, file or directory. Otherwise the fault
    /// that reading the volume met.
    #[doc(alias = "CreateFile")]
    pub fn open_on(
        source: Box<dyn DiscSource>,
        target: Target<'_>,
        access: DesiredAccess,
        share: ShareMode,
        now: Timestamp,
    ) -> Result<Self, OpenFailure> {
        let identity = source.identity()?;
        let on_network = source.is_on_network()?;
        // Before the disc is read: a lock of our own would prevent that.
        let visit = Seat::take(
            identity,
            Opened::Volume,
            DesiredAccess::empty(),
            ShareMode::empty(),
        )?;
        let turn = visit.turn();
        let opened = match source.open_to_read() {
            Ok(drive) => open_volume(drive),
            Err(SourceError::Drive(error)) => Err(volume::Error::from(error).into()),
            Err(SourceError::NoVolume(_)) => Err(volume::Error::NoVolume.into()),
            Err(error) => return Err(error.into()),
        };
        let (opened, error) = match opened {
            Ok(volume) => (Ok(volume), None),
            Err(error) => (Err(error.status()), Some(error)),
        };
        let (opened, target, place) = match (opened, target) {
            (opened, Target::Volume) => (opened, HandleTarget::Volume, Opened::Volume),
            (Ok(mut volume), Target::Path(path)) => {
                let (target, place) = look_up(&mut volume, path)?;
                (Ok(volume), target, place)
            }
            (Err(status), Target::Path(_)) => {
                let status = match status {
                    NtStatus::INVALID_DEVICE_REQUEST => NtStatus::UNRECOGNIZED_VOLUME,
                    other => other,
                };
                return Err(OpenFailure { status, error });
            }
        };
        let writable = source.is_writable();
        let volume = opened.as_ref().map_err(|status| *status);
        let volume = volume.map(|volume| (volume, flags_of(volume, Some(writable))));
        let seen = Seen::of(volume, on_network);
        // The next handle in turn must find the disc free.
        drop(opened);
        drop(turn);
        let seat = Seat::take(identity, place, access, share)?;
        Ok(Self {
            seen,
            source: Some(source),
            identity: Some(identity),
            seat: Arc::new(seat),
            state: State::Released,
            target,
            access,
            now,
            last_error: error,
            last_closed: None,
            last_used: 0,
            losses_accepted: false,
            plain_volume_choice: PlainVolumeChoice::default(),
            last_differences: None,
        })
    }

    /// A handle on the volume in a drive. It keeps the drive.
    #[must_use]
    pub fn open(drive: Drive, access: DesiredAccess, now: Timestamp) -> Self {
        Self::open_target(drive, HandleTarget::Volume, access, now)
    }

    /// A handle on the volume in a drive, or on a file or directory that the caller has found there. It keeps
    /// the drive.
    #[must_use]
    pub fn open_target(drive: Drive, target: HandleTarget, access: DesiredAccess, now: Timestamp) -> Self {
        match open_volume(drive) {
            Ok(volume) => Self::keeping(State::Open(volume.into()), target, access, now),
            Err(error) => {
                let mut handle = Self::keeping(State::NotRecognised(error.status()), target, access, now);
                handle.last_error = Some(error);
                handle
            }
        }
    }

    /// A handle on a volume that is already open. If it is open for recording, a request that closes commits
    /// pending changes first.
    #[must_use]
    pub fn of_volume(
        volume: OpenVolume,
        target: HandleTarget,
        access: DesiredAccess,
        now: Timestamp,
    ) -> Self {
        Self::keeping(State::Open(volume), target, access, now)
    }

    /// Returns the volume passed to [`VolumeHandle::of_volume`], open for changes once a request has
    /// recorded. `None` if the handle keeps no volume.
    #[must_use]
    pub fn into_volume(self) -> Option<OpenVolume> {
        match self.state {
            State::Open(volume) => Some(volume),
            State::Released | State::NotRecognised(_) => None,
        }
    }

    fn keeping(mut state: State, target: HandleTarget, access: DesiredAccess, now: Timestamp) -> Self {
        let volume = match &mut state {
            State::Open(volume) => Ok(&*volume.volume()),
            State::NotRecognised(status) => Err(*status),
            State::Released => Err(NtStatus::VOLUME_DISMOUNTED),
        };
        let seen = Seen::of(volume.map(|volume| (volume, flags_of(volume, None))), false);
        Self {
            source: None,
            identity: None,
            seat: Arc::new(Seat::alone()),
            state,
            seen,
            target,
            access,
            now,
            last_error: None,
            last_closed: None,
            last_used: 0,
            losses_accepted: false,
            plain_volume_choice: PlainVolumeChoice::default(),
            last_differences: None,
        }
    }

    /// What readers do not see in the plain volume that the last [`crate::FSCTL_MAKE_MEDIA_COMPATIBLE`]
    /// recorded.
    #[must_use]
    pub fn last_differences(&self) -> Option<&PlainVolumeDifferences> {
        self.last_differences.as_ref()
    }

    /// Sets whether closing records a plain volume, if that differs from what the disc was formatted for.
    pub fn set_plain_volume(&mut self, choice: PlainVolumeChoice) {
        self.plain_volume_choice = choice;
    }

    /// Lets recording continue from what the volume shows, even if a later state of it cannot be read;
    /// whatever only that state contains is dropped. Otherwise such a volume is
    /// [`NtStatus::DISK_CORRUPT_ERROR`].
    pub fn accept_losses(&mut self) {
        self.losses_accepted = true;
    }

    /// What of the volume cannot be read, and what is used instead; empty if the volume cannot be reached.
    pub fn losses(&mut self) -> Vec<Loss> {
        let seat = Arc::clone(&self.seat);
        let turn = seat.turn();
        let losses = self.reach().map_or(Vec::new(), |volume| volume.losses().to_vec());
        self.release();
        drop(turn);
        losses
    }

    /// What the volume says about a plain volume beside it; `None` without one, or if the volume cannot be
    /// reached.
    pub fn companion(&mut self) -> Option<Companion> {
        let seat = Arc::clone(&self.seat);
        let turn = seat.turn();
        let companion = self.reach().ok().and_then(|volume| volume.companion());
        self.release();
        drop(turn);
        companion
    }

    /// Whether the disc is to have plain volumes and its newest state has none, as is the case while a
    /// session is open.
    pub fn lacks_plain_volume(&mut self) -> bool {
        let seat = Arc::clone(&self.seat);
        let turn = seat.turn();
        let lacks = |volume: &mut Volume| {
            let companion = volume.companion().filter(|companion| !companion.is_plain);
            companion.is_some() && !volume.is_ended_by_plain_volume()
        };
        let is_lacking = self.reach().is_ok_and(lacks);
        self.release();
        drop(turn);
        is_lacking
    }

    /// Whether the last recording on the disc was interrupted, so that something may follow its newest state.
    pub fn is_interrupted(&mut self) -> bool {
        let seat = Arc::clone(&self.seat);
        let turn = seat.turn();
        let is_interrupted = self
            .reach()
            .is_ok_and(|volume| volume.vat().is_some() && !volume.clean());
        self.release();
        drop(turn);
        is_interrupted
    }

    /// Sets the time that the next request records.
    pub fn set_time(&mut self, now: Timestamp) {
        self.now = now;
    }

    /// What the handle is open on.
    #[must_use]
    pub fn target(&self) -> HandleTarget {
        self.target
    }

    /// What the volume can do; `None` without a volume.
    pub fn volume_flags(&mut self) -> Option<VolumeFlags> {
        self.volume_information()
            .ok()
            .map(|information| information.flags)
    }

    /// The name and the abilities of the volume. Any access will do.
    ///
    /// # Errors
    /// [`NtStatus::UNRECOGNIZED_VOLUME`] without UDF; otherwise as for a control code.
    #[doc(alias = "GetVolumeInformation")]
    pub fn volume_information(&mut self) -> Result<VolumeInformation, NtStatus> {
        if self.seen.is_not_udf() {
            return Err(NtStatus::UNRECOGNIZED_VOLUME);
        }
        self.seat.check_mounted()?;
        self.seat.check_lock()?;
        let seat = Arc::clone(&self.seat);
        let turn = seat.turn();
        let flags = self.flags();
        let information =
            flags.and_then(|flags| self.reach().map(|volume| VolumeInformation::of(volume, flags)));
        self.release();
        drop(turn);
        information
    }

    /// The fault that explains the status of the last failed request, or that kept a volume from opening.
    pub fn take_last_error(&mut self) -> Option<Error> {
        self.last_error.take()
    }

    /// What the last request that closes did.
    #[must_use]
    pub fn last_closed(&self) -> Option<Closed> {
        self.last_closed
    }

    /// Blocks of the medium that the last request that closes used up, even if it failed; see
    /// [`drive::Usage`].
    #[must_use]
    pub fn last_used(&self) -> u64 {
        self.last_used
    }
}

impl VolumeFlags {
    /// The flags of a volume on a drive opened for recording, or of a read-only one.
    #[must_use]
    pub fn of(volume: &Volume) -> Self {
        flags_of(volume, None)
    }
}

fn look_up(volume: &mut Volume, path: &str) -> Result<(HandleTarget, Opened), OpenFailure> {
    let node = volume.lookup_path(path).map_err(|error| {
        let status = match &error {
            volume::Error::NotFound => NtStatus::OBJECT_NAME_NOT_FOUND,
            volume::Error::NotADirectory => NtStatus::OBJECT_PATH_NOT_FOUND,
            _ => return OpenFailure::from(Error::from(error)),
        };
        status.into()
    })?;
    let target = match node.kind {
        NodeKind::Directory => HandleTarget::Directory,
        _ => HandleTarget::File,
    };
    Ok((target, Opened::Node(node.address)))
}

impl From<NtStatus> for OpenFailure {
    fn from(status: NtStatus) -> Self {
        Self { status, error: None }
    }
}

impl From<Error> for OpenFailure {
    fn from(error: Error) -> Self {
        let status = match &error {
            Error::Source(error) => error.status_at_open(),
            other => other.status(),
        };
        let error = Some(error);
        Self { status, error }
    }
}

impl From<SourceError> for OpenFailure {
    fn from(error: SourceError) -> Self {
        Error::from(error).into()
    }
}
