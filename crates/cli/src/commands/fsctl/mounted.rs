//! Sends a control code to a mounted volume.

use std::io::ErrorKind;

use oncefs::BLOCK_SIZE;
use oncefs::control::NtStatus;

use super::answer::{Answer, Step};
use super::request::{Request, failed};
use crate::arguments::Fsctl;
use crate::commands::Tools;
use crate::commands::close::refused;
use crate::confirm;
use crate::disc_path::DiscPath;
use crate::failure::{Failure, Outcome};
use crate::mounts::Mounted;

/// Most bytes of output to and from a mounted volume.
const MOST_OUTPUT: usize = 512;

/// Sends it and prints the NTSTATUS, whatever it is.
pub fn run(tools: &Tools, request: &Request, volume: &Mounted, arguments: &Fsctl) -> Outcome {
    if arguments.read_only || arguments.accepts_losses() || arguments.stated.medium.is_some() {
        let message = "the volume is mounted: unmount it to use --read-only, --medium or --accept-losses";
        return Err(Failure::usage(message).at(volume.mountpoint.display()));
    }
    let mut path = volume.mountpoint.clone();
    if let Some(on) = &arguments.on {
        path.extend(DiscPath::new(on).names());
    }
    let finalizes = request.close_disc() == Some(true) && volume.writable && arguments.on.is_none();
    if finalizes && !arguments.yes && confirm::is_possible() {
        confirm::finalizing_mounted(&path)?;
    }
    let room = request.output_length.min(MOST_OUTPUT);
    let bar = tools.progress.waiting("waiting for the volume");
    let answered = fuse::send_control(&path, request.code.0, request.input.as_deref(), room);
    bar.finish_and_clear();
    let answered = match answered {
        Ok(answered) => answered,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let status = NtStatus::OBJECT_NAME_NOT_FOUND;
            tools.output.result(&Answer::new(Step::Open, request, status))?;
            return Err(failed(status, None).at(path.display()));
        }
        Err(error) => return Err(Failure::host(&path, error)),
    };
    let mut answer = Answer::new(Step::Control, request, answered.status);
    answer.take(answered.output.len(), &answered.output, request);
    if let (NtStatus::SUCCESS, Some(closed)) = (answered.status, answered.closed) {
        return tools.output.recorded(&answer, closed.blocks * BLOCK_SIZE as u64);
    }
    tools.output.result(&answer)?;
    if answered.status == NtStatus::SUCCESS {
        return Ok(());
    }
    Err(refused(&answered).at(path.display()))
}
