//! `oncefs diff`

mod folder;
mod found;

use std::io::{self, BufWriter, Write};
use std::path::Path;

use oncefs::{At, Change, ErrorKind, Generation, Past};

use found::Found;

use super::{Tools, read};
use crate::arguments::{Diff, Until, View, parse_at};
use crate::changes::ShownChange;
use crate::failure::{Context, Exit, Failure, Outcome};
use crate::failure_kind::FailureKind;
use crate::output::{List, count};

/// Compares two generations, or a disc with a folder. As `diff` does, ends with exit code 1 if something
/// differs, so a failure has another.
pub fn run(tools: &Tools, arguments: &Diff) -> Outcome {
    let found = compare(tools, arguments).map_err(trouble)?;
    if found.unread > 0 {
        let unread = count(found.unread, "file or directory", "files and directories");
        let message = format!("{unread} could not be compared");
        return Err(
            Failure::new(Exit::Damaged, FailureKind::Incomplete, message).at(arguments.disc.display())
        );
    }
    match found.differences {
        0 => Ok(()),
        _ => Err(Failure::already_reported(Exit::Failed)),
    }
}

fn trouble(mut failure: Failure) -> Failure {
    if failure.exit == Exit::Failed {
        failure.exit = Exit::Usage;
    }
    failure
}

fn compare(tools: &Tools, arguments: &Diff) -> Outcome<Found> {
    let out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let list = List::new(out, tools.output.json);
    match arguments.second {
        Some(second) => {
            let first = parse_at(&arguments.first)
                .map_err(|expected| Failure::usage(format_args!("'{}': {expected}", arguments.first)))?;
            generations(tools, &arguments.disc, [first, second], list)
        }
        None => {
            let view = View {
                until: Until {
                    at: arguments.at,
                    ..Until::default()
                },
                ..View::default()
            };
            let mut volume = read::open(tools, &arguments.disc, view)?;
            let found = folder::compare(tools, arguments, &mut volume, list)?;
            read::require_newest(tools.output, &mut volume)?;
            Ok(found)
        }
    }
}

fn generations<W: Write>(tools: &Tools, disc: &Path, ends: [At; 2], mut list: List<W>) -> Outcome<Found> {
    let mut volume = read::open(tools, disc, View::default())?;
    let past = volume.past()?;
    let [first, second] = ends.map(|at| generation(&past, at));
    let (first, second) = (first.at(disc.display())?, second.at(disc.display())?);
    let mut found = Found::default();
    let mut listed: Outcome = Ok(());
    let mut comparison = volume.comparison();
    found.unread += comparison.begin(&first)?;
    found.unread += comparison.advance(&second, &mut |change: &Change| {
        found.differences += 1;
        if listed.is_ok() {
            listed = list.push(&ShownChange::of(change));
        }
    })?;
    drop(comparison);
    listed?;
    list.finish()?;
    Ok(found)
}

fn generation(past: &Past, at: At) -> Outcome<Generation> {
    match at.find(past) {
        Ok(generation) => Ok(*generation),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(Failure::from(error).hint("`oncefs log DISC` lists the generations"))
        }
        Err(error) => Err(error.into()),
    }
}
