//! Losses: what could not be read when the volume was opened, and what is used instead.

use std::fmt;

use drive::DriveError;
use ecma167::LogicalSector;
use ecma167::general::TagIdentifier;
use mmc::{Sense, SenseKey};

use crate::error::{CorruptKind, Error};

/// Maximum number of losses kept; a check reports damage in more places than that.
const KEPT: usize = 64;

/// A part of the volume that is lost although the volume opens, because the standard has the same or an older
/// state elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// What it is.
    pub structure: Structure,
    /// The first lost sector.
    pub sector: LogicalSector,
    /// The number of lost sectors.
    pub sectors: u32,
    /// What is wrong there.
    pub damage: Damage,
    /// What is used instead.
    pub instead: Instead,
}

/// What is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Structure {
    /// A descriptor of the volume recognition sequence.
    RecognitionSequence,
    /// An anchor volume descriptor pointer.
    Anchor,
    /// A part of the main volume descriptor sequence.
    MainSequence,
    /// A part of the reserve volume descriptor sequence.
    ReserveSequence,
    /// A part of the logical volume integrity sequence.
    IntegritySequence,
    /// A VAT ICB.
    VatIcb,
    /// A part of a VAT's body that the VAT cannot be used without.
    Vat,
    /// Sectors after the VAT in use that may have contained a later one.
    AfterVat,
    /// Sectors after the VAT in use, exactly as many as drives lose between two recordings on DVD-R.
    Links,
    /// A copy of a sparing table.
    SparingTable,
    /// The ICB of the metadata file, or a block of it.
    MetadataFile,
    /// The root directory, or the file set descriptor that leads to it.
    Root,
    /// The indirect entry after an entry of strategy 4096, or the newer version of the entry that it names.
    NewerVersion,
}

/// What is wrong at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Damage {
    /// The drive cannot read it.
    Unreadable(Sense),
    /// The sector is readable but not what it should be.
    Corrupt(CorruptKind),
}

/// What is used instead of something lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Instead {
    /// Nothing, because nothing else on the volume depends on it.
    Nothing,
    /// The anchor in this sector.
    Anchor(LogicalSector),
    /// The main volume descriptor sequence that starts in this sector.
    MainSequence(LogicalSector),
    /// The reserve volume descriptor sequence that starts in this sector.
    ReserveSequence(LogicalSector),
    /// The VAT ICB in this sector, which describes the same state of the volume.
    VatIcb(LogicalSector),
    /// The copy of the sparing table in this sector.
    SparingTable(LogicalSector),
    /// The original places of spared packets, because every copy of the sparing table is lost: what is read
    /// from such packets is damaged, or older than what was recorded last.
    OriginalPlaces,
    /// The block of the metadata file's mirror in this sector.
    MetadataMirror(LogicalSector),
    /// An earlier generation, with its VAT ICB in this sector: anything recorded later is not shown.
    EarlierGeneration(LogicalSector),
    /// The volume of an earlier session, with its anchor in this sector: anything recorded later is not
    /// shown.
    EarlierSession(LogicalSector),
    /// An earlier version of one file or directory, with its entry in this sector.
    EarlierVersion(LogicalSector),
}

/// The losses of a volume so far, each place once.
#[derive(Debug, Default)]
pub(crate) struct Losses {
    kept: Vec<Loss>,
    /// The number found while opening.
    at_open: usize,
    /// The user has seen them and accepts what the volume shows as its newest state.
    are_accepted: bool,
}

impl Losses {
    /// Records a loss unless it is already known; consecutive sectors with the same damage are one. A loss
    /// that hides a state or a version is never left out.
    pub(crate) fn note(&mut self, loss: Loss) {
        let known = self
            .kept
            .iter_mut()
            .find(|one| one.structure == loss.structure && one.covers(loss.sector));
        if let Some(known) = known {
            if loss.hides_generation() && !known.hides_generation() {
                known.instead = loss.instead;
            }
            return;
        }
        let since = self.kept.len() > self.at_open;
        if let Some(last) = self
            .kept
            .last_mut()
            .filter(|last| since && last.is_continued_by(&loss))
        {
            last.sectors = last.sectors.saturating_add(loss.sectors);
            return;
        }
        if self.kept.len() == KEPT {
            // One that hides a version says no more than another that does.
            let says_more = loss.hides_version() && !self.kept.iter().any(Loss::hides_version);
            if !loss.hides_generation() && !says_more {
                return;
            }
            self.kept.pop();
            self.at_open = self.at_open.min(self.kept.len());
        }
        self.kept.push(loss);
    }

