//! `oncefs salvage`

mod account;
mod complaints;
mod files;
mod kind;
mod report;
mod same;
mod volume;

use std::collections::HashSet;
use std::ops::{ControlFlow, Range};
use std::os::fd::OwnedFd;
use std::path::Path;

use oncefs::salvage::{Index, Next, Salvaged, ScanError};
use oncefs::{BLOCK_SIZE, Drive, VolumeError};

use self::complaints::Complaints;
use self::report::{Report, Totals};
use self::same::Same;
use super::Tools;
use super::add::size;
use crate::arguments::{Rescue, Salvage};
use crate::extract::target_directory;
use crate::failure::{Context, Exit, Failure, Outcome};
use crate::failure_kind::FailureKind;
use crate::interrupt::Interrupt;
use crate::rescue::Map;
use crate::trace_file::is_same;

/// The most volumes that are copied from a disc.
const MOST_VOLUMES: usize = 8;

/// What a run works with.
struct Run<'a> {
    tools: &'a Tools,
    arguments: &'a Salvage,
    interrupt: &'a Interrupt,
    map: Option<Map>,
    top: OwnedFd,
    report: Report,
    complaints: Complaints,
    same: Same,
    /// Names of the first volume that directories which the program makes may have too.
    own_names: HashSet<String>,
}

/// Copies what is left on a disc.
pub fn run(tools: &Tools, arguments: &Salvage) -> Outcome {
    let interrupt = Interrupt::watch()?;
    let rescue = Rescue {
        retries: arguments.retries,
        mapfile: arguments.map.clone(),
        option: "--map",
    };
    let mut map = Map::of(&rescue, tools.discs.trace.as_deref(), &arguments.disc)?;
    let mut drive = tools.listening(tools.discs.open_ruin(&arguments.disc)?);
    // The map may be in it.
    let (top, is_made) = target_directory(&arguments.target)?;
    let made = is_made.then(|| Made(&arguments.target));
    if let Some(map) = &mut map {
        let capacity = u64::from(drive.medium().capacity_blocks) * BLOCK_SIZE as u64;
        let length = capacity.max(drive.recorded_bytes());
        map.begin_ruin(&mut drive, length)?;
        map.require_target(&arguments.target)?;
    }
    let mut reading = rescue.reading(map.as_ref(), &drive, &arguments.disc, &interrupt)?;
    let own_map = map.as_ref().filter(|map| !map.is_foreign());
    if let Some(map) = own_map.filter(|_| !arguments.again) {
        reading = reading.leaving_out(map.bad_blocks());
    }
    drive.set_reading(reading);
    let goes_on = map.as_ref().is_some_and(Map::goes_on);
    if !is_made && !goes_on {
        require_empty(arguments)?;
    }
    let mut run = Run {
        tools,
        arguments,
        interrupt: &interrupt,
        map,
        top,
        report: Report::new(tools.output),
        complaints: Complaints::new(tools.output),
        same: Same::default(),
        own_names: HashSet::new(),
    };
    let done = run.salvage(drive).map_err(|failure| run.resumable(failure));
    run.complaints.end();
    if let Some(made) = made.filter(|_| run.report.has_volumes()) {
        made.keep();
    }
    let saved = run.map.as_mut().map_or(Ok(()), Map::save);
    let told = run.report.finish();
    done.and(saved).and(told)?;
    run.report
        .judge(run.complaints.counts())
        .at(arguments.disc.display())
}

/// A directory that was made, and is removed if nothing comes into it.
struct Made<'a>(&'a Path);

impl Made<'_> {
    fn keep(self) {
        std::mem::forget(self);
    }
}

impl Drop for Made<'_> {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir(self.0);
    }
}

/// Fails if the target has files that are not known to be of this disc.
fn require_empty(arguments: &Salvage) -> Outcome {
    let target = &arguments.target;
    let entries = std::fs::read_dir(target).map_err(|error| Failure::host(target, error))?;
    let map = arguments.map.as_deref();
    for entry in entries {
        let path = entry.map_err(|error| Failure::host(target, error))?.path();
        if map.is_some_and(|map| is_same(map, &path)) {
            continue;
        }
        let failure = Failure::new(Exit::Failed, FailureKind::Exists, "this directory is not empty");
        let failure = failure.at(target.display());
        let hint = "name a new directory, or go on with the --map of the run that filled this one";
        return Err(failure.hint(hint));
    }
    Ok(())
}

