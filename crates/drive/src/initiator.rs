//! The host's end of a transport: sends one command at a time and follows the sense policy.

use std::io;

use mmc::command::{
    GetConfiguration, ModeSelect10, ModeSense10, PreventAllowMediumRemoval, Read10, StartStopUnit,
    TestUnitReady,
};
use mmc::reply::{DiscInformation, TrackInformation};
use mmc::{BLOCK_SIZE, CommandBlock, Data, Failure, FilePart, Lba, Sense, SenseKey, Transport};
use zerocopy::FromBytes;

use crate::blocks::whole_blocks;
use crate::error::DriveError;
use crate::policy::{Kind, Verdict, judge};
use crate::wait::{Patience, Wait};

/// How often a command is sent again because the drive had something to say first.
pub(crate) const ATTENTIONS: u32 = 16;

/// What sends commands to a recorder (`SAM-5`: an initiator), and what has been arranged with that.
pub(crate) struct Initiator {
    pub(crate) transport: Box<dyn Transport>,
    wait: Box<dyn Wait>,
    /// The medium is not the one that was opened any more; nothing is sent after that.
    gone: Option<Gone>,
    /// Mode page 05h and power calibration are done for this session.
    pub(crate) prepared: bool,
    /// The drive has tables of power calibration for this disc.
    pub(crate) calibrated: bool,
    /// The drive keeps the medium.
    pub(crate) removal_prevented: bool,
    /// What the drive said of the disc when it was last asked, as long as nothing was written since.
    pub(crate) seen: Option<DiscInformation>,
    /// What it said may be from before a close: some drives show that late.
    pub(crate) seen_behind_close: bool,
    /// The number of the last track.
    pub(crate) last_track: u16,
    /// The number by which a track last reported a next writable address.
    pub(crate) append_track: Option<u32>,
    /// The drive has refused to record a CD in packets, or says that it cannot.
    pub(crate) knows_no_packets: bool,
    /// By mode page 05h no underrun of the drive's buffer ends what it records.
    pub(crate) is_protected_from_underrun: bool,
    /// Bytes of track information that the drive is asked for.
    pub(crate) track_information_length: u16,
    /// Bytes of disc information that the drive is asked for.
    pub(crate) disc_information_length: u16,
    /// Blocks of the blank disc in the drive, where its track does not tell them.
    pub(crate) blocks_of_blank: Option<u32>,
    /// It was waited for in vain, and has not been ready since.
    given_up: bool,
}

/// Commands that a drive answers whether it is ready or not (`MMC-6 6`): they say nothing of that.
const ALWAYS_ANSWERED: [&str; 5] = [
    GetConfiguration::NAME,
    ModeSense10::NAME,
    ModeSelect10::NAME,
    PreventAllowMediumRemoval::NAME,
    StartStopUnit::NAME,
];

#[derive(Clone, Copy)]
enum Gone {
    Removed,
    Changed,
}

impl Initiator {
    pub(crate) fn new(transport: Box<dyn Transport>, wait: Box<dyn Wait>) -> Self {
        Self {
            transport,
            wait,
            gone: None,
            prepared: false,
            calibrated: false,
            removal_prevented: false,
            seen: None,
            seen_behind_close: false,
            last_track: 0,
            append_track: None,
            knows_no_packets: false,
            is_protected_from_underrun: false,
            track_information_length: length_of::<TrackInformation>(),
            disc_information_length: length_of::<DiscInformation>(),
            blocks_of_blank: None,
            given_up: false,
        }
    }

    /// Waits for a medium that was just loaded; what happened before that (a change, a reset) is of no interest.
    pub(crate) fn become_ready(&mut self) -> Result<(), DriveError> {
        let mut stopped = true;
        for _ in 0..ATTENTIONS {
            self.gone = None;
            match self.control(TestUnitReady::default(), Data::None) {
                Ok(_) => return Ok(()),
                Err(DriveError::MediumChanged) => {}
                Err(DriveError::NotReady { sense })
                    if stopped && sense.is(Sense::INITIALIZING_COMMAND_REQUIRED) =>
                {
                    stopped = false;
                    self.control(StartStopUnit::start_disc(), Data::None)?;
                }
                Err(DriveError::MediumRemoved) => return Err(DriveError::NoMedium),
                Err(other) => return Err(other),
            }
        }
        Err(DriveError::MediumChanged)
    }

    /// Whether the disc is the one that was looked at when the drive was opened, by its disc information. A host that polls its drives may have
    /// taken the unit attention by which the drive told of another one.
    pub(crate) fn is_same_disc(&mut self) -> Result<bool, DriveError> {
        let Some(seen) = self.seen else { return Ok(true) };
        Ok(self.disc_information()? == seen)
    }

    /// Sends nothing any more to the disc that came in the place of the one that was opened.
    pub(crate) fn give_up_changed_disc(&mut self) -> DriveError {
        self.gone = Some(Gone::Changed);
        DriveError::MediumChanged
    }

    /// Waits a little longer than the last time; `false` when the time is used up.
    pub(crate) fn waits(&mut self, patience: &mut Patience) -> bool {
        patience.wait(&mut *self.wait)
    }

    /// Waits until a long write has ended.
    pub(crate) fn wait_for_writes(&mut self) -> Result<(), DriveError> {
        self.control(TestUnitReady::default(), Data::None).map(drop)
    }

    /// Sends a command that asks or arranges something; returns the bytes moved.
    pub(crate) fn control<C: CommandBlock>(
        &mut self,
        command: C,
        data: Data<'_>,
    ) -> Result<usize, DriveError> {
        self.send(command, data, Kind::Control, None)
    }

