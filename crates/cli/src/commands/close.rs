//! `oncefs close`

use std::fmt;

use control::{
    DesiredAccess, FSCTL_MAKE_MEDIA_COMPATIBLE, FileMakeCompatibleBuffer, IoStatus, NtStatus, VolumeHandle,
};
use drive::Drive;
use serde::Serialize;

use super::Tools;
use crate::arguments::Close;
use crate::failure::{Context, Exit, Failure, Outcome};
use crate::interrupt::Interrupt;
use crate::time;

/// What closing did.
#[derive(Serialize)]
pub struct ClosedDisc {
    /// The VAT ICB that ends the session; none where no session was open.
    vat_icb: Option<u32>,
    blocks_recorded: u64,
    finalized: bool,
}

/// Closes the session of a disc.
pub fn run(tools: &Tools, arguments: &Close) -> Outcome {
    let interrupt = Interrupt::watch()?;
    let drive = tools.discs.open_to_record(&arguments.disc, arguments.stated)?;
    interrupt.check().map_err(|failure| {
        failure
            .leaving("the session as it was, open")
            .at(arguments.disc.display())
    })?;
    let closed = close(tools, drive, arguments.finalize).at(arguments.disc.display())?;
    if interrupt.asked() {
        tools
            .output
            .note("the interrupt came too late, the session was being closed already");
    }
    tools.output.result(&closed)
}

/// Closes through the control, as every other caller does.
pub fn close(tools: &Tools, drive: Drive, finalize: bool) -> Outcome<ClosedDisc> {
    if drive.medium().single_session && !finalize {
        tools
            .output
            .note("this medium has a single session: closing it finalizes the disc");
    }
    let mut handle = open(drive);
    let status = send(tools, &mut handle, finalize);
    if status.status != NtStatus::SUCCESS {
        return Err(failure(status.status, &mut handle));
    }
    let closed = handle.last_closed();
    Ok(ClosedDisc {
        vat_icb: closed.and_then(|closed| closed.vat_icb).map(|sector| sector.0),
        blocks_recorded: closed.map_or(0, |closed| closed.blocks),
        finalized: closed.is_some_and(|closed| closed.finalized),
    })
}

/// The volume handle on a drive.
pub fn open(drive: Drive) -> VolumeHandle {
    let access = DesiredAccess::FILE_READ_DATA | DesiredAccess::FILE_WRITE_DATA;
    VolumeHandle::open(drive, access, time::now())
}

/// Sends `FSCTL_MAKE_MEDIA_COMPATIBLE`.
pub fn send(tools: &Tools, handle: &mut VolumeHandle, close_disc: bool) -> IoStatus {
    let input = FileMakeCompatibleBuffer { close_disc }.to_bytes();
    let bar = tools.progress.waiting(if close_disc {
        "finalizing the disc"
    } else {
        "closing the session"
    });
    let status = handle.device_io_control(FSCTL_MAKE_MEDIA_COMPATIBLE.0, Some(&input), None);
    bar.finish_and_clear();
    status
}

/// A status that is no success, with the words of what is behind it.
pub fn failure(status: NtStatus, handle: &mut VolumeHandle) -> Failure {
    match handle.take_last_error() {
        Some(control::Error::Recording(error)) => error.into(),
        Some(control::Error::Volume(error)) => error.into(),
        Some(control::Error::Source(error)) => Failure::new(exit_of(status), "refused", error),
        None => Failure::new(exit_of(status), "refused", format_args!("{status:?}")),
    }
}

/// The exit code of a status.
pub fn exit_of(status: NtStatus) -> Exit {
    match status {
        NtStatus::DISK_FULL => Exit::Full,
        NtStatus::MEDIA_WRITE_PROTECTED => Exit::ReadOnly,
        NtStatus::DISK_CORRUPT_ERROR => Exit::Damaged,
        _ => Exit::Failed,
    }
}

impl fmt::Display for ClosedDisc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.vat_icb, self.finalized) {
            (Some(vat_icb), false) => writeln!(f, "session closed, it ends with block {vat_icb}"),
            (Some(vat_icb), true) => {
                writeln!(f, "disc finalized, its last session ends with block {vat_icb}")
            }
            (None, true) => writeln!(f, "disc finalized"),
            (None, false) => writeln!(f, "no session is open: nothing to close"),
        }
    }
}