impl Run<'_> {
    fn salvage(&mut self, mut drive: Drive) -> Outcome {
        let mut index = self.scan(&mut drive)?;
        // Each attempt on a bad block takes a drive seconds.
        drive.leave_out(index.unreadable());
        let kept = index.kept();
        self.report.totals = Totals {
            entries: kept.entries,
            unreadable_blocks: kept.unreadable,
            left_out: kept.left_out,
            ..Totals::default()
        };
        if let Some(map) = self.map.as_mut().filter(|map| !map.is_foreign()) {
            map.enter(&self.arguments.target)?;
        }
        let blocks = u64::from(drive.recorded_end().0);
        self.report.is_all_unreadable = blocks > 0 && kept.unreadable >= blocks;
        let recorded = blocks * BLOCK_SIZE as u64;
        for number in 1..=MOST_VOLUMES {
            self.interrupt.check()?;
            let next = Salvaged::next(drive, &mut index, &|| self.interrupt.asked());
            let next = next.map_err(|failed| Failure::from(failed.error));
            match next.at(self.arguments.disc.display())? {
                Next::Stopped(_) => return Err(Failure::interrupted()),
                Next::Nothing(_) => break,
                Next::Volume(mut volume) => {
                    self.volume(number, &mut volume, recorded)?;
                    drive = volume.into_drive();
                }
            }
        }
        self.report.totals.without_file = index.unexplained();
        Ok(())
    }

    /// Reads the disc, or what an earlier run did not.
    fn scan(&mut self, drive: &mut Drive) -> Outcome<Index> {
        let again = self.arguments.again;
        let only: Option<Vec<Range<u32>>> = self.map.as_ref().and_then(|map| map.left_to_scan(again));
        let bar = self.tools.progress.bytes(Some(0));
        bar.set_message("reading the disc");
        let (interrupt, map) = (self.interrupt, &mut self.map);
        let mut failed = None;
        let mut index = Index::default();
        let scanned = index.scan(drive, only.as_deref(), &mut |progress, index| {
            bar.set_length(progress.all * BLOCK_SIZE as u64);
            bar.set_position(progress.done * BLOCK_SIZE as u64);
            // A map may name many structures.
            let own = map.as_mut().filter(|map| !map.is_foreign());
            let saved = own.filter(|map| map.is_due()).map_or(Ok(()), |map| {
                map.add_structures(index.to_read_again());
                map.note_samples(index.samples());
                map.save()
            });
            failed = failed.take().or(saved.err());
            if interrupt.asked() || failed.is_some() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        bar.finish_and_clear();
        if let Some(map) = map {
            map.add_structures(index.to_read_again());
            map.note_samples(index.samples());
        }
        match (scanned, failed) {
            (_, Some(failure)) => Err(failure),
            (Ok(()), None) => Ok(index),
            (Err(ScanError::Stopped), None) => Err(Failure::interrupted()),
            (Err(ScanError::Drive(error)), None) => Err(VolumeError::from(error).into()),
        }
    }

    /// A failure that ends the run, with a hint on how to go on.
    fn resumable(&self, failure: Failure) -> Failure {
        let before = match failure.kind {
            FailureKind::Interrupted => "",
            FailureKind::NoRoom => "make room: ",
            _ => return failure,
        };
        let hint = match &self.map {
            Some(map) if !map.is_foreign() => "the same command goes on",
            _ => "with --map FILE a run that was stopped goes on when it is repeated",
        };
        failure.or_hint(&format!("{before}{hint}"))
    }
}

fn too_much(copied: u64, recorded: u64) -> Failure {
    let message = format_args!(
        "{} are copied, and the disc has {} recorded: files share blocks",
        size(copied),
        size(recorded)
    );
    Failure::new(Exit::Failed, FailureKind::NoRoom, message).hint("--yes goes on")
}
