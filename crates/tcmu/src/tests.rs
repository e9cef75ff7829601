//! Tests of the ring and its loop, which play the kernel's side on a file.

use crate::layout::{
    EntryHeader, FLAG_READ_LENGTH, FLAG_UNKNOWN, HEAD_AT, KIND_COMMAND, KIND_PAD, KIND_TASK_MANAGEMENT,
    Mailbox, Request, Response, Segment, TAIL_AT, TaskManagement,
};
use crate::region::Region;
use crate::ring::{Ending, Entry, Ring};
use crate::serve::{Device, act};
use mmc::{Data, Failure, Sense, Transport};
use std::fs::File;
use std::io;
use zerocopy::{FromBytes as _, FromZeros as _, IntoBytes as _};

const RING_AT: u32 = 4096;
const RING: u32 = 1024;
const DATA_AT: u64 = 8192;
const LENGTH: usize = 16384;
/// Bytes of every command entry that the fixture makes.
const ENTRY: u32 = 192;
const INVALID: u32 = 7;

/// The kernel's side.
struct Kernel {
    region: Region,
    head: u32,
}

impl Kernel {
    fn new(version: u16, start: u32) -> (Self, File) {
        let file = tempfile::tempfile().expect("a temporary file");
        file.set_len(LENGTH as u64).expect("room");
        let region = Region::map(&file, LENGTH).expect("a mapping");
        let mailbox = Mailbox {
            version,
            flags: 0b11,
            ring_offset: RING_AT,
            ring_size: RING,
            head: start,
        };
        region.write(0, mailbox.as_bytes()).expect("a mailbox");
        region.store(TAIL_AT, start).expect("a tail");
        (Self { region, head: start }, file)
    }

    /// A kernel whose ring starts at `start`, and this program's side of it.
    fn with_ring(start: u32) -> (Self, Ring) {
        let (kernel, file) = Self::new(2, start);
        let ring = Ring::new(Region::map(&file, LENGTH).expect("a mapping")).expect("a ring");
        (kernel, ring)
    }

    fn header(&mut self, length: u32, kind: u32, id: u16) -> u64 {
        let at = u64::from(RING_AT + self.head);
        let header = EntryHeader {
            length_and_kind: length | kind,
            command_id: id,
            kernel_flags: 0,
            user_flags: 0,
        };
        self.region.write(at, header.as_bytes()).expect("inside");
        self.head = (self.head + length) % RING;
        at
    }

    fn publish(&self) {
        self.region.store(HEAD_AT, self.head).expect("a head");
    }

    fn command(&mut self, id: u16, block: &[u8], segments: &[(u64, u64)]) -> u64 {
        let at = self.header(ENTRY, KIND_COMMAND, id);
        let mut request = Request::new_zeroed();
        request.segments = u32::try_from(segments.len()).expect("few");
        request.command_block = at + 160;
        let mut bytes = request.as_bytes().to_vec();
        for &(offset, length) in segments {
            bytes.extend_from_slice(Segment { offset, length }.as_bytes());
        }
        self.region.write(at + 8, &bytes).expect("inside");
        self.region.write(at + 160, block).expect("inside");
        self.publish();
        at
    }

    fn abort(&mut self, kind: u8, ids: &[u16]) {
        let at = self.header(64, KIND_TASK_MANAGEMENT, 0);
        let mut request = TaskManagement::new_zeroed();
        request.kind = kind;
        request.commands = u32::try_from(ids.len()).expect("few");
        self.region.write(at + 8, request.as_bytes()).expect("inside");
        self.region.write(at + 32, ids.as_bytes()).expect("inside");
        self.publish();
    }

    fn tail(&self) -> u32 {
        self.region.load(TAIL_AT).expect("a tail")
    }

    fn completion(&self, at: u64) -> (EntryHeader, Response) {
        let mut bytes = [0; 112];
        self.region.read(at, &mut bytes).expect("inside");
        let (header, rest) = EntryHeader::read_from_prefix(&bytes).expect("a header");
        (header, Response::read_from_prefix(rest).expect("a response").0)
    }
}

