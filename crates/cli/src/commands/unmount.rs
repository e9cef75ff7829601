//! `oncefs unmount`

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use oncefs::{Disc, DiscError};
use rustix::io::Errno;
use rustix::mount::UnmountFlags;
use serde::Serialize;

use super::Tools;
use crate::arguments::Unmount;
use crate::failure::{Failure, Outcome};
use crate::mounts::{self, Mounted};

/// How long the background program may take to give the disc back once everything is committed.
const PATIENCE: Duration = Duration::from_secs(60);

/// The result of unmounting.
#[derive(Serialize)]
struct Down {
    disc: PathBuf,
    mountpoint: PathBuf,
}

/// Commits, unmounts, and waits until the disc is free.
pub fn run(tools: &Tools, arguments: &Unmount) -> Outcome {
    let directory = &arguments.mountpoint;
    let Some(mounted) = mounts::at(directory) else {
        let message = "no volume is mounted here by this program";
        return Err(Failure::failed(message).at(directory.display()));
    };
    let bar = tools.progress.waiting("committing the changes");
    let committed = commit(tools, &mounted);
    bar.finish_and_clear();
    match committed {
        Err(failure) if arguments.discard => tools
            .output
            .warn(format_args!("{}; the changes are lost", failure.message)),
        committed => committed?,
    }
    unmount(&mounted.mountpoint)?;
    wait_for_disc(&mounted)?;
    tools.output.result(&Down {
        disc: mounted.disc,
        mountpoint: mounted.mountpoint,
    })
}

fn commit(tools: &Tools, mounted: &Mounted) -> Outcome {
    let root = File::open(&mounted.mountpoint).and_then(|root| root.sync_all());
    match root {
        Err(error) if mounts::is_dead(&error) => {
            tools
                .output
                .warn("the program behind the mount has ended: the volume is as it was at the last commit");
            Ok(())
        }
        Err(error) if mounted.writable => Err(Failure::host(&mounted.mountpoint, error)
            .at("the changes cannot be committed")
            .hint("the system log says why; copy the changed files elsewhere, then unmount with --discard")
            .leaving("the volume as it was at the last commit")),
        _ => Ok(()),
    }
}

fn unmount(mountpoint: &Path) -> Outcome {
    match rustix::mount::unmount(mountpoint, UnmountFlags::empty()) {
        Ok(()) => Ok(()),
        Err(Errno::PERM) => unmount_as_user(mountpoint),
        Err(error) => Err(busy(mountpoint, error.into())),
    }
}

/// Unmounts with the program that lets users other than root mount.
fn unmount_as_user(mountpoint: &Path) -> Outcome {
    let run = Command::new("fusermount3")
        .arg("-u")
        .arg("--")
        .arg(mountpoint)
        .status();
    match run {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(busy(mountpoint, Errno::BUSY.into())),
        Err(error) => Err(Failure::failed(format_args!("fusermount3: {error}")).at(mountpoint.display())),
    }
}

fn busy(mountpoint: &Path, error: std::io::Error) -> Failure {
    let failure = Failure::host(mountpoint, error);
    failure
        .hint("`fuser -vm DIRECTORY` shows who uses it; everything is committed")
        .leaving("everything that was changed")
}

fn wait_for_disc(mounted: &Mounted) -> Outcome {
    let started = Instant::now();
    while mounted.writable
        && let Err(DiscError::InUse(_)) = Disc::new(&mounted.disc).read()
    {
        if started.elapsed() > PATIENCE {
            return Err(Failure::failed("it is unmounted but still in use").at(mounted.disc.display()));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

impl fmt::Display for Down {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (disc, mountpoint) = (self.disc.display(), self.mountpoint.display());
        writeln!(f, "{disc} is unmounted from {mountpoint}")
    }
}
