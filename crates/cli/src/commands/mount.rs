//! `oncefs mount`

use std::fmt;
use std::io::Read as _;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use fuse::{Mount, ONCEFS, Options, Report, Unmounter};
use oncefs::control::VolumeFlags;
use oncefs::{OpenVolume, Past, Recording, Volume};
use serde::Serialize;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::low_level::pipe;

use super::{Tools, log, read};
use crate::arguments::{self, Interval, Until, View};
use crate::failure::{Context, Failure, Outcome};
use crate::output::{Output, count};
use crate::terminal::Shown;
use crate::{background, mounts, time};

/// The result of mounting.
#[derive(Serialize)]
struct Up {
    disc: PathBuf,
    mountpoint: PathBuf,
    label: String,
    writable: bool,
    /// The number of generations that the mount shows; `None` if it shows none.
    generations: Option<usize>,
}

/// Mounts a volume: in the foreground until it is unmounted, otherwise until it is ready.
pub fn run(tools: &Tools, arguments: &arguments::Mount) -> Outcome {
    if arguments.foreground {
        return serve(tools, arguments);
    }
    if background::is_child() {
        background::leave()?;
        return serve(tools, arguments);
    }
    background::start()
}

fn serve(tools: &Tools, arguments: &arguments::Mount) -> Outcome {
    let directory = &arguments.mountpoint;
    let (woken, waker) = UnixStream::pair().map_err(Failure::failed)?;
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        let end = waker.try_clone().map_err(Failure::failed)?;
        pipe::register(signal, end)
            .map_err(|error| Failure::failed(format_args!("signals cannot be watched: {error}")))?;
    }
    let mountpoint = directory
        .canonicalize()
        .map_err(|error| Failure::host(directory, error))?;
    let Opened {
        disc,
        volume,
        label,
        writable,
        past,
    } = open(tools, arguments)?;
    let up = Up {
        disc,
        mountpoint,
        label,
        writable,
        generations: past.as_ref().map(|past| past.generations().len()),
    };
    let options = options(tools.output, arguments, &up, past);
    let mount = Mount::begin(volume, directory, options).map_err(|error| {
        Failure::host(directory, error)
            .hint("a mount needs /dev/fuse (`modprobe fuse`); users other than root also need fusermount3 from the package fuse3")
    })?;
    end_by_signal(mount.unmounter(), woken);
    tools.output.result(&up)?;
    if background::is_child() {
        background::ready()?;
    }
    mount.serve().map_err(|error| match error {
        fuse::Error::Commit { error, used } => Failure::from(error)
            .at(up.disc.display())
            .leaving("the volume as it was at the last commit")
            .using(used),
        error => Failure::failed(error).at(up.disc.display()),
    })
}

/// A volume to mount.
struct Opened {
    disc: PathBuf,
    volume: OpenVolume,
    label: String,
    writable: bool,
    past: Option<Past>,
}

/// Opens the volume for changes, or for reading with a note if it takes none.
fn open(tools: &Tools, arguments: &arguments::Mount) -> Outcome<Opened> {
    let path = &arguments.disc;
    let disc = path.canonicalize().map_err(|error| Failure::host(path, error))?;
    if !mounts::can_name(&disc) {
        return Err(Failure::failed("the table of mounts cannot contain this path").at(disc.display()));
    }
    if arguments.read_only {
        let view = View {
            rom_view: arguments.rom_view,
            until: Until {
                session: arguments.session,
                last_block: arguments.last_block,
                at: arguments.at,
            },
        };
        let mut volume = read::open(tools, &disc, view)?;
        require_shown(tools, arguments, &mut volume).at(path.display())?;
        return Ok(Opened {
            past: past(tools, arguments, &volume).at(path.display())?,
            disc,
            label: volume.label(),
            volume: checked(volume).at(path.display())?,
            writable: false,
        });
    }
    // By its absolute path: the background program leaves the directory where it was started.
    let drive = tools.discs.open_to_answer(&disc, arguments.stated.medium)?;
    let opened = Volume::from_drive(tools.listening(drive));
    let opened = opened.inspect_err(|error| read::tell(tools.output, error.losses()));
    let mut volume = opened.at(path.display())?;
    read::tell(tools.output, &volume.losses());
    read::tell_what_follows(tools.output, &volume);
    let label = volume.label();
    if VolumeFlags::of(volume.open_volume().volume()).contains(VolumeFlags::FILE_READ_ONLY_VOLUME) {
        require_shown(tools, arguments, &mut volume).at(path.display())?;
        tools
            .output
            .note("it takes no changes and is mounted for reading");
        return Ok(Opened {
            past: past(tools, arguments, &volume).at(path.display())?,
            disc,
            label,
            volume: checked(volume).at(path.display())?,
            writable: false,
        });
    }
    if arguments.stated.accept_losses {
        volume.accept_losses();
    }
    let past = past(tools, arguments, &volume).at(path.display())?;
    let recording = Recording::from_volume(volume, time::now()).at(path.display());
    let recording =
        recording.map_err(|failure| failure.or_hint("--read-only mounts it and records nothing"))?;
    Ok(Opened {
        disc,
        label,
        volume: recording.into_open_volume(),
        writable: true,
        past,
    })
}

