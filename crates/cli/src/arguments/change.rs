//! Commands that change the files of a volume. Each is one commit.

use std::path::PathBuf;

use clap::Args;

use super::{Selecting, ToChange};

/// `oncefs add`
#[derive(Args, Debug)]
#[command(after_help = "\
Names, modes, owners, times, links, holes and special files are kept, as by `cp -a`. A directory that exists on the \
disc is merged with; any other file that exists is replaced. Everything is checked before the first block is recorded. \
The target of a symbolic link loses doubled and trailing slashes, which a path in UDF cannot have.

A file that changes, disappears or cannot be read while it is recorded is left out and named, everything else is \
committed, and the exit code is 1. An interrupt commits the files that are whole, and a second one abandons them; on a \
terminal it asks. The image, its side file and its trace are left out where they are found among the files.

Examples:
  oncefs add photos.udf ~/photos/2026-11                   makes /2026-11
  oncefs add photos.udf ~/photos/. --into /all             puts the contents of ~/photos into /all
  oncefs add src.udf project --exclude target --exclude '*.o' --exclude 'project/docs/**'
  pg_dump shop | oncefs add dumps.udf - --name shop.sql    what comes from standard input
  oncefs add big.udf ~/archive --commit-every 4G           what is recorded lasts while the rest comes")]
pub struct Add {
    /// The image
    pub disc: PathBuf,
    /// Files and directories to add; `dir` makes /dir, `dir/.` puts its contents at the target
    #[arg(required = true, value_name = "PATH")]
    pub sources: Vec<PathBuf>,
    #[command(flatten)]
    pub selecting: Selecting,
    #[command(flatten)]
    pub stated: ToChange,
}

/// `oncefs rm`
#[derive(Args, Debug)]
#[command(after_help = "\
The files leave the volume; their blocks stay on the disc, as on any medium that is written once.

Examples:
  oncefs rm photos.udf /2026-11/blurred.jpg
  oncefs rm photos.udf -r /2026-10")]
pub struct Remove {
    /// The image
    pub disc: PathBuf,
    /// Files on the disc
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<String>,
    /// Remove directories and what they hold
    #[arg(short, long)]
    pub recursive: bool,
    #[command(flatten)]
    pub stated: ToChange,
}

/// `oncefs mkdir`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  oncefs mkdir photos.udf /2026
  oncefs mkdir photos.udf -p /2026/11/22")]
pub struct MakeDirectory {
    /// The image
    pub disc: PathBuf,
    /// Directories on the disc
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<String>,
    /// Make missing parents too, and accept directories that exist
    #[arg(short, long)]
    pub parents: bool,
    #[command(flatten)]
    pub stated: ToChange,
}

/// `oncefs mv`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  oncefs mv photos.udf /a.jpg /b.jpg
  oncefs mv photos.udf /a.jpg /b.jpg /2026                 into the directory /2026")]
pub struct Move {
    /// The image
    pub disc: PathBuf,
    /// Files on the disc
    #[arg(required = true, value_name = "PATH")]
    pub sources: Vec<String>,
    /// The new name, or a directory
    #[arg(value_name = "TARGET")]
    pub target: String,
    #[command(flatten)]
    pub stated: ToChange,
}

/// `oncefs ln`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  oncefs ln photos.udf /a.jpg /same.jpg
  oncefs ln photos.udf -s 2026/11 /latest                  the target is kept as it is typed")]
pub struct Link {
    /// The image
    pub disc: PathBuf,
    /// The file that gets one more name; with -s, any text
    pub target: String,
    /// The new name, or a directory
    pub link: String,
    /// Make a symbolic link
    #[arg(short, long)]
    pub symbolic: bool,
    #[command(flatten)]
    pub stated: ToChange,
}

/// `oncefs recover`
#[derive(Args, Debug)]
#[command(after_help = "\
Where a recording was interrupted, blocks that nothing names come after the last VAT ICB, and readers that look for it at \
the end alone find no volume. This records it again, at the end. The next change does the same by itself; opening a disc \
never does.

Examples:
  oncefs recover photos.udf
  oncefs recover /dev/sr0")]
pub struct Recover {
    /// The image
    pub disc: PathBuf,
    #[command(flatten)]
    pub stated: ToChange,
}
