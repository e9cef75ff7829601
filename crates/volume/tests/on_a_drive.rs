//! Volumes on recorders: sessions, link blocks, interrupted discs, and what is read from them.

mod common;

use std::sync::{Arc, Mutex};

use common::{Disc, content, names};
use drive::{Disposition, Drive, DriveError};
use ecma167::file::{AllocationExtent, ExtentType, FileType, LongAd};
use ecma167::osta::Revision;
use ecma167::{LogicalBlock, LogicalSector};
use emulator::{Behaviour, FaultScript, LastAddress, Medium, Recorder, Toc};
use mmc::Lba;
use tempfile::TempDir;
use volume::{Error, Instead, Loss, Volume};
use zerocopy::IntoBytes;

const MEDIA: [Medium; 5] = [
    Medium::CdR80,
    Medium::DvdR,
    Medium::DvdRDl,
    Medium::DvdPlusR,
    Medium::BdR,
];

/// Blocks read by each command.
type Reads = Arc<Mutex<Vec<(u32, u32)>>>;

struct Recorded {
    _folder: TempDir,
    drive: Drive,
    reads: Reads,
}

fn blank(medium: Medium, behaviour: Behaviour) -> Recorded {
    let folder = TempDir::new().unwrap();
    let mut recorder =
        Recorder::create(&folder.path().join("image"), medium, Some(100_000), behaviour).unwrap();
    let reads = Reads::default();
    let sink = Arc::clone(&reads);
    recorder.set_trace(Box::new(move |entry| {
        if entry.name() == "READ(10)" {
            sink.lock()
                .unwrap()
                .extend(entry.blocks().map(|(at, count)| (at.0, count)));
        }
    }));
    let drive = Drive::open(Box::new(recorder)).unwrap();
    Recorded {
        _folder: folder,
        drive,
        reads,
    }
}

/// Records all blocks of the fixture that follow the append point, in one run.
fn record(drive: &mut Drive, disc: &Disc) {
    let at = drive.append_point().unwrap().address;
    let bytes = disc.blocks[at.0 as usize..].as_bytes();
    for (chunk, number) in bytes.chunks(512 * 2048).zip(0..) {
        drive.write(Lba(at.0 + number * 512), chunk).unwrap();
    }
    drive.synchronize().unwrap();
    drive.refresh().unwrap();
}

/// Pads the fixture so that a VAT and its ICB end a unit of writing.
fn commit(disc: &mut Disc, unit: u32) -> u32 {
    let vat = u32::try_from(disc.vat_bytes().len().div_ceil(2048)).unwrap();
    while !(u32::try_from(disc.blocks.len()).unwrap() + vat + 1).is_multiple_of(unit) {
        disc.push([0xDD; 2048]);
    }
    disc.commit()
}

/// A volume of one file with this many blocks.
fn first(unit: u32, blocks: usize) -> Disc {
    let mut disc = Disc::new(Revision::V2_01);
    let extent = disc.extent(&vec![0x11; blocks * 2048]);
    let entry = disc.in_extents(ecma167::file::FileType::FILE, &[extent]);
    let file = disc.put(&entry);
    disc.root(&[("first", file)]);
    commit(&mut disc, unit);
    disc
}

/// Adds a file to the root at the recorder's append point, without a VAT.
fn add(disc: &mut Disc, name: &str, drive: &mut Drive) {
    let at = drive.append_point().unwrap().address;
    disc.blocks.resize(at.0 as usize, [0; 2048]);
    let file = disc.file(name.as_bytes());
    disc.root(&[(name, file)]);
}

#[test]
fn a_recorded_volume_opens_clean_on_every_medium() {
    for medium in MEDIA {
        let mut recorded = blank(medium, Behaviour::default());
        record(&mut recorded.drive, &first(medium.write_unit(), 10));
        let mut volume = Volume::open(recorded.drive).unwrap();
        assert!(volume.clean(), "{medium}");
        assert_eq!(content(&mut volume, "/first"), vec![0x11; 20_480]);
    }
}

#[test]
fn nothing_is_read_from_a_blank_disc() {
    for medium in MEDIA {
        let recorded = blank(medium, Behaviour::default());
        let open = Volume::open(recorded.drive).unwrap_err();
        assert!(matches!(open.error, Error::Blank));
        assert!(!open.drive.is_read_only());
        assert!(recorded.reads.lock().unwrap().is_empty(), "{medium}");
    }
}

