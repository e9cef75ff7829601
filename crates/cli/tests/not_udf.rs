//! Files without UDF: each is named for what it is, with what to do next, and none is changed.

mod common;

use common::Place;

/// Bytes at a place.
type Part<'a> = (usize, &'a [u8]);

/// An image of 1 MiB with bytes at some places.
fn image(parts: &[Part<'_>]) -> Vec<u8> {
    let mut image = vec![0; 1 << 20];
    for (at, bytes) in parts {
        image[*at..*at + bytes.len()].copy_from_slice(bytes);
    }
    image
}

/// Fails unless every command that reads names the file, with a hint that has these words.
fn is_named(place: &Place, file: &str, words: &str, hint: &str) {
    let before = place.bytes(file);
    for command in ["ls", "info", "check", "cat"] {
        let line = match command {
            "cat" => format!("cat {file} /a"),
            _ => format!("{command} {file}"),
        };
        let run = place.run(&line);
        assert_eq!(run.code, 1, "{line}: {}{}", run.out, run.err);
        let expected = format!("oncefs: {file} is {words}\n");
        assert!(run.err.starts_with(&expected), "{line}: {}", run.err);
        assert!(run.err.contains(hint), "{line}: {}", run.err);
        assert!(
            run.err.contains("oncefs format") == (hint == "oncefs format"),
            "{}",
            run.err
        );
    }
    assert!(place.bytes(file) == before);
}

#[test]
fn other_file_systems_are_named() {
    let place = Place::new();
    let files: [(&str, &[Part<'_>]); 10] = [
        ("an ISO 9660 volume without UDF", &[(32768, b"\x01CD001\x01")]),
        ("an ext2 file system", &[(1080, b"\x53\xEF")]),
        (
            "an ext3 file system",
            &[(1080, b"\x53\xEF"), (1024 + 92, b"\x04")],
        ),
        (
            "an ext4 file system",
            &[(1080, b"\x53\xEF"), (1024 + 96, b"\x40")],
        ),
        ("a FAT file system", &[(82, b"FAT32   "), (510, b"\x55\xAA")]),
        ("an exFAT file system", &[(3, b"EXFAT   "), (510, b"\x55\xAA")]),
        ("an NTFS file system", &[(3, b"NTFS    "), (510, b"\x55\xAA")]),
        ("an HFS file system", &[(1024, b"BD")]),
        ("an HFS+ file system", &[(1024, b"H+\0\x04")]),
        ("an APFS container", &[(32, b"NXSB")]),
    ];
    for (words, parts) in files {
        place.file("x.img", image(parts));
        is_named(&place, "x.img", words, "mount it with the driver");
    }
}

#[test]
fn compressed_and_encrypted_files_are_named() {
    let place = Place::new();
    let files: [(&str, &[u8], &str); 7] = [
        ("a gzip file", b"\x1F\x8B\x08", "decompress"),
        ("an xz file", b"\xFD7zXZ\0", "decompress"),
        ("a zstd file", b"\x28\xB5\x2F\xFD", "decompress"),
        ("a bzip2 file", b"BZh91AY&SY", "decompress"),
        ("a zip archive", b"PK\x03\x04", "unpack"),
        ("a 7z archive", b"7z\xBC\xAF\x27\x1C", "unpack"),
        ("a LUKS encrypted volume", b"LUKS\xBA\xBE", "unlock"),
    ];
    for (words, magic, hint) in files {
        place.file("x", image(&[(0, magic)]));
        is_named(&place, "x", words, hint);
        place.file("x", [magic, &[9; 40]].concat());
        is_named(&place, "x", words, hint);
    }
}

#[test]
fn parts_of_a_dvd_video_and_an_audio_cd_are_named() {
    let place = Place::new();
    place.file("a.ifo", image(&[(0, b"DVDVIDEO-VMG")]));
    is_named(
        &place,
        "a.ifo",
        "a part of a DVD-Video (IFO or BUP)",
        "the whole disc",
    );
    let root = 20_u32.to_le_bytes();
    let length = 2048_u32.to_le_bytes();
    let parts: [Part<'_>; 4] = [
        (32768, b"\x01CD001\x01"),
        (32768 + 156 + 2, &root),
        (32768 + 156 + 10, &length),
        (20 * 2048 + 100, b"\x08VIDEO_TS"),
    ];
    place.file("dvd.iso", image(&parts));
    is_named(
        &place,
        "dvd.iso",
        "an ISO 9660 volume without UDF (DVD-Video)",
        "mount it",
    );
    place.file("cd.bin", vec![5; 2352 * 300]);
    place.file(
        "cd.cue",
        "FILE cd.bin BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n",
    );
    is_named(
        &place,
        "cd.cue",
        "a cue sheet of an audio CD, without a data track",
        "UDF only",
    );
}

#[test]
fn the_hint_to_format_is_given_for_blank_media_only() {
    let place = Place::new();
    place.file("zeros.img", image(&[]));
    is_named(
        &place,
        "zeros.img",
        "blank: only zeros where a volume would be",
        "oncefs format",
    );
    place.file("text", "All of this is text.\n".repeat(500));
    is_named(&place, "text", "a text file", "name the image");
    place.file("noise", common::noise(1 << 20, 7));
    let run = place.run("ls noise");
    assert!(
        run.code == 1 && run.err.contains("no UDF volume found"),
        "{}",
        run.err
    );
    assert!(!run.err.contains("oncefs format"), "{}", run.err);
}

#[test]
fn a_failed_add_to_another_file_system_leaves_no_side_file() {
    let place = Place::new();
    place.file("a", "text");
    place.file("x.iso", image(&[(32768, b"\x01CD001\x01")]));
    let run = place.run("add x.iso a --medium dvd+r");
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(
        run.err
            .starts_with("oncefs: x.iso is an ISO 9660 volume without UDF\n"),
        "{}",
        run.err
    );
    assert!(!place.path("x.iso.oncefs").exists());
}
