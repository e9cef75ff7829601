//! `oncefs recorder attach`

use std::fmt;
use std::io::Read as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use emulator::{Behaviour, Clock, Recorder};
use oncefs::{Disc, OpenOptions};
use serde::Serialize;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::low_level::pipe;
use tcmu::{Backstore, BackstoreSettings, Loopback, Nodes, Ring, Uio, serve};

use super::attached::{Attached, OWNER, TARGET, found};
use super::device::Emulated;
use crate::arguments::{Attach, Capacity};
use crate::commands::Tools;
use crate::commands::format::DEFAULT_MEDIUM;
use crate::discs;
use crate::failure::{Failure, Outcome};

/// How long the kernel may take to make the devices: on a desktop the module of optical drives loads by
/// itself.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest path of an image that the kernel stores for us, in bytes.
const LONGEST_PATH: usize = 511;

/// Attaches an image, and answers until a signal arrives.
pub fn run(tools: &Tools, arguments: &Attach) -> Outcome {
    let (mut woken, waker) = UnixStream::pair().map_err(Failure::failed)?;
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        let end = waker.try_clone().map_err(Failure::failed)?;
        pipe::register(signal, end)
            .map_err(|error| Failure::failed(format_args!("signals cannot be watched: {error}")))?;
    }
    // Find obstacles before creating an image.
    tcmu::find(Path::new(TARGET), OWNER)?;
    let recorder = recorder(tools, arguments)?;
    let image =
        std::fs::canonicalize(&arguments.image).map_err(|error| Failure::host(&arguments.image, error))?;
    let attachment = Attachment::new(arguments, &image, recorder, waker)?;
    let shown = attachment.show(tools, &image);
    if shown.is_ok() {
        // One byte from a signal, or from the thread that can no longer answer.
        let _ = woken.read(&mut [0]);
    }
    // If answering ended by itself, its reason also explains why nothing can be shown.
    attachment.end().and(shown)
}

/// The drive with the disc in it.
fn recorder(tools: &Tools, arguments: &Attach) -> Outcome<Recorder> {
    let image = &arguments.image;
    let capacity = arguments.capacity.map(|Capacity(blocks)| blocks);
    let disc = Disc::new(image);
    let mut recorder = if !discs::exists(image) {
        let medium = arguments.medium.unwrap_or(DEFAULT_MEDIUM);
        Recorder::create(image, medium, capacity, Behaviour::default())?
    } else if disc.is_device() {
        return Err(
            Failure::usage("this is a device, and only an image can be attached").at(image.display()),
        );
    } else {
        if disc.medium_is_known() && (arguments.medium.is_some() || capacity.is_some()) {
            let message = "exists already: its medium and capacity cannot be changed";
            return Err(Failure::usage(message).at(image.display()));
        }
        let mut options = OpenOptions::new();
        if let Some(medium) = arguments.medium {
            options.medium(medium);
        }
        if let Some(blocks) = capacity {
            options.capacity(blocks);
        }
        options
            .accept_image(arguments.accept_image)
            .disc(image)
            .recorder()?
    };
    let mut behaviour = recorder.behaviour().clone();
    for (name, value) in &arguments.behaviour {
        behaviour.set(name, value);
    }
    recorder.set_behaviour(behaviour);
    recorder.set_clock(Box::new(Since(Instant::now())));
    if let Some(script) = tools.discs.script()? {
        recorder.set_faults(script);
    }
    if let Some(mut sink) = tools.discs.sink(Some(image))? {
        recorder.set_trace(Box::new(move |entry| sink(entry)));
    }
    Ok(recorder)
}

/// The clock of this host, for a recorder that takes real time.
struct Since(Instant);

