//! `oncefs close`

mod not_shown;

use std::fmt;

use oncefs::control::{
    DesiredAccess, FSCTL_MAKE_MEDIA_COMPATIBLE, FileMakeCompatibleBuffer, NtStatus, VolumeHandle,
};
use oncefs::{
    BLOCK_SIZE, Closed, DiscInfo, Drive, NoPlainVolume, PlainVolume, PlainVolumeChoice, PlainVolumeKind,
    SessionState,
};
use serde::Serialize;

pub use self::not_shown::NotShown;
use super::{Tools, read};
use crate::arguments::{Close, RomKind};
use crate::failure::{Context, Exit, Failure, Outcome};
use crate::failure_kind::FailureKind;
use crate::interrupt::Interrupt;
#[cfg(feature = "mount")]
use crate::mounts::{self, Mounted};
use crate::{confirm, time};

/// The result of closing.
#[derive(Serialize)]
pub struct ClosedDisc {
    /// The VAT ICB that ends the session; `None` if no session was open.
    vat_icb: Option<u32>,
    /// The number of the closed session; `None` if no session was open.
    session: Option<u16>,
    blocks_recorded: u64,
    finalized: bool,
    /// For a disc made with --rom: `recorded`, or why the plain volume was left out.
    plain_volume: Option<&'static str>,
    /// What readers of the plain volume do not see, or see differently.
    not_shown: Option<NotShown>,
}

/// Closes the session of a disc.
pub fn run(tools: &Tools, arguments: &Close) -> Outcome {
    let path = &arguments.disc;
    #[cfg(feature = "mount")]
    if let Some(mounted) = mounts::at(path) {
        return close_mounted(tools, &mounted, arguments);
    }
    let drive = tools.discs.open_to_record(path, arguments.stated.medium)?;
    tell_single_session(tools, &drive, arguments.finalize);
    let finalizes = arguments.finalize || drive.medium().single_session;
    if finalizes && !arguments.yes && confirm::is_possible() && !drive.is_read_only() {
        confirm::finalizing(path, &DiscInfo::of(&drive))?;
    }
    // Not before the question: until then a signal ends the program.
    let interrupt = Interrupt::watch()?;
    let closing = Closing {
        finalize: arguments.finalize,
        accept_losses: arguments.stated.accept_losses,
        rom: arguments.rom,
    };
    let closed = close_volume(tools, drive, &closing).at(path.display())?;
    if interrupt.asked() {
        tools
            .output
            .note("the interrupt came too late: the session was already being closed");
    }
    closed
        .judge(tools.output.recorded(&closed, closed.bytes()))
        .at(path.display())
}

/// Closes the session of a mounted volume: pending changes are committed first, and the mount continues.
#[cfg(feature = "mount")]
fn close_mounted(tools: &Tools, mounted: &Mounted, arguments: &Close) -> Outcome {
    let path = &mounted.mountpoint;
    if arguments.stated.accept_losses || arguments.stated.medium.medium.is_some() || arguments.rom.is_some() {
        return Err(Failure::usage(
            "the volume is mounted: unmount it to use --medium, --accept-losses or --rom",
        )
        .at(path.display()));
    }
    if arguments.finalize && mounted.writable && !arguments.yes && confirm::is_possible() {
        confirm::finalizing_mounted(path)?;
    }
    let bar = tools.progress.waiting(words(arguments.finalize));
    let answer = fuse::send_control(
        path,
        FSCTL_MAKE_MEDIA_COMPATIBLE.0,
        Some(&input(arguments.finalize)),
        0,
    );
    bar.finish_and_clear();
    let answer = answer.map_err(|error| Failure::host(path, error))?;
    if answer.status != NtStatus::SUCCESS {
        return Err(refused(&answer).at(path.display()));
    }
    let closed = answer
        .closed
        .map(|closed| Closed::new(closed, answer.differences));
    let closed = ClosedDisc::of(closed);
    closed
        .judge(tools.output.recorded(&closed, closed.bytes()))
        .at(path.display())
}

/// The failure for a status of a mounted volume, with its message.
#[cfg(feature = "mount")]
pub fn refused(answer: &fuse::Answer) -> Failure {
    let exit = exit_of(answer.status);
    let failure = match &answer.message {
        Some(message) => Failure::new(exit, FailureKind::Refused, message),
        None => Failure::new(exit, FailureKind::Refused, format_args!("{:?}", answer.status)),
    };
    failure.using(answer.used * BLOCK_SIZE as u64)
}

