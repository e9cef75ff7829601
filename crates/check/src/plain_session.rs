//! Sessions of a disc with two volumes: where each volume has its anchors, and interrupted closings
//! (`docs/understanding/format.md`, "Two volumes on a disc").

use ecma167::LogicalSector;
use ecma167::general::TagIdentifier;
use ecma167::volume::ANCHOR_SECTOR;

use crate::anchor::Anchor;
use crate::companion::Placement;
use crate::disc::Span;
use crate::finding::FindingPlace;
use crate::judge::Judge;
use crate::partition::Partition;
use crate::rules::FindingKind as K;
use crate::tag::{identifier_of, may_be};
use crate::vat::SEARCHED_BLOCKS;
use crate::vat_icb::is_vat_icb;
use crate::volume_on_disc::{InterruptedClosing, Position, Which};

/// Where the reserve sequence of an interrupted closing is searched for, in blocks after the VAT ICB: on CD
/// there are links or the gap between two tracks recorded at once; elsewhere, the end of a unit of writing.
const MOST_BETWEEN: u32 = 200;

/// Sectors of a reserve sequence of a plain volume.
const RESERVE_SECTORS: u32 = 16;

/// The sector of the anchor after a reserved track.
fn reserved_anchor(span: Span) -> u32 {
    span.first.saturating_add(2 * ANCHOR_SECTOR)
}

