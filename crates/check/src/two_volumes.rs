//! A disc with two volumes: each is judged, then the plain ones are compared with the one with the VAT
//! (`docs/understanding/format.md`, "Two volumes on a disc").

use ecma167::LogicalSector;
use ecma167::general::TagIdentifier;
use ecma167::recognition::{Nsr, RECOGNITION_SECTOR};
use ecma167::volume::ANCHOR_SECTOR;

use crate::bridge_volume::Bridge;
use crate::claims::{Claims, Sharing};
use crate::companion::{Companion, Placement};
use crate::comparison::Comparison;
use crate::disc::Span;
use crate::finding::FindingPlace;
use crate::judge::{Judge, Judged};
use crate::layout::Map;
use crate::rules::FindingKind as K;
use crate::tag::may_be;
use crate::vat_icb::may_be_vat_icb;
use crate::volume_on_disc::{VolumeOnDisc, Which};

/// Blocks by which N may be earlier than a plain volume states if its closing was interrupted: two units of
/// writing on BD.
const MOST_SHORT: u32 = 64;

impl Judge<'_> {
    pub fn judge_two_volumes(&mut self, volumes: Vec<VolumeOnDisc>) {
        let (plain, vat): (Vec<_>, Vec<_>) = volumes
            .into_iter()
            .partition(|volume| volume.which == Which::Plain);
        let (abandoned, plain) = plain.into_iter().partition(|volume| self.is_abandoned(volume));
        self.plain = plain;
        self.abandoned = abandoned;
        self.which = Which::Vat;
        let mut editions = Vec::new();
        for (session, span) in self.disc.spans.clone().into_iter().enumerate() {
            let has_none =
                span.set_aside || self.has_no_start(session, span) || self.is_closing_abandoned(session);
            editions.push(if has_none { None } else { self.recognition_of(span) });
        }
        let Some(vat) = vat.first() else { return };
        self.begin_volume(vat.edition);
        let judged = self.judge_volume(vat);
        for (session, edition) in editions.iter().enumerate() {
            self.edition_of_session(session, *edition, vat.edition);
        }
        let summary = self.report.summary;
        for plain in self.plain.clone() {
            self.which = Which::Plain;
            let stated = editions.get(plain.session).copied().flatten();
            self.begin_volume(stated.or(plain.edition));
            if let Some(shown) = self.judge_volume(&plain)
                && let Some(judged) = &judged
            {
                self.plain_against_vat(&plain, &shown, judged);
            }
            self.report.summary = summary;
        }
        self.which = Which::Vat;
    }

    /// Whether the session of a plain volume was closed for the volume with the VAT after all, because an
    /// interruption had spoiled its start: a VAT ICB is at N, where a plain volume has its last anchor.
    fn is_abandoned(&mut self, plain: &VolumeOnDisc) -> bool {
        let Some(span) = self.disc.spans.get(plain.session).copied() else {
            return false;
        };
        let last = self.peek(LogicalSector(span.last));
        span.closed == Some(true) && last.is_some_and(|block| may_be_vat_icb(&block))
    }

    fn begin_volume(&mut self, edition: Option<Nsr>) {
        self.edition = edition;
        self.serial = None;
        self.stated = None;
        self.begin_reading();
        self.claims = Claims {
            others: std::mem::take(&mut self.claims.others),
            ..Claims::default()
        };
    }

    fn begin_reading(&mut self) {
        self.budget = 4 * self.disc.recorded_blocks() + 4096;
    }

    /// Whether the reserved track at the start of a session is blank or only partly recorded: it has no
    /// anchor yet.
    fn has_no_start(&mut self, session: usize, span: Span) -> bool {
        if span.closed == Some(true) || self.has_plain_volume(session) {
            return false;
        }
        let at = LogicalSector(span.first.saturating_add(ANCHOR_SECTOR));
        let anchor = TagIdentifier::ANCHOR_VOLUME_DESCRIPTOR_POINTER;
        let block = self.peek(at);
        !block.is_some_and(|block| may_be(&block, anchor, at.0))
    }

    /// A session without a plain volume has the recognition sequence of the volume with the VAT.
    fn edition_of_session(&mut self, session: usize, found: Option<Nsr>, expected: Option<Nsr>) {
        if self.has_plain_volume(session) || self.interrupted_closing.is_some() {
            return;
        }
        if let (Some(found), Some(expected)) = (found, expected)
            && found != expected
        {
            let start = self.disc.spans[session].first.saturating_add(RECOGNITION_SECTOR);
            self.find(
                K::RecognitionEdition,
                FindingPlace::Sector(LogicalSector(start)),
                format_args!("{found:?} instead of {expected:?}"),
            );
        }
    }

    /// Judges what a plain volume and the one with the VAT say about each other, and what they show.
    fn plain_against_vat(&mut self, plain: &VolumeOnDisc, shown: &Judged, judged: &Judged) {
        let place = FindingPlace::Sector(shown.logical.sector);
        let own = Companion::of(&shown.logical.block);
        let other = Companion::of(&judged.logical.block);
        let fits = match (own, other) {
            (Some(own), Some(other)) => {
                own.is_plain
                    && own.revision == shown.layout.revision
                    && Companion {
                        is_plain: true,
                        ..other
                    } == own
                    && !other.is_plain
            }
            _ => false,
        };
        let rests = [&shown.logical, &judged.logical].map(|found| Companion::rest(&found.block));
        if !fits || rests.into_iter().flatten().any(|byte| *byte != 0) {
            self.find(
                K::CompanionDiffers,
                place,
                format_args!("{own:?}, the volume with the VAT: {other:?}"),
            );
        }
        let Some(information) = &shown.information else {
            return;
        };
        let place = FindingPlace::Sector(information.sector);
        let Some(placement) = Placement::of(&information.block) else {
            self.find(K::PlainPlacement, place, format_args!("nothing is stated"));
            return;
        };
        self.placement(plain, shown, judged, &placement, place);
        let span = self.disc.spans[plain.session];
        self.begin_reading();
        let mut bridge = None;
        if own.is_some_and(|own| own.bridge) && span.closed.is_some() {
            bridge = self.bridge(span, &placement);
        }
        if let Some(bridge) = &bridge {
            self.path_tables(bridge);
        }
        self.against_generation(plain, shown, judged, placement, bridge);
        // Blocks that belong to the bridge alone.
        self.overlaps(|_| FindingPlace::Volume, |_| Sharing::Whole);
    }

    /// Compares a plain volume with the VAT that it names.
    fn against_generation(
        &mut self,
        plain: &VolumeOnDisc,
        shown: &Judged,
        judged: &Judged,
        placement: Placement,
        bridge: Option<Bridge>,
    ) {
        let Some(partition) = judged.layout.virtual_partition() else {
            return;
        };
        let vat = plain
            .reserve
            .and_then(|reserve| self.vat_before(&partition, reserve));
        let Some((generation, name)) = vat.and_then(|vat| self.generation(&judged.layout, vat)) else {
            return;
        };
        let place = FindingPlace::Sector(shown.logical.sector);
        let own = shown.layout.logical.logical_volume_identifier.0;
        self.same_name(
            place,
            &own,
            &name,
            "logical volume descriptor, by that with the VAT",
        );
        if shown.incomplete || judged.incomplete {
            return;
        }
        // Each node of both volumes is read several times again.
        self.begin_reading();
        self.compare(&Comparison {
            vat: &generation,
            plain: &shown.layout,
            placement,
            links: Companion::of(&shown.logical.block).is_some_and(|own| own.links),
            bridge,
        });
    }

    fn placement(
        &mut self,
        plain: &VolumeOnDisc,
        shown: &Judged,
        judged: &Judged,
        placement: &Placement,
        place: FindingPlace,
    ) {
        let partition = shown.layout.maps.iter().find_map(|map| match map {
            Map::Physical(partition) => Some(*partition),
            _ => None,
        });
        let (Some(partition), Some(reserve)) = (partition, plain.reserve) else {
            return;
        };
        let end = partition.start.saturating_add(partition.length);
        let vat = judged.layout.virtual_partition();
        let span = self.disc.spans[plain.session];
        let last_fits = span.closed != Some(true)
            || !span.end_is_known
            || placement.last.0 <= span.last.saturating_add(MOST_SHORT);
        let zeros = placement.zeros;
        let end_of_zeros = u64::from(zeros.at.0) + u64::from(zeros.blocks);
        let zeros_fit =
            zeros.blocks == 0 || zeros.at.0 >= partition.start && end_of_zeros <= u64::from(reserve.0);
        let starts_fit = vat.is_none_or(|vat| vat.start == partition.start);
        if placement.reserve != reserve
            || end != reserve.0
            || placement.base.0 < partition.start
            || placement.base >= placement.reserve
            || placement.last <= placement.reserve
            || (vat.is_some() && !(placement.base..reserve).contains(&placement.vat_icb))
            || !zeros_fit
            || !last_fits
            || !starts_fit
        {
            self.find(
                K::PlainPlacement,
                place,
                format_args!(
                    "{} to {}, N {}, VAT ICB {}, zeros {}+{}; reserve sequence at {reserve}, partition {}+{}, session up to {}",
                    placement.base,
                    placement.reserve,
                    placement.last,
                    placement.vat_icb,
                    zeros.at,
                    zeros.blocks,
                    partition.start,
                    partition.length,
                    span.last
                ),
            );
        }
    }
}