/// A drive that does not know where a closed session ends.
fn knowing_no_end() -> Behaviour {
    Behaviour {
        closed_tracks_end_nowhere: true,
        toc: Toc::Refused,
        read_capacity_closed: LastAddress::Zero,
        last_recorded_address_valid: Some(false),
        ..Behaviour::default()
    }
}

#[test]
fn a_vat_is_found_in_few_reads_if_the_drive_does_not_know_the_end() {
    for medium in [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR] {
        for end in [Disposition::Appendable, Disposition::Finalized] {
            let mut recorded = blank(medium, knowing_no_end());
            record(&mut recorded.drive, &first(medium.write_unit(), 2000));
            recorded.drive.close_session(end).unwrap();
            recorded.reads.lock().unwrap().clear();
            let notices = Arc::new(Mutex::new(0));
            let counted = Arc::clone(&notices);
            let drive = recorded.drive.listening(move |_| *counted.lock().unwrap() += 1);
            let mut volume = Volume::open(drive).unwrap();
            let reads = recorded.reads.lock().unwrap().len();
            assert_eq!(
                content(&mut volume, "/first"),
                vec![0x11; 2000 * 2048],
                "{medium} {end:?}"
            );
            assert!(reads < 1600, "{medium} {end:?}: {reads} reads");
            let notices = *notices.lock().unwrap();
            assert!(
                (1..5).contains(&notices) || reads < 100,
                "{medium} {end:?}: {notices} notices"
            );
        }
    }
}

#[test]
fn damage_does_not_lead_a_search_past_a_newer_vat() {
    let mut disc = first(1, 3000);
    let mut recorded = blank(Medium::CdR80, knowing_no_end());
    record(&mut recorded.drive, &disc);
    add(&mut disc, "second", &mut recorded.drive);
    commit(&mut disc, 1);
    record(&mut recorded.drive, &disc);
    recorded.drive.close_session(Disposition::Finalized).unwrap();
    let image = recorded._folder.path().join("image");
    drop(recorded.drive);
    let mut recorder = Recorder::open(&image).unwrap();
    // As much as a scratch takes, in the middle of the recorded area.
    let script = "unreadable 600..2400 with 3/11/00"
        .parse::<FaultScript>()
        .unwrap();
    recorder.set_faults(script);
    let mut volume = Volume::open(Drive::open(Box::new(recorder)).unwrap()).unwrap();
    assert_eq!(content(&mut volume, "/second"), b"second");
}

#[test]
fn opening_reads_little_whatever_the_volume_contains() {
    let mut disc = Disc::new(Revision::V2_01);
    let file = disc.file(b"x");
    disc.vat.resize(300_000, u32::MAX);
    disc.root(&[("file", file)]);
    disc.extent(&vec![1; 3000 * 2048]);
    commit(&mut disc, 32);
    let mut recorded = blank(Medium::BdR, Behaviour::default());
    record(&mut recorded.drive, &disc);
    recorded.reads.lock().unwrap().clear();
    let volume = Volume::open(recorded.drive).unwrap();
    assert_eq!(volume.vat().unwrap().entries, 300_000);
    let reads = recorded.reads.lock().unwrap();
    assert!(reads.len() <= 6, "{reads:?}");
}

#[test]
fn a_closed_session_and_the_next_form_one_volume() {
    for medium in [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR] {
        let unit = medium.write_unit();
        let mut disc = first(unit, 320);
        let mut recorded = blank(medium, Behaviour::default());
        record(&mut recorded.drive, &disc);
        recorded.drive.close_session(Disposition::Appendable).unwrap();
        let mut volume = Volume::open(recorded.drive).unwrap();
        assert!(volume.clean(), "{medium}");
        assert_eq!(names(&mut volume), ["first"]);

        let mut drive = volume.into_drive();
        let start = drive.append_point().unwrap().address.0;
        disc.recognition(start);
        disc.anchor(start + 256);
        let file = disc.file(b"second");
        disc.root(&[("second", file)]);
        commit(&mut disc, unit);
        record(&mut drive, &disc);
        let mut volume = Volume::open(drive).unwrap();
        assert!(volume.clean(), "{medium}");
        assert_eq!(
            volume.descriptors().anchor,
            LogicalSector(start + 256),
            "{medium}"
        );
        assert_eq!(names(&mut volume), ["second"]);
        assert_eq!(volume.generation().unwrap(), 2);
    }
}

