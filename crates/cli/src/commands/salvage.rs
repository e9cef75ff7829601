//! `oncefs salvage`

mod account;
mod kind;
mod report;
mod same;

use std::collections::HashSet;
use std::ops::{ControlFlow, Range};
use std::os::fd::{AsFd, OwnedFd};

use oncefs::nodes::NodeKind;
use oncefs::salvage::{Form, Index, LostNode, Next, Salvaged, ScanError};
use oncefs::{BLOCK_SIZE, Drive, VolumeError};
use rustix::fs::FileType;

use self::account::Account;
use self::report::{Report, Totals, VolumeReport};
use self::same::Same;
use super::Tools;
use super::add::size;
use crate::arguments::{Rescue, Salvage};
use crate::extract::{Copier, enter, kind as kind_on_host, target_directory};
use crate::failure::{Context, Exit, Failure, Outcome};
use crate::failure_kind::FailureKind;
use crate::interrupt::Interrupt;
use crate::rescue::Map;

/// The most volumes that are copied from a disc.
const MOST_VOLUMES: usize = 8;
/// The directory of files without a name.
const LOST_AND_FOUND: &str = "lost+found";

/// What a run works with.
struct Run<'a> {
    tools: &'a Tools,
    arguments: &'a Salvage,
    interrupt: &'a Interrupt,
    map: Option<Map>,
    top: OwnedFd,
    report: Report,
    same: Same,
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
    if let Some(map) = &mut map {
        let capacity = u64::from(drive.medium().capacity_blocks) * BLOCK_SIZE as u64;
        let length = capacity.max(drive.recorded_bytes());
        map.begin_ruin(&mut drive, length)?;
    }
    let mut reading = rescue.reading(map.as_ref(), &drive, &arguments.disc, &interrupt)?;
    let own_map = map.as_ref().filter(|map| !map.is_foreign());
    if let Some(map) = own_map.filter(|_| !arguments.again) {
        reading = reading.leaving_out(map.bad_blocks());
    }
    drive.set_reading(reading);
    let (top, is_made) = target_directory(&arguments.target)?;
    if let Some(map) = &mut map {
        map.require_target(&arguments.target)?;
    }
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
        report: Report::new(tools.output.json),
        same: Same::default(),
    };
    let done = run.salvage(drive);
    let saved = run.map.as_mut().map_or(Ok(()), Map::save);
    done.and(saved)?;
    tools.output.result(&run.report)?;
    run.report.judge().at(arguments.disc.display())
}

