//! The recorder: an image, its side file, and the drive around them.

use crate::behaviour::Behaviour;
use crate::error::Error;
use crate::fault::{FaultScript, Faults};
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
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A write-once recorder with a disc in it: the disc is an image file of raw blocks at their addresses, and a side file
/// beside it with what only a drive would know.
///
/// Nothing changes before the first block, and nothing of an image is ever cut: what a recording left that was interrupted
/// is recorded, as on a real disc. Dropping a recorder synchronizes, as switching off a drive does.
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
    /// Makes a blank disc of `capacity` blocks, rounded down to whole units, or of the medium's nominal capacity.
    ///
    /// # Errors
    /// [`Error::Exists`] where image or side file are there already, [`Error::NoCapacity`], or the host's file system.
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

    /// Puts in the disc whose image this is.
    ///
    /// # Errors
    /// [`Error::NoSideFile`], [`Error::NotASideFile`], [`Error::SideFile`], [`Error::SideFileFixed`], [`Error::InUse`], or the
    /// host's file system; [`Error::Unproven`] where image and side file do not fit together.
    pub fn open(image: &Path) -> Result<Self, Error> {
        Self::open_for(image, Access::Record, false)
    }

    /// As [`Recorder::open`], and takes the image for the truth where the side file does not fit it: recording goes on
    /// after all that it holds. Where it is shorter, or that of another disc, what the side file says of tracks is left out.
    ///
    /// # Errors
    /// As [`Recorder::open`], but for [`Error::Unproven`]; [`Error::OtherMedium`].
    pub fn open_accepting(image: &Path) -> Result<Self, Error> {
        Self::open_for(image, Access::Record, true)
    }

    /// Puts in the disc write-protected: neither image nor side file are touched, and writing commands answer 7/27/00. Where
    /// the image is longer or shorter than the side file knows, or was changed, [`Recorder::misfit`] tells.
    ///
    /// # Errors
    /// As [`Recorder::open`]; [`Error::Unproven`] for the side file of another disc alone.
    pub fn open_read_only(image: &Path) -> Result<Self, Error> {
        Self::open_for(image, Access::Read, false)
    }

    fn open_for(image: &Path, access: Access, accepted: bool) -> Result<Self, Error> {
        let (store, disc) = Store::open(image, access, accepted)?;
        Ok(Self::over(store, disc))
    }

    /// Takes an image without a side file for a disc of `medium` with one open track, recorded up to the image's end. Its side
    /// file comes with the first block that is recorded.
    ///
    /// # Errors
    /// [`Error::Exists`] where there is a side file, [`Error::NotWholeBlocks`], [`Error::TooBig`], [`Error::NoCapacity`],
    /// [`Error::SideFileFixed`], or the host's file system.
    pub fn adopt(image: &Path, medium: Medium, capacity: Option<u32>) -> Result<Self, Error> {
        let (store, disc) = Store::adopt(image, medium, whole_units(medium, capacity)?)?;
        Ok(Self::over(store, disc))
    }

    /// A second drive with the same disc, write-protected: it reads by the handle that this recorder has, and no command of it
    /// changes what this recorder says afterwards.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn reader(&self) -> Result<Self, Error> {
        let store = self.store.reader().map_err(at(self.store.path()))?;
        Ok(Self::over(store, self.disc.clone()))
    }

    /// The side file of an image: `.oncefs` after the name of the file that the path leads to.
    #[must_use]
    pub fn side_file(image: &Path) -> PathBuf {
        side_file_of(image)
    }

    /// Whether a name is one that a new side file has, beside the image, until it takes the place of the old one.
    #[must_use]
    pub fn is_new_side_file(name: &OsStr) -> bool {
        side_file::is_new(name)
    }

    /// How the image and its side file do not fit together, where that did not keep it from being opened.
    #[must_use]
    pub fn misfit(&self) -> Option<Misfit> {
        self.store.misfit()
    }

    /// The blocks after the last one that the side file knows, which the image holds: an interrupted recording left them.
    #[must_use]
    pub fn taken_over(&self) -> Option<Range<u32>> {
        self.store.taken_over()
    }

    /// Which medium is in the drive.
    #[must_use]
    pub fn medium(&self) -> Medium {
        self.disc.medium()
    }

    /// Blocks that the medium holds.
    #[must_use]
    pub fn capacity(&self) -> u32 {
        self.disc.capacity()
    }

    /// How the drive behaves where MMC leaves it to the drive.
    #[must_use]
    pub fn behaviour(&self) -> &Behaviour {
        &self.behaviour
    }

    /// Changes how the drive behaves; it is kept with the next state that goes to the side file.
    pub fn set_behaviour(&mut self, behaviour: Behaviour) {
        self.behaviour = behaviour;
    }

    /// Sets what goes wrong from now on; commands and blocks count from here.
    pub fn set_faults(&mut self, script: FaultScript) {
        self.faults = Faults::new(script);
    }

    /// Steps of replacing the side file since the faults were set: what [`FaultScript::cut_at_side_file`] counts.
    #[must_use]
    pub fn side_file_steps(&self) -> u64 {
        self.faults.side_steps()
    }

    /// Hands every command from now on to `sink`, after it is done.
    pub fn set_trace(&mut self, sink: Sink) {
        self.log.tell(sink);
    }

    /// Resets the drive, as a host does whose command does not end: mode pages are those after power on, and the next
    /// command that can answers 6/29/00. What is recorded stands, synchronized or not.
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
