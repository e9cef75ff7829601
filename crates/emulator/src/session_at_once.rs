//! A CD session recorded at once, as announced by a cue sheet.

use crate::layout::DiscLayout;
use mmc::reply::CueSheetEntry;
use mmc::{Lba, Sense};
use zerocopy::FromBytes as _;

/// Blocks of the pregap before the first block of a session, which the host writes too.
const PREGAP: i64 = 150;
/// A data track, whether copying is allowed or not, in mode 1, so that the drive adds the error correction.
const DATA_TRACK: u8 = 0x40;
const MODE_1: u8 = 0x10;
/// Bytes of the longest cue sheet, which is far more than one track needs.
pub(crate) const LONGEST_CUE_SHEET: u16 = 3200;

/// A session that is recorded without interruption up to its lead-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SessionAtOnce {
    /// The next block to write: below `start` in the pregap, below 0 in that of the first session.
    next: i64,
    start: u32,
    lead_out: u32,
}

impl SessionAtOnce {
    /// The session that a cue sheet announces: one data track from the start of the empty session to its
    /// lead-out.
    ///
    /// # Errors
    /// The sense for a cue sheet that the drive refuses.
    pub(crate) fn announced(disc: &DiscLayout, list: &[u8]) -> Result<Self, Sense> {
        let wrong = Sense::INVALID_FIELD_IN_PARAMETER_LIST;
        let (entries, rest) = list.as_chunks::<{ size_of::<CueSheetEntry>() }>();
        let entries: Vec<CueSheetEntry> = entries
            .iter()
            .filter_map(|entry| CueSheetEntry::read_from_bytes(entry).ok())
            .collect();
        let [lead_in, track @ .., lead_out] = entries.as_slice() else {
            return Err(wrong);
        };
        let (pregap, first) = match track {
            [pregap, first] if (pregap.track_number, pregap.index) == (first.track_number, 0) => {
                (Some(pregap), first)
            }
            [first] => (None, first),
            _ => return Err(wrong),
        };
        let start = disc
            .invisible_track()
            .filter(|track| track.blank() && disc.last_session_empty())
            .map(|track| track.start)
            .ok_or(Sense::CURRENT_PROGRAM_AREA_IS_NOT_EMPTY)?;
        let is_data =
            |entry: &CueSheetEntry| entry.control_adr & DATA_TRACK != 0 && entry.data_form & 0x3F == MODE_1;
        let fits = rest.is_empty()
            && lead_in.track_number == 0
            && lead_out.track_number == CueSheetEntry::LEAD_OUT
            && first.index == 1
            && track.iter().all(is_data)
            && first.address() == i64::from(start)
            && pregap.is_none_or(|pregap| pregap.address() == i64::from(start) - PREGAP)
            && lead_out.address() >= i64::from(start) + i64::from(disc.medium().shortest_track())
            && lead_out.address() <= i64::from(disc.capacity());
        if !fits {
            return Err(wrong);
        }
        Ok(Self {
            next: pregap.unwrap_or(first).address(),
            start,
            lead_out: u32::try_from(lead_out.address()).map_err(|_| wrong)?,
        })
    }

    /// Takes `count` blocks at `at`, and returns how many of them, counted from the first, are pregap and not
    /// recorded.
    ///
    /// # Errors
    /// The sense if `at` is not the next block, or the blocks extend beyond the lead-out.
    pub(crate) fn take(&mut self, at: Lba, count: u32) -> Result<u32, Sense> {
        // Addresses of blocks before block 0 wrap around.
        let address = i64::from(at.0.cast_signed());
        let end = self.next + i64::from(count);
        if address != self.next {
            return Err(Sense::INVALID_ADDRESS_FOR_WRITE.at(at));
        }
        if end > i64::from(self.lead_out) {
            return Err(Sense::END_OF_USER_AREA_ENCOUNTERED_ON_THIS_TRACK.at(at));
        }
        let pregap = (i64::from(self.start) - self.next).clamp(0, i64::from(count));
        self.next = end;
        Ok(u32::try_from(pregap).unwrap_or(count))
    }

    /// Whether the last block before the lead-out was taken.
    pub(crate) fn is_complete(&self) -> bool {
        self.next >= i64::from(self.lead_out)
    }

    /// The start of its lead-out.
    pub(crate) const fn lead_out(&self) -> u32 {
        self.lead_out
    }
}
