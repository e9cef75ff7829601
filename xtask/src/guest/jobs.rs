//! Requests to the guest and its answers: files in the folder that host and guest share.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::listing::Listing;

/// The jobs of one boot, in the shared folder.
pub const JOBS: &str = "jobs.json";

/// An image to mount, and how.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// A description for reports.
    pub name: String,
    /// The path of the image on the host.
    pub image: PathBuf,
    /// The file system type passed to mount.
    pub filesystem: String,
    /// Mount options besides `ro`, as for `mount -o`.
    pub options: String,
    pub work: Work,
}

/// What to do with an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Work {
    /// Mount it read-only and list it.
    List,
    /// Create files on it, change and remove some, and unmount it.
    Change,
    /// Copy a tree to it, and unmount it.
    Fill,
    /// Copy files to it that are known by their contents, and unmount it.
    FillWithKinds,
}

/// What the kernel saw.
#[derive(Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// Why it could not be mounted, walked or unmounted.
    pub error: Option<String>,
    /// What was seen; empty if nothing could be mounted.
    pub listing: Listing,
    /// The kernel's warnings and errors about this image.
    #[serde(default)]
    pub complaints: Vec<String>,
    /// Milliseconds from mount to unmount.
    pub milliseconds: u128,
}

/// The file for the outcome of a job.
pub fn outcome_path(shared: &Path, position: usize) -> PathBuf {
    shared.join(format!("outcome-{position}.json"))
}

/// Reads a JSON file.
pub fn read<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<T> {
    let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("cannot understand {}", path.display()))
}

/// Writes a JSON file.
pub fn write(path: &Path, value: &impl Serialize) -> Result<()> {
    std::fs::write(path, serde_json::to_vec(value)?)
        .with_context(|| format!("cannot write {}", path.display()))
}
