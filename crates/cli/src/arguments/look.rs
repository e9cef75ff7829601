//! Commands that only read.

use std::path::PathBuf;

use clap::Args;

/// Which volume of a disc that has two is shown.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct View {
    /// Of a disc made with --rom, show the plain volume that other readers see: the state of the last closing
    #[arg(long)]
    pub rom_view: bool,
}

/// `oncefs ls`
#[derive(Args, Debug)]
#[command(after_help = "\
Files come in the order of the disc. Names alone are read from directories; -l and --json read every file's node too, which takes a \
drive longer. With --json: an array of objects with path, type, size, mode, uid, gid, nlink, \
mtime, and target of symbolic links or major and minor of devices; with --streams also streams, an array of \
objects with name, size, and metadata, which is true where a stream is for programs rather than for people. `mode` is a number (permission bits with set-user-ID, set-group-ID and sticky); `uid` and `gid` are null where the disc states no owner, which -l shows as `-`.

Examples:
  oncefs ls photos.udf
  oncefs ls photos.udf -l /2026
  oncefs ls photos.udf -R --json | jq -r '.[].path'
  oncefs ls photos.udf -lR --streams                       a line FILE:STREAM for each named stream")]
pub struct List {
    /// The image
    pub disc: PathBuf,
    /// Files on the disc; of a directory, what it holds
    #[arg(value_name = "PATH", default_value = "/")]
    pub paths: Vec<String>,
    /// Mode, links, owners, size, time and link target too
    #[arg(short, long)]
    pub long: bool,
    /// What directories below hold too
    #[arg(short = 'R', long)]
    pub recursive: bool,
    /// Directories themselves, not what they hold
    #[arg(short, long, conflicts_with = "recursive")]
    pub directory: bool,
    /// The named streams of each file too, as FILE:STREAM
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
    /// The image
    pub disc: PathBuf,
    /// Files on the disc
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<String>,
    /// A named stream of each, not the file itself
    #[arg(long, value_name = "NAME")]
    pub stream: Option<String>,
    #[command(flatten)]
    pub view: View,
}

/// `oncefs extract`
#[derive(Args, Debug)]
#[command(after_help = "\
Modes, times, links, holes and special files are kept; owners, and devices, as root only. Nothing is written outside \
of DIR, and no link is followed below it. Set-user-ID and set-group-ID bits are kept as root only. A directory that \
exists is merged with. Before any other file that exists is replaced, a terminal is asked; without one nothing is written \
unless --yes says to replace.

With --streams each named stream becomes a file beside its own, FILE:STREAM, and of DIR itself :STREAM; it has the owner, the times and \
the mode of the file, without the right to run it. Of a file with several names, streams stand beside the first that is copied.

Examples:
  oncefs extract photos.udf --to ~/restored                everything
  oncefs extract photos.udf /2026/11 /notes.txt --to .     makes ./11 and ./notes.txt")]
pub struct Extract {
    /// The image
    pub disc: PathBuf,
    /// Files on the disc; `/dir` makes DIR/dir, `/dir/.` puts its contents at DIR
    #[arg(value_name = "PATH", default_value = "/.")]
    pub paths: Vec<String>,
    /// The directory to copy to; made where it does not exist
    #[arg(long = "to", value_name = "DIR")]
    pub target: PathBuf,
    /// Replace files that exist, and do not ask
    #[arg(short, long, visible_alias = "yes", visible_short_alias = 'y')]
    pub force: bool,
    /// The named streams too, each as FILE:STREAM
    #[arg(long)]
    pub streams: bool,
    #[command(flatten)]
    pub view: View,
}

/// `oncefs info`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  oncefs info photos.udf
  oncefs info photos.udf --json | jq .volume.label")]
pub struct Info {
    /// The image
    pub disc: PathBuf,
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
    /// The image
    pub disc: PathBuf,
    /// Read the content of all files too
    #[arg(long)]
    pub data: bool,
}

/// `oncefs drives`
#[cfg(feature = "drives")]
#[derive(Args, Debug, Default)]
pub struct Drives {
    /// Print what the drive of this disc answers to every command that changes nothing
    #[arg(long, value_name = "DISC", conflicts_with = "replay")]
    pub probe: Option<PathBuf>,
    /// Show the drive of such a text
    #[arg(long, value_name = "FILE")]
    pub replay: Option<PathBuf>,
}
