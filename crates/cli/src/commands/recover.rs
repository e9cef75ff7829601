//! `oncefs recover`

mod found;

use std::fmt;

use oncefs::{Disc, LOST_AND_FOUND, Linked, Recording, SessionState, Status};
use serde::Serialize;

use self::found::{File, Found};
use super::close::{ClosedDisc, NotShown, close, tell_left_out};
use super::write::{Change, changed};
use super::{Tools, read};
use crate::arguments::{Recover, View};
use crate::discs::require_unknown_medium;
use crate::failure::{Context, Exit, Failure, Outcome};
use crate::failure_kind::FailureKind;
use crate::output::count;

/// The result of recording what makes an interrupted disc whole.
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
    /// With --lost-and-found: what became of the files without a name.
    lost_and_found: Option<Named>,
    /// With --close: the result of closing.
    closing: Option<ClosedDisc>,
}

/// Files that have a name again, and those that have none.
#[derive(Serialize)]
struct Named {
    files: u64,
    /// Those with their own names.
    with_own_name: u64,
    /// Directories made again.
    directories: u64,
    without_streams: u64,
    no_room: u64,
    directory: String,
    left_out: Vec<File>,
}

/// Shows what an interrupted recording left, or records what makes the disc whole.
pub fn run(tools: &Tools, arguments: &Recover) -> Outcome {
    if arguments.writes() {
        write(tools, arguments)
    } else {
        look(tools, arguments)
    }
}

fn look(tools: &Tools, arguments: &Recover) -> Outcome {
    let path = &arguments.disc;
    require_unknown_medium(&Disc::new(path), arguments.stated.medium)?;
    let mut volume = read::open(tools, path, View::default())?;
    let bar = tools
        .progress
        .waiting("reading what follows the newest generation");
    let found = Found::on(&volume);
    bar.finish_and_clear();
    let found = found.at(path.display())?;
    tools.output.result(&found)?;
    if let Some(advice) = found.advice() {
        tools.output.note(advice);
    }
    read::tell(tools.output, &volume.losses_since_opening());
    if volume.is_newest() || arguments.stated.accept_losses {
        return Ok(());
    }
    read::require_newest_shown(&mut volume).at(path.display())
}

fn write(tools: &Tools, arguments: &Recover) -> Outcome {
    let path = &arguments.disc;
    let work = |change: &mut Change| recover(tools, arguments, &mut change.recording);
    let (mut recovered, mut change) = changed(tools, path, arguments.stated, work)?;
    recovered.vat_icb = change.recording.vat_icb();
    let no_room = recovered.lost_and_found.as_ref().map_or(0, |named| named.no_room);
    if !arguments.close {
        tools.output.recorded(&recovered, change.used())?;
        return require_room(no_room);
    }
    let stated = recovered.to_string().trim_end().replace('\n', "; ");
    let (drive, usage) = change.into_drive();
    let closed = close(tools, drive, false).at(path.display());
    recovered.closing = Some(closed.map_err(|failure| failure.leaving(stated))?);
    let shown = tools.output.recorded(&recovered, usage.bytes());
    match &recovered.closing {
        Some(closed) => closed.judge(shown).at(path.display()),
        None => shown,
    }?;
    require_room(no_room)
}

/// Fails if files got no name for lack of room.
fn require_room(files: u64) -> Outcome {
    if files == 0 {
        return Ok(());
    }
    let files = count(files, "whole file has no name", "whole files have no names");
    Err(Failure::new(
        Exit::Full,
        FailureKind::MediumFull,
        format!("{files}: the medium has no room"),
    ))
}

fn recover(tools: &Tools, arguments: &Recover, recording: &mut Recording) -> Outcome<Recovered> {
    let is_open = |recording: &Recording| {
        let sessions = recording.disc().sessions;
        sessions.iter().any(|session| session.state == SessionState::Open)
    };
    let was_open = is_open(recording);
    let interrupted = recording.is_interrupted();
    let lost_and_found = if arguments.lost_and_found {
        Some(Named::of(&recording.recover_lost_and_found()?))
    } else {
        recording.recover()?;
        None
    };
    // The side file describes the image once something is recorded.
    let accepts = arguments.stated.medium.accept_image;
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
        lost_and_found,
        closing: None,
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

impl Named {
    fn of(linked: &Linked) -> Self {
        Self {
            files: linked.files,
            with_own_name: linked.with_own_name,
            directories: linked.directories,
            without_streams: linked.without_streams,
            no_room: linked.no_room,
            directory: linked.directory.clone(),
            left_out: File::incomplete(&linked.found),
        }
    }
}

impl fmt::Display for Recovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.closed {
            writeln!(f, "the closing that was interrupted is completed")?;
            self.not_shown
                .map_or(Ok(()), |not_shown| writeln!(f, "{not_shown}"))?;
        } else {
            match (self.interrupted, self.vat_icb) {
                (false, _) if self.accepted => writeln!(
                    f,
                    "the VAT is recorded again, and the side file says what the image holds"
                )?,
                (true, Some(at)) => {
                    writeln!(f, "recovered: the VAT is recorded again, its ICB is block {at}")?
                }
                (true, None) => writeln!(f, "recovered")?,
                (false, _) => writeln!(f, "no recording was interrupted: nothing is recorded")?,
            }
        }
        if let Some(named) = &self.lost_and_found {
            named.fmt(f)?;
        }
        self.closing.as_ref().map_or(Ok(()), |closed| closed.fmt(f))
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files = count(self.files, "file has a name", "files have names");
        let own = match self.with_own_name {
            _ if self.files == 0 => String::new(),
            1 if self.files == 1 => ", with the path that it had".to_owned(),
            own if own == self.files => ", with the paths that they had".to_owned(),
            own => format!(", {own} with the paths that they had, the others by their blocks"),
        };
        let directory = if self.directory.is_empty() {
            LOST_AND_FOUND
        } else {
            &self.directory
        };
        writeln!(f, "{files} in /{directory}{own}")?;
        if self.without_streams > 0 {
            let files = count(self.without_streams, "of them has", "of them have");
            writeln!(f, "{files} no streams any more")?;
        }
        if self.no_room > 0 {
            let files = count(self.no_room, "whole file has", "whole files have");
            writeln!(f, "{files} no name: the medium has no room for more")?;
        }
        for file in &self.left_out {
            write!(f, "left out: {file}")?;
        }
        Ok(())
    }
}
