//! `oncefs extract`

use std::collections::HashSet;
use std::fmt;
use std::os::fd::{AsFd, BorrowedFd};

use oncefs::Drive;
use oncefs::nodes::{Body, ExtentKind, Node, NodeKind, Volume};
use serde::Serialize;

use super::add::size;
use super::{Tools, read};
use crate::arguments::Extract;
use crate::confirm;
use crate::disc_path::DiscPath;
use crate::extract::{Conflict, Copied, Copier, Search, room, target_directory};
use crate::failure::{Context, Exit, Failure, Outcome};
use crate::failure_kind::FailureKind;
use crate::interrupt::Interrupt;
use crate::output::count;
use crate::rescue::Map;
use crate::source::{Own, OwnFiles};
use crate::tree::{Step, Tree};

/// One of the paths to copy.
struct Part {
    path: DiscPath,
    /// `None`: the contents of a directory.
    name: Option<String>,
    node: Node,
}

/// What the map of a damaged disc means for the files in the target.
#[derive(Clone, Copy)]
struct MapState {
    /// It knows those that an earlier run left.
    goes_on: bool,
    /// It knows none yet.
    begins_map: bool,
}

#[derive(Serialize)]
struct Extracted {
    #[serde(flatten)]
    copied: Copied,
}

/// Copies files from a disc.
pub fn run(tools: &Tools, arguments: &Extract) -> Outcome {
    let interrupt = Interrupt::watch()?;
    let mut map = Map::of(&arguments.rescue, tools.discs.trace.as_deref(), &arguments.disc)?;
    let reading = |drive: &Drive| {
        arguments
            .rescue
            .reading(map.as_ref(), drive, &arguments.disc, &interrupt)
    };
    let mut opened = read::open_reading(tools, &arguments.disc, arguments.view, reading)?;
    let Some(map) = &mut map else {
        return copy(tools, arguments, &interrupt, &mut opened, None);
    };
    map.begin(opened.open_volume().volume())?;
    let copied = copy(tools, arguments, &interrupt, &mut opened, Some(&mut *map));
    let saved = map.save();
    copied.and(saved)
}

fn copy(
    tools: &Tools,
    arguments: &Extract,
    interrupt: &Interrupt,
    opened: &mut oncefs::Volume,
    map: Option<&mut Map>,
) -> Outcome {
    // Each node and each extent is read once, which takes the volume below.
    let volume = opened.open_volume().volume();
    let parts = parts(volume, &arguments.paths)?;
    let own = Own::of(&arguments.disc, tools.discs.trace.as_deref());
    let own = own.files().with(volume.drive().image_files());
    let (top, is_made) = target_directory(&arguments.target)?;
    let mut map = map;
    let own = match &mut map {
        Some(map) => {
            map.require_target(&arguments.target)?;
            own.and(arguments.rescue.mapfile.as_deref())
        }
        None => own,
    };
    let goes_on = map.as_ref().is_some_and(|map| map.goes_on());
    let begins_map = map
        .as_ref()
        .is_some_and(|map| !map.goes_on() && !map.is_foreign());
    let state = MapState { goes_on, begins_map };
    let fill = arguments.fill || map.is_some();
    let replaces = !is_made && may_replace(volume, &own, top.as_fd(), &parts, arguments, state)?;
    if let Some(map) = map.as_mut().filter(|map| !map.is_foreign()) {
        map.enter(&arguments.target)?;
    }
    let json = tools.output.json;
    let complain = move |failure: &Failure| {
        failure.report(json);
    };
    let recorded = volume.recorded_bytes();
    let is_tight = !arguments.force && !goes_on && room(top.as_fd()).is_some_and(|free| free < recorded);
    if is_tight {
        require_room(volume, top.as_fd(), arguments, &parts, 0)?;
    }
    let is_whole = parts.iter().any(|part| part.path.names().is_empty());
    let bar = tools.progress.bytes(is_whole.then_some(recorded));
    let target = top.try_clone().map_err(Failure::failed)?;
    let copier = Copier::new(volume, top, replaces, bar, interrupt, &complain);
    let mut copier = copier.with_streams(arguments.streams).filling(fill);
    copier = copier.reversing(arguments.reverse).with_map(map);
    if !is_tight && !arguments.force && !goes_on {
        // Checking all files takes as long as reading the disc, and only files that share blocks need more
        // room than the disc.
        let ask =
            |volume: &mut Volume, copied| require_room(volume, target.as_fd(), arguments, &parts, copied);
        copier = copier.asking_beyond(recorded, ask);
    }
    let stopped = parts.iter().find_map(|Part { path, name, node }| {
        copier
            .copy(node, name.as_deref(), &path.to_string(), is_made)
            .err()
    });
    let (copied, worst) = copier.finish();
    if let Some(mut failure) = stopped {
        let whole = count(copied.files, "file is", "files are");
        failure.message = format!("{}; {whole} whole, all others are missing", failure.message);
        if failure.kind == FailureKind::NoRoom {
            failure = failure.hint("make room and extract again, with --yes over the files that are there");
        }
        return Err(failure);
    }
    let failed = copied.failed;
    tools.output.result(&Extracted { copied })?;
    let newest = read::require_all(tools.output, opened);
    match worst {
        None => newest,
        Some(exit) => {
            let kind = if exit == Exit::Damaged {
                FailureKind::Damaged
            } else {
                FailureKind::Failed
            };
            Err(Failure::new(
                exit,
                kind,
                format_args!("{} could not be copied whole", count(failed, "file", "files")),
            ))
        }
    }
}

