//! The recorder: an image, its side file and the drive around them.

use crate::adopted_sessions::AdoptedSessions;
use crate::behaviour::Behaviour;
use crate::error::Error;
use crate::fault::{FaultScript, Faults};
use crate::image_directory::is_empty_image;
use crate::layout::DiscLayout;
use crate::log::{Log, Sink};
use crate::medium::{LARGEST_CAPACITY, Medium};
use crate::occupation::Occupation;
use crate::proof::Misfit;
use crate::side_file;
use crate::store::{Access, Store, at, side_file_of};
use crate::unit::Unit;
use crate::write_mode::WriteMode;
use crate::written::Written;
use std::ffi::OsStr;
use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A write-once recorder with a disc in it. The disc is an image file of raw blocks at their addresses, with
/// a side file for what only a drive would know.
///
/// Nothing changes before the first block is recorded, and an image is never truncated: blocks of an
/// interrupted recording count as recorded, as on a real disc. Dropping a recorder synchronizes, as switching
/// off a drive does.
pub struct Recorder {
    pub(crate) store: Store,
    pub(crate) disc: DiscLayout,
    pub(crate) written: Written,
    pub(crate) behaviour: Behaviour,
    pub(crate) mode: WriteMode,
    pub(crate) unit: Unit,
    pub(crate) occupation: Occupation,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
}

impl Recorder {
    /// Makes a blank disc of `capacity` blocks, rounded down to whole units, or of the medium's nominal
    /// capacity. The image may be an [empty file](Recorder::is_empty_image) already.
    ///
    /// # Errors
    /// [`Error::Exists`] if the image or side file already exists, [`Error::NoCapacity`], [`Error::InUse`],
    /// or errors of the host's file system.
    pub fn create(
        image: &Path,
        medium: Medium,
        capacity: Option<u32>,
        behaviour: Behaviour,
    ) -> Result<Self, Error> {
        let disc = DiscLayout::blank(medium, whole_units(medium, capacity)?);
        let store = Store::create(image, &disc, &behaviour)?;
        Ok(Self::over(store, disc))
    }

    /// Whether a path is an empty regular file without a side file, which is as good as no image: creating
    /// one that was interrupted leaves it.
    #[must_use]
    pub fn is_empty_image(path: &Path) -> bool {
        is_empty_image(path)
    }

    /// Opens an image as the disc in a drive.
    ///
    /// # Errors
    /// [`Error::NoSideFile`], [`Error::NotASideFile`], [`Error::SideFile`], [`Error::SideFileFixed`],
    /// [`Error::InUse`], or errors of the host's file system; [`Error::Unproven`] if image and side file do
    /// not match.
    pub fn open(image: &Path) -> Result<Self, Error> {
        Self::open_for(image, Access::Record, false)
    }

    /// Opens an image like [`Recorder::open`], but believes the image if the side file does not match, and
    /// records after all that the image contains. If the image is shorter or that of another disc, this
    /// ignores the tracks in the side file.
    ///
    /// # Errors
    /// The errors of [`Recorder::open`] except [`Error::Unproven`]; [`Error::OtherMedium`].
    pub fn open_accepting(image: &Path) -> Result<Self, Error> {
        Self::open_for(image, Access::Record, true)
    }

    /// Opens an image as a write-protected disc: image and side file never change, and commands that write
    /// answer 7/27/00. If the image is longer or shorter than the side file says, or was changed,
    /// [`Recorder::misfit`] reports it.
    ///
    /// # Errors
    /// The errors of [`Recorder::open`], but [`Error::Unproven`] only for the side file of another disc.
    pub fn open_read_only(image: &Path) -> Result<Self, Error> {
        Self::open_for(image, Access::Read, false)
    }

    fn open_for(image: &Path, access: Access, accepted: bool) -> Result<Self, Error> {
        let (store, disc) = Store::open(image, access, accepted)?;
        Ok(Self::over(store, disc))
    }

    /// Treats an image without a side file as a disc of `medium` with one open track, recorded up to the end
    /// of the image. The first recorded block creates its side file.
    ///
    /// # Errors
    /// [`Error::Exists`] if there is a side file, [`Error::NotWholeBlocks`], [`Error::TooBig`],
    /// [`Error::NoCapacity`], [`Error::SideFileFixed`], or errors of the host's file system.
    pub fn adopt(image: &Path, medium: Medium, capacity: Option<u32>) -> Result<Self, Error> {
        let (store, disc) = Store::adopt(image, medium, whole_units(medium, capacity)?)?;
        Ok(Self::over(store, disc))
    }

