//! SEND CUE SHEET, and the session at once of a CD that it announces.

use crate::disc::Disc;
use crate::fault::WriteFault;
use crate::medium::Family;
use crate::mode::parameters;
use crate::recorder::Recorder;
use crate::zones::Radius;
use mmc::command::SendCueSheet;
use mmc::reply::CueSheetEntry;
use mmc::{Data, Failure, Lba, MultiSession, Sense, WriteType};
use zerocopy::FromBytes as _;

/// Blocks of the pregap before the first block of a session, which the host writes too.
const PREGAP: i64 = 150;
/// Data, whether copies are allowed or not, in mode 1 whose correction the drive makes.
const DATA_TRACK: u8 = 0x40;
const MODE_1: u8 = 0x10;
/// Bytes of the longest cue sheet: far more than one track needs.
pub(crate) const LONGEST_CUE_SHEET: u16 = 3200;

/// A session that is recorded without interruption up to its lead-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AtOnce {
    /// The block that has to be written next; below `start` in the pregap, below 0 in that of the first session.
    next: i64,
    start: u32,
    lead_out: u32,
}

impl Recorder {
    pub(crate) fn send_cue_sheet(
        &mut self,
        command: &SendCueSheet,
        data: Data<'_>,
    ) -> Result<usize, Failure> {
        self.check_recordable()?;
        let [high, middle, low] = command.cue_sheet_size;
        if self.disc.medium.family() != Family::Cd || high != 0 {
            return Err(Sense::INVALID_FIELD_IN_CDB.into());
        }
        if self.parameters.write_type() != WriteType::SessionAtOnce {
            return Err(Sense::COMMAND_SEQUENCE_ERROR.into());
        }
        let list = parameters(data, u16::from_be_bytes([middle, low]))?;
        self.at_once = Some(at_once(&self.disc, list)?);
        Ok(list.len())
    }

    /// Writes blocks of the session at once; the last before the lead-out closes it.
    pub(crate) fn write_at_once(&mut self, at: Lba, count: u32, blocks: &[u8]) -> Result<usize, Failure> {
        let mut session = self.at_once.ok_or(Sense::COMMAND_SEQUENCE_ERROR)?;
        // The blocks before block 0 have the addresses that wrap around to it.
        let address = i64::from(at.0.cast_signed());
        let end = session.next + i64::from(count);
        if address != session.next {
            return Err(Sense::INVALID_ADDRESS_FOR_WRITE.at(at).into());
        }
        if end > i64::from(session.lead_out) {
            return Err(Sense::END_OF_USER_AREA_ENCOUNTERED_ON_THIS_TRACK.at(at).into());
        }
        let skipped = (i64::from(session.start) - session.next).clamp(0, i64::from(count));
        let skipped = u32::try_from(skipped).unwrap_or(count);
        session.next = end;
        if !self.parameters.test_write() {
            let first = at.0.wrapping_add(skipped);
            self.record_at_once(
                first,
                count - skipped,
                &blocks[skipped as usize * mmc::BLOCK_SIZE..],
            )?;
        }
        self.at_once = Some(session).filter(|_| end < i64::from(session.lead_out));
        if self.at_once.is_none() && !self.parameters.test_write() {
            let last = self.parameters.multi_session() != MultiSession::Allowed;
            self.disc.close_at_once(session.lead_out);
            self.end_session(last, Radius::LEAST)?;
        }
        Ok(blocks.len())
    }

    fn record_at_once(&mut self, at: u32, count: u32, blocks: &[u8]) -> Result<(), Failure> {
        let Some(number) = self
            .disc
            .invisible_track()
            .map(|track| track.number)
            .filter(|_| count > 0)
        else {
            return Ok(());
        };
        self.begin()?;
        let (recorded, fault) = self.faults.at_write(at, count);
        if recorded > 0 {
            let bytes = &blocks[..recorded as usize * mmc::BLOCK_SIZE];
            self.store.write(at, bytes)?;
            self.pass_in_track(number, at, recorded);
            self.disc.record(number, at, recorded);
            self.disc.record_without_links(number);
            self.note(number, at, recorded);
        }
        match fault {
            Some(WriteFault::Cut(keep)) => Err(self.cut(keep)),
            Some(WriteFault::Block(block, sense)) => {
                // What was announced cannot be kept any more.
                self.at_once = None;
                self.disc
                    .spoil(number, block, self.behaviour.link(self.disc.medium));
                Err(sense.at(Lba(block)).into())
            }
            None => Ok(()),
        }
    }
}

/// What a cue sheet announces: one data track, from the start of the empty session to its lead-out.
fn at_once(disc: &Disc, list: &[u8]) -> Result<AtOnce, Sense> {
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
        && lead_out.address() >= i64::from(start) + i64::from(disc.medium.shortest_track())
        && lead_out.address() <= i64::from(disc.capacity);
    if !fits {
        return Err(wrong);
    }
    Ok(AtOnce {
        next: pregap.unwrap_or(first).address(),
        start,
        lead_out: u32::try_from(lead_out.address()).map_err(|_| wrong)?,
    })
}

impl Disc {
    /// Ends the track of a session at once, right before the lead-out: no run-out follows.
    fn close_at_once(&mut self, lead_out: u32) {
        let Some(number) = self.invisible_track().map(|track| track.number) else {
            return;
        };
        if let Some(track) = self.track_mut(number) {
            track.recorded_end = lead_out;
            track.next = lead_out;
            track.end = lead_out;
            track.closed = true;
            track.packet_open = false;
        }
    }
}
