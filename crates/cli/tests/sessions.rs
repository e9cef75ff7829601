//! Images of several sessions without anything that says where they begin, and earlier states of discs.

mod common;

use common::{Place, noise};

const BLOCK: usize = 2048;

/// A place with `d.udf`, whose three sessions have the files `a`, `b` and `c`, the last one open, and with
/// `bare.udf`, the same without its side file.
fn three_sessions(medium: &str, rom: &str) -> Place {
    let place = Place::new();
    place.file("a", noise(40_000, 1));
    place.file("b", noise(9_000, 2));
    place.file("c", "c");
    place.ok(&format!("format d.udf --medium {medium} {rom}"));
    for (file, then_close) in [("a", true), ("b", true), ("c", false)] {
        place.ok(&format!("add d.udf {file}"));
        if then_close {
            place.ok("close d.udf");
        }
    }
    place.file("bare.udf", place.bytes("d.udf"));
    place
}

const DISCS: [(&str, &str); 6] = [
    ("cd-r", "--udf 1.50"),
    ("cd-r", "--rom bridge"),
    ("dvd-r", "--rom udf"),
    ("dvd+r", "--udf 2.01"),
    ("bd-r", "--udf 2.60"),
    ("bd-r", "--rom bridge"),
];

#[test]
fn the_sessions_of_a_bare_image_are_found() {
    for (medium, rom) in DISCS {
        let place = three_sessions(medium, rom);
        let bounds = |image: &str| {
            let info = place.json(&format!("info {image}"));
            let sessions = info["sessions"].as_array().expect("sessions").clone();
            let bounds = sessions
                .iter()
                .map(|session| (session["start"].as_u64(), session["last_recorded"].as_u64()));
            bounds.collect::<Vec<_>>()
        };
        assert_eq!(bounds("bare.udf").len(), 3, "{medium} {rom}");
        assert_eq!(bounds("bare.udf"), bounds("d.udf"), "{medium} {rom}");
    }
}

#[test]
fn each_session_is_shown_as_it_ended() {
    for (medium, rom) in DISCS {
        let place = three_sessions(medium, rom);
        for image in ["d.udf", "bare.udf"] {
            for (session, files) in [(1, "a\n"), (2, "a\nb\n"), (3, "a\nb\nc\n")] {
                let run = place.run(&format!("ls {image} --session {session}"));
                let expected = (0, files, "");
                let found = (run.code, run.out.as_str(), run.err.as_str());
                assert_eq!(found, expected, "{medium} {rom}, {image}, session {session}");
            }
        }
        let first = place.json("info d.udf --session 1");
        assert_eq!(first["sessions"].as_array().map(Vec::len), Some(1));
        place.ok("check d.udf --session 1");
        place.ok("check bare.udf --session 2");
    }
}

#[test]
fn the_plain_volume_of_a_bare_image_is_that_of_the_newest_closed_session() {
    let place = three_sessions("cd-r", "--rom bridge");
    for (arguments, files) in [("", "a\nb\n"), ("--session 1", "a\n"), ("--session 2", "a\nb\n")] {
        let run = place.run(&format!("ls bare.udf --rom-view {arguments}"));
        assert_eq!(
            (run.code, run.out.as_str()),
            (0, files),
            "{arguments}: {}",
            run.err
        );
    }
}

/// An image `short.udf` of the sessions of `d.udf`, without the blocks between them.
fn leave_gaps_out(place: &Place) {
    let image = place.bytes("d.udf");
    let sessions = place.json("info d.udf")["sessions"].clone();
    let block = |value: &serde_json::Value| Some(usize::try_from(value.as_u64()?).expect("a block"));
    let mut short = Vec::new();
    for session in sessions.as_array().expect("sessions") {
        if let Some(last) = block(&session["last_recorded"]) {
            let start = block(&session["start"]).expect("a start");
            short.extend(&image[start * BLOCK..(last + 1) * BLOCK]);
        }
    }
    assert!(short.len() < image.len());
    place.file("short.udf", short);
}

#[test]
fn sessions_are_read_from_an_image_without_the_gaps_between_them() {
    for (medium, rom) in [
        ("cd-r", "--udf 1.50"),
        ("cd-r", "--rom bridge"),
        ("dvd-r", "--rom udf"),
        ("dvd+r", "--udf 2.01"),
    ] {
        let place = three_sessions(medium, rom);
        leave_gaps_out(&place);
        let run = place.run("ls short.udf");
        assert_eq!(
            (run.code, run.out.as_str()),
            (0, "a\nb\nc\n"),
            "{medium} {rom}: {}",
            run.err
        );
        assert!(
            run.err.contains("the image lacks the "),
            "{medium} {rom}: {}",
            run.err
        );
        place.ok("extract short.udf --to out");
        for file in ["a", "b", "c"] {
            assert!(
                place.bytes(&format!("out/{file}")) == place.bytes(file),
                "{medium} {rom} {file}"
            );
        }
        let bounds = |image: &str| {
            let sessions = place.json(&format!("info {image}"))["sessions"].clone();
            let sessions = sessions.as_array().expect("sessions").clone();
            let bound = |session: &serde_json::Value| session["start"].clone();
            sessions.iter().map(bound).take(3).collect::<Vec<_>>()
        };
        assert_eq!(bounds("short.udf"), bounds("d.udf"), "{medium} {rom}");
    }
}

