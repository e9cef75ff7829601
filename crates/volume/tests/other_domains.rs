//! Volumes of plain ECMA-167: another domain, or none, and other character sets.

mod common;

use common::{Disc, content, names};
use ecma167::file::{FileCharacteristics, FileIdentifier, LongAd};
use ecma167::general::{Charspec, EntityIdentifier};
use ecma167::osta::Revision;
use ecma167::recognition::Nsr;
use zerocopy::FromZeros;

/// CS2, with the characters of file identifiers in one byte each (`ECMA-167 1/7.2.4`).
fn cs2() -> Charspec {
    let mut set = Charspec::OSTA_COMPRESSED_UNICODE;
    set.character_set_type = 2;
    set.character_set_information = [0; 63];
    set
}

#[test]
fn a_volume_of_another_domain_or_of_none_is_read() {
    for revision in [Revision::V1_02, Revision::V2_01] {
        for domain in [
            EntityIdentifier::new_zeroed(),
            EntityIdentifier::new("*Another Domain", [0xFF; 8]),
        ] {
            let mut disc = Disc::plain(revision);
            disc.domain = domain;
            let file = disc.file(b"bytes");
            disc.root(&[("file", file)]);
            disc.describe();
            let mut volume = disc.open();
            assert_eq!(content(&mut volume, "file"), b"bytes");
            assert_eq!(volume.label(), "label");
            let nsr = volume.recognition();
            assert!(matches!(nsr, Some(Nsr::Nsr02 | Nsr::Nsr03)));
        }
    }
}

#[test]
fn both_kinds_of_file_entries_are_read_in_every_revision() {
    for revision in Revision::ALL {
        for extended in [false, true] {
            let mut disc = Disc::plain(revision);
            let mut entry = disc.embedded(ecma167::file::FileType::FILE, b"bytes");
            entry.extended = extended;
            let file = disc.put(&entry);
            disc.root(&[("file", file)]);
            assert_eq!(content(&mut disc.open(), "file"), b"bytes");
        }
    }
}

#[test]
fn names_in_another_character_set_are_shown_and_found() {
    let mut disc = Disc::plain(Revision::V1_02);
    disc.character_set = cs2();
    let file = disc.file(b"bytes");
    let mut fids = disc.fids(&[]);
    for name in [&b"README.TXT"[..], b"Gr\xFCn", b"a/b"] {
        let mut fid = FileIdentifier::new("x", FileCharacteristics::empty(), LongAd::icb(file)).unwrap();
        fid.identifier = name.to_vec();
        fids.extend(disc.fid(fid));
    }
    disc.root_of(&fids);
    disc.describe();
    let mut volume = disc.open();
    let names = names(&mut volume);
    assert_eq!(names[0], "README.TXT");
    assert_eq!(names.len(), 3);
    for name in names {
        assert_eq!(content(&mut volume, &name), b"bytes", "{name}");
    }
}
