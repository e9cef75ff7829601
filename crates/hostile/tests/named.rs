//! Images made to do harm, one way each: reader and judge must return a typed error or read safely.

mod common;

use common::{Outcome, entry_names, judge, open, outcome, recording};
use hostile::craft::{self, Long};
use volume::{CorruptKind, Error, Unsupported};

#[test]
fn a_directory_in_itself_is_walked_to_a_bound_and_judged() {
    let image = craft::directory_in_itself();
    let mut volume = open(&image).unwrap();
    assert_eq!(entry_names(&mut volume, "/"), ["itself", "again"]);
    assert!(
        volume.lookup_path("itself/again/itself").is_ok(),
        "each step is a directory of its own"
    );
    assert!(judge(&image).errors() > 0);
}

#[test]
fn directories_in_each_other_are_walked_to_a_bound_and_judged() {
    let image = craft::directories_in_each_other();
    let mut volume = open(&image).unwrap();
    assert_eq!(entry_names(&mut volume, "below"), ["above", "below"]);
    assert!(volume.lookup_path("below/above/below/below").is_ok());
    assert!(judge(&image).errors() > 0);
}

#[test]
fn a_vat_that_names_itself_as_previous_has_no_previous_one() {
    for old in [false, true] {
        let image = craft::vat_before_itself(old, None);
        let mut volume = open(&image).unwrap();
        let vat = volume.vat().unwrap().clone();
        assert!(matches!(volume.previous_vat(&vat), Ok(None)));
        // The one before is found by search.
        assert_eq!(volume.generation().unwrap(), 2);
        assert_eq!(entry_names(&mut volume, "/").len(), 4);
        assert!(judge(&image).errors() > 0);
    }
}

#[test]
fn vats_in_a_circle_are_followed_backwards_only() {
    for old in [false, true] {
        let image = craft::vats_before_each_other(old);
        let mut volume = open(&image).unwrap();
        let newest = volume.vat().unwrap().clone();
        let older = volume.previous_vat(&newest).unwrap().unwrap();
        assert!(older.icb < newest.icb);
        assert!(matches!(volume.previous_vat(&older), Ok(None)));
        assert_eq!(volume.generation().unwrap(), 2);
        assert!(judge(&image).errors() > 0);
    }
}

#[test]
fn a_previous_vat_that_does_not_exist_is_ignored() {
    for block in [0, 1, 0x7FFF_FFFF, 0xFFFF_FFFE] {
        let image = craft::vat_before_itself(false, Some(block));
        let mut volume = open(&image).unwrap();
        let vat = volume.vat().unwrap().clone();
        assert!(matches!(volume.previous_vat(&vat), Ok(None)), "{block}");
    }
}

#[test]
fn a_vat_in_its_own_icb_block_or_in_virtual_space_is_ignored() {
    for in_virtual_space in [false, true] {
        let image = craft::vat_in_itself(in_virtual_space);
        // The previous generation is the one that can be read.
        match outcome(&image) {
            Outcome::Read(names) => assert!(names.len() <= 4, "{names:?}"),
            Outcome::Error(error) => assert!(error.corrupt_kind().is_some(), "{error}"),
        }
        assert!(judge(&image).errors() > 0);
    }
}

#[test]
fn a_node_at_the_vat_icb_is_read_as_bytes_of_its_type() {
    let image = craft::vat_entry_at_the_vat();
    let mut volume = open(&image).unwrap();
    let node = volume.lookup_path("file").unwrap();
    assert_eq!(node.other_type(), Some(248));
    assert!(volume.lookup_path("directory/inner").is_ok());
    assert!(judge(&image).errors() > 0);
}

#[test]
fn a_circle_of_continuations_is_damage() {
    for (count, back_to) in [(1, 0), (2, 0), (8, 7), (8, 3)] {
        let image = craft::continuations(count, back_to);
        let mut volume = open(&image).unwrap();
        let node = volume.lookup_path("file").unwrap();
        let body = volume.body(&node).unwrap();
        let error = volume.read(&body, body.len() - 1, &mut [0]).unwrap_err();
        assert!(
            matches!(error.corrupt_kind(), Some(CorruptKind::ContinuationLoop)),
            "{count} {back_to}: {error}"
        );
        assert!(judge(&image).errors() > 0);
    }
}

#[test]
fn a_continuation_in_the_block_of_its_entry_is_damage() {
    let image = craft::continuation_in_the_entry();
    let mut volume = open(&image).unwrap();
    let node = volume.lookup_path("file").unwrap();
    let body = volume.body(&node).unwrap();
    let error = volume.read(&body, body.len() - 1, &mut [0]).unwrap_err();
    assert!(error.corrupt_kind().is_some(), "{error}");
    assert!(judge(&image).errors() > 0);
}

#[test]
fn a_length_of_2_to_the_63rd_without_extents_is_damage() {
    for long in [Long::Embedded, Long::Recorded, Long::Holes] {
        for bytes in [1 << 63, u64::MAX, (1 << 63) - 1, 1 << 62] {
            let image = craft::length(bytes, long);
            let mut volume = open(&image).unwrap();
            let body = volume.lookup_path("file").and_then(|node| volume.body(&node));
            let error = body
                .and_then(|body| volume.read(&body, body.len() - 1, &mut [0]))
                .unwrap_err();
            let kind = error.corrupt_kind();
            match long {
                Long::Embedded => assert!(matches!(kind, Some(CorruptKind::Malformed(_))), "{error}"),
                _ => assert!(matches!(kind, Some(CorruptKind::BodyTooShort)), "{error}"),
            }
            assert!(judge(&image).errors() > 0);
        }
    }
}

