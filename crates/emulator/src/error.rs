//! Why an image cannot be made or opened as a disc.

use crate::medium::Medium;
use crate::proof::Misfit;
use std::io;
use std::path::PathBuf;

/// Why an image has no recorder.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The image, or the side file of one, already exists.
    #[error("{} already exists", .0.display())]
    Exists(PathBuf),
    /// The image has no side file, so its medium is unknown.
    #[error("{} has no side file that says which medium it is", .0.display())]
    NoSideFile(PathBuf),
    /// The side file's name belongs to something other than a regular file: a symbolic link, a FIFO, a
    /// device, a directory.
    #[error("{} is not a regular file, so it cannot be a side file", .0.display())]
    NotASideFile(PathBuf),
    /// The host does not allow the side file to be replaced.
    #[error("{} cannot be replaced, so nothing can be recorded", .0.display())]
    SideFileFixed(PathBuf),
    /// Image and side file do not match, so recording requires an explicit request.
    #[error("{}: {misfit}", image.display())]
    Unproven {
        /// The image.
        image: PathBuf,
        /// How they differ.
        misfit: Misfit,
    },
    /// The side file does not have the form that this version writes.
    #[error("line {line} of {}: {what}", path.display())]
    SideFile {
        /// The side file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        what: &'static str,
    },
    /// Another recorder has locked the image.
    #[error("{} is in use", .0.display())]
    InUse(PathBuf),
    /// The capacity is less than one unit of the medium, or more than any medium has.
    #[error("no medium has a capacity of {0} blocks")]
    NoCapacity(u32),
    /// The image contains more blocks than the medium has.
    #[error("the image has {blocks} blocks, but the medium only {capacity}")]
    TooBig {
        /// Blocks of the image.
        blocks: u64,
        /// Blocks of the medium.
        capacity: u32,
    },
    /// The side file is that of another disc, whose medium is too small for the image.
    #[error(
        "{}: its side file is that of another disc, a {medium} of {capacity} blocks, and the image holds {blocks}",
        image.display()
    )]
    OtherMedium {
        /// The image.
        image: PathBuf,
        /// Blocks of the image.
        blocks: u64,
        /// The medium of the other disc.
        medium: Medium,
        /// Blocks of that medium.
        capacity: u32,
    },
    /// The image does not end on a block boundary.
    #[error("the image has {0} bytes, which is not a whole number of blocks")]
    NotWholeBlocks(u64),
    /// The file system of the host returned an error.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The error.
        source: io::Error,
    },
}