impl Clock for Since {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }

    fn wait(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

/// A recorder that the kernel knows.
struct Attachment {
    name: String,
    backstore: Backstore,
    loopback: Option<Loopback>,
    stop: UnixStream,
    answering: JoinHandle<Result<(), tcmu::Error>>,
}

impl Attachment {
    fn new(arguments: &Attach, image: &Path, recorder: Recorder, waker: UnixStream) -> Outcome<Self> {
        let name = name(arguments)?;
        let path = image.display().to_string();
        if path.len() > LONGEST_PATH || path.contains('\n') {
            let message =
                "the kernel cannot store this path: it has more than 511 bytes or more than one line";
            return Err(Failure::failed(message).at(image.display()));
        }
        let settings = BackstoreSettings {
            name: &name,
            owner: OWNER,
            medium: &path,
            bytes: u64::from(recorder.capacity()) * 2048,
        };
        let backstore = Backstore::create(Path::new(TARGET), &settings)?;
        let (stop, stopped) = UnixStream::pair().map_err(Failure::failed)?;
        let opened = backstore
            .uio()
            .and_then(|number| Ok((number, Uio::open(number)?)));
        let (number, (uio, ring)) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                let _ = backstore.remove();
                return Err(error.into());
            }
        };
        let mut attachment = Self {
            name,
            answering: answer(uio, ring, recorder, stopped, waker),
            loopback: None,
            backstore,
            stop,
        };
        match Loopback::create(Path::new(TARGET), &attachment.backstore, number) {
            Ok(loopback) => attachment.loopback = Some(loopback),
            Err(error) => {
                // The first fault says more than a failed cleanup.
                let _ = attachment.end();
                return Err(error.into());
            }
        }
        Ok(attachment)
    }

    /// Prints the devices once the kernel has made them.
    fn show(&self, tools: &Tools, image: &Path) -> Outcome {
        let started = Instant::now();
        let mut nodes = self.nodes();
        while (nodes.block.is_none() || nodes.generic.is_none())
            && started.elapsed() < PATIENCE
            && !self.answering.is_finished()
        {
            std::thread::sleep(Duration::from_millis(20));
            nodes = self.nodes();
        }
        if nodes.block.is_none() {
            let message = "the kernel made no block device for the recorder";
            return Err(Failure::failed(message).hint("`modprobe sr_mod`"));
        }
        if nodes.generic.is_none() {
            tools
                .output
                .note("there is no generic SCSI device: `modprobe sg` makes one");
        }
        tools.output.result(&Up(Attached::new(
            &self.name,
            &image.display().to_string(),
            nodes,
            true,
        )))
    }

    fn nodes(&self) -> Nodes {
        self.loopback.as_ref().map(Loopback::nodes).unwrap_or_default()
    }

    /// Removes the device from the kernel, then ends the answering, at which the recorder synchronizes.
    fn end(self) -> Outcome {
        let unlinked = self.loopback.as_ref().map_or(Ok(()), Loopback::remove);
        drop(self.stop);
        let answered = self.answering.join();
        let removed = unlinked.and_then(|()| self.backstore.remove());
        match answered {
            Ok(answered) => Ok(answered.and(removed)?),
            Err(_) => Err(Failure::failed("the recorder ended by a fault of this program")),
        }
    }
}

/// The requested name, or the first free one.
fn name(arguments: &Attach) -> Outcome<String> {
    let found = found()?;
    let taken = |name: &str| found.iter().any(|found| found.name == name);
    match &arguments.name {
        Some(name) if taken(name) => Err(Failure::failed("a recorder of this name is attached").at(name)),
        Some(name) => Ok(name.clone()),
        None => Ok((0..)
            .map(|n: u32| format!("oncefs-{n}"))
            .find(|name| !taken(name))
            .unwrap_or_default()),
    }
}

/// Answers in a thread of its own, until the other end of `stop` is dropped.
fn answer(
    mut uio: Uio,
    mut ring: Ring,
    recorder: Recorder,
    stop: UnixStream,
    waker: UnixStream,
) -> JoinHandle<Result<(), tcmu::Error>> {
    std::thread::spawn(move || {
        let result = serve(&mut uio, &mut ring, &mut Emulated(recorder), &stop);
        // Whoever waits for a signal must know.
        let _ = std::io::Write::write(&mut &waker, &[0]);
        result
    })
}

/// The result of attaching.
#[derive(Serialize)]
#[serde(transparent)]
struct Up(Attached);

impl fmt::Display for Up {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Attached {
            name, block, generic, ..
        } = &self.0;
        let node = |node: &Option<PathBuf>| {
            node.as_ref()
                .map_or("-".into(), |node| node.display().to_string())
        };
        writeln!(f, "{name}: {} {}", node(block), node(generic))
    }
}
