//! A volume as a file system of this machine.

use std::path::PathBuf;

use clap::Args;
use oncefs::At;

use super::ToChange;
use super::at::parse_at;
use super::interval::{Interval, parse_interval};

/// `oncefs mount`
#[derive(Args, Debug)]
#[command(after_help = "\
The volume takes files like any file system while the disc has room. Data goes to the disc as it is written, and becomes \
part of the volume by a commit: at fsync, some time after a change (--commit-after), when the session is closed, and at \
the end. A power cut loses what is not committed. Nothing is overwritten: a changed block takes a new one.

A disc that takes no changes is mounted read-only. The command ends when the volume is mounted; later faults are in the \
system log. `oncefs close DIRECTORY` closes the session of a mounted volume, `oncefs unmount` ends the mount.

Examples:
  oncefs mount photos.udf /mnt
  oncefs mount /dev/sr0 /mnt --read-only
  oncefs mount photos.udf /mnt --past && ls /mnt/.oncefs/at/2
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
    /// On a disc made with --rom, mount the plain volume that other readers see
    #[arg(long, requires = "read_only")]
    pub rom_view: bool,
    /// Mount the disc as it was at the end of this session; the first is 1
    #[arg(long, value_name = "N", requires = "read_only")]
    pub session: Option<u16>,
    /// Mount the disc as if this were the last recorded block
    #[arg(
        long,
        value_name = "BLOCK",
        requires = "read_only",
        conflicts_with = "session"
    )]
    pub last_block: Option<u32>,
    /// Mount the disc as it was at this generation: its number in `oncefs log`, a time (the newest one not
    /// after it), or block:B with its VAT ICB
    #[arg(
        long,
        value_name = "GENERATION",
        requires = "read_only",
        conflicts_with_all = ["session", "last_block", "rom_view"],
        value_parser = parse_at
    )]
    pub at: Option<At>,
    /// Also show each generation N read-only in .oncefs/at/N of the directory; no listing has .oncefs
    #[arg(long, conflicts_with = "rom_view")]
    pub past: bool,
    /// Commit this long after the first change: seconds, or with m or h; `never` commits only at fsync and at
    /// the end
    #[arg(long, value_name = "TIME", default_value = "60", value_parser = parse_interval)]
    pub commit_after: Interval,
    /// Let other users access it too, as the modes of the files allow
    #[arg(long)]
    pub allow_other: bool,
    /// Stay in the foreground and print events, until the volume is unmounted or a signal arrives
    #[arg(short, long)]
    pub foreground: bool,
    #[command(flatten)]
    pub stated: ToChange,
}

/// `oncefs unmount`
#[derive(Args, Debug)]
#[command(after_help = "\
Commits, unmounts, and ends when the disc is free for others. `umount` does the same but ends before the last commit.

Examples:
  oncefs unmount /mnt
  oncefs unmount /mnt && oncefs close photos.udf")]
pub struct Unmount {
    /// Where the volume is mounted
    #[arg(value_name = "DIRECTORY")]
    pub mountpoint: PathBuf,
    /// Unmount even if changes cannot be committed; they are lost
    #[arg(long)]
    pub discard: bool,
}