/// Closes a disc that was just recorded on.
pub fn close(tools: &Tools, drive: Drive, finalize: bool) -> Outcome<ClosedDisc> {
    tell_single_session(tools, &drive, finalize);
    let closing = Closing {
        finalize,
        ..Closing::default()
    };
    close_volume(tools, drive, &closing)
}

/// How to close a disc.
#[derive(Default)]
struct Closing {
    finalize: bool,
    accept_losses: bool,
    rom: Option<RomKind>,
}

fn tell_single_session(tools: &Tools, drive: &Drive, finalize: bool) {
    if drive.medium().single_session && !finalize {
        tools
            .output
            .note("this medium has a single session: closing it finalizes the disc");
    }
}

/// Closes through the control, like every other caller.
fn close_volume(tools: &Tools, drive: Drive, closing: &Closing) -> Outcome<ClosedDisc> {
    let finalize = closing.finalize;
    let access = DesiredAccess::FILE_READ_DATA | DesiredAccess::FILE_WRITE_DATA;
    let usage = drive.usage();
    let single_session = drive.medium().single_session;
    let is_open = |session: &oncefs::Session| session.state == SessionState::Open;
    let has_open_session = drive.medium().sessions.iter().any(is_open);
    let mut handle = VolumeHandle::open(tools.listening(drive), access, time::now());
    read::tell(tools.output, &handle.losses());
    if closing.accept_losses {
        handle.accept_losses();
    }
    match closing.rom.map(RomKind::kind) {
        None => {}
        Some(None) => handle.set_plain_volume(PlainVolumeChoice::Without),
        Some(Some(kind)) => wish_plain_volume(tools, &mut handle, kind, single_session),
    }
    tools.tell_interrupted(handle.is_interrupted());
    let was_lacking = handle.lacks_plain_volume();
    if finalize && was_lacking && !has_open_session && closing.rom.is_none() {
        return Err(finalizing_without_plain_volume(&mut handle));
    }
    let bar = tools.progress.waiting(words(finalize));
    let io = handle.device_io_control(FSCTL_MAKE_MEDIA_COMPATIBLE.0, Some(&input(finalize)), None);
    bar.finish_and_clear();
    if io.status != NtStatus::SUCCESS {
        return Err(failure(io.status, handle.take_last_error()).using(usage.bytes()));
    }
    let closed = handle.last_closed();
    let closed = closed.map(|closed| Closed::new(closed, handle.last_differences().copied()));
    let closed = ClosedDisc::of(closed);
    if closed.finalized && !finalize && !single_session {
        tools
            .output
            .note("the drive finalized the disc: it has no room for a further session");
    }
    if was_lacking && closed.vat_icb.is_none() {
        let bridge = handle.companion().is_some_and(|companion| companion.bridge);
        tell_left_out(tools, closed.finalized, bridge);
    }
    Ok(closed)
}

/// Says what to do if the newest state was closed before without a plain volume.
pub(super) fn tell_left_out(tools: &Tools, finalized: bool, bridge: bool) {
    let kind = if bridge { "bridge" } else { "udf" };
    if finalized {
        tools.output.note(
            "the last session has no plain volume: readers without VAT show the state of an earlier closing, if there is one",
        );
    } else {
        tools.output.note(format_args!(
            "the last session was closed without a plain volume: `oncefs close DISC --rom {kind}` records it in one more session, if the \
             medium has the room; with fewer files it takes less"
        ));
    }
}

/// The refusal to finalize a disc made for plain volumes whose newest state has none: it would get none any
/// more.
fn finalizing_without_plain_volume(handle: &mut VolumeHandle) -> Failure {
    let bridge = handle.companion().is_some_and(|companion| companion.bridge);
    let kind = if bridge { "bridge" } else { "udf" };
    let message = "the last session was closed without a plain volume, and a finalized disc can get none: only readers with VAT would show the newest state";
    Failure::usage(message).hint(format!(
        "`oncefs close DISC --finalize --rom {kind}` records it in one more session; `--rom no` finalizes without"
    ))
}

/// Lets a disc formatted without a plain volume get one.
fn wish_plain_volume(tools: &Tools, handle: &mut VolumeHandle, kind: PlainVolumeKind, single_session: bool) {
    if handle.companion().is_none() && !single_session {
        tools
            .output
            .note("the plain volume takes one more session, and only readers that follow sessions open it");
    }
    handle.set_plain_volume(PlainVolumeChoice::With(kind));
}

fn input(finalize: bool) -> [u8; 1] {
    FileMakeCompatibleBuffer { close_disc: finalize }.to_bytes()
}

