//! Unreadable discs, and discs made to do harm: they yield a finding, never a panic, a loop or unbounded
//! memory.

mod bench;

use bench::{Disc, NoWait, Places, add_everything, add_file, content, repair, time};
use check::{FindingKind as K, Options, Unjudged, check};
use drive::Drive;
use ecma167::file::{ExtentType, FileCharacteristics, FileIdentifier, LongAd};
use ecma167::general::TagVersion;
use ecma167::osta::Revision;
use ecma167::{PartitionReference, RecordedAddress};
use emulator::{Behaviour, FaultScript, Medium, Recorder};
use recording::CloseDisc;
use zerocopy::IntoBytes;

fn disc(revision: Revision) -> Disc {
    let disc = Disc::formatted(Medium::DvdPlusR, 6000, revision);
    let mut recording = disc.recording();
    add_everything(&mut recording, "first");
    recording.commit(time(3)).unwrap();
    drop(recording);
    disc
}

fn with_faults(disc: &Disc, script: &str) -> check::Report {
    let mut recorder = Recorder::open_read_only(&disc.image()).unwrap();
    recorder.set_faults(script.parse::<FaultScript>().unwrap());
    let mut drive = Drive::open_waiting(Box::new(recorder), Box::new(NoWait)).unwrap();
    let options = Options {
        read_data: true,
        ..Options::default()
    };
    check(&mut drive, &options)
}

#[test]
fn a_blank_disc_has_nothing_to_judge() {
    let directory = tempfile::tempdir().unwrap();
    let image = directory.path().join("blank");
    let recorder = Recorder::create(&image, Medium::CdR80, Some(2000), Behaviour::default()).unwrap();
    let mut drive = Drive::open_waiting(Box::new(recorder), Box::new(NoWait)).unwrap();
    let report = check(&mut drive, &Options::default());
    assert_eq!(report.unjudged(), Some(Unjudged::NoVolume));
    assert_eq!(report.findings(), []);
    assert!(!report.is_clean());
}

#[test]
fn no_findings_on_a_finalized_disc() {
    let disc = Disc::formatted(Medium::DvdPlusR, 6000, Revision::V2_01);
    disc.recording().close(CloseDisc::Yes, time(3)).unwrap();
    assert_eq!(disc.report().findings(), []);
}

#[test]
fn each_unreadable_block_with_an_owner_is_found() {
    let disc = disc(Revision::V2_01);
    let places = Places::of(&mut disc.changeable());
    for (sector, kind) in [
        (16, K::RecognitionStart),
        (32, K::Unreadable),
        (64, K::IntegrityMissing),
        (64, K::Unreadable),
        (65, K::Unreadable),
        (256, K::AnchorOfOpenSession),
        (places.nodes[0], K::Unreadable),
        (places.nodes[2], K::Unreadable),
        (places.vat, K::VatNotReadable),
        (places.last, K::VatIcbNotLast),
    ] {
        let report = with_faults(&disc, &format!("unreadable {sector}..{}", sector + 1));
        assert!(report.count(kind) > 0, "{sector}: {}", bench::listing(&report));
    }
}

#[test]
fn an_unreadable_block_of_a_file_is_found_if_data_is_read() {
    let disc = disc(Revision::V2_01);
    let mut changeable = disc.changeable();
    let places = Places::of(&mut changeable);
    let large = places.node(&mut changeable, 5, Some(300_001));
    let entry = changeable.block(places.nodes[large]);
    let sector = places.partition + bench::word(&entry, 220) + 3;
    let report = with_faults(&disc, &format!("unreadable {sector}..{}", sector + 1));
    assert_eq!(report.kinds().collect::<Vec<_>>(), [K::Unreadable]);
    assert_eq!(report.errors(), 1);
}

#[test]
fn removing_the_medium_interrupts_the_check_and_adds_no_findings() {
    let disc = disc(Revision::V2_01);
    let mut interrupted = 0;
    for command in 1..60 {
        let mut recorder = Recorder::open_read_only(&disc.image()).unwrap();
        let script = format!("remove before command {command}");
        recorder.set_faults(script.parse::<FaultScript>().unwrap());
        let Ok(mut drive) = Drive::open_waiting(Box::new(recorder), Box::new(NoWait)) else {
            continue;
        };
        let report = check(&mut drive, &Options::default());
        assert_eq!(report.errors(), 0, "{}", bench::listing(&report));
        if report.interrupted().is_some() {
            interrupted += 1;
            assert!(!report.is_clean());
        }
    }
    assert!(interrupted > 5, "{interrupted}");
}

