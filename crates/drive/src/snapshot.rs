//! Takes the snapshot of the medium: asks the drive for everything it knows about it.

use mmc::command::{
    GetConfiguration, InformationAddress, ReadCapacity, ReadTrackInformation, RequestedFeatures,
};
use mmc::reply::{
    DiscInformation, DiscStatus, FeatureHeader, ReadCapacityData, TrackInformation, msf_to_lba,
};
use mmc::{BLOCK_SIZE, Data, FeatureNumber, Features, Lba, Profile};
use zerocopy::FromBytes;

use crate::error::{DriveError, ReadOnly};
use crate::initiator::{Initiator, length_of};
use crate::medium::{Medium, Status, UNKNOWN_PROFILE};
use crate::policy::{says_there_is_none, says_unknown};
use crate::sessions;
use crate::tracks::{self, ReportedTrack, Witness};

/// Accepted bytes of a block in READ CAPACITY: some CD recorders report more than 2048, or 0.
const BLOCK_LENGTHS: [u32; 4] = [2048, 0, 2340, 2352];
/// The number of the invisible track, under which some drives report the next writable address.
const INVISIBLE: u32 = ReadTrackInformation::INVISIBLE_TRACK;
/// Bytes of track information in MMC-3; some drives refuse a larger allocation length.
const TRACK_INFORMATION_OF_MMC_3: u16 = 36;
/// Bytes of track information up to and including the size; no drive returns fewer.
const SHORTEST_TRACK_INFORMATION: usize = 28;
/// More tracks than any medium has.
const MOST_TRACKS: u16 = 10_000;

impl Initiator {
    /// Takes the snapshot.
    pub(crate) fn snapshot(&mut self) -> Result<Medium, DriveError> {
        let Configuration {
            profile,
            records,
            packets,
        } = self.configuration()?;
        let is_cd = profile.is_cd();
        self.knows_no_packets |= profile == Profile::CdR && records && !packets;
        let disc = self.disc_information()?;
        self.last_track = disc.last_track_in_last_session();
        self.calibrated = disc.number_of_opc_tables > 0;
        self.seen = Some(disc);
        self.blocks_of_blank = None;
        let mut reported = self.tracks(disc.disc_status())?;
        if disc.disc_status() == DiscStatus::Blank {
            self.give_size_to_blank(&mut reported, last_lead_out(&disc).filter(|_| is_cd))?;
        }
        // A blank disc has no readable block, and some drives answer as if there were no medium.
        let last_readable = match disc.disc_status() {
            DiscStatus::Blank => None,
            _ => self.last_readable()?,
        };
        let reports_none = reported.is_empty() && disc.disc_status() != DiscStatus::Blank;
        let ends_nowhere = reported.iter().any(|reported| reported.track.ends_nowhere());
        let contents = if is_cd || reports_none || ends_nowhere {
            self.contents(&reported)?
        } else {
            Vec::new()
        };
        let lead_outs = if is_cd && ends_nowhere {
            self.lead_outs()?
        } else {
            Vec::new()
        };
        let reported = if reports_none {
            tracks::reported_in_contents(&contents, self.last_session()?, last_readable)
        } else {
            reported
        };
        let witness = Witness {
            disc: &disc,
            contents: &contents,
            lead_outs: &lead_outs,
            last_readable,
            is_cd,
        };
        let (tracks, stays) = tracks::compared(&reported, &witness);
        // If the last track is full, a reserved track must not take its place.
        let last = tracks.last().map(|track| track.number);
        let append = tracks
            .iter()
            .rev()
            .filter(|track| !track.reserved || Some(track.number) == last)
            .find(|track| track.next_writable_address.is_some());
        let next_writable_address = append.and_then(|track| track.next_writable_address);
        let free_blocks = append.map_or(0, |track| track.free_blocks);
        let sessions = sessions::of(&disc, &tracks, is_cd);
        let lead_out = last_lead_out(&disc).filter(|_| is_cd).unwrap_or(0);
        let read_only = match disc.disc_status() {
            DiscStatus::Complete => Some(ReadOnly::Finalized),
            _ if !records => Some(ReadOnly::NotARecorder),
            _ if stays => Some(ReadOnly::NextWritableAddressStays),
            _ if next_writable_address.is_none() => Some(ReadOnly::NoNextWritableAddress),
            _ => None,
        };
        let mut medium = Medium {
            profile,
            status: status(&disc),
            capacity_blocks: lead_out.max(capacity(next_writable_address, free_blocks, last_readable)),
            free_blocks,
            next_writable_address,
            write_unit: write_unit(profile),
            sessions,
            tracks,
            last_readable,
            writable: read_only.is_none(),
            read_only,
            single_session: profile == Profile::DvdRDlSequential,
            packets_may_end: profile == Profile::CdR,
            track_at_once: self.knows_no_packets,
        };
        self.find_last_recorded(&mut medium)?;
        // Recorded blocks exist even if READ CAPACITY reports fewer.
        let recorded = medium
            .sessions
            .iter()
            .filter_map(|session| session.last_recorded)
            .max();
        let recorded_end = recorded.map_or(0, |last| last.0.saturating_add(1));
        medium.capacity_blocks = medium.capacity_blocks.max(recorded_end);
        Ok(medium)
    }