    /// Whether sectors that may have contained a later VAT are between two others.
    pub(crate) fn hide_between(&self, first: LogicalSector, end: LogicalSector) -> bool {
        let mut hiding = self.kept.iter().filter(|loss| loss.hides_generation());
        hiding.any(|loss| loss.sector > first && loss.sector < end)
    }

    /// Takes back that sectors from this one on may have contained a later VAT.
    pub(crate) fn hide_nothing_from(&mut self, first: LogicalSector) {
        let after = self.kept.iter_mut().filter(|loss| loss.sector >= first);
        for loss in after.filter(|loss| matches!(loss.instead, Instead::EarlierGeneration(_))) {
            loss.instead = Instead::Nothing;
        }
    }

    pub(crate) fn as_slice(&self) -> &[Loss] {
        &self.kept
    }

    pub(crate) fn into_vec(self) -> Vec<Loss> {
        self.kept
    }

    /// Marks the end of opening: later losses are counted as found since.
    pub(crate) fn end_opening(&mut self) {
        self.at_open = self.kept.len();
    }

    pub(crate) fn since_opening(&self) -> &[Loss] {
        self.kept.get(self.at_open..).unwrap_or_default()
    }

    pub(crate) fn accept(&mut self) {
        self.are_accepted = true;
    }

    /// The first loss that may hide files, unless the losses are accepted.
    pub(crate) fn hiding_generation(&self) -> Option<&Loss> {
        let hiding = self.kept.iter().find(|loss| loss.hides_generation());
        hiding.filter(|_| !self.are_accepted)
    }
}

impl Structure {
    /// The clause that places it there or requires its copy.
    #[must_use]
    pub const fn clause(self) -> &'static str {
        match self {
            Self::RecognitionSequence => "ECMA-167 2/8.3",
            Self::Anchor => "ECMA-167 3/8.4.2.1",
            Self::MainSequence | Self::ReserveSequence => "ECMA-167 3/8.4.2.2",
            Self::IntegritySequence => "ECMA-167 3/8.8.2",
            Self::VatIcb => "UDF 2.60 6.10.1",
            Self::Vat | Self::AfterVat | Self::Links => "UDF 2.60 2.2.11",
            Self::SparingTable => "UDF 2.60 2.2.12",
            Self::MetadataFile => "UDF 2.60 2.2.13",
            Self::Root => "ECMA-167 4/8.5",
            Self::NewerVersion => "ECMA-167 4/A.5",
        }
    }

    /// A stable word for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RecognitionSequence => "recognition-sequence",
            Self::Anchor => "anchor",
            Self::MainSequence => "main-sequence",
            Self::ReserveSequence => "reserve-sequence",
            Self::IntegritySequence => "integrity-sequence",
            Self::VatIcb => "vat-icb",
            Self::Vat => "vat",
            Self::AfterVat => "after-vat",
            Self::Links => "links",
            Self::SparingTable => "sparing-table",
            Self::MetadataFile => "metadata-file",
            Self::Root => "root",
            Self::NewerVersion => "newer-version",
        }
    }
}

impl Loss {
    /// Whether files may be missing from what the volume shows: an earlier generation is in use, or may be.
    #[must_use]
    pub const fn hides_generation(&self) -> bool {
        matches!(
            self.instead,
            Instead::EarlierGeneration(_) | Instead::EarlierSession(_)
        )
    }

    /// Whether one file or directory may be older than what was recorded last.
    #[must_use]
    pub const fn hides_version(&self) -> bool {
        matches!(self.instead, Instead::EarlierVersion(_))
    }

    /// Whether a sector is one of those lost.
    pub(crate) fn covers(&self, sector: LogicalSector) -> bool {
        sector
            .0
            .checked_sub(self.sector.0)
            .is_some_and(|by| by < self.sectors)
    }

