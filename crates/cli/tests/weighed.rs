//! `check` on volumes of other programs: what costs no reader anything is not damage.

mod common;

use std::fs;

use common::Place;

#[test]
fn an_image_of_genisoimage_is_not_damaged() {
    let place = Place::with_base("genisoimage");
    let said = place.ok("check disc.udf");
    // Each sequence has a new name of the volume set: two anchors lead there, and it is reported once.
    assert_eq!(said.matches("SequencesDifferInIdentity").count(), 1, "{said}");
    assert!(said.contains(", 2 times\n"), "{said}");
    assert!(said.ends_with("0 errors, 2 warnings, 2 notes\n"), "{said}");
}

#[test]
fn a_wrong_link_count_is_not_damage_if_nothing_is_ever_removed() {
    // pycdlib leaves it at 1, whatever the number of names.
    let place = Place::with_base("genisoimage");
    let mut bytes = fs::read(place.path("disc.udf")).unwrap();
    let is_file = |block: &&mut [u8]| {
        block[..2] == 261_u16.to_le_bytes() && block[27] == 5 && ecma167::general::Tag::peek(block).is_some()
    };
    let file = bytes.chunks_exact_mut(2048).find(is_file).expect("a file");
    file[48] += 2;
    hostile::seal(file);
    fs::write(place.path("disc.udf"), bytes).unwrap();
    let said = place.ok("check disc.udf");
    assert!(said.contains("LinkCountReadOnly"), "{said}");
}

#[test]
fn a_volume_of_the_first_revisions_is_not_damaged() {
    for revision in [0x0100_u16, 0x0101] {
        let place = Place::with_base("genisoimage");
        let mut bytes = fs::read(place.path("disc.udf")).unwrap();
        for block in bytes.chunks_exact_mut(2048) {
            if ecma167::general::Tag::peek(block).is_none() {
                continue;
            }
            // The revision in a logical volume descriptor, a file set descriptor and those for
            // implementations.
            let at = match u16::from_le_bytes([block[0], block[1]]) {
                4 => 44,
                6 => 240,
                256 => 440,
                // The integrity descriptor has none before 1.02.
                9 => {
                    block[128..134].fill(0);
                    hostile::seal(block);
                    continue;
                }
                _ => continue,
            };
            block[at..at + 2].copy_from_slice(&revision.to_le_bytes());
            hostile::seal(block);
        }
        fs::write(place.path("disc.udf"), bytes).unwrap();
        let said = place.ok("check disc.udf");
        assert!(said.contains(&format!("UDF 1.0{}, ", revision & 0xF)), "{said}");
        assert!(!said.contains("Revision"), "{said}");
    }
}

#[test]
fn sparable_volumes_of_mkudffs_have_no_finding() {
    let said = Place::with_base("mkudffs-cdrw").ok("check disc.udf --data");
    assert!(said.ends_with("0 errors, 0 warnings, 0 notes\n"), "{said}");
}

#[test]
fn a_sparable_volume_whose_root_cannot_be_read_is_damaged() {
    let place = Place::with_base("mkudffs-cdrw");
    let mut bytes = fs::read(place.path("disc.udf")).unwrap();
    let is_root = |block: &[u8]| block[0] == 10 && block[1] == 1 && block[27] == 4;
    let root = bytes.chunks_exact(2048).position(is_root).expect("a root");
    bytes[root * 2048..(root + 1) * 2048].fill(0);
    fs::write(place.path("disc.udf"), bytes).unwrap();
    let run = place.run("check disc.udf --data");
    assert_eq!(run.code, 5, "{}", run.out);
    assert!(
        run.out.contains("RootIcb") || run.out.contains("TagIdentifier"),
        "{}",
        run.out
    );
}

#[test]
fn a_map_without_its_partition_descriptor_is_reported_once() {
    let place = Place::with_base("genisoimage");
    let mut bytes = fs::read(place.path("disc.udf")).unwrap();
    for block in bytes.chunks_exact_mut(2048).take(300) {
        if block[..2] == 5_u16.to_le_bytes() && ecma167::general::Tag::peek(block).is_some() {
            block[22] = 1;
            hostile::seal(block);
        }
    }
    fs::write(place.path("disc.udf"), bytes).unwrap();
    let run = place.run("ls disc.udf");
    let contradiction = "partition map 0 refers to partition 0, the only descriptor is of partition 1";
    assert_eq!(run.err.matches(contradiction).count(), 1, "{}", run.err);
    assert!(!run.err.contains("is used"), "{}", run.err);
}
