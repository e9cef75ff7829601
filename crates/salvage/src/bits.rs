//! A set of indexes, one bit each.

/// The set grows when an index is added.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    pub fn add(&mut self, index: u32) {
        let word = index as usize / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (index % 64);
    }

    /// How many indexes are in the set.
    pub fn count(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    pub fn has(&self, index: u32) -> bool {
        let word = self.0.get(index as usize / 64);
        word.is_some_and(|word| word & (1 << (index % 64)) != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_added_is_in_the_set() {
        let mut bits = Bits::default();
        [0, 63, 64, 1000].into_iter().for_each(|index| bits.add(index));
        let found: Vec<u32> = (0..2000).filter(|index| bits.has(*index)).collect();
        assert_eq!(found, [0, 63, 64, 1000]);
        assert_eq!(bits.count(), 4);
    }
}