#[test]
fn what_exceeds_a_limit_is_reported_and_not_judged() {
    let disc = disc(Revision::V2_01);
    let all = Options::default();
    for options in [
        Options {
            nodes: 100,
            ..all.clone()
        },
        Options {
            extents: 10,
            ..all.clone()
        },
        Options {
            names: 20,
            ..all.clone()
        },
        Options { runs: 0, ..all },
    ] {
        let report = check(&mut disc.drive(), &options);
        assert!(report.count(K::LimitReached) > 0, "{options:?}");
        assert_eq!(report.errors(), 0, "{}", bench::listing(&report));
    }
}

#[test]
fn a_directory_longer_than_the_medium_is_not_read_past_its_length() {
    let disc = Disc::formatted(Medium::DvdPlusR, 4000, Revision::V2_01);
    let mut recording = disc.recording();
    let root = recording.root();
    add_file(&mut recording, root, "room", &content(400_000, 1));
    recording.commit(time(3)).unwrap();
    drop(recording);
    let mut changeable = disc.changeable();
    let places = Places::of(&mut changeable);
    let room = places.node(&mut changeable, 5, Some(400_000));
    let entry = changeable.block(places.nodes[room]);
    let first = bench::word(&entry, 220);
    let at = |block| RecordedAddress {
        partition: PartitionReference(0),
        block,
    };
    // One block of 32 FIDs of 64 bytes that all extents name.
    let mut fids = Vec::new();
    for number in 0..32 {
        let name = format!("{number:025}");
        let mut fid = FileIdentifier::new(&name, FileCharacteristics::empty(), LongAd::default()).unwrap();
        fid.delete();
        fids.extend(fid.encode(TagVersion::Three, first).unwrap());
    }
    changeable.put(places.partition + first, fids.try_into().unwrap());
    let piece = LongAd::new(ExtentType::Recorded, 2048, at(first));
    for number in 1..150 {
        let mut descriptors = piece.as_bytes().repeat(125);
        let next = LongAd::new(ExtentType::Continuation, 2048, at(first + number + 1));
        descriptors.extend_from_slice(next.as_bytes());
        let extent = ecma167::file::AllocationExtent {
            previous_allocation_extent_location: 0,
            allocation_descriptors: descriptors,
        };
        let block = extent.encode(TagVersion::Three, first + number).unwrap();
        changeable.put(places.partition + first + number, block);
    }
    let mut root = changeable.block(places.nodes[1]);
    root[34] = 1;
    root[212..216].copy_from_slice(&16_u32.to_le_bytes());
    root[10..12].copy_from_slice(&216_u16.to_le_bytes());
    let next = LongAd::new(ExtentType::Continuation, 2048, at(first + 1));
    root[216..232].copy_from_slice(next.as_bytes());
    root[56..64].copy_from_slice(&u64::MAX.to_le_bytes());
    repair(&mut root);
    changeable.put(places.nodes[1], root);
    let report = changeable.report();
    assert!(report.count(K::LimitReached) > 0, "{}", bench::listing(&report));
    assert!(
        report.count(K::DirectoryLength) > 0,
        "{}",
        bench::listing(&report)
    );
}

/// Numbers that look random but are the same each time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(below)).unwrap()
    }
}

#[test]
fn no_change_of_structures_makes_the_judge_fail() {
    for revision in [Revision::V1_50, Revision::V2_01] {
        let disc = disc(revision);
        let mut changeable = disc.changeable();
        let places = Places::of(&mut changeable);
        let mut sectors: Vec<u32> = (16..66).chain([256, places.vat, places.last]).collect();
        sectors.extend(
            places
                .nodes
                .iter()
                .copied()
                .filter(|sector| *sector >= places.partition)
                .take(20),
        );
        let mut numbers = Numbers(7);
        for round in 0..400 {
            for _ in 0..=numbers.next(3) {
                let sector = sectors[numbers.next(u32::try_from(sectors.len()).unwrap()) as usize];
                let mut block = changeable.block(sector);
                for _ in 0..=numbers.next(4) {
                    let at = numbers.next(560) as usize;
                    let value = [0, 1, 0x7F, 0x80, 0xFF, numbers.next(256).to_le_bytes()[0]];
                    block[at] = value[numbers.next(6) as usize];
                }
                repair(&mut block);
                changeable.put(sector, block);
            }
            let report = changeable.report();
            assert!(report.interrupted().is_none(), "round {round}");
            changeable.restore();
        }
    }
}