    /// Whether another loss is that of the sectors after this one, for the same reason.
    fn is_continued_by(&self, next: &Self) -> bool {
        let end = self.sector.0.checked_add(self.sectors);
        end == Some(next.sector.0)
            && (self.structure, &self.damage, self.instead) == (next.structure, &next.damage, next.instead)
    }

    /// Whether names and contents may differ from those recorded last, because spared packets are read from
    /// their original places.
    #[must_use]
    pub const fn hides_spared_packets(&self) -> bool {
        matches!(self.instead, Instead::OriginalPlaces)
    }
}

impl Damage {
    /// The damage and its place if the error is about one place; `None` if it is about the drive.
    pub(crate) fn of(error: &Error) -> Option<Self> {
        match error {
            Error::Drive(DriveError::Unreadable { sense, .. }) => Some(Self::Unreadable(*sense)),
            Error::Corrupt { kind, .. } => Some(Self::Corrupt(kind.clone())),
            _ => None,
        }
    }

    /// Whether something was recorded there and is damaged; links, gaps and blank blocks cannot be read
    /// either.
    pub(crate) fn is_of_recorded(&self) -> bool {
        match self {
            Self::Unreadable(sense) => is_of_recorded(*sense),
            Self::Corrupt(_) => true,
        }
    }
}

/// Whether this sense means that the drive found a recorded block it cannot read.
pub(crate) fn is_of_recorded(sense: Sense) -> bool {
    !matches!(sense.key, SenseKey::IllegalRequest | SenseKey::BlankCheck)
}

/// The identifier and location in a block's tag, whether the tag is valid or not (`ECMA-167 3/7.2`).
pub(crate) fn stated_tag(block: &[u8]) -> Option<(TagIdentifier, u32)> {
    let identifier = block.get(..2)?.try_into().ok().map(u16::from_le_bytes)?;
    let location = block.get(12..16)?.try_into().ok().map(u32::from_le_bytes)?;
    Some((TagIdentifier(identifier), location))
}

impl fmt::Display for Structure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RecognitionSequence => "volume recognition sequence",
            Self::Anchor => "anchor volume descriptor pointer",
            Self::MainSequence => "main volume descriptor sequence",
            Self::ReserveSequence => "reserve volume descriptor sequence",
            Self::IntegritySequence => "logical volume integrity sequence",
            Self::VatIcb => "VAT ICB",
            Self::Vat => "virtual allocation table",
            Self::AfterVat => "blocks after the newest VAT that is readable",
            Self::Links => "blocks between two recordings on DVD-R, in rare cases with a later VAT",
            Self::SparingTable => "sparing table",
            Self::MetadataFile => "metadata file",
            Self::Root => "root directory",
            Self::NewerVersion => "newer version of a file",
        })
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(sense) => write!(f, "cannot be read: {sense}"),
            Self::Corrupt(kind) => write!(f, "is damaged: {kind}"),
        }
    }
}

impl fmt::Display for Instead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("the volume is complete without it"),
            Self::Anchor(at) => write!(f, "the anchor in {at} is used"),
            Self::MainSequence(at) => write!(f, "the main sequence at {at} is used"),
            Self::ReserveSequence(at) => write!(f, "the reserve sequence at {at} is used"),
            Self::VatIcb(at) => write!(f, "the VAT ICB in {at} of the same state is used"),
            Self::SparingTable(at) => write!(f, "the sparing table in {at} is used"),
            Self::OriginalPlaces => {
                f.write_str("no copy is left: spared packets are READ FROM THEIR ORIGINAL PLACE")
            }
            Self::MetadataMirror(at) => write!(f, "its mirror in {at} is used"),
            Self::EarlierGeneration(at) => {
                write!(
                    f,
                    "an EARLIER STATE of the volume is shown, that of the VAT ICB in {at}"
                )
            }
            Self::EarlierSession(at) => {
                write!(
                    f,
                    "the volume of an EARLIER SESSION is shown, that of the anchor in {at}"
                )
            }
            Self::EarlierVersion(at) => write!(f, "an EARLIER VERSION is shown, that of the entry in {at}"),
        }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} ({}): {}",
            self.structure,
            self.structure.clause(),
            self.sector
        )?;
        if self.sectors > 1 {
            let last = self.sector.0.saturating_add(self.sectors - 1);
            write!(f, " to {last}")?;
        }
        write!(f, " {}; {}", self.damage, self.instead)
    }
}
