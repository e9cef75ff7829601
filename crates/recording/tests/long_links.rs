//! Symbolic links with paths that fill the file entry, on discs whose plain volume has links too.

mod common;

use common::{Disc, add_file, listing, options, rom_options, time};
use ecma167::osta::Revision;
use emulator::Medium;
use proptest::prelude::*;
use recording::{Attributes, CloseDisc, Error, FormatOptions, PlainVolume, Recording, Rom, format};
use volume::Volume;

fn with_links(revision: Revision, plain: Revision, bridge: bool) -> FormatOptions {
    FormatOptions {
        revision,
        rom: Some(Rom {
            revision: plain,
            bridge,
            links: true,
            is_optional: false,
        }),
        ..rom_options(bridge)
    }
}

fn link(recording: &mut Recording, name: &str, target: &str) {
    let root = recording.root();
    let attributes = Attributes::at(0o777, time(2));
    recording.symlink(root, name, target, &attributes).unwrap();
}

/// Closes a disc with links to these targets. Both volumes must show them.
fn assert_closes(options: &FormatOptions, targets: &[String]) {
    let disc = Disc::blank(Medium::DvdPlusR, 60_000);
    format(disc.drive(), options).unwrap();
    let mut recording = disc.recording();
    let root = recording.root();
    for (number, target) in targets.iter().enumerate() {
        link(&mut recording, &format!("link {number}"), target);
        add_file(&mut recording, root, &format!("small {number}"), b"small");
    }
    let first = recording.lookup_path("link 0").unwrap();
    recording.link(first, root, "another name").unwrap();
    let closed = recording.close(CloseDisc::No, time(4)).unwrap();
    assert_eq!(closed.plain, PlainVolume::Recorded);
    drop(recording);
    let plain = listing(&mut Volume::open_plain(disc.drive()).unwrap());
    assert_eq!(plain, disc.listing());
    assert_eq!(plain.len(), 2 * targets.len() + 2);
    for (number, target) in targets.iter().enumerate() {
        assert_eq!(plain[&format!("/link {number}")].2, target.as_bytes());
    }
}

#[test]
fn a_link_whose_path_does_not_fit_the_entry_closes_in_every_form() {
    for bridge in [true, false] {
        for (revision, plain) in [
            (Revision::V2_01, Revision::V2_01),
            (Revision::V2_50, Revision::V2_01),
            (Revision::V2_01, Revision::V1_02),
            (Revision::V1_50, Revision::V1_02),
        ] {
            // Each component takes six bytes, so an entry is full with some 300.
            let targets = (295..318).map(|count| vec!["a"; count].join("/"));
            let more = [
                vec!["a"; 342],
                vec!["a"; 2000],
                vec!["abc"; 250],
                vec!["名"; 1200],
            ];
            let targets: Vec<_> = targets.chain(more.map(|parts| parts.join("/"))).collect();
            assert_closes(&with_links(revision, plain, bridge), &targets);
        }
    }
}

#[test]
fn the_volumes_share_the_path_of_a_long_link() {
    for bridge in [true, false] {
        let disc = Disc::blank(Medium::DvdPlusR, 60_000);
        format(
            disc.drive(),
            &with_links(Revision::V2_01, Revision::V2_01, bridge),
        )
        .unwrap();
        let mut recording = disc.recording();
        for count in 295..318 {
            link(&mut recording, &format!("{count}"), &vec!["a"; count].join("/"));
        }
        recording.close(CloseDisc::No, time(4)).unwrap();
        let differences = recording.plain_volume_differences().unwrap();
        assert_eq!(differences.copied_blocks, 0, "bridge {bridge}");
    }
}

/// Fills a disc with links, and closes it.
fn assert_full_disc_closes(medium: Medium, components: usize, bridge: Option<bool>) {
    let what = format!("{medium}, {components} components, bridge {bridge:?}");
    let disc = Disc::blank(medium, 3_000);
    let formatted = match bridge {
        Some(bridge) => with_links(Revision::V2_01, Revision::V2_01, bridge),
        None => options(Revision::V2_01),
    };
    format(disc.drive(), &formatted).unwrap();
    let mut recording = disc.recording();
    let root = recording.root();
    let attributes = Attributes::at(0o777, time(2));
    let target = vec!["a"; components].join("/");
    let full = (0..).find_map(|number| {
        let made = recording.symlink(root, &format!("{number}"), &target, &attributes);
        made.err()
    });
    assert!(matches!(full, Some(Error::MediumFull { .. })), "{what}: {full:?}");
    recording.commit(time(3)).unwrap();
    let closed = recording.close(CloseDisc::Yes, time(4));
    let closed = closed.unwrap_or_else(|error| panic!("{what}: {error}"));
    let is_recorded = closed.plain == PlainVolume::Recorded;
    assert_eq!(is_recorded, bridge.is_some(), "{what}");
}

#[test]
fn a_disc_full_of_long_links_can_be_committed_and_closed() {
    for medium in [Medium::DvdPlusR, Medium::BdR] {
        for components in [303, 800, 2000, 10_900] {
            for bridge in [Some(true), Some(false), None] {
                assert_full_disc_closes(medium, components, bridge);
            }
        }
    }
}

#[test]
fn a_path_that_no_reader_takes_is_refused() {
    let disc = Disc::formatted(Medium::BdR, 8_000, Revision::V2_01);
    let mut recording = disc.recording();
    let root = recording.root();
    let attributes = Attributes::at(0o777, time(2));
    let mut create = |count: usize| {
        let target = vec!["a"; count].join("/");
        recording.symlink(root, &format!("{count}"), &target, &attributes)
    };
    let most = 65_536 / 6;
    create(most).unwrap();
    assert!(matches!(create(most + 1), Err(Error::Attribute(_))));
    recording.commit(time(3)).unwrap();
    drop(recording);
    assert_eq!(disc.listing().len(), 2);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn links_of_any_length_close(
        parts in prop::collection::vec(("[a-z名é]{1,6}", 1..1200_usize), 1..6),
        bridge in any::<bool>(),
    ) {
        let targets: Vec<_> = parts.iter().map(|(part, count)| vec![&**part; *count].join("/")).collect();
        assert_closes(&with_links(Revision::V2_01, Revision::V2_01, bridge), &targets);
    }
}
