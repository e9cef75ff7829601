//! Discs of rewritable media, which are read-only here: spared packets, a metadata file and its mirror, named
//! streams.

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use common::Place;
use ecma167::BLOCK_SIZE;
use ecma167::general::tag::{self, Tag, TagVersion};
use serde_json::{Value, json};
use zerocopy::FromBytes as _;

/// Writes zeros to these blocks.
fn wipe(place: &Place, blocks: &[u64]) {
    let mut bytes = place.bytes("disc.udf");
    for block in blocks {
        let at = usize::try_from(*block).unwrap() * BLOCK_SIZE;
        bytes[at..at + BLOCK_SIZE].fill(0);
    }
    fs::write(place.path("disc.udf"), bytes).unwrap();
}

#[test]
fn spared_packets_and_metadata_files_are_read_through() {
    for base in ["sparable-201", "metadata-250", "metadata-sparable"] {
        let place = Place::with_base(base);
        assert_eq!(place.ok("ls disc.udf"), "directory\nfile\nlarge\n");
        assert_eq!(place.ok("cat disc.udf /file"), "text");
        let words = place.ok("extract disc.udf --to out");
        assert!(
            words.starts_with("extracted 42 files and 2 directories"),
            "{words}"
        );
        assert_eq!(place.bytes("out/large").len(), 40 * BLOCK_SIZE);
        assert_eq!(place.bytes("out/directory/a file with a name 39"), b"x");
        assert!(!place.path("out/file:Zone.Identifier").exists());
        let info = place.json("info disc.udf");
        assert_eq!(
            (&info["losses"], &info["volume"]["clean"]),
            (&json!([]), &json!(true))
        );
        // Nothing is ever recorded there.
        assert_eq!(place.failure("rm disc.udf /file")["kind"], "read-only");
    }
}

#[test]
fn a_volume_of_mkudffs_for_rewritable_media_is_read() {
    let place = Place::with_base("mkudffs-cdrw");
    assert!(place.names("disc.udf").is_empty());
    assert_eq!(
        place.json("info disc.udf")["volume"]["system_streams"],
        json!(["*UDF Non-Allocatable Space"])
    );
    let words = place.ok("info disc.udf");
    assert!(
        words.contains("a stream of the file set: space that must not be allocated"),
        "{words}"
    );
    let sparing = &place.json("fsctl disc.udf query-sparing-info")["output"];
    assert_eq!(sparing["sparing_unit_bytes"], 32 * BLOCK_SIZE);
    assert_eq!(sparing["software_sparing"], true);
    assert_eq!(
        (&sparing["total_spare_blocks"], &sparing["free_spare_blocks"]),
        (&json!(1024), &json!(1024))
    );
}

#[test]
fn without_a_sparing_table_everything_is_shown_with_exit_code_5() {
    let place = Place::with_base("sparable-201");
    wipe(&place, &[100, 110, 120]);
    let run = place.run("cat disc.udf /file");
    assert_eq!((run.code, run.out.as_str()), (0, "text"), "{}", run.err);
    assert_eq!(
        run.err.matches("warning: sparing table").count(),
        3,
        "{}",
        run.err
    );
    wipe(&place, &[130]);
    // The packet of the file set is spared.
    let run = place.run("info disc.udf");
    assert_eq!(run.code, 5, "{}", run.err);
    assert!(run.err.contains("READ FROM THEIR ORIGINAL PLACE"), "{}", run.err);
}

#[test]
fn use_of_the_mirror_is_reported_at_the_end() {
    let place = Place::with_base("metadata-250");
    let image = &hostile::bases::named("metadata-250").image;
    let file = image
        .blocks
        .iter()
        .find(|(_, block)| block.windows(4).any(|bytes| bytes == b"text"))
        .map(|(at, _)| u64::from(*at));
    wipe(&place, &[file.unwrap()]);
    let run = place.run("cat disc.udf /file");
    assert_eq!((run.code, run.out.as_str()), (0, "text"), "{}", run.err);
    assert!(
        run.err.contains("warning: metadata file") && run.err.contains("its mirror in logical sector"),
        "{}",
        run.err
    );
}

#[test]
fn streams_are_listed_beside_their_file() {
    let place = Place::with_base("metadata-250");
    assert_eq!(
        place.ok("ls disc.udf --streams"),
        "directory\nfile\nfile:*UDF NT ACL (access control list of Windows NT)\nfile:Zone.Identifier\nlarge\n"
    );
    let long = place.ok("ls disc.udf -lR --streams");
    let line = long.lines().find(|line| line.ends_with(" /file:Zone.Identifier"));
    assert!(line.is_some_and(|line| line.contains(" 14 ")), "{long}");
    let listed = place.json("ls disc.udf --streams");
    let streams = |name: &str| -> Value {
        let files = listed.as_array().unwrap();
        let found = files.iter().find(|file| file["path"] == format!("/{name}"));
        found.unwrap()["streams"].clone()
    };
    assert_eq!(
        streams("file"),
        json!([
            {
                "name": "*UDF NT ACL",
                "size": 3 * BLOCK_SIZE,
                "metadata": true,
                "meaning": "access control list of Windows NT",
            },
            {"name": "Zone.Identifier", "size": 14, "metadata": false},
        ])
    );
    assert_eq!(streams("large"), json!([]));
    assert!(place.json("ls disc.udf")[0].get("streams").is_none());
}

