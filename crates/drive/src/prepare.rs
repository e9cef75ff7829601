//! The preparation of a drive for recording: write parameters (mode page 05h) and power calibration.

use mmc::command::{ModeSelect10, ModeSense10, SendOpcInformation};
use mmc::{
    Data, Lba, ModeHeader10, ModePage, MultiSession, PageControl, Profile, Sense, WriteParameters, WriteType,
};
use zerocopy::{FromBytes, IntoBytes};

use crate::drive::Drive;
use crate::error::{DriveError, ReadOnly};
use crate::initiator::Initiator;
use crate::medium::{CD_LINK_BLOCKS, Session, SessionState};
use crate::policy::is_refused;
use crate::progress::OpenTrack;

const CD_DATA_INCREMENTAL: u8 = 5;
const CD_DATA_AT_ONCE: u8 = 4;
const MODE_1_2048: u8 = 8;
const DVD_PACKET_BLOCKS: u8 = 16;
const CD_ROM: u8 = 0;
const AUDIO_PAUSE: u16 = 150;

/// How a drive ends the packets of a CD. Other media have nothing to end: their blocks are contiguous.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packets {
    /// A packet ends with a synchronize and not earlier, because the drive is protected from buffer
    /// underruns.
    EndAtSynchronize,
    /// A packet may end after any write.
    MayEnd,
    /// The drive records track at once, so a synchronize ends the track.
    None,
}

impl Drive {
    /// Prepares the medium for the first write. The drive keeps the medium until its session is closed or the
    /// drive is dropped, sets mode page 05h on CD-R and DVD-R for incremental writing, and calibrates the
    /// power. Does nothing if this is already done.
    ///
    /// # Errors
    /// [`DriveError::MediumChanged`] if the disc is not the one that was opened; [`DriveError::ReadOnly`],
    /// [`DriveError::Unsupported`] if the drive does not accept the parameters or remains in test mode; or
    /// the error of a command.
    #[doc(alias = "SEND OPC INFORMATION")]
    pub fn prepare_recording(&mut self) -> Result<(), DriveError> {
        if self.recorder()?.prepared {
            return Ok(());
        }
        self.arrange_recording()?;
        let recorder = self.recorder()?;
        recorder.calibrate()?;
        recorder.prepared = true;
        Ok(())
    }

    /// Prepares without power calibration, which uses up the medium.
    pub(crate) fn arrange_recording(&mut self) -> Result<(), DriveError> {
        let recorder = self.recorder()?;
        if recorder.prepared {
            return Ok(());
        }
        recorder.prevent_removal()?;
        self.require_same_disc()?;
        if takes_write_parameters(self.medium.profile) {
            self.set_way_of_writing(MultiSession::Allowed)?;
        }
        Ok(())
    }

    /// How this drive ends the packets of a CD. This prepares the drive but records nothing.
    ///
    /// # Errors
    /// The errors of [`Drive::prepare_recording`].
    pub fn packets(&mut self) -> Result<Packets, DriveError> {
        self.arrange_recording()?;
        let medium = &self.medium;
        let (may_end, at_once) = (medium.packets_may_end, medium.track_at_once);
        let is_protected = self.recorder()?.is_protected_from_underrun;
        Ok(match (may_end, at_once) {
            (_, true) => Packets::None,
            (true, false) if !is_protected => Packets::MayEnd,
            _ => Packets::EndAtSynchronize,
        })
    }

    /// Closes an open track with data of another recording if the drive records track at once, because such a
    /// track cannot be continued. Returns whether it closed one, which changes the next writable address.
    pub(crate) fn end_begun_track(&mut self) -> Result<bool, DriveError> {
        let begun = self
            .begun_track()
            .filter(|_| self.medium.track_at_once && self.progress.of(OpenTrack::Last).taken == Lba(0));
        let Some(number) = begun else {
            return Ok(false);
        };
        self.recorder()?.close_track(number)?;
        self.refresh()?;
        Ok(self.begun_track() != begun)
    }

    /// Checks that the disc is the one in the snapshot. After a close, which a drive may report late, it is
    /// if its sessions are the same.
    fn require_same_disc(&mut self) -> Result<(), DriveError> {
        let recorder = self.recorder()?;
        if recorder.is_same_disc()? {
            return Ok(());
        }
        if recorder.may_precede_close {
            let before = self.closed_sessions();
            self.refresh()?;
            if self.closed_sessions() == before {
                return Ok(());
            }
        }
        Err(self.recorder()?.give_up_changed_disc())
    }

    pub(crate) fn closed_sessions(&self) -> Vec<Session> {
        let sessions = self.medium.sessions.iter().copied();
        sessions
            .filter(|session| session.state == SessionState::Closed)
            .collect()
    }

    /// The number of the last track that takes data, if it already contains some.
    fn begun_track(&self) -> Option<u16> {
        let tracks = self.medium.tracks.iter();
        tracks
            .rev()
            .find(|track| track.next_writable_address.is_some())
            .filter(|track| track.has_data())
            .map(|track| track.number)
    }