/// The generations to show, if the user asks for them. A directory of the volume at their place is shown
/// instead.
fn past(tools: &Tools, arguments: &arguments::Mount, volume: &Volume) -> Outcome<Option<Past>> {
    if !arguments.past {
        return Ok(None);
    }
    // If the root is damaged, the generations may be all that is left.
    if matches!(volume.exists(ONCEFS), Ok(true)) {
        tools.output.note(format_args!(
            "the volume has its own '{ONCEFS}', so the mount does not show the generations; --at mounts one of them"
        ));
        return Ok(None);
    }
    let past = volume.past()?;
    log::tell_gaps(tools.output, &past);
    Ok(Some(past))
}

/// Fails if an earlier state than the newest would be mounted, unless the user accepts that, or chose it.
fn require_shown(tools: &Tools, arguments: &arguments::Mount, volume: &mut Volume) -> Outcome {
    let is_chosen = arguments.session.is_some() || arguments.last_block.is_some() || arguments.at.is_some();
    if arguments.stated.accept_losses || is_chosen && volume.is_newest() {
        return Ok(());
    }
    read::require_all(tools.output, volume)
        .map_err(|failure| failure.hint("--read-only --accept-losses mounts this state; another copy, or another drive, may have the newest"))
}

/// The volume to mount; fails if it has no root.
fn checked(volume: Volume) -> Outcome<OpenVolume> {
    volume.metadata("/")?;
    Ok(volume.into_open_volume())
}

fn options(output: Output, arguments: &arguments::Mount, up: &Up, past: Option<Past>) -> Options {
    let Interval(commit_after) = arguments.commit_after;
    let place = format!("{} on {}", up.disc.display(), up.mountpoint.display());
    let foreground = arguments.foreground;
    let report = move |report: &Report<'_>| match report {
        Report::Committed(commit) if foreground => output.note(format_args!(
            "committed {} blocks, the VAT ICB is block {}",
            commit.blocks, commit.vat_icb.0
        )),
        Report::Committed(_) => {}
        Report::Lost(loss) if foreground => output.warn(loss),
        Report::Lost(loss) => background::log(&format!("{place}: {loss}")),
        // Names on the disc may be hostile.
        Report::Failed { what, error } if foreground => {
            output.warn(Shown(&format!("{what}: {error}")));
        }
        Report::Failed { what, error } => {
            background::log(&Shown(&format!("{place}: {what}: {error}")).to_string());
        }
    };
    Options {
        source: up.disc.to_string_lossy().into_owned(),
        read_only: arguments.read_only,
        allow_other: arguments.allow_other,
        commit_after,
        past,
        clock: time::now,
        report: Box::new(report),
    }
}

/// Unmounts at a signal. Open files lose their file system, and what they wrote is committed.
fn end_by_signal(mut unmounter: Unmounter, mut woken: UnixStream) {
    std::thread::spawn(move || {
        let _ = woken.read(&mut [0]);
        if let Err(error) = unmounter.unmount() {
            background::log(&format!("unmounting: {error}"));
        }
    });
}

impl fmt::Display for Up {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = if self.writable { "" } else { " for reading" };
        let (disc, mountpoint) = (self.disc.display(), self.mountpoint.display());
        writeln!(
            f,
            "volume '{}' of {disc} is mounted at {mountpoint}{how}",
            Shown(&self.label)
        )?;
        match self.generations {
            Some(generations) => {
                let shown = count(generations as u64, "generation is", "generations are");
                writeln!(
                    f,
                    "{shown} in {}",
                    self.mountpoint.join(ONCEFS).join("at").display()
                )
            }
            None => Ok(()),
        }
    }
}
