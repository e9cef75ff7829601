//! `oncefs map`

mod json;
mod text;

use std::fs;
use std::io::{self, BufWriter, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use oncefs::check::{Options as CheckOptions, Report};
use oncefs::portrait::{Options, Portrait};
use oncefs::{Disc, Reading, Status, Volume};
use tempfile::NamedTempFile;

use super::{Tools, read};
use crate::among_devices::require_elsewhere;
use crate::arguments::Map;
use crate::discs::How;
use crate::failure::{Context, Exit, Failure, Outcome};
use crate::failure_kind::FailureKind;
use crate::output::{count, written};
use crate::rescue;
use crate::time;
use crate::trace_file::is_same;

/// The name of standard output as a file to write.
const STDOUT: &str = "-";

/// Shows what each block of a disc is.
pub fn run(tools: &Tools, arguments: &Map) -> Outcome {
    require_targets(arguments, tools.discs.trace.as_deref())?;
    let mut lost: Vec<Range<u32>> = Vec::new();
    let mut volume = read::open_finding(tools, &arguments.disc, arguments.view, true, |drive| {
        if let Some(map) = &arguments.mapfile {
            lost = rescue::Map::unreadable(map, &arguments.disc, drive)?;
        }
        Ok(Reading::new().leaving_out(lost.clone()))
    })?;
    let report = report(tools, arguments)?;
    let options = Options {
        report: report.as_ref(),
        unreadable: &lost,
    };
    let mut portrait = volume.portrait(&options).map_err(Failure::from)?;
    let newest = read::require_newest(tools.output, &mut volume);
    if volume.disc().status == Status::Appendable
        && Disc::new(&arguments.disc).is_writable()
        && let Some(blocks) = kept_back(volume)
    {
        portrait.keep_back(blocks);
    }
    let name = arguments.disc.file_name().unwrap_or(arguments.disc.as_os_str());
    let name = name.to_string_lossy();
    if let Some(target) = &arguments.svg {
        write_picture(target, |out| portrait.write_svg(&name, out))?;
    }
    if let Some(target) = &arguments.html {
        write_picture(target, |out| portrait.write_page(&name, out))?;
    }
    if !targets(arguments).any(|target| target == Path::new(STDOUT)) {
        show(tools, &portrait)?;
    }
    newest
        .and_then(|()| require_all_read(&portrait))
        .at(arguments.disc.display())
}

/// Fails if files may be missing because their nodes or directories cannot be read.
fn require_all_read(portrait: &Portrait) -> Outcome {
    let unread = portrait.left().unread_nodes;
    if unread == 0 {
        return Ok(());
    }
    let what = count(unread, "node or directory", "nodes and directories");
    let message = format!("{what} cannot be read, and what they use counts as named by no generation");
    let failure = Failure::new(Exit::Damaged, FailureKind::Damaged, message);
    Err(failure
        .hint("another drive may read more; `oncefs salvage DISC --to DIR` looks for files without them"))
}

fn targets(arguments: &Map) -> impl Iterator<Item = &Path> {
    [&arguments.svg, &arguments.html]
        .into_iter()
        .flatten()
        .map(PathBuf::as_path)
}

/// Fails if a picture cannot go to its file, before anything is read.
fn require_targets(arguments: &Map, trace: Option<&Path>) -> Outcome {
    for target in targets(arguments).filter(|target| *target != Path::new(STDOUT)) {
        require_target(target, &arguments.disc)?;
    }
    let all: Vec<&Path> = targets(arguments).chain(trace).collect();
    for (at, target) in all.iter().enumerate() {
        if all[..at].iter().any(|other| is_same(other, target)) {
            let message = "two outputs of this command go to this file; name another one";
            return Err(Failure::usage(message).at(target.display()));
        }
    }
    Ok(())
}

/// What a check finds, if it is asked for.
fn report(tools: &Tools, arguments: &Map) -> Outcome<Option<Report>> {
    if !(arguments.check || arguments.data || arguments.html.is_some()) {
        return Ok(None);
    }
    let how = How {
        until: arguments.view.until,
        ..How::default()
    };
    let options = CheckOptions {
        read_data: arguments.data,
        ..CheckOptions::default()
    };
    let disc = tools.discs.options_as(&arguments.disc, how)?;
    let report = disc.check(&arguments.disc, &options)?;
    if report.interrupted().is_none() {
        return Ok(Some(report));
    }
    let interrupted = report.into_interrupted().map(Failure::from);
    interrupted.map_or(Ok(None), Err).at(arguments.disc.display())
}

fn kept_back(volume: Volume) -> Option<u64> {
    volume
        .into_room(time::now())
        .ok()
        .map(|room| room.kept_back_blocks)
}

fn show(tools: &Tools, portrait: &Portrait) -> Outcome {
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    if tools.output.json {
        json::write(portrait, &mut out)?;
    } else {
        let style = text::Style::of_terminal();
        write!(out, "{}", text::Text { portrait, style }).map_err(written)?;
    }
    out.flush().map_err(written)
}

/// Fails if a file to write is the disc or its side file, or would be created among the devices.
fn require_target(target: &Path, disc: &Path) -> Outcome {
    if is_same(target, disc) || is_same(target, &Disc::new(disc).side_file()) {
        let message = "this is the image or its side file; name another file";
        return Err(Failure::usage(message).at(target.display()));
    }
    if target.metadata().is_ok_and(|status| !status.is_file()) {
        return Err(Failure::usage("this is not a regular file").at(target.display()));
    }
    if target.is_symlink() && !target.exists() {
        return Err(Failure::usage("this link leads nowhere; name another file").at(target.display()));
    }
    require_elsewhere(target)
}

/// Writes a file as a whole: one that exists stays until the new one is complete. `-` is standard output.
fn write_picture(target: &Path, write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> Outcome {
    if target == Path::new(STDOUT) {
        let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
        return write(&mut out).and_then(|()| out.flush()).map_err(written);
    }
    let host = |error: io::Error| Failure::host(target, error);
    // A link stays a link.
    let target = fs::canonicalize(target).unwrap_or_else(|_| target.to_owned());
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let file: NamedTempFile = builder
        .prefix(".oncefs-map-")
        .tempfile_in(folder.unwrap_or(Path::new(".")))
        .map_err(host)?;
    let mut out = BufWriter::with_capacity(1 << 16, file);
    write(&mut out).map_err(host)?;
    let file = out.into_inner().map_err(|error| host(error.into_error()))?;
    file.persist(&target).map_err(|error| host(error.error))?;
    Ok(())
}
