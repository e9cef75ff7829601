//! The command line.

mod at;
mod capacity;
mod change;
mod fsctl;
mod interval;
mod look;
mod map;
mod medium;
#[cfg(feature = "mount")]
mod mount;
mod past;
mod record;
#[cfg(feature = "recorder")]
mod recorder;
mod salvage;
mod selecting;
mod speed;
mod tray;

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};
use oncefs::Speed;

pub use at::parse_at;
pub use capacity::Capacity;
pub use change::{Add, Link, MakeDirectory, Move, Recover, Remove};
pub use fsctl::{Fsctl, FsctlCode, Hex};
#[cfg(feature = "mount")]
pub use interval::Interval;
#[cfg(feature = "drives")]
pub use look::Drives;
pub use look::{Cat, Check, Extract, Info, List, MAPFILE, Rescue, Until, View};
pub use map::Map;
pub use medium::{StatedMedium, ToChange};
#[cfg(feature = "mount")]
pub use mount::{Mount, Unmount};
pub use past::{Diff, Log, Rollback, Undelete};
pub use record::{Burn, Close, Format, NewDisc, RomKind, RomOptions};
#[cfg(feature = "recorder")]
pub use recorder::{Attach, Detach, RecorderArguments, RecorderCommand};
pub use salvage::Salvage;
pub use selecting::{CommitEvery, Selecting};
pub use tray::{Tray, TrayOptions};

