//! Which generation of a disc to show.

use drive::Drive;
use ecma167::LogicalSector;
use ecma167::general::Timestamp;
use volume::{Generation, Past};

use crate::error::{Error, ErrorKind, Result};

/// A generation of a disc: a state that was committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// By its number: the first is 1.
    Generation(u32),
    /// The newest one that was not recorded after this time.
    Time(Timestamp),
    /// By the block of the medium with its VAT ICB.
    Block(u32),
}

impl At {
    /// Shows the disc in a drive as it was when this generation was the newest one.
    pub(crate) fn rewind(self, drive: Drive) -> Result<Drive> {
        let mut volume = volume::Volume::open(drive)?;
        let past = volume.past()?;
        let sector = self.find(&past)?.sector;
        match sector.filter(|_| sector != volume.vat_icb()) {
            Some(icb) => Ok(volume.rewind(icb)?),
            None => Ok(volume.into_drive()),
        }
    }

    /// Returns the generation in a list.
    ///
    /// # Errors
    /// Fails with [`ErrorKind::NotFound`] if there is none.
    pub fn find(self, past: &Past) -> Result<&Generation> {
        let (found, message) = match self {
            Self::Generation(number) => (
                past.number(number),
                format!(
                    "no generation {number}: the disc has generations 1 to {}",
                    past.generations().len()
                ),
            ),
            Self::Time(time) => (
                time.to_unix().and_then(|time| past.not_after(time)),
                format!("no generation at {time} or before"),
            ),
            Self::Block(block) => (
                past.at_block(LogicalSector(block)),
                format!("block {block} has no VAT ICB of a generation"),
            ),
        };
        found.ok_or_else(|| Error::new(ErrorKind::NotFound, message))
    }
}
