//! How sessions begin and end (`UDF 2.60 6.10.1`, `6.10.3`).

use ecma167::LogicalSector;
use ecma167::general::TagIdentifier;
use ecma167::volume::ANCHOR_SECTOR;

use crate::anchor::{Anchor, positions};
use crate::disc::Span;
use crate::finding::FindingPlace;
use crate::judge::Judge;
use crate::partition::Partition;
use crate::rules::FindingKind as K;
use crate::tag::may_be;
use crate::vat_icb::{is_vat_icb, may_be_vat_icb};
use crate::volume_on_disc::{Position, Which};

/// Maximum number of blocks that links or run-out take between N and the end of a session: the linking loss
/// of a DVD-R.
const MOST_LINK_BLOCKS: u32 = 32;

impl Judge<'_> {
    /// Moves back to N in sessions for which the drive reports only the end: the links and run-out after N
    /// are unreadable.
    pub fn find_ends_of_sessions(&mut self) {
        for number in 0..self.disc.spans.len() {
            let Span { first, last, .. } = self.disc.spans[number];
            if self.disc.spans[number].last_is_reported || !self.disc.spans[number].end_is_known {
                continue;
            }
            let earliest = first.max(last.saturating_sub(MOST_LINK_BLOCKS));
            let mut blocks = (earliest..=last).rev();
            if let Some(readable) = blocks.find(|at| self.peek(LogicalSector(*at)).is_some()) {
                self.disc.spans[number].last = readable;
            }
        }
    }

    /// Sets aside sessions without anything of a volume that begins after them: S and N are those of the
    /// volume's sessions, and it may begin after others.
    pub fn set_sessions_aside(&mut self) {
        let spans = self.disc.spans.clone();
        let empty: Vec<bool> = spans.iter().map(|span| !self.holds_volume(*span)).collect();
        let last = empty.iter().rposition(|empty| !empty).unwrap_or(0);
        for number in (0..last).filter(|number| empty[*number]) {
            self.disc.spans[number].set_aside = true;
            let Span { first, last, .. } = spans[number];
            let place = FindingPlace::Sector(LogicalSector(first));
            self.find(
                K::SessionSetAside,
                place,
                format_args!("{first} to {last} contain nothing of it"),
            );
        }
    }

    /// Whether a session contains what a volume is found by: an anchor, or a VAT ICB at its end.
    fn holds_volume(&mut self, span: Span) -> bool {
        let anchor = TagIdentifier::ANCHOR_VOLUME_DESCRIPTOR_POINTER;
        let mut places = positions(span).into_iter();
        let has_anchor = places.any(|(sector, _)| {
            self.peek(sector)
                .is_some_and(|block| may_be(&block, anchor, sector.0))
        });
        has_anchor
            || self
                .peek(LogicalSector(span.last))
                .is_some_and(|block| may_be_vat_icb(&block))
    }

    /// Judges the anchors of each session, and the end of session data of the closed ones.
    pub fn session_ends(&mut self, anchors: &[Anchor], partition: Option<Partition>) {
        for (number, span) in self.disc.spans.clone().into_iter().enumerate() {
            let of_session = anchors.iter().filter(|anchor| anchor.session == number);
            let of_session: Vec<Anchor> = of_session.copied().collect();
            match self.which {
                _ if span.set_aside => {}
                Which::Only => self.session_end(span, &of_session, partition),
                Which::Vat if self.has_plain_volume(number) => {
                    self.vat_volume_in_session(number, span, &of_session, partition);
                }
                Which::Vat if self.is_closing_abandoned(number) => self.abandoned_session(span, &of_session),
                Which::Vat => self.session_without_plain_volume(span, &of_session, partition),
                Which::Plain => self.plain_session(number, span, &of_session),
            }
        }
    }

    /// Judges an end of session at an unknown place: the anchors there are not judged.
    pub fn session_end_unknown(&mut self, span: Span) {
        let place = FindingPlace::Sector(LogicalSector(span.first));
        self.find(K::SessionEndUnknown, place, format_args!(""));
    }

    /// Judges the end of a session that belongs to one volume only.
    pub fn session_end(&mut self, span: Span, anchors: &[Anchor], partition: Option<Partition>) {
        let has = |position| anchors.iter().any(|anchor| anchor.position == position);
        let start = FindingPlace::Sector(LogicalSector(span.first.saturating_add(ANCHOR_SECTOR)));
        // A bare image with a VAT does not say whether its session is closed.
        let closed = span.closed.unwrap_or(partition.is_none());
        let full = anchors
            .iter()
            .filter(|anchor| anchor.position != Position::Reserved)
            .count();
        if !span.end_is_known {
            self.session_end_unknown(span);
        }
        if closed && full < 2 && span.end_is_known {
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
        let (Some(partition), Some(true), true) = (partition, span.closed, span.end_is_known) else {
            return;
        };
        if !has(Position::BeforeEnd) {
            self.no_anchor_before_end(span);
        }
        let last = LogicalSector(span.last);
        let ends = self.peek(last);
        if !ends.is_some_and(|block| is_vat_icb(&block, last, &partition)) {
            self.find(K::SessionEndVat, FindingPlace::Sector(last), format_args!(""));
        }
    }

    pub fn no_anchor_before_end(&mut self, span: Span) {
        let sector = LogicalSector(span.last.saturating_sub(ANCHOR_SECTOR));
        self.find(
            K::SessionEndAnchor,
            FindingPlace::Sector(sector),
            format_args!(""),
        );
    }
}
