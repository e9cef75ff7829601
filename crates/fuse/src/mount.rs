//! A mount: how it starts, is served, and ends.

use std::io;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use ecma167::general::Timestamp;
use fuser::{Config, MountOption, Session, SessionACL};
use recording::OpenVolume;
use rustix::io::Errno;
use rustix::mount::{UnmountFlags, unmount};
use rustix::process::{getegid, geteuid};

use crate::attributes::Owner;
use crate::dispatch::Dispatch;
use crate::error::Error;
use crate::handles::Handles;
use crate::number::Numbers;
use crate::past::Past;
use crate::report::Report;
use crate::served::{Served, Shared};
use crate::tree::Tree;

/// The options of a mount.
pub struct Options {
    /// The source in the table of mounts: the disc.
    pub source: String,
    /// Whether the mount refuses changes even if the disc would take them.
    pub read_only: bool,
    /// Whether users other than the one who mounts may use it.
    pub allow_other: bool,
    /// How long after a change it is committed; `None` commits only at `fsync(2)` and at the end of the
    /// mount.
    pub commit_after: Option<Duration>,
    /// The generations to show below `.oncefs/at`, as [`volume::Volume::past`] returns them; `None` shows
    /// none.
    pub past: Option<volume::Past>,
    /// The time of changes.
    pub clock: fn() -> Timestamp,
    /// Called with events that no program hears of.
    pub report: Box<dyn Fn(&Report<'_>) + Send>,
}

/// A mounted volume.
pub struct Mount {
    session: Session<Dispatch>,
    shared: Shared,
    mountpoint: PathBuf,
}

/// Ends a mount from another thread.
pub struct Unmounter {
    shared: Shared,
    mountpoint: PathBuf,
}

impl Mount {
    /// Mounts a volume at a directory of the host.
    ///
    /// # Errors
    /// The error of the system, or of reading the root of the volume.
    pub fn begin(volume: OpenVolume, mountpoint: &Path, options: Options) -> io::Result<Self> {
        let mut tree = Tree::new(volume);
        let root = tree.root().map_err(io::Error::other)?;
        let owner = Owner {
            uid: geteuid().as_raw(),
            gid: getegid().as_raw(),
        };
        let takes_changes = !options.read_only && tree.changing().is_ok();
        let mut config = Config::default();
        config.mount_options = vec![
            MountOption::FSName(source(options.source)),
            MountOption::Subtype("oncefs".to_owned()),
            MountOption::DefaultPermissions,
            MountOption::NoAtime,
            MountOption::NoSuid,
            MountOption::NoDev,
            if takes_changes {
                MountOption::RW
            } else {
                MountOption::RO
            },
        ];
        config.acl = if options.allow_other {
            SessionACL::All
        } else {
            SessionACL::Owner
        };
        let block_size = tree.volume().block_size();
        let used_at_commit = tree.volume().drive().usage().blocks();
        let shared = Shared::new(Served {
            tree: Some(tree),
            numbers: Numbers { root },
            past: options.past.map(Past::new),
            handles: Handles::default(),
            owner,
            block_size,
            read_only: options.read_only,
            clock: options.clock,
            report: options.report,
            commit_after: options.commit_after,
            waiting_since: None,
            used_at_commit,
            outcome: None,
            ended: false,
        });
        let mountpoint = mountpoint.canonicalize()?;
        let session = Session::new(Dispatch(shared.clone()), &mountpoint, &config)?;
        Ok(Self {
            session,
            shared,
            mountpoint,
        })
    }

    /// A handle to end the mount from another thread.
    #[must_use]
    pub fn unmounter(&self) -> Unmounter {
        Unmounter {
            shared: self.shared.clone(),
            mountpoint: self.mountpoint.clone(),
        }
    }

    /// Serves the kernel until the volume is unmounted, with commits during and at the end.
    ///
    /// # Errors
    /// The failure of the last commit: the volume stays as at the commit before.
    pub fn serve(self) -> Result<(), Error> {
        // Dropping it makes fuser 0.18 unmount the directory, even if our mount is gone and another one is
        // there.
        let _answering = ManuallyDrop::new(self.session.spawn().map_err(Error::Host)?);
        self.shared.wait()
    }
}

/// The source as passed to fusermount3, which users mount with and which takes it in a list with commas.
fn source(source: String) -> String {
    if geteuid().is_root() {
        source
    } else {
        source.replace('\\', "\\\\").replace(',', "\\,")
    }
}

impl Unmounter {
    /// Commits, gives the disc back and unmounts, even while files are open.
    ///
    /// # Errors
    /// The error of unmounting; the disc is given back anyway.
    pub fn unmount(&mut self) -> io::Result<()> {
        self.shared.lock().give_back();
        let unmounted = unmount(&self.mountpoint, UnmountFlags::empty())
            .or_else(|_| unmount(&self.mountpoint, UnmountFlags::DETACH));
        let unmounted = match unmounted {
            Err(Errno::PERM) => self.unmount_as_user(),
            unmounted => Ok(unmounted?),
        };
        self.shared.end();
        unmounted
    }

    /// Unmounts with the program that users other than root mount with.
    fn unmount_as_user(&self) -> io::Result<()> {
        let mut helper = Command::new("fusermount3");
        let status = helper.args(["-u", "-z", "--"]).arg(&self.mountpoint).status()?;
        if status.success() {
            Ok(())
        } else {
            Err(Errno::PERM.into())
        }
    }
}
