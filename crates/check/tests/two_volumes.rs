//! Discs with a plain volume next to the one with the VAT.

mod bench;

use bench::{Changeable, Disc, add_everything, add_file, content, repair, time, word};
use check::{FindingKind, Options};
use ecma167::osta::Revision;
use emulator::{FaultScript, Keep, Medium};
use recording::{CloseDisc, NoPlainVolume, PlainVolume, Rom};

const MEDIA: [Medium; 4] = [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR];

fn rom(bridge: bool, links: bool) -> Option<Rom> {
    Some(Rom {
        // With the recognition sequence of the other volume a disc has it from the first.
        revision: if bridge { Revision::V1_02 } else { Revision::V2_01 },
        bridge,
        links,
        is_optional: false,
    })
}

/// Adds names and shapes for which the two volumes and the bridge differ.
fn add_hard_tree(recording: &mut recording::Recording, name: &str) {
    add_everything(recording, name);
    let root = recording.root();
    let hard = bench::add_directory(recording, root, &format!("{name} hard"));
    for number in 0..3 {
        add_file(
            recording,
            hard,
            &format!("{}{number}.tar.gz", "x".repeat(200)),
            &content(number * 3000, 9),
        );
    }
    add_file(recording, hard, &"é".repeat(100), b"two bytes each");
    add_file(recording, hard, &format!("{}.txt", "名".repeat(80)), b"three");
    for name in [
        "a:b", "a_b", "a?b", "a*b", "A_B", "a_b.c", "a:b.c", "end.", ".profile",
    ] {
        add_file(recording, hard, name, b"");
    }
    let mut deep = hard;
    for level in 0..15 {
        deep = bench::add_directory(recording, deep, &format!("level {level}"));
        add_file(recording, deep, "file", &content(level * 100, 3));
    }
    let linked = add_file(recording, hard, "linked", &content(5000, 3));
    recording.link(linked, deep, "once more").unwrap();
    recording.link(linked, hard, "and again").unwrap();
}

#[test]
fn a_disc_with_two_volumes_has_no_finding_from_formatting_to_finalizing() {
    for medium in MEDIA {
        for (bridge, links) in [(true, false), (false, false), (true, true)] {
            let disc = Disc::with_rom(medium, 60_000, Revision::V2_01, rom(bridge, links));
            let at = |state: &str| format!("{medium}, bridge {bridge}, links {links}, {state}");
            disc.assert_clean(&at("formatted"));
            let mut recording = disc.recording();
            add_hard_tree(&mut recording, "first");
            recording.commit(time(3)).unwrap();
            drop(recording);
            disc.assert_clean(&at("committed"));
            assert!(!disc.recording().close(CloseDisc::No, time(5)).unwrap().finalized);
            disc.assert_clean(&at("closed"));
            let mut recording = disc.recording();
            add_hard_tree(&mut recording, "second");
            let first = recording.lookup_path("first").unwrap();
            recording.unlink(first, "small").unwrap();
            recording.commit(time(6)).unwrap();
            drop(recording);
            disc.assert_clean(&at("second session"));
            let mut recording = disc.recording();
            let root = recording.root();
            add_file(&mut recording, root, "last", &content(10_000, 5));
            recording.close(CloseDisc::Yes, time(7)).unwrap();
            drop(recording);
            disc.assert_clean(&at("finalized"));
        }
    }
}

#[test]
fn files_that_are_named_extent_by_extent_for_lack_of_room_are_no_finding() {
    for bridge in [true, false] {
        let disc = Disc::with_rom(Medium::BdR, 8_000, Revision::V2_01, rom(bridge, false));
        let mut recording = disc.recording();
        let root = recording.root();
        let file = add_file(&mut recording, root, "hole", b"");
        // Zeros as long as readers need do not fit.
        recording.truncate(file, 4 << 30).unwrap();
        recording.commit(time(3)).unwrap();
        recording.close(CloseDisc::No, time(5)).unwrap();
        assert_eq!(
            recording
                .plain_volume_differences()
                .map(|differences| differences.in_allocation_extents),
            Some(1)
        );
        drop(recording);
        disc.assert_clean(&format!("bridge {bridge}"));
    }
}

/// A closed disc whose blocks can be changed.
struct Closed {
    disc: Changeable,
    _medium: Disc,
}