#[test]
fn an_interrupted_disc_opens_with_its_newest_vat() {
    // A drive that still names the end of the closed session must not bring back what was there then.
    for read_capacity_open in [
        LastAddress::BeforeLeadOut,
        LastAddress::LastRecorded,
        LastAddress::LastOfMedium,
    ] {
        for medium in [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR] {
            let unit = medium.write_unit();
            let mut disc = first(unit, 320);
            let mut recorded = blank(
                medium,
                Behaviour {
                    read_capacity_open,
                    ..Behaviour::default()
                },
            );
            record(&mut recorded.drive, &disc);
            recorded.drive.close_session(Disposition::Appendable).unwrap();
            add(&mut disc, "second", &mut recorded.drive);
            let icb = commit(&mut disc, unit);
            record(&mut recorded.drive, &disc);
            add(&mut disc, "lost", &mut recorded.drive);
            disc.extent(&vec![9; 200 * 2048]);
            record(&mut recorded.drive, &disc);
            let mut volume = Volume::open(recorded.drive).unwrap();
            assert_eq!(
                volume.vat().unwrap().icb,
                LogicalBlock(icb),
                "{medium} {read_capacity_open:?}"
            );
            assert!(!volume.clean());
            assert_eq!(names(&mut volume), ["second"]);
        }
    }
}

#[test]
fn what_is_recorded_while_open_is_seen_once_its_vat_is_in_force() {
    for medium in MEDIA {
        let unit = medium.write_unit();
        let mut disc = first(unit, 10);
        let mut recorded = blank(medium, Behaviour::default());
        record(&mut recorded.drive, &disc);
        let mut volume = Volume::open(recorded.drive).unwrap();
        assert_eq!(names(&mut volume), ["first"]);
        assert_eq!(volume.generation().unwrap(), 1);
        for name in ["second", "third", "fourth"] {
            // A block after the end cannot be read, and trying leaves nothing in the cache.
            let end = volume.drive().recorded_end();
            let _ = volume.read_sector(LogicalSector(end.0));
            add(&mut disc, name, volume.drive_mut());
            let icb = commit(&mut disc, unit);
            record(volume.drive_mut(), &disc);
            volume.reload_vat(LogicalBlock(icb)).unwrap();
            assert!(volume.clean(), "{medium}");
            assert_eq!(names(&mut volume), [name], "{medium}");
            assert_eq!(content(&mut volume, &format!("/{name}")), name.as_bytes());
        }
        assert_eq!(volume.generation().unwrap(), 4);
    }
}

#[test]
fn blocks_next_to_unreadable_ones_are_read() {
    let mut disc = first(1, 3);
    let mut recorded = blank(Medium::CdR80, Behaviour::default());
    record(&mut recorded.drive, &disc);
    let mut expected = Vec::new();
    // Every commit ends a packet, so that every line of the cache contains links.
    for number in 0..8 {
        add(&mut disc, &format!("packet {number}"), &mut recorded.drive);
        expected.push((disc.vat[2 + number + 1], format!("packet {number}")));
        commit(&mut disc, 1);
        record(&mut recorded.drive, &disc);
    }
    let mut volume = Volume::open(recorded.drive).unwrap();
    for (block, name) in expected {
        let address = ecma167::RecordedAddress::default();
        let node = volume.node_at(address, LogicalBlock(block));
        // The fixture's entries contain their virtual address, which the caller must know.
        assert!(node.is_err());
        let bytes = volume.read_physical(LogicalBlock(block)).unwrap();
        assert!(bytes.windows(name.len()).any(|part| part == name.as_bytes()));
    }
    assert_eq!(names(&mut volume), ["packet 7"]);
}

