//! The directory `.oncefs/at` of a mount: the generations of the volume by their numbers, for reading. No
//! listing has `.oncefs`, so that copies of the whole mount leave it out.

use std::ffi::OsStr;
use std::sync::Arc;

use ecma167::RecordedAddress;
use fuser::INodeNo;
use volume::{Body, Node, Volume};

use crate::error::Error;
use crate::listing::Listing;
use crate::number::Numbered;
use crate::past::Past;
use crate::served::Served;

/// The directory in the root, which a directory of the volume with this name replaces.
pub const ONCEFS: &str = ".oncefs";
/// The directory in it with the generations.
pub(crate) const AT: &str = "at";

impl Served {
    /// The generations and the volume; [`volume::Error::NotFound`] if the mount does not show them.
    fn past(&mut self) -> Result<(&mut Past, &mut Volume), Error> {
        let tree = self.tree.as_mut().ok_or(Error::Ended)?;
        let past = self.past.as_mut().ok_or(volume::Error::NotFound)?;
        Ok((past, tree.volume()))
    }

    /// What `look` finds at a node of a generation, or at its root.
    pub fn then<R>(
        &mut self,
        generation: u32,
        address: Option<RecordedAddress>,
        look: impl FnOnce(&mut Volume, Node) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let (past, volume) = self.past()?;
        past.in_generation(volume, generation, |volume| {
            let address = match address {
                Some(address) => address,
                None => volume.root()?,
            };
            let node = volume.node(address)?;
            look(volume, node)
        })
    }

    /// Fills `out` from byte `offset` of a body of a generation; less only at its end.
    pub fn read_then(
        &mut self,
        generation: u32,
        body: &Body,
        offset: u64,
        out: &mut [u8],
    ) -> Result<usize, Error> {
        let (past, volume) = self.past()?;
        past.in_generation(volume, generation, |volume| {
            Ok(volume.read_readable(body, offset, out)?)
        })
    }

    /// The names of a directory of a generation.
    pub fn listing_then(
        &mut self,
        generation: u32,
        address: Option<RecordedAddress>,
    ) -> Result<Arc<Listing>, Error> {
        let node = self.then(generation, address, |_, node| Ok(node))?;
        let (past, volume) = self.past()?;
        past.listing(volume, generation, &node)
    }

    /// The node of a name in a directory of a generation.
    pub fn lookup_then(
        &mut self,
        generation: u32,
        address: Option<RecordedAddress>,
        name: &str,
    ) -> Result<Numbered, Error> {
        let node = self.then(generation, address, |_, node| Ok(node))?;
        let (past, volume) = self.past()?;
        let found = past.lookup(volume, generation, &node, name)?;
        Ok(Numbered::Then(generation, Some(found)))
    }

    /// The root of the generation with this name in `.oncefs/at`: its number, without zeros before it.
    pub fn generation_named(&mut self, name: &str) -> Result<Numbered, Error> {
        let is_plain = !name.starts_with('0') && name.bytes().all(|byte| byte.is_ascii_digit());
        let number = name.parse().ok().filter(|_| is_plain);
        let number: u32 = number.ok_or(volume::Error::NotFound)?;
        self.update_past()?;
        let (past, _) = self.past()?;
        match number <= past.newest() {
            true => Ok(Numbered::Then(number, None)),
            false => Err(volume::Error::NotFound.into()),
        }
    }

    /// Adds the generations that were recorded since, if the mount shows them.
    pub fn update_past(&mut self) -> Result<(), Error> {
        let (past, volume) = self.past()?;
        past.update(volume)
    }

    /// Whether a name in a directory is that of `.oncefs`.
    pub fn is_oncefs(&self, parent: INodeNo, name: &OsStr) -> bool {
        self.past.is_some() && parent == INodeNo::ROOT && name == ONCEFS
    }

    /// The node with a number, for a change.
    pub fn to_change(&self, number: INodeNo) -> Result<RecordedAddress, Error> {
        match self.numbers.numbered(number) {
            Numbered::Now(address) => Ok(address),
            _ => Err(Error::ReadOnly),
        }
    }

    /// A directory and a name in it, for a change.
    pub fn name_to_change<'n>(
        &self,
        parent: INodeNo,
        name: &'n OsStr,
    ) -> Result<(RecordedAddress, &'n str), Error> {
        if self.is_oncefs(parent, name) {
            return Err(Error::ReadOnly);
        }
        Ok((self.to_change(parent)?, name.to_str().ok_or(Error::NotUnicode)?))
    }
}
