//! BD-R from blank to finalized, by raw commands.

mod bench;

use bench::{Bench, refused, refused_at};
use emulator::{Medium, Recorder};
use mmc::command::{GetConfiguration, ReadDiscStructure, RequestedFeatures, TocFormat, Write12};
use mmc::reply::{DiscStatus, FeatureHeader, SessionStatus};
use mmc::{CloseFunction, Data, FeatureNumber, Features, Lba, Profile, Sense};
use zerocopy::FromBytes as _;

const CAPACITY: u32 = 32_000;
const BD: [Medium; 4] = [Medium::BdR, Medium::BdRDl, Medium::BdRTl, Medium::BdRQl];

#[test]
fn clusters_are_padded_and_sessions_follow_each_other_without_a_gap() {
    for medium in BD {
        let mut bd = Bench::new(medium, CAPACITY);
        bd.write(0, 33, 1).unwrap();
        bd.synchronize();
        assert_eq!(bd.next(), 64, "{medium}");
        assert_eq!(bd.read(32, 2).unwrap(), [1, 0]);
        bd.close(CloseFunction::Track, 1).unwrap();
        bd.close(CloseFunction::Session, 1).unwrap();
        assert_eq!(bd.next(), 64);
        let disc = bd.disc();
        assert_eq!(
            (disc.disc_status(), disc.last_session_status()),
            (DiscStatus::Incomplete, SessionStatus::Empty)
        );
        assert_eq!(bd.last_address(), 63);
        bd.write(64, 32, 2).unwrap();
        bd.close(CloseFunction::Session, 2).unwrap();
        let sessions = bd.toc(TocFormat::SessionInformation, 0).unwrap();
        assert_eq!((sessions[3], &sessions[8..12]), (2, &64u32.to_be_bytes()[..]));
        bd.close(CloseFunction::Finalize, 0).unwrap();
        assert_eq!(bd.disc().disc_status(), DiscStatus::Complete);
        refused(
            bd.write(96, 32, 3),
            Sense::CANNOT_WRITE_MEDIUM_INCOMPATIBLE_FORMAT,
        );
        refused(
            bd.close(CloseFunction::FinalizeMinimalRadius, 0),
            Sense::CANNOT_WRITE_MEDIUM_INCOMPATIBLE_FORMAT,
        );
        assert_eq!(bd.image_blocks(), 96);
    }
}

#[test]
fn the_minimal_radius_is_a_function_of_dvd_plus_r_only() {
    let mut bd = Bench::new(Medium::BdR, CAPACITY);
    bd.write(0, 32, 1).unwrap();
    refused(
        bd.close(CloseFunction::FinalizeMinimalRadius, 0),
        Sense::INVALID_FIELD_IN_CDB,
    );
    refused(
        bd.close(CloseFunction::StopBackgroundFormat, 0),
        Sense::INVALID_FIELD_IN_CDB,
    );
}

#[test]
fn one_command_writes_at_most_a_mebibyte() {
    let mut bd = Bench::new(Medium::BdR, CAPACITY);
    bd.write(0, 512, 1).unwrap();
    assert_eq!(bd.read(0, 512).unwrap(), [1; 512]);
    refused(bd.write(512, 513, 1), Sense::INVALID_FIELD_IN_CDB);
    let data = vec![2; 512 * 2048];
    bd.run(Write12::new(Lba(512), 512), Data::Out(&data)).unwrap();
    assert_eq!(bd.next(), 1024);
}

#[test]
fn every_medium_has_its_nominal_capacity_and_profile() {
    for medium in Medium::ALL {
        let directory = tempfile::tempdir().unwrap();
        let image = directory.path().join("disc");
        let recorder = Recorder::create(&image, medium, None, emulator::Behaviour::default()).unwrap();
        assert_eq!(recorder.capacity(), medium.nominal_capacity());
        let mut bench = Bench {
            directory,
            image,
            recorder: Some(recorder),
        };
        let mut answer = vec![0; 1024];
        let command = GetConfiguration::new(RequestedFeatures::All, 0, 1024);
        let length = bench.run(command, Data::In(&mut answer)).unwrap();
        let (header, rest) = FeatureHeader::read_from_prefix(&answer[..length]).unwrap();
        assert_eq!(header.profile(), medium.profile());
        assert_eq!(header.data_length.get() as usize + 4, length);
        let features: Vec<_> = Features::new(rest).collect();
        assert!(
            features
                .windows(2)
                .all(|pair| pair[0].number() < pair[1].number())
        );
        let profiles: Vec<_> = features[0].profiles().collect();
        assert!(profiles.contains(&(medium.profile(), true)));
        assert!(profiles.contains(&(Profile::CdRom, false)));
        let write = features
            .iter()
            .find(|feature| feature.number() == FeatureNumber::BD_WRITE)
            .unwrap();
        assert_eq!(write.current(), medium.profile().is_bd());
    }
}

#[test]
fn nothing_can_be_written_after_the_last_cluster() {
    let mut bd = Bench::new(Medium::BdR, 70);
    assert_eq!(bd.recorder().capacity(), 64, "a capacity is whole units");
    bd.write(0, 64, 1).unwrap();
    refused(bd.write(64, 1, 1), Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE);
    bd.synchronize();
    assert_eq!(bd.open_track().free_blocks.get(), 0);
    bd.close(CloseFunction::Session, 1).unwrap();
    assert_eq!(bd.disc().disc_status(), DiscStatus::Complete);
    refused_at(bd.read(63, 2), Sense::LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE, 63);
}

#[test]
fn the_disc_information_unit_contains_the_layers() {
    let mut bd = Bench::new(Medium::BdRTl, CAPACITY);
    let mut answer = vec![0; 4100];
    bd.run(ReadDiscStructure::new(1, 0, 0, 4100), Data::In(&mut answer))
        .unwrap();
    assert_eq!(
        (&answer[4..6], &answer[12..15], answer[16] >> 4),
        (&b"DI"[..], &b"BDR"[..], 3)
    );
}
