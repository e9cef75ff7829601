//! `oncefs fsctl`

mod answer;
mod decoded;
#[cfg(feature = "mount")]
mod mounted;
mod request;

use oncefs::control::{
    ControlCode, DesiredAccess, DiscSource, IoStatus, NtStatus, OpenFailure, ShareMode, Target, VolumeHandle,
};
use oncefs::{BLOCK_SIZE, Disc, DiscInfo};

use super::{Tools, read};
use crate::arguments::Fsctl;
use crate::disc_path::DiscPath;
use crate::failure::{Context, Failure, Outcome};
use crate::interrupt::Interrupt;
#[cfg(feature = "mount")]
use crate::mounts;
use crate::no_disc::not_writable;
use crate::{confirm, time};

use answer::{Answer, Step};
use request::{Request, failed};

/// Sends a control code and prints the NTSTATUS, whatever it is.
pub fn run(tools: &Tools, arguments: &Fsctl) -> Outcome {
    let path = arguments.disc.display();
    let request = Request::of(arguments)?;
    #[cfg(feature = "mount")]
    if let Some(volume) = mounts::at(&arguments.disc) {
        return mounted::run(tools, &request, &volume, arguments);
    }
    let disc = tools.discs.disc(&arguments.disc, arguments.stated)?;
    ask(&request, &disc, arguments)?;
    let interrupt = Interrupt::watch()?;
    let mut handle = match open(disc, arguments) {
        Ok(handle) => handle,
        Err(OpenFailure { status, error }) => {
            tools.output.result(&Answer::new(Step::Open, &request, status))?;
            return Err(refused(arguments, status, error).at(path));
        }
    };
    interrupt.check().at(&path)?;
    if arguments.accepts_losses() {
        read::tell(tools.output, &handle.losses());
        handle.accept_losses();
    }
    let (io, output) = send(tools, &request, &mut handle);
    if interrupt.asked() {
        tools
            .output
            .note("the interrupt came too late: the request was already running");
    }
    let mut answer = Answer::new(Step::Control, &request, io.status);
    answer.take(io.information, &output, &request);
    let used = handle.last_used() * BLOCK_SIZE as u64;
    if io.status == NtStatus::SUCCESS && request.code == ControlCode::MAKE_MEDIA_COMPATIBLE {
        return tools.output.recorded(&answer, used);
    }
    tools.output.result(&answer)?;
    if io.status == NtStatus::SUCCESS {
        return Ok(());
    }
    let failure = refused(arguments, io.status, handle.take_last_error());
    Err(failure.at(path).using(used))
}

/// The failure for a status. Write protection says whether it is the host's.
fn refused(arguments: &Fsctl, status: NtStatus, error: Option<oncefs::control::Error>) -> Failure {
    let failure = failed(status, error);
    let is_protected = status == NtStatus::MEDIA_WRITE_PROTECTED && !arguments.read_only;
    match is_protected.then(|| not_writable(&arguments.disc)).flatten() {
        Some(host) => failure.or_hint(&host.message),
        None => failure,
    }
}

/// Asks before the disc is finalized, unless the request is refused anyway.
fn ask(request: &Request, disc: &Disc, arguments: &Fsctl) -> Outcome {
    let Some(close_disc) = request.close_disc() else {
        return Ok(());
    };
    let refused = arguments.on.is_some() || arguments.read_only || !disc.is_writable();
    if refused || arguments.yes || !confirm::is_possible() {
        return Ok(());
    }
    match disc.open_to_read() {
        Ok(drive) if close_disc || drive.medium().single_session => {
            confirm::finalizing(disc.path(), &DiscInfo::of(&drive))
        }
        // Opening the handle reports why it cannot be opened.
        _ => Ok(()),
    }
}

fn open(disc: Disc, arguments: &Fsctl) -> Result<VolumeHandle, OpenFailure> {
    let mut access = DesiredAccess::FILE_READ_DATA;
    access.set(DesiredAccess::FILE_WRITE_DATA, !arguments.read_only);
    let share = ShareMode::FILE_SHARE_READ | ShareMode::FILE_SHARE_WRITE;
    let on = arguments.on.as_deref().map(|on| DiscPath::new(on).to_string());
    let target = on.as_deref().map_or(Target::Volume, Target::Path);
    VolumeHandle::open_on(Box::new(disc), target, access, share, time::now())
}

fn send(tools: &Tools, request: &Request, handle: &mut VolumeHandle) -> (IoStatus, Vec<u8>) {
    let bar = tools.progress.waiting(match request.close_disc() {
        Some(true) => "finalizing the disc",
        Some(false) => "closing the session",
        None => "waiting for the volume",
    });
    let mut output = vec![0; request.output_length];
    let answer = (!output.is_empty()).then_some(&mut *output);
    let io = handle.device_io_control(request.code.0, request.input.as_deref(), answer);
    bar.finish_and_clear();
    output.truncate(io.information);
    (io, output)
}
