//! Formatting: from a blank medium to an empty volume with a virtual partition, ready for its first file.
//!
//! A [`Track`] is built where the drive appends, and what a new volume has is pushed onto it.

mod begun;
mod descriptors;
mod new_volume;
mod options;

use drive::{Drive, DriveError, Medium, Status};
use ecma167::general::{DString, TagVersion};
use ecma167::osta::Revision;
use ecma167::volume::ANCHOR_SECTOR;
use ecma167::{LogicalSector, PartitionReference};
use track::{
    DESCRIPTOR_SECTORS, Descriptors, MAIN_SEQUENCE, ReservedStart, SEQUENCE_DESCRIPTORS, SESSION_END_BLOCKS,
    Sequences, SessionForm, Track, read_block, session_start_can_be_whole,
};
use volume::{Companion, Prevailing};

pub use self::options::{FormatOptions, Rom, default_revision};

use self::begun::Start;
use self::new_volume::{NewVolume, Part};
use crate::error::{AttributeFault, Error, ReadOnly, Unsupported};
use crate::known::descriptors_of;
use crate::reserved_start::reserved_start;
use crate::tree::Form;

/// How many sessions to try until one has no links at its recognition sequence and anchor.
const SESSION_TRIES: u32 = 3;

/// Where the partition begins in each session of a disc with a plain volume: right after the first anchor, so
/// that the file set of the plain volume is block 0.
const PARTITION_OF_TWO_VOLUMES: LogicalSector = LogicalSector(ANCHOR_SECTOR + 1);

/// A volume that is about to be recorded.
struct Format<'o> {
    form: Form,
    /// The first block of the session, and the form in which the session starts.
    first: LogicalSector,
    session: SessionForm,
    /// Where the start of the session ends.
    data: LogicalSector,
    descriptors: Descriptors,
    sequences: Sequences,
    options: &'o FormatOptions,
}

/// Records an empty volume on a blank medium and waits until the drive has recorded it. The session stays
/// open.
///
/// A medium on which a power cut or a write error interrupted an earlier format is accepted too. Formatting
/// completes it with the descriptors on disc if it finds them, and otherwise records new ones, in a further
/// session on a CD whose links are in the place of structures. The room for this is in the session, or in the
/// further one.
///
/// # Errors
/// [`Error::NotBlank`], or [`Error::ReadOnly`] for a finalized medium; [`Error::OnlySessionSpoiled`] if an
/// interrupted format cannot be completed; [`Error::BegunOtherwise`], [`Error::CapacityTooSmall`],
/// [`Error::Attribute`] for a label that is too long; whatever the drive reports.
pub fn format(drive: Drive, options: &FormatOptions) -> Result<Drive, Error> {
    let medium = drive.medium();
    if drive.is_read_only() || !medium.writable {
        let is_finalized = medium.read_only == Some(drive::ReadOnly::Finalized);
        return Err(Error::ReadOnly(if is_finalized {
            ReadOnly::Finalized
        } else {
            ReadOnly::Drive
        }));
    }
    let name = require_options(options)?;
    let (mut drive, start) = if medium.status == Status::Blank {
        let first = LogicalSector(0);
        let session = SessionForm::Ordinary;
        (
            drive,
            Start::New {
                first,
                next: first,
                session,
            },
        )
    } else {
        begun::take_up(drive, options.revision, options.rom)?
    };
    let without;
    let (start, options) = match reserve(&mut drive, &start, options) {
        Ok(start) => (start, options),
        Err(error) if options.rom.is_some_and(|rom| rom.is_optional) && is_no_reservation(&error) => {
            without = FormatOptions {
                rom: None,
                ..options.clone()
            };
            (start, &without)
        }
        Err(error) => return Err(error),
    };
    let mut format = Format::of(drive.medium(), start, name, options)?;
    let mut tries = 1;
    loop {
        let mut track = format.track(drive.medium());
        let mut volume = NewVolume::new(format.form, options, name)?;
        if format.record_session_start(&mut drive, &mut track, &mut volume)? {
            volume.record(&mut drive, &mut track)?;
            break;
        }
        if tries == SESSION_TRIES {
            return Err(Unsupported::BreaksSessionStarts.into());
        }
        tries += 1;
        let first = begun::further_session(&mut drive)?;
        let session = SessionForm::Ordinary;
        let start = Start::New {
            first,
            next: first,
            session,
        };
        let start = reserve(&mut drive, &start, options)?;
        format = Format::of(drive.medium(), start, name, options)?;
    }
    drive.refresh()?;
    Ok(drive)
}

