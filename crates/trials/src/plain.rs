//! What readers without VAT support find on a disc that has plain volumes.

use drive::Drive;
use ecma167::BLOCK_SIZE;
use ecma167::general::{Descriptor, ExtentAd};
use ecma167::volume::{ANCHOR_SECTOR, AnchorVolumeDescriptorPointer, LogicalVolumeDescriptor};
use volume::{Companion, Volume};

use crate::broken::Broken;
use crate::disc::MemoryDisc;
use crate::listing::{Listing, differences, listing};
use crate::model::Model;

/// Sectors per sequence.
const SEQUENCE: u32 = 16;

/// Checks that the plain volume is that of the newest state, in a drive that supports sessions.
pub(crate) fn require_plain(disc: &MemoryDisc, model: &Model) -> Result<(), Broken> {
    let volume = Volume::open_plain(disc.drive()?)?;
    if !is_plain(&volume) {
        return Err(Broken::Contradiction(
            "there is no plain volume in the newest session".to_owned(),
        ));
    }
    require_whole(volume, &[model])
}

/// Checks that a reader without VAT support finds nothing or one of these states, in a drive that supports
/// sessions and on the bare image. Returns whether the open session already has a plain volume.
///
/// A packet of a CD may be interrupted right after its first block, the anchor, and a drive may fail to write
/// the block after it: then the file set is missing. On other media power cuts leave both or neither, because
/// they are in one unit.
pub(crate) fn require_plain_among(
    disc: &MemoryDisc,
    allowed: &[Model],
    may_break_off: bool,
) -> Result<bool, Broken> {
    require_anchors(disc)?;
    let allowed: Vec<&Model> = allowed.iter().collect();
    if disc.image().metadata()?.len() >= BLOCK_SIZE as u64
        && let Ok(mut volume) = Volume::open_plain(Drive::open_image(&disc.image())?)
        && is_plain(&volume)
    {
        // With several sessions that is the first.
        if !(may_break_off && volume.root().is_err()) {
            listing(&mut volume)?;
        }
    }
    let drive = disc.drive()?;
    let session = drive.medium().recordable_session().copied();
    let Ok(mut volume) = Volume::open_plain(drive) else {
        return Ok(false);
    };
    if !is_plain(&volume) || may_break_off && volume.root().is_err() {
        return Ok(false);
    }
    let anchor = volume.descriptors().anchor.0;
    require_whole(volume, &allowed)?;
    Ok(session.is_some_and(|session| anchor >= session.start.0))
}

fn is_plain(volume: &Volume) -> bool {
    Companion::of(&volume.descriptors().logical).is_some_and(|companion| companion.is_plain)
}

fn require_whole(mut volume: Volume, allowed: &[&Model]) -> Result<(), Broken> {
    let found = with_short_names(listing(&mut volume)?);
    let mut mismatches = Vec::new();
    for model in allowed {
        let different = differences(&with_short_names(without_links(model.listing())), &found);
        if different.is_empty() {
            return Ok(());
        }
        mismatches.push(different.join("; "));
    }
    Err(Broken::Contradiction(format!(
        "the plain volume has no allowed state: {}",
        mismatches.join(" | ")
    )))
}

/// Symbolic links and special files are left out.
fn without_links(mut listing: Listing) -> Listing {
    use volume::NodeKind::{Directory, File};
    listing.retain(|_, seen| matches!(seen.kind, File | Directory));
    listing
}

/// Long names are cut, and all those generated here differ at the beginning.
fn with_short_names(listing: Listing) -> Listing {
    const BEGINNING: usize = 40;
    let short = |path: &str| {
        let names = path.split('/').map(|name| match name.chars().count() {
            0..=100 => name.to_owned(),
            _ => name.chars().take(BEGINNING).collect(),
        });
        names.collect::<Vec<_>>().join("/")
    };
    let cut = listing.into_iter().map(|(path, mut seen)| {
        seen.node = short(&seen.node);
        (short(&path), seen)
    });
    cut.collect()
}

/// Checks that an anchor of a plain volume at the end of the image names a volume whose session has the same
/// anchor at its start.
fn require_anchors(disc: &MemoryDisc) -> Result<(), Broken> {
    let image = std::fs::read(disc.image())?;
    let block = |at: u32| {
        let start = at as usize * BLOCK_SIZE;
        image.get(start..start + BLOCK_SIZE)
    };
    let anchor = |at: u32| AnchorVolumeDescriptorPointer::read(block(at)?, Some(at)).ok();
    let is_plain = |sequence: ExtentAd| {
        let first = sequence.location().0;
        (first..first + SEQUENCE)
            .filter_map(|at| LogicalVolumeDescriptor::decode(block(at)?, Some(at)).ok())
            .any(|logical| Companion::of(&logical).is_some_and(|companion| companion.is_plain))
    };
    let end = u32::try_from(image.len() / BLOCK_SIZE).unwrap_or(u32::MAX);
    for at in [end.checked_sub(1), end.checked_sub(1 + ANCHOR_SECTOR)]
        .into_iter()
        .flatten()
    {
        let Some(found) = anchor(at) else { continue };
        let main = found.main_volume_descriptor_sequence_extent;
        let reserve = found.reserve_volume_descriptor_sequence_extent;
        if !is_plain(main) && !is_plain(reserve) {
            continue;
        }
        // Offsets of main sequences.
        let mut starts = [32, 128]
            .map(|offset| anchor(main.location().0.saturating_sub(offset) + ANCHOR_SECTOR))
            .into_iter()
            .flatten();
        if !starts.any(|first| first.main_volume_descriptor_sequence_extent == main) {
            return Err(Broken::Contradiction(format!(
                "the anchor at {at} leads to a plain volume that is not at the start of its session"
            )));
        }
    }
    Ok(())
}
