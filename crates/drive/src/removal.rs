//! Keeping the medium in the drive while it is recorded, and giving it out.

use mmc::command::{PreventAllowMediumRemoval, StartStopUnit};
use mmc::{CommandBlock as _, Data, Failure, SenseKey};
use zerocopy::IntoBytes as _;

use crate::drive::{Backing, Drive};
use crate::error::DriveError;
use crate::initiator::{ATTENTIONS, Initiator};

impl Drive {
    /// Opens the tray. What was written is synchronized by the drive; a drive without a tray of its own lets the medium go.
    ///
    /// # Errors
    /// [`DriveError::Unsupported`] for a bare image, or what the command met: another program may prevent removal (5/53/02).
    #[doc(alias = "START STOP UNIT")]
    pub fn eject(&mut self) -> Result<(), DriveError> {
        match &mut self.backing {
            Backing::Recorder(recorder) => {
                recorder.allow_removal();
                recorder.control(StartStopUnit::eject(), Data::None).map(drop)
            }
            Backing::Image(_) => Err(DriveError::Unsupported("ejecting a bare image")),
        }
    }

    /// Closes the tray. What comes in with it is another medium for all that this drive knows, so that is its end.
    ///
    /// # Errors
    /// [`DriveError::Unsupported`] for a bare image, or what the command met: there are trays that only a hand can close.
    #[doc(alias = "START STOP UNIT")]
    pub fn load(mut self) -> Result<(), DriveError> {
        let Backing::Recorder(recorder) = &mut self.backing else {
            return Err(DriveError::Unsupported("loading a bare image"));
        };
        match recorder.send_at_once(StartStopUnit::load().as_bytes()) {
            Ok(()) => Ok(()),
            Err(Failure::Transport(error)) => Err(DriveError::Transport(error)),
            Err(Failure::Check(sense)) => Err(DriveError::Sense {
                command: StartStopUnit::NAME,
                sense,
                at: None,
            }),
        }
    }
}

impl Initiator {
    /// Keeps the medium in the drive until [`Initiator::allow_removal`]. A drive that does not do so, for whatever reason, is used
    /// as it is: no block depends on it, and what else is wrong the next command tells.
    pub(crate) fn prevent_removal(&mut self) -> Result<(), DriveError> {
        if self.removal_prevented {
            return Ok(());
        }
        match self.control(PreventAllowMediumRemoval::new(true), Data::None) {
            Ok(_) => self.removal_prevented = true,
            Err(DriveError::Sense { .. }) => {}
            Err(other) => return Err(other),
        }
        Ok(())
    }

    /// Lets the medium go. Nobody is told where this fails: it is sent behind failures too.
    pub(crate) fn allow_removal(&mut self) {
        if !std::mem::take(&mut self.removal_prevented) {
            return;
        }
        let command = PreventAllowMediumRemoval::new(false);
        let _ = self.send_at_once(command.as_bytes());
    }

    /// Sends a command that goes at any time; the policy would wait for a drive that is busy, or keep silent to another medium.
    fn send_at_once(&mut self, command: &[u8]) -> Result<(), Failure> {
        let mut attentions = 0;
        loop {
            match self.transport.execute(command, Data::None) {
                Err(Failure::Check(sense))
                    if sense.key == SenseKey::UnitAttention && attentions < ATTENTIONS =>
                {
                    attentions += 1;
                }
                ended => return ended.map(drop),
            }
        }
    }
}

impl Drop for Initiator {
    fn drop(&mut self) {
        self.allow_removal();
    }
}
