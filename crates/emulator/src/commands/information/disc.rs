//! READ DISC INFORMATION.

use crate::data_phase::reply;
use crate::layout::{DiscLayout, Status};
use crate::medium::Family;
use crate::recorder::Recorder;
use crate::zones::FIRST_LEAD_IN;
use mmc::command::ReadDiscInformation;
use mmc::reply::{DiscInformation, DiscStatus, SessionStatus, lba_to_msf};
use mmc::{Data, Failure, Sense};
use zerocopy::IntoBytes as _;

/// Bytes up to and including the last possible lead-out start address.
const SHORTEST: usize = 24;
/// The address if no further lead-in or lead-out is possible.
const NOWHERE: u32 = u32::MAX;

impl Recorder {
    pub(super) fn disc_information(
        &mut self,
        command: &ReadDiscInformation,
        data: Data<'_>,
    ) -> Result<usize, Failure> {
        // Data types 1 and 2 (track and POW resources) are for other media.
        if command.data_type & 0x07 != 0 {
            return Err(Sense::INVALID_FIELD_IN_CDB.into());
        }
        let before = self.unit.said_before();
        let answer = before.unwrap_or_else(|| self.information_of_disc());
        let length = usize::try_from(self.behaviour.disc_information_length).unwrap_or(0);
        let length = length.clamp(SHORTEST, size_of::<DiscInformation>());
        let answer = DiscInformation {
            disc_information_length: u16::try_from(length - 2).unwrap_or(0).into(),
            ..answer
        };
        let allocation = usize::from(command.allocation_length.get());
        reply(data, allocation, &answer.as_bytes()[..length])
    }

    /// The disc information as this drive reports it.
    pub(crate) fn information_of_disc(&self) -> DiscInformation {
        let mut answer = information(&self.disc);
        if self.behaviour.last_track_stays {
            answer.set_last_track_in_last_session(1);
        }
        let open = answer.last_session_status() == SessionStatus::Incomplete;
        if self.behaviour.open_session_counted_twice && open {
            answer.set_number_of_sessions(answer.number_of_sessions().saturating_add(1));
        }
        answer
    }
}

fn information(disc: &DiscLayout) -> DiscInformation {
    let mut answer = DiscInformation {
        disc_information_length: 32.into(),
        ..DiscInformation::default()
    };
    let last = disc.last_session();
    let (disc_status, session_status) = match disc.status() {
        Status::Blank => (DiscStatus::Blank, SessionStatus::Empty),
        Status::Finalized => (DiscStatus::Complete, SessionStatus::Complete),
        Status::Appendable if disc.last_session_empty() => (DiscStatus::Incomplete, SessionStatus::Empty),
        Status::Appendable => (DiscStatus::Incomplete, SessionStatus::Incomplete),
    };
    answer.set_status(disc_status, session_status);
    answer.number_of_first_track = 1;
    answer.set_number_of_sessions(last);
    answer.set_first_track_in_last_session(disc.tracks_of(last).next().map_or(1, |track| track.number));
    answer.set_last_track_in_last_session(disc.tracks_of(last).next_back().map_or(1, |track| track.number));
    let (lead_in, lead_out) = lead_in_and_out(disc, last);
    answer.last_session_lead_in_start_address = lead_in.into();
    answer.last_possible_lead_out_start_address = lead_out.into();
    answer
}

/// The start of the last session's lead-in and the last possible start of the lead-out, in the address form
/// of the medium.
fn lead_in_and_out(disc: &DiscLayout, last: u16) -> (u32, u32) {
    let cd = disc.medium().family() == Family::Cd;
    if disc.is_finalized() {
        return (NOWHERE, NOWHERE);
    }
    if !cd {
        return (0, disc.capacity());
    }
    let start = disc.tracks_of(last).next().map_or(0, |track| track.start);
    // Lead-in and pregap come before the session. Those of the first session are before block 0, in the
    // wrapped time that ATIP uses too.
    let before = disc.medium().session_start(last) + disc.medium().pregap_blocks();
    let lead_in = start.checked_sub(before).map_or(FIRST_LEAD_IN, lba_to_msf);
    (time(lead_in), time(lba_to_msf(disc.capacity())))
}

fn time([minutes, seconds, frames]: [u8; 3]) -> u32 {
    u32::from_be_bytes([0, minutes, seconds, frames])
}
