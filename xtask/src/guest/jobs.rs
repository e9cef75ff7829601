//! What is asked of the guest, and what it answers: files in the folder that host and guest share.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::listing::Listing;

/// The jobs of one boot, in the shared folder.
pub const JOBS: &str = "jobs.json";

/// One image to mount, and how.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// In words, for reports.
    pub name: String,
    /// The image, on the host.
    pub image: PathBuf,
    /// The type that mount is given.
    pub filesystem: String,
    /// Mount options beside `ro`, as for `mount -o`.
    pub options: String,
    pub work: Work,
}

/// What is done with an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Work {
    /// It is mounted read-only and listed.
    List,
    /// The kernel makes files on it first, changes and removes some, and unmounts it.
    Change,
}

/// What the kernel made of it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// Why it could not be mounted, walked or unmounted.
    pub error: Option<String>,
    /// What was seen; empty where nothing could be mounted.
    pub listing: Listing,
    /// The kernel's warnings and errors about this image.
    #[serde(default)]
    pub complaints: Vec<String>,
    /// Milliseconds from mount to unmount.
    pub milliseconds: u128,
}

/// The file of a job's outcome.
pub fn outcome_path(shared: &Path, position: usize) -> PathBuf {
    shared.join(format!("outcome-{position}.json"))
}

/// Read one JSON file.
pub fn read<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<T> {
    let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("cannot understand {}", path.display()))
}

/// Write one JSON file.
pub fn write(path: &Path, value: &impl Serialize) -> Result<()> {
    std::fs::write(path, serde_json::to_vec(value)?)
        .with_context(|| format!("cannot write {}", path.display()))
}