#[test]
fn nothing_is_added_to_an_image_without_the_gaps_between_its_sessions() {
    let place = three_sessions("cd-r", "--udf 1.50");
    leave_gaps_out(&place);
    let before = place.bytes("short.udf");
    let run = place.run("add short.udf c --into /again --medium cd-r");
    assert!(run.code != 0 && run.err.contains("is only read"), "{}", run.err);
    assert!(place.bytes("short.udf") == before && !place.path("short.udf.oncefs").exists());
}

/// Moves the data of a file in the ISO 9660 of a session to block 20, before every partition.
fn move_in_iso9660(image: &mut [u8], session: usize) {
    let number = |image: &[u8], at: usize| {
        let bytes = image[at..at + 4].try_into().expect("four bytes");
        u32::from_le_bytes(bytes) as usize
    };
    let primary = (session + 16) * BLOCK;
    assert_eq!(&image[primary + 1..primary + 6], b"CD001");
    let root = number(image, primary + 156 + 2) * BLOCK;
    let mut at = root;
    // The records of the directory itself and of its parent have names of one byte, 0 and 1.
    while image[at + 33] <= 1 {
        at += usize::from(image[at]);
    }
    image[at + 2..at + 6].copy_from_slice(&20_u32.to_le_bytes());
    image[at + 6..at + 10].copy_from_slice(&20_u32.to_be_bytes());
}

#[test]
fn files_that_only_the_iso_9660_of_a_session_has_are_no_success() {
    let place = three_sessions("dvd+r", "--rom bridge");
    let start = place.json("info d.udf")["sessions"][1]["start"]
        .as_u64()
        .expect("a start");
    let mut image = place.bytes("d.udf");
    for command in ["ls", "extract --to whole"] {
        let run = place.run(&format!("{command} d.udf --rom-view"));
        assert_eq!(run.code, 0, "{}", run.err);
    }
    move_in_iso9660(&mut image, usize::try_from(start).expect("a block"));
    place.file("merged.udf", &image);
    for command in ["ls", "extract --to out"] {
        let run = place.run(&format!("{command} merged.udf --rom-view"));
        let words = "the ISO 9660 of this session has 1 file of earlier sessions";
        assert!(run.code == 5 && run.err.contains(words), "{command}: {}", run.err);
    }
    // What has bytes is whole.
    let run = place.run("cat merged.udf /b --rom-view");
    assert_eq!(run.code, 0, "{}", run.err);
}

#[test]
fn of_sessions_without_a_vat_the_newest_is_shown() {
    for medium in ["cd-r", "dvd+r", "bd-r"] {
        let place = three_sessions(medium, "--rom udf");
        let sessions = place.json("info d.udf")["sessions"].clone();
        let mut image = place.bytes("d.udf");
        // Without anchors and sequences of the volume with the VAT, the plain volumes of both are left.
        for session in 0..2 {
            let start = sessions[session]["start"].as_u64().expect("a start");
            let anchor = (usize::try_from(start).expect("a block") + 512) * BLOCK;
            image[anchor..anchor + 33 * BLOCK].fill(0);
        }
        let end = sessions[1]["last_recorded"].as_u64().expect("an end") + 1;
        image.truncate(usize::try_from(end).expect("a block") * BLOCK);
        place.file("plain.udf", &image);
        let info = place.run("info plain.udf --json").out;
        let found: serde_json::Value = serde_json::from_str(&info).expect("JSON");
        assert_eq!(found["sessions"].as_array().map(Vec::len), Some(2), "{medium}");
        assert_eq!(found["sessions"][1]["start"], sessions[1]["start"], "{medium}");
        for (arguments, files) in [("", "a\nb\n"), ("--session 2", "a\nb\n"), ("--session 1", "a\n")] {
            let run = place.run(&format!("ls plain.udf {arguments}"));
            // The volume with the VAT is lost, which had more.
            assert_eq!(
                (run.code, run.out.as_str()),
                (5, files),
                "{medium} {arguments}: {}",
                run.err
            );
            let run = place.run(&format!("ls plain.udf --rom-view {arguments}"));
            let found = (run.code, run.out.as_str(), run.err.as_str());
            assert_eq!(found, (0, files, ""), "{medium} {arguments}");
        }
    }
}