/// Whether to replace files that exist, by option or by an answer on a terminal. If not, the command is
/// refused before anything is written, as it is if a directory or a file of the disc itself would have to be
/// replaced.
fn may_replace(
    volume: &mut Volume,
    own: &OwnFiles,
    top: BorrowedFd<'_>,
    parts: &[Part],
    arguments: &Extract,
    state: MapState,
) -> Outcome<bool> {
    let mut search = Search::new(own, arguments.streams, state.goes_on);
    for Part { path, name, node } in parts {
        search.run(volume, top, name.as_deref(), node, &path.to_string())?;
    }
    let mut found = search.found();
    if arguments.force && !state.begins_map {
        found.retain(|conflict| !conflict.is_replaceable);
    }
    if found.is_empty() {
        return Ok(arguments.force);
    }
    let is_question = found.iter().all(|conflict| conflict.is_replaceable);
    let refused: Vec<_> = found
        .into_iter()
        .map(|Conflict { refusal, .. }| refusal)
        .collect();
    if is_question && !state.begins_map && confirm::is_possible() {
        confirm::replacing(&arguments.target, &refused)?;
        return Ok(true);
    }
    let message = format_args!(
        "{} in the way, nothing was written",
        count(refused.len() as u64, "file is", "files are")
    );
    let mut failure = Failure::new(Exit::Failed, FailureKind::Exists, message);
    failure.refused = refused;
    Err(failure.hint(if state.begins_map {
        "a run that begins a map replaces no files, because they may lack what the map does not know: name an empty directory"
    } else {
        "--yes replaces files, never directories or the disc itself"
    }))
}

/// Finds all paths before anything is written.
fn parts(volume: &mut Volume, paths: &[String]) -> Outcome<Vec<Part>> {
    let mut parts = Vec::new();
    for text in paths {
        let path = DiscPath::new(text);
        let node = volume.lookup_path(&path.to_string()).at(&path)?;
        let name = if DiscPath::means_contents(text) {
            None
        } else {
            path.split().map(|(_, name)| name.to_owned())
        };
        if name.is_none() && node.kind != NodeKind::Directory {
            return Err(Failure::failed("not a directory").at(&path));
        }
        parts.push(Part { path, name, node });
    }
    Ok(parts)
}

/// Refuses files for which the target has no room, unless the user confirms. `copied` bytes of them are
/// copied already.
fn require_room(
    volume: &mut Volume,
    top: BorrowedFd<'_>,
    arguments: &Extract,
    parts: &[Part],
    copied: u64,
) -> Outcome {
    let total = total(volume, parts);
    let room = room(top).map(|free| free.saturating_add(copied));
    let Some(room) = room.filter(|room| *room < total) else {
        return Ok(());
    };
    let target = &arguments.target;
    let mut message = format!(
        "the files are {} together, and there is room for {}",
        size(total),
        size(room)
    );
    let recorded = volume.recorded_bytes();
    if total > recorded {
        message += &format!(
            "; they share blocks on the disc, which has {} recorded",
            size(recorded)
        );
    }
    if confirm::is_possible() && confirm::without_room(target, &message)? {
        return Ok(());
    }
    Err(Failure::new(Exit::Failed, FailureKind::NoRoom, message)
        .at(target.display())
        .hint("--yes extracts as many files as fit"))
}

/// Bytes of data of all files, without holes and each file once, found by a separate walk.
fn total(volume: &mut Volume, parts: &[Part]) -> u64 {
    let mut several_names = HashSet::new();
    let mut bytes = |volume: &mut Volume, node: &Node| {
        let is_first = node.entry.file_link_count < 2 || several_names.insert(node.address);
        if node.kind != NodeKind::File || !is_first {
            return 0;
        }
        match volume.body(node) {
            Ok(Body::Extents(extents)) => {
                let recorded = extents
                    .iter()
                    .filter(|extent| matches!(extent.kind, ExtentKind::Recorded(_)));
                recorded.fold(0, |sum: u64, extent| sum.saturating_add(extent.length))
            }
            // The copy reports what cannot be read.
            _ => node.size().min(oncefs::BLOCK_SIZE as u64),
        }
    };
    let mut total = 0_u64;
    for Part { path, node, .. } in parts {
        total = total.saturating_add(bytes(volume, node));
        if node.kind != NodeKind::Directory {
            continue;
        }
        let mut tree = Tree::new(node.clone(), &path.to_string());
        while let Some(step) = tree.step(volume) {
            let Ok(Step::Entry(entry)) = step else { continue };
            // The copy reports what cannot be read.
            let Ok(node) = entry.node(volume) else { continue };
            total = total.saturating_add(bytes(volume, &node));
            if node.kind == NodeKind::Directory {
                tree.enter(node, &entry.path);
            }
        }
    }
    total
}

impl fmt::Display for Extracted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Copied {
            directories,
            files,
            others,
            streams,
            bytes,
            ..
        } = &self.copied;
        write!(f, "extracted {}", count(*files, "file", "files"))?;
        write!(f, " and {}", count(*directories, "directory", "directories"))?;
        if *others > 0 {
            write!(f, ", {others} others")?;
        }
        if *streams > 0 {
            write!(f, ", {}", count(*streams, "stream", "streams"))?;
        }
        writeln!(f, ", {}", size(*bytes))
    }
}
