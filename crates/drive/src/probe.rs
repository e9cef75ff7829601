//! A probe of a drive: all commands that change nothing, to capture the answers for others.

use mmc::command::{
    GetConfiguration, GetEventStatusNotification, GetPerformance, InformationAddress, Inquiry, ModeSense10,
    ReadBufferCapacity, ReadCapacity, ReadDiscInformation, ReadDiscStructure, ReadFormatCapacities,
    ReadTocPmaAtip, ReadTrackInformation, RequestedFeatures, TestUnitReady, TocFormat,
};
use mmc::reply::FeatureHeader;
use mmc::{Command, Data, Failure, FeatureNumber, PageControl, Profile, Transport};
use zerocopy::FromBytes as _;

use crate::error::DriveError;
use crate::initiator::Initiator;
use crate::look::AtOnce;
use crate::medium::Medium;

/// Bytes of the longest answer.
const ANSWER: u16 = 4096;
/// Tracks and sessions to query by number, in addition to those that the drive reports.
const MOST_TRACKS: u32 = 32;
/// A probe ends after this number of commands without an answer.
const MOST_UNANSWERED: u32 = 2;
/// Mode pages: write parameters, and capabilities.
const PAGES: [u8; 2] = [0x05, 0x2A];
/// The media class of events.
const MEDIA_EVENTS: u8 = 0x10;

/// Sends a drive every command that changes nothing and describes the drive or its medium, once each, and
/// then the commands with which [`crate::Drive::open`] takes its snapshot. To capture the answers, wrap the
/// transport.
///
/// # Errors
/// The error of the snapshot, which comes last.
pub fn probe(mut transport: Box<dyn Transport>) -> Result<Medium, DriveError> {
    let mut unanswered = 0;
    let mut profile = None;
    for command in commands() {
        if hangs(&command, profile) {
            continue;
        }
        let mut answer = vec![0; usize::from(ANSWER)];
        let data = match command {
            Command::TestUnitReady(_) => Data::None,
            _ => Data::In(&mut answer),
        };
        match transport.execute(command.as_bytes(), data) {
            Err(Failure::Transport(_)) => unanswered += 1,
            Ok(_) if matches!(command, Command::GetConfiguration(_)) => {
                let header = FeatureHeader::read_from_prefix(&answer);
                profile = header.ok().map(|(header, _)| header.profile());
            }
            _ => {}
        }
        if unanswered == MOST_UNANSWERED {
            break;
        }
    }
    let mut recorder = Initiator::new(transport, Box::new(AtOnce));
    recorder.become_ready()?;
    recorder.snapshot()
}

/// Whether some drives never answer the command with a medium of this profile: READ DISC STRUCTURE without a
/// DVD or BD (Pioneer DVR-110, according to cdrecord).
fn hangs(command: &Command, profile: Option<Profile>) -> bool {
    let has_structure = profile.is_some_and(|profile| profile.is_dvd() || profile.is_bd());
    matches!(command, Command::ReadDiscStructure(_)) && !has_structure
}

fn commands() -> Vec<Command> {
    let mut all: Vec<Command> = vec![
        Inquiry {
            allocation_length: 96.into(),
            ..Inquiry::default()
        }
        .into(),
        // This first receives the unit attentions, and the state of a disc just inserted.
        TestUnitReady::default().into(),
        TestUnitReady::default().into(),
        TestUnitReady::default().into(),
        GetConfiguration::new(RequestedFeatures::All, 0, ANSWER).into(),
        GetConfiguration::new(RequestedFeatures::One, FeatureNumber::PROFILE_LIST.0, 512).into(),
        GetConfiguration::new(RequestedFeatures::One, FeatureNumber::REAL_TIME_STREAMING.0, 256).into(),
        GetEventStatusNotification::poll(MEDIA_EVENTS, 8).into(),
    ];
    for page in PAGES {
        for control in [
            PageControl::Current,
            PageControl::Changeable,
            PageControl::Default,
        ] {
            all.push(ModeSense10::new(page, control, 256).into());
        }
    }
    all.extend([
        ReadDiscInformation::standard(ANSWER).into(),
        ReadCapacity::default().into(),
        ReadFormatCapacities::new(252).into(),
        ReadBufferCapacity::new(false).into(),
        GetPerformance::write_speeds(64).into(),
    ] as [Command; 5]);
    for media_type in [0, 1] {
        for format in [0x00, 0xFF] {
            all.push(ReadDiscStructure::new(media_type, format, 0, ANSWER).into());
        }
    }
    for format in [
        TocFormat::Toc,
        TocFormat::SessionInformation,
        TocFormat::FullToc,
        TocFormat::Pma,
        TocFormat::Atip,
    ] {
        all.push(ReadTocPmaAtip::new(format, 0, ANSWER).into());
    }
    let track = |kind, number| ReadTrackInformation::new(kind, number, 48).into();
    let invisible = ReadTrackInformation::INVISIBLE_TRACK;
    for number in (0..=MOST_TRACKS).chain([invisible]) {
        all.push(track(InformationAddress::Track, number));
    }
    for number in [0, 1, 2, invisible] {
        all.push(track(InformationAddress::Session, number));
    }
    all.push(track(InformationAddress::Block, 0));
    all
}
