//! What a drive refuses or answers differently before or after the command itself: see
//! `docs/understanding/media.md`.

use crate::behaviour::{CloseEnds, RecoveredErrors, WrongAddress};
use crate::medium::Family;
use crate::recorder::Recorder;
use mmc::{CloseFunction, Command, Data, Failure, Sense, SenseKey};

/// The filler after the end of an answer.
const RUBBISH: u8 = 0xA5;
/// A READ that took more than one attempt.
const RECOVERED_READ: Sense = Sense::new(SenseKey::RecoveredError, 0x18, 0x00);
/// A WRITE that took more than one attempt.
const RECOVERED_WRITE: Sense = Sense::new(SenseKey::RecoveredError, 0x0C, 0x01);
/// The drive padded a short track on closing it: vendor-specific sense.
const DUMMY_BLOCKS_ADDED: Sense = Sense::new(SenseKey::IllegalRequest, 0xB5, 0x00);
/// The buffer ran empty.
const LOSS_OF_STREAMING: Sense = Sense::new(SenseKey::MediumError, 0x0C, 0x09);
/// The unit attention of a drive that has not finished an earlier command.
const INSUFFICIENT_TIME: Sense = Sense::new(SenseKey::UnitAttention, 0x2E, 0x00);

impl Recorder {
    /// Refuses commands that this drive does not know, or not in this form.
    pub(super) fn refuse(&self, command: &Command) -> Result<(), Sense> {
        let behaviour = &self.behaviour;
        match command {
            Command::GetConfiguration(_) if !behaviour.configuration => {
                Err(Sense::INVALID_COMMAND_OPERATION_CODE)
            }
            Command::ReadDiscInformation(_) if !behaviour.disc_information => {
                Err(Sense::INVALID_COMMAND_OPERATION_CODE)
            }
            Command::ReadDiscInformation(command)
                if u32::from(command.allocation_length.get()) > behaviour.disc_information_length
                    && behaviour.disc_information_length < 34 =>
            {
                Err(Sense::INVALID_FIELD_IN_CDB)
            }
            Command::ReadTrackInformation(_) if !behaviour.track_information => {
                Err(Sense::INVALID_COMMAND_OPERATION_CODE)
            }
            Command::ReserveTrack(_) if !behaviour.reserve_track => {
                Err(Sense::INVALID_COMMAND_OPERATION_CODE)
            }
            Command::PreventAllowMediumRemoval(_) if !behaviour.removal_can_be_prevented => {
                Err(Sense::INVALID_COMMAND_OPERATION_CODE)
            }
            Command::SetCdSpeed(_) | Command::SetStreaming(_) if !behaviour.speed_can_be_set => {
                Err(Sense::INVALID_COMMAND_OPERATION_CODE)
            }
            Command::SetStreaming(_) if behaviour.streaming_refused => {
                Err(Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE)
            }
            Command::Write10(_) | Command::Write12(_)
                if behaviour.first_write_out_of_sequence && !self.unit.is_synchronized() =>
            {
                Err(Sense::COMMAND_SEQUENCE_ERROR)
            }
            Command::CloseTrackSession(command)
                if behaviour.finalizes_by_minimal_radius
                    && self.disc.medium().family() == Family::DvdPlusR
                    && command.function() == CloseFunction::Finalize =>
            {
                Err(Sense::INVALID_FIELD_IN_CDB)
            }
            _ => Ok(()),
        }
    }

    /// Fills the rest of the allocation length after the answer.
    pub(super) fn overfill(&self, result: &mut Result<usize, Failure>, data: &mut Data<'_>) {
        if let (true, Ok(moved), Data::In(out)) = (self.behaviour.rubbish_behind_answers, result, data) {
            out[*moved..].fill(RUBBISH);
            *moved = out.len();
        }
    }

    /// The result of a close that has changed the disc.
    pub(super) fn end_close(&self) -> Result<(), Sense> {
        match self.behaviour.close_ends {
            CloseEnds::WithSuccess => Ok(()),
            CloseEnds::InOperation => Err(Sense::OPERATION_IN_PROGRESS),
            CloseEnds::InLongWrite => Err(Sense::LONG_WRITE_IN_PROGRESS),
            CloseEnds::WithAttention => Err(INSUFFICIENT_TIME),
            CloseEnds::WithDummyBlocks => Err(DUMMY_BLOCKS_ADDED),
        }
    }

    /// The answer to a WRITE that is not at the next writable address.
    pub(super) fn wrong_address(&self) -> Sense {
        match self.behaviour.wrong_address {
            WrongAddress::Invalid => Sense::INVALID_ADDRESS_FOR_WRITE,
            WrongAddress::OutOfRange => Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE,
            WrongAddress::InvalidField => Sense::INVALID_FIELD_IN_CDB,
            WrongAddress::MediumError => Sense {
                key: SenseKey::MediumError,
                ..Sense::INVALID_ADDRESS_FOR_WRITE
            },
            WrongAddress::LossOfStreaming => LOSS_OF_STREAMING,
        }
    }

    /// The result of a READ or WRITE that was executed.
    pub(super) fn end_transfer(&mut self, command: &Command) -> Result<(), Sense> {
        let writes = matches!(command, Command::Write10(_) | Command::Write12(_));
        match self.behaviour.recovered_errors {
            RecoveredErrors::None => {}
            RecoveredErrors::AtOnce if writes => return Err(RECOVERED_WRITE),
            RecoveredErrors::AtOnce => return Err(RECOVERED_READ),
            RecoveredErrors::Deferred if writes => self.unit.defer(RECOVERED_WRITE),
            RecoveredErrors::Deferred => {}
        }
        Ok(())
    }
}
