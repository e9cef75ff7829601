//! Commands about the past of a disc.

use std::path::PathBuf;

use clap::Args;
use oncefs::At;

use super::ToChange;
use super::at::parse_at;

/// `oncefs log`
#[derive(Args, Debug)]
#[command(after_help = "\
`oncefs history` is the same command. Each commit is a generation; the first is 1. A line has its number, time, session, \
the block of its VAT ICB, files added \
(+), changed (~) and removed (-) since the generation before, bytes more or less, blocks of the medium that it took, and \
the name of the volume. A file with several names counts once. --at N of other commands shows a generation.

If the chain of generations on the disc is broken or leaves one out, the disc is searched for it, and a note says so. A \
disc without a VAT has one generation.

With --json: an array of objects with number, session, block, time, label, link (first, chained, left-out or broken), \
blocks, unread (what could not be read), added, changed, removed and renamed, each with files, directories and bytes, \
changed_bytes_before, linked and unlinked (names); with --stat also changes: change, path, from, type, bytes_before and \
bytes.

Exit status is 5 if a generation or a part of one cannot be read: the rest is listed.

Examples:
  oncefs log photos.udf
  oncefs log photos.udf --stat
  oncefs log photos.udf --json | jq '.[] | select(.removed.files > 0) | .number'")]
pub struct Log {
    /// The disc: an image or a drive
    pub disc: PathBuf,
    /// Also list what each generation added (+), changed (~), removed (-) and renamed (>), and names that it
    /// added (=) to files or took (/) from them
    #[arg(long)]
    pub stat: bool,
}

/// `oncefs undelete`
#[derive(Args, Debug)]
#[command(after_help = "\
Makes one commit. Takes each path from the newest generation that has it, or from that of --at, and restores it with \
everything below it that the volume does not have now. Restores the directories on its path too, if they are missing. \
Leaves files that exist as they are: `oncefs cat DISC PATH --at N` writes an older version of a file, and `oncefs \
rollback` brings back a whole state.

The old nodes become current again, so no data is recorded a second time, and the disc loses a few blocks only. The data \
of a file is copied only if a later version of it is on the volume under another name.

With --json: an array of objects with path, generation, files, directories, copied, existing, unread and \
without_streams.

Exit status is 5 if something of the old state cannot be read: the rest is restored.

Examples:
  oncefs undelete photos.udf /2026-11/blurred.jpg
  oncefs undelete photos.udf /2026-10 --at 12
  oncefs undelete photos.udf / --at 2026-11-03          all that was removed since then")]
pub struct Undelete {
    /// The disc: an image or a drive
    pub disc: PathBuf,
    /// Files and directories as they were on the disc
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<String>,
    /// Restore from this generation: a number as in `oncefs log`, a time, or block:B with the block of its
    /// VAT ICB [default: the newest that has the path]
    #[arg(long, value_name = "GENERATION", value_parser = parse_at)]
    pub at: Option<At>,
    #[command(flatten)]
    pub stated: ToChange,
}

/// `oncefs rollback`
#[derive(Args, Debug)]
#[command(after_help = "\
Makes one commit, which records a VAT and nothing else. The generations in between stay in the past of the disc: \
`oncefs log` lists them, and another rollback brings any of them back.

With --json: an object with generation (the number of the one that is current again), block and time of its VAT ICB.

Examples:
  oncefs rollback photos.udf 12
  oncefs rollback photos.udf '2026-11-03 14:05'")]
pub struct Rollback {
    /// The disc: an image or a drive
    pub disc: PathBuf,
    /// The generation: a number as in `oncefs log`, a time, or block:B with the block of its VAT ICB
    #[arg(value_name = "GENERATION", value_parser = parse_at)]
    pub to: At,
    #[command(flatten)]
    pub stated: ToChange,
}

/// `oncefs diff`
#[derive(Args, Debug)]
#[command(after_help = "\
Lists what the second generation has added (+), changed (~), removed (-) and renamed (>) since the first, and names that \
it added (=) to files or took (/) from them. A renamed directory is one line. With a FOLDER of the host, the folder is \
the second: + is only in the folder, - only on the disc. Names, kinds, sizes, bytes and link targets count, not times, \
modes and owners.

With --json: an array of objects with change, path, from, type, bytes_before and bytes.

Exit status is 0 if nothing differs, 1 if something does, and otherwise more than 1: 2 in place of 1 if it failed.

Examples:
  oncefs diff photos.udf 3 7
  oncefs diff photos.udf 2026-11-03 2026-12-24
  oncefs diff photos.udf ~/photos --in /photos
  oncefs diff photos.udf --at 3 ~/photos --times")]
pub struct Diff {
    /// The disc: an image or a drive
    pub disc: PathBuf,
    /// The first generation as in --at, or a folder of the host
    #[arg(value_name = "A|FOLDER")]
    pub first: String,
    /// The second generation
    #[arg(value_name = "B", value_parser = parse_at)]
    pub second: Option<At>,
    /// Compare the folder with this directory of the disc: /photos if the disc was made from ~/photos
    #[arg(
        long = "in",
        value_name = "DIRECTORY",
        default_value = "/",
        conflicts_with = "second"
    )]
    pub directory: String,
    /// Compare the folder with this generation [default: the newest]
    #[arg(long, value_name = "GENERATION", value_parser = parse_at, conflicts_with = "second")]
    pub at: Option<At>,
    /// Files with another modification time than in the folder also differ
    #[arg(long, conflicts_with = "second")]
    pub times: bool,
}
