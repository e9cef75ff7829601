//! `oncefs recover`

use std::fmt;

use oncefs::{Recording, SessionState, Status};
use serde::Serialize;

use super::Tools;
use super::close::{NotShown, tell_left_out};
use super::write::change;
use crate::arguments::Recover;
use crate::failure::Outcome;

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
    /// What readers of the plain volume of the completed closing do not see, or see otherwise.
    not_shown: Option<NotShown>,
}

/// Records the VAT of an interrupted disc again, at the end.
pub fn run(tools: &Tools, arguments: &Recover) -> Outcome {
    let accepts = arguments.stated.medium.accept_image;
    change(tools, &arguments.disc, arguments.stated, |change| {
        let recording = &mut change.recording;
        let is_open = |recording: &Recording| {
            let sessions = recording.disc().sessions;
            sessions.iter().any(|session| session.state == SessionState::Open)
        };
        let was_open = is_open(recording);
        let interrupted = recording.recover()?;
        // The side file describes the image once something is recorded.
        let accepted = accepts && !interrupted && recording.record_vat_again()?;
        let closed = was_open && !is_open(recording);
        if closed {
            tell_if_left_out(tools, recording)?;
        }
        Ok(Recovered {
            not_shown: recording
                .plain_volume_differences()
                .as_ref()
                .and_then(NotShown::of),
            interrupted,
            closed,
            accepted,
            vat_icb: recording.vat_icb(),
        })
    })
}

/// Says what can be done if the completed closing left its plain volume out.
fn tell_if_left_out(tools: &Tools, recording: &Recording) -> Outcome {
    let finalized = recording.disc().status == Status::Finalized;
    let info = recording.info()?;
    let companion = info.plain_volume.filter(|companion| !companion.is_plain);
    if let Some(companion) = companion.filter(|_| !info.plain_volume_is_newest) {
        tell_left_out(tools, finalized, companion.bridge);
    }
    Ok(())
}

impl fmt::Display for Recovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.closed {
            writeln!(f, "the closing that was interrupted is completed")?;
            return (self.not_shown).map_or(Ok(()), |not_shown| writeln!(f, "{not_shown}"));
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