/// The file system for discs that can be written only once.
#[derive(Debug, Parser)]
#[command(name = "oncefs", version, about, long_about = LONG_ABOUT, after_help = EXAMPLES)]
#[command(
    propagate_version = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct Arguments {
    /// Print results as JSON, and errors as a JSON object on standard error
    #[arg(long, global = true)]
    pub json: bool,

    /// Write every command to the drive to this file, one per line
    #[arg(long, global = true, value_name = "FILE")]
    pub trace: Option<PathBuf>,

    /// Write at this multiple of the single speed of the medium, or the next slower speed of the drive: 4,
    /// 4x, max [default: the current setting of the drive]
    #[arg(long, global = true, value_name = "X", value_parser = speed::parse_speed)]
    pub speed: Option<Speed>,

    /// What to do with the tray
    #[command(flatten)]
    pub tray: TrayOptions,

    /// Make the emulated drive fail as in this script
    #[arg(long, global = true, value_name = "FILE", hide = true)]
    pub faults: Option<PathBuf>,

    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

const LONG_ABOUT: &str = "\
The file system for discs that can be written only once.

Records files in UDF on CD-R, DVD-R, DVD+R and BD-R, in as many rounds as the disc has room for, closes the session so \
that any ROM drive can read it, and finalizes the disc. DISC is the path of an image or a drive; next to IMAGE is \
IMAGE.oncefs, which keeps what only a drive would know (medium, tracks, sessions).";

const EXAMPLES: &str = "\
Examples:
  oncefs burn ~/photos --to photos.udf --finalize   format, add, finalize: the main job
  oncefs format backup.udf --medium bd-r --label Backup
  oncefs add backup.udf ~/documents                 one more commit, as often as there is room
  oncefs ls backup.udf -lR
  oncefs close backup.udf                           ROM drives read it; more can be added

Exit status:
  0  done
  1  failed, interrupted, or something is left out: standard error says what is on the disc
  2  usage
  3  medium full
  4  medium finalized or read-only
  5  volume damaged";

#[cfg(feature = "drives")]
const DRIVES_EXAMPLES: &str = "\
Does not wait: a disc that was just inserted may be shown as not ready. With --json: an array of objects with device, \
generic, vendor, model, firmware, records, state (ready, empty, not-ready, in-use, denied, failed), medium and message.

--probe prints the answers of a drive and its medium to every command that changes nothing, one per line and without \
contents of files: send it in when a drive does something unexpected. --replay shows what oncefs makes of such a file.

Examples:
  oncefs drives
  oncefs drives --json | jq -r '.[] | select(.state == \"ready\") | .device'
  oncefs drives --probe /dev/sr0 > sr0.probe
  oncefs drives --replay sr0.probe";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a volume on a blank disc
    Format(Format),
    /// Format a disc if it is blank, add files, close it: the main job in one line
    Burn(Burn),
    /// Add files to a disc
    Add(Add),
    /// Remove files from the volume; the blocks stay on the disc
    Rm(Remove),
    /// Make directories
    Mkdir(MakeDirectory),
    /// Move or rename files
    Mv(Move),
    /// Make a hard or a symbolic link
    Ln(Link),
    /// Show what an interruption left on a disc, and mend its end
    Recover(Recover),
    /// List files
    Ls(List),
    /// Write a file to standard output
    Cat(Cat),
    /// Copy files from a disc to a directory
    Extract(Extract),
    /// Copy what is left on a disc that nothing opens any more
    Salvage(Salvage),
    /// Mount the volume as a file system of this machine, for reading and for changes
    #[cfg(feature = "mount")]
    Mount(Mount),
    /// Commit and unmount a volume
    #[cfg(feature = "mount")]
    Unmount(Unmount),
    /// Show medium, sessions and volume
    Info(Info),
    /// List the generations of a disc: what each commit added, changed and removed
    #[command(alias = "history")]
    Log(Log),
    /// Restore files that were removed, from an earlier generation
    Undelete(Undelete),
    /// Make an earlier generation the state of the volume again
    Rollback(Rollback),
    /// Show what differs between two generations of a disc, or between a disc and a folder
    Diff(Diff),
    /// Check the volume against the standards; changes nothing
    Check(Check),
    /// Show what each block of a disc is: in the terminal, as a picture, or as a page
    Map(Map),
    /// Close the session so that ROM drives can read the disc
    Close(Close),
    /// Send an NT control code to the volume
    Fsctl(Fsctl),
    /// Show the drives of this machine, the media they record and the discs in them
    #[cfg(feature = "drives")]
    #[command(after_help = DRIVES_EXAMPLES)]
    Drives(Drives),
    /// Make an image available as a recorder of this machine, /dev/srN
    #[cfg(feature = "recorder")]
    Recorder(RecorderArguments),
    /// Print a shell completion script
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write the pages of all commands to a directory
    Man {
        /// Write one page per command to this directory
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

impl Command {
    /// The disc that the command opens in a drive.
    pub fn disc(&self) -> Option<&Path> {
        Some(match self {
            Self::Format(format) => &format.disc,
            Self::Burn(burn) => &burn.disc,
            Self::Add(add) => &add.disc,
            Self::Rm(remove) => &remove.disc,
            Self::Mkdir(make) => &make.disc,
            Self::Mv(rename) => &rename.disc,
            Self::Ln(link) => &link.disc,
            Self::Recover(recover) => &recover.disc,
            Self::Ls(list) => &list.disc,
            Self::Cat(cat) => &cat.disc,
            Self::Extract(extract) => &extract.disc,
            Self::Salvage(salvage) => &salvage.disc,
            Self::Info(info) => &info.disc,
            Self::Log(log) => &log.disc,
            Self::Undelete(undelete) => &undelete.disc,
            Self::Rollback(rollback) => &rollback.disc,
            Self::Diff(diff) => &diff.disc,
            Self::Check(check) => &check.disc,
            Self::Map(map) => &map.disc,
            Self::Close(close) => &close.disc,
            Self::Fsctl(fsctl) => &fsctl.disc,
            #[cfg(feature = "mount")]
            Self::Mount(_) | Self::Unmount(_) => return None,
            #[cfg(feature = "drives")]
            Self::Drives(_) => return None,
            #[cfg(feature = "recorder")]
            Self::Recorder(_) => return None,
            Self::Completions { .. } | Self::Man { .. } => return None,
        })
    }

    /// Whether the command records, so that a speed can be chosen.
    pub fn has_speed(&self) -> bool {
        #[cfg(feature = "mount")]
        if matches!(self, Self::Mount(_)) {
            return true;
        }
        matches!(
            self,
            Self::Format(_)
                | Self::Burn(_)
                | Self::Add(_)
                | Self::Rm(_)
                | Self::Mkdir(_)
                | Self::Mv(_)
                | Self::Ln(_)
                | Self::Undelete(_)
                | Self::Rollback(_)
                | Self::Close(_)
        ) || matches!(self, Self::Recover(recover) if recover.writes())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definitions_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_shows_an_example() {
        for command in Arguments::command().get_subcommands() {
            let has_example = command
                .get_after_help()
                .is_some_and(|help| help.to_string().contains("oncefs "));
            assert!(
                has_example || ["completions", "man"].contains(&command.get_name()),
                "{}",
                command.get_name()
            );
        }
    }
}
