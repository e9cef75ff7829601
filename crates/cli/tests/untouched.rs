//! What reads, locks, queries or is refused changes no byte of an image or its side file, whatever state they are in.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;

use common::{Place, noise};
use emulator::{Behaviour, Recorder};

/// Every file of the place: what it holds, and when that last changed.
fn all(place: &Place) -> BTreeMap<String, (Vec<u8>, i64, i64)> {
    let entries = fs::read_dir(place.path("discs")).expect("a directory");
    let state = |entry: fs::DirEntry| {
        let metadata = entry.metadata().expect("a file");
        let name = entry.file_name().into_string().expect("UTF-8");
        let bytes = fs::read(entry.path()).expect("a file");
        (name, (bytes, metadata.mtime(), metadata.mtime_nsec()))
    };
    entries.map(|entry| state(entry.expect("an entry"))).collect()
}

/// Images in every state that the program meets, by their names.
fn discs(place: &Place) -> Vec<String> {
    place.file("a", noise(300_000, 1));
    place.file("b", noise(900_000, 2));
    place.file("faults", "kill before SYNCHRONIZE CACHE 1\n");
    fs::create_dir(place.path("discs")).expect("a directory");
    let mut names = Vec::new();
    let mut disc = |name: &str, lines: &[&str]| {
        for line in lines {
            place.run(&line.replace("DISC", &format!("discs/{name}")));
        }
        assert!(place.path("discs").join(name).exists(), "{name}");
        names.push(name.to_owned());
    };
    for medium in ["cd-r", "dvd-r", "dvd+r", "bd-r"] {
        let format = format!("format DISC --medium {medium} --capacity 30000b");
        let format = format.as_str();
        let blank = format!("blank-{medium}");
        let image = place.path("discs").join(&blank);
        let recorder = Recorder::create(
            &image,
            medium.parse().expect("a medium"),
            Some(30_000),
            Behaviour::default(),
        );
        drop(recorder.expect("a blank disc"));
        disc(&blank, &[]);
        disc(&format!("open-{medium}"), &[format, "add DISC a"]);
        disc(&format!("closed-{medium}"), &[format, "add DISC a", "close DISC"]);
        disc(
            &format!("finalized-{medium}"),
            &[format, "add DISC a", "close DISC --finalize --yes"],
        );
        disc(
            &format!("interrupted-{medium}"),
            &[format, "add DISC a", "add DISC b --faults faults"],
        );
        disc(
            &format!("interrupted-session-{medium}"),
            &[format, "add DISC a", "close DISC", "add DISC b --faults faults"],
        );
        disc(&format!("older-{medium}"), &[format, "add DISC a"]);
        let side = place.path(&format!("discs/older-{medium}.oncefs"));
        let old = fs::read(&side).expect("a side file");
        place.ok(&format!("add discs/older-{medium} b"));
        fs::write(side, old).expect("a side file");
    }
    let copy = |from: &str, to: &str| fs::copy(place.path(from), place.path(to)).expect("a copy");
    copy("discs/open-bd-r", "discs/bare");
    copy("discs/open-bd-r", "discs/other");
    copy("discs/closed-bd-r.oncefs", "discs/other.oncefs");
    copy("discs/open-bd-r.oncefs", "discs/cut.oncefs");
    copy("discs/open-bd-r.oncefs", "discs/changed.oncefs");
    let mut image = place.bytes("discs/open-bd-r");
    image[300 * 2048] ^= 1;
    place.file("discs/changed", &image);
    image.truncate(400 * 2048 - 100);
    place.file("discs/cut", image);
    copy("discs/open-bd-r", "discs/nonsense");
    place.file("discs/nonsense.oncefs", "nonsense");
    place.file("discs/noise", noise(100_000, 3));
    for name in ["bare", "other", "cut", "changed", "nonsense", "noise"] {
        names.push(name.to_owned());
    }
    names
}

#[test]
fn nothing_changes_that_is_read_locked_queried_or_refused() {
    let place = Place::new();
    let discs = discs(&place);
    let before = all(&place);
    let lines = [
        "info DISC",
        "--json info DISC",
        "ls DISC -lR --streams",
        "cat DISC /a",
        "extract DISC --to out-DISC --yes",
        "check DISC --data",
        "fsctl DISC query-on-disk-volume-info",
        "fsctl DISC query-sparing-info",
        "fsctl DISC set-defect-management",
        "fsctl DISC lock-volume",
        "fsctl DISC unlock-volume",
        "fsctl DISC dismount-volume",
        "fsctl DISC is-volume-mounted",
        "fsctl DISC make-media-compatible --read-only",
        "fsctl DISC make-media-compatible --on /a",
        "fsctl DISC --code 0x98130 --input 00 --read-only",
        "fsctl DISC --code 0x98131 --input 00",
        "add DISC not-there",
        "add DISC a --into /a/below",
        "add DISC a --medium bd-r --capacity 1b",
        "rm DISC /not-there",
        "mkdir DISC /a",
        "mv DISC /not-there /x",
        "ln DISC /not-there /x",
        "burn a --to DISC --label x",
        "format DISC --udf 9.99",
        "mount DISC m --read-only",
        "unmount m",
        "mount DISC m",
        "unmount m",
    ];
    fs::create_dir(place.path("m")).expect("a directory");
    for name in &discs {
        let is_blank = name.starts_with("blank");
        for line in lines {
            // A blank disc takes what it is asked to take.
            if is_blank && line.starts_with("burn") {
                continue;
            }
            let line = line.replace("out-DISC", &format!("out/{name}"));
            let run = place.run(&line.replace("DISC", &format!("discs/{name}")));
            assert!(
                (0..=5).contains(&run.code),
                "{name}: {line}: {}{}",
                run.out,
                run.err
            );
            let now = all(&place);
            assert!(
                now.keys().eq(before.keys()),
                "{name}: {line} made or removed a file"
            );
            for (file, state) in &now {
                assert!(
                    state == &before[file],
                    "{name}: {line} changed {file}: {}",
                    run.err
                );
            }
        }
    }
}