    /// The information on one track, or `None` if no track has this number.
    pub(crate) fn track(&mut self, number: u32) -> Result<Option<ReportedTrack>, DriveError> {
        let command =
            ReadTrackInformation::new(InformationAddress::Track, number, self.track_information_length);
        match self.ask_as_long::<_, TrackInformation>(command, SHORTEST_TRACK_INFORMATION) {
            Ok(information) => {
                let mut reported = tracks::reported(&information);
                if let (Some(blocks), Some(reported)) = (self.blocks_of_blank, &mut reported) {
                    reported.give_size(blocks);
                }
                Ok(reported)
            }
            Err(DriveError::Sense { sense, .. }) if says_there_is_none(sense) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// The first track, which every disc has. A drive that refuses to report it may require a smaller
    /// allocation length.
    fn first_track(&mut self) -> Result<Option<ReportedTrack>, DriveError> {
        let first = self.track(1)?;
        if first.is_some() || self.track_information_length == TRACK_INFORMATION_OF_MMC_3 {
            return Ok(first);
        }
        self.track_information_length = TRACK_INFORMATION_OF_MMC_3;
        let first = self.track(1)?;
        if first.is_none() {
            self.track_information_length = length_of::<TrackInformation>();
        }
        Ok(first)
    }

    /// The numbers under which a drive may report the next writable address.
    pub(crate) fn append_numbers(&self) -> impl Iterator<Item = u32> + use<> {
        let last = u32::from(self.last_track);
        let known = self.append_track;
        let rest = [last, INVISIBLE, last + 1]
            .into_iter()
            .filter(move |number| Some(*number) != known && *number != 0);
        known.into_iter().chain(rest)
    }

    /// The drive's features with this medium.
    fn configuration(&mut self) -> Result<Configuration, DriveError> {
        let mut reply = vec![0; 2048];
        let command = GetConfiguration::new(RequestedFeatures::Current, 0, 2048);
        match self.control(command, Data::In(&mut reply)) {
            Err(error) if says_unknown(&error) => return Ok(Configuration::OF_A_READER),
            answered => answered?,
        };
        let Ok((header, features)) = FeatureHeader::read_from_prefix(&reply) else {
            return Err(DriveError::Reply {
                command: "GET CONFIGURATION",
            });
        };
        let features = header.of(features);
        let needed: &[FeatureNumber] = match header.profile() {
            Profile::CdR => &[
                FeatureNumber::INCREMENTAL_STREAMING_WRITABLE,
                FeatureNumber::CD_TRACK_AT_ONCE,
            ],
            Profile::DvdR | Profile::DvdRDlSequential => &[
                FeatureNumber::INCREMENTAL_STREAMING_WRITABLE,
                FeatureNumber::DVD_R_RW_WRITE,
            ],
            Profile::DvdPlusR => &[FeatureNumber::DVD_PLUS_R],
            Profile::DvdPlusRDl => &[FeatureNumber::DVD_PLUS_R_DUAL_LAYER],
            Profile::BdRSequential => &[FeatureNumber::BD_WRITE],
            _ => &[],
        };
        let has_any = |wanted: &[FeatureNumber]| {
            Features::new(features).any(|feature| feature.current() && wanted.contains(&feature.number()))
        };
        Ok(Configuration {
            profile: header.profile(),
            records: has_any(needed),
            packets: has_any(&[FeatureNumber::INCREMENTAL_STREAMING_WRITABLE]),
        })
    }

    /// All tracks that the drive reports, including the one with the next writable address. The last track in
    /// disc information is only a starting point, because some drives always report 1.
    fn tracks(&mut self, status: DiscStatus) -> Result<Vec<ReportedTrack>, DriveError> {
        let mut tracks: Vec<ReportedTrack> = self.first_track()?.into_iter().collect();
        let open = match status {
            DiscStatus::Complete => None,
            _ => self.track(INVISIBLE)?,
        };
        let named = open.map_or(0, |open| open.track.number).max(self.last_track);
        let most = if open.is_some() { named } else { MOST_TRACKS };
        for number in 2..=most {
            let track = self.track(u32::from(number))?;
            // A drive that returns another track than the requested one has no more.
            let track = track.filter(|reported| reported.track.number & 0xFF == number & 0xFF);
            if track.is_none() && number > named {
                break;
            }
            tracks.extend(track);
        }
        self.last_track = tracks
            .iter()
            .map(|reported| reported.track.number)
            .fold(named, u16::max);
        if status != DiscStatus::Complete {
            self.append_track = None;
            for number in self.append_numbers() {
                let reported = match number {
                    INVISIBLE => open,
                    _ => tracks
                        .iter()
                        .copied()
                        .find(|reported| u32::from(reported.track.number) == number),
                };
                let Some(reported) =
                    reported.filter(|reported| reported.track.next_writable_address.is_some())
                else {
                    continue;
                };
                self.append_track = Some(number);
                tracks.retain(|known| known.track.number != reported.track.number);
                tracks.push(reported);
                break;
            }
        }
        tracks.sort_by_key(|reported| reported.track.number);
        Ok(tracks)
    }

    /// The last block of READ CAPACITY, which a drive may refuse for a blank disc.
    fn last_readable(&mut self) -> Result<Option<Lba>, DriveError> {
        match self.ask::<_, ReadCapacityData>(ReadCapacity::default()) {
            Ok(capacity) if BLOCK_LENGTHS.contains(&capacity.block_length.get()) => {
                let last = capacity.last_logical_block_address.get();
                Ok((last != 0 && last != u32::MAX).then_some(Lba(last)))
            }
            Ok(_) | Err(DriveError::Sense { .. }) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// Finds the last readable block of the last session if the drive does not report it; on CD, link and
    /// run-out blocks hide it.
    fn find_last_recorded(&mut self, medium: &mut Medium) -> Result<(), DriveError> {
        let session = medium
            .sessions
            .iter_mut()
            .rev()
            .find(|session| session.last_recorded.is_some());
        let Some(session) = session else { return Ok(()) };
        let reported = medium
            .tracks
            .iter()
            .rev()
            .find(|track| track.session == session.number && track.has_data());
        let Some(track) = reported.filter(|track| track.last_recorded.is_none()) else {
            return Ok(());
        };
        let end = track.next_writable_address.unwrap_or(track.end());
        let by_capacity = medium
            .last_readable
            .is_some_and(|last| last.0.saturating_add(1) == end.0);
        for distance in sessions::probe_distances(track.next_writable_address.is_some(), by_capacity) {
            let Some(at) = end
                .0
                .checked_sub(distance)
                .map(Lba)
                .filter(|at| *at >= track.start)
            else {
                continue;
            };
            match self.read(at, Data::In(&mut [0; BLOCK_SIZE])) {
                Ok(()) => {
                    session.last_recorded = Some(at);
                    break;
                }
                Err(DriveError::Unreadable { .. }) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }
}

impl Configuration {
    /// A drive older than MMC-3 does not know GET CONFIGURATION. It would record with other commands than
    /// those sent here.
    const OF_A_READER: Self = Self {
        profile: UNKNOWN_PROFILE,
        records: false,
        packets: false,
    };
}

/// The features in GET CONFIGURATION with the present medium.
struct Configuration {
    profile: Profile,
    /// Whether the drive records this medium.
    records: bool,
    /// Whether the drive records a CD or DVD-R in packets.
    packets: bool,
}

fn status(disc: &DiscInformation) -> Status {
    match disc.disc_status() {
        DiscStatus::Blank => Status::Blank,
        DiscStatus::Complete => Status::Finalized,
        _ => Status::Appendable,
    }
}

/// Blocks up to the end of the recordable area or, if nothing more can be recorded, of the recorded one.
fn capacity(next: Option<Lba>, free_blocks: u32, last_readable: Option<Lba>) -> u32 {
    match (next, last_readable) {
        (Some(next), _) => next.0.saturating_add(free_blocks),
        (None, Some(last)) => last.0.saturating_add(1),
        (None, None) => 0,
    }
}

/// The last possible start of a CD's lead-out, some blocks after the end up to which a track can grow
/// (`MMC-6 6.21.3.1.11`).
fn last_lead_out(disc: &DiscInformation) -> Option<u32> {
    match disc.last_possible_lead_out_start_address.get().to_be_bytes() {
        [0, minutes, seconds, frames] => msf_to_lba([minutes, seconds, frames]),
        _ => None,
    }
}

/// Blocks of the unit of writing.
fn write_unit(profile: Profile) -> u32 {
    if profile.is_bd() {
        32
    } else if profile.is_dvd() {
        16
    } else {
        1
    }
}
