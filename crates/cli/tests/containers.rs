//! Volumes that are not the whole of their image: raw sectors, sheets, partition tables, offsets, shifts.
//! Each is made around the same volume and must show the same files.

mod common;

use std::fs;
use std::os::unix::fs::symlink;

use common::{Place, small_blocks};

const BLOCK: usize = 2048;

/// A place with a volume of genisoimage, `disc.udf`, and its bytes.
fn volume() -> (Place, Vec<u8>) {
    let place = Place::with_base("genisoimage");
    let bytes = place.bytes("disc.udf");
    (place, bytes)
}

/// Fails unless `image` shows what the bare volume shows, in every command that reads, and without being
/// changed.
fn shows_the_volume(place: &Place, image: &str) {
    let before = place.bytes(image);
    let names = place.names("disc.udf");
    assert!(!names.is_empty());
    assert_eq!(place.names(image), names, "{image}");
    place.ok(&format!("check {image} --data"));
    place.ok(&format!("extract disc.udf --to plain-{image}.d"));
    place.ok(&format!("extract {image} --to {image}.d"));
    for name in names {
        let file = |folder: &str| place.path(folder).join(name.trim_start_matches('/'));
        let (expected, found) = (file(&format!("plain-{image}.d")), file(&format!("{image}.d")));
        if expected.is_file() {
            assert!(fs::read(expected).ok() == fs::read(found).ok(), "{image}: {name}");
        }
    }
    assert!(place.bytes(image) == before, "{image} is changed");
    assert!(!place.path(&format!("{image}.oncefs")).exists());
}

/// What `info` says about the image.
fn info(place: &Place, image: &str) -> serde_json::Value {
    place.json(&format!("info {image}"))["image"].clone()
}

/// The sectors of a volume, each with `before` in front and zeros after it.
fn sectors(volume: &[u8], stride: usize, before: impl Fn(usize) -> Vec<u8>) -> Vec<u8> {
    let mut out = Vec::new();
    for (number, block) in volume.chunks_exact(BLOCK).enumerate() {
        let end = out.len() + stride;
        out.extend(before(number));
        out.extend_from_slice(block);
        out.resize(end, 0);
    }
    out
}

/// Sync pattern and header of a CD sector, with the subheader of mode 2.
fn sync(mode: u8) -> impl Fn(usize) -> Vec<u8> {
    move |number| {
        let decimal = |number: usize| u8::try_from(number / 10 * 16 + number % 10).expect("two digits");
        let frame = number + 150;
        let mut head = vec![0xFF; 12];
        (head[0], head[11]) = (0, 0);
        head.extend([
            decimal(frame / 4500),
            decimal(frame / 75 % 60),
            decimal(frame % 75),
            mode,
        ]);
        if mode == 2 {
            head.extend([0, 0, 8, 0, 0, 0, 8, 0]);
        }
        head
    }
}

#[test]
fn raw_sectors_of_a_cd_are_read() {
    let (place, bytes) = volume();
    for (stride, mode) in [(2352, 1), (2352, 2), (2448, 1), (2448, 2)] {
        let name = format!("{stride}-{mode}.bin");
        place.file(&name, sectors(&bytes, stride, sync(mode)));
        shows_the_volume(&place, &name);
        let expected = format!("CD sectors of {stride} bytes, mode {mode}");
        assert_eq!(info(&place, &name)["container"], expected.as_str());
    }
}

#[test]
fn raw_sectors_without_a_sync_pattern_are_read() {
    let (place, bytes) = volume();
    place.file(
        "2336.bin",
        sectors(&bytes, 2336, |_| vec![0, 0, 8, 0, 0, 0, 8, 0]),
    );
    shows_the_volume(&place, "2336.bin");
    place.file("2352.bin", sectors(&bytes, 2352, |_| vec![0; 16]));
    shows_the_volume(&place, "2352.bin");
}

