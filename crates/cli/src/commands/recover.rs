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
use crate::failure::{Context, Outcome};
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
    taken: u64,
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
    if !arguments.close {
        return tools.output.recorded(&recovered, change.used());
    }
    let stated = recovered.to_string().trim_end().replace('\n', "; ");
    let (drive, usage) = change.into_drive();
    let closed = close(tools, drive, false).at(path.display());
    recovered.closing = Some(closed.map_err(|failure| failure.leaving(stated))?);
    let shown = tools.output.recorded(&recovered, usage.bytes());
    match &recovered.closing {
        Some(closed) => closed.judge(shown).at(path.display()),
        None => shown,
    }
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
            taken: linked.taken,
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
            own if own == self.files => ", as they were called".to_owned(),
            own => format!(", {own} as they were called, the others by their blocks"),
        };
        writeln!(f, "{files} in /{LOST_AND_FOUND}{own}")?;
        if self.without_streams > 0 {
            let files = count(self.without_streams, "of them has", "of them have");
            writeln!(f, "{files} no streams any more")?;
        }
        if self.taken > 0 {
            let files = count(self.taken, "file is", "files are");
            writeln!(f, "{files} left out: /{LOST_AND_FOUND} has the name already")?;
        }
        for file in &self.left_out {
            write!(f, "left out: {file}")?;
        }
        Ok(())
    }
}
