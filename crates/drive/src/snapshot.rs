//! Takes the snapshot of the medium: asks the drive for everything that is known of it.

use mmc::command::{
    GetConfiguration, InformationAddress, ReadCapacity, ReadDiscInformation, ReadTrackInformation,
    RequestedFeatures,
};
use mmc::reply::{DiscInformation, DiscStatus, FeatureHeader, ReadCapacityData, TrackInformation};
use mmc::{BLOCK_SIZE, Data, FeatureNumber, Features, Lba, Profile, Sense, SenseKey};
use zerocopy::FromBytes;

use crate::error::{DriveError, ReadOnly};
use crate::medium::{Medium, Status, Track};
use crate::recorder::Recorder;
use crate::sessions;

/// The number that some drives report the next writable address under: the invisible track.
const INVISIBLE: u32 = ReadTrackInformation::INVISIBLE_TRACK;

impl Recorder {
    /// Asks the drive for everything.
    pub(crate) fn snapshot(&mut self) -> Result<Medium, DriveError> {
        let (profile, records) = self.profile()?;
        let disc: DiscInformation =
            self.ask(ReadDiscInformation::standard(length_of::<DiscInformation>()))?;
        self.last_track = disc.last_track_in_last_session();
        self.calibrated = disc.number_of_opc_tables > 0;
        self.seen = Some(disc);
        let tracks = self.tracks(disc.disc_status())?;
        let append = tracks
            .iter()
            .rev()
            .find(|track| track.next_writable_address.is_some());
        let next_writable_address = append.and_then(|track| track.next_writable_address);
        let free_blocks = append.map_or(0, |track| track.free_blocks);
        let last_readable = self.last_readable()?;
        let sessions = sessions::of(&disc, &tracks, profile.is_cd());
        let lead_out = last_lead_out(&disc).filter(|_| profile.is_cd()).unwrap_or(0);
        let read_only = match disc.disc_status() {
            DiscStatus::Complete => Some(ReadOnly::Finalized),
            _ if !records => Some(ReadOnly::NotARecorder),
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
        };
        self.find_last_recorded(&mut medium)?;
        // Where READ CAPACITY says less than what is recorded, that is there all the same.
        let recorded = medium
            .sessions
            .iter()
            .filter_map(|session| session.last_recorded)
            .max();
        let recorded_end = recorded.map_or(0, |last| last.0.saturating_add(1));
        medium.capacity_blocks = medium.capacity_blocks.max(recorded_end);
        Ok(medium)
    }

    /// The track information of one track, where there is one of that number.
    pub(crate) fn track(&mut self, number: u32) -> Result<Option<Track>, DriveError> {
        let command =
            ReadTrackInformation::new(InformationAddress::Track, number, length_of::<TrackInformation>());
        match self.ask::<_, TrackInformation>(command) {
            Ok(information) => Ok(Some(sessions::track(&information))),
            Err(DriveError::Sense { sense, .. }) if says_there_is_none(sense) => Ok(None),
            Err(other) => Err(other),
        }
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

    /// The profile, and whether the drive records it.
    fn profile(&mut self) -> Result<(Profile, bool), DriveError> {
        let mut reply = vec![0; 2048];
        self.control(
            GetConfiguration::new(RequestedFeatures::Current, 0, 2048),
            Data::In(&mut reply),
        )?;
        let Ok((header, features)) = FeatureHeader::read_from_prefix(&reply) else {
            return Err(DriveError::Reply {
                command: "GET CONFIGURATION",
            });
        };
        // The length counts what follows its own four bytes, of which the rest of the header is four.
        let length = usize::try_from(header.data_length.get())
            .unwrap_or(usize::MAX)
            .saturating_sub(4);
        let features = &features[..length.min(features.len())];
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
        let records =
            Features::new(features).any(|feature| feature.current() && needed.contains(&feature.number()));
        Ok((header.profile(), records))
    }

    /// All tracks that the drive tells of, the one with the next writable address among them.
    fn tracks(&mut self, status: DiscStatus) -> Result<Vec<Track>, DriveError> {
        let mut tracks = Vec::new();
        for number in 1..=self.last_track {
            tracks.extend(self.track(u32::from(number))?);
        }
        if status != DiscStatus::Complete {
            self.append_track = None;
            for number in self.append_numbers() {
                let found = self
                    .track(number)?
                    .filter(|track| track.next_writable_address.is_some());
                let Some(track) = found else { continue };
                self.append_track = Some(number);
                tracks.retain(|known: &Track| known.number != track.number);
                tracks.push(track);
                break;
            }
        }
        tracks.sort_by_key(|track| track.number);
        Ok(tracks)
    }

    /// The last block of READ CAPACITY; a drive may refuse it for a blank disc.
    fn last_readable(&mut self) -> Result<Option<Lba>, DriveError> {
        match self.ask::<_, ReadCapacityData>(ReadCapacity::default()) {
            Ok(capacity) if capacity.block_length.get() as usize == BLOCK_SIZE => {
                let last = capacity.last_logical_block_address.get();
                Ok((last != 0 && last != u32::MAX).then_some(Lba(last)))
            }
            Ok(_) | Err(DriveError::Sense { .. }) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// Finds the last readable block of the last session where the drive does not tell it: on CD link and run-out blocks
    /// hide it.
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
        for distance in sessions::probe_distances(track.next_writable_address.is_some()) {
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

fn status(disc: &DiscInformation) -> Status {
    match disc.disc_status() {
        DiscStatus::Blank => Status::Blank,
        DiscStatus::Complete => Status::Finalized,
        _ => Status::Appendable,
    }
}

/// Blocks up to the end of what can be recorded, or of what is, where nothing more can be.
fn capacity(next: Option<Lba>, free_blocks: u32, last_readable: Option<Lba>) -> u32 {
    match (next, last_readable) {
        (Some(next), _) => next.0.saturating_add(free_blocks),
        (None, Some(last)) => last.0.saturating_add(1),
        (None, None) => 0,
    }
}

/// Where the last lead-out of a CD could start: what a track may grow to ends some blocks before (`MMC-6 6.21.3.1.11`).
fn last_lead_out(disc: &DiscInformation) -> Option<u32> {
    let [hours, minutes, seconds, frames] = disc
        .last_possible_lead_out_start_address
        .get()
        .to_be_bytes()
        .map(u32::from);
    if hours != 0 || minutes > 99 || seconds > 59 || frames > 74 {
        return None;
    }
    // Block 0 is at two seconds.
    ((minutes * 60 + seconds) * 75 + frames).checked_sub(150)
}

/// Blocks of the unit in which a medium is written.
fn write_unit(profile: Profile) -> u32 {
    if profile.is_bd() {
        32
    } else if profile.is_dvd() {
        16
    } else {
        1
    }
}

/// The length of a reply as a command's allocation length.
pub(crate) const fn length_of<R>() -> u16 {
    const { assert!(size_of::<R>() <= u8::MAX as usize) };
    #[allow(clippy::cast_possible_truncation)] // asserted
    let length = size_of::<R>() as u16;
    length
}

/// Whether a drive says by this that there is no such thing, and not that it failed to look.
pub(crate) fn says_there_is_none(sense: Sense) -> bool {
    matches!(sense.key, SenseKey::IllegalRequest | SenseKey::BlankCheck)
}
