//! The host's end of a transport. It sends one command at a time and follows the sense policy.

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

/// How often to repeat a command because of a unit attention.
pub(crate) const ATTENTIONS: u32 = 16;

/// Sends commands to a recorder (`SAM-5`: an initiator), and keeps the state that host and drive have agreed
/// on.
pub(crate) struct Initiator {
    pub(crate) transport: Box<dyn Transport>,
    wait: Box<dyn Wait>,
    /// Why the medium is no longer the one that was opened. The initiator then sends nothing more.
    gone: Option<Gone>,
    /// Whether mode page 05h and power calibration are done for this session.
    pub(crate) prepared: bool,
    /// Whether the drive has power calibration tables for this disc.
    pub(crate) calibrated: bool,
    /// Whether the drive prevents removal of the medium.
    pub(crate) removal_prevented: bool,
    /// The last disc information, if nothing has been written since.
    pub(crate) seen: Option<DiscInformation>,
    /// Whether `seen` may describe the disc before a close, because some drives report a close late.
    pub(crate) may_precede_close: bool,
    /// The number of the last track.
    pub(crate) last_track: u16,
    /// The track number that last reported a next writable address.
    pub(crate) append_track: Option<u32>,
    /// Whether the drive refuses, or reports that it is unable, to record a CD in packets.
    pub(crate) knows_no_packets: bool,
    /// Whether, according to mode page 05h, a buffer underrun of the drive does not interrupt recording.
    pub(crate) is_protected_from_underrun: bool,
    /// Allocation length of track information.
    pub(crate) track_information_length: u16,
    /// Allocation length of disc information.
    pub(crate) disc_information_length: u16,
    /// Blocks of the blank disc in the drive, if its track does not report them.
    pub(crate) blocks_of_blank: Option<u32>,
    /// Whether a wait for the drive failed, and the drive has not been ready since.
    given_up: bool,
}

/// Commands that a drive answers even if it is not ready (`MMC-6 6`), so that they say nothing about that.
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
            may_precede_close: false,
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

    /// Waits for a medium that was just loaded, and ignores earlier events such as a change or a reset.
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

    /// Whether the disc information is still that of the snapshot. Another program that polls the drive may
    /// have received the unit attention for a media change.
    pub(crate) fn is_same_disc(&mut self) -> Result<bool, DriveError> {
        let Some(seen) = self.seen else { return Ok(true) };
        Ok(self.disc_information()? == seen)
    }

    /// Sends nothing more, because another disc has replaced the one that was opened.
    pub(crate) fn give_up_changed_disc(&mut self) -> DriveError {
        self.gone = Some(Gone::Changed);
        DriveError::MediumChanged
    }

    /// Waits a little longer than before; `false` if the time is used up.
    pub(crate) fn waits(&mut self, patience: &mut Patience) -> bool {
        patience.wait(&mut *self.wait)
    }

    /// Waits until a long write has completed.
    pub(crate) fn wait_for_writes(&mut self) -> Result<(), DriveError> {
        self.control(TestUnitReady::default(), Data::None).map(drop)
    }

    /// Sends a command that queries or sets something, and returns the number of bytes moved.
    pub(crate) fn control<C: CommandBlock>(
        &mut self,
        command: C,
        data: Data<'_>,
    ) -> Result<usize, DriveError> {
        self.send(command, data, Kind::Control, None)
    }

    /// Sends a command that returns a structure. A drive may return only a part of it; the rest is 0.
    pub(crate) fn ask<C: CommandBlock, R: FromBytes>(&mut self, command: C) -> Result<R, DriveError> {
        let mut reply = vec![0; size_of::<R>()];
        // Some drives return no residual, so the number of bytes moved is meaningless. Bytes that were not
        // filled remain 0.
        self.control(command, Data::In(&mut reply))?;
        R::read_from_bytes(&reply).map_err(|_| DriveError::Reply { command: C::NAME })
    }

    /// Like [`Initiator::ask`], for an answer that begins with a length field: bytes that the drive returns
    /// after that length are ignored. A total length below `least` bytes is not trusted.
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
        if let Some(rest) = reply.get_mut(length..).filter(|_| length >= least) {
            rest.fill(0);
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

    /// Reads whole blocks to a file of the host with one command; `false` if the transport cannot do that.
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

    /// Sends a command, and repeats it as the sense policy requires.
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
                    // The command has not begun.
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

    /// A reset or a change of the mode parameters undoes the preparation for recording.
    fn note_attention(&mut self, sense: Sense) {
        if sense.key == SenseKey::UnitAttention {
            self.prepared = false;
            // The qualifier tells a bus reset from a drive reset.
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
