//! The names of a directory when it was opened, with few bytes per name, in the order on disc.

use ecma167::RecordedAddress;

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
    pub fn sorted(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..u32::try_from(self.entries.len()).unwrap_or(u32::MAX)).collect();
        order.sort_by_key(|position| self.name(*position));
        order
    }

    /// The address of a name, by the order of [`Listing::sorted`].
    pub fn find(&self, order: &[u32], name: &str) -> Option<RecordedAddress> {
        let found = order
            .binary_search_by_key(&name, |position| self.name(*position))
            .ok()?;
        self.get(*order.get(found)? as usize).map(|(_, address)| address)
    }

    fn name(&self, position: u32) -> &str {
        self.get(position as usize).map_or("", |(name, _)| name)
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