#[test]
fn a_damaged_first_session_does_not_hide_the_volume() {
    let folder = TempDir::new().unwrap();
    let image = folder.path().join("image");
    let mut disc = first(32, 320);
    let recorder = Recorder::create(&image, Medium::BdR, Some(100_000), Behaviour::default()).unwrap();
    let mut drive = Drive::open(Box::new(recorder)).unwrap();
    record(&mut drive, &disc);
    drive.close_session(Disposition::Appendable).unwrap();
    let start = drive.append_point().unwrap().address.0;
    disc.recognition(start);
    disc.anchor(start + 256);
    let file = disc.file(b"second");
    disc.root(&[("second", file)]);
    commit(&mut disc, 32);
    record(&mut drive, &disc);
    drop(drive);
    let mut recorder = Recorder::open(&image).unwrap();
    recorder.set_faults("unreadable 0..32\nunreadable 256..257".parse().unwrap());
    let mut volume = Volume::open(Drive::open(Box::new(recorder)).unwrap()).unwrap();
    assert_eq!(names(&mut volume), ["second"]);
    assert!(volume.recognition().is_some());
}

#[test]
fn a_large_read_goes_to_the_drive_in_large_commands() {
    let mut recorded = blank(Medium::BdR, Behaviour::default());
    record(&mut recorded.drive, &first(32, 2048));
    let mut volume = Volume::open(recorded.drive).unwrap();
    let node = volume.lookup_path("/first").unwrap();
    let body = volume.body(&node).unwrap();
    recorded.reads.lock().unwrap().clear();
    let mut bytes = vec![0; 2048 * 2048];
    assert_eq!(volume.read(&body, 0, &mut bytes).unwrap(), bytes.len());
    assert_eq!(
        recorded
            .reads
            .lock()
            .unwrap()
            .iter()
            .map(|read| read.1)
            .collect::<Vec<_>>(),
        [512; 4]
    );
}

/// A disc in a recorder that cannot read some blocks.
fn with_unreadable(disc: &Disc, medium: Medium, blocks: &[u32]) -> Drive {
    let folder = TempDir::new().unwrap();
    let image = folder.path().join("image");
    std::fs::write(&image, disc.blocks.as_bytes()).unwrap();
    let mut recorder = Recorder::adopt(&image, medium, Some(100_000)).unwrap();
    let faults = blocks
        .iter()
        .fold(FaultScript::new(), |script, at| script.unreadable(*at..*at + 1));
    recorder.set_faults(faults);
    Drive::open(Box::new(recorder)).unwrap()
}

#[test]
fn a_volume_with_every_anchor_unreadable_is_not_reported_as_missing() {
    let mut disc = Disc::new(Revision::V2_01);
    disc.root(&[]);
    disc.commit();
    let all: Vec<u32> = (0..common::START).collect();
    let failed = Volume::open(with_unreadable(&disc, Medium::CdR80, &all)).unwrap_err();
    assert!(
        matches!(
            failed.error,
            Error::Drive(DriveError::Unreadable { at: Lba(256), .. })
        ),
        "{}",
        failed.error
    );
    assert_eq!(failed.losses.len(), 1);
}

/// A file at the end of a directory of 1000 names.
fn large_directory() -> (Disc, u32) {
    let mut disc = Disc::new(Revision::V2_01);
    let file = disc.file(b"x");
    let all: Vec<String> = (0..1000).map(|at| format!("name {at:04}")).collect();
    let listed: Vec<_> = all.iter().map(|name| (name.as_str(), file)).collect();
    let first = common::START + disc.next_block();
    disc.root(&listed);
    disc.commit();
    (disc, first)
}

#[test]
fn a_lost_block_of_a_directory_costs_only_the_entries_in_it() {
    let (disc, first) = large_directory();
    for lost in [0, 1, 20] {
        let mut volume = Volume::open(with_unreadable(&disc, Medium::CdR80, &[first + lost])).unwrap();
        let root = volume.lookup_path("/").unwrap();
        let mut directory = volume.directory(&root).unwrap();
        let (mut names, mut errors) = (0, Vec::new());
        loop {
            match directory.next_live(&mut volume) {
                Ok(Some(_)) => names += 1,
                Ok(None) => break,
                Err(error) => errors.push(error),
            }
        }
        let at = Lba(first + lost);
        assert!(
            matches!(errors.as_slice(), [Error::Drive(DriveError::Unreadable { at: found, .. })] if *found == at),
            "{errors:?}"
        );
        // Entries have 48 bytes: 42 or 43 of them begin in a block, and one from the block before ends in it.
        assert!((955..=958).contains(&names), "{names} of 1000 names are left");
        assert_eq!(content(&mut volume, "/name 0999"), b"x");
    }
}

