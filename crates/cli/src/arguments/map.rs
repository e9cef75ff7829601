//! `oncefs map`

use std::path::PathBuf;

use clap::Args;

use super::look::View;

/// `oncefs map`
#[derive(Args, Debug)]
#[command(after_help = "\
Shows a line for each session, where each letter is the kind of most blocks in that part, and how many blocks each kind \
has. Reads all directories and nodes, also those of earlier generations, but no contents of files. Colours are for terminals only; NO_COLOR in the environment turns them off.

--html makes one file that needs no network: the surface as a spiral and as a strip, coloured by kind or by generation, \
with the file of each block; search; generations, sessions, readers, what a check finds, and a card for the box. \
It also checks the volume, as --check does.

With --json: an object with label, medium, blocks, kinds (blocks by kind), sessions, generations, readers, contents, \
findings, unread_nodes, blocks_not_looked_at, names_left_out and runs: start, blocks, kind, was (what a superseded run \
was), generation, path.

Exit status is 5 if the newest state cannot be read and an earlier one is shown, or if nodes or directories cannot be \
read.

Examples:
  oncefs map photos.udf
  oncefs map photos.udf --html photos.html
  oncefs map photos.udf --svg photos.svg
  oncefs map photos.udf --json | jq '.runs[] | select(.kind == \"unreadable\") | .path'
  oncefs map photos.udf --mapfile photos.map --html photos.html    which files ddrescue could not read")]
pub struct Map {
    /// The disc: an image or a drive
    pub disc: PathBuf,
    /// Draw the disc as SVG in this file; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// Make a page of the disc in this file; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Also check the volume, as `oncefs check` does
    #[arg(long)]
    pub check: bool,
    /// Also read the contents of all files, to find out which of them cannot be read
    #[arg(long)]
    pub data: bool,
    /// Show the blocks as unreadable that this map of ddrescue or of `oncefs extract` has as such
    #[arg(long, value_name = "FILE")]
    pub mapfile: Option<PathBuf>,
    #[command(flatten)]
    pub view: View,
}