fn command(ring: &mut Ring) -> crate::ring::Command {
    match ring.take() {
        Ok(Some(Entry::Command(command))) => command,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_mailbox_of_another_version_is_an_error() {
    let (_, file) = Kernel::new(3, 0);
    assert!(Ring::new(Region::map(&file, LENGTH).expect("a mapping")).is_err());
}

#[test]
fn a_command_sees_scattered_data_as_one() {
    let (mut kernel, mut ring) = Kernel::with_ring(0);
    kernel.command(1, &[0x2A; 10], &[(DATA_AT + 100, 3), (DATA_AT, 2)]);
    kernel.region.write(DATA_AT + 100, b"abc").expect("inside");
    kernel.region.write(DATA_AT, b"de").expect("inside");
    let command = command(&mut ring);
    assert_eq!((command.data_length(), command.block[0]), (5, 0x2A));
    let mut data = [0; 5];
    ring.data_of(&command, &mut data).expect("inside");
    assert_eq!(&data, b"abcde");
    ring.give(&command, b"wxyz").expect("inside");
    let mut parts = [0; 2];
    kernel.region.read(DATA_AT, &mut parts).expect("inside");
    assert_eq!(&parts, b"ze");
}

#[test]
fn entries_continue_at_the_start_after_a_pad() {
    let (mut kernel, mut ring) = Kernel::with_ring(RING - 64);
    kernel.header(64, KIND_PAD, 0);
    let at = kernel.command(5, &[0; 6], &[]);
    assert_eq!(at, u64::from(RING_AT));
    assert_eq!(command(&mut ring).id, 5);
    assert_eq!(kernel.tail(), 0);
    ring.complete(5, Ending::Good(0)).expect("a completion");
    assert_eq!(kernel.tail(), ENTRY);
    assert!(ring.take().is_ok_and(|entry| entry.is_none()));
}

#[test]
fn a_completion_takes_the_first_free_entry() {
    let (mut kernel, mut ring) = Kernel::with_ring(0);
    let first = kernel.command(1, &[0; 6], &[]);
    let second = kernel.command(2, &[0; 6], &[]);
    assert_eq!((command(&mut ring).id, command(&mut ring).id), (1, 2));
    ring.complete(2, Ending::Good(7)).expect("a completion");
    let (header, response) = kernel.completion(first);
    assert_eq!((header.command_id, header.user_flags), ({ 2 }, FLAG_READ_LENGTH));
    assert_eq!((response.status, { response.read_length }), (0, 7));
    ring.complete(1, Ending::Check(&[0x70, 0, 5]))
        .expect("a completion");
    let (header, response) = kernel.completion(second);
    assert_eq!(
        ({ header.command_id }, response.status, response.sense[2]),
        (1, 2, 5)
    );
    assert_eq!(kernel.tail(), 2 * ENTRY);
    assert!(ring.complete(3, Ending::Good(0)).is_err());
}

#[test]
fn an_entry_of_an_unknown_kind_is_flagged() {
    let (mut kernel, mut ring) = Kernel::with_ring(0);
    let at = kernel.header(64, INVALID, 0);
    kernel.publish();
    assert!(ring.take().is_ok_and(|entry| entry.is_none()));
    assert_eq!(kernel.completion(at).0.user_flags, FLAG_UNKNOWN);
    assert_eq!(kernel.tail(), 64);
}

#[test]
fn an_offset_outside_the_memory_is_an_error() {
    for segments in [[(LENGTH as u64, 1)], [(0, u64::MAX)], [(u64::MAX, 8)]] {
        let (mut kernel, mut ring) = Kernel::with_ring(0);
        kernel.command(1, &[0; 6], &segments);
        match ring.take() {
            Ok(Some(Entry::Command(command))) => {
                assert!(
                    ring.data_of(&command, &mut vec![0; command.data_length()])
                        .is_err()
                );
            }
            taken => assert!(taken.is_err()),
        }
    }
    for length in [0, RING + 8] {
        let (mut kernel, mut ring) = Kernel::with_ring(0);
        kernel.header(length, KIND_COMMAND, 1);
        kernel.region.store(HEAD_AT, 8).expect("a head");
        assert!(ring.take().is_err(), "{length}");
    }
}

/// A device that answers READ and WRITE, never answers INQUIRY, and refuses everything else.
#[derive(Default)]
struct Odd {
    written: Vec<u8>,
    resets: u32,
}

impl Transport for Odd {
    fn execute(&mut self, command: &[u8], data: Data<'_>) -> Result<usize, Failure> {
        match (command[0], data) {
            (0x28, Data::In(out)) => {
                out.fill(0xAB);
                Ok(out.len())
            }
            (0x2A, Data::Out(data)) => {
                self.written = data.to_vec();
                Ok(data.len())
            }
            (0x12, _) => Err(io::Error::from(io::ErrorKind::TimedOut).into()),
            (0x25, Data::In(out)) => {
                out[..2].copy_from_slice(b"ok");
                Ok(2)
            }
            _ => Err(Sense::INVALID_COMMAND_OPERATION_CODE.into()),
        }
    }
}

impl Device for Odd {
    fn reset(&mut self) {
        self.resets += 1;
    }
}

fn all(ring: &mut Ring, device: &mut Odd, hanging: &mut Vec<u16>) {
    while act(ring, device, hanging).expect("an answer") {}
}

#[test]
fn a_write_gets_the_data_of_the_host() {
    let (mut kernel, mut ring) = Kernel::with_ring(0);
    let mut device = Odd::default();
    kernel.region.write(DATA_AT, b"data").expect("inside");
    kernel.command(1, &[0x2A, 0, 0, 0, 0, 0, 0, 0, 1, 0], &[(DATA_AT, 4)]);
    act(&mut ring, &mut device, &mut Vec::new()).expect("an answer");
    assert_eq!(device.written, b"data");
}

#[test]
fn a_short_answer_leaves_zeros_and_reports_its_length() {
    let (mut kernel, mut ring) = Kernel::with_ring(0);
    kernel.region.write(DATA_AT, b"stale").expect("inside");
    let at = kernel.command(1, &[0x25; 10], &[(DATA_AT, 5)]);
    act(&mut ring, &mut Odd::default(), &mut Vec::new()).expect("an answer");
    let mut data = [1; 5];
    kernel.region.read(DATA_AT, &mut data).expect("inside");
    assert_eq!(&data, b"ok\0\0\0");
    assert_eq!({ kernel.completion(at).1.read_length }, 2);
}

#[test]
fn a_host_may_accept_less_than_the_blocks_it_reads() {
    let (mut kernel, mut ring) = Kernel::with_ring(0);
    let at = kernel.command(1, &[0x28, 0, 0, 0, 0, 0, 0, 0, 2, 0], &[(DATA_AT, 4)]);
    act(&mut ring, &mut Odd::default(), &mut Vec::new()).expect("an answer");
    let (_, response) = kernel.completion(at);
    assert_eq!((response.status, { response.read_length }), (0, 4));
}

#[test]
fn a_hanging_command_completes_when_it_is_aborted() {
    let (mut kernel, mut ring) = Kernel::with_ring(0);
    let (mut device, mut hanging) = (Odd::default(), Vec::new());
    let first = kernel.command(1, &[0x12; 6], &[]);
    kernel.command(2, &[0x00; 6], &[]);
    all(&mut ring, &mut device, &mut hanging);
    assert_eq!((hanging.as_slice(), kernel.tail()), (&[1][..], ENTRY));
    // The first entry contains the answer to the second command.
    let (header, response) = kernel.completion(first);
    assert_eq!(
        ({ header.command_id }, response.status, response.sense[12]),
        (2, 2, 0x20)
    );
    kernel.abort(1, &[1]);
    all(&mut ring, &mut device, &mut hanging);
    assert_eq!((hanging.as_slice(), device.resets), (&[][..], 0));
    assert_eq!(kernel.tail(), 2 * ENTRY + 64);
}

#[test]
fn a_reset_aborts_everything_and_reaches_the_device() {
    let (mut kernel, mut ring) = Kernel::with_ring(0);
    let (mut device, mut hanging) = (Odd::default(), Vec::new());
    kernel.command(1, &[0x12; 6], &[]);
    kernel.abort(5, &[1]);
    all(&mut ring, &mut device, &mut hanging);
    assert_eq!((hanging.as_slice(), device.resets), (&[][..], 1));
    assert_eq!(kernel.tail(), ENTRY + 64);
}
