//! `oncefs rollback`

use std::fmt;

use oncefs::Timestamp;
use serde::Serialize;

use super::Tools;
use super::write::change;
use crate::arguments::Rollback;
use crate::failure::Outcome;
use crate::time;

/// The generation that is current again.
#[derive(Serialize)]
struct RolledBack {
    generation: u32,
    /// The block of the medium with its VAT ICB.
    block: Option<u32>,
    time: Option<String>,
    #[serde(skip)]
    recorded: Timestamp,
}

/// Makes an earlier generation current again.
pub fn run(tools: &Tools, arguments: &Rollback) -> Outcome {
    change(tools, &arguments.disc, arguments.stated, |change| {
        let generation = change.recording.roll_back(arguments.to)?;
        Ok(RolledBack {
            generation: generation.number,
            block: generation.sector.map(|sector| sector.0),
            time: time::rfc3339(&generation.recorded),
            recorded: generation.recorded,
        })
    })
}

impl fmt::Display for RolledBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "generation {} of {} is current again",
            self.generation,
            time::local(&self.recorded)
        )
    }
}
