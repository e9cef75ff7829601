//! The commands about the drive itself: its tray, its readiness, its identity.

use crate::data_phase::reply;
use crate::fault::Keep;
use crate::recorder::Recorder;
use crate::unit::Tray;
use mmc::command::{
    GetEventStatusNotification, Inquiry, PreventAllowMediumRemoval, RequestSense, StartStopUnit,
};
use mmc::reply::{EventHeader, InquiryData, MediaEvent};
use mmc::{Data, Failure, Sense};
use zerocopy::IntoBytes as _;

impl Recorder {
    pub(super) fn start_stop_unit(&mut self, command: &StartStopUnit) -> Result<usize, Failure> {
        let unit_can = command.power_conditions() == 0;
        match (unit_can, command.load_eject(), command.start()) {
            (true, true, true) if !self.unit.is_loaded() => {
                self.unit.load(&self.behaviour);
                self.occupation.load();
                self.go_on_with(Sense::BECOMING_READY);
                self.mode.restore(self.disc.medium(), &self.behaviour);
            }
            (true, true, false) => {
                if self.unit.is_removal_prevented() {
                    return Err(Sense::MEDIUM_REMOVAL_PREVENTED.into());
                }
                if self.unit.is_loaded() {
                    self.synchronize()?;
                    self.wait();
                    self.mode.set_session(None);
                    self.unit.unload(Tray::Open);
                }
            }
            // Stopping the disc, or a power condition, synchronizes the cache first.
            (true, false, false) | (false, ..) => {
                self.synchronize()?;
                self.wait();
            }
            _ => {}
        }
        Ok(0)
    }

    /// Removes the medium as a user would; blocks that are not synchronized are lost.
    pub(super) fn remove_medium(&mut self) -> Result<(), Failure> {
        if self.unit.is_loaded() {
            if !self.store.is_read_only() {
                self.lose(Keep::None)?;
            }
            self.mode.set_session(None);
            self.unit.unload(Tray::Removed);
        }
        Ok(())
    }

    pub(super) fn prevent_allow(&mut self, command: &PreventAllowMediumRemoval) {
        self.unit.prevent_removal(command.prevent & 1 != 0);
    }

    /// The sense of the drive without a failed command: the reason why it is not ready, if any.
    pub(super) fn request_sense(&mut self, command: &RequestSense, data: Data<'_>) -> Result<usize, Failure> {
        if command.flags & 1 != 0 {
            return Err(Sense::INVALID_FIELD_IN_CDB.into());
        }
        let sense = self.unit.sense().unwrap_or(Sense::NO_ADDITIONAL_SENSE);
        reply(data, usize::from(command.allocation_length), &sense.encode())
    }

    pub(super) fn inquiry(command: &Inquiry, data: Data<'_>) -> Result<usize, Failure> {
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

    pub(super) fn event_status(
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
        let code = self.unit.take_event();
        let status = match self.unit.tray() {
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