    /// Sets packets, or track at once if the drive cannot record a CD in packets, and what may follow the
    /// session.
    pub(crate) fn set_way_of_writing(&mut self, next: MultiSession) -> Result<(), DriveError> {
        let profile = self.medium.profile;
        let recorder = self.closing_recorder()?;
        if !takes_write_parameters(profile) {
            return recorder.set_next_session(next);
        }
        if !recorder.knows_no_packets {
            match recorder.set_write_parameters(profile, WriteType::Packet, next) {
                Err(DriveError::Sense { sense, .. })
                    if profile.is_cd() && sense.is(Sense::INVALID_FIELD_IN_PARAMETER_LIST) =>
                {
                    recorder.knows_no_packets = true;
                }
                set => return set,
            }
        }
        recorder.set_write_parameters(profile, WriteType::TrackAtOnce, next)?;
        self.medium.track_at_once = true;
        Ok(())
    }
}

impl Initiator {
    /// Sets the write type and what may follow the session.
    fn set_write_parameters(
        &mut self,
        profile: Profile,
        way: WriteType,
        next: MultiSession,
    ) -> Result<(), DriveError> {
        let mut page = self
            .write_parameters(PageControl::Current)?
            .unwrap_or(WriteParameters::new());
        page.set_write_type(way);
        page.set_test_write(false);
        page.set_multi_session(next);
        page.set_track_mode(if way == WriteType::Packet {
            CD_DATA_INCREMENTAL
        } else {
            CD_DATA_AT_ONCE
        });
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
        self.select(page)?;
        let taken = self.write_parameters(PageControl::Current)?;
        self.is_protected_from_underrun = taken.as_ref().is_some_and(WriteParameters::buffer_underrun_free);
        match taken {
            Some(page) if page.test_write() => {
                Err(DriveError::Unsupported("a drive that remains in test mode"))
            }
            Some(page) if page.write_type() != way => Err(DriveError::Unsupported(
                "a drive that does not accept the write type in mode page 05h",
            )),
            _ => Ok(()),
        }
    }

    /// Sets what may follow the session. Media that mode page 05h does not affect have only one way to be
    /// closed, but some drives still obey the page.
    fn set_next_session(&mut self, next: MultiSession) -> Result<(), DriveError> {
        let page = self.write_parameters(PageControl::Current)?;
        let Some(mut page) = page.filter(|page| page.multi_session() != next) else {
            return Ok(());
        };
        page.set_multi_session(next);
        match self.select(page) {
            Err(DriveError::Sense { sense, .. }) if is_refused(sense) => Ok(()),
            selected => selected,
        }
    }

    /// Mode page 05h, if the drive has it.
    fn write_parameters(&mut self, control: PageControl) -> Result<Option<WriteParameters>, DriveError> {
        const LENGTH: u16 = 256;
        let mut reply = vec![0; usize::from(LENGTH)];
        let command = ModeSense10::new(WriteParameters::PAGE_CODE, control, LENGTH);
        match self.control(command, Data::In(&mut reply)) {
            Ok(_) => {}
            Err(DriveError::Sense { sense, .. }) if is_refused(sense) => return Ok(None),
            Err(other) => return Err(other),
        }
        let Ok((header, rest)) = ModeHeader10::read_from_prefix(&reply) else {
            return Ok(None);
        };
        let pages = rest.get(usize::from(header.block_descriptor_length.get())..);
        Ok(pages.and_then(WriteParameters::find))
    }

    /// Selects the page, with PS cleared because it is reserved here, and in the length that the page has in
    /// this drive, which accepts no other.
    fn select(&mut self, mut page: WriteParameters) -> Result<(), DriveError> {
        page.page_code = WriteParameters::PAGE_CODE;
        // Both have no effect here, but some drives contain values that they refuse.
        page.session_format = CD_ROM;
        page.audio_pause_length = AUDIO_PAUSE.into();
        let mut list = ModeHeader10::default().as_bytes().to_vec();
        let end = list.len() + usize::from(page.page_length) + 2;
        list.extend_from_slice(page.as_bytes());
        list.resize(end, 0);
        let length = u16::try_from(list.len()).unwrap_or(u16::MAX);
        self.control(ModeSelect10::new(length), Data::Out(&list))
            .map(drop)
    }

    /// Calibrates the power. This uses up a part of a small area, so it happens only if the drive has no
    /// power setting for this disc (`MMC-6 6.21.3`, OPC tables). A drive that does not know the command, or
    /// fails, calibrates when it writes.
    fn calibrate(&mut self) -> Result<(), DriveError> {
        if self.calibrated {
            return Ok(());
        }
        match self.control(SendOpcInformation::calibrate(), Data::None) {
            Ok(_) => Ok(()),
            Err(DriveError::Sense { sense, .. })
                if is_refused(sense) || sense.asc == Sense::POWER_CALIBRATION_AREA_ERROR.asc =>
            {
                Ok(())
            }
            // If that is true, the first write reports it too.
            Err(DriveError::ReadOnly(ReadOnly::WriteProtected)) => Ok(()),
            Err(other) => Err(other),
        }
    }
}

/// Whether mode page 05h controls recording with this profile.
fn takes_write_parameters(profile: Profile) -> bool {
    matches!(profile, Profile::CdR | Profile::DvdR | Profile::DvdRDlSequential)
}

#[allow(clippy::cast_possible_truncation)] // 7
const CD_LINK_SIZE: u8 = CD_LINK_BLOCKS as u8;
