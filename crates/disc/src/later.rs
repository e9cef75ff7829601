//! Whether blocks that a side file does not know hold a later generation of the volume.

use drive::Drive;
use ecma167::LogicalSector;
use volume::Volume;

/// More generations than any disc has after the state of its side file.
const MOST: usize = 1 << 16;

/// The VAT ICB of the newest generation, where it lies at `known_end` or after it and its chain leads to a generation before
/// that: the state of the side file is then not the last that was committed.
///
/// What cannot be read says nothing: it is as an interrupted recording leaves it.
pub(crate) fn later_generation(drive: Drive, known_end: u32) -> Option<LogicalSector> {
    let mut volume = Volume::open(drive).ok()?;
    look(&mut volume, known_end)
}

fn look(volume: &mut Volume, known_end: u32) -> Option<LogicalSector> {
    let mut vat = volume.vat()?.clone();
    let found = volume.icb_sector(&vat)?;
    for _ in 0..MOST {
        if volume.icb_sector(&vat)?.0 < known_end {
            return (found.0 >= known_end).then_some(found);
        }
        vat = volume.previous_vat(&vat).ok().flatten()?;
    }
    Some(found)
}