/// The label as it is recorded; fails if the options cannot be recorded.
fn require_options(options: &FormatOptions) -> Result<DString<128>, Error> {
    let supported = [
        Revision::V1_50,
        Revision::V2_00,
        Revision::V2_01,
        Revision::V2_50,
        Revision::V2_60,
    ];
    if !supported.contains(&options.revision) {
        return Err(Unsupported::Revision.into());
    }
    Ok(DString::new(&options.label).map_err(AttributeFault::Label)?)
}

impl<'o> Format<'o> {
    fn of(
        medium: &Medium,
        start: Start,
        name: DString<128>,
        options: &'o FormatOptions,
    ) -> Result<Self, Error> {
        match start {
            Start::New { first, next, session } => Format::new(medium, (first, session), next, name, options),
            Start::Described {
                first,
                session,
                prevailing,
                sequences,
            } => Format::described(medium, (first, session), &prevailing, sequences, name, options),
        }
    }

    /// A volume with new descriptors in the session that starts at `first`, whose blocks before `next` are
    /// recorded.
    fn new(
        medium: &Medium,
        (first, session): (LogicalSector, SessionForm),
        next: LogicalSector,
        name: DString<128>,
        options: &'o FormatOptions,
    ) -> Result<Self, Error> {
        let unit = medium.write_unit.max(1);
        let after_anchor = first.0.saturating_add(session.anchor() + 1);
        let mut reserved = medium.reserved_tracks();
        let reserved = reserved.find(|track| track.start.0 == first.0);
        let in_reserved = reserved.is_some();
        let standing = reserved.and_then(|track| track.next_writable_address);
        let standing = standing.map_or(next, |next| LogicalSector(next.0));
        let free = standing.0.max(first.0.saturating_add(MAIN_SEQUENCE));
        let before_anchor =
            session == SessionForm::Ordinary && free.saturating_add(DESCRIPTOR_SECTORS) < after_anchor;
        let descriptors_start = if before_anchor { free } else { after_anchor };
        let sequences = Sequences::from(LogicalSector(descriptors_start));
        let start = descriptors_start
            .saturating_add(DESCRIPTOR_SECTORS)
            .max(after_anchor);
        let start = if in_reserved { start.max(next.0) } else { start };
        let start = start.checked_next_multiple_of(unit).unwrap_or(start);
        require_capacity(medium, start)?;
        let partition_start = match session {
            SessionForm::Ordinary => LogicalSector(start),
            SessionForm::AfterReservedTrack => PARTITION_OF_TWO_VOLUMES,
        };
        let form = form(options.revision, partition_start, options.tag_serial_number());
        let length = medium.capacity_blocks - partition_start.0;
        Ok(Self {
            form,
            first,
            session,
            data: LogicalSector(start),
            descriptors: descriptors::descriptors(form, name, length, &sequences, options),
            sequences,
            options,
        })
    }

    /// The volume whose descriptors are in the session that starts at `first`.
    fn described(
        medium: &Medium,
        (first, session): (LogicalSector, SessionForm),
        prevailing: &Prevailing,
        sequences: Sequences,
        name: DString<128>,
        options: &'o FormatOptions,
    ) -> Result<Self, Error> {
        let logical = &prevailing.logical;
        let revision = logical.domain_identifier.revision();
        if revision != options.revision || logical.logical_volume_identifier != name {
            return Err(Error::BegunOtherwise {
                label: logical.logical_volume_identifier.decode_lossy(),
                revision,
            });
        }
        let [partition] = prevailing.partitions.as_slice() else {
            return Err(Error::NotBlank);
        };
        let unit = medium.write_unit.max(1);
        let data = match session {
            SessionForm::Ordinary => partition.start(),
            SessionForm::AfterReservedTrack => {
                let end = sequences.integrity_extent().location().0.saturating_add(2);
                LogicalSector(end.checked_next_multiple_of(unit).unwrap_or(end))
            }
        };
        require_capacity(medium, data.0)?;
        let integrity = descriptors::integrity(revision, partition.length(), options);
        Ok(Self {
            form: form(revision, partition.start(), prevailing.tag_serial_number),
            first,
            session,
            data,
            descriptors: Descriptors {
                integrity: Some(integrity),
                ..descriptors_of(prevailing, revision)
            },
            sequences,
            options,
        })
    }

