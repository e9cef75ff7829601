//! READ TRACK INFORMATION.

use crate::behaviour::{AddressMoves, NextWritableAddress};
use crate::data_phase::reply;
use crate::layout::{Status, Track};
use crate::medium::Family;
use crate::recorder::Recorder;
use mmc::command::{InformationAddress, ReadTrackInformation};
use mmc::reply::TrackInformation;
use mmc::{Data, Failure, Lba, Sense, SenseKey};
use zerocopy::IntoBytes as _;

/// Bytes that a drive of the first MMC returns.
const SHORT: usize = 28;
/// The most bytes that a drive up to MMC-3 returns.
const UP_TO_MMC_3: u16 = 36;
/// How some drives report a missing track although they are ready.
const NOT_READY: Sense = Sense::new(SenseKey::NotReady, 0x24, 0x00);
/// The address of the pregap before block 0: 150 blocks.
const PREGAP_OF_FIRST_TRACK: u32 = 0u32.wrapping_sub(PREGAP);
const PREGAP: u32 = 150;
/// The data mode of an unknown track.
const UNKNOWN_DATA_MODE: u8 = 0x0F;
const MODE_1: u8 = 0x01;
/// Track mode of a data track recorded incrementally, or at once.
const INCREMENTAL: u8 = 5;
const AT_ONCE: u8 = 4;

impl Recorder {
    pub(super) fn track_information(
        &self,
        command: &ReadTrackInformation,
        data: Data<'_>,
    ) -> Result<usize, Failure> {
        if self.behaviour.long_track_information_refused && command.allocation_length.get() > UP_TO_MMC_3 {
            return Err(Sense::INVALID_FIELD_IN_CDB.into());
        }
        let (track, as_invisible) = self.track_asked_for(command)?;
        let mut answer = self.information_of(track);
        let hidden = match self.behaviour.next_writable_address {
            NextWritableAddress::Any => false,
            NextWritableAddress::TrackFfOnly => !as_invisible && track.invisible(),
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
        if self.behaviour.long_track_information_refused {
            length = length.min(usize::from(UP_TO_MMC_3));
        }
        answer.data_length = u16::try_from(length - 2).unwrap_or(0).into();
        let allocation = usize::from(command.allocation_length.get());
        reply(data, allocation, &answer.as_bytes()[..length])
    }

    /// The requested track, and whether the host used the number of the invisible track.
    fn track_asked_for(&self, command: &ReadTrackInformation) -> Result<(&Track, bool), Sense> {
        let disc = &self.disc;
        let address = command.address.get();
        let number = u16::try_from(address).ok();
        let no_such = Sense::INVALID_FIELD_IN_CDB;
        match command.address_type() {
            InformationAddress::Block => {
                // Gaps, and blocks after the last track, belong to no track.
                let range = Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE.at(Lba(address));
                disc.track_around(address)
                    .map(|track| (track, false))
                    .ok_or(range)
            }
            InformationAddress::Track if address == ReadTrackInformation::INVISIBLE_TRACK => {
                let refused = self.behaviour.next_writable_address == NextWritableAddress::NumberOnly;
                let track = disc.invisible_track().filter(|_| !refused);
                let none = if self.behaviour.no_invisible_track_is_not_ready {
                    NOT_READY
                } else {
                    no_such
                };
                track.map(|track| (track, true)).ok_or(none)
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
        let medium = self.disc.medium();
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
            // In sequential recording a packet of a DVD-R has a minimum size but no fixed one.
            if medium.family() != Family::DvdR {
                answer.state |= TrackInformation::FIXED_PACKET;
            }
            answer.fixed_packet_size = medium.write_unit().into();
        }
        // A full reserved track is complete and no longer reserved; on a CD that happens when it is closed.
        let is_filled = medium.family() != Family::Cd && !track.writable();
        if track.reserved && !track.closed && !is_filled {
            answer.state |= TrackInformation::RESERVED_TRACK;
        }
        if track.blank() {
            answer.state |= TrackInformation::BLANK;
        }
        answer.track_start_address = track.start.into();
        answer.track_size = (track.end - track.start).into();
        if track.writable() && !self.disc.is_finalized() {
            answer.valid |= TrackInformation::NWA_VALID;
            let next = self.reported_next(track);
            answer.next_writable_address = next.into();
            answer.free_blocks = (track.end - track.next).into();
        }
        if track.has_data() && self.behaviour.last_recorded_valid(medium) {
            answer.valid |= TrackInformation::LRA_VALID;
            answer.last_recorded_address = (track.recorded_end - 1).into();
        }
        self.bend(track, &mut answer);
        answer
    }

    /// The next writable address as this drive reports it.
    fn reported_next(&self, track: &Track) -> u32 {
        let blank = self.disc.status() == Status::Blank;
        if self.behaviour.blank_next_writable_address_in_pregap && blank {
            return PREGAP_OF_FIRST_TRACK;
        }
        match self.behaviour.next_writable_address_moves {
            AddressMoves::WithEachWrite => track.next,
            AddressMoves::AfterSynchronize => self.written.start_in(track.number).unwrap_or(track.next),
            AddressMoves::Never => track.start,
        }
    }

    /// Applies the switches that make this drive report a wrong start, size or number of free blocks.
    fn bend(&self, track: &Track, answer: &mut TrackInformation) {
        let behaviour = &self.behaviour;
        if behaviour.free_blocks_never_shrink && answer.next_writable().is_some() {
            answer.free_blocks = answer.track_size;
        }
        if behaviour.blank_track_without_size && self.disc.status() == Status::Blank {
            answer.track_size = 0.into();
            answer.free_blocks = 0.into();
        }
        if behaviour.closed_tracks_end_nowhere && track.closed {
            answer.track_size = i32::MAX.cast_unsigned().into();
        }
        if behaviour.tracks_count_pregap && self.disc.medium().family() == Family::Cd {
            answer.track_start_address = track.start.wrapping_sub(PREGAP).into();
            answer.track_size = (answer.track_size.get() + PREGAP).into();
        }
        if behaviour.blank_track_starts_at_zero && track.blank() && track.invisible() {
            answer.track_start_address = 0.into();
        }
    }
}
