//! Reads and records write-once discs: CD-R, DVD-R, DVD+R, BD-R, and images of them.
//!
//! The volume on such a disc is UDF with a virtual partition, as Windows and Linux record it. Files can be
//! added over weeks. Each commit is one block, which a power cut cannot split. Closing the session makes the
//! disc readable in any ROM drive, and further sessions can add more until the disc is finalized.
//!
//! # Read
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("archive.udf");
//! # let now = std::time::SystemTime::now();
//! # let mut new = oncefs::FormatOptions::new().capacity(20_000).create(&path, oncefs::Medium::BdR, now)?;
//! # new.create_dir("/letters")?;
//! # new.write("/letters/one.txt", "Dear reader")?;
//! # new.commit()?;
//! # drop(new);
//! let volume = oncefs::open(&path)?;
//! for entry in volume.read_dir("/letters")? {
//!     let entry = entry?;
//!     println!("{} has {} bytes", entry.path(), entry.metadata()?.len());
//! }
//! let text = std::io::read_to_string(volume.open("/letters/one.txt")?)?;
//! assert_eq!(text, "Dear reader");
//! # Ok(())
//! # }
//! ```
//!
//! # Format and add
//!
//! An image file is a disc in an emulated recorder, which enforces the limits of a real one. Use `/dev/sr0`
//! instead for the disc in that drive.
//!
//! What only a drive would know of a disc, such as its medium, tracks and sessions, is in the *side file* of
//! the image: `archive.udf.oncefs` belongs to `archive.udf`. Move and copy both together. An image without
//! one can be read, and recorded on if its medium is [stated](OpenOptions::medium).
//!
//! A [`Recording`] locks its disc until it is dropped: drop it before you open the disc again.
//!
//! ```
//! use oncefs::{FormatOptions, Medium, OpenOptions};
//! use std::time::SystemTime;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("archive.udf");
//!
//! let mut options = FormatOptions::new();
//! options.label("Archive");
//! # options.capacity(20_000);
//! let mut disc = options.create(&path, Medium::DvdPlusR, SystemTime::now())?;
//! disc.create_dir("/2026")?;
//! disc.write("/2026/plan.txt", "Buy discs")?;
//! disc.commit()?;
//! drop(disc);
//!
//! // Weeks later.
//! let mut disc = OpenOptions::new().record(&path, SystemTime::now())?;
//! disc.rename("/2026/plan.txt", "/2026/done.txt")?;
//! disc.commit()?;
//! assert!(disc.exists("/2026/done.txt")?);
//! # Ok(())
//! # }
//! ```
//!
//! # Close and check
//!
//! ```
//! use oncefs::{OpenOptions, check};
//! use std::time::SystemTime;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("archive.udf");
//! # let now = SystemTime::now();
//! # drop(oncefs::FormatOptions::new().capacity(20_000).create(&path, oncefs::Medium::BdR, now)?);
//!
//! let options = OpenOptions::new();
//! let closed = options.record(&path, SystemTime::now())?.close()?;
//! assert!(closed.vat_icb.is_some() && !closed.finalized);
//!
//! let report = options.check(&path, &check::Options::default())?;
//! assert!(report.is_clean() && report.interrupted().is_none());
//! # Ok(())
//! # }
//! ```
//!
//! # Open a disc in every reader
//!
//! Some readers do not know the VAT: 7-Zip, GRUB, UEFI firmware, players. For them each closing can add a
//! *plain volume* over the same file data, if the disc was formatted for it. The plain volume is read-only.
//!
//! ```
//! use oncefs::{FormatOptions, Medium, OpenOptions, PlainVolume, PlainVolumeKind};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("archive.udf");
//! # let now = std::time::SystemTime::now();
//!
//! let mut options = FormatOptions::new();
//! options.plain_volume(PlainVolumeKind::Bridge); // with ISO 9660 to the same files
//! # options.capacity(20_000);
//! let mut disc = options.create(&path, Medium::BdR, now)?;
//! disc.write("/note.txt", "For everyone")?;
//! assert_eq!(disc.close()?.plain_volume, PlainVolume::Recorded);
//! drop(disc);
//!
//! let others_see = OpenOptions::new().plain_volume(true).open(&path)?;
//! assert!(others_see.exists("/note.txt")?);
//! # Ok(())
//! # }
//! ```
//!
//! # Which call to use
//!
//! | to | call |
//! |---|---|
//! | read | [`open`], [`Volume::read_dir`], [`Volume::walk_dir`], [`Volume::open`], [`Volume::metadata`], [`Volume::read_link`], [`Volume::streams`] |
//! | inspect the medium and its sessions | [`OpenOptions::info`], [`Volume::disc`], [`Volume::info`], [`Volume::plan`] |
//! | see earlier states | [`Volume::past`], [`OpenOptions::at`]; what changed: [`Volume::comparison`] |
//! | format | [`FormatOptions::create`] for an image, [`FormatOptions::format`] for a drive |
//! | add | [`Recording::write`], [`Recording::create`], [`Recording::add_file`], [`Recording::add_dir_all`] |
//! | change | [`Recording::rename`], [`Recording::remove_file`], [`Recording::remove_dir_all`], [`Recording::hard_link`], [`Recording::set_attributes`] |
//! | make changes permanent | [`Recording::commit`], [`Recording::recover`] after a power cut |
//! | see and name what a power cut left | [`Volume::after_newest`], [`Recording::recover_lost_and_found`] |
//! | close | [`Recording::close`], [`Recording::finalize`] |
//! | open a disc in every reader | [`FormatOptions::plain_volume`]; [`Recording::set_plain_volume`] for a disc formatted without |
//! | copy to the host | [`Volume::extract_dir_all`], [`File::copy_to_file`] |
//! | work node by node: extents, walks, copies past damage | [`nodes`] |
//! | check against the standards | [`OpenOptions::check`] |
//! | see what each block of a disc is, and draw it | [`Volume::portrait`], [`portrait`] |
//! | send a Windows control code | [`OpenOptions::control`], [`control`] |
//! | set the speed, hear commands and notices | [`OpenOptions`], which [`FormatOptions::open_options`] takes too |
//! | open the tray, ask a drive | [`OpenOptions::disc`], [`Drive::eject`] |
//! | find the drives of the host | `HostDrive`, with the feature `drives` |
//!
//! # Layers
//!
//! ```text
//!     your program          the program oncefs
//!             \              /
//!              oncefs                           this crate: paths, files, one error type
//!             /   |    \
//!      control    |     check                   NT control codes | rules of the standards
//!             \   |
//!              recording                        tree, VAT, commit, closing
//!                 |
//!              volume                           recognition, VAT, nodes, directories
//!                 |
//!              drive                            the open drive and its medium
//!              /     \
//!          sgio      emulator                   a drive of the host | a recorder on an image file
//! ```
//!
//! [`nodes`] has the volume and the recording below the paths. [`Volume::from_drive`] accepts a [`Drive`]
//! over your own transport. The crates below are the packages `oncefs-volume`, `oncefs-recording` and so on,
//! with the same version as this one.
//!
//! # Limits
//!
//! - Rewritable media, hard disks and memory cards are not recorded. UDF volumes on them can be read.
//! - Named streams and special files are not recorded. Both can be read.
//! - [`Recording::add_dir_all`] records symbolic links as such; [`Recording::add_file`] reads the file that
//!   a path leads to. Neither detects changes to files of the host while it reads them, as the program does.
//! - [`Recording::free_blocks`] is room for bodies, nodes and names together: a file of exactly that size
//!   does not fit.
//! - The crate prints nothing and reads neither clock nor environment. The caller passes times as a
//!   [`SystemTime`](std::time::SystemTime) or a [`Timestamp`].
//! - The crate runs only on Linux. Calls block until the drive is done.
//!
//! # Features
//!
//! `drives`, on by default: access to the drives of the host through SG_IO. Without it, paths of drives are
//! read as block devices and cannot be recorded on.
//!
//! ---
//!
//! Owns: the API for Rust programs, its paths and its error. Imports: control, check, disc, portrait,
//! recording, salvage, volume, drive, emulator, mmc, ecma167. Never touches: structures, command blocks,
//! messages for users.
#![forbid(unsafe_code)]

