//! Mode pages, and the commands that only prepare a recording.

use crate::behaviour::{Behaviour, Calibration};
use crate::data_phase::{parameters, reply};
use crate::medium::Family;
use crate::recorder::Recorder;
use crate::write_mode::{AUDIO_PAUSE, parameters_after_power_on};
use mmc::command::{ModeSelect10, ModeSense6, ModeSense10, SendOpcInformation};
use mmc::{
    Capabilities, Data, Failure, ModeHeader6, ModeHeader10, ModePage as _, MultiSession, PageControl, Sense,
    SenseKey, WriteParameters, WriteType,
};
use zerocopy::{FromBytes as _, IntoBytes as _};

const ALL_PAGES: u8 = 0x3F;
/// Cannot write medium - unknown format.
const MEDIUM_NOT_SUPPORTED: Sense = Sense::new(SenseKey::IllegalRequest, 0x30, 0x02);
/// Size of the buffer in KiB.
const BUFFER: u16 = 4096;

/// CD-ROM, CD-I, CD-ROM XA.
const SESSION_FORMATS: [u8; 3] = [0x00, 0x10, 0x20];

fn capabilities(write_speed: u32) -> Capabilities {
    let write_speed = u16::try_from(write_speed).unwrap_or(u16::MAX);
    Capabilities {
        page_code: Capabilities::PAGE_CODE,
        page_length: Capabilities::PAGE_LENGTH,
        reads: 0b0001_1111,
        writes: 0b0001_0111,
        features: 0b1101_0000,  // BUF, multi-session, mode 2 form 1
        mechanism: 0b0010_1001, // tray, ejects, can lock
        maximum_read_speed: 10_560.into(),
        buffer_size: BUFFER.into(),
        current_read_speed: 10_560.into(),
        maximum_write_speed: 8_448.into(),
        current_write_speed_obsolete: write_speed.into(),
        current_write_speed: write_speed.into(),
        ..Capabilities::default()
    }
}

/// Every bit of mode page 05h that MODE SELECT can change.
fn changeable(behaviour: &Behaviour) -> WriteParameters {
    let mut mask = WriteParameters::new();
    mask.write = 0x3F;
    mask.set_buffer_underrun_free(behaviour.buffer_underrun_protection);
    mask.track = 0xFF;
    mask.data_block_type = 0x0F;
    mask.link_size = 0xFF;
    mask.session_format = 0xFF;
    mask.packet_size = u32::MAX.into();
    mask
}

impl Recorder {
    fn pages(&self, code: u8, control: PageControl) -> Result<Vec<u8>, Sense> {
        if control == PageControl::Saved {
            return Err(Sense::SAVING_PARAMETERS_NOT_SUPPORTED);
        }
        let mut pages = Vec::new();
        let wanted = |page: u8| code == page || code == ALL_PAGES;
        if wanted(WriteParameters::PAGE_CODE) {
            let page = match control {
                PageControl::Changeable => changeable(&self.behaviour),
                PageControl::Default => parameters_after_power_on(self.disc.medium(), &self.behaviour),
                _ => *self.mode.parameters(),
            };
            pages.extend_from_slice(&self.reported_write_parameters(page));
        }
        if wanted(Capabilities::PAGE_CODE) {
            let mut page = capabilities(self.mode.speed());
            if !self.behaviour.buffer_underrun_protection {
                page.features &= 0x7F;
            }
            if control == PageControl::Changeable {
                page = Capabilities {
                    page_code: page.page_code,
                    page_length: page.page_length,
                    ..Default::default()
                };
            }
            pages.extend_from_slice(page.as_bytes());
        }
        if pages.is_empty() {
            Err(Sense::INVALID_FIELD_IN_CDB)
        } else {
            Ok(pages)
        }
    }

    /// Mode page 05h in the length that this drive uses.
    fn reported_write_parameters(&self, page: WriteParameters) -> Vec<u8> {
        let mut bytes = page.as_bytes().to_vec();
        let length = u8::try_from(self.behaviour.write_parameters_length).unwrap_or(u8::MAX);
        bytes[1] = length;
        bytes.resize(usize::from(length) + 2, 0);
        bytes
    }

