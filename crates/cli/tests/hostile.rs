//! Discs that were made to do harm.

mod common;

use std::cell::Cell;
use std::fs;

use common::Place;
use ecma167::BLOCK_SIZE;
use ecma167::file::{FileEntry, FileIdentifier};
use ecma167::general::TagVersion;
use ecma167::osta::{Revision, cs0};

/// Changes file identifier descriptors, in directories that are embedded in their ICB, without changing their length, and
/// makes every checksum right again.
fn edit(place: &Place, change: impl Fn(&mut FileIdentifier)) {
    let mut image = place.bytes("d.udf");
    for block in image.chunks_exact_mut(BLOCK_SIZE) {
        let Ok(mut entry) = FileEntry::decode(block, None) else {
            continue;
        };
        let body = &mut entry.allocation_descriptors;
        let mut at = 0;
        while let Ok((mut identifier, length)) = FileIdentifier::decode(&body[at..], None) {
            change(&mut identifier);
            let encoded = identifier
                .encode(version(), tag_location(&body[at..]))
                .expect("a name");
            body[at..at + length].copy_from_slice(&encoded);
            at += length;
        }
        if at > 0 {
            let encoded = entry
                .encode(version(), tag_location(block))
                .expect("as long as before");
            block.copy_from_slice(&encoded);
        }
    }
    fs::write(place.path("d.udf"), image).expect("the image is written");
}

fn version() -> TagVersion {
    TagVersion::of(Revision::V2_01)
}

/// The location in a descriptor tag (`ECMA-167 3/7.2.8`).
fn tag_location(descriptor: &[u8]) -> u32 {
    u32::from_le_bytes([descriptor[12], descriptor[13], descriptor[14], descriptor[15]])
}

/// Gives what has one name another of the same length.
fn rename(place: &Place, from: &str, to: &str) {
    let [from, to] = [from, to].map(|name| cs0::encode(name).expect("a name"));
    assert_eq!(from.len(), to.len());
    edit(place, |identifier| {
        if identifier.identifier == from {
            to.clone_into(&mut identifier.identifier);
        }
    });
}

#[test]
fn a_link_with_the_name_of_a_directory_leads_nowhere() {
    let place = Place::new();
    fs::create_dir(place.path("outside")).expect("a directory");
    fs::create_dir(place.path("tree")).expect("a directory");
    std::os::unix::fs::symlink(place.path("outside"), place.path("tree/aa")).expect("a link");
    place.file("tree/bb/evil", "harm");
    place.ok("burn tree/. --to d.udf --medium dvd-r --capacity 100M");
    rename(&place, "bb", "aa");
    for force in ["", " --force"] {
        let run = place.run(&format!("extract d.udf --to out{force}"));
        assert_eq!(run.code, 1, "{}{}", run.out, run.err);
        assert!(
            fs::read_dir(place.path("outside"))
                .expect("a directory")
                .next()
                .is_none()
        );
        assert!(place.path("out/aa").is_symlink());
    }
}

#[test]
fn a_name_that_leads_up_stays_below_the_target() {
    let place = Place::new();
    place.file("tree/xx-xx-evil", "harm");
    place.file("tree/zz", "harmless");
    place.ok("burn tree/. --to d.udf --medium dvd-r --capacity 100M");
    rename(&place, "xx-xx-evil", "../../evil");
    rename(&place, "zz", "..");
    place.ok("extract d.udf --to deep/down/out");
    assert!(!place.path("deep/evil").exists() && !place.path("evil").exists());
    let names: Vec<_> = fs::read_dir(place.path("deep/down/out"))
        .expect("a directory")
        .collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn a_directory_that_holds_itself_is_listed_once() {
    let place = Place::new();
    place.file("tree/sub/file", "");
    place.ok("burn tree --to d.udf --medium dvd-r --capacity 100M");
    let tree = Cell::new(None);
    edit(&place, |identifier| {
        if identifier.name().as_deref() == Ok("tree") {
            tree.set(Some(identifier.icb));
        }
    });
    edit(&place, |identifier| {
        if identifier.name().as_deref() == Ok("sub") {
            identifier.icb = tree.get().expect("the directory");
        }
    });

    let run = place.run("ls -R d.udf");
    assert_eq!(
        (run.code, run.out.as_str()),
        (5, "/tree\n/tree/sub\n"),
        "{}",
        run.err
    );
    let run = place.run("extract d.udf --to out");
    assert_eq!(run.code, 5, "{}", run.err);
    let run = place.run("rm -r d.udf /tree");
    assert_ne!(run.code, 0, "{}", run.out);
}