#[test]
fn an_earlier_session_is_never_shown_as_the_newest() {
    let place = three_sessions("dvd+r", "--rom udf");
    let sessions = place.json("info d.udf")["sessions"].clone();
    let block = |of: &serde_json::Value| usize::try_from(of.as_u64().expect("a block")).expect("a block");
    let (start, last) = (block(&sessions[1]["start"]), block(&sessions[1]["last_recorded"]));
    let mut image = place.bytes("d.udf");
    image.truncate((last + 1) * BLOCK);
    for anchor in [512, start + 512] {
        image[anchor * BLOCK..(anchor + 33) * BLOCK].fill(0);
    }
    // The logical volume descriptors of the newest plain volume: the main sequence and its copy.
    let anchor = (start + 256) * BLOCK;
    let extents = [16, 24].map(|field| {
        let bytes: [u8; 4] = image[anchor + field + 4..anchor + field + 8]
            .try_into()
            .expect("four");
        u32::from_le_bytes(bytes) as usize
    });
    for first in extents {
        let bytes = &mut image[first * BLOCK..(first + 16) * BLOCK];
        bytes.fill(0xEE);
    }
    place.file("plain.udf", &image);
    for command in ["ls plain.udf", "info plain.udf", "extract plain.udf --to out"] {
        let run = place.run(command);
        assert_eq!(run.code, 5, "{command}: {}{}", run.out, run.err);
        assert!(run.err.contains("EARLIER SESSION"), "{}", run.err);
    }
    assert_eq!(place.run("ls plain.udf").out, "a\n");
    let run = place.run("ls plain.udf --rom-view --session 1");
    assert_eq!((run.code, run.out.as_str()), (0, "a\n"), "{}", run.err);
}

#[test]
fn a_later_session_that_the_image_has_in_part_is_no_success() {
    for (medium, rom) in [
        ("dvd+r", "--rom udf"),
        ("cd-r", "--rom bridge"),
        ("bd-r", ""),
        ("dvd-r", ""),
    ] {
        let place = three_sessions(medium, rom);
        let session = place.json("info d.udf")["sessions"][1].clone();
        let block = |key: &str| usize::try_from(session[key].as_u64().expect("a block")).expect("a block");
        let (start, last) = (block("start"), block("last_recorded"));
        let image = place.bytes("d.udf");
        for end in [start + 100, start + 300, start + 600, last] {
            let cut = image[..end.min(last) * BLOCK].to_vec();
            let mut zeros = cut.clone();
            zeros.resize((last + 1) * BLOCK, 0);
            for (how, image) in [("cut", cut), ("zeros", zeros)] {
                place.file("part.udf", image);
                let run = place.run("ls part.udf");
                let is_newest = run.out.contains('b');
                assert!(
                    is_newest || run.code == 5,
                    "{medium} {rom}, {how} at {end} of {start}: {}",
                    run.err
                );
            }
        }
    }
}

#[test]
fn the_volume_with_the_vat_is_found_without_its_anchor() {
    for medium in ["cd-r", "dvd+r", "bd-r"] {
        let place = three_sessions(medium, "--rom bridge");
        let sessions = place.json("info d.udf")["sessions"].clone();
        let lines = (0..3).map(|number| {
            let anchor = sessions[number]["start"].as_u64().expect("a block") + 512;
            format!("unreadable {anchor}..{}\n", anchor + 1)
        });
        place.file("faults", lines.collect::<String>());
        let run = place.run("--faults faults ls d.udf");
        assert_eq!(
            (run.code, run.out.as_str()),
            (0, "a\nb\nc\n"),
            "{medium}: {}",
            run.err
        );
        assert!(run.err.contains("anchor"), "{}", run.err);
    }
}

#[test]
fn the_last_block_decides_what_a_disc_shows() {
    let place = Place::new();
    place.file("a", "a");
    place.file("b", "b");
    place.ok("format d.udf --medium dvd+r");
    place.ok("add d.udf a");
    let block = place.json("info d.udf")["volume"]["vat_icb"].clone();
    place.ok("add d.udf b");
    place.file("bare.udf", place.bytes("d.udf"));
    for image in ["d.udf", "bare.udf"] {
        let run = place.run(&format!("ls {image} --last-block {block}"));
        assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, "a\n", ""));
        let info = place.json(&format!("info {image} --last-block {block}"));
        assert_eq!(info["volume"]["vat_icb"], block);
    }
}

#[test]
fn a_session_or_block_that_was_never_recorded_is_refused() {
    let place = Place::new();
    place.file("a", "a");
    place.ok("burn a --to d.udf --medium dvd+r --close");
    for arguments in ["--session 0", "--session 2", "--last-block 4000000000"] {
        let run = place.run(&format!("ls d.udf {arguments}"));
        assert_eq!((run.code, run.out.as_str()), (1, ""), "{arguments}");
        assert!(run.err.contains("hint: `oncefs info DISC`"), "{}", run.err);
    }
    assert_eq!(place.run("ls d.udf --session 1 --last-block 300").code, 2);
}

#[test]
fn an_earlier_state_is_not_recorded_on() {
    let place = three_sessions("bd-r", "");
    let before = place.bytes("d.udf");
    let run = place.run("mount d.udf m --session 1");
    assert_eq!(run.code, 2, "{}", run.err);
    assert_eq!(place.run("info d.udf --session 1").code, 0);
    assert!(place.bytes("d.udf") == before);
}
