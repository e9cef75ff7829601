//! `oncefs drives`

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};

use oncefs::{
    Disc, DiscError, DiscInfo, DriveError, HostDrive, Look, Probed, RECORDED_PROFILES, Session, SessionState,
    Status, TRACK_AT_ONCE, TraceEntry,
};
use serde::Serialize;

use super::Tools;
use super::add::size;
use crate::arguments;
use crate::failure::{Failure, Outcome};
use crate::output::{List, count};
use crate::terminal::Shown;

/// Longest probe text that is read, in bytes.
const LONGEST_PROBE: u64 = 16 << 20;

/// A drive as shown. The fields are in the order of the JSON.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct ShownDrive {
    device: PathBuf,
    generic: Option<PathBuf>,
    vendor: String,
    model: String,
    firmware: String,
    /// The media it records, among those oncefs knows; `None` if it could not be asked.
    records: Option<Vec<String>>,
    state: State,
    medium: Option<ShownMedium>,
    /// Why there is no medium to show.
    message: Option<String>,
}

/// The state of a drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    /// It has a medium.
    Ready,
    /// It has none.
    Empty,
    /// It is still examining the medium.
    NotReady,
    /// Somebody records in it.
    InUse,
    /// This user may not open it.
    Denied,
    /// It failed.
    Failed,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct ShownMedium {
    profile: String,
    status: &'static str,
    /// Sessions with data.
    sessions: usize,
    capacity_blocks: u32,
    free_blocks: u32,
    /// Whether the drive records this medium track at once, one track per commit, because it knows no
    /// packets.
    track_at_once: bool,
}

/// Lists the drives of this host, or shows one in detail.
pub fn run(tools: &Tools, arguments: &arguments::Drives) -> Outcome {
    if let Some(disc) = &arguments.probe {
        return probe(disc);
    }
    if let Some(text) = &arguments.replay {
        return replay(tools, text);
    }
    let drives = HostDrive::all();
    if drives.is_empty() {
        tools.output.note("this machine has no drive for CD, DVD or BD");
    }
    let mut list = List::new(std::io::stdout().lock(), tools.output.json);
    for drive in drives {
        let look = drive.look();
        list.push(&ShownDrive::new(drive, look))?;
    }
    list.finish()
}

/// Prints the answers of a drive.
fn probe(disc: &Path) -> Outcome {
    let entries = Disc::new(disc).probe()?;
    let mut out = std::io::stdout().lock();
    let version = env!("CARGO_PKG_VERSION");
    let mut text = format!("# oncefs {version} drives --probe: what a drive with its medium answers\n");
    for entry in &entries {
        text.push_str(&format!("{entry}\n"));
    }
    out.write_all(text.as_bytes())
        .map_err(|error| Failure::host(Path::new("standard output"), error))
}

/// Shows the drive of a probe text.
fn replay(tools: &Tools, path: &Path) -> Outcome {
    let entries = read_probe(path)?;
    let look = Look::at(Box::new(Probed::new(entries)));
    let drive = HostDrive {
        device: path.to_owned(),
        generic: None,
        vendor: "a drive".to_owned(),
        model: "as it was probed".to_owned(),
        firmware: "not asked".to_owned(),
    };
    let mut list = List::new(std::io::stdout().lock(), tools.output.json);
    list.push(&ShownDrive::new(drive, look.map_err(DiscError::from)))?;
    list.finish()
}

fn read_probe(path: &Path) -> Outcome<Vec<TraceEntry>> {
    use std::io::Read as _;
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(|error| Failure::host(path, error))?;
    file.take(LONGEST_PROBE)
        .read_to_string(&mut text)
        .map_err(|error| Failure::host(path, error))?;
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            line.parse::<TraceEntry>()
                .map_err(|_| Failure::failed("not the output of `oncefs drives --probe`"))
        })
        .collect::<Outcome<_>>()
        .map_err(|failure| failure.at(path.display()))
}

impl ShownDrive {
    fn new(drive: HostDrive, look: Result<Look, DiscError>) -> Self {
        let (records, medium) = match look {
            Ok(Look { profiles, medium }) => {
                let known = profiles
                    .iter()
                    .filter(|profile| RECORDED_PROFILES.contains(profile));
                (
                    Some(known.map(ToString::to_string).collect()),
                    medium
                        .map(|medium| DiscInfo::from(&medium))
                        .map_err(DiscError::from),
                )
            }
            Err(error) => (None, Err(error)),
        };
        let state = state(&medium);
        let (medium, message) = match medium {
            Ok(medium) => (Some(ShownMedium::of(&medium)), None),
            Err(_) if state == State::Empty => (None, None),
            Err(error) => (None, Some(error.to_string())),
        };
        Self {
            device: drive.device,
            generic: drive.generic,
            vendor: drive.vendor,
            model: drive.model,
            firmware: drive.firmware,
            records,
            state,
            medium,
            message,
        }
    }
}