    /// Sends a command that answers with a structure, of which a drive may return less than all: the rest is 0.
    pub(crate) fn ask<C: CommandBlock, R: FromBytes>(&mut self, command: C) -> Result<R, DriveError> {
        let mut reply = vec![0; size_of::<R>()];
        // Some drives give no residual, so the bytes moved say nothing; what was not filled stays 0.
        self.control(command, Data::In(&mut reply))?;
        R::read_from_bytes(&reply).map_err(|_| DriveError::Reply { command: C::NAME })
    }

    /// As [`Initiator::ask`], for an answer that begins with the bytes that follow: what a drive moves behind
    /// those is none of it. A length of less than `least` bytes in all is not believed.
    pub(crate) fn ask_as_long<C: CommandBlock, R: FromBytes>(
        &mut self,
        command: C,
        least: usize,
    ) -> Result<R, DriveError> {
        let mut reply = vec![0; size_of::<R>()];
        self.control(command, Data::In(&mut reply))?;
        let length = match reply[..] {
            [high, low, ..] => usize::from(u16::from_be_bytes([high, low])) + 2,
            _ => reply.len(),
        };
        if let Some(behind) = reply.get_mut(length..).filter(|_| length >= least) {
            behind.fill(0);
        }
        R::read_from_bytes(&reply).map_err(|_| DriveError::Reply { command: C::NAME })
    }

    /// Reads whole blocks with one command.
    pub(crate) fn read(&mut self, at: Lba, data: Data<'_>) -> Result<(), DriveError> {
        let bytes = length(&data);
        let blocks = u16::try_from(whole_blocks(bytes)?).map_err(|_| DriveError::Length { bytes })?;
        let moved = self.send(Read10::new(at, blocks), data, Kind::Read, Some(at))?;
        if moved < bytes {
            let short = moved / BLOCK_SIZE;
            let at = Lba(at.0.saturating_add(u32::try_from(short).unwrap_or(0)));
            let sense = Sense::UNRECOVERED_READ_ERROR.at(at);
            return Err(DriveError::Unreadable { at, sense });
        }
        Ok(())
    }

    /// Reads whole blocks to a file of the host with one command; `false` where they did not get there.
    pub(crate) fn read_to_file(&mut self, at: Lba, part: FilePart<'_>) -> Result<bool, DriveError> {
        if !self.transport.fills_files() {
            return Ok(false);
        }
        match self.read(at, Data::ToFile(part)) {
            Ok(()) => Ok(true),
            Err(DriveError::Unanswered { source, .. }) if source.kind() == io::ErrorKind::Unsupported => {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Sends a command until the sense policy is done with it.
    pub(crate) fn send<C: CommandBlock>(
        &mut self,
        command: C,
        mut data: Data<'_>,
        kind: Kind,
        at: Option<Lba>,
    ) -> Result<usize, DriveError> {
        match self.gone {
            Some(Gone::Removed) => return Err(DriveError::MediumRemoved),
            Some(Gone::Changed) => return Err(DriveError::MediumChanged),
            None => {}
        }
        let mut patience: Option<Patience> = None;
        let mut attentions = 0;
        loop {
            let length = length(&data);
            let sense = match self.transport.execute(command.as_bytes(), data.reborrow()) {
                Ok(moved) => {
                    self.given_up &= ALWAYS_ANSWERED.contains(&C::NAME);
                    return Ok(moved);
                }
                Err(Failure::Transport(error)) => {
                    // The command did not begin.
                    let busy = error.kind() == io::ErrorKind::ResourceBusy;
                    let patience = patience.get_or_insert_with(|| Patience::for_bus(kind, at));
                    if busy && patience.wait(&mut *self.wait) {
                        continue;
                    }
                    return Err(DriveError::Unanswered {
                        command: C::NAME,
                        at,
                        source: error,
                    });
                }
                Err(Failure::Check(sense)) => sense,
            };
            match judge(C::NAME, kind, at, sense) {
                Verdict::Done => return Ok(length),
                Verdict::Wait => {
                    let patience = patience.get_or_insert_with(|| Patience::for_sense(sense, kind, at));
                    if self.given_up || !patience.wait(&mut *self.wait) {
                        self.given_up = true;
                        return Err(DriveError::NotReady { sense });
                    }
                }
                Verdict::Again if attentions < ATTENTIONS => {
                    attentions += 1;
                    self.note_attention(sense);
                }
                Verdict::Again => {
                    return Err(DriveError::Sense {
                        command: C::NAME,
                        sense,
                        at,
                    });
                }
                Verdict::Fail(error) => {
                    self.note_attention(sense);
                    self.note_gone(&error);
                    return Err(error);
                }
            }
        }
    }

    /// A reset or a change of the mode parameters undoes what was arranged for recording.
    fn note_attention(&mut self, sense: Sense) {
        if sense.key == SenseKey::UnitAttention {
            self.prepared = false;
            // Qualifiers tell resets of the bus from those of the drive.
            self.removal_prevented &= sense.asc != Sense::POWER_ON_OR_RESET.asc;
        }
    }

    fn note_gone(&mut self, error: &DriveError) {
        match error {
            DriveError::MediumRemoved => self.gone = Some(Gone::Removed),
            DriveError::MediumChanged => self.gone = Some(Gone::Changed),
            _ => {}
        }
    }
}

/// The length of a reply as a command's allocation length.
pub(crate) const fn length_of<R>() -> u16 {
    const { assert!(size_of::<R>() <= u8::MAX as usize) };
    #[allow(clippy::cast_possible_truncation)] // asserted
    let length = size_of::<R>() as u16;
    length
}

fn length(data: &Data<'_>) -> usize {
    match data {
        Data::None => 0,
        Data::In(bytes) => bytes.len(),
        Data::ToFile(part) => part.bytes,
        Data::Out(bytes) => bytes.len(),
    }
}
