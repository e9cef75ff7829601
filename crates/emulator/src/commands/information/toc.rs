//! READ TOC/PMA/ATIP.

use crate::behaviour;
use crate::data_phase::reply;
use crate::layout::{DiscLayout, Status, Track};
use crate::medium::Family;
use crate::recorder::Recorder;
use crate::zones::FIRST_LEAD_IN;
use mmc::command::{ReadTocPmaAtip, TocFormat};
use mmc::reply::{Atip, FullTocEntry, TocHeader, TocTrack, lba_to_msf};
use mmc::{Data, Failure, Sense};
use zerocopy::IntoBytes as _;

/// ADR 1, CONTROL 5 or 4: a data track recorded incrementally, or at once.
const DATA_INCREMENTAL: u8 = 0x15;
const DATA_AT_ONCE: u8 = 0x14;
/// ADR 5: entries about the program area of the next session.
const NEXT_PROGRAM_AREA: u8 = 0x55;

/// The most sessions in the TOC of a DVD-R: the last border, and everything before it as one.
const SESSIONS_OF_DVD_R: u16 = 2;

impl Recorder {
    pub(super) fn toc(&self, command: &ReadTocPmaAtip, data: Data<'_>) -> Result<usize, Failure> {
        let number = command.track_session_number;
        let answer = match command.toc_format() {
            TocFormat::Toc if self.behaviour.toc == behaviour::Toc::OneTrack => {
                self.one_track(command.msf())?
            }
            _ if self.behaviour.toc != behaviour::Toc::ByFormat => {
                return Err(Sense::INVALID_FIELD_IN_CDB.into());
            }
            TocFormat::Toc => self.tracks(number, command.msf())?,
            TocFormat::SessionInformation => self.session_information(command.msf())?,
            TocFormat::FullToc if self.disc.medium().family() == Family::Cd => {
                let answer = full_toc(&self.disc, number)?;
                let asked = usize::from(command.allocation_length.get());
                if self.behaviour.long_full_toc_refused && asked > answer.len() {
                    return Err(Sense::INVALID_FIELD_IN_CDB.into());
                }
                answer
            }
            TocFormat::Atip if self.disc.medium().family() == Family::Cd => {
                atip(self.disc.capacity()).as_bytes().to_vec()
            }
            _ => return Err(Sense::INVALID_FIELD_IN_CDB.into()),
        };
        reply(data, usize::from(command.allocation_length.get()), &answer)
    }

    /// Format 0. Only the closed sessions of a CD have a TOC; for other discs the drive makes one of every
    /// track with data.
    fn tracks(&self, from: u8, msf: bool) -> Result<Vec<u8>, Sense> {
        let disc = &self.disc;
        let cd = disc.medium().family() == Family::Cd;
        let listed = |track: &&Track| track.has_data() && (!cd || disc.lead_out(track.session).is_some());
        let tracks: Vec<_> = disc.tracks().iter().filter(listed).collect();
        let (Some(first), Some(last)) = (tracks.first(), tracks.last()) else {
            return Err(Sense::INVALID_FIELD_IN_CDB);
        };
        let lead_out = disc.lead_out(last.session).unwrap_or(last.recorded_end);
        let numbered: Vec<(u16, &Track)> = if disc.medium().family() == Family::DvdR {
            // The last border is the second session and everything before it the first, because there may be
            // hundreds.
            let of_last = tracks.iter().find(|track| track.session == last.session);
            let last_border = of_last.filter(|track| track.session > first.session);
            let two = [Some(first), last_border].into_iter().flatten();
            (1..).zip(two.copied()).collect()
        } else {
            tracks.iter().map(|track| (track.number, *track)).collect()
        };
        let last_number = numbered.last().map_or(1, |(number, _)| *number);
        if from != TocTrack::LEAD_OUT && u16::from(from) > last_number {
            return Err(Sense::INVALID_FIELD_IN_CDB);
        }
        let entries = numbered
            .iter()
            .filter(|(number, _)| *number >= u16::from(from))
            .map(|(number, track)| entry(kind(track), low(*number), track.start, msf))
            .chain([entry(kind(last), TocTrack::LEAD_OUT, lead_out, msf)]);
        Ok(with_header(
            low(numbered.first().map_or(1, |(number, _)| *number)),
            low(last_number),
            entries.flat_map(|entry| entry.as_bytes().to_vec()),
        ))
    }

    /// Format 0 of a drive that reports every disc as a single track.
    fn one_track(&self, msf: bool) -> Result<Vec<u8>, Sense> {
        if self.disc.status() == Status::Blank {
            return Err(Sense::INVALID_FIELD_IN_CDB);
        }
        let end = self.last_address().saturating_add(1);
        let track = entry(DATA_AT_ONCE, 1, 0, msf);
        let lead_out = entry(DATA_AT_ONCE, TocTrack::LEAD_OUT, end, msf);
        let entries = [track, lead_out];
        Ok(with_header(1, 1, entries.as_bytes().iter().copied()))
    }