#[test]
fn a_hole_of_a_hundred_gigabytes_reads_as_zeros_everywhere() {
    let bytes = 100 << 30;
    let image = craft::length(bytes, Long::Holes);
    let mut volume = open(&image).unwrap();
    let node = volume.lookup_path("file").unwrap();
    let body = volume.body(&node).unwrap();
    let mut read = [7; 100];
    assert_eq!(volume.read(&body, bytes - 50, &mut read).unwrap(), 50);
    assert_eq!(read[..50], [0; 50]);
    assert_eq!(volume.read(&body, u64::MAX, &mut read).unwrap(), 0);
}

#[test]
fn a_directory_of_a_hundred_gigabytes_of_holes_is_given_up() {
    let image = craft::long_directory(90 << 30, false);
    let mut volume = open(&image).unwrap();
    assert_eq!(entry_names(&mut volume, "/").len(), 128);
    let root = volume.lookup_path("/").unwrap();
    assert!(!matches!(volume.lookup(&root, "absent"), Ok(Some(_))));
    assert!(judge(&image).errors() > 0);
    let mut recording = recording(&image).unwrap();
    let root = recording.root();
    assert!(recording.entries(root).is_err());
    assert!(recording.lookup(root, "absent").is_err());
}

#[test]
fn a_directory_of_repeated_blocks_is_read_up_to_the_recorded_size() {
    let image = craft::long_directory(100 * 8 * 2048, true);
    let mut volume = open(&image).unwrap();
    let names = entry_names(&mut volume, "/").len();
    let recorded = usize::try_from(volume.recorded_bytes()).unwrap();
    assert_eq!(names, recorded / 128, "each name takes 128 bytes");
    assert!(judge(&image).errors() > 0);
    let mut recording = recording(&image).unwrap();
    let root = recording.root();
    assert!(recording.entries(root).is_err());
}

#[test]
fn a_million_extents_are_read_and_more_are_unsupported() {
    let image = craft::extents(1_000_000);
    let mut volume = open(&image).unwrap();
    let node = volume.lookup_path("file").unwrap();
    let body = volume.body(&node).unwrap();
    assert_eq!(body.len(), 1_000_000 * 2048);
    assert_eq!(
        volume.read(&body, 999_999 * 2048 - 10, &mut [0; 2058]).unwrap(),
        2058
    );
    drop(volume);
    judge(&image);

    let image = craft::extents((1 << 20) + 1);
    let mut volume = open(&image).unwrap();
    let node = volume.lookup_path("file").unwrap();
    let error = volume.body(&node).unwrap_err();
    assert!(
        matches!(error, Error::Unsupported(Unsupported::Extents(_))),
        "{error}"
    );
    drop(volume);
    judge(&image);
}

#[test]
fn names_that_no_host_allows_become_single_components() {
    let names: [&[u8]; 11] = [
        b"\x08a/b",
        b"\x08/etc/passwd",
        b"\x08..",
        b"\x08.",
        b"\x08a\0b",
        b"\x08\0",
        b"\x10\0a\0/\0b",
        b"\x10\xD8\0\0a",
        b"\x10\0a\0",
        b"\x09abc",
        b"\x08",
    ];
    let image = craft::names(&names);
    let mut volume = open(&image).unwrap();
    let found = entry_names(&mut volume, "/");
    assert_eq!(found.len(), names.len(), "{found:?}");
    for name in &found {
        assert!(!name.contains(['/', '\0']), "{name:?}");
        assert!(!matches!(name.as_str(), "." | ".."), "{name:?}");
    }
    assert!(judge(&image).errors() > 0);
}

#[test]
fn an_empty_name_does_not_stop_reading() {
    let image = craft::names(&[b"", b"\x08after"]);
    let mut volume = open(&image).unwrap();
    assert_eq!(
        entry_names(&mut volume, "/").last().map(String::as_str),
        Some("after")
    );
    assert!(volume.lookup_path("after").is_ok());
    assert!(judge(&image).errors() > 0);
}

#[test]
fn two_entries_with_one_name_are_found_by_two_names() {
    let image = craft::names(&[b"\x08same", b"\x08same"]);
    let mut volume = open(&image).unwrap();
    assert_eq!(entry_names(&mut volume, "/"), ["same", "same~2"]);
    assert!(volume.lookup_path("same").is_ok());
    assert!(volume.lookup_path("same~2").is_ok());
    assert!(judge(&image).errors() > 0);
}

#[test]
fn links_of_odd_components_are_damage_or_paths_without_nul() {
    let component = |kind: u8, name: &[u8]| {
        let mut bytes = vec![kind, u8::try_from(name.len()).unwrap(), 0, 0];
        bytes.extend(name);
        bytes
    };
    let links = [
        component(5, b"\x08a/b"),
        component(5, b"\x08.."),
        component(5, b"\x08a\0b"),
        component(5, b""),
        component(5, b"\x08"),
        component(5, b"\x10\xDC\0"),
        component(1, b"\x08x"),
        component(2, b"\x08x"),
        component(0, b""),
        component(6, b"\x08x"),
        component(3, b"").repeat(400),
        vec![5, 200, 0, 0, 8],
        vec![5],
        Vec::new(),
    ];
    for link in links {
        let image = craft::symbolic_link(&link);
        let mut volume = open(&image).unwrap();
        let node = volume.lookup_path("link").unwrap();
        match volume.symlink_target(&node) {
            Ok(target) => assert!(!target.contains('\0'), "{link:02x?}: {target:?}"),
            Err(error) => assert!(error.corrupt_kind().is_some(), "{link:02x?}: {error}"),
        }
        judge(&image);
    }
}
