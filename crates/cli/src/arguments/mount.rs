//! A volume as a file system of this machine.

use std::path::PathBuf;

use clap::Args;

use super::ToChange;
use super::interval::{Interval, parse_interval};

/// `oncefs mount`
#[derive(Args, Debug)]
#[command(after_help = "\
The volume takes files as any file system does, as long as the disc has room. What is written goes to the disc as it comes; it becomes \
part of the volume by a commit: at fsync, some time after a change (--commit-after), when the session is closed, and at the end. \
A power cut loses what is not committed. What was written once is never written over: a changed block takes a new one.

A disc that takes no changes is mounted for reading. The command ends when the volume is mounted; what goes wrong later is in the \
system's log. `oncefs close DIRECTORY` closes the session of a mounted volume, `oncefs unmount` ends the mount.

Examples:
  oncefs mount photos.udf /mnt
  oncefs mount /dev/sr0 /mnt --read-only
  cp -a ~/2026 /mnt && sync /mnt
  oncefs unmount /mnt")]
pub struct Mount {
    /// The disc
    pub disc: PathBuf,
    /// Where to mount it
    #[arg(value_name = "DIRECTORY")]
    pub mountpoint: PathBuf,
    /// Take no changes, and record nothing on the disc
    #[arg(short, long)]
    pub read_only: bool,
    /// Of a disc made with --rom, mount the plain volume that other readers see
    #[arg(long, requires = "read_only")]
    pub rom_view: bool,
    /// Commit changes so long after the first of them: seconds, or with m or h; `never` leaves it to fsync and the end
    #[arg(long, value_name = "TIME", default_value = "60", value_parser = parse_interval)]
    pub commit_after: Interval,
    /// Let other users in too, as the modes of the files say
    #[arg(long)]
    pub allow_other: bool,
    /// Stay in the foreground and say what happens, until the volume is unmounted or a signal comes
    #[arg(short, long)]
    pub foreground: bool,
    #[command(flatten)]
    pub stated: ToChange,
}

/// `oncefs unmount`
#[derive(Args, Debug)]
#[command(after_help = "\
Commits what waits, unmounts, and ends when the disc is free for others. `umount` does the same, but ends before the last commit does.

Examples:
  oncefs unmount /mnt
  oncefs unmount /mnt && oncefs close photos.udf")]
pub struct Unmount {
    /// Where the volume is mounted
    #[arg(value_name = "DIRECTORY")]
    pub mountpoint: PathBuf,
    /// Unmount also where what waits cannot be committed: it is lost then
    #[arg(long)]
    pub discard: bool,
}
