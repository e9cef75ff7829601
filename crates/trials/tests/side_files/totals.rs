//! How often each case to be proven occurred.

/// Counts over many lives.
#[derive(Clone, Copy, Debug, Default)]
pub struct Totals {
    pub acknowledged: u32,
    pub interrupted: u32,
    pub accepted: u32,
    pub adopted: u32,
    pub later: u32,
    pub longer: u32,
    pub unproven: u32,
    pub not_text: u32,
    pub medium_unknown: u32,
}

impl Totals {
    /// Fails if one of them occurred too seldom to prove anything.
    pub fn require(&self, least: u32) {
        let counts = [
            self.acknowledged,
            self.interrupted,
            self.accepted,
            self.adopted,
            self.later,
            self.longer,
            self.unproven,
            self.not_text,
            self.medium_unknown,
        ];
        assert!(counts.iter().all(|count| *count >= least), "{self:?}");
    }
}

impl std::ops::Add for Totals {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            acknowledged: self.acknowledged + other.acknowledged,
            interrupted: self.interrupted + other.interrupted,
            accepted: self.accepted + other.accepted,
            adopted: self.adopted + other.adopted,
            later: self.later + other.later,
            longer: self.longer + other.longer,
            unproven: self.unproven + other.unproven,
            not_text: self.not_text + other.not_text,
            medium_unknown: self.medium_unknown + other.medium_unknown,
        }
    }
}
