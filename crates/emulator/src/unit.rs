//! The drive around the disc: whether a medium is present and ready, and the drive's sense.

use crate::behaviour::Behaviour;
use mmc::reply::{DiscInformation, MediaEventCode};
use mmc::{Command, Sense};

/// Where the medium is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tray {
    /// In the drive.
    Loaded,
    /// On the open tray.
    Open,
    /// Removed.
    Removed,
}

/// The state of the drive around the disc.
#[derive(Debug)]
pub(crate) struct Unit {
    tray: Tray,
    /// The power has been cut.
    dead: bool,
    /// How many more commands answer 2/04/08.
    busy: u32,
    /// How many more commands answer 2/04/07, although the drive reports that it is ready.
    operating: u32,
    /// Whether the cache was synchronized since the medium was inserted.
    synchronized: bool,
    /// The sense to answer until the clock says that the drive is no longer busy.
    busy_with: Option<Sense>,
    /// READ DISC INFORMATION as before a close, and how often the drive still returns it.
    said_before: Option<(u32, DiscInformation)>,
    becoming_ready: u32,
    attention: Option<Sense>,
    /// Sense about an earlier command, for the next command that can return it.
    deferred: Option<Sense>,
    event: MediaEventCode,
    removal_prevented: bool,
}

impl Unit {
    /// A drive with a medium just inserted.
    pub(crate) fn with_medium(behaviour: &Behaviour) -> Self {
        let mut unit = Self {
            tray: Tray::Loaded,
            dead: false,
            busy: 0,
            operating: 0,
            synchronized: false,
            busy_with: None,
            said_before: None,
            becoming_ready: 0,
            attention: None,
            deferred: None,
            event: MediaEventCode::NoChange,
            removal_prevented: false,
        };
        unit.load(behaviour);
        if !behaviour.unit_attention_after_load {
            unit.attention = None;
        }
        unit
    }

    /// Inserts a medium.
    pub(crate) fn load(&mut self, behaviour: &Behaviour) {
        self.tray = Tray::Loaded;
        self.synchronized = false;
        self.becoming_ready = behaviour.becoming_ready_polls;
        self.attention = Some(Sense::MEDIUM_MAY_HAVE_CHANGED);
        self.event = MediaEventCode::NewMedia;
    }

    /// Resets the bus. The next command that can do so reports that, and removal is allowed again.
    pub(crate) fn reset(&mut self) {
        self.attention = Some(Sense::POWER_ON_OR_RESET);
        self.removal_prevented = false;
    }

    /// Removes the medium.
    pub(crate) fn unload(&mut self, to: Tray) {
        self.tray = to;
        self.event = MediaEventCode::MediaRemoval;
        self.busy = 0;
        self.operating = 0;
        self.busy_with = None;
    }

    pub(crate) const fn tray(&self) -> Tray {
        self.tray
    }

    pub(crate) fn is_loaded(&self) -> bool {
        self.tray == Tray::Loaded
    }

    /// Cuts the power, permanently.
    pub(crate) fn die(&mut self) {
        self.dead = true;
    }

    pub(crate) const fn is_dead(&self) -> bool {
        self.dead
    }

    /// Makes `polls` commands answer 2/04/08.
    pub(crate) fn answer_busy(&mut self, polls: u32) {
        self.busy = polls;
    }

    /// Makes `polls` more commands answer 2/04/08.
    pub(crate) fn be_busy_longer(&mut self, polls: u32) {
        self.busy = self.busy.saturating_add(polls);
    }

    /// Makes `polls` commands answer 2/04/07, although the drive reports that it is ready.
    pub(crate) fn answer_operating(&mut self, polls: u32) {
        self.operating = polls;
    }

    /// Makes the next command that can do so answer with sense about an earlier one, without being executed.
    pub(crate) fn defer(&mut self, sense: Sense) {
        self.deferred = Some(sense.deferred());
    }

    /// Makes commands answer with this sense until the clock says that the drive is no longer busy.
    pub(crate) fn go_on_with(&mut self, sense: Option<Sense>) {
        self.busy_with = sense;
    }

    /// Whether the drive is busy according to the clock.
    pub(crate) const fn goes_on(&self) -> bool {
        self.busy_with.is_some()
    }

    /// Notes that the host synchronized the cache, even if it was empty.
    pub(crate) fn note_synchronized(&mut self) {
        self.synchronized = true;
    }

    /// Whether the cache was synchronized since the medium was inserted.
    pub(crate) const fn is_synchronized(&self) -> bool {
        self.synchronized
    }

    /// Makes `times` READ DISC INFORMATION commands answer as before a close.
    pub(crate) fn say(&mut self, times: u32, before: DiscInformation) {
        self.said_before = Some((times, before));
    }

    /// The disc information before a close, if the drive still returns it; each call counts.
    pub(crate) fn said_before(&mut self) -> Option<DiscInformation> {
        let (times, before) = self.said_before.as_mut()?;
        *times = times.checked_sub(1)?;
        Some(*before)
    }

    /// The sense without a failed command: the unit attention, or the reason why the drive is not ready.
    pub(crate) fn sense(&mut self) -> Option<Sense> {
        self.attention.take().or_else(|| self.not_ready())
    }

    /// The last event of the medium, if it was not reported yet.
    pub(crate) fn take_event(&mut self) -> MediaEventCode {
        std::mem::replace(&mut self.event, MediaEventCode::NoChange)
    }

    pub(crate) fn prevent_removal(&mut self, prevented: bool) {
        self.removal_prevented = prevented;
    }

    pub(crate) const fn is_removal_prevented(&self) -> bool {
        self.removal_prevented
    }

    /// Whether the drive can execute `command` now.
    pub(crate) fn ready(&mut self, command: &Command) -> Result<(), Sense> {
        if matches!(
            command,
            Command::Inquiry(_)
                | Command::RequestSense(_)
                | Command::GetConfiguration(_)
                | Command::GetEventStatusNotification(_)
        ) {
            return Ok(());
        }
        if let Some(sense) = self.attention.take().or_else(|| self.deferred.take()) {
            return Err(sense);
        }
        if matches!(
            command,
            Command::StartStopUnit(_)
                | Command::PreventAllowMediumRemoval(_)
                | Command::ModeSense6(_)
                | Command::ModeSense10(_)
                | Command::ModeSelect10(_)
                | Command::SetCdSpeed(_)
                | Command::SetStreaming(_)
                | Command::ReadBufferCapacity(_)
        ) {
            return Ok(());
        }
        match self.not_ready() {
            Some(sense) => {
                self.becoming_ready = self.becoming_ready.saturating_sub(1);
                self.busy = self.busy.saturating_sub(1);
                Err(sense)
            }
            None if self.operating > 0 && !matches!(command, Command::TestUnitReady(_)) => {
                self.operating -= 1;
                Err(Sense::OPERATION_IN_PROGRESS)
            }
            None => Ok(()),
        }
    }

    fn not_ready(&self) -> Option<Sense> {
        match self.tray {
            Tray::Open => Some(Sense::MEDIUM_NOT_PRESENT_TRAY_OPEN),
            Tray::Removed => Some(Sense::MEDIUM_NOT_PRESENT),
            Tray::Loaded if self.becoming_ready > 0 => Some(Sense::BECOMING_READY),
            Tray::Loaded if self.busy > 0 => Some(Sense::LONG_WRITE_IN_PROGRESS),
            Tray::Loaded => self.busy_with,
        }
    }
}
