//! Anchor volume descriptor pointers (`ECMA-167 3/8.4.2.1`, `3/10.2`).

use ecma167::LogicalSector;
use ecma167::general::{ExtentAd, TagIdentifier};
use ecma167::volume::{ANCHOR_SECTOR, AnchorVolumeDescriptorPointer, MINIMUM_SEQUENCE_SECTORS};
use zerocopy::FromBytes;

use crate::claims::{Owner, Use};
use crate::disc::Span;
use crate::finding::FindingPlace;
use crate::judge::Judge;
use crate::rules::FindingKind as K;
use crate::tag::{identifier_of, may_be};
use crate::vat_icb::location_of;
use crate::volume_on_disc::{AnchorPlace, Position};

/// A usable anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Anchor {
    pub sector: LogicalSector,
    pub position: Position,
    /// Index among the sessions with data.
    pub session: usize,
    pub main: ExtentAd,
    pub reserve: ExtentAd,
}

const CLAUSE: &str = "ECMA-167 3/10.2";
const LENGTH: usize = size_of::<AnchorVolumeDescriptorPointer>();

impl Judge<'_> {
    /// The anchors at these places; a session is given by its index among those with data.
    pub fn anchors(&mut self, places: &[(usize, LogicalSector, Position)]) -> Vec<Anchor> {
        let mut anchors = Vec::new();
        for (session, sector, position) in places {
            anchors.extend(self.anchor(*session, *sector, *position));
        }
        anchors
    }

    /// Whether a block at one of the places is meant as an anchor. At the end of an open session there may be
    /// data of a file that is the image of a disc: only an anchor that states its sector is one.
    pub fn may_be_anchor(&self, block: &[u8], (session, sector, position): AnchorPlace) -> bool {
        let identifier = TagIdentifier::ANCHOR_VOLUME_DESCRIPTOR_POINTER;
        let is_closed = self
            .disc
            .spans
            .get(session)
            .is_some_and(|span| span.closed == Some(true));
        let is_certain = is_closed || matches!(position, Position::Start | Position::Reserved);
        may_be(block, identifier, sector.0) && (is_certain || location_of(block) == sector.0)
    }

    fn anchor(&mut self, session: usize, sector: LogicalSector, position: Position) -> Option<Anchor> {
        let identifier = TagIdentifier::ANCHOR_VOLUME_DESCRIPTOR_POINTER;
        let block = self.peek(sector)?;
        // A missing anchor is counted as missing, but if part of one is there, it must be correct.
        let place = FindingPlace::Sector(sector);
        let is_start = position == Position::Start && identifier_of(&block).0 != 0;
        if !self.may_be_anchor(&block, (session, sector, position)) && !is_start {
            return None;
        }
        let tag = self.tag(place, &block, identifier, &[sector.0])?;
        self.crc_length(place, &tag, &[LENGTH]);
        let (anchor, _) = AnchorVolumeDescriptorPointer::read_from_prefix(&block).ok()?;
        self.zeros(place, CLAUSE, "reserved", &anchor.reserved);
        self.trailing(place, &block, LENGTH);
        self.claim(sector.0, 1, Owner::Volume, Use::Structure);
        let main = anchor.main_volume_descriptor_sequence_extent;
        let reserve = anchor.reserve_volume_descriptor_sequence_extent;
        for (name, extent) in [("main sequence", main), ("reserve sequence", reserve)] {
            self.volume_extent(place, CLAUSE, name, extent);
            if extent.sectors_of(self.disc.size()) < MINIMUM_SEQUENCE_SECTORS {
                self.find(
                    K::AnchorExtentShort,
                    place,
                    format_args!("{name} of {} bytes", extent.length()),
                );
            }
        }
        let (first, second) = if main.location() <= reserve.location() {
            (main, reserve)
        } else {
            (reserve, main)
        };
        let apart = second.location().0 - first.location().0 >= first.sectors_of(self.disc.size());
        if !apart || main.location() == reserve.location() {
            self.find(K::SequencesOverlap, place, format_args!(""));
        }
        Some(Anchor {
            sector,
            position,
            session,
            main,
            reserve,
        })
    }

    /// Checks an extent of the volume space: it must consist of whole sectors inside it.
    pub fn volume_extent(&mut self, place: FindingPlace, clause: &'static str, name: &str, extent: ExtentAd) {
        let (length, location) = (extent.length(), extent.location().0);
        let size = self.disc.size().bytes();
        let end = location.checked_add(length.div_ceil(size));
        if length % size != 0
            || end.is_none_or(|end| end > self.disc.capacity)
            || (length == 0) != (location == 0)
        {
            self.find_by(
                K::AnchorExtent,
                clause,
                place,
                format_args!("{name}: {length} bytes at sector {location}"),
            );
        }
    }
}

/// The places in a session where an anchor may be.
pub(crate) fn positions(span: Span) -> Vec<(LogicalSector, Position)> {
    let at = |base: u32, distance: u32| base.checked_add(distance).filter(|at| *at <= span.last);
    let before_end = span
        .last
        .checked_sub(ANCHOR_SECTOR)
        .filter(|at| *at >= span.first);
    let all = [
        (at(span.first, ANCHOR_SECTOR), Position::Start),
        // A block that is both S+512 and N-256 or N counts as the latter, which more depends on.
        (before_end, Position::BeforeEnd),
        (Some(span.last), Position::End),
        (at(span.first, 2 * ANCHOR_SECTOR), Position::Reserved),
    ];
    let mut positions: Vec<(LogicalSector, Position)> = Vec::new();
    for (sector, position) in all {
        if let Some(sector) = sector.map(LogicalSector)
            && positions.iter().all(|(other, _)| *other != sector)
        {
            positions.push((sector, position));
        }
    }
    positions
}
