//! What the judge takes of memory for directories that are deeper than it goes.

mod common;

use std::alloc::System;

use cap::Cap;
use hostile::craft;

/// Counts what is allocated. It knows only the most since the start, so this test has a program of its own.
#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

#[test]
fn what_is_deep_takes_no_more_than_is_stated() {
    let image = craft::deep(20_000, 254);
    let before = MEMORY.allocated();
    drop(common::judge(&image));
    let judged = MEMORY.max_allocated() - before;
    assert!(judged <= check::MEMORY_BOUND, "{judged}");
}
