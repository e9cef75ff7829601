//! Images of Nero: the data first, then chunks that describe it, then where the chunks begin.

use super::description::{LONGEST, Sheet, SheetTrack, TRACKS};
use crate::bytes::{Bytes, Fields as _, peek, read_up_to};

/// Frames before address 0 of a CD.
const LEAD_IN: u32 = 150;

/// The address of a track's index 1, from the cue sheet chunk.
struct Address {
    track: u32,
    address: u32,
}

pub(super) fn read(bytes: &dyn Bytes) -> Option<Sheet> {
    let (begin, end) = chunks_at(bytes)?;
    let chunks = read_up_to(bytes, begin, usize::try_from(end - begin).ok()?.min(LONGEST))?;
    let mut tracks = Vec::new();
    let mut addresses = Vec::new();
    let mut rest = &chunks[..];
    while let (Some(head), Some(length)) = (rest.array::<4>(0), rest.be32(4)) {
        let length = usize::try_from(length).ok()?;
        let Some(body) = rest.get(8..).map(|body| &body[..length.min(body.len())]) else {
            break;
        };
        match &head {
            b"DAOX" => disc_at_once(body, 42, &mut tracks),
            b"DAOI" => disc_at_once(body, 30, &mut tracks),
            b"ETN2" => track_at_once(body, 32, &mut tracks),
            b"ETNF" => track_at_once(body, 20, &mut tracks),
            b"CUEX" => addresses.extend(index_1(body, |entry| entry.be32(4))),
            b"CUES" => addresses.extend(index_1(body, |entry| {
                let decimal = |byte: u8| u32::from(byte >> 4) * 10 + u32::from(byte & 15);
                let [_, minutes, seconds, frames] = entry.array(4)?;
                let frames = (decimal(minutes) * 60 + decimal(seconds)) * 75 + decimal(frames);
                frames.checked_sub(LEAD_IN)
            })),
            b"END!" => break,
            _ => {}
        }
        rest = rest.get(8_usize.saturating_add(length)..).unwrap_or_default();
    }
    tracks.truncate(TRACKS);
    for (number, track) in (1..).zip(&mut tracks) {
        track.number = number;
        if let Some(known) = addresses.iter().find(|known| known.track == number) {
            track.address = known.address;
        }
    }
    Some(Sheet {
        container: "a Nero image",
        names: Vec::new(),
        tracks,
        by_file: false,
    })
}

/// The bytes at which the chunks begin and end.
fn chunks_at(bytes: &dyn Bytes) -> Option<(u64, u64)> {
    let long = bytes.length().checked_sub(12)?;
    let tail: [u8; 12] = peek(bytes, long)?;
    let (begin, end) = if tail.starts_with(b"NER5") {
        (tail.be64(4)?, long)
    } else if &tail[4..8] == b"NERO" {
        (tail.be32(8)?.into(), long + 4)
    } else {
        return None;
    };
    (begin < end).then_some((begin, end))
}

/// The tracks of a disc recorded at once: 22 bytes, then an entry of `size` bytes for each track.
fn disc_at_once(body: &[u8], size: usize, tracks: &mut Vec<SheetTrack>) {
    for entry in body.get(22..).unwrap_or_default().chunks_exact(size).take(TRACKS) {
        let number = |at: usize| match size {
            42 => entry.be64(18 + 8 * at),
            _ => entry.be32(18 + 4 * at).map(u64::from),
        };
        let (Some(stride), Some(start), Some(end)) = (entry.be16(12), number(1), number(2)) else {
            return;
        };
        let mode = entry[14];
        tracks.push(SheetTrack {
            start,
            length: end.checked_sub(start),
            stride: stride.into(),
            is_data: is_data(mode),
            ..SheetTrack::default()
        });
    }
}

/// The tracks of a disc recorded track by track: offset, length, mode and address of each.
fn track_at_once(body: &[u8], size: usize, tracks: &mut Vec<SheetTrack>) {
    for entry in body.chunks_exact(size).take(TRACKS) {
        let fields = match size {
            32 => (entry.be64(0), entry.be64(8), entry.be32(16), entry.be32(20)),
            _ => (
                entry.be32(0).map(u64::from),
                entry.be32(4).map(u64::from),
                entry.be32(8),
                entry.be32(12),
            ),
        };
        let (Some(start), Some(length), Some(mode), Some(address)) = fields else {
            return;
        };
        let mode = u8::try_from(mode).unwrap_or(u8::MAX);
        tracks.push(SheetTrack {
            start,
            length: Some(length),
            stride: stride_of(mode),
            is_data: is_data(mode),
            address,
            ..SheetTrack::default()
        });
    }
}

fn index_1(body: &[u8], address: impl Fn(&[u8]) -> Option<u32>) -> Vec<Address> {
    let entries = body.chunks_exact(8).filter(|entry| entry[2] == 1);
    entries
        .filter_map(|entry| {
            let track = u32::from(entry[1] >> 4) * 10 + u32::from(entry[1] & 15);
            let address = address(entry)?;
            Some(Address { track, address })
        })
        .take(TRACKS)
        .collect()
}

fn is_data(mode: u8) -> bool {
    !matches!(mode, 0x07 | 0x10)
}

/// The bytes of a sector in a mode of Nero.
fn stride_of(mode: u8) -> u32 {
    match mode {
        0x03 => 2336,
        0x05..=0x07 => 2352,
        0x0F..=0x11 => 2448,
        _ => 2048,
    }
}
