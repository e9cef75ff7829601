//! Commands that make, fill and close a disc.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};
use ecma167::osta::Revision;
use emulator::Medium;

use super::{Capacity, Selecting, ToChange, medium::parse_medium};

/// What a new disc is to be.
#[derive(Args, Clone, Debug)]
pub struct NewDisc {
    /// The medium of a new image: cd-r-74, cd-r, dvd-r, dvd-r-dl, dvd+r, dvd+r-dl, bd-r, bd-r-dl, bd-r-tl, bd-r-ql
    /// [default: bd-r]
    #[arg(long, value_name = "MEDIUM", value_parser = parse_medium)]
    pub medium: Option<Medium>,

    /// The capacity of a new image, where it is not the nominal one: bytes, or with K, M, G, KB, MB, GB, b (blocks)
    #[arg(long, value_name = "SIZE")]
    pub capacity: Option<Capacity>,

    /// The revision of UDF: 1.50, 2.00, 2.01, 2.50 or 2.60 [default: 2.01 on CD and DVD, 2.50 on BD]
    #[arg(long, value_name = "REV", value_parser = parse_revision)]
    pub udf: Option<Revision>,

    /// The name of the volume [default: the name of the image]
    #[arg(long, value_name = "NAME")]
    pub label: Option<String>,

    #[command(flatten)]
    pub rom: RomOptions,
}

/// The plain volume that each closing records, for readers that know no VAT.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct RomOptions {
    /// Let each closing of the disc record a plain volume of the same files, which readers without VAT open too: `bridge` is UDF
    /// and ISO 9660, `udf` is UDF alone [default: bridge for a burn that closes a new disc, else no]
    #[arg(long, value_name = "KIND", value_enum)]
    pub rom: Option<RomKind>,

    /// Keep symbolic links and special files in the UDF of the plain volume; 7-Zip refuses a volume with one of them
    #[arg(long, requires = "rom")]
    pub rom_links: bool,
}

/// What leads to the files of a plain volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RomKind {
    /// UDF, and ISO 9660 with Rock Ridge and Joliet
    Bridge,
    /// UDF alone
    Udf,
    /// No plain volume
    No,
}

fn parse_revision(text: &str) -> Result<Revision, String> {
    match text.parse() {
        Ok(revision) if revision != Revision::V1_02 => Ok(revision),
        _ => Err("one of 1.50, 2.00, 2.01, 2.50, 2.60: the revisions with a virtual partition".into()),
    }
}

/// `oncefs format`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  oncefs format photos.udf                                 a BD-R of 25 GB, UDF 2.50
  oncefs format tape.udf --medium cd-r --label Tape
  oncefs format test.udf --medium dvd+r --capacity 100M --udf 1.50")]
pub struct Format {
    /// The image; made where it does not exist, otherwise it has to be blank
    pub disc: PathBuf,
    #[command(flatten)]
    pub new: NewDisc,
}

/// `oncefs burn`
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("end").args(["close", "finalize"]))]
#[command(after_help = "\
--finalize does not ask whether it is meant: it is the end of a disc that this one command records. An image that the \
command makes is removed again where it fails before the files are on it. A recording that was interrupted or that leaves \
files out is committed as by `oncefs add`, and neither closed nor finalized.

Examples:
  oncefs burn ~/photos --to photos.udf --finalize
  oncefs burn ~/project/. --to project.udf --medium dvd-r --label Project --close
  oncefs burn ~/photos/2026-11 --to photos.udf             add to a disc that is not blank: as `oncefs add`")]
pub struct Burn {
    /// Files and directories to add; `dir` makes /dir, `dir/.` puts its contents at the target
    #[arg(required = true, value_name = "PATH")]
    pub sources: Vec<PathBuf>,
    /// The image; made where it does not exist, formatted where it is blank
    #[arg(long = "to", value_name = "DISC")]
    pub disc: PathBuf,
    #[command(flatten)]
    pub new: NewDisc,
    #[command(flatten)]
    pub selecting: Selecting,
    /// Close the session afterwards; more can be added later in a new one
    #[arg(long)]
    pub close: bool,
    /// Finalize the disc afterwards; nothing can be added any more
    #[arg(long)]
    pub finalize: bool,
}

/// `oncefs close`
#[derive(Args, Debug)]
#[command(after_help = "\
Finalizing cannot be undone: on a terminal the command says how many free blocks will be lost, and asks once.

Examples:
  oncefs close photos.udf                                  more can be added later in a new session
  oncefs close photos.udf --finalize                       nothing can be added any more
  oncefs close photos.udf --finalize --yes                 without the question")]
pub struct Close {
    /// The image
    pub disc: PathBuf,
    /// Finalize the disc: nothing can be added any more
    #[arg(long)]
    pub finalize: bool,
    /// Finalize without asking
    #[arg(short, long)]
    pub yes: bool,
    /// Record a plain volume, or none, for readers that know no VAT: `no` closes without one, `bridge` or `udf` records one in one more
    /// session if the disc was formatted, or closed last, without
    #[arg(long, value_name = "KIND", value_enum)]
    pub rom: Option<RomKind>,
    #[command(flatten)]
    pub stated: ToChange,
}
