//! A scan that was stopped, and the one that goes on.

use std::ops::{ControlFlow, Range};
use std::os::unix::fs::FileExt as _;

use drive::Drive;
use ecma167::BLOCK_SIZE;
use ecma167::general::{Tag, TagIdentifier};
use hostile::bases;
use salvage::Index;

/// Blocks of the disc.
const ALL: u32 = 2200;

/// A block with an entry.
fn entry() -> Vec<u8> {
    let base = bases::all().iter().next().unwrap();
    let file = tempfile::tempfile().unwrap();
    base.image.write_to(&file).unwrap();
    let mut image = vec![0; usize::try_from(file.metadata().unwrap().len()).unwrap()];
    file.read_exact_at(&mut image, 0).unwrap();
    let is_entry = |block: &&[u8]| {
        let kinds = [TagIdentifier::FILE_ENTRY, TagIdentifier::EXTENDED_FILE_ENTRY];
        Tag::peek(block).is_some_and(|tag| kinds.contains(&tag.identifier()))
    };
    image.chunks_exact(BLOCK_SIZE).find(is_entry).unwrap().to_vec()
}

#[test]
fn scans_that_stop_anywhere_find_together_what_one_finds() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut bytes = vec![0; ALL as usize * BLOCK_SIZE];
    for block in bytes.chunks_exact_mut(BLOCK_SIZE).step_by(5) {
        block.copy_from_slice(&entry());
    }
    std::fs::write(file.path(), bytes).unwrap();
    let mut drive = Drive::open_image(file.path()).unwrap();
    let mut whole = Index::default();
    let all = &mut |_, _: &Index| ControlFlow::Continue(());
    whole.scan(&mut drive, None, all).unwrap();
    for stop in 1..=4_u64 {
        let mut first = Index::default();
        let mut read = 0;
        let mut steps = 0;
        let scanned = first.scan(&mut drive, None, &mut |progress, _| {
            read = u32::try_from(progress.done).unwrap();
            steps += 1;
            if steps == stop {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        assert!(scanned.is_err(), "stop {stop}");
        let mut left: Vec<Range<u32>> = first.to_read_again().collect();
        left.push(read..ALL);
        let mut second = Index::default();
        second.scan(&mut drive, Some(&left), all).unwrap();
        assert_eq!(second.kept(), whole.kept(), "stop {stop}");
    }
}
