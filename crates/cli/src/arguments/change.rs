//! Commands that change the files of a volume. Each makes one commit.

use std::path::PathBuf;

use clap::Args;

use super::{Selecting, ToChange};

/// `oncefs add`
#[derive(Args, Debug)]
#[command(after_help = "\
Keeps names, modes, owners, times, links, holes and special files, like `cp -a`. Merges with directories that exist on \
the disc, and replaces other files that exist. Checks everything before it records the first block. Removes doubled and \
trailing slashes from targets of symbolic links, because a path in UDF cannot contain them.

A file that changes, disappears or cannot be read while it is recorded is left out and named; everything else is \
committed, and the exit code is 1. The first interrupt commits the files that are complete, the second abandons them; on \
a terminal the command asks. The image, its side file and its trace are left out if they are among the files.

Examples:
  oncefs add photos.udf ~/photos/2026-11                   makes /2026-11
  oncefs add photos.udf ~/photos/. --into /all             puts the contents of ~/photos into /all
  oncefs add src.udf project --exclude target --exclude '*.o' --exclude 'project/docs/**'
  pg_dump shop | oncefs add dumps.udf - --name shop.sql    what comes from standard input
  oncefs add big.udf ~/archive --commit-every 4G           what is recorded lasts while the rest comes")]
pub struct Add {
    /// The disc: an image or a drive
    pub disc: PathBuf,
    /// Files and directories to add; `dir` makes /dir, `dir/.` adds its contents to the target
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
The files leave the volume, but their blocks stay on the write-once disc.

Examples:
  oncefs rm photos.udf /2026-11/blurred.jpg
  oncefs rm photos.udf -r /2026-10")]
pub struct Remove {
    /// The disc: an image or a drive
    pub disc: PathBuf,
    /// Files on the disc
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<String>,
    /// Remove directories and their contents
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
    /// The disc: an image or a drive
    pub disc: PathBuf,
    /// Directories on the disc
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<String>,
    /// Also make missing parents, and accept directories that exist
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
    /// The disc: an image or a drive
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
    /// The disc: an image or a drive
    pub disc: PathBuf,
    /// The file that gets another name; with -s, any text
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
For a disc after a power cut, a pulled cable or a program that died. Shows the newest whole generation, and what was \
recorded after it that no generation names: whole files, entries whose data is not all there, data without an entry, \
padding. Without --write nothing is recorded.

Readers that look for the VAT ICB only at the end find no volume on such a disc: --write records the VAT again there. The \
next change does the same; opening a disc never does. --lost-and-found must come with the first --write, because \
afterwards the end of the disc is whole.

With --json: generation, vat_icb, time, interrupted, closing_interrupted and after (first, blocks, whole_files, \
entries, data, without_entry, padding, unreadable, not_read). With --write: interrupted, closed, accepted, vat_icb, \
lost_and_found (files, with_own_name, directories, without_streams, no_room, directory, left_out), and closing.

Exit status is 0 if there is a whole generation, and 5 if a later one may be lost to damage.

Examples:
  oncefs recover photos.udf
  oncefs recover photos.udf --write
  oncefs recover /dev/sr0 --lost-and-found --close")]
pub struct Recover {
    /// The disc: an image or a drive
    pub disc: PathBuf,
    /// Record the VAT of the newest generation again, at the end
    #[arg(long)]
    pub write: bool,
    /// Name whole files that no generation names: in /lost+found with their own path, or # and the block of
    /// their entry; implies --write
    #[arg(long)]
    pub lost_and_found: bool,
    /// Close the session afterwards; implies --write
    #[arg(long)]
    pub close: bool,
    #[command(flatten)]
    pub stated: ToChange,
}

impl Recover {
    /// Whether anything is to be recorded.
    pub fn writes(&self) -> bool {
        self.write || self.lost_and_found || self.close
    }
}