fn state(medium: &Result<DiscInfo, DiscError>) -> State {
    match medium {
        Ok(_) => State::Ready,
        Err(DiscError::Drive(DriveError::NoMedium)) => State::Empty,
        Err(DiscError::Drive(DriveError::NotReady { .. })) => State::NotReady,
        Err(DiscError::InUse(_)) => State::InUse,
        Err(DiscError::Host { source, .. }) if source.kind() == std::io::ErrorKind::PermissionDenied => {
            State::Denied
        }
        Err(_) => State::Failed,
    }
}

impl ShownMedium {
    fn of(medium: &DiscInfo) -> Self {
        let with_data = |session: &&Session| session.state != SessionState::Empty;
        Self {
            profile: medium
                .profile
                .map_or_else(|| "unknown".into(), |profile| profile.to_string()),
            status: match medium.status {
                Status::Blank => "blank",
                Status::Appendable => "appendable",
                Status::Finalized => "finalized",
            },
            sessions: medium.sessions.iter().filter(with_data).count(),
            capacity_blocks: medium.capacity_blocks,
            free_blocks: medium.free_blocks,
            track_at_once: medium.track_at_once,
        }
    }
}

impl fmt::Display for ShownDrive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let device = self.device.display();
        let (vendor, model, firmware) = (Shown(&self.vendor), Shown(&self.model), Shown(&self.firmware));
        writeln!(f, "{device}  {vendor} {model}, firmware {firmware}")?;
        match self.records.as_deref() {
            None => {}
            Some([]) => writeln!(f, "  records   nothing that oncefs knows")?,
            Some(records) => writeln!(f, "  records   {}", records.join(", "))?,
        }
        match (&self.medium, &self.message) {
            (Some(medium), _) => medium.fmt(f),
            (None, Some(message)) => writeln!(f, "  medium    {message}"),
            (None, None) => writeln!(f, "  medium    none"),
        }
    }
}

impl fmt::Display for ShownMedium {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (profile, status) = (&self.profile, self.status);
        write!(f, "  medium    {profile}, {status}")?;
        if self.sessions > 0 {
            write!(f, ", {}", count(self.sessions as u64, "session", "sessions"))?;
        }
        let bytes = |blocks: u32| size(u64::from(blocks) * 2048);
        writeln!(
            f,
            ", {} free of {}",
            bytes(self.free_blocks),
            bytes(self.capacity_blocks)
        )?;
        if self.track_at_once {
            writeln!(f, "  records   it without packets: {TRACK_AT_ONCE}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use emulator::{Behaviour, FaultScript, Recorder};

    fn host_drive() -> HostDrive {
        HostDrive {
            device: "/dev/sr0".into(),
            generic: Some("/dev/sg1".into()),
            vendor: "ONCEFS".into(),
            model: "Emulated BD-R".into(),
            firmware: "1".into(),
        }
    }

    fn looked_at(faults: &str) -> ShownDrive {
        looked_at_as(emulator::Medium::DvdPlusR, Behaviour::default(), faults)
    }

    fn looked_at_as(medium: emulator::Medium, behaviour: Behaviour, faults: &str) -> ShownDrive {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let image = folder.path().join("image");
        let mut recorder = Recorder::create(&image, medium, Some(32_000), behaviour).expect("a disc");
        recorder.set_faults(faults.parse::<FaultScript>().expect("a script"));
        ShownDrive::new(
            host_drive(),
            Look::at(Box::new(recorder)).map_err(DiscError::from),
        )
    }

    #[test]
    fn a_drive_shows_what_it_records_and_what_is_in_it() {
        assert_eq!(
            looked_at("").to_string(),
            "/dev/sr0  ONCEFS Emulated BD-R, firmware 1\n  \
             records   BD-R, DVD+R DL, DVD+R, DVD-R DL, DVD-R, CD-R\n  \
             medium    DVD+R, blank, 62.50 MiB free of 62.50 MiB\n"
        );
    }

    #[test]
    fn a_cd_recorder_without_packets_says_what_that_costs() {
        let behaviour = Behaviour {
            packets: false,
            ..Behaviour::default()
        };
        let shown = looked_at_as(emulator::Medium::CdR80, behaviour, "").to_string();
        assert!(shown.contains("a track a commit"), "{shown}");
    }

    #[test]
    fn an_empty_drive_is_not_a_failure() {
        let shown = looked_at("remove before command 2");
        assert_eq!((shown.state, &shown.message), (State::Empty, &None));
        assert!(
            shown
                .records
                .is_some_and(|records| records.contains(&"BD-R".to_owned()))
        );
    }

    #[test]
    fn a_drive_that_cannot_be_asked_says_why() {
        let denied = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        for (error, state) in [
            (DiscError::InUse("/dev/sr0".into()), State::InUse),
            (
                DiscError::Host {
                    path: "/dev/sr0".into(),
                    source: denied,
                },
                State::Denied,
            ),
        ] {
            let shown = ShownDrive::new(host_drive(), Err(error));
            assert_eq!((shown.state, shown.records.is_none()), (state, true));
            assert!(shown.message.is_some());
        }
    }

    #[test]
    fn programs_get_the_state_as_a_word() {
        let json = serde_json::to_value(looked_at("")).expect("JSON");
        assert_eq!(json["state"], "ready");
        assert_eq!(json["medium"]["profile"], "DVD+R");
        assert_eq!(json["medium"]["free_blocks"], 32_000);
    }
}
