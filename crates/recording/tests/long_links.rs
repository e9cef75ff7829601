//! Symbolic links with paths that fill the file entry, on discs whose plain volume has links too.

mod common;

use common::{Disc, add_file, listing, rom_options, time};
use ecma167::osta::Revision;
use emulator::Medium;
use proptest::prelude::*;
use recording::{Attributes, CloseDisc, FormatOptions, PlainVolume, Recording, Rom, format};
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
