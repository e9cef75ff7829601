//! The status of an area.

/// The status of an area of a disc, as ddrescue writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// `?`: not tried.
    NonTried,
    /// `*`: not trimmed: a read of it failed, and its ends are unknown.
    NonTrimmed,
    /// `/`: not scraped: a read of it failed and its ends are known, but it was not read sector by sector.
    NonScraped,
    /// `-`: its sectors cannot be read.
    Bad,
    /// `+`: it was read.
    Finished,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 5] = [
        Self::NonTried,
        Self::NonTrimmed,
        Self::NonScraped,
        Self::Bad,
        Self::Finished,
    ];

    /// Its character in a map file.
    #[must_use]
    pub const fn character(self) -> char {
        match self {
            Self::NonTried => '?',
            Self::NonTrimmed => '*',
            Self::NonScraped => '/',
            Self::Bad => '-',
            Self::Finished => '+',
        }
    }

    /// The status with a character.
    #[must_use]
    pub fn of(character: char) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|status| status.character() == character)
    }
}
