//! Options for formatting a blank disc.

use std::path::Path;

use drive::Drive;
use ecma167::general::Timestamp;
use ecma167::osta::{Revision, cs0};
use emulator::Medium;
use recording::{Attributes, PlainVolumeKind, Rom as PlainOptions};

use crate::error::{AtPath, Error, ErrorKind, Result};
use crate::open_options::{OpenOptions, shown};
use crate::recording::Recording;

/// The primary volume descriptor has 32 bytes for the name, the last of which is the length
/// (`ECMA-167 3/10.1.4`).
const MOST_CODED_LABEL: usize = 31;

/// Options for formatting a blank disc.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("archive.udf");
/// let mut options = oncefs::FormatOptions::new();
/// options.label("Archive").capacity(20_000);
/// let recording = options.create(&path, oncefs::Medium::DvdPlusR, std::time::SystemTime::now())?;
/// assert_eq!(recording.info()?.label, "Archive");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct FormatOptions {
    label: String,
    revision: Option<Revision>,
    unique: Option<u32>,
    open: OpenOptions,
    owner: (u32, u32),
    plain_volume: Option<PlainVolumeKind>,
    plain_volume_links: bool,
    plain_volume_is_optional: bool,
}

impl Default for FormatOptions {
    fn default() -> Self {
        Self {
            label: "oncefs".into(),
            revision: None,
            unique: None,
            open: OpenOptions::new(),
            owner: (0, 0),
            plain_volume: None,
            plain_volume_links: false,
            plain_volume_is_optional: false,
        }
    }
}

impl FormatOptions {
    /// Creates options for a volume with a VAT alone, of the newest UDF revision that readers of the medium's
    /// time support.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name of the volume, `oncefs` by default. It has at most 126 characters, or 63 if one is
    /// beyond U+00FF. Readers that show the volume identifier of the primary volume descriptor see the first
    /// 30 or 15.
    pub fn label(&mut self, label: impl Into<String>) -> &mut Self {
        self.label = label.into();
        self
    }

    /// Sets the revision of UDF: 1.50, 2.00, 2.01, 2.50 or 2.60.
    pub fn revision(&mut self, revision: Revision) -> &mut Self {
        self.revision = Some(revision);
        self
    }

    /// Sets the number, preferably random, that makes the volume set identifier unique together with the time
    /// (`UDF 2.60 2.2.2.5`). The default is the microseconds of the time.
    pub fn unique(&mut self, number: u32) -> &mut Self {
        self.unique = Some(number);
        self
    }

    /// Sets the capacity of a new image, as [`OpenOptions::capacity`] does. A disc in a drive has its own
    /// capacity.
    pub fn capacity(&mut self, blocks: u32) -> &mut Self {
        self.open.capacity(blocks);
        self
    }

    /// Sets how the disc is opened: its write speed, notices, commands and faults, and the capacity of a new
    /// image.
    pub fn open_options(&mut self, options: OpenOptions) -> &mut Self {
        self.open = options;
        self
    }

    /// Sets the owner of the root directory.
    pub fn owner(&mut self, uid: u32, gid: u32) -> &mut Self {
        self.owner = (uid, gid);
        self
    }

    /// Makes each closing also record a plain volume, for readers that do not support a VAT.
    pub fn plain_volume(&mut self, kind: PlainVolumeKind) -> &mut Self {
        self.plain_volume = Some(kind);
        self
    }

    /// Sets whether the plain volume contains symbolic links and special files, which make some readers
    /// refuse it.
    pub fn plain_volume_links(&mut self, links: bool) -> &mut Self {
        self.plain_volume_links = links;
        self
    }

    /// Sets whether to format without a plain volume if the drive reserves no track for it. Otherwise that is
    /// an error.
    pub fn plain_volume_if_possible(&mut self, optional: bool) -> &mut Self {
        self.plain_volume_is_optional = optional;
        self
    }

    /// Returns `name` without what a label cannot contain, cut so that every reader shows all of it.
    #[must_use]
    pub fn label_of(name: &str) -> String {
        let is_fit = |c: &char| !c.is_control() && cs0::is_recordable(*c);
        let mut label: String = name.chars().filter(is_fit).collect();
        while cs0::encoded_len(&label) > MOST_CODED_LABEL && label.pop().is_some() {}
        label
    }