fn word_at(bytes: &[u8], at: usize) -> usize {
    usize::try_from(word(bytes, at)).unwrap()
}

impl Closed {
    fn new() -> Self {
        let medium = Disc::with_rom(Medium::DvdPlusR, 60_000, Revision::V2_01, rom(true, false));
        let mut recording = medium.recording();
        let root = recording.root();
        let inner = bench::add_directory(&mut recording, root, "Inner");
        add_file(&mut recording, inner, "deep", &content(5000, 3));
        add_file(&mut recording, root, "small", b"small");
        add_file(&mut recording, root, "zlarge", &content(100_000, 2));
        let long = format!("{}.tar.gz", "x".repeat(200));
        add_file(&mut recording, root, &long, &content(3000, 4));
        let attributes = recording::Attributes::at(0o777, time(3));
        recording
            .symlink(root, "link", "Inner/../small", &attributes)
            .unwrap();
        recording.close(CloseDisc::No, time(5)).unwrap();
        drop(recording);
        medium.assert_clean("before it is changed");
        Self {
            disc: medium.changeable(),
            _medium: medium,
        }
    }

    /// Judges the changes, and undoes them.
    fn kinds(&mut self) -> (bool, Vec<FindingKind>, String) {
        let options = Options {
            read_data: true,
            ..Options::default()
        };
        let report = check::check(&mut self.disc.drive, &options);
        self.disc.restore();
        let kinds = report.kinds().collect();
        (report.is_clean(), kinds, bench::listing(&report))
    }

    /// Changes bytes of a block, and corrects the tag at its start if it has one.
    fn put(&mut self, sector: u32, at: usize, bytes: &[u8]) {
        let mut block = self.disc.block(sector);
        let mut repaired = block;
        repair(&mut repaired);
        let is_tagged = repaired == block && block[..2] != [0, 0];
        block[at..at + bytes.len()].copy_from_slice(bytes);
        if is_tagged {
            repair(&mut block);
        }
        self.disc.put(sector, block);
    }

    fn expect(&mut self, kind: FindingKind, what: &str) {
        let (_, kinds, listing) = self.kinds();
        assert!(kinds.contains(&kind), "{what}: no {kind:?} in {listing}");
    }

    fn flip(&mut self, sector: u32, at: usize) {
        let block = self.disc.block(sector);
        self.put(sector, at, &[block[at] ^ 0x80]);
    }

    /// The first sector of the directory with this entry, and its bytes.
    fn directory(&mut self, entry: u32) -> (u32, usize) {
        let block = self.disc.block(entry);
        let at = 176 + word_at(&block, 168);
        (257 + word(&block, at + 4), word_at(&block, at))
    }

    /// The entry of the root of the plain volume.
    fn root(&mut self) -> u32 {
        257 + word(&self.disc.block(257), 404)
    }

    /// The entry that a name leads to, and the offset of its FID in the only block of the root.
    fn entry(&mut self, name: &str) -> (u32, usize) {
        let root = self.root();
        let (sector, length) = self.directory(root);
        let block = self.disc.block(sector);
        let mut at = 0;
        while at < length {
            let size = (38 + usize::from(block[at + 19])).next_multiple_of(4);
            if block[at + 38..at + size]
                .windows(name.len())
                .any(|part| part == name.as_bytes())
            {
                return (257 + word(&block, at + 24), at);
            }
            at += size;
        }
        panic!("no {name}");
    }

    /// The extent of the root in the tree of the descriptor at this sector.
    fn iso_root(&mut self, descriptor: u32) -> (u32, usize) {
        let block = self.disc.block(descriptor);
        (word(&block, 158), word_at(&block, 166))
    }
}

