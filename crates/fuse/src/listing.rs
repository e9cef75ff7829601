//! The names of a directory when it was opened, with few bytes per name, in the order on disc.

use std::sync::Arc;

use ecma167::RecordedAddress;
use volume::Named;

use crate::error::Error;

/// Most names of a directory in memory: a hostile disc may repeat descriptors as often as it has blocks.
const MOST_NAMES: usize = 1 << 23;

/// The names of a directory.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// All names, one after another.
    text: String,
    entries: Vec<Entry>,
    /// Why names are lost, if some are.
    pub lost: Option<String>,
}

#[derive(Debug)]
struct Entry {
    /// The end of its name in the text.
    end: usize,
    address: RecordedAddress,
}

impl Listing {
    /// All names that `next` returns, up to `None`. Damage in the directory does not end them.
    pub fn of(mut next: impl FnMut() -> Result<Option<Named>, Error>) -> Result<Arc<Self>, Error> {
        let mut listing = Self::default();
        loop {
            match next() {
                Ok(Some(_)) if listing.len() == MOST_NAMES => return Err(Error::TooManyNames(MOST_NAMES)),
                Ok(Some(entry)) => listing.push(&entry.name, entry.address),
                Ok(None) => return Ok(Arc::new(listing)),
                Err(error) if error.is_damage() => {
                    listing.lost.get_or_insert(error.to_string());
                }
                Err(error) => return Err(error),
            }
        }
    }

    pub fn push(&mut self, name: &str, address: RecordedAddress) {
        self.text.push_str(name);
        let end = self.text.len();
        self.entries.push(Entry { end, address });
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The name at a position, and the node it names.
    pub fn get(&self, position: usize) -> Option<(&str, RecordedAddress)> {
        let entry = self.entries.get(position)?;
        let start = match position.checked_sub(1) {
            Some(before) => self.entries.get(before)?.end,
            None => 0,
        };
        Some((self.text.get(start..entry.end)?, entry.address))
    }

    /// The position of each name, by name.
    fn sorted(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..u32::try_from(self.entries.len()).unwrap_or(u32::MAX)).collect();
        order.sort_by_key(|position| self.name(*position));
        order
    }

    /// The address of a name, by the order of [`Listing::sorted`].
    fn find(&self, order: &[u32], name: &str) -> Option<RecordedAddress> {
        let found = order
            .binary_search_by_key(&name, |position| self.name(*position))
            .ok()?;
        self.get(*order.get(found)? as usize).map(|(_, address)| address)
    }

    fn name(&self, position: u32) -> &str {
        self.get(position as usize).map_or("", |(name, _)| name)
    }
}

/// The names of a directory that cannot change, in order: directories list names in none.
pub(crate) struct Names<D> {
    pub directory: D,
    pub listing: Arc<Listing>,
    order: Vec<u32>,
}

impl<D> Names<D> {
    pub fn new(directory: D, listing: Arc<Listing>) -> Self {
        let order = listing.sorted();
        Self {
            directory,
            listing,
            order,
        }
    }

    /// The address of a name.
    pub fn find(&self, name: &str) -> Result<RecordedAddress, Error> {
        // A name that is not found may be one of the lost ones.
        let found = self.listing.find(&self.order, name);
        found.ok_or_else(|| match &self.listing.lost {
            Some(why) => Error::NamesLost(why.clone()),
            None => volume::Error::NotFound.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use ecma167::PartitionReference;

    use super::*;

    #[test]
    fn names_keep_their_order_and_are_found() {
        let mut listing = Listing::default();
        let at = |block| RecordedAddress {
            partition: PartitionReference(1),
            block,
        };
        for (block, name) in (5..).zip(["zebra", "", "ant", "\u{1F600}"]) {
            listing.push(name, at(block));
        }
        assert_eq!(listing.get(0), Some(("zebra", at(5))));
        assert_eq!(listing.get(2), Some(("ant", at(7))));
        assert_eq!(listing.get(4), None);
        let order = listing.sorted();
        for (block, name) in (5..).zip(["zebra", "", "ant", "\u{1F600}"]) {
            assert_eq!(listing.find(&order, name), Some(at(block)));
        }
        assert_eq!(listing.find(&order, "bee"), None);
    }
}