/// Fails if the target has files that are not known to be of this disc.
fn require_empty(arguments: &Salvage) -> Outcome {
    let target = &arguments.target;
    let mut entries = std::fs::read_dir(target).map_err(|error| Failure::host(target, error))?;
    if entries.next().is_none() {
        return Ok(());
    }
    let failure = Failure::new(Exit::Failed, FailureKind::Exists, "this directory is not empty");
    let failure = failure.at(target.display());
    Err(failure.hint("name a new directory, or go on with the --map of the run that filled this one"))
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
        let recorded = u64::from(drive.recorded_end().0) * BLOCK_SIZE as u64;
        for number in 1..=MOST_VOLUMES {
            self.interrupt.check()?;
            let next = Salvaged::next(drive, &mut index, &|| self.interrupt.asked());
            let next = next.map_err(|failed| Failure::from(failed.error));
            match next.at(self.arguments.disc.display())? {
                Next::Stopped(_) => return Err(self.stopped()),
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
            (Err(ScanError::Stopped), None) => Err(self.stopped()),
            (Err(ScanError::Drive(error)), None) => Err(VolumeError::from(error).into()),
        }
    }

    fn stopped(&self) -> Failure {
        let failure = Failure::interrupted();
        match &self.map {
            Some(map) if !map.is_foreign() => failure.hint("the same command goes on"),
            _ => failure.hint("with --map FILE a run that was stopped goes on when it is repeated"),
        }
    }

    /// Copies what a volume has and no volume before it.
    fn volume(&mut self, number: usize, salvaged: &mut Salvaged, recorded: u64) -> Outcome {
        let versions = self.arguments.versions;
        if number > 1 && !self.same.has_news(salvaged, versions, recorded, self.interrupt)? {
            return Ok(());
        }
        let described = VolumeReport::of(salvaged);
        let (root, lost) = (salvaged.root(), salvaged.lost().to_vec());
        let block_size = u64::from(salvaged.layout().block_size().bytes());
        let is_virtual = salvaged.layout().form() == Form::Virtual;
        let ground = salvaged.layout().ground().filter(|_| is_virtual);
        let ground = ground.map(|ground| ground.0);
        let (volume, view) = salvaged.parts();
        let directory = (number > 1).then(|| free_name(&self.top, &format!("volume {number}")));
        let prefix = directory
            .as_ref()
            .map_or_else(String::new, |name| format!("/{name}"));
        let json = self.tools.output.json;
        let complain = move |failure: &Failure| {
            failure.report(json);
        };
        let mut account = Account::new(
            view,
            &mut self.report,
            &mut self.same,
            &prefix,
            ground,
            versions,
            recorded,
        );
        let root = root.and_then(|root| volume.node(root).ok());
        let root = root.filter(|root| account.enters(volume, "/", root));
        let bar = self.tools.progress.bytes(Some(recorded));
        let top = match &directory {
            Some(name) => enter(self.top.as_fd(), name).map_err(Failure::failed)?,
            None => self.top.try_clone().map_err(Failure::failed)?,
        };
        let lost_and_found = free_name(&top, LOST_AND_FOUND);
        let copier = Copier::new(volume, top, false, bar, self.interrupt, &complain);
        let mut copier = copier
            .below_map(directory.as_deref())
            .filling(true)
            .with_map(self.map.as_mut())
            .with_witness(&mut account);
        if !self.arguments.force {
            copier = copier.asking_beyond(recorded, |_, copied| Err(too_much(copied, recorded)));
        }
        let mut names = HashSet::new();
        let stopped = (|| {
            if let Some(root) = &root {
                copier.copy(root, None, &prefix, false)?;
            }
            for one in &lost {
                if one.is_deleted && !self.arguments.versions {
                    continue;
                }
                let Some((node, ending)) = copier.look_at(|volume| {
                    let node = one.node(volume).ok()?;
                    let ending = kind::ending(volume, &node);
                    Some((node, ending))
                }) else {
                    continue;
                };
                if one.is_deleted && node.kind == NodeKind::Directory {
                    continue;
                }
                let name = name_of(one, ending, block_size, &mut names);
                let path = format!("{prefix}/{lost_and_found}/{name}");
                copier.copy_into(&lost_and_found, &node, &name, &path)?;
            }
            Ok(())
        })();
        let (copied, _) = copier.finish();
        self.same.end_volume();
        self.report.add_volume(described, copied);
        stopped
    }
}

/// A name that nothing but a directory has in a directory of the host.
fn free_name(directory: &OwnedFd, name: &str) -> String {
    let found = |name: &str| kind_on_host(directory.as_fd(), name);
    let is_free = |name: &str| matches!(found(name), Ok(None | Some(FileType::Directory)));
    let numbered = (2..1000).map(|number| format!("{name}~{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names
        .find(|name| is_free(name))
        .unwrap_or_else(|| name.to_owned())
}

/// The name of a file that has none, which becomes one of `names`. Parts of several directories may be in
/// one block.
fn name_of(
    lost: &LostNode,
    ending: Option<&'static str>,
    block_size: u64,
    names: &mut HashSet<String>,
) -> String {
    let block = lost.byte / block_size;
    let mut number = 1;
    loop {
        let place = match number {
            1 => format!("#{block}"),
            _ => format!("#{block}~{number}"),
        };
        let name = match (&lost.name, ending) {
            (Some(name), _) => format!("{place} {name}"),
            (None, Some(ending)) => format!("{place}.{ending}"),
            (None, None) => place,
        };
        if names.insert(name.clone()) {
            return name;
        }
        number += 1;
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
