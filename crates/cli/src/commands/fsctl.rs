//! `oncefs fsctl`

mod answer;
mod decoded;
mod mounted;

use control::{
    ControlCode, DesiredAccess, DiscSource, FileMakeCompatibleBuffer, FileQueryOnDiskVolInfoBuffer,
    FileQuerySparingBuffer, FileSetDefectMgmtBuffer, IoStatus, NtStatus, OpenFailure, ShareMode, Target,
    VolumeHandle,
};
use disc::Disc;
use ecma167::BLOCK_SIZE;

use super::close::{exit_of, failure};
use super::{Tools, read};
use crate::arguments::{Fsctl, FsctlCode, Hex};
use crate::disc_path::DiscPath;
use crate::failure::{Context, Failure, Outcome};
use crate::interrupt::Interrupt;
use crate::{confirm, mounts, time};

use answer::{Answer, Step};
use decoded::Decoded;

/// What is sent.
struct Request {
    code: ControlCode,
    input: Option<Vec<u8>>,
    output_length: usize,
    /// Whether the answer is shown as it came.
    raw: bool,
}

/// Sends a control code and prints the NTSTATUS, whatever it is.
pub fn run(tools: &Tools, arguments: &Fsctl) -> Outcome {
    let path = arguments.disc.display();
    let request = Request::of(arguments)?;
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
            return Err(failed(status, error).at(path));
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
            .note("the interrupt came too late, the request was under way already");
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
    Err(failed(io.status, handle.take_last_error()).at(path).using(used))
}

impl Request {
    fn of(arguments: &Fsctl) -> Outcome<Self> {
        let (word, number) = (arguments.code, arguments.number);
        match (word, number) {
            (Some(word), None) => Ok(Self::of_word(word)),
            (None, Some(number)) => Ok(Self {
                code: ControlCode(number),
                input: arguments.input.clone().map(|Hex(bytes)| bytes),
                output_length: arguments.output.map_or(4096, |length| length as usize),
                raw: true,
            }),
            _ => Err(Failure::usage(
                "name one control code, by its word or by --code (`oncefs fsctl --help` lists them)",
            )),
        }
    }

    fn of_word(word: FsctlCode) -> Self {
        let (code, input, output_length) = match word {
            FsctlCode::MakeMediaCompatible { close_disc, .. } => {
                let input = FileMakeCompatibleBuffer { close_disc }.to_bytes().to_vec();
                (ControlCode::MAKE_MEDIA_COMPATIBLE, Some(input), 0)
            }
            FsctlCode::QueryOnDiskVolumeInfo => {
                let length = size_of::<FileQueryOnDiskVolInfoBuffer>();
                (ControlCode::QUERY_ON_DISK_VOLUME_INFO, None, length)
            }
            FsctlCode::QuerySparingInfo => {
                let length = size_of::<FileQuerySparingBuffer>();
                (ControlCode::QUERY_SPARING_INFO, None, length)
            }
            FsctlCode::SetDefectManagement { disable } => {
                let input = FileSetDefectMgmtBuffer { disable }.to_bytes().to_vec();
                (ControlCode::SET_DEFECT_MANAGEMENT, Some(input), 0)
            }
            FsctlCode::LockVolume => (ControlCode::LOCK_VOLUME, None, 0),
            FsctlCode::UnlockVolume => (ControlCode::UNLOCK_VOLUME, None, 0),
            FsctlCode::DismountVolume => (ControlCode::DISMOUNT_VOLUME, None, 0),
            FsctlCode::IsVolumeMounted => (ControlCode::IS_VOLUME_MOUNTED, None, 0),
        };
        Self {
            code,
            input,
            output_length,
            raw: false,
        }
    }

    /// What it asks of the disc, where it asks for closing: whether to finalize it.
    fn close_disc(&self) -> Option<bool> {
        if self.code != ControlCode::MAKE_MEDIA_COMPATIBLE {
            return None;
        }
        let buffer = FileMakeCompatibleBuffer::read(self.input.as_deref()?)?;
        Some(buffer.close_disc)
    }
}

/// Asks before the disc is finalized. What is refused anyway is not asked for.
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
            confirm::finalizing(disc.path(), drive.medium())
        }
        // Why it cannot be opened is told when the handle is.
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

fn failed(status: NtStatus, error: Option<control::Error>) -> Failure {
    let mut failure = failure(status, error);
    failure.exit = exit_of(status);
    failure
}
