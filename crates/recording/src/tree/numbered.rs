//! The entries of a directory whose recorded name an earlier one has: each is shown as `name~2`, `name~3` and
//! so on (`ECMA-167 4/8.6` forbids such entries; other programs record them).

use std::collections::BTreeMap;

/// Shown names that are not recorded, and where their entries are.
#[derive(Debug, Default)]
pub(crate) struct Numbered {
    /// Byte offset of the entry in the directory's body.
    offsets: BTreeMap<String, u64>,
    /// Bytes of the names. Every change of a directory asks for its memory, so the sum is kept.
    bytes: usize,
}

/// Approximate bytes of an entry of the map besides its name.
const OVERHEAD: usize = 64;

impl Numbered {
    /// Adds a shown name.
    pub fn insert(&mut self, shown: String, offset: u64) {
        self.bytes += shown.len();
        self.offsets.insert(shown, offset);
    }

    /// Byte offset of the entry that shows a name.
    pub fn offset(&self, shown: &str) -> Option<u64> {
        self.offsets.get(shown).copied()
    }

    /// Removes a name if the entry at an offset shows it. Returns whether it does.
    pub fn remove(&mut self, shown: &str, offset: u64) -> bool {
        let is_shown = self.offset(shown) == Some(offset);
        if is_shown {
            self.offsets.remove(shown);
            self.bytes -= shown.len();
        }
        is_shown
    }

    /// The entries whose recorded name is `name`: what each shows, and its byte offset.
    pub fn recorded_as(&self, name: &str) -> Vec<(String, u64)> {
        if self.offsets.is_empty() {
            return Vec::new();
        }
        let prefix = format!("{name}~");
        let numbers = self.offsets.range(prefix.clone()..);
        let numbers = numbers.take_while(|(shown, _)| shown.starts_with(&prefix));
        let is_number = |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
        let named = numbers.filter(|(shown, _)| is_number(&shown[prefix.len()..]));
        named.map(|(shown, offset)| (shown.clone(), *offset)).collect()
    }

    /// All shown names by the byte offset of their entries.
    pub fn by_offset(&self) -> BTreeMap<u64, String> {
        let offsets = self.offsets.iter();
        offsets.map(|(shown, offset)| (*offset, shown.clone())).collect()
    }

    /// Number of names.
    pub fn len(&self) -> usize {
        self.offsets.len()
    }

    /// Approximate memory in bytes.
    pub fn weight(&self) -> usize {
        self.bytes + self.offsets.len() * OVERHEAD
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_entries_of_a_name_are_recorded_as_it() {
        let mut numbered = Numbered::default();
        for (shown, offset) in [("a~2", 4), ("a~2~2", 8), ("a~3", 12), ("ab~2", 16)] {
            numbered.insert(shown.to_owned(), offset);
        }
        let recorded = |name| numbered.recorded_as(name).into_iter().map(|(_, offset)| offset);
        assert!(recorded("a").eq([4, 12]));
        assert!(recorded("a~2").eq([8]));
        assert_eq!(recorded("b").count(), 0);
    }

    #[test]
    fn a_name_is_removed_only_for_its_own_entry() {
        let mut numbered = Numbered::default();
        numbered.insert("a~2".to_owned(), 4);
        assert!(!numbered.remove("a~2", 8));
        assert!(numbered.remove("a~2", 4));
        assert_eq!((numbered.len(), numbered.weight()), (0, 0));
    }
}
