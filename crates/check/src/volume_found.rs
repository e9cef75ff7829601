//! Media with nothing to judge: without a volume, or with one of another block size.

use ecma167::general::{Descriptor, TagIdentifier};
use ecma167::recognition::{RECOGNITION_SECTOR, Recognised, recognise};
use ecma167::volume::{ANCHOR_SECTOR, AnchorVolumeDescriptorPointer};
use ecma167::{BLOCK_BYTES, LogicalSector};

use crate::anchor::positions;
use crate::disc::{Block, Span};
use crate::judge::Judge;
use crate::tag::may_be;
use crate::unjudged::Unjudged;
use crate::volume_on_disc::Position;

/// Maximum number of sectors read in a recognition sequence; bridges start with those of ISO 9660.
const RECOGNITION_SECTORS: u32 = 64;
/// Block sizes other than 2048 that a volume may have.
const OTHER_BLOCK_SIZES: [u32; 7] = [512, 1024, 4096, 8192, 16384, 32768, 65536];

impl Judge<'_> {
    /// Why there is nothing to judge; `None` if there is a volume, or if a block that would tell is
    /// unreadable.
    pub fn unjudged(&mut self) -> Option<Unjudged> {
        let spans = self.disc.spans.clone();
        if spans.iter().any(|span| self.has_anchor(*span, is_anchor)) {
            return None;
        }
        if let Some(size) = OTHER_BLOCK_SIZES
            .into_iter()
            .find(|size| self.has_blocks_of(*size))
        {
            return Some(Unjudged::BlockSize(size));
        }
        let claimed = spans.iter().any(|span| {
            self.has_anchor(*span, may_be_anchor) || self.has_nsr(*span) || self.anchor_is_unreadable(*span)
        });
        (!claimed).then_some(Unjudged::NoVolume)
    }

    fn has_anchor(&mut self, span: Span, is_one: fn(&Block, LogicalSector) -> bool) -> bool {
        let mut places = positions(span).into_iter();
        places.any(|(sector, _)| self.peek(sector).is_some_and(|block| is_one(&block, sector)))
    }

    fn has_nsr(&mut self, span: Span) -> bool {
        let first = span.first.saturating_add(RECOGNITION_SECTOR);
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

    /// Whether sector 256 of this size contains an anchor.
    fn has_blocks_of(&mut self, size: u32) -> bool {
        let sector = LogicalSector(ANCHOR_SECTOR * size / BLOCK_BYTES);
        self.disc.is_recorded(sector.0, 1)
            && self
                .peek(sector)
                .is_some_and(|block| is_anchor(&block, LogicalSector(ANCHOR_SECTOR)))
    }
}

fn is_anchor(block: &Block, sector: LogicalSector) -> bool {
    AnchorVolumeDescriptorPointer::read(block, Some(sector.0)).is_ok()
}

fn may_be_anchor(block: &Block, sector: LogicalSector) -> bool {
    let identifier = TagIdentifier::ANCHOR_VOLUME_DESCRIPTOR_POINTER;
    may_be(block, identifier, sector.0)
}
