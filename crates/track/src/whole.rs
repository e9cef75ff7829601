//! Whether the start of a session was recorded whole: CD links and interruptions leave holes in it.

use drive::{Drive, DriveError};
use ecma167::general::Descriptor;
use ecma167::osta::Revision;
use ecma167::recognition::{RECOGNITION_SECTOR, Recognised, recognise};
use ecma167::volume::{ANCHOR_SECTOR, AnchorVolumeDescriptorPointer};
use ecma167::{BLOCK_SIZE, LogicalSector};
use mmc::{Sense, SenseKey};

use crate::point::lba_of;

/// Whether the start of a session, recorded up to `next`, is correct so far.
///
/// # Errors
/// Errors from the drive.
pub fn session_start_can_be_whole(
    drive: &mut Drive,
    first: LogicalSector,
    next: LogicalSector,
    revision: Revision,
) -> Result<bool, DriveError> {
    if !recognition_can_be_whole(drive, first, next, revision)? {
        return Ok(false);
    }
    let anchor = LogicalSector(first.0.saturating_add(ANCHOR_SECTOR));
    if next <= anchor {
        return Ok(true);
    }
    let block = read_block(drive, anchor)?;
    Ok(block.is_some_and(|block| AnchorVolumeDescriptorPointer::read(&block, Some(anchor.0)).is_ok()))
}

/// Whether the recognition sequence is correct as far as it is recorded, and the rest can still be recorded.
///
/// # Errors
/// Errors from the drive.
pub fn recognition_can_be_whole(
    drive: &mut Drive,
    first: LogicalSector,
    next: LogicalSector,
    revision: Revision,
) -> Result<bool, DriveError> {
    let wanted = [
        Recognised::Bea01,
        Recognised::Nsr(revision.nsr()),
        Recognised::Tea01,
    ];
    for (at, wanted) in (first.0.saturating_add(RECOGNITION_SECTOR)..next.0).zip(wanted) {
        let found = read_block(drive, LogicalSector(at))?.and_then(|block| recognise(&block));
        if found != Some(wanted) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// How often a block is read before it counts as unreadable.
const TRIES: u32 = 3;

/// A block; `None` if it cannot be read, also when it is tried again: what depends on it cannot be undone.
///
/// # Errors
/// Other errors from the drive.
pub fn read_block(drive: &mut Drive, at: LogicalSector) -> Result<Option<[u8; BLOCK_SIZE]>, DriveError> {
    let mut block = [0; BLOCK_SIZE];
    for _ in 0..TRIES {
        match drive.read(lba_of(at), &mut block) {
            Ok(()) => return Ok(Some(block)),
            Err(DriveError::Unreadable { sense, .. }) if is_unrecorded(sense) => return Ok(None),
            Err(DriveError::Unreadable { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Whether the drive says that nothing was recorded there.
fn is_unrecorded(sense: Sense) -> bool {
    matches!(sense.key, SenseKey::IllegalRequest | SenseKey::BlankCheck)
}
