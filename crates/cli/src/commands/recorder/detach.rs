//! `oncefs recorder detach`

use std::fs::read_dir;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tcmu::{FoundUnit, Uio, serve};

use super::attached::found;
use super::device::Gone;
use crate::arguments::Detach;
use crate::failure::{Failure, Outcome};

/// How long a program may take to detach by itself.
const PATIENCE: Duration = Duration::from_secs(60);

/// Detaches one recorder, or all.
pub fn run(arguments: &Detach) -> Outcome {
    let chosen: Vec<FoundUnit> = found()?
        .into_iter()
        .filter(|found| arguments.name.as_ref().is_none_or(|name| *name == found.name))
        .collect();
    if let (true, Some(name)) = (chosen.is_empty(), &arguments.name) {
        return Err(Failure::failed("no recorder of this name is attached").at(name));
    }
    for found in &chosen {
        detach(found).map_err(|failure| failure.at(&found.name))?;
    }
    Ok(())
}

fn detach(found: &FoundUnit) -> Outcome {
    if found.backstore.is_answered() {
        stop(found)
    } else {
        clear(found)
    }
}

/// Asks the answering program to end, and waits until it has removed what it made.
fn stop(found: &FoundUnit) -> Outcome {
    let device = format!("/dev/uio{}", found.backstore.uio()?);
    let process = holder(Path::new(&device))
        .ok_or_else(|| Failure::failed(format_args!("the process that answers {device} cannot be found")))?;
    kill_process(process, Signal::TERM)
        .map_err(|error| Failure::failed(format_args!("process {}: {error}", process.as_raw_nonzero())))?;
    let started = Instant::now();
    while found.backstore.path().exists() {
        if started.elapsed() > PATIENCE {
            let message = format!("process {} does not end", process.as_raw_nonzero());
            return Err(Failure::failed(message));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// The process that has a device open.
fn holder(device: &Path) -> Option<Pid> {
    read_dir("/proc")
        .ok()?
        .filter_map(Result::ok)
        .find_map(|process| {
            let number = process.file_name().to_str()?.parse().ok()?;
            let holds = read_dir(process.path().join("fd"))
                .ok()?
                .filter_map(Result::ok)
                .any(|file| std::fs::read_link(file.path()).is_ok_and(|target| target == device));
            holds.then(|| Pid::from_raw(number)).flatten()
        })
}

/// Removes what a dead program left. Commands that still wait find no medium.
fn clear(found: &FoundUnit) -> Outcome {
    let (stop, stopped) = UnixStream::pair().map_err(Failure::failed)?;
    // A program killed before the device was enabled has nothing to answer.
    let opened = found.backstore.uio().and_then(Uio::open).ok();
    let answering = std::thread::spawn(move || match opened {
        Some((mut uio, mut ring)) => serve(&mut uio, &mut ring, &mut Gone, &stopped),
        None => Ok(()),
    });
    let removed = found.loopback.as_ref().map_or(Ok(()), tcmu::Loopback::remove);
    drop(stop);
    let answered = answering.join();
    removed?;
    found.backstore.remove()?;
    match answered {
        Ok(answered) => Ok(answered?),
        Err(_) => Err(Failure::failed("the recorder ended by a fault of this program")),
    }
}
