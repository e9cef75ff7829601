//! Commands that only read.

use std::path::PathBuf;

use clap::Args;
use oncefs::At;

use super::at::parse_at;

/// The last that is shown of a disc.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct Until {
    /// Show the disc as it was at the end of this session; the first is 1
    #[arg(long, value_name = "N")]
    pub session: Option<u16>,
    /// Show the disc as if this were the last recorded block
    #[arg(long, value_name = "BLOCK", conflicts_with = "session")]
    pub last_block: Option<u32>,
    /// Show the disc as it was at this generation: its number in `oncefs log`, a time (the newest one not
    /// after it), or block:B with its VAT ICB
    #[arg(long, value_name = "GENERATION", conflicts_with_all = ["session", "last_block"], value_parser = parse_at)]
    pub at: Option<At>,
}

/// Which volume of a disc to show, and in which state.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct View {
    /// On a disc made with --rom, show the plain volume that other readers see: the state of the last closing
    #[arg(long, conflicts_with = "at")]
    pub rom_view: bool,
    #[command(flatten)]
    pub until: Until,
}

/// How to read a damaged disc.
#[derive(Args, Clone, Debug, Default)]
pub struct Rescue {
    /// Read a block that fails this many times more before giving it up
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub retries: u32,
    /// Keep what was read of the disc in this map, as ddrescue writes it, and fill with zeros what was not.
    /// With the map of an earlier run, extract reads only what the files there lack. With a map of ddrescue
    /// itself, what ddrescue did not read counts as unreadable
    #[arg(long, value_name = "FILE")]
    pub mapfile: Option<PathBuf>,
    /// The option that names the map, for messages
    #[arg(skip = MAPFILE)]
    pub option: &'static str,
}

/// The option that names a map.
pub const MAPFILE: &str = "--mapfile";

/// `oncefs ls`
#[derive(Args, Debug)]
#[command(after_help = "\
Lists files in the order of the disc. Names come from directories alone; -l and --json also read the node of every file, \
which takes a drive longer. With --json: an array of objects with path, type, size, mode, uid, gid, nlink, mtime, and \
target of symbolic links or major and minor of devices; with --streams also streams, an array of objects with name, size, \
metadata, which is true for streams meant for programs rather than people, and meaning, if UDF defines the name. A file \
with implementation or application use attributes has attributes: identifier, size and meaning of each. `mode` is a number (permission bits with \
set-user-ID, set-group-ID and sticky); `uid` and `gid` are null if the disc states no owner, which -l shows as `-`.

Examples:
  oncefs ls photos.udf
  oncefs ls photos.udf -l /2026
  oncefs ls photos.udf -R --json | jq -r '.[].path'
  oncefs ls photos.udf -R --at 3                           generation 3 in `oncefs log photos.udf`
  oncefs ls photos.udf -lR --streams                       a line FILE:STREAM for each named stream")]
pub struct List {
    /// The disc: an image or a drive
    pub disc: PathBuf,
    /// Files on the disc; for a directory, its contents
    #[arg(value_name = "PATH", default_value = "/")]
    pub paths: Vec<String>,
    /// Also show mode, links, owners, size, time and link target
    #[arg(short, long)]
    pub long: bool,
    /// Also list the contents of directories below
    #[arg(short = 'R', long)]
    pub recursive: bool,
    /// List directories themselves, not their contents
    #[arg(short, long, conflicts_with = "recursive")]
    pub directory: bool,
    /// Also list the named streams of each file, as FILE:STREAM
    #[arg(long)]
    pub streams: bool,
    #[command(flatten)]
    pub view: View,
}

/// `oncefs cat`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  oncefs cat backup.udf /notes.txt
  oncefs cat backup.udf /home.tar.zst | tar --zstd -t
  oncefs cat backup.udf /photo.jpg --stream Zone.Identifier")]
pub struct Cat {
    /// The disc: an image or a drive
    pub disc: PathBuf,
    /// Files on the disc
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<String>,
    /// Write this named stream of each file instead of the file
    #[arg(long, value_name = "NAME")]
    pub stream: Option<String>,
    /// Write zeros in place of what cannot be read, and go on after it
    #[arg(long)]
    pub fill: bool,
    #[command(flatten)]
    pub rescue: Rescue,
    #[command(flatten)]
    pub view: View,
}

/// `oncefs extract`
#[derive(Args, Debug)]
#[command(after_help = "\
Keeps modes, times, links, holes and special files; keeps owners, devices, and set-user-ID and set-group-ID bits only as \
root. Writes nothing outside DIR, and follows no link below it. Merges with directories that exist. Before it replaces \
other files that exist, it asks on a terminal; without a terminal it writes nothing unless --yes is given.

With --streams each named stream becomes a file next to its own, FILE:STREAM; streams of DIR itself become :STREAM. It \
gets the owner, times and mode of the file, without the right to execute. The streams of a file with several names are \
next to the first name that is copied.

Examples:
  oncefs extract photos.udf --to ~/restored                everything
  oncefs extract photos.udf /2026/11 /notes.txt --to .     makes ./11 and ./notes.txt
  oncefs extract /dev/sr0 --to ~/saved --mapfile disc.map  what is readable; once more reads what is missing")]
pub struct Extract {
    /// The disc: an image or a drive
    pub disc: PathBuf,
    /// Files on the disc; `/dir` makes DIR/dir, `/dir/.` puts its contents into DIR
    #[arg(value_name = "PATH", default_value = "/.")]
    pub paths: Vec<String>,
    /// The directory to copy to; made if it does not exist
    #[arg(long = "to", value_name = "DIR")]
    pub target: PathBuf,
    /// Replace files that exist, without asking
    #[arg(short, long, visible_alias = "yes", visible_short_alias = 'y')]
    pub force: bool,
    /// Also copy the named streams, each as FILE:STREAM
    #[arg(long)]
    pub streams: bool,
    /// Keep files of which a part cannot be read, with zeros in its place, and list what is missing
    #[arg(long)]
    pub fill: bool,
    /// Read each file from its end to its start, 1 MiB at a time: some drives then read more of damaged areas
    #[arg(long)]
    pub reverse: bool,
    #[command(flatten)]
    pub rescue: Rescue,
    #[command(flatten)]
    pub view: View,
}

/// `oncefs info`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  oncefs info photos.udf
  oncefs info photos.udf --session 1
  oncefs info photos.udf --at 2026-11-03
  oncefs info photos.udf --json | jq .volume.label")]
pub struct Info {
    /// The disc: an image or a drive
    pub disc: PathBuf,
    /// Count the blocks in use also of more than 10,000 files and directories: reads all of them, but no data
    #[arg(long)]
    pub space: bool,
    #[command(flatten)]
    pub until: Until,
}

/// `oncefs check`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  oncefs check photos.udf
  oncefs check photos.udf --data
  oncefs check photos.udf --json | jq '.findings[] | select(.severity == \"error\")'

Exit status is 0 where nothing or only warnings and notes are found, 5 where errors are.")]
pub struct Check {
    /// The disc: an image or a drive
    pub disc: PathBuf,
    /// Also read the contents of all files
    #[arg(long)]
    pub data: bool,
    #[command(flatten)]
    pub until: Until,
}

/// `oncefs drives`
#[cfg(feature = "drives")]
#[derive(Args, Debug, Default)]
pub struct Drives {
    /// Print the answers of the drive of this disc to every command that changes nothing
    #[arg(long, value_name = "DISC", conflicts_with = "replay")]
    pub probe: Option<PathBuf>,
    /// Show the drive in the output of --probe in this file
    #[arg(long, value_name = "FILE")]
    pub replay: Option<PathBuf>,
}
