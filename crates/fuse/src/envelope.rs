//! The envelope that carries a control code to a mounted volume.
//!
//! The number of an ioctl fixes how many bytes the kernel copies, so an NT control code cannot be that
//! number. One ioctl takes an envelope with code, input and status. The status returns in the envelope and
//! not as the result of the ioctl, which would read as an error of the system.

use std::fs::File;
use std::io;
use std::path::Path;

use control::NtStatus;
use ecma167::LogicalSector;
use recording::{Closed, NoPlainVolume, PlainVolume, PlainVolumeDifferences};
use rustix::ioctl::{Opcode, Updater, ioctl, opcode};
use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout};

use crate::differences::{COUNTS, counts_of, differences_of};

/// Most bytes of input or output; the family needs 336.
const BUFFER: usize = 512;
/// Bytes of the message beside the status.
const MESSAGE: usize = 432;

/// Group and number of the ioctl.
const OPCODE: Opcode = opcode::read_write::<Envelope>(b'o', 0x98);

/// A control code, its input and its answer. Numbers have the byte order of the machine.
#[derive(Clone, Debug, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub(crate) struct Envelope {
    /// The control code.
    pub control_code: u32,
    /// Bytes of input; [`NONE`] without input.
    pub input_length: u32,
    /// Room for output in bytes; in the reply, the bytes of output.
    pub output_length: u32,
    /// The NTSTATUS.
    pub status: u32,
    /// What became of the session: one of [`STILL_OPEN`], [`CLOSED`], [`FINALIZED`].
    pub closed: u32,
    /// The VAT ICB at the end of a closed session; [`NONE`] without one.
    pub vat_icb: u32,
    /// Blocks recorded for closing; after a failure, blocks of the medium that it used up.
    pub blocks: u32,
    /// What became of its plain volume, as an index into [`PLAIN_VOLUMES`].
    pub plain: u32,
    /// Input, then output.
    pub buffer: [u8; BUFFER],
    /// What readers do not see in the plain volume that was recorded.
    pub differences: [u32; COUNTS],
    /// The number of the closed session; 0 without one.
    pub session: u32,
    /// The fault that explains the status, in UTF-8 up to the first zero.
    pub message: [u8; MESSAGE],
}

const _: () = assert!(size_of::<Envelope>() == 1024);

/// No input, no VAT ICB.
const NONE: u32 = u32::MAX;

/// The request closed nothing.
const STILL_OPEN: u32 = 0;
/// The session is closed.
const CLOSED: u32 = 1;
/// The disc is finalized.
const FINALIZED: u32 = 2;

/// The outcomes of a plain volume, each by its index.
const PLAIN_VOLUMES: [PlainVolume; 8] = [
    PlainVolume::None,
    PlainVolume::Recorded,
    PlainVolume::LeftOut(NoPlainVolume::NoReservedTrack),
    PlainVolume::LeftOut(NoPlainVolume::NoRoom),
    PlainVolume::LeftOut(NoPlainVolume::DriveMoves),
    PlainVolume::LeftOut(NoPlainVolume::Unreadable),
    PlainVolume::LeftOut(NoPlainVolume::StartSpoiled),
    PlainVolume::LeftOut(NoPlainVolume::NotWanted),
];

/// The answer of a mounted volume to a control code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: NtStatus,
    /// The output.
    pub output: Vec<u8>,
    /// What a request that closes did.
    pub closed: Option<Closed>,
    /// What readers do not see in the plain volume that it recorded.
    pub differences: Option<PlainVolumeDifferences>,
    /// Blocks of the medium that a failed request used up.
    pub used: u64,
    /// The fault that explains a status other than success, if any.
    pub message: Option<String>,
}

