//! The main and reserve sequences of the first anchor.

use super::blocks::{put, sealed, with};
use super::maker::Maker;
use crate::repair::word;

/// Breaks the main and reserve sequences of the first anchor.
pub fn break_order(maker: &mut Maker<'_>) {
    let anchor = maker.disc.block(256);
    let (main, reserve) = (word(&anchor, 20), word(&anchor, 28));
    let same = sealed(&anchor, |block| put(block, 28, &main.to_le_bytes()));
    maker.broken("one sequence as main and reserve", vec![(256, same)]);
    let descriptor = maker.disc.block(main + 2);
    let moved = with(&maker.disc.block(main + 3), |block| {
        ecma167::general::tag::restamp(block, main + 2)
    });
    let back = with(&descriptor, |block| {
        ecma167::general::tag::restamp(block, main + 3)
    });
    let why = "a sequence has no order";
    maker.legal(
        "volume descriptors in another order",
        why,
        vec![(main + 2, moved), (main + 3, back)],
    );
    let other = sealed(&maker.disc.block(reserve + 2), |block| block[192] ^= 1);
    maker.broken("differing reserve sequence", vec![(reserve + 2, other)]);
}
