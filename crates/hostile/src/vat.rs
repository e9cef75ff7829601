//! VATs of both forms, and their chain.

use ecma167::{LogicalBlock, VirtualAddress};
use volume::Volume;

use crate::bases::Focus;
use crate::{recipe, walk};

/// Maximum number of previous VATs followed.
const CHAIN: usize = 1000;

/// Opens an image with changed VATs and VAT ICBs, and follows its chain of VATs.
pub fn vat(input: &[u8]) {
    let Some(made) = recipe::make(input, Focus::Vat) else {
        return;
    };
    let Some(drive) = made.drive() else { return };
    let Ok(mut volume) = Volume::open(drive) else {
        return;
    };
    walk::top(&mut volume);
    let Some(newest) = volume.vat().cloned() else {
        return;
    };
    entries(&mut volume, newest.entries);
    let mut vat = newest.clone();
    for _ in 0..CHAIN {
        match volume.previous_vat(&vat) {
            Ok(Some(older)) => vat = older,
            _ => break,
        }
    }
    // An older state of the volume, and the one at an arbitrary block.
    let count = vat.entries;
    volume.set_vat(vat);
    entries(&mut volume, count);
    walk::nodes(&mut volume, &mut |_, _| {});
    for icb in [newest.previous.unwrap_or_default(), 0, u32::MAX] {
        let _ = volume.vat_at(LogicalBlock(icb));
        let _ = volume
            .reload_vat(LogicalBlock(icb))
            .map(|vat| vat.next_unique_id());
    }
}

fn entries(volume: &mut Volume, count: u32) {
    for address in (0..40).chain([count.saturating_sub(1), count, count / 2, u32::MAX]) {
        let _ = volume.virtual_entry(VirtualAddress(address));
    }
}
