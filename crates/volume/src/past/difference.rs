//! Where two bodies may differ: on write-once media the same block has the same contents in both.

use std::ops::Range;

use ecma167::{BlockSize, RecordedAddress};

use crate::body::{Body, Extent, ExtentKind};
use crate::map::{Map, Maps};

/// The ranges of bytes in which two bodies may differ, in order, up to the end of the longer one.
pub(super) fn differing(maps: &Maps, size: BlockSize, old: &Body, new: &Body) -> Vec<Range<u64>> {
    let (Body::Extents(before), Body::Extents(after)) = (old, new) else {
        let all = 0..old.len().max(new.len());
        return (old != new).then_some(all).into_iter().collect();
    };
    let mut ranges: Vec<Range<u64>> = Vec::new();
    let mut add = |start: u64, end: u64| match ranges.last_mut() {
        Some(last) if last.end == start => last.end = end,
        _ => ranges.push(start..end),
    };
    let common = old.len().min(new.len());
    let (mut old_extents, mut new_extents) = (before.iter().peekable(), after.iter().peekable());
    let mut at = 0;
    while at < common {
        let (Some(one), Some(other)) = (old_extents.peek(), new_extents.peek()) else {
            break;
        };
        let (one_end, other_end) = (one.offset + one.length, other.offset + other.length);
        let end = one_end.min(other_end).min(common);
        if !are_same(maps, size, one, other, at) {
            add(at, end);
        }
        if one_end <= end {
            old_extents.next();
        }
        if other_end <= end {
            new_extents.next();
        }
        at = end;
    }
    if old.len() != new.len() {
        add(common, old.len().max(new.len()));
    }
    ranges
}

/// Whether two extents have the same contents from byte `at` of the bodies on.
fn are_same(maps: &Maps, size: BlockSize, one: &Extent, other: &Extent, at: u64) -> bool {
    let block = |extent: &Extent, address: RecordedAddress| {
        u64::from(address.block) + (at - extent.offset) / u64::from(size.bytes())
    };
    match (one.kind, other.kind) {
        (ExtentKind::NotRecorded, ExtentKind::NotRecorded) => true,
        // A virtual address means another block in each generation.
        (ExtentKind::Recorded(first), ExtentKind::Recorded(second)) => {
            first.partition == second.partition
                && matches!(maps.of(first), Ok(map) if !matches!(map, Map::Virtual { .. }))
                && block(one, first) == block(other, second)
        }
        _ => false,
    }
}