mod at;
mod bring_back;
mod closed;
mod disc_info;
mod error;
mod extract;
mod file;
mod format_options;
pub mod holes;
mod host_files;
mod metadata;
mod names;
mod new_file;
pub mod nodes;
mod open_options;
mod paths;
mod read_dir;
mod recording;
mod remove_tree;
mod turn;
mod volume;
mod volume_info;
mod walk_dir;

#[doc(inline)]
pub use ::check;
pub use ::container::{Contents as ImageContents, Kind as ImageContentsKind};
#[doc(inline)]
pub use ::control;
#[doc(inline)]
pub use ::portrait;
pub use ::recording::Error as RecordingError;
pub use ::recording::{
    Changes, Commit, LOST_AND_FOUND, Linked, NoPlainVolume, OpenVolume, PlainVolume, PlainVolumeChoice,
    PlainVolumeDifferences, PlainVolumeKind, Plan, Restored, Room, TRACK_AT_ONCE,
};
#[doc(inline)]
pub use ::salvage;
pub use ::volume::{
    AfterNewest, Change, ChangeKind, Companion as PlainVolumeInfo, Comparison, Count, Damage,
    Error as VolumeError, Generation, InUse, Instead, Link, Loss, NodeKind as FileType, Past, Structure,
    Totals, UnnamedEntry, UnnamedKind, Wholeness,
};
#[cfg(feature = "drives")]
pub use disc::HostDrive;
pub use disc::{Disc, Error as DiscError, NewImage, Stated, Until};
pub use drive::{
    Drive, DriveError, ImageOrigin, ImageRemainder, Look, Notice as DriveNotice, RECORDED_PROFILES, ReadOnly,
    ReadOutcome, Reading, RemainderKind, Session, SessionState, Speed, Status, Usage,
};
pub use ecma167::general::Timestamp;
pub use ecma167::osta::Revision;
pub use ecma167::{BLOCK_SIZE, LogicalSector, RecordedAddress};
pub use emulator::{Error as ImageError, FaultScript, Medium, Misfit, Probed};
pub use mmc::{Lba, Profile, TraceEntry};

pub use at::At;
pub use closed::Closed;
pub use disc_info::DiscInfo;
pub use error::{Error, ErrorKind, Result};
pub use file::File;
pub use format_options::FormatOptions;
pub use metadata::Metadata;
pub use names::{NameError, check_name, name_bytes};
pub use new_file::NewFile;
pub use open_options::{OpenOptions, open};
pub use read_dir::{DirEntry, ReadDir};
pub use recording::Recording;
pub use volume::Volume;
pub use volume_info::VolumeInfo;
pub use walk_dir::WalkDir;
