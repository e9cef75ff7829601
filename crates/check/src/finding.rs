//! A finding: its place, clause and kind, and what is recorded there.

use std::collections::BTreeMap;
use std::fmt;

use drive::DriveError;
use ecma167::{LogicalBlock, LogicalSector, RecordedAddress, VirtualAddress, osta::Revision};

use crate::rules::FindingKind;
use crate::severity::Severity;
use crate::unjudged::Unjudged;

/// The place of a finding, in the address space that the standard uses for the structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FindingPlace {
    /// The volume as a whole.
    Volume,
    /// A sector of the volume space.
    Sector(LogicalSector),
    /// A block of a type 1 partition.
    Block(LogicalBlock),
    /// A block of the virtual partition.
    Virtual(VirtualAddress),
    /// A block of a metadata partition.
    Metadata(RecordedAddress),
    /// A byte offset in the body of the node with its ICB in this block of a metadata partition.
    BodyOfMetadata(RecordedAddress, u64),
    /// A byte offset in the body of the node with its ICB in this block of a type 1 partition.
    BodyOfBlock(LogicalBlock, u64),
    /// A byte offset in the body of the node with this virtual address.
    BodyOfVirtual(VirtualAddress, u64),
}

impl FindingPlace {
    /// A byte offset in the body of the node at this place.
    pub(crate) fn byte(self, offset: u64) -> Self {
        match self {
            Self::Block(block) => Self::BodyOfBlock(block, offset),
            Self::Virtual(address) => Self::BodyOfVirtual(address, offset),
            Self::Metadata(address) => Self::BodyOfMetadata(address, offset),
            other => other,
        }
    }
}

impl fmt::Display for FindingPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Volume => f.write_str("volume"),
            Self::Sector(sector) => sector.fmt(f),
            Self::Block(block) => block.fmt(f),
            Self::Virtual(address) => address.fmt(f),
            Self::Metadata(address) => write!(f, "metadata block {}", address.block),
            Self::BodyOfMetadata(address, offset) => {
                write!(f, "metadata block {}, byte {offset} of its body", address.block)
            }
            Self::BodyOfBlock(block, offset) => write!(f, "{block}, byte {offset} of its body"),
            Self::BodyOfVirtual(address, offset) => write!(f, "{address}, byte {offset} of its body"),
        }
    }
}

/// A rule that does not hold at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its severity.
    pub severity: Severity,
    /// Where it is.
    pub place: FindingPlace,
    /// The clause that states the rule, `ECMA-167 part/clause` or `UDF revision clause`.
    pub clause: &'static str,
    /// Which rule.
    pub kind: FindingKind,
    /// What is recorded there, in words.
    pub detail: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: ", self.severity, self.place)?;
        if !self.detail.is_empty() {
            write!(f, "{}; ", self.detail)?;
        }
        write!(f, "rule: {} ({})", self.kind.rule(), self.clause)
    }
}

/// What the volume was found to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The revision in the domain identifier.
    pub revision: Option<Revision>,
    /// Nodes reached by the tree, including directories.
    pub nodes: u64,
    /// Directories, including the root.
    pub directories: u64,
    /// FIDs of files and hard links.
    pub files: u64,
    /// Entries of the VAT.
    pub virtual_addresses: u64,
    /// VATs along the chain of previous ones, including the last; copies are counted once.
    pub generations: u64,
}

/// All findings about a volume.
#[derive(Debug, Default)]
pub struct Report {
    findings: Vec<Finding>,
    counts: BTreeMap<FindingKind, u64>,
    interrupted: Option<DriveError>,
    pub(crate) unjudged: Option<Unjudged>,
    pub(crate) summary: Summary,
}

impl Report {
    /// How many findings of a kind are kept with their places; any others are only counted.
    pub const KEPT_OF_A_KIND: u64 = 64;

    /// The findings, in the order in which the volume was examined.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The number of findings of a kind, including those not kept.
    #[must_use]
    pub fn count(&self, kind: FindingKind) -> u64 {
        self.counts.get(&kind).copied().unwrap_or(0)
    }

    /// The kinds that were found.
    pub fn kinds(&self) -> impl Iterator<Item = FindingKind> {
        self.counts.keys().copied()
    }

    /// The number of findings of a severity, including those not kept.
    #[must_use]
    pub fn of_severity(&self, severity: Severity) -> u64 {
        let counts = self.counts.iter();
        counts
            .filter(|(kind, _)| kind.severity() == severity)
            .map(|(_, count)| count)
            .sum()
    }

    /// Number of errors.
    #[must_use]
    pub fn errors(&self) -> u64 {
        self.of_severity(Severity::Error)
    }

    /// Number of warnings.
    #[must_use]
    pub fn warnings(&self) -> u64 {
        self.of_severity(Severity::Warning)
    }

    /// Whether a volume was judged to its end with neither error nor warning.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let judged = self.unjudged.is_none() && self.interrupted.is_none();
        judged && self.errors() == 0 && self.warnings() == 0
    }

    /// Why nothing was judged; `None` if a volume was. There are no findings then.
    #[must_use]
    pub fn unjudged(&self) -> Option<Unjudged> {
        self.unjudged
    }

    /// The drive error that stopped the judging; unreadable blocks are findings instead.
    #[must_use]
    pub fn interrupted(&self) -> Option<&DriveError> {
        self.interrupted.as_ref()
    }

    /// Like [`Report::interrupted`], but consumes the report.
    #[must_use]
    pub fn into_interrupted(self) -> Option<DriveError> {
        self.interrupted
    }

    /// What the volume was found to be.
    #[must_use]
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    pub(crate) fn add(
        &mut self,
        kind: FindingKind,
        clause: &'static str,
        place: FindingPlace,
        detail: fmt::Arguments<'_>,
    ) {
        if self.interrupted.is_some() {
            return;
        }
        let count = self.counts.entry(kind).or_insert(0);
        *count += 1;
        if *count <= Self::KEPT_OF_A_KIND {
            self.findings.push(Finding {
                severity: kind.severity(),
                place,
                clause,
                kind,
                detail: detail.to_string(),
            });
        }
    }

    /// Records that nothing more can be read: later findings would say nothing about the volume.
    pub(crate) fn interrupt(&mut self, error: DriveError) {
        self.interrupted.get_or_insert(error);
    }
}
