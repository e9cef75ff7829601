//! Revisions of UDF.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::recognition::Nsr;

/// A revision of UDF in its recorded form, binary coded decimal: 0x0201 is 2.01 (`UDF 2.60 2.1.5.3`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub u16);

impl Revision {
    /// UDF 1.00, the first.
    pub const V1_00: Self = Self(0x0100);
    /// UDF 1.01.
    pub const V1_01: Self = Self(0x0101);
    /// UDF 1.02, the first whose integrity descriptors have revisions.
    pub const V1_02: Self = Self(0x0102);
    /// UDF 1.50, the first with virtual partitions.
    pub const V1_50: Self = Self(0x0150);
    /// UDF 2.00, the first on ECMA-167 third edition.
    pub const V2_00: Self = Self(0x0200);
    /// UDF 2.01.
    pub const V2_01: Self = Self(0x0201);
    /// UDF 2.50, the first with metadata partitions.
    pub const V2_50: Self = Self(0x0250);
    /// UDF 2.60.
    pub const V2_60: Self = Self(0x0260);

    /// Every published revision, oldest first.
    pub const ALL: [Self; 8] = [
        Self::V1_00,
        Self::V1_01,
        Self::V1_02,
        Self::V1_50,
        Self::V2_00,
        Self::V2_01,
        Self::V2_50,
        Self::V2_60,
    ];

    /// Whether the revision has extended file entries, unique identifiers in FIDs and a VAT header.
    #[must_use]
    pub fn is_third_edition(self) -> bool {
        self >= Self::V2_00
    }

    /// The recognition descriptor of a volume of this revision.
    #[must_use]
    pub fn nsr(self) -> Nsr {
        if self.is_third_edition() {
            Nsr::Nsr03
        } else {
            Nsr::Nsr02
        }
    }

    /// The lowest revision that an implementation must support to read a volume of this one. UDF 2.60 only
    /// adds pseudo-overwritable partitions, so a volume without them reads as 2.50 (`UDF 2.60 2.2.6.4`).
    #[must_use]
    pub fn minimum_read(self) -> Self {
        if self == Self::V2_60 { Self::V2_50 } else { self }
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}.{:02x}", self.0 >> 8, self.0 & 0xFF)
    }
}

impl fmt::Debug for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UDF {self}")
    }
}

/// Text that names no published revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a revision of UDF (1.00, 1.01, 1.02, 1.50, 2.00, 2.01, 2.50, 2.60)")]
pub struct ParseRevisionError;

impl FromStr for Revision {
    type Err = ParseRevisionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|revision| revision.to_string() == text)
            .ok_or(ParseRevisionError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_revision_parses_from_its_text() {
        for revision in Revision::ALL {
            assert_eq!(revision.to_string().parse(), Ok(revision));
        }
        assert_eq!(Revision::V1_02.to_string(), "1.02");
        assert_eq!("2.1".parse::<Revision>(), Err(ParseRevisionError));
    }
}