#[test]
fn a_plain_volume_node_that_differs_is_found() {
    let mut closed = Closed::new();
    let (entry, fid) = closed.entry("zlarge");
    for (field, at, bytes) in [
        ("owner", 36, &[7, 0, 0, 0][..]),
        ("permissions", 44, &[0, 0, 0, 0]),
        ("modification time", 88, &[1]),
        ("unique ID", 160, &[77]),
        ("size", 56, &[0]),
        ("setuid", 34, &[0x40]),
    ] {
        closed.put(entry, at, bytes);
        closed.expect(FindingKind::PlainNode, field);
    }
    let (small, _) = closed.entry("small");
    for (what, entry) in [("of the disc", entry), ("copied", small)] {
        let block = closed.disc.block(entry);
        // After the extended attributes.
        let descriptors = 176 + word_at(&block, 168);
        let moved = word(&block, descriptors + 4) + 1;
        closed.put(entry, descriptors + 4, &moved.to_le_bytes());
        closed.expect(FindingKind::PlainData, what);
    }
    let root = closed.root();
    let (sector, _) = closed.directory(root);
    let name = |closed: &mut Closed, change: &dyn Fn(&mut [u8])| {
        let mut block = closed.disc.block(sector);
        let size = (38 + usize::from(block[fid + 19])).next_multiple_of(4);
        change(&mut block[fid..fid + size]);
        repair(&mut block[fid..fid + size]);
        closed.disc.put(sector, block);
    };
    name(&mut closed, &|fid| fid[39] = b'y');
    closed.expect(FindingKind::PlainNames, "a name");
    name(&mut closed, &|fid| {
        fid[24..28].copy_from_slice(&(small - 257).to_le_bytes())
    });
    closed.expect(FindingKind::PlainNode, "another node");
}

#[test]
fn a_node_of_the_other_volume_that_differs_is_found() {
    let mut closed = Closed::new();
    let places = closed.nodes_with_vat();
    for sector in places {
        closed.put(sector, 36, &[9, 0, 0, 0]);
        closed.expect(FindingKind::PlainNode, "owner by the VAT");
    }
}

impl Closed {
    /// Extended file entries of regular files of the volume with the VAT.
    fn nodes_with_vat(&mut self) -> Vec<u32> {
        let run = word(&self.disc.block(33), 396);
        let mut found = Vec::new();
        for sector in 560..run {
            let block = self.disc.block(sector);
            if block[..2] == [10, 1] && block[27] == 5 {
                found.push(sector);
            }
        }
        assert!(found.len() >= 4, "{found:?}");
        found
    }
}

#[test]
fn what_the_volumes_say_about_each_other_is_judged() {
    let mut closed = Closed::new();
    let reserve = word(&closed.disc.block(33), 400);
    let last = word(&closed.disc.block(33), 404);
    for (at, byte) in [(316, 1), (317, 0xFF)] {
        for sector in [35, reserve + 3] {
            closed.put(sector, at, &[byte]);
        }
        closed.expect(FindingKind::CompanionDiffers, "logical volume descriptor");
    }
    for at in [396, 400, 404, 424, 432] {
        for sector in [33, reserve + 1] {
            closed.put(sector, at, &[0, 0, 0, 0x70]);
        }
        closed.expect(FindingKind::PlainPlacement, "placement");
    }
    for sector in [reserve + 40, last - 3] {
        closed.put(sector, 20, &[1]);
        closed.expect(FindingKind::PlainTail, "an anchor of the tail");
    }
    closed.disc.put(512, [0; 2048]);
    closed.expect(FindingKind::VatVolumeAnchor, "the anchor at S+512");
    closed.disc.put(256, [0; 2048]);
    let (clean, ..) = closed.kinds();
    assert!(!clean, "no anchor at S+256");
    for (sector, at) in [(256, 20), (257, 404), (64, 84), (34, 188)] {
        closed.flip(sector, at);
        let (clean, ..) = closed.kinds();
        assert!(!clean, "byte {at} of sector {sector}");
    }
}

#[test]
fn every_byte_of_bridge_directories_and_path_tables_is_checked() {
    let mut closed = Closed::new();
    let mut missed = Vec::new();
    let mut places = Vec::new();
    for descriptor in [16, 17] {
        let block = closed.disc.block(descriptor);
        let length = word_at(&block, 132);
        let type_m = u32::from_be_bytes(block[148..152].try_into().unwrap());
        places.push((word(&block, 140), length));
        places.push((type_m, length));
        let (root, length) = closed.iso_root(descriptor);
        assert_eq!(length, 2048);
        let records = closed.disc.block(root);
        let mut used = 0;
        while records[used] > 0 {
            used += usize::from(records[used]);
        }
        places.push((root, used + 1));
    }
    for (sector, length) in places {
        for at in 0..length {
            closed.flip(sector, at);
            if closed.kinds().0 {
                missed.push((sector, at));
            }
        }
    }
    assert!(missed.is_empty(), "nothing found: {missed:?}");
}

