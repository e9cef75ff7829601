//! What reader and judge take of memory where an image asks for as much as it can.

mod common;

use std::alloc::System;
use std::sync::{Mutex, PoisonError};

use cap::Cap;
use hostile::{MEMORY_BOUND, craft};

/// Counts what is allocated.
#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

/// Memory is counted for all threads: one test at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Bytes that `work` takes beside what was there before; the most that any before it took, where that is more.
fn taken(work: impl FnOnce()) -> usize {
    let before = MEMORY.allocated();
    work();
    MEMORY.max_allocated() - before
}

#[test]
fn a_million_extents_take_no_more_than_is_stated() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let image = craft::extents((1 << 20) + 1);
    let read = taken(|| {
        let mut volume = common::open(&image).unwrap();
        let node = volume.lookup("file").unwrap();
        assert!(volume.body(&node).is_err());
    });
    assert!(read > 32 << 20, "{read}: it did read them");
    assert!(read <= MEMORY_BOUND, "{read}");
    let judged = taken(|| drop(common::judge(&image)));
    assert!(judged <= check::MEMORY_BOUND, "{judged}");
}

#[test]
fn what_is_deep_takes_no_more_than_is_stated() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let image = craft::deep(20_000, 254);
    let judged = taken(|| drop(common::judge(&image)));
    assert!(judged <= check::MEMORY_BOUND, "{judged}");
}
