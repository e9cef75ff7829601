//! Sheets of CDs with two sessions: each track has its address on the disc.

mod common;

use std::collections::HashMap;
use std::io;

use common::volume;
use container::{Beside, Found, Seen, look};
use ecma167::BLOCK_SIZE;

/// The blocks of each session.
const BLOCKS: u32 = 300;
/// The address of the second session, after the gaps of a CD.
const SECOND: u32 = BLOCKS + 11_400;

/// Files by name.
struct Files(HashMap<&'static str, Vec<u8>>);

impl Beside for Files {
    type File = Vec<u8>;

    fn open(&self, name: &str) -> io::Result<Vec<u8>> {
        self.0.get(name).cloned().ok_or(io::ErrorKind::NotFound.into())
    }
}

/// Sectors of `stride` bytes with the blocks of a volume, `header` bytes into each.
fn sectors(volume: &[u8], stride: usize, header: usize) -> Vec<u8> {
    let sector = |block: &[u8]| {
        let mut sector = vec![0; stride];
        sector[header..header + BLOCK_SIZE].copy_from_slice(block);
        sector
    };
    volume.chunks_exact(BLOCK_SIZE).flat_map(sector).collect()
}

/// Both sessions, one after the other, in sectors of 2,352 bytes.
fn both() -> Vec<u8> {
    [volume(0), volume(SECOND)]
        .map(|volume| sectors(&volume, 2352, 16))
        .concat()
}

fn found(sheet: &[u8], name: &str, files: impl IntoIterator<Item = (&'static str, Vec<u8>)>) -> Found {
    let files = Files(files.into_iter().collect());
    match look(&sheet.to_vec(), name, &files).0 {
        Seen::Volume(found) => found,
        seen => panic!("{seen:?}"),
    }
}

/// The address, file and byte of each track, which all have 300 blocks.
fn places(found: &Found) -> Vec<(u32, usize, u64)> {
    let place = |extent: &drive::ImageExtent| {
        assert_eq!(extent.blocks, BLOCKS);
        (extent.first, extent.file, extent.offset)
    };
    found.extents.iter().map(place).collect()
}

const HALF: u64 = 2352 * BLOCKS as u64;

#[test]
fn each_session_of_a_cue_sheet_has_its_address_on_the_disc() {
    let forms = [
        ("MODE1/2048", 2048, 0),
        ("MODE1/2352", 2352, 16),
        ("MODE2/2336", 2336, 8),
        ("MODE2/2352", 2352, 24),
        ("CDI/2336", 2336, 8),
        ("CDI/2352", 2352, 24),
    ];
    for (mode, stride, header) in forms {
        let track = |file: &str, number: u32| {
            format!("REM SESSION 0{number}\nFILE {file} BINARY\nTRACK 0{number} {mode}\nINDEX 01 00:00:00\n")
        };
        let sheet = track("a.bin", 1) + &track("b.bin", 2);
        let found = found(
            sheet.as_bytes(),
            "disc.cue",
            [
                ("a.bin", sectors(&volume(0), stride, header)),
                ("b.bin", sectors(&volume(SECOND), stride, header)),
            ],
        );
        assert_eq!(places(&found), [(0, 1, 0), (SECOND, 2, 0)], "{mode}");
    }
}

#[test]
fn an_anchor_corrects_an_address_after_a_file_without_run_out_blocks() {
    let track = |file: &str, number: u32| {
        format!("REM SESSION 0{number}\nFILE {file} BINARY\nTRACK 0{number} MODE1/2048\nINDEX 01 00:00:00\n")
    };
    let sheet = track("a.bin", 1) + &track("b.bin", 2);
    let mut first = volume(0);
    first.truncate((BLOCKS as usize - 2) * BLOCK_SIZE);
    let second = volume(SECOND);
    let found = found(
        sheet.as_bytes(),
        "disc.cue",
        [("a.bin", first), ("b.bin", second)],
    );
    let addresses: Vec<u32> = found.extents.iter().map(|extent| extent.first).collect();
    assert_eq!(addresses, [0, SECOND]);
}

#[test]
fn sessions_in_one_file_of_a_cue_sheet_follow_each_other_there() {
    let sheet = "FILE a.bin BINARY\nTRACK 01 MODE1/2352\nINDEX 01 00:00:00\n\
                 REM SESSION 02\nTRACK 02 MODE1/2352\nINDEX 01 00:04:00\n";
    let found = found(sheet.as_bytes(), "disc.cue", [("a.bin", both())]);
    assert_eq!(places(&found), [(0, 1, 0), (SECOND, 1, HALF)]);
}

#[test]
fn each_session_of_clonecd_has_the_address_in_its_sheet() {
    let entry = |session: u32, point: &str, address: u32| {
        format!("[Entry 0]\nSession={session}\nPoint={point}\nControl=0x04\nPLBA={address}\n")
    };
    let sheet = [
        "[CloneCD]\nVersion=3\n".to_owned(),
        entry(1, "0xa2", BLOCKS),
        entry(1, "0x01", 0),
        entry(2, "0xa2", SECOND + BLOCKS),
        entry(2, "0x02", SECOND),
    ]
    .concat();
    let found = found(sheet.as_bytes(), "disc.ccd", [("disc.img", both())]);
    assert_eq!(places(&found), [(0, 1, 0), (SECOND, 1, HALF)]);
}

#[test]
fn each_session_of_alcohol_has_the_address_in_its_descriptor() {
    let mut sheet = vec![0; 512];
    let mut put = |at: usize, bytes: &[u8]| sheet[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"MEDIA DESCRIPTOR\x01\x03");
    put(20, &2_u16.to_le_bytes());
    put(80, &88_u32.to_le_bytes());
    for (number, address) in [(0, 0), (1, SECOND)] {
        let (session, track, extra) = (88 + 24 * number, 136 + 80 * number, 296 + 8 * number);
        put(session + 10, &[1]);
        put(
            session + 20,
            &u32::try_from(track).expect("a place").to_le_bytes(),
        );
        put(
            track,
            &[0xAA, 0, 0, 0, u8::try_from(number + 1).expect("a number")],
        );
        put(track + 12, &u32::try_from(extra).expect("a place").to_le_bytes());
        put(track + 16, &2352_u16.to_le_bytes());
        put(track + 36, &address.to_le_bytes());
        put(track + 40, &(HALF * number as u64).to_le_bytes());
        put(extra + 4, &BLOCKS.to_le_bytes());
    }
    let found = found(&sheet, "disc.mds", [("disc.mdf", both())]);
    assert_eq!(places(&found), [(0, 1, 0), (SECOND, 1, HALF)]);
}

/// A chunk of a Nero image.
fn chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("a length").to_be_bytes();
    [&name[..], &length, body].concat()
}

/// An image of Nero with both sessions and these chunks.
fn nero(chunks: &[Vec<u8>]) -> Vec<u8> {
    let data = both();
    let at = (data.len() as u64).to_be_bytes();
    [&data[..], &chunks.concat(), &chunk(b"END!", &[]), b"NER5", &at].concat()
}

#[test]
fn each_session_of_nero_recorded_at_once_has_the_address_in_its_cue() {
    let session = |number: u8, address: u32, start: u64| {
        let cue = [
            [0x41, number, 1, 0].map(u8::from).to_vec(),
            address.to_be_bytes().to_vec(),
        ]
        .concat();
        let mut track = vec![0; 22 + 12];
        track.extend([0x09, 0x30, 0x05, 0, 0, 0]);
        for place in [start, start, start + HALF] {
            track.extend(place.to_be_bytes());
        }
        [
            chunk(b"CUEX", &cue),
            chunk(b"DAOX", &track),
            chunk(b"SINF", &[0, 0, 0, 1]),
        ]
        .concat()
    };
    let image = nero(&[session(1, 0, 0), session(2, SECOND, HALF)]);
    assert_eq!(
        places(&found(&image, "disc.nrg", [])),
        [(0, 0, 0), (SECOND, 0, HALF)]
    );
}

#[test]
fn each_session_of_nero_by_track_has_the_address_in_its_chunk() {
    let session = |address: u32, start: u64| {
        let mut track = [start, HALF].map(u64::to_be_bytes).concat();
        for field in [0x05, address, 0, 0] {
            track.extend(field.to_be_bytes());
        }
        [chunk(b"ETN2", &track), chunk(b"SINF", &[0, 0, 0, 1])].concat()
    };
    let image = nero(&[session(0, 0), session(SECOND, HALF)]);
    assert_eq!(
        places(&found(&image, "disc.nrg", [])),
        [(0, 0, 0), (SECOND, 0, HALF)]
    );
}
