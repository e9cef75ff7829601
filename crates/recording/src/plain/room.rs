//! Room for a plain volume: what it takes, and what is kept back for it from the first commit on.

use rom::{END_BLOCKS, Layout, RESERVE_SECTORS};
use track::{LINK_BLOCKS, SHORTEST_TRACK_BLOCKS};
use volume::ExtraRoom;

use crate::Recording;
use crate::error::Error;
use crate::tree::Counts;

/// The most blocks that a file name takes, in quarters. Its file entry and the copy of a short file take one
/// each. Its records take at most 296 bytes in UDF, 254 in ISO 9660 and 164 in Joliet, plus the free end of a
/// block. The target of a symbolic link follows in a block of its own, instead of a copy.
const QUARTERS_OF_FILE: u64 = 10;

/// The most blocks that a directory takes without the records of its children: its file entry, the beginning
/// and the end of its extents in UDF, ISO 9660 and Joliet, its own name in its parent and in four path
/// tables.
pub(crate) const BLOCKS_OF_DIRECTORY: u64 = 7;

/// Blocks of the ends of path tables, and of the zeros for holes of up to 100 MiB a file.
const FIXED_BLOCKS: u64 = 4 + 512;

/// Blocks of the reserved track at the start of a session, and of what follows it before the first file.
const START_OF_SESSION: u64 = 600;

/// Blocks of run-out and pregap between two tracks of a CD.
const BETWEEN_TRACKS: u64 = 152;

/// The most blocks that a plain volume takes with the start of its session, for `files` names of files and
/// `directories` directories. Long files that have to be copied and the zeros of very long holes come on top.
#[must_use]
pub fn blocks_of_plain_volume(files: u64, directories: u64) -> u64 {
    let files = files.saturating_mul(QUARTERS_OF_FILE).div_ceil(4);
    let directories = directories.saturating_mul(BLOCKS_OF_DIRECTORY);
    let fixed = FIXED_BLOCKS + START_OF_SESSION + u64::from(RESERVE_SECTORS + END_BLOCKS);
    files.saturating_add(directories).saturating_add(fixed)
}

/// The most blocks that names take by their number.
fn share_of_names(counts: Counts) -> u64 {
    let files = (u64::from(counts.files) * QUARTERS_OF_FILE).div_ceil(4);
    files + u64::from(counts.directories) * BLOCKS_OF_DIRECTORY
}

impl Recording {
    /// Whether room for a plain volume is kept back: not in a session that started without a reserved track.
    pub(crate) fn keeps_room_for_plain(&self) -> bool {
        self.companion().is_some() && (self.has_reserved_start() || !self.session_has_data())
    }

    /// Blocks kept back for the plain volume from the first commit on.
    ///
    /// Each share by the number of files and directories is the greatest possible. What files take beyond it,
    /// such as copies and the zeros of long holes, the VAT states. If another program recorded the VAT, that
    /// is known only of the files recorded since opening; if the rest does not fit, closing copies less and
    /// names shorter zeros ([`Recording::layout_with_room`]), or leaves the plain volume out.
    pub(crate) fn kept_back_for_plain(&self) -> u64 {
        if !self.keeps_room_for_plain() {
            return 0;
        }
        share_of_names(self.tree.counts())
            + self.tree.plain_extra()
            + FIXED_BLOCKS
            + self.blocks_after_structures()
    }

    /// Blocks that a generation with these counts takes in a plain volume more or less than the one in
    /// memory: those to be kept back, and those that no longer are.
    pub(crate) fn change_of_plain(&self, counts: Counts, extra: Option<ExtraRoom>) -> (u64, u64) {
        if !self.keeps_room_for_plain() {
            return (0, 0);
        }
        let now = share_of_names(self.tree.counts()) + self.tree.plain_extra();
        let then = share_of_names(counts) + extra.map_or(0, |extra| extra.blocks());
        (then.saturating_sub(now), now.saturating_sub(then))
    }

    /// The most blocks that follow the structures of a plain volume: the VAT again, the reserve sequence,
    /// anchors.
    fn blocks_after_structures(&self) -> u64 {
        let unit = u64::from(self.track.unit());
        let gaps = if self.volume.drive().medium().track_at_once {
            3 * (u64::from(SHORTEST_TRACK_BLOCKS) + BETWEEN_TRACKS)
        } else {
            4 * u64::from(LINK_BLOCKS)
        };
        self.tree.owed_by_vat() + 2 + u64::from(RESERVE_SECTORS + END_BLOCKS) + 4 * unit + gaps
    }

    /// Fails unless the plain volume and the end of the session fit. If the session has not begun, its start
    /// and its VAT must fit, too.
    pub(super) fn require_room_for_plain(&mut self, layout: &Layout) -> Result<(), Error> {
        let free = self.track.free_blocks(self.volume.drive_mut())?;
        let start = match self.track.session_start_blocks() {
            0 => 0,
            blocks => blocks + self.tree.owed_by_vat() + 2 + u64::from(self.track.unit()),
        };
        let asked = start + u64::from(layout.blocks()) + self.blocks_after_structures();
        if asked > free {
            return Err(Error::MediumFull { free, asked });
        }
        Ok(())
    }
}