#[test]
fn the_data_track_of_a_cue_sheet_is_read() {
    let (place, bytes) = volume();
    let sound = vec![0x55; 300 * 2352];
    let data = sectors(&bytes, 2352, sync(1));
    place.file("one.bin", [&sound[..], &data].concat());
    let tracks =
        "TRACK 01 AUDIO\nINDEX 01 00:00:00\nTRACK 02 MODE1/2352\nINDEX 00 00:04:00\nINDEX 01 00:04:00\n";
    place.file("one.cue", format!("FILE \"one.bin\" BINARY\n{tracks}"));
    shows_the_volume(&place, "one.cue");
    let said = info(&place, "one.cue");
    assert_eq!(said["part"], "track 2");
    assert_eq!(said["offset_bytes"], 300 * 2352);
    place.file("two.bin", &data);
    let two = "FILE one.bin BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:00\nFILE two.bin BINARY\nTRACK 02 MODE1/2352\nINDEX 01 00:00:00\n";
    place.file("two.cue", two);
    shows_the_volume(&place, "two.cue");
}

#[test]
fn the_newest_session_of_a_cue_sheet_is_read() {
    let place = Place::new();
    place.file("one", "1");
    place.file("two", "2");
    place.ok("format disc.udf --medium cd-r");
    place.ok("add disc.udf one");
    place.ok("close disc.udf");
    place.ok("add disc.udf two");
    place.ok("close disc.udf --finalize");
    let disc = place.bytes("disc.udf");
    let start = place.json("info disc.udf")["sessions"][1]["start"].as_u64();
    let start = usize::try_from(start.expect("a block")).expect("a block");
    let (first, second) = (&disc[..(start - 11_400) * BLOCK], &disc[start * BLOCK..]);
    place.file("ONE.BIN", sectors(first, 2352, sync(1)));
    place.file("Two.bin", sectors(second, 2352, sync(1)));
    let track = |file: &str, number: u32| {
        format!(
            "REM SESSION 0{number}\nFILE \"{file}\" BINARY\nTRACK 0{number} MODE1/2352\nINDEX 01 00:00:00\n"
        )
    };
    place.file("disc.cue", track("one.bin", 1) + &track("two.bin", 2));
    shows_the_volume(&place, "disc.cue");
    assert_eq!(place.names("disc.cue"), ["/one", "/two"]);
    assert_eq!(info(&place, "disc.cue")["part"], "tracks 1, 2");
}

#[test]
fn two_files_that_a_sheet_may_mean_are_both_named() {
    let (place, bytes) = volume();
    place.file("DISC.bin", &bytes);
    place.file("Disc.bin", &bytes);
    place.file(
        "x.cue",
        "FILE disc.bin BINARY\nTRACK 01 MODE1/2048\nINDEX 01 00:00:00\n",
    );
    let run = place.run("ls x.cue");
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert!(
        run.err.contains("'DISC.bin'") && run.err.contains("'Disc.bin'"),
        "{}",
        run.err
    );
}

#[test]
fn a_cue_sheet_opens_only_regular_files_beside_it() {
    let (place, bytes) = volume();
    place.file("inner/a.bin", &bytes);
    place.file("sheets/b.bin", &bytes);
    symlink(place.path("inner/a.bin"), place.path("sheets/link.bin")).expect("a link");
    symlink("/dev/zero", place.path("sheets/zero.bin")).expect("a link");
    let sheet = |name: &str| format!("FILE \"{name}\" BINARY\nTRACK 01 MODE1/2048\nINDEX 01 00:00:00\n");
    for name in [
        "link.bin",
        "zero.bin",
        "../inner/a.bin",
        "none.bin",
        "/dev/zero",
        "..",
    ] {
        place.file("sheets/x.cue", sheet(name));
        let run = place.run("ls sheets/x.cue");
        assert_eq!(run.code, 1, "{name}: {}{}", run.out, run.err);
        assert!(run.err.contains("cannot be opened"), "{name}: {}", run.err);
    }
    place.file("sheets/x.cue", sheet("C:\\discs\\b.bin"));
    place.ok("ls sheets/x.cue");
}

#[test]
fn a_cue_sheet_whose_file_is_recorded_on_is_in_use() {
    let (place, bytes) = volume();
    place.file("a.bin", bytes);
    place.file(
        "a.cue",
        "FILE a.bin BINARY\nTRACK 01 MODE1/2048\nINDEX 01 00:00:00\n",
    );
    let held = fs::File::open(place.path("a.bin")).expect("a file");
    held.lock().expect("a lock");
    assert_eq!(place.failure("ls a.cue")["kind"], "in-use");
}