#[test]
fn a_directory_is_read_up_to_its_lost_continuation() {
    let mut disc = Disc::new(Revision::V2_01);
    let file = disc.file(b"x");
    let all: Vec<String> = (0..200).map(|at| format!("name {at:04}")).collect();
    let listed: Vec<_> = all.iter().map(|name| (name.as_str(), file)).collect();
    let fids = disc.fids(&listed);
    let extents: Vec<_> = fids.chunks(2048).map(|block| disc.extent(block)).collect();
    let continuation = disc.next_block();
    let rest = AllocationExtent {
        allocation_descriptors: extents[2..].as_bytes().to_vec(),
        previous_allocation_extent_location: 0,
    };
    disc.push(rest.encode(disc.version(), continuation).unwrap());
    let next = LongAd::new(ExtentType::Continuation, 2048, disc.physical(continuation));
    let mut root = disc.in_extents(FileType::DIRECTORY, &[extents[0], extents[1], next]);
    root.information_length = fids.len() as u64;
    disc.put_at(common::ROOT, &root);
    disc.commit();
    let lost = common::START + continuation;
    let mut volume = Volume::open(with_unreadable(&disc, Medium::CdR80, &[lost])).unwrap();
    let root = volume.lookup_path("/").unwrap();
    let mut directory = volume.directory(&root).unwrap();
    let mut names = 0;
    let error = loop {
        match directory.next_live(&mut volume) {
            Ok(Some(_)) => names += 1,
            Ok(None) => panic!("no error reports that entries are lost"),
            Err(error) => break error,
        }
    };
    assert_eq!(names, (2 * 2048 - 40) / 48);
    assert!(matches!(error, Error::Drive(DriveError::Unreadable { at, .. }) if at.0 == lost));
    assert!(directory.next_live(&mut volume).unwrap().is_none());
}

#[test]
fn unreadable_sectors_of_a_metadata_file_are_read_from_its_mirror() {
    let mut disc = Disc::metadata(Revision::V2_50, false);
    let below: Vec<(String, ecma167::RecordedAddress)> = (0..100)
        .map(|number| (format!("a name with number {number}"), disc.file(b"text")))
        .collect();
    let below: Vec<_> = below.iter().map(|(name, file)| (name.as_str(), *file)).collect();
    let fids = disc.fids(&below);
    let directory = disc.directory_of(&fids);
    let directory = disc.put(&directory);
    disc.root(&[("dir", directory)]);
    let icbs = disc.commit_metadata(true);
    let mut lost: Vec<u32> = disc.vat.iter().map(|block| common::START + block).collect();
    lost.push(common::START + icbs.main);
    for lost in [&lost[..lost.len() - 1], &lost[lost.len() - 1..]] {
        let mut volume = Volume::open(with_unreadable(&disc, Medium::BdR, lost)).unwrap();
        let node = volume.lookup_path("/dir").unwrap();
        let mut directory = volume.directory(&node).unwrap();
        let mut names = 0;
        while let Some(entry) = directory.next_live(&mut volume).unwrap() {
            volume.node(entry.address()).unwrap();
            names += 1;
        }
        assert_eq!(names, 100);
        let is_mirrored = |loss: &Loss| matches!(loss.instead, Instead::MetadataMirror(_));
        assert!(!volume.losses().is_empty() && volume.losses().iter().all(is_mirrored));
        assert_eq!(volume.losses_since_opening().is_empty(), lost.len() == 1);
    }
}

#[test]
fn an_unreadable_sparing_table_is_read_from_another_copy() {
    let mut disc = Disc::sparable(Revision::V2_01);
    let file = disc.file_below(&[9; 100 * 2048]);
    disc.root(&[("file", file)]);
    disc.spare(&[common::rewritable::PACKET]);
    let [first, second, third, last] = common::rewritable::TABLES;
    let lost = [first, second, third];
    let mut volume = Volume::open(with_unreadable(&disc, Medium::BdR, &lost)).unwrap();
    assert!(content(&mut volume, "/file") == vec![9; 100 * 2048]);
    let instead: Vec<_> = volume.losses().iter().map(|loss| loss.instead).collect();
    assert_eq!(instead, [Instead::SparingTable(LogicalSector(last)); 3]);
}
