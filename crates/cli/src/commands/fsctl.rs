//! `oncefs fsctl`

use std::fmt;

use control::NtStatus;
use serde::Serialize;

use super::Tools;
use super::close::{exit_of, failure, open, send};
use crate::arguments::{Fsctl, FsctlCode};
use crate::failure::{Context, Outcome};
use crate::interrupt::Interrupt;

/// The status block of a request.
#[derive(Serialize)]
struct Answer {
    control_code: u32,
    status: &'static str,
    value: u32,
    information: usize,
}

/// Sends a control code and prints the NTSTATUS, whatever it is.
pub fn run(tools: &Tools, arguments: &Fsctl) -> Outcome {
    let FsctlCode::MakeMediaCompatible { close_disc } = arguments.code;
    let interrupt = Interrupt::watch()?;
    let drive = tools.discs.open_to_answer(&arguments.disc, arguments.stated)?;
    interrupt.check().at(arguments.disc.display())?;
    let mut handle = open(drive);
    let answer = send(tools, &mut handle, close_disc);
    tools.output.result(&Answer {
        control_code: control::FSCTL_MAKE_MEDIA_COMPATIBLE.0,
        status: answer.status.name().unwrap_or("unnamed"),
        value: answer.status.0,
        information: answer.information,
    })?;
    if answer.status == NtStatus::SUCCESS {
        return Ok(());
    }
    let mut failure = failure(answer.status, &mut handle).at(arguments.disc.display());
    failure.exit = exit_of(answer.status);
    Err(failure)
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} ({:#010x})", self.status, self.value)
    }
}
