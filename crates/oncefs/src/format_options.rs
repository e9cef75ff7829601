//! How a blank disc is formatted.

use std::path::Path;

use disc::NewImage;
use drive::Drive;
use ecma167::general::Timestamp;
use ecma167::osta::Revision;
use emulator::Medium;
use recording::{Attributes, Rom as PlainOptions};

use crate::error::{At, Result};
use crate::open_options::{OpenOptions, shown};
use crate::recording::Recording;

/// What each closing of a disc records beside the volume with the VAT, for readers that know none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rom {
    /// A plain UDF volume over the same data.
    Udf,
    /// A plain UDF volume, and ISO 9660 with Joliet and Rock Ridge.
    Bridge,
}

/// How a blank disc is formatted.
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
    capacity: Option<u32>,
    owner: (u32, u32),
    rom: Option<Rom>,
    rom_links: bool,
}

impl Default for FormatOptions {
    fn default() -> Self {
        Self {
            label: "oncefs".into(),
            revision: None,
            unique: None,
            capacity: None,
            owner: (0, 0),
            rom: None,
            rom_links: false,
        }
    }
}

impl FormatOptions {
    /// A volume of the newest revision that readers of the medium's time know, with a VAT alone.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Names the volume: 126 characters, or 63 if one is beyond U+00FF. Readers that show the volume
    /// identifier of the primary volume descriptor have the first 30 or 15. Without it the name is `oncefs`.
    pub fn label(&mut self, label: impl Into<String>) -> &mut Self {
        self.label = label.into();
        self
    }

    /// Chooses the revision of UDF: 1.50, 2.00, 2.01, 2.50 or 2.60.
    pub fn revision(&mut self, revision: Revision) -> &mut Self {
        self.revision = Some(revision);
        self
    }

    /// Makes the volume set identifier unique beside the time (`UDF 2.60 2.2.2.5`): any random number.
    /// Without it the microseconds of the time serve.
    pub fn unique(&mut self, number: u32) -> &mut Self {
        self.unique = Some(number);
        self
    }

    /// Blocks of 2,048 bytes of a new image; without it those of its medium. A disc in a drive has its own.
    pub fn capacity(&mut self, blocks: u32) -> &mut Self {
        self.capacity = Some(blocks);
        self
    }

    /// The owner of the root directory.
    pub fn owner(&mut self, uid: u32, gid: u32) -> &mut Self {
        self.owner = (uid, gid);
        self
    }

    /// Lets each closing record a plain volume too, for readers that know no VAT.
    pub fn rom(&mut self, rom: Rom) -> &mut Self {
        self.rom = Some(rom);
        self
    }

    /// Gives the plain volume symbolic links and special files, which make some readers refuse it.
    pub fn rom_links(&mut self, links: bool) -> &mut Self {
        self.rom_links = links;
        self
    }

    /// Makes a new image with a blank medium in it, and formats that. Where formatting fails the image is
    /// removed again.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`](crate::ErrorKind::AlreadyExists),
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) of a capacity that no medium has, and as
    /// [`FormatOptions::format_drive`].
    pub fn create(
        &self,
        path: impl AsRef<Path>,
        medium: Medium,
        now: impl Into<Timestamp>,
    ) -> Result<Recording> {
        let path = path.as_ref();
        let made = OpenOptions::new().disc(path).create(medium, self.capacity);
        let drive = made.at(&shown(path))?;
        let mut image = NewImage::made(path);
        let recording = self.format_drive(drive, now).at(&shown(path))?;
        image.keep();
        Ok(recording)
    }

    /// Formats the blank disc at a path: in a drive, or an image that has no volume yet.
    ///
    /// # Errors
    /// As [`OpenOptions::record`] and [`FormatOptions::format_drive`].
    pub fn format(&self, path: impl AsRef<Path>, now: impl Into<Timestamp>) -> Result<Recording> {
        let path = path.as_ref();
        let drive = OpenOptions::new().disc(path).record().at(&shown(path))?;
        self.format_drive(drive, now).at(&shown(path))
    }

    /// Formats the blank medium in a drive that is open already. What an interrupted format left is
    /// completed.
    ///
    /// # Errors
    /// [`ErrorKind::NotBlank`](crate::ErrorKind::NotBlank),
    /// [`ErrorKind::MediumFull`](crate::ErrorKind::MediumFull) of a capacity that is too small,
    /// [`ErrorKind::InvalidName`](crate::ErrorKind::InvalidName) of a label,
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported), or what the drive met.
    pub fn format_drive(&self, drive: Drive, now: impl Into<Timestamp>) -> Result<Recording> {
        let now = now.into();
        let options = self.lower(&drive, now);
        Recording::from_drive(recording::format(drive, &options)?, now)
    }

    fn lower(&self, drive: &Drive, now: Timestamp) -> recording::FormatOptions {
        let (seconds, nanoseconds) = now.to_unix().unwrap_or((0, 0));
        let revision = self
            .revision
            .unwrap_or_else(|| recording::default_revision(drive.medium()));
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
            rom: self.rom.map(|rom| PlainOptions {
                revision: PlainOptions::revision_beside(revision),
                bridge: rom == Rom::Bridge,
                links: self.rom_links,
                is_optional: false,
            }),
        }
    }
}
