//! Commands that make, fill and close a disc.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};
use oncefs::{Medium, PlainVolumeKind, Revision};

use super::{Capacity, Selecting, ToChange, medium::parse_medium};

/// The properties of a new disc.
#[derive(Args, Clone, Debug)]
pub struct NewDisc {
    /// The medium of a new image: cd-r-74, cd-r, dvd-r, dvd-r-dl, dvd+r, dvd+r-dl, bd-r, bd-r-dl, bd-r-tl,
    /// bd-r-ql [default: bd-r]
    #[arg(long, value_name = "MEDIUM", value_parser = parse_medium)]
    pub medium: Option<Medium>,

    /// The capacity of a new image, if not the nominal one: bytes, or with K, M, G, KB, MB, GB, b (blocks)
    #[arg(long, value_name = "SIZE")]
    pub capacity: Option<Capacity>,

    /// The UDF revision: 1.50, 2.00, 2.01, 2.50 or 2.60 [default: 2.01 on CD and DVD, 2.50 on BD]
    #[arg(long, value_name = "REV", value_parser = parse_revision)]
    pub udf: Option<Revision>,

    /// The name of the volume [default: the name of the image]
    #[arg(long, value_name = "NAME")]
    pub label: Option<String>,

    #[command(flatten)]
    pub rom: RomOptions,
}

/// The plain volume that each closing records, for readers without VAT.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct RomOptions {
    /// Record a plain volume of the same files at each closing, for readers without VAT: `bridge` is UDF and
    /// ISO 9660, `udf` is UDF alone [default: bridge for a burn that closes a new disc, else no]
    #[arg(long, value_name = "KIND", value_enum)]
    pub rom: Option<RomKind>,

    /// Keep symbolic links and special files in the UDF of the plain volume; 7-Zip refuses a volume with one
    /// of them
    #[arg(long)]
    pub rom_links: bool,
}

/// The structures of a plain volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RomKind {
    /// UDF, and ISO 9660 with Rock Ridge and Joliet
    Bridge,
    /// UDF alone
    Udf,
    /// No plain volume
    No,
}

impl RomKind {
    /// The kind of plain volume; `None` for no plain volume.
    pub fn kind(self) -> Option<PlainVolumeKind> {
        match self {
            Self::Bridge => Some(PlainVolumeKind::Bridge),
            Self::Udf => Some(PlainVolumeKind::Udf),
            Self::No => None,
        }
    }
}

fn parse_revision(text: &str) -> Result<Revision, String> {
    match text.parse() {
        Ok(revision) if revision != Revision::V1_02 => Ok(revision),
        _ => Err("use 1.50, 2.00, 2.01, 2.50 or 2.60, the revisions with a virtual partition".into()),
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
    /// The disc, which must be blank: a drive, or an image, which is made if it does not exist
    pub disc: PathBuf,
    #[command(flatten)]
    pub new: NewDisc,
}

/// `oncefs burn`
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("end").args(["close", "finalize"]))]
#[command(after_help = "\
--finalize does not ask, because the disc ends with the recording of this one command. If the command makes an image and \
fails before the files are on it, the image is removed. A recording that is interrupted or leaves files out is committed \
as by `oncefs add`, and is neither closed nor finalized.

Examples:
  oncefs burn ~/photos --to photos.udf --finalize
  oncefs burn ~/project/. --to project.udf --medium dvd-r --label Project --close
  oncefs burn ~/photos/2026-11 --to photos.udf             add to a disc that is not blank: as `oncefs add`")]
pub struct Burn {
    /// Files and directories to add; `dir` makes /dir, `dir/.` adds its contents to the target
    #[arg(required = true, value_name = "PATH")]
    pub sources: Vec<PathBuf>,
    /// The disc: a drive or an image; an image is made if it does not exist, a blank disc is formatted
    #[arg(long = "to", value_name = "DISC")]
    pub disc: PathBuf,
    #[command(flatten)]
    pub new: NewDisc,
    #[command(flatten)]
    pub selecting: Selecting,
    /// Close the session at the end; more can be added later in a new one
    #[arg(long)]
    pub close: bool,
    /// Finalize the disc at the end; nothing can be added any more
    #[arg(long)]
    pub finalize: bool,
}

/// `oncefs close`
#[derive(Args, Debug)]
#[command(after_help = "\
Finalizing cannot be undone: on a terminal the command shows how many free blocks will be lost, and asks once.

Examples:
  oncefs close photos.udf                                  more can be added later in a new session
  oncefs close photos.udf --finalize                       nothing can be added any more
  oncefs close photos.udf --finalize --yes                 without the question")]
pub struct Close {
    /// The disc: an image or a drive
    pub disc: PathBuf,
    /// Finalize the disc: nothing can be added any more
    #[arg(long)]
    pub finalize: bool,
    /// Finalize without asking
    #[arg(short, long)]
    pub yes: bool,
    /// Whether to record a plain volume for readers without VAT: `no` closes without one; `bridge` or `udf`
    /// records one, in another session if the disc was formatted, or last closed, without
    #[arg(long, value_name = "KIND", value_enum)]
    pub rom: Option<RomKind>,
    #[command(flatten)]
    pub stated: ToChange,
}
