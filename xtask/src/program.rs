//! The program being judged, and what it reports about a disc.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::install;
use crate::listing::{Entry, Kind, LargeDirectories, Listing, walk};
use crate::place::Place;

/// A release build of `oncefs`.
#[derive(Clone)]
pub struct Program {
    path: PathBuf,
}

/// `oncefs info --json`
#[derive(Debug, Deserialize)]
pub struct Info {
    pub medium: MediumInfo,
    pub sessions: Vec<SessionInfo>,
    pub volume: Option<VolumeInfo>,
}

/// Its part about the medium.
#[derive(Debug, Deserialize)]
pub struct MediumInfo {
    /// `None` for an image with no stated medium.
    pub profile: Option<String>,
    pub status: String,
    pub next_writable_address: Option<u32>,
}

/// One session of it.
#[derive(Debug, Deserialize)]
pub struct SessionInfo {
    pub start: u32,
    pub last_recorded: Option<u32>,
    pub state: String,
}

/// Its part about the volume.
#[derive(Debug, Deserialize)]
pub struct VolumeInfo {
    pub label: String,
    pub udf_revision: String,
    pub files: Option<u32>,
    pub directories: Option<u32>,
    pub vat_icb: Option<u32>,
    pub clean: bool,
}

/// One object of `oncefs ls --json`.
#[derive(Deserialize)]
struct Listed {
    path: String,
    r#type: String,
    size: u64,
    mode: u32,
    uid: Option<u32>,
    gid: Option<u32>,
    nlink: Option<u64>,
    mtime: Option<jiff::Timestamp>,
    target: Option<String>,
    major: Option<u32>,
    minor: Option<u32>,
}

/// What `oncefs fsctl --json` reports about a request.
#[derive(Debug, Deserialize)]
pub struct Status {
    /// `STATUS_...`
    pub status: String,
    /// The number of the status.
    pub value: u32,
}

impl Program {
    /// Builds it as it is installed: together with the library, so that nothing is built twice.
    pub fn build(place: &Place) -> Result<Self> {
        install::build(&place.shell()?)?;
        Ok(Self {
            path: place.target().join("release/oncefs"),
        })
    }

    /// A copy of it, which no build replaces while it is measured.
    pub fn copied_to(&self, folder: &Path) -> Result<Self> {
        let path = folder.join("oncefs");
        std::fs::copy(&self.path, &path).with_context(|| path.display().to_string())?;
        Ok(Self { path })
    }

    /// Runs it; returns its output, or its error message.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Result<String> {
        let mut command = Command::new(&self.path);
        command.args(arguments);
        let output = command.output().context("cannot run oncefs")?;
        if !output.status.success() {
            let words: Vec<_> = command.get_args().map(OsStr::to_string_lossy).collect();
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            bail!("oncefs {}: {}: {said}", words.join(" "), output.status);
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn json<T: DeserializeOwned>(&self, command: &[&str], disc: &Path) -> Result<T> {
        let arguments = command
            .iter()
            .map(OsStr::new)
            .chain([disc.as_os_str(), OsStr::new("--json")]);
        let text = self.run(arguments)?;
        serde_json::from_str(&text).with_context(|| format!("oncefs {} --json", command.join(" ")))
    }

    /// What it reports about the medium, sessions and volume.
    pub fn info(&self, disc: &Path) -> Result<Info> {
        self.json(&["info"], disc)
    }

    /// What the volume answers to a control code, successful or not.
    pub fn control(&self, disc: &Path, words: &[&str]) -> Result<Status> {
        let mut command = Command::new(&self.path);
        command.args(["--json", "fsctl"]).arg(disc).args(words);
        let output = command.output().context("cannot run oncefs")?;
        serde_json::from_slice(&output.stdout).with_context(|| {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            format!("oncefs fsctl {} {}: {said}", disc.display(), words.join(" "))
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Everything on the volume as the program lists it, without contents.
    pub fn list(&self, disc: &Path) -> Result<Listing> {
        let mut listed: Vec<Listed> = self.json(&["ls", "--directory"], disc)?;
        listed.extend(self.json::<Vec<Listed>>(&["ls", "--recursive"], disc)?);
        listed
            .into_iter()
            .map(|one| Ok((one.path.clone(), one.entry()?)))
            .collect()
    }

    /// Everything on the volume as the program extracts it to `folder`, which is removed again.
    pub fn extract(&self, disc: &Path, folder: &Path) -> Result<Listing> {
        self.run([
            OsStr::new("extract"),
            disc.as_os_str(),
            OsStr::new("--to"),
            folder.as_os_str(),
        ])?;
        let listing = walk(folder, LargeDirectories::ByName)?;
        std::fs::remove_dir_all(folder)?;
        Ok(listing)
    }
}

impl Listed {
    fn entry(self) -> Result<Entry> {
        let kind = kind_of(&self.r#type)?;
        Ok(Entry {
            kind: Some(kind),
            size: matches!(kind, Kind::File | Kind::Symlink).then_some(self.size),
            mode: Some(self.mode),
            uid: self.uid,
            gid: self.gid,
            mtime: self.mtime.map(|time| time.as_microsecond()),
            links: self.nlink.filter(|_| kind != Kind::Directory),
            node: None,
            target: self.target,
            device: self.major.zip(self.minor),
            sha256: None,
        })
    }
}

/// Our words for the kinds of nodes.
fn kind_of(word: &str) -> Result<Kind> {
    Ok(match word {
        "directory" => Kind::Directory,
        "file" => Kind::File,
        "symlink" => Kind::Symlink,
        "char" => Kind::CharDevice,
        "block" => Kind::BlockDevice,
        "fifo" => Kind::Fifo,
        "socket" => Kind::Socket,
        _ => bail!("oncefs ls --json has a type {word:?}"),
    })
}
