//! Directories: arbitrary file identifier descriptors, one after the other.

use std::collections::HashSet;

use ecma167::BLOCK_SIZE;
use ecma167::file::AllocationForm;
use recording::CloseDisc;
use volume::Volume;

use crate::bench::Bench;
use crate::recipe::{Input, Made};
use crate::small::{SPARE_BLOCKS, Small};
use crate::{judge, mount, repair, walk};

/// Leave tags and CRCs as they are.
const DO_NOT_REPAIR: u8 = 1;
/// UDF 1.50.
const OLD: u8 = 2;
/// The body is in the entry.
const EMBEDDED: u8 = 4;
/// Also continue the volume.
const CHANGE: u8 = 8;
/// Also judge it.
const CHECK: u8 = 16;
/// Use short allocation descriptors.
const SHORT: u8 = 32;
/// Bytes of such a directory: the blocks that nothing else uses.
const ROOM: usize = SPARE_BLOCKS as usize * BLOCK_SIZE;
/// Makes the root directory of a small volume from the input, and reads it with everything that reads
/// directories.
pub fn directory(input: &[u8]) {
    let mut input = Input(input);
    let Some(flags) = input.byte() else { return };
    let small = Small::of(flags & OLD != 0);
    let mut stream = input.bytes(ROOM).to_vec();
    if flags & DO_NOT_REPAIR == 0 {
        repair::directory(&mut stream);
    }
    let form = match flags & (EMBEDDED | SHORT) {
        EMBEDDED => AllocationForm::Embedded,
        SHORT => AllocationForm::Short,
        _ => AllocationForm::Long,
    };
    let image = small.with_root(&stream, form);
    let made = Made {
        base: small.base,
        image,
        flags,
        whole: true,
    };
    if let Some(drive) = made.drive()
        && let Ok(mut volume) = Volume::open(drive)
    {
        read(&mut volume);
    }
    if flags & CHECK != 0
        && let Some(mut drive) = made.drive()
    {
        let _ = check::check(&mut drive, &judge::options());
    }
    if flags & CHANGE != 0 {
        let bench = Bench::new();
        if let Some(drive) = bench.put(&made, emulator::Medium::DvdPlusR) {
            let _ = mount::change(drive, CloseDisc::No);
        }
    }
}

fn read(volume: &mut Volume) {
    let Ok(root) = volume.lookup_path("/") else { return };
    let Ok(mut entries) = volume.directory(&root) else {
        return;
    };
    let (mut names, mut shown) = (Vec::new(), HashSet::new());
    loop {
        match entries.next(volume) {
            Ok(Some(entry)) => {
                let _ = volume.node(entry.address());
                // Of several entries with one name each is shown by another.
                assert!(
                    !entry.is_live() || shown.insert(entry.name.clone()),
                    "{}",
                    entry.name
                );
                if names.len() < 20 {
                    names.push(entry.name);
                }
            }
            Ok(None) => break,
            // Reading continues after damage.
            Err(_) => {}
        }
    }
    for name in &names {
        let _ = recording::require_name(name);
        let _ = volume.lookup(&root, name);
        let _ = volume.lookup_path(name);
        let _ = volume.lookup_path(&format!("{name}/../{name}/x"));
    }
    walk::nodes(volume, &mut |_, _| {});
}