/// Sends a control code to the volume mounted at `mountpoint`, or on which `mountpoint` is a file or
/// directory. Output takes at most `room` bytes; input and output are at most 512 bytes.
///
/// # Errors
/// The error of opening the path; `ENOTTY` if it is not on a mount of ours, `EINVAL` for longer buffers.
pub fn send_control(mountpoint: &Path, code: u32, input: Option<&[u8]>, room: usize) -> io::Result<Answer> {
    let mut envelope = Envelope::sealed(code, input, room).ok_or(io::ErrorKind::InvalidInput)?;
    let file = File::open(mountpoint)?;
    // SAFETY: the ioctl reads and writes one `Envelope`, for which any bytes are valid. Its number contains
    // this size, so other file systems refuse it or move no more bytes.
    let update = unsafe { Updater::<OPCODE, Envelope>::new(&mut envelope) };
    // SAFETY: as above.
    unsafe { ioctl(&file, update) }?;
    Ok(envelope.answer())
}

/// The envelope of an ioctl with this number, if it is ours.
pub(crate) fn open(command: u32, input: &[u8]) -> Option<Envelope> {
    (Opcode::from(command) == OPCODE).then_some(())?;
    Envelope::read_from_bytes(input).ok()
}

impl Envelope {
    fn sealed(code: u32, input: Option<&[u8]>, room: usize) -> Option<Self> {
        let mut envelope = Self {
            control_code: code,
            input_length: NONE,
            output_length: u32::try_from(room).ok().filter(|_| room <= BUFFER)?,
            ..Self::new_zeroed()
        };
        if let Some(input) = input {
            envelope.input_length = u32::try_from(input.len()).ok()?;
            envelope.buffer.get_mut(..input.len())?.copy_from_slice(input);
        }
        Some(envelope)
    }

    /// The input; `Err` if it is longer than the envelope.
    pub fn input(&self) -> Result<Option<Vec<u8>>, NtStatus> {
        if self.input_length == NONE {
            return Ok(None);
        }
        let input = self.buffer.get(..self.input_length as usize);
        input
            .map(|input| Some(input.to_vec()))
            .ok_or(NtStatus::INVALID_PARAMETER)
    }

    /// The room for output, in bytes.
    pub fn room(&self) -> usize {
        (self.output_length as usize).min(BUFFER)
    }

    /// The same envelope with what a request that closes did, or used up if it failed.
    pub fn closing(
        mut self,
        closed: Option<Closed>,
        differences: Option<&PlainVolumeDifferences>,
        used: u64,
    ) -> Self {
        if let Some(closed) = closed {
            self.closed = if closed.finalized { FINALIZED } else { CLOSED };
            let plain = PLAIN_VOLUMES.iter().position(|plain| *plain == closed.plain);
            self.plain = u32::try_from(plain.unwrap_or(0)).unwrap_or(0);
            self.vat_icb = closed.vat_icb.map_or(NONE, |sector| sector.0);
            self.session = closed.session.map_or(0, u32::from);
        }
        self.differences = differences.map_or([0; COUNTS], counts_of);
        let blocks = closed.map_or(used, |closed| closed.blocks);
        self.blocks = u32::try_from(blocks).unwrap_or(u32::MAX);
        self
    }

    /// The envelope as a reply.
    pub fn reply(mut self, status: NtStatus, output: &[u8], message: &str) -> Self {
        let (mut buffer, mut words) = ([0; BUFFER], [0; MESSAGE]);
        let length = output.len().min(BUFFER);
        buffer[..length].copy_from_slice(&output[..length]);
        let whole = |length: &usize| message.is_char_boundary(*length);
        let kept = (0..MESSAGE).rev().find(whole).unwrap_or(0);
        words[..kept].copy_from_slice(&message.as_bytes()[..kept]);
        self.status = status.0;
        self.output_length = u32::try_from(length).unwrap_or(0);
        self.buffer = buffer;
        self.message = words;
        self
    }

