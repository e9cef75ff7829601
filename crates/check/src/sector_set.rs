//! A set of sectors, at most 8 MiB for the largest medium.

/// One bit per sector.
#[derive(Default)]
pub(crate) struct SectorSet {
    words: Vec<u64>,
}

impl SectorSet {
    pub fn contains(&self, sector: u32) -> bool {
        let (word, bit) = place(sector);
        self.words.get(word).is_some_and(|word| word & bit != 0)
    }

    /// Adds a sector of the medium.
    pub fn insert(&mut self, sector: u32) {
        let (word, bit) = place(sector);
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= bit;
    }
}

fn place(sector: u32) -> (usize, u64) {
    ((sector / 64) as usize, 1 << (sector % 64))
}