#[test]
fn extracting_never_replaces_the_file_that_a_sheet_names() {
    let place = Place::new();
    place.file("source/data.bin", "of the disc");
    place.ok("burn source/data.bin --to disc.udf --medium dvd+r --finalize");
    let bytes = place.bytes("disc.udf");
    place.file("out/data.bin", &bytes);
    place.file(
        "out/x.cue",
        "FILE data.bin BINARY\nTRACK 01 MODE1/2048\nINDEX 01 00:00:00\n",
    );
    let run = place.run("extract out/x.cue --to out --yes");
    assert_ne!(run.code, 0, "{}{}", run.out, run.err);
    assert!(place.bytes("out/data.bin") == bytes);
}

#[test]
fn a_sheet_may_state_the_wrong_size_of_sectors() {
    let (place, bytes) = volume();
    place.file("a.bin", &bytes);
    place.file(
        "a.cue",
        "FILE a.bin BINARY\nTRACK 01 MODE1/2352\nINDEX 01 00:00:00\n",
    );
    shows_the_volume(&place, "a.cue");
}

/// A chunk of a Nero image.
fn chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("a length").to_be_bytes();
    [&name[..], &length, body].concat()
}

#[test]
fn images_of_nero_are_read() {
    let (place, bytes) = volume();
    let pregap = vec![0; 150 * BLOCK];
    let (start, end) = (pregap.len() as u64, (pregap.len() + bytes.len()) as u64);
    let mut body = vec![0; 22];
    body.extend([0; 12]);
    body.extend([0x08, 0x00, 0x00, 0, 0, 0]);
    for number in [0, start, end] {
        body.extend(number.to_be_bytes());
    }
    let footer = [
        chunk(b"DAOX", &body),
        chunk(b"END!", &[]),
        b"NER5".to_vec(),
        end.to_be_bytes().to_vec(),
    ]
    .concat();
    place.file("v2.nrg", [&pregap[..], &bytes, &footer].concat());
    shows_the_volume(&place, "v2.nrg");
    assert_eq!(info(&place, "v2.nrg")["container"], "Nero image");

    let words = [0, u32::try_from(bytes.len()).expect("a length"), 0, 0, 0];
    let body: Vec<u8> = words.iter().flat_map(|word: &u32| word.to_be_bytes()).collect();
    let at = u32::try_from(bytes.len()).expect("a length").to_be_bytes();
    let footer = [
        chunk(b"ETNF", &body),
        chunk(b"END!", &[]),
        b"NERO".to_vec(),
        at.to_vec(),
    ]
    .concat();
    place.file("v1.nrg", [&bytes[..], &footer].concat());
    shows_the_volume(&place, "v1.nrg");
}

#[test]
fn a_nero_image_with_a_broken_end_is_read_by_its_anchor() {
    let (place, bytes) = volume();
    let image = [&vec![0; 150 * BLOCK][..], &bytes, b"NER5\0\0\0\0\0\0\0\0"].concat();
    place.file("broken.nrg", image);
    shows_the_volume(&place, "broken.nrg");
    let text = place.ok("info broken.nrg");
    assert!(
        text.contains("from byte 307200, after 150 blocks of something else"),
        "{text}"
    );
}

#[test]
fn images_of_clonecd_are_read() {
    let (place, bytes) = volume();
    place.file("disc.img", sectors(&bytes, 2352, sync(1)));
    let count = bytes.len() / BLOCK;
    let entry = |number: u32, point: &str, address: usize| {
        format!("[Entry {number}]\nSession=1\nPoint={point}\nADR=0x01\nControl=0x04\nPLBA={address}\n")
    };
    let sheet = [
        "[CloneCD]\nVersion=3\n".to_owned(),
        entry(0, "0xa2", count),
        entry(1, "0x01", 0),
    ]
    .concat();
    place.file("disc.ccd", sheet);
    shows_the_volume(&place, "disc.ccd");
    assert_eq!(info(&place, "disc.ccd")["part"], "track 1");
}