    pub(super) fn mode_sense_10(&self, command: &ModeSense10, data: Data<'_>) -> Result<usize, Failure> {
        let pages = self.pages(command.page_code(), command.page_control())?;
        let mut mode_data_length =
            u16::try_from(pages.len() + size_of::<ModeHeader10>() - 2).unwrap_or(u16::MAX);
        if self.behaviour.mode_data_length_short {
            mode_data_length /= 2;
        }
        let header = ModeHeader10 {
            mode_data_length: mode_data_length.into(),
            ..ModeHeader10::default()
        };
        let allocation = usize::from(command.allocation_length.get());
        reply(data, allocation, &[header.as_bytes(), &pages].concat())
    }

    pub(super) fn mode_sense_6(&self, command: &ModeSense6, data: Data<'_>) -> Result<usize, Failure> {
        let pages = self.pages(command.page_code(), command.page_control())?;
        let mode_data_length = u8::try_from(pages.len() + size_of::<ModeHeader6>() - 1).unwrap_or(u8::MAX);
        let header = ModeHeader6 {
            mode_data_length,
            ..ModeHeader6::default()
        };
        reply(
            data,
            usize::from(command.allocation_length),
            &[header.as_bytes(), &pages].concat(),
        )
    }

    pub(super) fn mode_select(&mut self, command: &ModeSelect10, data: Data<'_>) -> Result<usize, Failure> {
        if command.save_pages() || !command.page_format() {
            return Err(Sense::INVALID_FIELD_IN_CDB.into());
        }
        let list = parameters(data, command.parameter_list_length.get())?;
        if list.is_empty() {
            return Ok(0);
        }
        let (header, rest) =
            ModeHeader10::read_from_prefix(list).map_err(|_| Sense::PARAMETER_LIST_LENGTH_ERROR)?;
        let descriptors = usize::from(header.block_descriptor_length.get());
        let pages = rest
            .get(descriptors..)
            .ok_or(Sense::PARAMETER_LIST_LENGTH_ERROR)?;
        if !pages.is_empty() {
            let page = self.selected(pages)?;
            self.mode.set_parameters(page);
        }
        Ok(list.len())
    }

    fn selected(&self, pages: &[u8]) -> Result<WriteParameters, Sense> {
        let wrong = Sense::INVALID_FIELD_IN_PARAMETER_LIST;
        let mut page = WriteParameters::find(pages).ok_or(wrong)?;
        let length = self.reported_write_parameters(page).len();
        let is_packet = page.write_type() == WriteType::Packet;
        let odd = !SESSION_FORMATS.contains(&page.session_format) || page.audio_pause_length != AUDIO_PAUSE;
        let fits = !(odd && self.behaviour.odd_write_parameters)
            && usize::from(page.page_length) + 2 == length
            && (self.behaviour.packets || self.disc.medium().family() != Family::Cd || !is_packet)
            && !matches!(page.write_type(), WriteType::Reserved(_) | WriteType::LayerJump)
            && !matches!(page.multi_session(), MultiSession::Reserved(_));
        if !fits || pages.len() != length {
            return Err(wrong);
        }
        page.page_code = WriteParameters::PAGE_CODE;
        page.page_length = WriteParameters::PAGE_LENGTH;
        // A value that the drive does not support is rounded to one that it does, as MODE SENSE shows.
        if !self.behaviour.buffer_underrun_protection {
            page.set_buffer_underrun_free(false);
        }
        // The page exists with every medium, but has no effect if the medium has only one way of recording.
        if !self.disc.medium().has_write_parameters() {
            page.set_test_write(false);
        }
        Ok(page)
    }

    pub(super) fn send_opc(&mut self, command: &SendOpcInformation) -> Result<usize, Failure> {
        self.check_recordable()?;
        // The drive accepts no table of OPC values from the host.
        if command.parameter_list_length.get() != 0 {
            return Err(Sense::INVALID_FIELD_IN_CDB.into());
        }
        match self.behaviour.calibration {
            Calibration::Done => {}
            Calibration::Refused => return Err(Sense::INVALID_COMMAND_OPERATION_CODE.into()),
            Calibration::Fails => return Err(Sense::POWER_CALIBRATION_AREA_ERROR.into()),
            Calibration::WriteProtected => return Err(Sense::WRITE_PROTECTED.into()),
            Calibration::OutOfSequence => return Err(Sense::COMMAND_SEQUENCE_ERROR.into()),
            Calibration::MediumNotSupported => return Err(MEDIUM_NOT_SUPPORTED.into()),
        }
        if command.do_opc() {
            self.occupation.calibrate();
            self.wait();
        }
        Ok(0)
    }
}