    fn answer(&self) -> Answer {
        let words = self.message.split(|byte| *byte == 0).next().unwrap_or_default();
        let message = String::from_utf8_lossy(words).into_owned();
        let is_closed = self.closed != STILL_OPEN;
        let plain = PLAIN_VOLUMES.get(self.plain as usize).copied();
        let plain = plain.unwrap_or(PlainVolume::None);
        Answer {
            status: NtStatus(self.status),
            output: self.buffer[..self.room()].to_vec(),
            closed: is_closed.then(|| Closed {
                vat_icb: (self.vat_icb != NONE).then_some(LogicalSector(self.vat_icb)),
                session: u16::try_from(self.session).ok().filter(|session| *session > 0),
                blocks: self.blocks.into(),
                finalized: self.closed == FINALIZED,
                plain,
            }),
            differences: (is_closed && plain == PlainVolume::Recorded)
                .then(|| differences_of(self.differences)),
            used: if is_closed { 0 } else { self.blocks.into() },
            message: Some(message).filter(|message| !message.is_empty()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_carries_its_contents() {
        let envelope = Envelope::sealed(0x98130, Some(&[1]), 336).expect("it fits");
        let opened = open(OPCODE_NUMBER, envelope.as_bytes()).expect("it is one");
        assert_eq!(opened.input(), Ok(Some(vec![1])));
        assert_eq!((opened.control_code, opened.room()), (0x98130, 336));
        let none = Envelope::sealed(0x90028, None, 0).expect("it fits");
        assert_eq!(none.input(), Ok(None));
    }

    #[test]
    fn both_sides_refuse_what_does_not_fit() {
        assert!(Envelope::sealed(0, Some(&[0; 513]), 0).is_none());
        assert!(Envelope::sealed(0, None, 513).is_none());
        let mut forged = Envelope::new_zeroed();
        forged.input_length = 513;
        forged.output_length = u32::MAX;
        assert_eq!(forged.input(), Err(NtStatus::INVALID_PARAMETER));
        assert_eq!(forged.room(), BUFFER);
        assert!(open(OPCODE_NUMBER, &[0; 1023]).is_none());
        assert!(open(OPCODE_NUMBER + 1, &[0; 1024]).is_none());
    }

    #[test]
    fn what_readers_do_not_see_returns_with_what_was_closed() {
        let differences = PlainVolumeDifferences {
            left_out: 3,
            cut_in_udf: u64::from(u32::MAX) + 1,
            copied_blocks: 7,
            ..PlainVolumeDifferences::default()
        };
        let closed = Closed {
            vat_icb: Some(LogicalSector(700)),
            session: Some(2),
            blocks: 400,
            finalized: false,
            plain: PlainVolume::Recorded,
        };
        let answer = Envelope::new_zeroed()
            .closing(Some(closed), Some(&differences), 0)
            .answer();
        let most = u32::MAX.into();
        let counted = PlainVolumeDifferences {
            cut_in_udf: most,
            ..differences
        };
        assert_eq!((answer.closed, answer.differences), (Some(closed), Some(counted)));
        let failed = Envelope::new_zeroed().closing(None, None, 5).answer();
        assert_eq!((failed.closed, failed.differences, failed.used), (None, None, 5));
    }

    #[test]
    fn a_long_message_ends_between_two_characters() {
        let envelope = Envelope::new_zeroed().reply(NtStatus::DISK_FULL, b"out", &"\u{E9}".repeat(400));
        let answer = envelope.answer();
        assert_eq!(answer.status, NtStatus::DISK_FULL);
        assert_eq!(answer.output, b"out");
        assert_eq!(answer.message, Some("\u{E9}".repeat(215)));
    }

    /// Read and write, 1024 bytes, group `o`, number 0x98: programs in other languages send this number.
    const OPCODE_NUMBER: u32 = 0xC400_6F98;

    #[test]
    fn the_number_of_the_ioctl_is_the_documented_one() {
        assert_eq!(OPCODE, Opcode::from(OPCODE_NUMBER));
    }
}