#[test]
fn images_of_alcohol_are_read() {
    let (place, bytes) = volume();
    place.file("disc.mdf", sectors(&bytes, 2448, sync(1)));
    let mut sheet = vec![0; 88 + 24 + 80 + 8 + 16 + 6];
    let mut put = |at: usize, bytes: &[u8]| sheet[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"MEDIA DESCRIPTOR\x01\x03");
    put(20, &1_u16.to_le_bytes());
    put(80, &88_u32.to_le_bytes());
    put(88 + 10, &[1]);
    put(88 + 20, &112_u32.to_le_bytes());
    put(112, &[0xAA, 8, 0x14, 0, 1]);
    put(112 + 12, &192_u32.to_le_bytes());
    put(112 + 16, &2448_u16.to_le_bytes());
    put(112 + 52, &200_u32.to_le_bytes());
    put(
        192 + 4,
        &u32::try_from(bytes.len() / BLOCK).expect("a count").to_le_bytes(),
    );
    put(200, &216_u32.to_le_bytes());
    put(216, b"*.mdf\0");
    place.file("disc.mds", sheet);
    shows_the_volume(&place, "disc.mds");
    assert_eq!(
        info(&place, "disc.mds")["container"],
        "Alcohol 120% descriptor, CD sectors of 2448 bytes, mode 1"
    );
}

/// An entry of a master boot record.
fn entry(kind: u8, start: usize, blocks: usize) -> Vec<u8> {
    let number = |number: usize| u32::try_from(number).expect("a number").to_le_bytes();
    [&[0, 0, 0, 0, kind, 0, 0, 0][..], &number(start), &number(blocks)].concat()
}

fn boot_record(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut record = vec![0; 446];
    record.extend(entries.concat());
    record.resize(510, 0);
    record.extend([0x55, 0xAA]);
    record
}

/// `volume` at a block of 512 bytes, after what `records` put at blocks before it.
fn disk(volume: &[u8], start: usize, records: &[(usize, Vec<u8>)]) -> Vec<u8> {
    let mut disk = vec![0; start * 512];
    for (at, record) in records {
        disk[at * 512..at * 512 + record.len()].copy_from_slice(record);
    }
    disk.extend_from_slice(volume);
    disk
}

#[test]
fn the_partition_of_an_mbr_is_read_wherever_it_begins() {
    let (place, bytes) = volume();
    for start in [2048, 63] {
        let name = format!("mbr-{start}.img");
        let record = boot_record(&[entry(0x83, 1, 1), entry(7, start, bytes.len() / 512)]);
        place.file(&name, disk(&bytes, start, &[(0, record)]));
        shows_the_volume(&place, &name);
        let said = info(&place, &name);
        assert_eq!(said["part"], "partition 2 (type 07)");
        assert_eq!(said["offset_bytes"], start * 512);
    }
    let text = place.ok("info mbr-63.img");
    assert!(
        text.contains("from byte 32256, which is no multiple of 2048"),
        "{text}"
    );
}

#[test]
fn a_logical_partition_is_read_through_its_chain() {
    let (place, bytes) = volume();
    let records = [
        (0, boot_record(&[entry(5, 10, 5000)])),
        (10, boot_record(&[entry(0x83, 1, 1), entry(5, 20, 3000)])),
        (
            30,
            boot_record(&[entry(7, 70, bytes.len() / 512), entry(5, 0, 100)]),
        ),
    ];
    place.file("logical.img", disk(&bytes, 100, &records));
    shows_the_volume(&place, "logical.img");
    assert_eq!(info(&place, "logical.img")["part"], "partition 6 (type 07)");
}

#[test]
fn the_partition_of_a_gpt_is_read() {
    let (place, bytes) = volume();
    let mut header = vec![0; 512];
    header[..8].copy_from_slice(b"EFI PART");
    header[24] = 1;
    header[72] = 2;
    header[80] = 4;
    header[84] = 128;
    let mut table = vec![0; 512];
    table[128] = 1;
    table[128 + 32..128 + 40].copy_from_slice(&64_u64.to_le_bytes());
    table[128 + 40..128 + 48].copy_from_slice(&u64::MAX.to_le_bytes());
    table[128 + 56] = b'U';
    let records = [(0, boot_record(&[entry(0xEE, 1, 1000)])), (1, header), (2, table)];
    place.file("gpt.img", disk(&bytes, 64, &records));
    shows_the_volume(&place, "gpt.img");
    let said = info(&place, "gpt.img");
    assert_eq!(said["container"], "GPT partition table");
    assert_eq!(said["part"], "partition 2 'U'");
}

