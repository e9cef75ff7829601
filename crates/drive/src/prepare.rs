//! What has to be arranged with a drive before it records: write parameters (mode page 05h) and power calibration.

use mmc::command::{ModeSelect10, ModeSense10, SendOpcInformation};
use mmc::{
    Data, ModeHeader10, ModePage, MultiSession, PageControl, Profile, SenseKey, WriteParameters, WriteType,
};
use zerocopy::{FromBytes, IntoBytes};

use crate::drive::Drive;
use crate::error::DriveError;
use crate::medium::CD_LINK_BLOCKS;
use crate::recorder::Recorder;

const CD_DATA_INCREMENTAL: u8 = 5;
const MODE_1_2048: u8 = 8;
const DVD_PACKET_BLOCKS: u8 = 16;

impl Drive {
    /// Arranges what the medium needs before the first write: it stays in the drive until its session is closed or the drive
    /// is dropped; incremental writing by mode page 05h on CD-R and DVD-R; power calibration. Does nothing where it is done
    /// already.
    ///
    /// # Errors
    /// [`DriveError::MediumChanged`] where there is another disc than when the drive was opened; [`DriveError::ReadOnly`], [`DriveError::Unsupported`] where the drive does not take the parameters or keeps writing in
    /// test mode, or what a command met.
    #[doc(alias = "SEND OPC INFORMATION")]
    pub fn prepare_recording(&mut self) -> Result<(), DriveError> {
        let profile = self.medium.profile;
        let recorder = self.recorder()?;
        if recorder.prepared {
            return Ok(());
        }
        recorder.prevent_removal()?;
        recorder.require_same_disc()?;
        recorder.set_write_parameters(profile, MultiSession::Allowed)?;
        recorder.calibrate()?;
        recorder.prepared = true;
        Ok(())
    }
}

impl Recorder {
    /// Sets incremental writing and what may follow the session, where the profile takes mode page 05h for it.
    pub(crate) fn set_write_parameters(
        &mut self,
        profile: Profile,
        next: MultiSession,
    ) -> Result<(), DriveError> {
        if !takes_write_parameters(profile) {
            return Ok(());
        }
        let mut page = self
            .write_parameters(PageControl::Current)?
            .unwrap_or(WriteParameters::new());
        page.page_code = WriteParameters::PAGE_CODE; // without PS, which is reserved here
        page.set_write_type(WriteType::Packet);
        page.set_test_write(false);
        page.set_multi_session(next);
        page.set_track_mode(CD_DATA_INCREMENTAL);
        page.data_block_type = MODE_1_2048;
        let is_cd = profile.is_cd();
        page.set_fixed_packets(!is_cd);
        page.set_link_size_valid(!is_cd);
        page.link_size = if is_cd { CD_LINK_SIZE } else { DVD_PACKET_BLOCKS };
        page.packet_size = if is_cd { 0 } else { u32::from(DVD_PACKET_BLOCKS) }.into();
        let changeable = self.write_parameters(PageControl::Changeable)?;
        if changeable.is_some_and(|mask| mask.buffer_underrun_free()) {
            page.set_buffer_underrun_free(true);
        }
        self.select(&page)?;
        match self.write_parameters(PageControl::Current)? {
            Some(page) if page.test_write() => {
                Err(DriveError::Unsupported("a drive that keeps writing in test mode"))
            }
            Some(page) if page.write_type() != WriteType::Packet => {
                Err(DriveError::Unsupported("a drive that does not record in packets"))
            }
            _ => Ok(()),
        }
    }

    /// Mode page 05h, where the drive has it.
    fn write_parameters(&mut self, control: PageControl) -> Result<Option<WriteParameters>, DriveError> {
        const LENGTH: u16 = 256;
        let mut reply = vec![0; usize::from(LENGTH)];
        let command = ModeSense10::new(WriteParameters::PAGE_CODE, control, LENGTH);
        match self.control(command, Data::In(&mut reply)) {
            Ok(_) => {}
            Err(DriveError::Sense { sense, .. }) if sense.key == SenseKey::IllegalRequest => return Ok(None),
            Err(other) => return Err(other),
        }
        let Ok((header, rest)) = ModeHeader10::read_from_prefix(&reply) else {
            return Ok(None);
        };
        let pages = rest.get(usize::from(header.block_descriptor_length.get())..);
        Ok(pages.and_then(WriteParameters::find))
    }

    fn select(&mut self, page: &WriteParameters) -> Result<(), DriveError> {
        let mut list = ModeHeader10::default().as_bytes().to_vec();
        list.extend_from_slice(page.as_bytes());
        let length = u16::try_from(list.len()).unwrap_or(u16::MAX);
        self.control(ModeSelect10::new(length), Data::Out(&list))
            .map(drop)
    }

    /// Calibrates the power, which takes a part of an area that is soon full, so only where the drive does not know the power
    /// for this disc (`MMC-6 6.21.3`, OPC tables). A drive that knows no such command does it by itself.
    fn calibrate(&mut self) -> Result<(), DriveError> {
        if self.calibrated {
            return Ok(());
        }
        match self.control(SendOpcInformation::calibrate(), Data::None) {
            Ok(_) => Ok(()),
            Err(DriveError::Sense { sense, .. }) if sense.key == SenseKey::IllegalRequest => Ok(()),
            Err(other) => Err(other),
        }
    }
}

/// Whether the profile is recorded as mode page 05h says.
pub(crate) fn takes_write_parameters(profile: Profile) -> bool {
    matches!(profile, Profile::CdR | Profile::DvdR | Profile::DvdRDlSequential)
}

#[allow(clippy::cast_possible_truncation)] // 7
const CD_LINK_SIZE: u8 = CD_LINK_BLOCKS as u8;
