//! READ DISC INFORMATION, including drives that refuse an allocation length beyond their data, and drives
//! that do not know the command.

use mmc::command::ReadDiscInformation;
use mmc::reply::{DiscInformation, DiscStatus, SessionStatus};

use crate::error::DriveError;
use crate::initiator::Initiator;
use crate::policy::{is_refused, says_unknown};

/// Bytes up to and including the last possible lead-out start (`MMC-6 6.21.3.1`); no drive returns fewer.
const LEAST: u16 = 24;
/// Bytes of the length field.
const LENGTH: u16 = 2;
/// Bytes to request for the length field alone: some drives return at least four, whatever the allocation
/// length.
const HEAD: u16 = 4;

impl Initiator {
    /// The disc information. A drive that does not know the command is read-only, and its disc counts as
    /// complete with one session.
    pub(crate) fn disc_information(&mut self) -> Result<DiscInformation, DriveError> {
        let refused = match self.disc_information_of(self.disc_information_length) {
            Err(DriveError::Sense { command, sense, at }) if is_refused(sense) => {
                DriveError::Sense { command, sense, at }
            }
            other => return other,
        };
        if says_unknown(&refused) {
            return Ok(of_a_reader());
        }
        // The length field says how many bytes such a drive accepts.
        let [high, low, ..]: [u8; HEAD as usize] = self.ask(ReadDiscInformation::standard(HEAD))?;
        let length = u16::from_be_bytes([high, low]).saturating_add(LENGTH);
        if !(LEAST..self.disc_information_length).contains(&length) {
            return Err(refused);
        }
        let information = self.disc_information_of(length)?;
        self.disc_information_length = length;
        Ok(information)
    }

    fn disc_information_of(&mut self, length: u16) -> Result<DiscInformation, DriveError> {
        self.ask_as_long(ReadDiscInformation::standard(length), usize::from(LEAST))
    }
}

fn of_a_reader() -> DiscInformation {
    let mut information = DiscInformation::default();
    information.set_status(DiscStatus::Complete, SessionStatus::Complete);
    information.set_number_of_sessions(1);
    information.set_first_track_in_last_session(1);
    information.set_last_track_in_last_session(1);
    information
}
