//! Preventing removal of the medium during recording, and ejecting it.

use mmc::command::{PreventAllowMediumRemoval, StartStopUnit};
use mmc::{CommandBlock as _, Data, Failure, SenseKey};
use zerocopy::IntoBytes as _;

use crate::drive::{Backing, Drive};
use crate::error::DriveError;
use crate::initiator::{ATTENTIONS, Initiator};

impl Drive {
    /// Opens the tray. The drive synchronizes first; a drive without a tray releases the medium.
    ///
    /// # Errors
    /// [`DriveError::Unsupported`] for a bare image, or the error of the command: another program may prevent
    /// removal (5/53/02).
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

    /// Closes the tray. This consumes the drive, because it cannot know which medium comes in.
    ///
    /// # Errors
    /// [`DriveError::Unsupported`] for a bare image, or the error of the command: some trays close only by
    /// hand.
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
    /// Prevents removal of the medium until [`Initiator::allow_removal`]. If the drive fails to do so for any
    /// reason, recording goes on: no block depends on it, and the next command reports any other problem.
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

    /// Allows removal of the medium. This ignores errors, because it is also sent after failures.
    pub(crate) fn allow_removal(&mut self) {
        if !std::mem::take(&mut self.removal_prevented) {
            return;
        }
        let command = PreventAllowMediumRemoval::new(false);
        let _ = self.send_at_once(command.as_bytes());
    }

    /// Sends a command regardless of the drive's state. The policy would wait for a busy drive, or send
    /// nothing to another medium.
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
