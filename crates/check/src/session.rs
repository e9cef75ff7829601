//! How sessions begin and end (`UDF 2.60 6.10.1`, `6.10.3`).

use ecma167::LogicalSector;
use ecma167::volume::ANCHOR_SECTOR;

use crate::anchor::{Anchor, Position};
use crate::finding::Place;
use crate::judge::Judge;
use crate::layout::Partition;
use crate::rules::FindingKind as K;
use crate::vat::is_vat_icb;

impl Judge<'_> {
    /// Anchors of each session, and the end of session data of the closed ones.
    pub fn session_ends(&mut self, anchors: &[Anchor], partition: Option<Partition>) {
        for (number, span) in self.disc.spans.clone().into_iter().enumerate() {
            let of_session = anchors.iter().filter(|anchor| anchor.session == number);
            let positions: Vec<Position> = of_session.map(|anchor| anchor.position).collect();
            let has = |position| positions.contains(&position);
            let start = Place::Sector(LogicalSector(span.first.saturating_add(ANCHOR_SECTOR)));
            // Of a bare image with a VAT nobody knows whether its session is closed.
            let closed = span.closed.unwrap_or(partition.is_none());
            let full = positions
                .iter()
                .filter(|position| **position != Position::Reserved)
                .count();
            if closed && full < 2 {
                self.find(
                    K::AnchorMissing,
                    start,
                    format_args!("{full} in the session that begins at {}", span.first),
                );
            }
            if !closed && !has(Position::Start) && !has(Position::Reserved) {
                self.find(K::AnchorOfOpenSession, start, format_args!(""));
            }
            if span.first != 0 && !has(Position::Start) {
                self.find(K::SessionAnchor, start, format_args!(""));
            }
            let (Some(partition), Some(true)) = (partition, span.closed) else {
                continue;
            };
            if !has(Position::BeforeEnd) {
                let sector = LogicalSector(span.last.saturating_sub(ANCHOR_SECTOR));
                self.find(K::SessionEndAnchor, Place::Sector(sector), format_args!(""));
            }
            let last = LogicalSector(span.last);
            let ends = self.peek(last);
            if !ends.is_some_and(|block| is_vat_icb(&block, last, &partition)) {
                self.find(K::SessionEndVat, Place::Sector(last), format_args!(""));
            }
        }
    }
}