    /// Format 1: the first track of the last closed session.
    fn session_information(&self, msf: bool) -> Result<Vec<u8>, Sense> {
        if self.disc.status() == Status::Blank {
            return Err(Sense::INVALID_FIELD_IN_CDB);
        }
        let last = self.disc.last_closed_session();
        let track = self.disc.tracks_of(last).next();
        let start = track.map_or(0, |track| track.start);
        let start = if self.behaviour.toc_last_session_start {
            start
        } else {
            0
        };
        let number = track.map_or(1, |track| track.number);
        let (last, number) = if self.disc.medium().family() == Family::DvdR {
            let last = last.clamp(1, SESSIONS_OF_DVD_R);
            (last, last)
        } else {
            (last.max(1), number)
        };
        let entry = entry(track.map_or(DATA_INCREMENTAL, kind), low(number), start, msf);
        Ok(with_header(1, low(last), entry.as_bytes().iter().copied()))
    }
}

fn with_header(first: u8, last: u8, entries: impl Iterator<Item = u8>) -> Vec<u8> {
    let mut bytes = vec![0; size_of::<TocHeader>()];
    bytes.extend(entries);
    let data_length = u16::try_from(bytes.len() - 2).unwrap_or(u16::MAX);
    let header = TocHeader {
        data_length: data_length.into(),
        first,
        last,
    };
    bytes[..size_of::<TocHeader>()].copy_from_slice(header.as_bytes());
    bytes
}

/// ADR and CONTROL of a track.
const fn kind(track: &Track) -> u8 {
    if track.uninterrupted {
        DATA_AT_ONCE
    } else {
        DATA_INCREMENTAL
    }
}

fn entry(adr_control: u8, track_number: u8, start: u32, msf: bool) -> TocTrack {
    let [minutes, seconds, frames] = lba_to_msf(start);
    let time = u32::from_be_bytes([0, minutes, seconds, frames]);
    TocTrack {
        adr_control,
        track_number,
        start_address: if msf { time } else { start }.into(),
        ..TocTrack::default()
    }
}

/// Format 2: the lead-in of every closed session.
fn full_toc(disc: &DiscLayout, from: u8) -> Result<Vec<u8>, Sense> {
    let last = disc.last_closed_session();
    if last == 0 || u16::from(from) > last {
        return Err(Sense::INVALID_FIELD_IN_CDB);
    }
    let mut entries = Vec::new();
    for session in u16::from(from).max(1)..=last {
        session_lead_in(disc, session, &mut entries);
    }
    Ok(with_header(
        1,
        low(last),
        entries.iter().flat_map(|entry| entry.as_bytes().to_vec()),
    ))
}

fn session_lead_in(disc: &DiscLayout, session: u16, entries: &mut Vec<FullTocEntry>) {
    let mut tracks = disc.tracks_of(session);
    let Some(first) = tracks.next() else { return };
    let last = tracks.next_back().unwrap_or(first);
    let mut push = |adr_control, point, msf, zero, p_msf| {
        entries.push(FullTocEntry {
            session_number: low(session),
            adr_control,
            point,
            msf,
            zero,
            p_msf,
            ..FullTocEntry::default()
        });
    };
    let lead_out = disc.lead_out(session).unwrap_or(last.end);
    push(kind(first), 0xA0, [0; 3], 0, [low(first.number), 0, 0]);
    push(kind(last), 0xA1, [0; 3], 0, [low(last.number), 0, 0]);
    push(kind(last), 0xA2, [0; 3], 0, lba_to_msf(lead_out));
    for track in disc.tracks_of(session) {
        push(kind(track), low(track.number), [0; 3], 0, lba_to_msf(track.start));
    }
    // The start of the next program area and the last possible lead-out, unless the disc ends here.
    if let Some(next) = disc.tracks_of(session.saturating_add(1)).next() {
        push(
            NEXT_PROGRAM_AREA,
            0xB0,
            lba_to_msf(next.start),
            2,
            lba_to_msf(disc.capacity()),
        );
    }
}

/// Format 4.
fn atip(capacity: u32) -> Atip {
    Atip {
        data_length: 26.into(),
        power_and_speed: 0xD0, // power 5, speed not given
        disc_type: 0x88,       // CD-R, sub-type 1, no A1-A3
        lead_in_start: FIRST_LEAD_IN,
        last_possible_lead_out_start: lba_to_msf(capacity),
        ..Atip::default()
    }
}

fn low(number: u16) -> u8 {
    number.to_be_bytes()[1]
}
