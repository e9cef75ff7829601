//! The tools of every command.

use oncefs::{Drive, DriveNotice, TRACK_AT_ONCE};

use crate::discs::Discs;
use crate::output::Output;
use crate::progress::Progress;

/// The tools of every command.
pub struct Tools {
    /// Opens discs.
    pub discs: Discs,
    /// Shows results.
    pub output: Output,
    /// Shows progress.
    pub progress: Progress,
}

impl Tools {
    /// The drive, which then reports on standard error what takes it long.
    pub fn listening(&self, drive: Drive) -> Drive {
        let output = self.output;
        drive.listening(move |notice| {
            if let DriveNotice::WalkingBack { from } = notice {
                output.note(format_args!(
                    "a VAT is not where the drive or a later VAT says: looking for one before {from}"
                ));
            }
        })
    }

    /// Reports what recording gives up after an interruption, before anything is recorded.
    pub fn tell_interrupted(&self, is_interrupted: bool) {
        if is_interrupted {
            self.output.note(
                "the last recording was interrupted: whole files that it left get no names any more; `oncefs recover DISC \
                 --lost-and-found` names them if it is the first command that records",
            );
        }
    }

    /// Reports what recording costs in a drive without packets, before anything is recorded.
    pub fn tell_track_at_once(&self, drive: &Drive) {
        if drive.medium().track_at_once {
            self.output.note(format_args!(
                "this drive records CDs without packets: {TRACK_AT_ONCE}"
            ));
        }
    }
}
