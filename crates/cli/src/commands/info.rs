//! `oncefs info`

use oncefs::control::VolumeFlags;
use oncefs::{Disc, Drive, Plan, RemainderKind, SessionState, Status, Volume};
use serde::Serialize;

use super::read::Lost;
use super::{Tools, read};
use crate::arguments::Info;
use crate::attributes::{self, Attribute};
use crate::discs::How;
use crate::failure::{Context, Failure, Outcome};
use crate::output::count;
use crate::{streams, time};

mod text;

/// The properties of a disc. The fields are in the order of the JSON.
#[derive(Serialize)]
struct DiscInfo {
    medium: MediumInfo,
    /// Where the volume is in an image; `None` for a drive, and if it is exactly the whole file.
    image: Option<ImageInfo>,
    sessions: Vec<SessionInfo>,
    /// `None` on a blank medium, or if the volume cannot be read.
    volume: Option<VolumeInfo>,
    /// How the blocks of the medium are used; `None` without a volume.
    space: Option<SpaceInfo>,
    /// What could not be read, and what is used instead.
    losses: Vec<Lost>,
    /// What adding and closing will do.
    plan: Option<String>,
}

#[derive(Serialize)]
struct MediumInfo {
    /// `None` for an image without its side file, whose medium is unknown.
    profile: Option<String>,
    status: &'static str,
    capacity_blocks: u32,
    free_blocks: u32,
    next_writable_address: Option<u32>,
    write_unit_blocks: u32,
    /// Closing the first session finalizes this medium.
    single_session: bool,
}

#[derive(Serialize)]
struct ImageInfo {
    /// The container, such as a cue sheet; `None` if something else is before the blocks of the volume.
    container: Option<String>,
    /// The track or partition.
    part: Option<String>,
    /// The byte of the file with the sectors at which they begin.
    offset_bytes: u64,
    /// Blocks at the end of the image that do not belong to the volume.
    blocks_after_volume: u32,
    /// What they are.
    after_volume: Option<&'static str>,
    /// Blocks of the volume that the image lacks at its end.
    missing_blocks: u32,
    /// The address of the first block; not 0 if the image begins later on the disc.
    first_block: u32,
    #[serde(skip)]
    text: Option<String>,
}

#[derive(Serialize)]
struct SpaceInfo {
    /// Blocks with files, directories and the VAT of the state shown; `None` if they were not counted.
    used_blocks: Option<u32>,
    /// Recorded blocks that the state shown does not use: superseded, deleted, or structures of sessions;
    /// `None` also without a VAT.
    dead_blocks: Option<u32>,
    /// Nodes and directories that cannot be read, whose blocks count as dead.
    unreadable_nodes: u64,
    /// Blocks kept back for a commit, the plain volume and the end of the session; `None` if nothing can be
    /// added.
    kept_back_blocks: Option<u64>,
    /// Blocks for files.
    free_blocks: Option<u64>,
}

#[derive(Serialize)]
struct SessionInfo {
    number: u16,
    start: u32,
    last_recorded: Option<u32>,
    state: &'static str,
}

#[derive(Serialize)]
struct VolumeInfo {
    label: String,
    udf_revision: String,
    files: Option<u32>,
    directories: Option<u32>,
    generation: u32,
    vat_icb: Option<u32>,
    /// When the state shown was recorded, and when the volume was formatted.
    recorded: Option<String>,
    formatted: Option<String>,
    #[serde(skip)]
    times: String,
    volume_set: String,
    clean: bool,
    /// Blocks recorded after the state shown that do not belong to it.
    blocks_after: u32,
    /// Whether readers need VAT support for it.
    has_vat: bool,
    /// Whether one more session can add a plain volume.
    #[serde(skip)]
    takes_plain_volume: bool,
    /// Whether the newest state is missing.
    #[serde(skip)]
    is_lacking: bool,
    /// What follows the newest state in words, or is missing from it.
    #[serde(skip)]
    state: String,
    /// The plain volume that closings record for readers without VAT; `None` on a disc without one.
    rom: Option<RomInfo>,
    /// Named streams of the file set, which are about the volume (`UDF 2.60 3.3.7`).
    system_streams: Vec<String>,
    /// Implementation and application use attributes of the root, some of which are about the volume.
    root_attributes: Vec<Attribute>,
    flags: Vec<&'static str>,
    flags_value: u32,
}

