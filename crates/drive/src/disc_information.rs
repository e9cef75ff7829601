//! READ DISC INFORMATION, from drives that refuse to be asked for more than they have, and from those that do
//! not know it.

use mmc::command::ReadDiscInformation;
use mmc::reply::{DiscInformation, DiscStatus, SessionStatus};

use crate::error::DriveError;
use crate::initiator::Initiator;
use crate::policy::{is_refused, says_unknown};

/// Bytes up to where the last lead-out could start (`MMC-6 6.21.3.1`): no drive has less.
const LEAST: u16 = 24;
/// Bytes of the length in front.
const LENGTH: u16 = 2;
/// Bytes that are asked for to learn it: there are drives that move four at least, whatever was asked for.
const HEAD: u16 = 4;

impl Initiator {
    /// What the drive says of the disc. One that does not know the command only reads, and has a complete
    /// disc of one session.
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
        // A drive tells how much it has to whom asks for no more than that.
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
