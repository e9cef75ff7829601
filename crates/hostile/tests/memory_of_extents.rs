//! What reader and judge take of memory for a file of more extents than they follow.

mod common;

use std::alloc::System;

use cap::Cap;
use hostile::{MEMORY_BOUND, craft};

/// Counts what is allocated. It knows only the most since the start, so this test has a program of its own.
#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

/// Bytes that `work` takes beside what was there before; the most that any before it took, where that is more.
fn taken(work: impl FnOnce()) -> usize {
    let before = MEMORY.allocated();
    work();
    MEMORY.max_allocated() - before
}

#[test]
fn a_million_extents_take_no_more_than_is_stated() {
    let image = craft::extents((1 << 20) + 1);
    let read = taken(|| {
        let mut volume = common::open(&image).unwrap();
        let node = volume.lookup_path("file").unwrap();
        assert!(volume.body(&node).is_err());
    });
    assert!(read > 32 << 20, "{read}: it did read them");
    assert!(read <= MEMORY_BOUND, "{read}");
    let judged = taken(|| drop(common::judge(&image)));
    assert!(judged <= check::MEMORY_BOUND, "{judged}");
}