#[derive(Serialize)]
struct RomInfo {
    udf_revision: String,
    /// Whether ISO 9660 leads to the same files.
    bridge: bool,
    /// Whether it has symbolic links and special files.
    links: bool,
    /// The session whose closing recorded the newest; `None` if there is none yet.
    session: Option<u16>,
    /// Whether session 1 has one, which readers that do not follow sessions show.
    is_in_first_session: bool,
    /// Whether it shows the newest state.
    is_newest: bool,
    /// The open session, whose closing will show the present state.
    open: Option<u16>,
    /// Mount options for the open session in Linux; `None` without one.
    linux_options_for_open: Option<String>,
}

/// The plan for a write-once volume on an unknown medium.
const UNKNOWN_PLAN: &str = "nothing is added as it is: put the side file beside the image, or state the medium to go on (`oncefs add DISC PATH --medium MEDIUM`)";

/// The plan for a volume that is not the whole of its image.
const CONTAINED_PLAN: &str = "nothing can be added, because the volume is not the whole image";

/// Shows medium, sessions and volume.
pub fn run(tools: &Tools, arguments: &Info) -> Outcome {
    let how = How {
        until: arguments.until,
        find_sessions: true,
    };
    let drive = tools.discs.open_as(&arguments.disc, how)?;
    let said = oncefs::DiscInfo::of(&drive);
    let mut info = DiscInfo {
        medium: medium(&said),
        image: image(&drive),
        sessions: sessions(&said),
        volume: None,
        space: None,
        losses: Vec::new(),
        plan: None,
    };
    let blank = said.status == Status::Blank;
    // A drive opened for reading does not know whether the disc can be recorded on.
    let appendable = said.status == Status::Appendable && Disc::new(&arguments.disc).is_writable();
    let failure = match Volume::from_drive(tools.listening(drive)) {
        Ok(mut volume) => {
            info.losses = Lost::of(&volume.losses());
            read::tell(tools.output, &volume.losses());
            let plan = Plan {
                appendable,
                ..volume.plan()
            };
            let opened = volume.open_volume().volume();
            let write_once = opened.virtual_partition().is_some();
            let is_contained = opened.drive().image_origin().is_some();
            let is_taken_for_finished = info.medium.profile.is_none() && write_once;
            info.plan = Some(if is_contained {
                CONTAINED_PLAN.to_owned()
            } else if is_taken_for_finished {
                UNKNOWN_PLAN.to_owned()
            } else {
                plan.to_string()
            });
            let flags = VolumeFlags::of_volume(write_once, write_once && appendable);
            match self::volume(&mut volume, flags, info.image.as_ref()) {
                Ok((said, lost)) => {
                    info.volume = Some(said);
                    let newest = read::require_all(tools.output, &mut volume);
                    let mut failures = lost.into_iter().chain(newest.err());
                    let last = failures.next_back();
                    for failure in failures {
                        failure.report(tools.output.json);
                    }
                    info.space = Some(space(volume, arguments.space, appendable)?);
                    last
                }
                Err(failure) => Some(failure),
            }
        }
        Err(_) if blank => None,
        Err(error) => {
            info.losses = Lost::of(error.losses());
            read::tell(tools.output, error.losses());
            Some(Failure::from(error))
        }
    };
    tools.output.result(&info)?;
    failure.map_or(Ok(()), Err).at(arguments.disc.display())
}

