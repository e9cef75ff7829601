//! Names of a bridge that become alike: the judge finds the child that each record describes.

mod bench;

use bench::{Disc, add_directory, add_file, content, time};
use ecma167::osta::Revision;
use emulator::Medium;
use proptest::prelude::*;
use recording::{Attributes, CloseDisc, Error, NodeKind, Rom};

/// What has a name.
#[derive(Clone, Copy, Debug)]
enum What {
    /// A directory whose only file has a name and length of its own.
    Directory,
    File,
    EmptyFile,
    SymbolicLink,
    /// Another name of the first file, if there is one.
    LinkToFirst,
}

/// A closed disc with these names in one directory.
fn closed(names: &[(What, String)]) -> Disc {
    let rom = Rom {
        revision: Revision::V1_02,
        bridge: true,
        links: false,
        is_optional: false,
    };
    let disc = Disc::with_rom(Medium::DvdPlusR, 60_000, Revision::V2_01, Some(rom));
    let mut recording = disc.recording();
    let root = recording.root();
    let parent = add_directory(&mut recording, root, "names");
    let attributes = Attributes::at(0o644, time(2));
    let mut first = None;
    for (number, (what, name)) in names.iter().enumerate() {
        let mut create = |kind| recording.create(parent, name, kind, &attributes);
        let made = match what {
            What::Directory => create(NodeKind::Directory),
            What::File | What::EmptyFile => create(NodeKind::File),
            What::SymbolicLink => recording.symlink(parent, name, "target", &attributes),
            What::LinkToFirst => match first {
                Some(file) => recording.link(file, parent, name).map(|()| file),
                None => continue,
            },
        };
        let node = match made {
            Ok(node) => node,
            Err(Error::Exists | Error::Name(_)) => continue,
            Err(error) => panic!("{name:?}: {error}"),
        };
        let bytes = content(1000 * (number + 1), 1);
        match what {
            What::Directory => _ = add_file(&mut recording, node, &format!("in {number}"), &bytes),
            What::File => {
                recording.write(node, 0, &bytes).unwrap();
                first.get_or_insert(node);
            }
            _ => {}
        }
    }
    recording.close(CloseDisc::No, time(5)).unwrap();
    drop(recording);
    disc
}

fn assert_clean(what: What, names: [String; 2]) {
    let disc = closed(&names.clone().map(|name| (what, name)));
    disc.assert_clean(&format!("{what:?} {names:?}"));
}

#[test]
fn directories_whose_names_begin_alike_are_told_apart() {
    // The order of their marks differs from letter to letter.
    for letter in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        for (one, other) in [(80, 81), (80, 128), (128, 80), (160, 170)] {
            assert_clean(What::Directory, [letter.repeat(one), letter.repeat(other)]);
        }
    }
}

#[test]
fn a_name_that_is_recorded_unchanged_is_preferred() {
    for what in [What::Directory, What::File, What::EmptyFile] {
        for (changed, whole) in [("end.", "end_"), ("a:b", "a_b"), ("end ", "end_")] {
            assert_clean(what, [changed.into(), whole.into()]);
            assert_clean(what, [whole.into(), changed.into()]);
        }
        assert_clean(what, ["x".repeat(160), "x".repeat(157)]);
    }
    let names = [160, 157].map(|length| "x".repeat(length));
    let [cut, whole] = names.map(|name| move |what| (what, name.clone()));
    let first = (What::File, "first".into());
    let linked = [first, cut(What::LinkToFirst), whole(What::LinkToFirst)];
    closed(&linked).assert_clean("two names of one file");
}

fn name() -> impl Strategy<Value = String> {
    let start = prop_oneof![
        Just("x".to_owned()),
        Just("X".to_owned()),
        Just("é".to_owned()),
        Just("名".to_owned()),
        Just("\u{1F600}".to_owned()),
        Just("x.y".to_owned()),
    ];
    let length = prop_oneof![0..6_usize, 45..70_usize, 100..130_usize, 140..170_usize];
    let ends = vec![
        "",
        "1",
        "2",
        ".",
        " ",
        "_",
        ":",
        "?",
        "x",
        ".t",
        ".T",
        ".tar.gz",
        ". ",
        "._",
        "~ABCDEFGH",
    ];
    let end = prop::sample::select(ends);
    (
        start,
        length,
        end,
        prop::sample::select(vec!["", ".txt", ".", "_"]),
    )
        .prop_map(|(start, length, end, extension)| format!("{}{end}{extension}", start.repeat(length)))
        .prop_filter("a name", |name| !matches!(name.as_str(), "" | "." | ".."))
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        4 => Just(What::Directory),
        1 => Just(What::File),
        2 => Just(What::EmptyFile),
        1 => Just(What::SymbolicLink),
        1 => Just(What::LinkToFirst),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_disc_with_names_that_become_alike_has_no_finding(
        names in prop::collection::vec((what(), name()), 2..24),
    ) {
        let report = closed(&names).report();
        prop_assert!(report.is_clean(), "{}", bench::listing(&report));
    }
}
