//! READ TRACK INFORMATION.

use crate::behaviour::NextWritableAddress;
use crate::disc::Track;
use crate::execute::reply;
use crate::medium::Family;
use crate::recorder::Recorder;
use mmc::command::{InformationAddress, ReadTrackInformation};
use mmc::reply::TrackInformation;
use mmc::{Data, Failure, Lba, Sense};
use zerocopy::IntoBytes as _;

/// Bytes that a drive of the first MMC returns.
const SHORT: usize = 28;
/// The data mode of a track of which nothing is known.
const UNKNOWN_DATA_MODE: u8 = 0x0F;
const MODE_1: u8 = 0x01;
/// A data track recorded incrementally, or at once.
const INCREMENTAL: u8 = 5;
const AT_ONCE: u8 = 4;

impl Recorder {
    pub(super) fn track_information(
        &self,
        command: &ReadTrackInformation,
        data: Data<'_>,
    ) -> Result<usize, Failure> {
        let (track, as_invisible) = self.track_asked_for(command)?;
        let mut answer = self.information_of(track);
        let hidden = match self.behaviour.next_writable_address {
            NextWritableAddress::Any => false,
            NextWritableAddress::TrackFfOnly => !as_invisible,
            NextWritableAddress::NumberOnly => as_invisible,
        };
        if hidden {
            answer.valid &= !TrackInformation::NWA_VALID;
            answer.next_writable_address = 0.into();
        }
        let mut length = size_of::<TrackInformation>();
        if self.behaviour.short_track_information {
            length = SHORT;
        }
        answer.data_length = u16::try_from(length - 2).unwrap_or(0).into();
        let allocation = usize::from(command.allocation_length.get());
        reply(data, allocation, &answer.as_bytes()[..length])
    }

    /// The track, and whether it was asked for by the number of the invisible track.
    fn track_asked_for(&self, command: &ReadTrackInformation) -> Result<(&Track, bool), Sense> {
        let disc = &self.disc;
        let address = command.address.get();
        let number = u16::try_from(address).ok();
        let no_such = Sense::INVALID_FIELD_IN_CDB;
        match command.address_type() {
            InformationAddress::Block => {
                // A block of no track belongs to none: gaps, and what lies behind the last track.
                let range = Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE.at(Lba(address));
                disc.track_around(address)
                    .map(|track| (track, false))
                    .ok_or(range)
            }
            InformationAddress::Track if address == ReadTrackInformation::INVISIBLE_TRACK => {
                let refused = self.behaviour.next_writable_address == NextWritableAddress::NumberOnly;
                let track = disc.invisible_track().filter(|_| !refused);
                track.map(|track| (track, true)).ok_or(no_such)
            }
            InformationAddress::Track => number
                .and_then(|number| disc.track(number))
                .map(|track| (track, false))
                .ok_or(no_such),
            InformationAddress::Session => {
                let track = number.and_then(|session| disc.tracks_of(session).next());
                track.map(|track| (track, false)).ok_or(no_such)
            }
            InformationAddress::Reserved(_) => Err(no_such),
        }
    }

    fn information_of(&self, track: &Track) -> TrackInformation {
        let medium = self.disc.medium;
        let mut answer = TrackInformation::default();
        answer.set_track_number(track.number);
        answer.set_session_number(track.session);
        answer.track_mode = if track.uninterrupted { AT_ONCE } else { INCREMENTAL };
        answer.state = if track.has_data() {
            MODE_1
        } else {
            UNKNOWN_DATA_MODE
        };
        if !track.uninterrupted {
            answer.state |= TrackInformation::PACKET;
        }
        if medium.family() != Family::Cd {
            // The packets of a DVD-R in sequential recording have no fixed size, only a least one.
            if medium.family() != Family::DvdR {
                answer.state |= TrackInformation::FIXED_PACKET;
            }
            answer.fixed_packet_size = medium.write_unit().into();
        }
        if track.reserved {
            answer.state |= TrackInformation::RESERVED_TRACK;
        }
        if track.blank() {
            answer.state |= TrackInformation::BLANK;
        }
        answer.track_start_address = track.start.into();
        answer.track_size = (track.end - track.start).into();
        if track.writable() && !self.disc.finalized {
            answer.valid |= TrackInformation::NWA_VALID;
            answer.next_writable_address = track.next.into();
            answer.free_blocks = (track.end - track.next).into();
        }
        if track.has_data() && self.behaviour.last_recorded_valid(medium) {
            answer.valid |= TrackInformation::LRA_VALID;
            answer.last_recorded_address = (track.recorded_end - 1).into();
        }
        answer
    }
}
