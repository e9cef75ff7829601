//! Flips every byte of every structure in turn: each flip has a finding, unless the byte may have any value.

mod bench;

use std::ops::Range;

use bench::{Changeable, Disc, Places, add_directory, add_file, content, repair, time};
use ecma167::osta::Revision;
use emulator::Medium;
use recording::{Attributes, NodeKind};

/// A structure, its length, and those of its bytes that may have any value, or at least many.
struct Structure {
    name: String,
    sector: u32,
    length: usize,
    free: Vec<Range<usize>>,
}

fn disc(revision: Revision) -> Disc {
    let disc = Disc::formatted(Medium::DvdPlusR, 4000, revision);
    let mut recording = disc.recording();
    let root = recording.root();
    let directory = add_directory(&mut recording, root, "directory");
    add_file(&mut recording, directory, "small", b"embedded");
    let large = add_file(&mut recording, root, "large", &content(5000, 2));
    let attributes = Attributes::at(0o755, time(3));
    let device = NodeKind::CharacterDevice { major: 4, minor: 64 };
    recording.create(root, "tty", device, &attributes).unwrap();
    recording.symlink(root, "symlink", "../a", &attributes).unwrap();
    // Its ID is far enough from that of the file that flipping a bit of one does not yield the other.
    recording.link(large, directory, "link").unwrap();
    recording.commit(time(3)).unwrap();
    drop(recording);
    disc.assert_clean("before anything is changed");
    disc
}

/// The bytes of an entry that may change; its times can become other possible times.
fn entry_free(revision: Revision, vat: bool) -> Vec<Range<usize>> {
    // Archive, system and the other permitted flags; owners; permissions; times; implementation use.
    let mut free = vec![34..36, 36..47];
    match revision {
        Revision::V1_50 => free.extend([72..108, 108..112, 130..136, 152..160]),
        _ => free.extend([80..128, 128..132, 170..176, 192..200]),
    }
    if vat {
        // The next unique ID may be any higher one.
        free.push(if revision == Revision::V1_50 {
            160..168
        } else {
            200..208
        });
    }
    free
}

fn structures(disc: &mut Changeable, places: &Places) -> Vec<Structure> {
    let revision = places.revision;
    let mut all = Vec::new();
    let mut add = |name: &str, sector: u32, length: usize, free: &[Range<usize>]| {
        all.push(Structure {
            name: name.to_owned(),
            sector,
            length,
            free: free.to_vec(),
        });
    };
    add("anchor", 256, 512, &[]);
    add("terminating descriptor", 37, 512, &[]);
    for start in [32, 48] {
        // All of these are in both sequences, so that any change makes a difference.
        add("primary volume descriptor", start, 512, &[]);
        add("partition descriptor", start + 2, 512, &[]);
        add("logical volume descriptor", start + 3, 510, &[]);
        add("unallocated space descriptor", start + 4, 24, &[]);
    }
    // Time, the stale unique ID and free space, operating system and free bytes of the identifier, files,
    // directories, minimum read revision.
    add(
        "integrity descriptor",
        64,
        142,
        &[16..28, 40..48, 80..84, 97..104, 120..128, 128..137],
    );
    // Time, names, implementation identifier.
    add(
        "file set descriptor",
        places.nodes[0],
        512,
        &[16..28, 304..336, 406..410, 411..412],
    );
    let length = if revision == Revision::V1_50 { 176 } else { 216 };
    let root = entry_free(revision, false);
    add("root directory", places.nodes[1], length, &root);
    for (name, file_type, bytes) in [
        ("file", 5, Some(5000)),
        ("embedded file", 5, Some(8)),
        ("device", 7, None),
        ("symbolic link", 12, None),
    ] {
        let address = places.node(disc, file_type, bytes);
        let mut free = root.clone();
        // The other kind of device; in UDF 1.50 any other unique ID.
        free.extend((file_type == 7).then_some(27..28));
        free.extend((revision == Revision::V1_50).then_some(160..168));
        add(name, places.nodes[address], length, &free);
    }
    add("VAT ICB", places.last, length, &entry_free(revision, true));
    all
}

fn flip_all(revision: Revision) {
    let disc = disc(revision);
    let mut disc = disc.changeable();
    let places = Places::of(&mut disc);
    let mut missed = Vec::new();
    for structure in structures(&mut disc, &places) {
        for at in 0..structure.length {
            let free = structure.free.iter().any(|free| free.contains(&at));
            // The tag, and samples of what the CRC covers.
            if at < 16 || at % 13 == 0 {
                let plain = disc.with(structure.sector, |block| block[at] ^= 0x80);
                if plain.findings().is_empty() {
                    missed.push(format!("{} byte {at}, CRC unchanged", structure.name));
                }
            }
            if at >= 16 && !free {
                for bit in [0x80, 0x01] {
                    let repaired = disc.with(structure.sector, |block| {
                        block[at] ^= bit;
                        repair(block);
                    });
                    if repaired.findings().is_empty() {
                        missed.push(format!("{} byte {at}, bit {bit:#04x}", structure.name));
                    }
                }
            }
        }
    }
    assert!(
        missed.is_empty(),
        "{} missed:\n{}",
        missed.len(),
        missed.join("\n")
    );
}

#[test]
fn every_changed_byte_of_udf_1_50_is_found() {
    flip_all(Revision::V1_50);
}

#[test]
fn every_changed_byte_of_udf_2_01_is_found() {
    flip_all(Revision::V2_01);
}