    /// The track on which it is recorded. The next format takes up what a write error leaves.
    fn track(&self, medium: &Medium) -> Track<Part> {
        let end = LogicalSector(medium.capacity_blocks);
        let track = Track::new(medium, self.descriptors.clone(), self.sequences, end, None)
            .ending_with_write_errors();
        match self.session {
            SessionForm::Ordinary => track,
            SessionForm::AfterReservedTrack => {
                let companion = Companion::of(&self.descriptors.logical);
                let start = companion.map_or_else(ReservedStart::default, |companion| {
                    reserved_start(medium, companion, self.form.revision)
                });
                track.after_reserved_track(start)
            }
        }
    }

    /// Records everything before the partition, from the first block on. Returns false if a packet ended in
    /// it with links at the recognition sequence or anchor, or on both copies of a descriptor.
    fn record_session_start(
        &self,
        drive: &mut Drive,
        track: &mut Track<Part>,
        volume: &mut NewVolume,
    ) -> Result<bool, Error> {
        let (first, start) = (self.first.0, self.data.0);
        track.begin_session_at(self.first, start.saturating_sub(first));
        track.issue(drive, volume)?;
        Ok(!track.has_packet_ended() || self.start_is_whole(drive)?)
    }

    fn start_is_whole(&self, drive: &mut Drive) -> Result<bool, Error> {
        let (start, revision) = (self.data, self.options.revision);
        let is_whole = match self.session {
            SessionForm::Ordinary => session_start_can_be_whole(drive, self.first, start, revision)?,
            SessionForm::AfterReservedTrack => {
                let anchor = LogicalSector(self.first.0.saturating_add(self.session.anchor()));
                read_block(drive, anchor)?.is_some()
            }
        };
        if !is_whole {
            return Ok(false);
        }
        // A descriptor is lost only if it is unreadable in both the main and the reserve sequence.
        for number in 0..SEQUENCE_DESCRIPTORS {
            let mut found = false;
            for sequence in [self.sequences.main, self.sequences.reserve] {
                let at = LogicalSector(sequence.location().0.saturating_add(number));
                found |= read_block(drive, at)?.is_some();
            }
            if !found {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Whether the drive or the medium has no reserved tracks. Nothing is recorded then.
fn is_no_reservation(error: &Error) -> bool {
    matches!(
        error,
        Error::Drive(DriveError::NotReserved { .. }) | Error::Unsupported(Unsupported::NoReservedTrack)
    )
}

/// Reserves the first track of a disc with a plain volume, unless something is recorded.
fn reserve(drive: &mut Drive, start: &Start, options: &FormatOptions) -> Result<Start, Error> {
    let Start::New {
        first,
        next,
        session: SessionForm::Ordinary,
    } = *start
    else {
        return Ok(start.clone());
    };
    let is_reserved = |track: &drive::Track| track.start.0 == first.0;
    if options.rom.is_none() || first != next || drive.medium().reserved_tracks().any(is_reserved) {
        return Ok(start.clone());
    }
    let blocks = drive.reservable_blocks()?;
    let blocks = blocks.ok_or(Error::Unsupported(Unsupported::NoReservedTrack))?;
    let reserved = drive.reserve(blocks)?;
    let fits = reserved.blocks_to_next() <= SessionForm::AfterReservedTrack.anchor();
    let session = if fits {
        SessionForm::AfterReservedTrack
    } else {
        SessionForm::Ordinary
    };
    let next = LogicalSector(reserved.next.start.0);
    Ok(Start::New { first, next, session })
}

fn require_capacity(medium: &Medium, partition_start: u32) -> Result<(), Error> {
    let capacity = u64::from(medium.capacity_blocks);
    let unit = u64::from(medium.write_unit.max(1));
    let needed = u64::from(partition_start) + 2 * unit + 8 + 2 * u64::from(SESSION_END_BLOCKS);
    if capacity < needed {
        return Err(Error::CapacityTooSmall { capacity, needed });
    }
    Ok(())
}

fn form(revision: Revision, partition_start: LogicalSector, serial: u16) -> Form {
    Form {
        revision,
        version: TagVersion::of(revision),
        serial,
        physical: PartitionReference(0),
        virtual_partition: PartitionReference(1),
        partition_start,
        // Formatting records no files.
        shared: None,
    }
}
