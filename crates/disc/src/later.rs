//! Whether the blocks beyond a side file contain a later generation of the volume.

use drive::Drive;
use ecma167::LogicalSector;
use volume::Volume;

/// More generations than any disc has after the state of its side file.
const MOST: usize = 1 << 16;

/// The VAT ICB of the newest generation if it is at `known_end` or later and its chain leads to a generation
/// before that: the state in the side file is then not the last committed one.
///
/// Unreadable blocks prove nothing: an interrupted recording leaves them too.
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
