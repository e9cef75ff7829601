//! `oncefs recover`

use std::fmt;

use drive::SessionState;
use serde::Serialize;

use super::Tools;
use super::write::{Change, change};
use crate::arguments::Recover;
use crate::failure::{Failure, Outcome};

/// The result of recovering.
#[derive(Serialize)]
struct Recovered {
    /// Whether a recording was interrupted, so that there was something to recover.
    interrupted: bool,
    /// Whether a closing was interrupted, and is completed.
    closed: bool,
    /// Whether the VAT was recorded again so that the side file describes the image.
    accepted: bool,
    /// The VAT ICB of the volume.
    vat_icb: Option<u32>,
}

/// Records the VAT of an interrupted disc again, at the end.
pub fn run(tools: &Tools, arguments: &Recover) -> Outcome {
    let accepts = arguments.stated.medium.accept_image;
    change(tools, &arguments.disc, arguments.stated, |change| {
        let interrupted = change.recording.is_interrupted();
        let is_open = |change: &mut Change| {
            let sessions = &change.recording.volume().drive().medium().sessions;
            sessions.iter().any(|session| session.state == SessionState::Open)
        };
        let was_open = is_open(change);
        change.recording.recover().map_err(Failure::from)?;
        // The side file describes the image once something is recorded.
        let accepted = accepts && !interrupted && change.recording.restate().map_err(Failure::from)?;
        Ok(Recovered {
            interrupted,
            closed: was_open && !is_open(change),
            accepted,
            vat_icb: change.recording.volume().vat_icb().map(|sector| sector.0),
        })
    })
}

impl fmt::Display for Recovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.closed {
            return writeln!(f, "the interrupted closing is completed");
        }
        match (self.interrupted, self.vat_icb) {
            (false, _) if self.accepted => writeln!(
                f,
                "the VAT is recorded again, and the side file says what the image holds"
            ),
            (true, Some(at)) => writeln!(f, "recovered: the VAT is recorded again, its ICB is block {at}"),
            (true, None) => writeln!(f, "recovered"),
            (false, _) => writeln!(f, "no recording was interrupted: nothing is recorded"),
        }
    }
}
