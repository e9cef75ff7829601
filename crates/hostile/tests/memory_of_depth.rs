//! The memory that the judge uses for directories deeper than it follows.

mod common;

use std::alloc::System;

use cap::Cap;
use hostile::craft;

/// Counts allocated memory. It only knows the peak since the start, so this test is a program of its own.
#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

#[test]
fn deep_directories_take_no_more_memory_than_stated() {
    let image = craft::deep(20_000, 254);
    let before = MEMORY.allocated();
    drop(common::judge(&image));
    let judged = MEMORY.max_allocated() - before;
    assert!(judged <= check::MEMORY_BOUND, "{judged}");
}
