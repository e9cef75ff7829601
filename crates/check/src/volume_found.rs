//! The size of the sectors of a volume, and media without one.

use ecma167::general::{Descriptor, TagIdentifier};
use ecma167::recognition::{Recognised, recognise};
use ecma167::volume::{ANCHOR_SECTOR, AnchorVolumeDescriptorPointer};
use ecma167::{BlockSize, LogicalSector};

use crate::anchor::positions;
use crate::disc::Span;
use crate::judge::{Judge, body_blocks};
use crate::tag::may_be;
use crate::unjudged::Unjudged;
use crate::volume_on_disc::Position;

/// Maximum number of sectors read in a recognition sequence; bridges start with those of ISO 9660.
const RECOGNITION_SECTORS: u32 = 64;
/// Bytes of an anchor.
const ANCHOR_LENGTH: usize = size_of::<AnchorVolumeDescriptorPointer>();
/// A size of ECMA-167 that UDF does not allow (`UDF 2.60 2.2.4.2`).
const TOO_LARGE: u32 = 65536;

impl Judge<'_> {
    /// Why there is nothing to judge; `None` if there is a volume, or if a block that would tell is
    /// unreadable. From then on, sectors have the size of those of the volume.
    pub fn unjudged(&mut self) -> Option<Unjudged> {
        let spans = self.disc.spans.clone();
        if spans.iter().any(|span| self.has_anchor(*span, is_anchor)) {
            return None;
        }
        let others = BlockSize::OTHERS.into_iter();
        if let Some(size) = others.into_iter().find(|size| self.has_blocks_of(size.bytes())) {
            self.count_in_sectors_of(size);
            return None;
        }
        if self.has_blocks_of(TOO_LARGE) {
            return Some(Unjudged::BlockSize(TOO_LARGE));
        }
        let claimed = spans.iter().any(|span| {
            self.has_anchor(*span, may_be_anchor) || self.has_nsr(*span) || self.anchor_is_unreadable(*span)
        });
        (!claimed).then_some(Unjudged::NoVolume)
    }

    fn has_anchor(&mut self, span: Span, is_one: fn(&[u8], LogicalSector) -> bool) -> bool {
        let mut places = positions(span).into_iter();
        places.any(|(sector, _)| self.peek(sector).is_some_and(|block| is_one(&block, sector)))
    }

    fn has_nsr(&mut self, span: Span) -> bool {
        let first = self.recognition_start(span).0;
        let last = first.saturating_add(RECOGNITION_SECTORS).min(span.last);
        (first..=last).map(LogicalSector).any(|sector| {
            let found = self.peek(sector).and_then(|block| recognise(&block));
            matches!(found, Some(Recognised::Nsr(_)))
        })
    }

    /// Whether a block is unreadable that contains an anchor in every session, or in every closed one.
    fn anchor_is_unreadable(&mut self, span: Span) -> bool {
        positions(span).into_iter().any(|(sector, position)| {
            let expected = match position {
                Position::Start => true,
                Position::BeforeEnd => span.closed == Some(true),
                Position::Reserved | Position::End => false,
            };
            expected && self.peek(sector).is_none()
        })
    }

    /// Whether one of the places of anchors in sectors of this size contains one: 256, N-256 or N. Each
    /// states its sector, so that none is taken for that of another size.
    fn has_blocks_of(&mut self, size: u32) -> bool {
        let sectors = self.disc.image_bytes() / u64::from(size);
        let last = sectors.checked_sub(1).and_then(|last| u32::try_from(last).ok());
        let before = last.and_then(|last| last.checked_sub(ANCHOR_SECTOR));
        [Some(ANCHOR_SECTOR), before, last]
            .into_iter()
            .flatten()
            .any(|place| {
                let head = self.disc.bytes(u64::from(place) * u64::from(size), ANCHOR_LENGTH);
                match head {
                    Ok(Some(head)) => AnchorVolumeDescriptorPointer::read(&head, Some(place)).is_ok(),
                    Ok(None) => false,
                    Err(failed) => {
                        self.report.interrupt(failed);
                        false
                    }
                }
            })
    }

    fn count_in_sectors_of(&mut self, size: BlockSize) {
        self.disc.set_size(size);
        self.budget = body_blocks(&self.disc);
    }
}

fn is_anchor(block: &[u8], sector: LogicalSector) -> bool {
    AnchorVolumeDescriptorPointer::read(block, Some(sector.0)).is_ok()
}

fn may_be_anchor(block: &[u8], sector: LogicalSector) -> bool {
    let identifier = TagIdentifier::ANCHOR_VOLUME_DESCRIPTOR_POINTER;
    may_be(block, identifier, sector.0)
}
