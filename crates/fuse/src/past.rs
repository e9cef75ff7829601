//! The generations of the mounted volume, read through their VATs.

use std::sync::Arc;

use ecma167::general::Timestamp;
use ecma167::{LogicalBlock, RecordedAddress};
use volume::{Directories as _, Node, Vat, Volume};

use crate::error::Error;
use crate::listing::{Listing, Names};

/// The most VATs that are kept.
const MOST_VATS: usize = 4;

/// The generations of the mounted volume.
pub(crate) struct Past {
    generations: volume::Past,
    /// The VATs used last, by the block of the ICB, the last one at the end.
    vats: Vec<(LogicalBlock, Vat)>,
    /// The names of the directory looked up last.
    names: Option<Names<(u32, RecordedAddress)>>,
}

impl Past {
    pub fn new(generations: volume::Past) -> Self {
        Self {
            generations,
            vats: Vec::new(),
            names: None,
        }
    }

    /// The number of generations, and so of the newest one.
    pub fn newest(&self) -> u32 {
        u32::try_from(self.generations.generations().len()).unwrap_or(u32::MAX)
    }

    /// When the newest generation was recorded.
    pub fn recorded(&self) -> Timestamp {
        let newest = self.generations.generations().last();
        newest.map_or_else(Timestamp::unspecified, |newest| newest.recorded)
    }

    /// Adds the generations that were recorded since.
    pub fn update(&mut self, volume: &mut Volume) -> Result<(), Error> {
        let newest = self
            .generations
            .generations()
            .last()
            .and_then(|newest| newest.sector);
        if newest == volume.vat_icb() {
            return Ok(());
        }
        let now = volume.past()?;
        // A copy of the newest VAT, recorded by closing, takes its place. The kernel keeps the numbers of the
        // others.
        let known = self.newest().saturating_sub(1);
        if (1..=known).all(|number| now.number(number) == self.generations.number(number)) {
            self.generations = now;
        }
        Ok(())
    }

    /// What `look` finds in a generation.
    pub fn in_generation<R>(
        &mut self,
        volume: &mut Volume,
        number: u32,
        look: impl FnOnce(&mut Volume) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let generation = self.generations.number(number).ok_or(volume::Error::NotFound)?;
        let Some(icb) = generation.icb else {
            return look(volume);
        };
        let kept = self.vats.iter().position(|(at, _)| *at == icb);
        let found = match kept.map(|at| self.vats.remove(at)) {
            Some(found) => found,
            None => (icb, volume.vat_at(icb)?),
        };
        if self.vats.len() == MOST_VATS {
            self.vats.remove(0);
        }
        let result = volume.in_generation(&found.1, look);
        self.vats.push(found);
        result
    }

    /// The names of a directory of a generation.
    pub fn listing(&mut self, volume: &mut Volume, number: u32, node: &Node) -> Result<Arc<Listing>, Error> {
        let directory = (number, node.address);
        if let Some(names) = self.names.as_ref().filter(|names| names.directory == directory) {
            return Ok(Arc::clone(&names.listing));
        }
        self.in_generation(volume, number, |volume| {
            let mut entries = volume.begin(node, 0)?;
            Listing::of(|| Ok(volume.next(&mut entries)?))
        })
    }

    /// The address of a name in a directory of a generation.
    pub fn lookup(
        &mut self,
        volume: &mut Volume,
        number: u32,
        node: &Node,
        name: &str,
    ) -> Result<RecordedAddress, Error> {
        let directory = (number, node.address);
        if let Some(names) = self.names.as_ref().filter(|names| names.directory == directory) {
            return names.find(name);
        }
        let listing = self.listing(volume, number, node)?;
        self.names.insert(Names::new(directory, listing)).find(name)
    }
}
