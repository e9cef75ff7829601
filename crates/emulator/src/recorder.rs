//! The recorder: an image, its side file, and the drive around them.

use crate::at_once::AtOnce;
use crate::behaviour::Behaviour;
use crate::disc::Disc;
use crate::error::Error;
use crate::fault::{FaultScript, Faults};
use crate::medium::Medium;
use crate::occupation::Occupation;
use crate::power::Run;
use crate::trace::TraceEntry;
use crate::unit::Unit;
use crate::{mode, side_file, speed};
use mmc::{BLOCK_SIZE, WriteParameters};
use rustix::fs::{FlockOperation, flock};
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// Bytes in a block, as an offset in the image.
pub(crate) const BLOCK: u64 = BLOCK_SIZE as u64;

/// More blocks than any medium has, and few enough for sums of addresses.
pub(crate) const LARGEST_CAPACITY: u32 = 1 << 30;

/// Takes the trace, an entry at a time.
pub(crate) type Sink = Box<dyn FnMut(&TraceEntry) + Send>;

/// A write-once recorder with a disc in it: the disc is an image file of raw blocks at their addresses, and a side file
/// beside it with what only a drive would know.
///
/// Dropping it synchronizes, as switching off a drive does. What is not synchronized when the process ends without that
/// is gone when the image is next opened.
pub struct Recorder {
    pub(crate) image: File,
    pub(crate) image_path: PathBuf,
    pub(crate) side_path: PathBuf,
    pub(crate) disc: Disc,
    /// The disc as the side file has it.
    pub(crate) synced: Disc,
    /// What was written since, in its order.
    pub(crate) pending: Vec<Run>,
    pub(crate) behaviour: Behaviour,
    pub(crate) read_only: bool,
    pub(crate) parameters: WriteParameters,
    /// The session at once that a cue sheet has announced.
    pub(crate) at_once: Option<AtOnce>,
    /// In kB/s.
    pub(crate) write_speed: u32,
    /// WRITEs of CD packets, for underruns.
    pub(crate) writes: u32,
    /// Blocks that test writing has come to, behind the next writable address.
    pub(crate) tried: u32,
    pub(crate) unit: Unit,
    pub(crate) occupation: Occupation,
    pub(crate) faults: Faults,
    pub(crate) trace: Option<Sink>,
    pub(crate) commands: u64,
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
        let disc = Disc::blank(medium, whole_units(medium, capacity)?);
        let side = Self::side_file(image);
        if side.symlink_metadata().is_ok() {
            return Err(Error::Exists(side));
        }
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(image);
        let file = file.map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => Error::Exists(image.to_owned()),
            _ => Error::Io {
                path: image.to_owned(),
                source,
            },
        })?;
        lock(&file, image, false)?;
        if let Err(error) = side_file::write(&side, &disc, &behaviour) {
            // An image without its side file would be in the way of the next try.
            let _ = std::fs::remove_file(image);
            return Err(error);
        }
        Ok(Self::over(file, image, disc, behaviour, false))
    }

    /// Puts in the disc whose image this is, and throws away what was not synchronized.
    ///
    /// # Errors
    /// [`Error::NoSideFile`], [`Error::SideFile`], [`Error::InUse`], or the host's file system.
    pub fn open(image: &Path) -> Result<Self, Error> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(image)
            .map_err(at(image))?;
        lock(&file, image, false)?;
        let (disc, behaviour) = side_file::read(image, &Self::side_file(image))?;
        let recorder = Self::over(file, image, disc, behaviour, false);
        recorder.discard_unsynchronized().map_err(at(image))?;
        Ok(recorder)
    }

    /// Puts in the disc write-protected: neither image nor side file are touched, and writing commands answer 7/27/00.
    ///
    /// # Errors
    /// As [`Recorder::open`].
    pub fn open_read_only(image: &Path) -> Result<Self, Error> {
        let file = File::open(image).map_err(at(image))?;
        lock(&file, image, true)?;
        let (disc, behaviour) = side_file::read(image, &Self::side_file(image))?;
        Ok(Self::over(file, image, disc, behaviour, true))
    }

    /// Takes an image without a side file for a disc of `medium` with one open track, recorded up to the image's end.
    ///
    /// # Errors
    /// [`Error::Exists`] where there is a side file, [`Error::NotWholeBlocks`], [`Error::TooBig`], [`Error::NoCapacity`],
    /// or the host's file system.
    pub fn adopt(image: &Path, medium: Medium, capacity: Option<u32>) -> Result<Self, Error> {
        let side = Self::side_file(image);
        if side.symlink_metadata().is_ok() {
            return Err(Error::Exists(side));
        }
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(image)
            .map_err(at(image))?;
        lock(&file, image, false)?;
        let length = file.metadata().map_err(at(image))?.len();
        if length % BLOCK != 0 {
            return Err(Error::NotWholeBlocks(length));
        }
        let mut disc = Disc::blank(medium, whole_units(medium, capacity)?);
        let blocks = u32::try_from(length / BLOCK)
            .ok()
            .filter(|blocks| *blocks <= disc.limit());
        let blocks = blocks.ok_or(Error::TooBig {
            blocks: length / BLOCK,
            capacity: disc.limit(),
        })?;
        let behaviour = Behaviour::default();
        if let (1.., Some(track)) = (blocks, disc.track_mut(1)) {
            // The image stays as it is: where it ends inside a unit, the rest of the unit is lost.
            let unit_end = blocks.next_multiple_of(medium.write_unit());
            track.recorded_end = blocks;
            track.next = unit_end.saturating_add(behaviour.link(medium)).min(track.end);
        }
        side_file::write(&side, &disc, &behaviour)?;
        Ok(Self::over(file, image, disc, behaviour, false))
    }

    /// The side file of an image: `.oncefs` behind its name.
    #[must_use]
    pub fn side_file(image: &Path) -> PathBuf {
        let mut name = OsString::from(image);
        name.push(".oncefs");
        PathBuf::from(name)
    }

    /// Which medium is in the drive.
    #[must_use]
    pub fn medium(&self) -> Medium {
        self.disc.medium
    }

    /// Blocks that the medium holds.
    #[must_use]
    pub fn capacity(&self) -> u32 {
        self.disc.capacity
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

    /// Hands every command from now on to `sink`, after it is done.
    pub fn set_trace(&mut self, sink: Sink) {
        self.trace = Some(sink);
    }

    /// Resets the drive, as a host does whose command does not end: mode pages are those after power on, and the next
    /// command that can answers 6/29/00. What is recorded stands, synchronized or not.
    pub fn reset(&mut self) {
        self.parameters = mode::after_power_on(self.disc.medium, &self.behaviour);
        self.write_speed = speed::fastest(self.disc.medium);
        self.tried = 0;
        self.at_once = None;
        self.unit.reset();
    }

    fn over(image: File, path: &Path, disc: Disc, behaviour: Behaviour, read_only: bool) -> Self {
        Self {
            image,
            image_path: path.to_owned(),
            side_path: Self::side_file(path),
            synced: disc.clone(),
            pending: Vec::new(),
            parameters: mode::after_power_on(disc.medium, &behaviour),
            at_once: None,
            write_speed: speed::fastest(disc.medium),
            unit: Unit::with_medium(&behaviour),
            occupation: Occupation::default(),
            disc,
            behaviour,
            read_only,
            writes: 0,
            tried: 0,
            faults: Faults::default(),
            trace: None,
            commands: 0,
        }
    }
}

impl core::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Recorder")
            .field("image", &self.image_path)
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

/// Keeps other recorders from the image: any for writing, none but readers for reading.
fn lock(file: &File, path: &Path, shared: bool) -> Result<(), Error> {
    let operation = if shared {
        FlockOperation::NonBlockingLockShared
    } else {
        FlockOperation::NonBlockingLockExclusive
    };
    match flock(file, operation) {
        Err(rustix::io::Errno::WOULDBLOCK) => Err(Error::InUse(path.to_owned())),
        // File systems without locks are no reason to refuse an image.
        _ => Ok(()),
    }
}

pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Error + '_ {
    move |source| Error::Io {
        path: path.to_owned(),
        source,
    }
}
