//! The memory that reader and judge use for a file of more extents than they follow.

mod common;

use std::alloc::System;

use cap::Cap;
use hostile::{MEMORY_BOUND, craft};

/// Counts allocated memory. It only knows the peak since the start, so this test is a program of its own.
#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

/// Bytes that `work` allocates on top of those before it; at least the maximum of any earlier call.
fn taken(work: impl FnOnce()) -> usize {
    let before = MEMORY.allocated();
    work();
    MEMORY.max_allocated() - before
}

#[test]
fn a_million_extents_take_no_more_memory_than_stated() {
    let image = craft::extents((1 << 20) + 1);
    let read = taken(|| {
        let mut volume = common::open(&image).unwrap();
        let node = volume.lookup_path("file").unwrap();
        assert!(volume.body(&node).is_err());
    });
    assert!(read > 32 << 20, "{read}: the extents were not read");
    assert!(read <= MEMORY_BOUND, "{read}");
    let judged = taken(|| drop(common::judge(&image)));
    assert!(judged <= check::MEMORY_BOUND, "{judged}");
}