impl Judge<'_> {
    pub fn has_plain_volume(&self, session: usize) -> bool {
        self.plain.iter().any(|volume| volume.session == session)
    }

    /// Whether a session was closed for the volume with the VAT alone, although its start belongs to a plain
    /// volume.
    pub fn is_closing_abandoned(&self, session: usize) -> bool {
        self.abandoned.iter().any(|volume| volume.session == session)
    }

    /// The sector of the reserve sequence of the plain volume of the last session.
    fn reserve_of_last_session(&self) -> Option<LogicalSector> {
        let last = self.disc.spans.len().checked_sub(1)?;
        let of_last = self.plain.iter().filter(|volume| volume.session == last);
        of_last.filter_map(|volume| volume.reserve).max()
    }

    /// The VAT ICB that a plain volume with this reserve sequence names: that of the state that it shows.
    pub fn vat_before(&mut self, partition: &Partition, reserve: LogicalSector) -> Option<LogicalSector> {
        let information = self.peek(LogicalSector(reserve.0.saturating_add(1)))?;
        let named = Placement::of(&information)?.vat_icb;
        let block = self.peek(named).filter(|_| named < reserve)?;
        is_vat_icb(&block, named, partition).then_some(named)
    }

    /// Where the VAT of the volume belongs: in the last recorded block, or before the end of the plain volume
    /// of the last session.
    pub fn last_of_vat_volume(&mut self, partition: &Partition) -> Option<LogicalSector> {
        let last = LogicalSector(self.disc.spans.last()?.last);
        if self.which != Which::Vat {
            return Some(last);
        }
        let Some(reserve) = self.reserve_of_last_session() else {
            return Some(last);
        };
        let before = self.vat_before(partition, reserve);
        Some(before.unwrap_or(LogicalSector(reserve.0.saturating_sub(1))))
    }

    /// The VAT ICB before the remains of an interrupted closing at the end of a disc with two volumes.
    pub fn vat_before_interrupted_closing(
        &mut self,
        partition: &Partition,
        last: LogicalSector,
    ) -> Option<LogicalSector> {
        let is_open = self.disc.spans.last()?.closed != Some(true);
        if self.which != Which::Vat || !is_open || self.reserve_of_last_session().is_some() {
            return None;
        }
        let first = last.0.saturating_sub(SEARCHED_BLOCKS).max(partition.start);
        let vat = (first..=last.0).rev().map(LogicalSector).find(|at| {
            let block = self.peek(*at);
            block.is_some_and(|block| is_vat_icb(&block, *at, partition))
        })?;
        let primary = TagIdentifier::PRIMARY_VOLUME_DESCRIPTOR;
        let mut after = (vat.0 + 1..=last.0)
            .take(MOST_BETWEEN as usize)
            .map(LogicalSector);
        let reserve = after.find(|at| {
            let block = self.peek(*at);
            block.is_some_and(|block| identifier_of(&block) == primary && may_be(&block, primary, at.0))
        })?;
        let information = self.peek(LogicalSector(reserve.0.saturating_add(1)));
        let placement = information.and_then(|block| Placement::of(&block));
        placement.filter(|placement| placement.reserve == reserve)?;
        self.interrupted_closing = Some(InterruptedClosing { reserve });
        Some(vat)
    }

    /// Judges the volume with the VAT in a session that is closed, or being closed, with a plain volume.
    pub fn vat_volume_in_session(
        &mut self,
        session: usize,
        span: Span,
        anchors: &[Anchor],
        partition: Option<Partition>,
    ) {
        let anchor = reserved_anchor(span);
        if span.closed.is_some() && !anchors.iter().any(|found| found.sector.0 == anchor) {
            let place = FindingPlace::Sector(LogicalSector(anchor));
            self.find(K::VatVolumeAnchor, place, format_args!(""));
        }
        let plain: Vec<_> = self
            .plain
            .iter()
            .filter(|volume| volume.session == session)
            .collect();
        let reserves: Vec<LogicalSector> = plain.iter().filter_map(|volume| volume.reserve).collect();
        let Some(partition) = partition else { return };
        for reserve in reserves {
            if self.vat_before(&partition, reserve).is_none() {
                self.find(
                    K::SessionEndVat,
                    FindingPlace::Sector(reserve),
                    format_args!("the plain volume names no VAT ICB before it"),
                );
            }
        }
    }

    /// Judges a session without a plain volume on a disc that has them: an open one, one with an interrupted
    /// closing, or one closed for the volume with the VAT alone.
    pub fn session_without_plain_volume(
        &mut self,
        span: Span,
        anchors: &[Anchor],
        partition: Option<Partition>,
    ) {
        let has_reserved = anchors
            .iter()
            .any(|found| found.sector.0 == reserved_anchor(span));
        let has_start = anchors.iter().any(|found| found.position == Position::Start);
        let place = FindingPlace::Sector(LogicalSector(span.first));
        if has_reserved && !has_start && span.closed != Some(true) {
            if !span.end_is_known {
                self.session_end_unknown(span);
            }
            if let Some(closing) = self.interrupted_closing {
                let reserve = closing.reserve;
                self.find(
                    K::ClosingInterrupted,
                    place,
                    format_args!(
                        "its structures end with {reserve}; start and end of the session are missing"
                    ),
                );
            }
            return;
        }
        self.session_end(span, anchors, partition);
        if span.closed == Some(true) && has_start {
            self.find(K::PlainVolumeMissing, place, format_args!(""));
        }
    }

    /// Judges a session that was closed for the volume with the VAT after the closing with a plain volume was
    /// abandoned.
    pub fn abandoned_session(&mut self, span: Span, anchors: &[Anchor]) {
        if !anchors
            .iter()
            .any(|anchor| anchor.position == Position::BeforeEnd)
        {
            self.no_anchor_before_end(span);
        }
        self.find(
            K::PlainVolumeMissing,
            FindingPlace::Sector(LogicalSector(span.first)),
            format_args!("its closing was interrupted, and ended without one"),
        );
    }

    /// Judges the plain volume in its own session.
    pub fn plain_session(&mut self, session: usize, span: Span, anchors: &[Anchor]) {
        let Some(reserve) = self
            .plain
            .iter()
            .find(|volume| volume.session == session)
            .and_then(|volume| volume.reserve)
        else {
            return;
        };
        if anchors.is_empty() {
            return;
        }
        let has = |position| anchors.iter().any(|anchor| anchor.position == position);
        let start = FindingPlace::Sector(LogicalSector(span.first.saturating_add(ANCHOR_SECTOR)));
        match span.closed {
            Some(true) => {
                if !span.end_is_known {
                    self.session_end_unknown(span);
                    return;
                }
                if !has(Position::Start) {
                    self.find(K::SessionAnchor, start, format_args!(""));
                }
                if !has(Position::BeforeEnd) {
                    self.no_anchor_before_end(span);
                }
                if anchors.len() < 2 {
                    self.find(K::AnchorMissing, start, format_args!("{}", anchors.len()));
                }
                self.plain_tail(span, reserve, &anchors[0]);
            }
            Some(false) => {
                let lacks = [
                    (Position::Start, "its start"),
                    (Position::BeforeEnd, "the anchor at N-256"),
                    (Position::End, "the anchor at N"),
                ];
                let mut missing: Vec<&str> = lacks
                    .into_iter()
                    .filter(|(position, _)| !has(*position))
                    .map(|(_, what)| what)
                    .collect();
                missing.push("the end of the session");
                self.find(
                    K::ClosingInterrupted,
                    FindingPlace::Sector(LogicalSector(span.first)),
                    format_args!("missing: {}", missing.join(", ")),
                );
            }
            None => {}
        }
    }

    /// From the reserve sequence on there are anchors of the plain volume up to N, and zeros that fill units
    /// of writing: before the first anchor, and at an interruption of the closing.
    fn plain_tail(&mut self, span: Span, reserve: LogicalSector, anchor: &Anchor) {
        let first = reserve.0.saturating_add(RESERVE_SECTORS);
        let mut others = None;
        for at in first..=span.last {
            let sector = LogicalSector(at);
            let Some(block) = self.peek(sector) else { continue };
            let is_zeros = block.iter().all(|byte| *byte == 0);
            if is_zeros {
                continue;
            }
            let identifier = TagIdentifier::ANCHOR_VOLUME_DESCRIPTOR_POINTER;
            let verified = ecma167::general::tag::verify(&block, identifier, Some(at)).is_ok();
            let words = [anchor.main, anchor.reserve];
            let named = words
                .map(|extent| [extent.length().to_le_bytes(), extent.location().0.to_le_bytes()].concat());
            if !verified || block[16..32] != named.concat() || block[32..].iter().any(|byte| *byte != 0) {
                let (_, _, count) = others.get_or_insert((sector, identifier_of(&block), 0_u32));
                *count += 1;
            }
        }
        // An abandoned closing has the anchors of the volume with the VAT there, 258 and more of them.
        if let Some((sector, identifier, count)) = others {
            let place = FindingPlace::Sector(sector);
            self.find(
                K::PlainTail,
                place,
                format_args!("{identifier:?}, the first of {count} other blocks"),
            );
        }
    }
}