#[test]
fn the_partition_of_an_apple_map_is_read() {
    let (place, bytes) = volume();
    let map = |start: u32, blocks: u32, kind: &[u8]| {
        let mut entry = vec![0; 512];
        entry[..2].copy_from_slice(b"PM");
        entry[7] = 2;
        entry[8..12].copy_from_slice(&start.to_be_bytes());
        entry[12..16].copy_from_slice(&blocks.to_be_bytes());
        entry[48..48 + kind.len()].copy_from_slice(kind);
        entry
    };
    let records = [
        (1, map(1, 2, b"Apple_partition_map")),
        (2, map(64, u32::MAX, b"UDF")),
    ];
    place.file("apple.img", disk(&bytes, 64, &records));
    shows_the_volume(&place, "apple.img");
    assert_eq!(info(&place, "apple.img")["part"], "partition 2 '' (UDF)");
}

#[test]
fn a_volume_after_any_number_of_bytes_is_read_and_its_offset_shown() {
    let (place, bytes) = volume();
    place.file("odd.img", [&[7; 1001][..], &bytes].concat());
    shows_the_volume(&place, "odd.img");
    let text = place.ok("info odd.img");
    assert!(
        text.contains("from byte 1001, which is no multiple of 2048"),
        "{text}"
    );
}

#[test]
fn the_last_small_block_of_a_volume_is_read_wherever_it_is() {
    let place = Place::new();
    let volume = small_blocks::volume();
    let record = boot_record(&[entry(7, 63, volume.len() / 512)]);
    // Something follows the partition.
    let partition = [disk(&volume, 63, &[(0, record)]), vec![9; 5000]].concat();
    let prefixed = [&vec![7; 20_480][..], &volume].concat();
    for (name, image) in [
        ("plain.img", volume),
        ("partition.img", partition),
        ("prefixed.img", prefixed),
    ] {
        place.file(name, &image);
        let run = place
            .command(&["cat", name, "/end"])
            .output()
            .expect("the program");
        let said = String::from_utf8_lossy(&run.stderr);
        assert!(run.stdout == small_blocks::content(), "{name}: {said}");
        assert_eq!(run.status.code(), Some(0), "{name}: {said}");
        assert!(place.bytes(name) == image, "{name} is changed");
    }
}

#[test]
fn an_image_of_a_later_session_says_where_it_belongs() {
    let place = Place::new();
    place.file("a", "1");
    place.ok("format d.udf --medium cd-r");
    place.ok("add d.udf a");
    place.ok("close d.udf");
    place.ok("mkdir d.udf /later");
    place.ok("close d.udf --finalize");
    let start = place.json("info d.udf")["sessions"][1]["start"]
        .as_u64()
        .expect("a number");
    let at = usize::try_from(start).expect("a number");
    place.file("session.img", &place.bytes("d.udf")[at * BLOCK..]);
    for command in ["ls", "info", "check"] {
        let run = place.run(&format!("{command} session.img"));
        assert_eq!(run.code, 1, "{command}: {}{}", run.out, run.err);
        let words = format!(
            "the anchor at block 256 says it belongs at {}: this image begins {start} blocks into the disc",
            start + 256
        );
        assert!(run.err.contains(&words), "{}", run.err);
        assert_eq!(run.err.lines().count(), 2, "{}", run.err);
    }
}

#[test]
fn nothing_is_recorded_in_a_container() {
    let (place, bytes) = volume();
    place.file("a", "text");
    let raw = sectors(&bytes, 2352, sync(1));
    place.file("raw.bin", &raw);
    place.file(
        "mbr.img",
        disk(&bytes, 64, &[(0, boot_record(&[entry(7, 64, 4000)]))]),
    );
    let before = place.bytes("mbr.img");
    for image in ["raw.bin", "mbr.img"] {
        let run = place.run(&format!("add {image} a --medium cd-r"));
        assert_eq!(run.code, 4, "{}", run.err);
        assert!(run.err.contains("is only read"), "{}", run.err);
        assert!(!place.path(&format!("{image}.oncefs")).exists());
    }
    assert!(place.bytes("raw.bin") == raw && place.bytes("mbr.img") == before);
}
