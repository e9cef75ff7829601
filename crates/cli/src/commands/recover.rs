//! `oncefs recover`

use std::fmt;

use serde::Serialize;

use super::Tools;
use super::write::change;
use crate::arguments::Recover;
use crate::failure::{Failure, Outcome};

/// What recovering came to.
#[derive(Serialize)]
struct Recovered {
    /// Whether a recording was interrupted, so that there was something to do.
    interrupted: bool,
    /// The VAT ICB of the volume.
    vat_icb: Option<u32>,
}

/// Records the VAT of an interrupted disc again, at the end.
pub fn run(tools: &Tools, arguments: &Recover) -> Outcome {
    change(tools, &arguments.disc, arguments.stated, |change| {
        let interrupted = change.recording.is_interrupted();
        change.recording.recover().map_err(Failure::from)?;
        Ok(Recovered {
            interrupted,
            vat_icb: change.recording.volume().vat_icb().map(|sector| sector.0),
        })
    })
}

impl fmt::Display for Recovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.interrupted, self.vat_icb) {
            (true, Some(at)) => writeln!(f, "recovered: the VAT is recorded again, its ICB is block {at}"),
            (true, None) => writeln!(f, "recovered"),
            (false, _) => writeln!(f, "no recording was interrupted, nothing is recorded"),
        }
    }
}