#[test]
fn the_fields_of_the_bridge_descriptors_are_checked() {
    let mut closed = Closed::new();
    let texts = |at: usize| (8..72).contains(&at) || (190..813).contains(&at);
    // Fields that the standard leaves to applications, and the date of the root's record.
    let free = |at: usize| (883..1395).contains(&at) || (174..181).contains(&at);
    let mut missed = Vec::new();
    for descriptor in [16, 17, 18] {
        for at in (0..883).chain((883..2048).step_by(31)) {
            if descriptor < 18 && (free(at) || descriptor == 17 && texts(at)) {
                continue;
            }
            closed.flip(descriptor, at);
            if closed.kinds().0 {
                missed.push((descriptor, at));
            }
        }
    }
    assert!(missed.is_empty(), "nothing found: {missed:?}");
}

#[test]
fn a_bridge_record_that_shows_something_else_is_found() {
    let mut closed = Closed::new();
    let (root, _) = closed.iso_root(17);
    let records = closed.disc.block(root);
    let mut at = 0;
    let mut found = Vec::new();
    while records[at] > 0 {
        found.push(at);
        at += usize::from(records[at]);
    }
    // Size and place of a file, in both byte orders.
    let file = found[2..]
        .iter()
        .copied()
        .find(|at| records[*at + 25] == 0)
        .unwrap();
    for field in [2, 10] {
        let number = word(&records, file + field) + 1;
        let both = [number.to_le_bytes(), number.to_be_bytes()].concat();
        closed.put(root, file + field, &both);
        closed.expect(FindingKind::BridgeShows, "a file in Joliet");
    }
    // Swaps two records.
    let (first, second) = (found[2], found[3]);
    let end = second + usize::from(records[second]);
    let swapped = [&records[second..end], &records[first..second]].concat();
    closed.put(root, first, &swapped);
    closed.expect(FindingKind::BridgeOrder, "two records");
    // Removes a record.
    let rest = [&records[second..], &vec![0; second - first][..]].concat();
    closed.put(root, first, &rest);
    closed.expect(FindingKind::BridgeNames, "a record");
}

/// Checks a disc after a power cut at each of some blocks of a closing.
#[test]
fn an_interrupted_closing_is_not_damage() {
    for medium in MEDIA {
        let disc = Disc::with_rom(medium, 60_000, Revision::V2_01, rom(true, false));
        let mut recording = disc.recording();
        add_everything(&mut recording, "first");
        recording.commit(time(3)).unwrap();
        drop(recording);
        let (mut interrupted, mut done) = (0, false);
        // On CD each cut leaves 7 blocks of links in what is recorded, on which any structure may have to be.
        let step = if medium == Medium::CdR80 { 7 } else { 37 };
        for blocks in (1..).step_by(step) {
            let copy = disc.copy();
            let closed = copy
                .recording_with(FaultScript::new().cut_after_blocks(blocks, Keep::All))
                .and_then(|mut recording| recording.close(CloseDisc::No, time(4)));
            if closed.is_ok() {
                done = true;
                break;
            }
            let at = format!("{medium}, cut after {blocks} blocks");
            let report = copy.report();
            let listing = bench::listing(&report);
            let whole = report.count(FindingKind::VatIcbNotLast) == 0;
            assert_eq!(report.errors(), u64::from(!whole), "{at}: {listing}");
            let warnings = report.count(FindingKind::ClosingInterrupted);
            assert_eq!(report.warnings(), warnings, "{at}: {listing}");
            interrupted += warnings;
            let mut recording = copy.recording();
            let closed = recording.close(CloseDisc::No, time(5)).unwrap();
            drop(recording);
            let is_left_out = closed.plain == PlainVolume::LeftOut(NoPlainVolume::StartSpoiled);
            assert!(
                is_left_out || closed.plain == PlainVolume::Recorded,
                "{at}: {:?}",
                closed.plain
            );
            copy.assert_clean(&format!("{at}, and closed: {:?}", closed.plain));
        }
        assert!(
            done && interrupted >= 3,
            "{medium}: {interrupted} closings were interrupted"
        );
    }
}