    /// As [`Recorder::adopt`], for an image that the caller has opened for reading and writing by the path
    /// `image`, and judged; with the sessions that were found in it.
    ///
    /// # Errors
    /// As [`Recorder::adopt`].
    pub fn adopt_open(
        file: File,
        image: &Path,
        medium: Medium,
        capacity: Option<u32>,
        sessions: &AdoptedSessions,
    ) -> Result<Self, Error> {
        let disc = (medium, whole_units(medium, capacity)?);
        let (store, disc) = Store::adopt_open(file, image, disc, sessions)?;
        Ok(Self::over(store, disc))
    }

    /// A second, write-protected drive with the same disc. It reads through the handle of this recorder, and
    /// its commands never change the answers of this recorder.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn reader(&self) -> Result<Self, Error> {
        let store = self.store.reader().map_err(at(self.store.path()))?;
        Ok(Self::over(store, self.disc.clone()))
    }

    /// The path of an image's side file: the name of the file that `image` leads to, with `.oncefs` appended.
    #[must_use]
    pub fn side_file(image: &Path) -> PathBuf {
        side_file_of(image)
    }

    /// Whether this is the name of a new side file, which is beside the image until it replaces the old one.
    #[must_use]
    pub fn is_new_side_file(name: &OsStr) -> bool {
        side_file::is_new(name)
    }

    /// How the image and its side file differ, if that did not prevent opening them.
    #[must_use]
    pub fn misfit(&self) -> Option<Misfit> {
        self.store.misfit()
    }

    /// The blocks of the image after the last one in the side file, which an interrupted recording left.
    #[must_use]
    pub fn taken_over(&self) -> Option<Range<u32>> {
        self.store.taken_over()
    }

    /// The medium in the drive.
    #[must_use]
    pub fn medium(&self) -> Medium {
        self.disc.medium()
    }

    /// Capacity of the medium in blocks.
    #[must_use]
    pub fn capacity(&self) -> u32 {
        self.disc.capacity()
    }

    /// The behaviour of the drive in everything that MMC leaves to it.
    #[must_use]
    pub fn behaviour(&self) -> &Behaviour {
        &self.behaviour
    }

    /// Changes the behaviour of the drive. The side file gets it with its next state.
    pub fn set_behaviour(&mut self, behaviour: Behaviour) {
        self.behaviour = behaviour;
    }

    /// Sets the faults from now on. Commands and blocks count from here.
    pub fn set_faults(&mut self, script: FaultScript) {
        self.faults = Faults::new(script);
    }

    /// Steps of replacing the side file since the faults were set, as [`FaultScript::cut_at_side_file`]
    /// counts them.
    #[must_use]
    pub fn side_file_steps(&self) -> u64 {
        self.faults.side_steps()
    }

    /// Passes every command from now on to `sink` after it has completed.
    pub fn set_trace(&mut self, sink: Sink) {
        self.log.tell(sink);
    }

    /// Resets the drive, as a host does if a command does not end. Mode pages have their values after power
    /// on, and the next command that can do so answers 6/29/00. Recorded data remains, synchronized or not.
    pub fn reset(&mut self) {
        self.mode.reset(self.disc.medium(), &self.behaviour);
        self.unit.reset();
    }

    fn over(store: Store, disc: DiscLayout) -> Self {
        let behaviour = store.behaviour().clone();
        Self {
            written: Written::default(),
            mode: WriteMode::new(disc.medium(), &behaviour),
            unit: Unit::with_medium(&behaviour),
            occupation: Occupation::default(),
            store,
            disc,
            behaviour,
            faults: Faults::default(),
            log: Log::default(),
        }
    }
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder")
            .field("image", &self.store.path())
            .field("disc", &self.disc)
            .finish_non_exhaustive()
    }
}

fn whole_units(medium: Medium, capacity: Option<u32>) -> Result<u32, Error> {
    let wanted = capacity.unwrap_or_else(|| medium.nominal_capacity());
    let whole = wanted - wanted % medium.write_unit();
    if whole <= medium.run_out_blocks() || whole > LARGEST_CAPACITY {
        Err(Error::NoCapacity(wanted))
    } else {
        Ok(whole)
    }
}