fn medium(disc: &oncefs::DiscInfo) -> MediumInfo {
    MediumInfo {
        profile: disc.profile.map(|profile| profile.to_string()),
        status: match disc.status {
            Status::Blank => "blank",
            Status::Appendable => "appendable",
            Status::Finalized => "finalized",
        },
        capacity_blocks: disc.capacity_blocks,
        free_blocks: disc.free_blocks,
        next_writable_address: disc.next_writable_address,
        write_unit_blocks: disc.write_unit_blocks,
        single_session: disc.single_session,
    }
}

fn image(drive: &Drive) -> Option<ImageInfo> {
    let (origin, remainder, missing) = (
        drive.image_origin(),
        drive.image_remainder(),
        drive.image_missing(),
    );
    if origin.is_none() && remainder.is_none() && missing == 0 {
        return None;
    }
    let text = origin.map(ToString::to_string);
    let origin = origin.cloned().unwrap_or_default();
    Some(ImageInfo {
        container: origin.container,
        part: origin.part,
        offset_bytes: origin.offset,
        blocks_after_volume: remainder.map_or(0, |remainder| remainder.blocks),
        after_volume: remainder.map(|remainder| match remainder.kind {
            RemainderKind::Zeros => "all zero, padding",
            RemainderKind::ZerosAfterOpenSession => OPEN_ZEROS,
            RemainderKind::Dvdisaster => "error correction data of dvdisaster",
            _ => "something else",
        }),
        missing_blocks: missing,
        first_block: origin.first_block,
        text,
    })
}

/// With more nodes than this, blocks are counted on request only: each node is a read elsewhere on the disc.
const MOST_COUNTED: u64 = 10_000;

fn space(mut volume: Volume, is_wanted: bool, appendable: bool) -> Outcome<SpaceInfo> {
    let said = volume.info()?;
    let nodes = match (said.files, said.directories) {
        (Some(files), Some(directories)) => u64::from(files) + u64::from(directories),
        _ => volume
            .open_volume()
            .volume()
            .vat()
            .map_or(0, |vat| vat.entries.into()),
    };
    let counted = if is_wanted || nodes <= MOST_COUNTED {
        Some(volume.in_use()?)
    } else {
        None
    };
    let used = counted
        .filter(|counted| !counted.is_more)
        .map(|counted| counted.blocks);
    let recorded = volume.disc().recorded_blocks;
    let has_vat = said.vat_icb.is_some();
    let room = if appendable {
        volume.into_room(time::now()).ok()
    } else {
        None
    };
    Ok(SpaceInfo {
        used_blocks: used,
        dead_blocks: used.filter(|_| has_vat).map(|used| recorded.saturating_sub(used)),
        unreadable_nodes: counted.map_or(0, |counted| counted.unreadable),
        kept_back_blocks: room.map(|room| room.kept_back_blocks),
        free_blocks: room.map(|room| room.free_blocks),
    })
}

fn sessions(disc: &oncefs::DiscInfo) -> Vec<SessionInfo> {
    let sessions = disc.sessions.iter();
    sessions
        .map(|session| SessionInfo {
            number: session.number,
            start: session.start.0,
            last_recorded: session.last_recorded.map(|address| address.0),
            state: match session.state {
                SessionState::Open => "open",
                SessionState::Closed => "closed",
                SessionState::Empty => "empty",
            },
        })
        .collect()
}