fn words(finalize: bool) -> &'static str {
    if finalize {
        "finalizing the disc"
    } else {
        "closing the session"
    }
}

impl ClosedDisc {
    fn of(closed: Option<Closed>) -> Self {
        Self {
            not_shown: closed
                .and_then(|closed| closed.differences)
                .as_ref()
                .and_then(NotShown::of),
            vat_icb: closed.and_then(|closed| closed.vat_icb),
            session: closed.and_then(|closed| closed.session),
            blocks_recorded: closed.map_or(0, |closed| closed.blocks),
            finalized: closed.is_some_and(|closed| closed.finalized),
            plain_volume: closed.and_then(|closed| words_of(closed.plain_volume)),
        }
    }

    /// Fails if readers without VAT do not see what was closed.
    pub fn judge(&self, shown: Outcome) -> Outcome {
        shown?;
        match self.plain_volume {
            None | Some(RECORDED | NOT_WANTED) => Ok(()),
            Some(why) if self.finalized => Err(Failure::failed(format_args!(
                "finalized, but without a plain volume: {why}"
            ))
            .hint(
                "readers with VAT show everything; others show the state of an earlier closing, if there is one",
            )),
            Some(why) => Err(Failure::failed(format_args!("closed, but without a plain volume: {why}"))
                .hint(
                    "readers with VAT show everything; others show the state of an earlier closing, if there is one; \
                     `oncefs info DISC` shows what is left free, and `oncefs close DISC --rom bridge` (or `udf`, as \
                     the disc was made) tries again in one more session",
                )),
        }
    }

    /// Bytes recorded for closing.
    fn bytes(&self) -> u64 {
        self.blocks_recorded * BLOCK_SIZE as u64
    }
}

/// The plain volume shows what was closed.
const RECORDED: &str = "recorded";

/// None was requested.
const NOT_WANTED: &str = "not wanted";

fn words_of(plain: PlainVolume) -> Option<&'static str> {
    Some(match plain {
        PlainVolume::None => return None,
        PlainVolume::Recorded => RECORDED,
        PlainVolume::LeftOut(NoPlainVolume::NoReservedTrack) => "the drive reserved no track for it",
        PlainVolume::LeftOut(NoPlainVolume::NoRoom) => "the medium has no room for it",
        PlainVolume::LeftOut(NoPlainVolume::DriveMoves) => "the append point of the drive kept moving",
        PlainVolume::LeftOut(NoPlainVolume::Unreadable) => "a directory or file cannot be read",
        PlainVolume::LeftOut(NoPlainVolume::StartSpoiled) => "the start of the session cannot be read",
        PlainVolume::LeftOut(NoPlainVolume::NotWanted) => NOT_WANTED,
    })
}

/// The failure for a status, with the words of its fault.
pub fn failure(status: NtStatus, error: Option<oncefs::control::Error>) -> Failure {
    match error {
        Some(oncefs::control::Error::Recording(error)) => error.into(),
        Some(oncefs::control::Error::Volume(error)) => error.into(),
        Some(oncefs::control::Error::Source(error)) => error.into(),
        None if status == NtStatus::MEDIA_WRITE_PROTECTED => Failure::new(
            exit_of(status),
            FailureKind::Refused,
            format_args!(
                "nothing more can be recorded on this medium, so nothing is left to close ({status:?})"
            ),
        ),
        None if status == NtStatus::INVALID_DEVICE_REQUEST => Failure::new(
            exit_of(status),
            FailureKind::Refused,
            format_args!(
                "this is no write-once volume with a session, so there is nothing to close ({status:?})"
            ),
        ),
        None => Failure::new(exit_of(status), FailureKind::Refused, format_args!("{status:?}")),
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
            (Some(vat_icb), false) => writeln!(f, "session closed, its VAT ICB is at block {vat_icb}"),
            (Some(vat_icb), true) => {
                writeln!(f, "disc finalized, its VAT ICB is at block {vat_icb}")
            }
            (None, true) => writeln!(f, "disc finalized"),
            (None, false) => writeln!(f, "no session is open: nothing to close"),
        }?;
        let is_later = self.session.is_some_and(|session| session > 1);
        if is_later && self.plain_volume == Some(RECORDED) {
            writeln!(
                f,
                "readers that follow no sessions, such as 7-Zip, do not show this one"
            )?;
        }
        self.not_shown
            .map_or(Ok(()), |not_shown| writeln!(f, "{not_shown}"))
    }
}
