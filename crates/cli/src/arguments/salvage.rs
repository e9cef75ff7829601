//! `oncefs salvage`.

use std::path::PathBuf;

use clap::Args;

/// `oncefs salvage`
#[derive(Args, Debug)]
#[command(after_help = "\
Reads every recorded block once and looks for entries, names, VATs and descriptors; none of these need be left. Files get \
the paths that names still give them, below DIR. What has no name is in DIR/lost+found: #BLOCK, with an ending by its \
contents. A further volume of the disc that has other files is in DIR/volume N. Zeros are in place of what cannot be \
read. Changes nothing on the disc.

With --map, a run that was stopped, or that could not read everything, goes on when it is repeated with the same map and \
DIR: it reads what was not read yet, and copies what is not whole yet. ddrescue and ddrescueview read the map; a map of \
ddrescue itself tells what its image lacks.

Exit status is 0 only if everything that was found is whole and every recorded block was read, 5 otherwise.

Examples:
  oncefs salvage ruin.udf --to ~/saved
  oncefs salvage /dev/sr0 --to ~/saved --map disc.map      once more goes on
  oncefs salvage ruin.udf --to ~/saved --versions          also earlier versions, as NAME~BLOCK
  oncefs salvage ruin.udf --to ~/saved --json | jq '.files[] | select(.whole | not)'")]
pub struct Salvage {
    /// The disc: an image or a drive
    pub disc: PathBuf,
    /// The directory to copy to: new, empty, or that of an earlier run with the same map
    #[arg(long = "to", value_name = "DIR")]
    pub target: PathBuf,
    /// Also copy earlier versions of files, beside them, and files that were deleted
    #[arg(long)]
    pub versions: bool,
    /// Keep what was read of the disc in this map, as ddrescue writes it
    #[arg(long, value_name = "FILE", alias = "mapfile")]
    pub map: Option<PathBuf>,
    /// Read a block that fails this many times more before giving it up
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub retries: u32,
    /// Also read the blocks again that an earlier run could not read
    #[arg(long, requires = "map")]
    pub again: bool,
    /// Copy more bytes than the disc has recorded, as for files that share blocks
    #[arg(short, long, visible_alias = "yes", visible_short_alias = 'y')]
    pub force: bool,
}