/// What is known of the volume, and what of it cannot be read.
fn volume(
    volume: &mut Volume,
    flags: VolumeFlags,
    image: Option<&ImageInfo>,
) -> Outcome<(VolumeInfo, Vec<Failure>)> {
    let said = volume.info()?;
    let lower = volume.open_volume().volume();
    let system = lower.system_stream_directory();
    let (streams, mut lost) = streams::in_directory(lower, system, "system streams");
    let root = lower.root().and_then(|root| lower.node(root));
    let found = root
        .map_err(Failure::from)
        .and_then(|root| attributes::of(lower, &root));
    let root_attributes = found.at("/").unwrap_or_else(|failure| {
        lost.push(failure);
        Vec::new()
    });
    let said = VolumeInfo {
        has_vat: said.vat_icb.is_some(),
        takes_plain_volume: flags.contains(VolumeFlags::FILE_SEQUENTIAL_WRITE_ONCE)
            && !flags.contains(VolumeFlags::FILE_READ_ONLY_VOLUME),
        is_lacking: read::require_newest_shown(volume).is_err(),
        rom: rom(&said, volume),
        times: times(&said),
        label: said.label,
        udf_revision: said.revision.to_string(),
        files: said.files,
        directories: said.directories,
        generation: said.generation,
        vat_icb: said.vat_icb,
        recorded: said.recorded.as_ref().and_then(time::rfc3339),
        formatted: time::rfc3339(&said.formatted),
        volume_set: said.volume_set,
        clean: said.clean,
        blocks_after: said.blocks_after,
        state: if volume.plan().closing_interrupted {
            "a closing was interrupted; `oncefs close` completes it".to_owned()
        } else {
            state(volume, said.clean, said.blocks_after, image)
        },
        system_streams: streams.into_iter().map(|stream| stream.name).collect(),
        root_attributes,
        flags: flags.names().collect(),
        flags_value: flags.bits(),
    };
    Ok((said, lost))
}

/// What zeros are after a state whose session is not closed.
const OPEN_ZEROS: &str = "all zero: padding, or the start of a later state";

/// The times of the volume in words.
fn times(said: &oncefs::VolumeInfo) -> String {
    let formatted = time::local(&said.formatted);
    match &said.recorded {
        Some(recorded) => format!("{} recorded, {formatted} formatted", time::local(recorded)),
        None => format!("{formatted} formatted"),
    }
}

/// Whether the volume is complete, and what the end of the image has to do with it.
fn state(volume: &Volume, clean: bool, after: u32, image: Option<&ImageInfo>) -> String {
    let medium = volume.disc();
    if let Some(image) = image.filter(|image| image.missing_blocks > 0) {
        let missing = image.missing_blocks;
        let end = medium.capacity_blocks;
        return format!(
            "cut short: the image ends at block {end}, and {missing} blocks of the volume are missing"
        );
    }
    match image.and_then(|image| Some((image.blocks_after_volume, image.after_volume?))) {
        Some((blocks, OPEN_ZEROS)) if clean => {
            return format!("complete; {blocks} blocks after it are {OPEN_ZEROS}");
        }
        Some((blocks, what)) if clean => {
            return format!("complete; {blocks} blocks after the volume do not belong to it: {what}");
        }
        _ => {}
    }
    let follows = match after {
        // Of a volume without a VAT it is unknown.
        0 => "more follows".to_owned(),
        blocks => count(blocks.into(), "block follows", "blocks follow"),
    };
    if clean {
        "clean".into()
    } else if medium.status == Status::Finalized {
        format!(
            "{follows} the state shown: a part of a later state, or blocks that do not belong to the volume"
        )
    } else {
        format!(
            "interrupted: {follows} the state shown; `oncefs recover` says what they are and names whole files, which is possible only before the next recording"
        )
    }
}

fn rom(said: &oncefs::VolumeInfo, volume: &Volume) -> Option<RomInfo> {
    let companion = said.plain_volume?;
    let sessions = volume.disc().sessions;
    let mut open = sessions
        .iter()
        .filter(|session| session.state == SessionState::Open);
    Some(RomInfo {
        udf_revision: companion.revision.to_string(),
        bridge: companion.bridge,
        links: companion.links,
        session: said.plain_volume_sessions.last().copied(),
        is_in_first_session: said.plain_volume_sessions.contains(&1),
        is_newest: said.plain_volume_is_newest,
        open: open.next().map(|session| session.number),
        linux_options_for_open: volume.linux_options_for_open_session(),
    })
}
