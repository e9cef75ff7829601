//! The drive itself: whether a medium is there and ready, and the commands about that.

use crate::behaviour::Behaviour;
use crate::execute::reply;
use crate::fault::Keep;
use crate::mode;
use crate::recorder::Recorder;
use crate::speed;
use mmc::command::{
    GetEventStatusNotification, Inquiry, PreventAllowMediumRemoval, RequestSense, StartStopUnit,
};
use mmc::reply::{DiscInformation, EventHeader, InquiryData, MediaEvent, MediaEventCode};
use mmc::{Command, Data, Failure, Sense};
use zerocopy::IntoBytes as _;

/// Where the medium is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tray {
    /// In the drive.
    Loaded,
    /// On the open tray.
    Open,
    /// Taken out.
    Removed,
}

/// The state of the drive around the disc.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) tray: Tray,
    /// The power is cut.
    pub(crate) dead: bool,
    /// Commands that still answer 2/04/08.
    pub(crate) busy: u32,
    /// Commands that still answer 2/04/07, though the drive says that it is ready.
    pub(crate) operating: u32,
    /// The cache was synchronized since the medium came in.
    pub(crate) synchronized: bool,
    /// What it says until the clock has come to the end of what it was told.
    pub(crate) busy_with: Option<Sense>,
    /// What READ DISC INFORMATION said before a close, and how often it says so still.
    pub(crate) said_before: Option<(u32, DiscInformation)>,
    becoming_ready: u32,
    attention: Option<Sense>,
    event: MediaEventCode,
    removal_prevented: bool,
}

impl Unit {
    /// A drive into which a medium was just put.
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
            event: MediaEventCode::NoChange,
            removal_prevented: false,
        };
        unit.load(behaviour);
        if !behaviour.unit_attention_after_load {
            unit.attention = None;
        }
        unit
    }

    fn load(&mut self, behaviour: &Behaviour) {
        self.tray = Tray::Loaded;
        self.synchronized = false;
        self.becoming_ready = behaviour.becoming_ready_polls;
        self.attention = Some(Sense::MEDIUM_MAY_HAVE_CHANGED);
        self.event = MediaEventCode::NewMedia;
    }

    /// The bus was reset: the next command that can is told, and the medium may be taken out.
    pub(crate) fn reset(&mut self) {
        self.attention = Some(Sense::POWER_ON_OR_RESET);
        self.removal_prevented = false;
    }

    /// Takes the medium out.
    pub(crate) fn unload(&mut self, to: Tray) {
        self.tray = to;
        self.event = MediaEventCode::MediaRemoval;
        self.busy = 0;
        self.operating = 0;
        self.busy_with = None;
    }

    /// Whether the drive can carry out `command` now.
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
        if let Some(attention) = self.attention.take() {
            return Err(attention);
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

impl Recorder {
    pub(crate) fn start_stop_unit(&mut self, command: &StartStopUnit) -> Result<usize, Failure> {
        let unit_can = command.power_conditions() == 0;
        match (unit_can, command.load_eject(), command.start()) {
            (true, true, true) if self.unit.tray != Tray::Loaded => {
                self.unit.load(&self.behaviour);
                self.occupation.load();
                self.go_on_with(Sense::BECOMING_READY);
                self.parameters = mode::after_power_on(self.disc.medium, &self.behaviour);
                self.write_speed = speed::fastest(self.disc.medium);
            }
            (true, true, false) => {
                if self.unit.removal_prevented {
                    return Err(Sense::MEDIUM_REMOVAL_PREVENTED.into());
                }
                if self.unit.tray == Tray::Loaded {
                    self.synchronize()?;
                    self.wait();
                    self.at_once = None;
                    self.unit.unload(Tray::Open);
                }
            }
            // Stopping the disc, or a power condition, empties the cache first.
            (true, false, false) | (false, ..) => {
                self.synchronize()?;
                self.wait();
            }
            _ => {}
        }
        Ok(0)
    }

    /// Somebody takes the medium out: what is not synchronized is lost.
    pub(crate) fn remove_medium(&mut self) -> Result<(), Failure> {
        if self.unit.tray == Tray::Loaded {
            if !self.store.is_read_only() {
                self.lose(Keep::None)?;
            }
            self.at_once = None;
            self.unit.unload(Tray::Removed);
        }
        Ok(())
    }

    pub(crate) fn prevent_allow(&mut self, command: &PreventAllowMediumRemoval) {
        self.unit.removal_prevented = command.prevent & 1 != 0;
    }

    /// The drive's sense without a failed command: what keeps it from being ready, if anything.
    pub(crate) fn request_sense(&mut self, command: &RequestSense, data: Data<'_>) -> Result<usize, Failure> {
        if command.flags & 1 != 0 {
            return Err(Sense::INVALID_FIELD_IN_CDB.into());
        }
        let sense = self.unit.attention.take().or_else(|| self.unit.not_ready());
        let sense = sense.unwrap_or(Sense::NO_ADDITIONAL_SENSE);
        reply(data, usize::from(command.allocation_length), &sense.encode())
    }

    pub(crate) fn inquiry(command: &Inquiry, data: Data<'_>) -> Result<usize, Failure> {
        if command.flags & 1 != 0 || command.page_code != 0 {
            return Err(Sense::INVALID_FIELD_IN_CDB.into());
        }
        let answer = InquiryData {
            peripheral: 0x05,
            removable: 0x80,
            version: 0x06, // SPC-4
            response_data_format: 0x02,
            additional_length: 31,
            flags: [0; 3],
            vendor_identification: *b"ONCEFS  ",
            product_identification: *b"Emulated BD-R   ",
            product_revision_level: *b"1   ",
        };
        reply(
            data,
            usize::from(command.allocation_length.get()),
            answer.as_bytes(),
        )
    }

    pub(crate) fn event_status(
        &mut self,
        command: &GetEventStatusNotification,
        data: Data<'_>,
    ) -> Result<usize, Failure> {
        if !self.behaviour.optional_commands {
            return Err(Sense::INVALID_COMMAND_OPERATION_CODE.into());
        }
        if !command.polled() {
            return Err(Sense::INVALID_FIELD_IN_CDB.into());
        }
        let allocation = usize::from(command.allocation_length.get());
        let mut header = EventHeader {
            event_data_length: 2.into(),
            notification_class: EventHeader::NO_EVENT_AVAILABLE,
            supported_classes: EventHeader::MEDIA,
        };
        if command.notification_class_request & EventHeader::MEDIA == 0 {
            return reply(data, allocation, header.as_bytes());
        }
        header.event_data_length = 6.into();
        header.notification_class = EventHeader::MEDIA_CLASS;
        let code = core::mem::replace(&mut self.unit.event, MediaEventCode::NoChange);
        let status = match self.unit.tray {
            Tray::Loaded => MediaEvent::PRESENT,
            Tray::Open => MediaEvent::TRAY_OPEN,
            Tray::Removed => 0,
        };
        let event = MediaEvent {
            event_code: code.to_bits(),
            status,
            ..MediaEvent::default()
        };
        reply(data, allocation, &[header.as_bytes(), event.as_bytes()].concat())
    }
}