    /// Returns the most blocks that a plain volume takes with the start of its session, for `files` names of
    /// files and `directories` directories. Long files that have to be copied, and the zeros of very long
    /// holes, come on top.
    #[must_use]
    pub fn plain_volume_blocks(files: u64, directories: u64) -> u64 {
        recording::blocks_of_plain_volume(files, directories)
    }

    /// Returns the revision of UDF that formatting the medium in `drive` records.
    #[must_use]
    pub fn revision_on(&self, drive: &Drive) -> Revision {
        self.revision
            .unwrap_or_else(|| recording::default_revision(drive.medium()))
    }

    /// Creates a new image of a blank medium and formats it. If formatting fails, the image is removed.
    ///
    /// # Errors
    /// Fails as [`FormatOptions::format_drive`] does, or with:
    ///
    /// - [`ErrorKind::AlreadyExists`] if `path` exists and is no empty file.
    /// - [`ErrorKind::Unsupported`] if no medium has the capacity.
    pub fn create(
        &self,
        path: impl AsRef<Path>,
        medium: Medium,
        now: impl Into<Timestamp>,
    ) -> Result<Recording> {
        let path = path.as_ref();
        // On failure the image is removed after its drive is dropped.
        let (drive, mut image) = self.open.create_blank(path, medium)?;
        let recording = self.format_drive(drive, now).at(&shown(path))?;
        image.keep();
        Ok(recording)
    }

    /// Formats the blank disc at a path: a disc in a drive, or an image without a volume.
    ///
    /// # Errors
    /// Fails as [`OpenOptions::record`] and [`FormatOptions::format_drive`] do.
    pub fn format(&self, path: impl AsRef<Path>, now: impl Into<Timestamp>) -> Result<Recording> {
        let path = path.as_ref();
        let drive = self.open.disc(path).record().at(&shown(path))?;
        self.format_drive(drive, now).at(&shown(path))
    }

    /// Formats the blank medium in a drive that is already open. Completes a format that was interrupted.
    ///
    /// # Errors
    /// Fails with an error of the drive, or with:
    ///
    /// - [`ErrorKind::NotBlank`] if the medium is not blank.
    /// - [`ErrorKind::MediumFull`] if the capacity is too small.
    /// - [`ErrorKind::InvalidName`] if UDF cannot represent the label.
    /// - [`ErrorKind::Unsupported`] if the drive, the medium or the revision
    ///   is not supported.
    pub fn format_drive(&self, drive: Drive, now: impl Into<Timestamp>) -> Result<Recording> {
        let now = now.into();
        Recording::from_drive(self.write_volume(drive, now)?, now)
    }

    /// As [`FormatOptions::format_drive`], but returns the drive and does not open the volume.
    ///
    /// # Errors
    /// Fails as [`FormatOptions::format_drive`] does.
    pub fn write_volume(&self, drive: Drive, now: impl Into<Timestamp>) -> Result<Drive> {
        let options = self.lower(&drive, now.into());
        recording::format(drive, &options).map_err(|error| match error {
            recording::Error::ReadOnly(recording::ReadOnly::Finalized) => {
                Error::new(ErrorKind::NotBlank, error)
            }
            error => error.into(),
        })
    }

    fn lower(&self, drive: &Drive, now: Timestamp) -> recording::FormatOptions {
        let (seconds, nanoseconds) = now.to_unix().unwrap_or((0, 0));
        let revision = self.revision_on(drive);
        let (uid, gid) = self.owner;
        recording::FormatOptions {
            revision,
            label: self.label.clone(),
            unique: self.unique.unwrap_or(nanoseconds / 1000),
            now,
            seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
            root: Attributes {
                uid,
                gid,
                ..Attributes::at(0o755, now)
            },
            rom: self.plain_volume.map(|kind| PlainOptions {
                revision: PlainOptions::revision_beside(revision),
                bridge: kind == PlainVolumeKind::Bridge,
                links: self.plain_volume_links,
                is_optional: self.plain_volume_is_optional,
            }),
        }
    }
}
