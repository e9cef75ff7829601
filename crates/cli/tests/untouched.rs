//! Reads, locks, queries and refusals change no byte of an image or its side file, whatever their state.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;

use common::{Place, noise};
use emulator::{Behaviour, Recorder};

/// The status of a file: identity, length, and when its contents or anything else of it last changed.
type State = (u64, u64, (i64, i64), (i64, i64));

/// Every file of the discs by name, with the result of `what`.
fn all<T>(place: &Place, what: impl Fn(&fs::DirEntry) -> T) -> BTreeMap<String, T> {
    let entries = fs::read_dir(place.path("discs")).expect("a directory");
    let of = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().expect("UTF-8");
        (name, what(&entry))
    };
    entries.map(|entry| of(entry.expect("an entry"))).collect()
}

fn state(entry: &fs::DirEntry) -> State {
    let file = entry.metadata().expect("a file");
    let times = (
        (file.mtime(), file.mtime_nsec()),
        (file.ctime(), file.ctime_nsec()),
    );
    (file.ino(), file.len(), times.0, times.1)
}

fn contents(entry: &fs::DirEntry) -> Vec<u8> {
    fs::read(entry.path()).expect("a file")
}

/// The commands in a help text.
fn commands(help: &str) -> Vec<&str> {
    let listed = help
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1);
    let words = listed.take_while(|line| !line.is_empty());
    words.filter_map(|line| line.split_whitespace().next()).collect()
}

/// Images in every state that the program meets, by name.
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

/// Lines that record nothing on any disc, at least one for every command.
const LINES: &[&str] = &[
    "info DISC",
    "--json info DISC",
    "ls DISC -lR --streams",
    "cat DISC /a",
    "extract DISC --to out-DISC --yes",
    "salvage DISC --to saved-DISC --versions",
    "salvage DISC --to saved-DISC --json --map map-DISC",
    "check DISC --data",
    "map DISC",
    "map DISC --check --json",
    "log DISC --stat",
    "--json history DISC",
    "ls DISC -R --at 1",
    "check DISC --at 1",
    "diff DISC 1 2",
    "diff DISC .",
    "drives",
    "drives --probe DISC",
    "recorder list",
    "recorder detach DISC",
    "recorder attach DISC --behaviour colour=red",
    "fsctl DISC query-on-disk-volume-info",
    "fsctl DISC query-sparing-info",
    "fsctl DISC set-defect-management",
    "fsctl DISC set-defect-management --disable",
    "fsctl DISC lock-volume",
    "fsctl DISC unlock-volume",
    "fsctl DISC dismount-volume",
    "fsctl DISC is-volume-mounted",
    "fsctl DISC make-media-compatible --read-only",
    "fsctl DISC make-media-compatible --on /a",
    "add DISC not-there",
    "add DISC a --into /a/below",
    "add DISC a --medium bd-r --capacity 1b",
    "rm DISC /not-there",
    "mkdir DISC /a",
    "mv DISC /not-there /x",
    "ln DISC /not-there /x",
    "close DISC --speed 4",
    "recover DISC --speed 4",
    "recover DISC",
    "recover DISC --json",
    "recover DISC --write --speed 4",
    "undelete DISC /not-there",
    "undelete DISC / --at 1",
    "undelete DISC /a --at 99",
    "rollback DISC 99",
    "rollback DISC 1990-01-01",
    "burn a --to DISC --label x",
    "burn not-there --to DISC",
    "format DISC --udf 9.99",
    "mount DISC m --read-only",
    "unmount m",
    "mount DISC m",
    "unmount m",
    "man",
    "completions bash",
];

/// Codes by number: every control code, its neighbours, and requests refused for their input.
const CODES: &[&str] = &[
    "0x90018",
    "0x9001C",
    "0x90020",
    "0x90028",
    "0x98130 --input 00 --read-only",
    "0x98130",
    "0x98134 --input 00",
    "0x98134",
    "0x90138 --output 8",
    "0x90138 --output 0",
    "0x9013C --output 336",
    "0x9013C --output 1",
    "0x98131 --input 00",
    "0x98132 --input 01",
    "0x9C130 --input 01",
    "0x90130 --input 01",
    "0xFFFFFFFF --input 01",
];

#[test]
fn every_command_is_among_the_lines_tried() {
    let place = Place::new();
    let help = place.ok("--help");
    let commands = commands(&help);
    assert!(commands.len() > 20, "{help}");
    for command in commands.into_iter().filter(|command| *command != "help") {
        let tried = |line: &&str| line.split(' ').any(|word| word == command);
        assert!(LINES.iter().any(tried), "{command} is not tried");
    }
}

#[test]
fn reads_locks_queries_and_refusals_change_nothing() {
    let place = Place::new();
    let discs = discs(&place);
    let (before, held) = (all(&place, state), all(&place, contents));
    let codes = CODES.iter().map(|code| format!("fsctl DISC --code {code}"));
    let lines: Vec<_> = LINES.iter().map(|line| (*line).to_owned()).chain(codes).collect();
    fs::create_dir(place.path("m")).expect("a directory");
    for name in &discs {
        let is_blank = name.starts_with("blank");
        let line = |line: &str| {
            let line = line.replace("out-DISC", &format!("out/{name}"));
            let line = line.replace("saved-DISC", &format!("saved/{name}"));
            let line = line.replace("map-DISC", &format!("{name}.map"));
            let run = place.run(&line.replace("DISC", &format!("discs/{name}")));
            assert!(
                (0..=5).contains(&run.code),
                "{name}: {line}: {}{}",
                run.out,
                run.err
            );
            let now = all(&place, state);
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
        };
        for text in &lines {
            // A blank disc accepts what it is told to record.
            if !(is_blank && text.starts_with("burn a")) {
                line(text);
            }
        }
        // An interrupted recording is recovered on request.
        if !name.starts_with("interrupted") {
            line("recover DISC --write");
        }
    }
    assert!(all(&place, contents) == held, "what a file holds changed");
}