#[test]
fn a_stream_is_printed_by_its_name() {
    let place = Place::with_base("metadata-250");
    assert_eq!(
        place.ok("cat disc.udf /file --stream Zone.Identifier"),
        "[ZoneTransfer]"
    );
    let failure = place.failure("cat disc.udf /file --stream other");
    assert_eq!(failure["exit_code"], 1);
    assert!(
        failure["message"].as_str().unwrap().contains("no stream"),
        "{failure}"
    );
    assert_eq!(place.failure("cat disc.udf /large --stream x")["exit_code"], 1);
}

#[test]
fn streams_are_extracted_beside_their_file() {
    let place = Place::with_base("metadata-250");
    let words = place.ok("extract disc.udf --streams --to out");
    assert!(words.contains("2 streams"), "{words}");
    assert_eq!(place.bytes("out/file:Zone.Identifier"), b"[ZoneTransfer]");
    assert_eq!(place.bytes("out/file:*UDF NT ACL").len(), 3 * BLOCK_SIZE);
    let mode = fs::metadata(place.path("out/file:Zone.Identifier")).unwrap();
    assert_eq!(mode.permissions().mode() & 0o7111, 0);
    assert_eq!(
        place.json("extract disc.udf /file --streams --to other")["streams"],
        2
    );
    // They are in the way like any other file, and then nothing is written.
    place.file("again/file:Zone.Identifier", b"mine");
    let failure = place.failure("extract disc.udf --streams --to again");
    assert_eq!(failure["kind"], "exists");
    assert!(!place.path("again/file").exists());
    assert_eq!(place.bytes("again/file:Zone.Identifier"), b"mine");
    place.ok("extract disc.udf --streams --to again --yes");
    assert_eq!(place.bytes("again/file:Zone.Identifier"), b"[ZoneTransfer]");
}

#[test]
fn access_control_lists_are_extracted_as_files_and_never_applied() {
    let place = Place::with_base("metadata-250");
    place.ok("extract disc.udf /file --to without");
    place.ok("extract disc.udf /file --streams --to with");
    let seen = |file: &str| {
        let metadata = fs::metadata(place.path(file)).unwrap();
        let mut names = Vec::with_capacity(1 << 12);
        let listed = rustix::fs::listxattr(place.path(file), rustix::buffer::spare_capacity(&mut names));
        listed.unwrap();
        (metadata.permissions().mode(), names)
    };
    assert_eq!(seen("with/file"), seen("without/file"));
    assert!(place.path("with/file:*UDF NT ACL").is_file());
    let words = place.ok("ls disc.udf -l --streams");
    assert!(
        words.contains(":*UDF NT ACL (access control list of Windows NT)\n"),
        "{words}"
    );
}

#[test]
fn a_stream_whose_name_leads_elsewhere_stays_next_to_its_file() {
    let place = Place::with_base("metadata-250");
    let mut bytes = place.bytes("disc.udf");
    let name = b"Zone.Identifier";
    for at in 0..bytes.len() - name.len() {
        if bytes[at..].starts_with(name) {
            bytes[at..at + name.len()].copy_from_slice(b"/../../../../xy");
            // Its descriptor is in the entry of the stream directory.
            let (descriptor, block) = (at - 39, at / BLOCK_SIZE * BLOCK_SIZE);
            seal(&mut bytes[descriptor..descriptor + 56]);
            seal(&mut bytes[block..block + BLOCK_SIZE]);
        }
    }
    fs::write(place.path("disc.udf"), bytes).unwrap();
    let run = place.run("extract disc.udf --streams --to out/below");
    assert_eq!(run.code, 0, "{}", run.err);
    let names = fs::read_dir(place.path("out/below")).unwrap();
    let names: Vec<_> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(
        names.iter().any(|name| name.starts_with("file:_.._.._.._.._xy#")),
        "{names:?}"
    );
    assert!(!place.path("xy").exists() && !place.path("out/xy").exists());
}

/// Corrects the CRC and the checksum of a descriptor.
fn seal(descriptor: &mut [u8]) {
    let (tag, _) = Tag::read_from_prefix(descriptor).unwrap();
    let covered = Tag::LEN + usize::from(tag.descriptor_crc_length.get());
    let location = tag.tag_location.get();
    tag::seal(
        &mut descriptor[..covered],
        tag.identifier(),
        TagVersion::Three,
        location,
    );
}

#[test]
fn a_mount_shows_streams_as_attributes_of_their_file() {
    // If the user of the tests may mount: crates/fuse/tests report when not.
    let place = Place::with_base("metadata-250");
    fs::create_dir(place.path("m")).unwrap();
    if !rustix::process::geteuid().is_root() || place.run("mount disc.udf m").code != 0 {
        return;
    }
    let file = place.path("m/file");
    let mut names = [0; 100];
    let length = rustix::fs::listxattr(&file, &mut names[..]).unwrap();
    assert_eq!(&names[..length], b"user.Zone.Identifier\0");
    let mut value = [0; 100];
    let length = rustix::fs::getxattr(&file, "user.Zone.Identifier", &mut value[..]).unwrap();
    assert_eq!(&value[..length], b"[ZoneTransfer]");
    let short = rustix::fs::getxattr(&file, "user.Zone.Identifier", &mut value[..3]);
    assert_eq!(short, Err(rustix::io::Errno::RANGE));
    let other = rustix::fs::getxattr(&file, "user.other", &mut value[..]);
    assert_eq!(other, Err(rustix::io::Errno::NODATA));
    assert_eq!(
        rustix::fs::listxattr(place.path("m/large"), &mut names[..]),
        Ok(0)
    );
    assert_eq!(fs::read(place.path("m/large")).unwrap().len(), 40 * BLOCK_SIZE);
    place.ok("unmount m");
}
