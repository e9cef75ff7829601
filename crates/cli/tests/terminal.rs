//! What is asked on a terminal: both ends of one are made here, and the program has the one that looks like a screen.

mod common;

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::process::Stdio;
use std::thread;

use common::{Place, Run};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// Runs a line on a terminal at which `typed` was typed; its screen is both `out` and `err`.
fn on_terminal(place: &Place, line: &str, typed: &str) -> Run {
    let user = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&user).expect("a terminal");
    unlockpt(&user).expect("a terminal");
    let name = ptsname(&user, Vec::new()).expect("a terminal");
    let screen = OpenOptions::new()
        .read(true)
        .write(true)
        .open(name.to_str().expect("a path"))
        .expect("a terminal");
    let copy = || Stdio::from(screen.try_clone().expect("a file"));
    let words: Vec<_> = line.split_whitespace().collect();
    let mut command = place.command(&words);
    command.stdin(copy()).stdout(copy()).stderr(copy());
    let mut user = File::from(user);
    user.write_all(typed.as_bytes()).expect("typing");
    let mut child = command.spawn().expect("the program runs");
    // Only the program has that end now: reading stops when it ends.
    drop((command, screen));
    let reader = thread::spawn(move || {
        let mut shown = Vec::new();
        // The end of a terminal reads as an error.
        let _ = user.read_to_end(&mut shown);
        String::from_utf8_lossy(&shown).into_owned()
    });
    let code = child.wait().expect("it ends").code().unwrap_or(-1);
    let shown = reader.join().expect("what was shown");
    Run {
        code,
        err: shown.clone(),
        out: shown,
    }
}

fn disc() -> Place {
    let place = Place::new();
    place.file("a", "1");
    place.ok("burn a --to d.udf --medium dvd+r --capacity 40M");
    place
}

fn status(place: &Place) -> String {
    let info = place.json("info d.udf");
    info["medium"]["status"].as_str().unwrap_or_default().to_owned()
}

const FINALIZING: [&str; 3] = [
    "close d.udf --finalize",
    "fsctl d.udf make-media-compatible --close-disc",
    "fsctl d.udf --code 0x00098130 --input 01",
];

#[test]
fn finalizing_says_how_much_is_lost_and_goes_on_with_a_yes() {
    for line in FINALIZING {
        let place = disc();
        let free = place.json("info d.udf")["medium"]["free_blocks"]
            .as_u64()
            .expect("a number");
        let run = on_terminal(&place, line, "y\n");
        assert_eq!(run.code, 0, "{line}: {}", run.out);
        let said = format!("{} free blocks", indicatif::HumanCount(free));
        assert!(run.out.contains(&said), "{line}: {}", run.out);
        assert_eq!(run.out.matches("Finalize?").count(), 1, "{line}: {}", run.out);
        assert_eq!(status(&place), "finalized", "{line}");
    }
}

#[test]
fn finalizing_leaves_the_disc_alone_with_anything_else() {
    let place = disc();
    let before = place.bytes("d.udf");
    for line in FINALIZING {
        for typed in ["n\n", "\n", "\u{4}"] {
            let run = on_terminal(&place, line, typed);
            assert_eq!(run.code, 1, "{line}: {}", run.out);
            assert!(run.out.contains("not finalized"), "{line}: {}", run.out);
        }
    }
    assert_eq!(place.bytes("d.udf"), before);
    assert_eq!(status(&place), "appendable");
}

#[test]
fn nothing_is_asked_where_yes_is_said_or_nothing_is_finalized() {
    for line in [
        "close d.udf",
        "fsctl d.udf make-media-compatible",
        "fsctl d.udf make-media-compatible --close-disc --on /a",
        "close d.udf --finalize --yes",
    ] {
        let place = disc();
        let run = on_terminal(&place, line, "");
        assert!(!run.out.contains("Finalize?"), "{line}: {}", run.out);
    }
    let place = disc();
    let run = on_terminal(&place, "fsctl d.udf make-media-compatible --close-disc -y", "");
    assert_eq!(
        (run.code, status(&place).as_str()),
        (0, "finalized"),
        "{}",
        run.out
    );
    // What is refused anyway is not asked for.
    let run = on_terminal(&place, "close d.udf --finalize", "");
    assert!(run.code == 4 && !run.out.contains("Finalize?"), "{}", run.out);
}

#[test]
fn a_medium_of_one_session_is_asked_for_however_it_is_closed() {
    let place = Place::new();
    place.file("a", "1");
    place.ok("burn a --to d.udf --medium dvd-r-dl --capacity 100M");
    let run = on_terminal(&place, "close d.udf", "n\n");
    assert!(run.code == 1 && run.out.contains("single session"), "{}", run.out);
    assert_eq!(status(&place), "appendable");
}

#[test]
fn without_a_terminal_finalizing_goes_ahead() {
    let place = disc();
    let run = place.run("close d.udf --finalize");
    assert!(run.code == 0 && run.err.is_empty(), "{}", run.err);
    assert_eq!(status(&place), "finalized");
}

/// A disc, and a directory with a file that it would replace.
fn in_the_way() -> Place {
    let place = Place::new();
    place.file("tree/a", "new");
    place.file("tree/b", "new");
    place.ok("burn tree/. --to d.udf --medium dvd+r --capacity 40M");
    place.file("out/a", "old");
    place
}

#[test]
fn replacing_files_names_them_and_goes_on_with_a_yes() {
    let place = in_the_way();
    let run = on_terminal(&place, "extract d.udf --to out", "y\n");
    assert_eq!(run.code, 0, "{}", run.out);
    assert!(run.out.contains("out: 1 file is in the way"), "{}", run.out);
    assert!(run.out.contains("/a: exists already"), "{}", run.out);
    assert_eq!(run.out.matches("Replace?").count(), 1, "{}", run.out);
    assert_eq!(
        (place.bytes("out/a"), place.bytes("out/b")),
        (b"new".to_vec(), b"new".to_vec())
    );
}

#[test]
fn nothing_is_replaced_nor_written_with_anything_else() {
    let place = in_the_way();
    for typed in ["n\n", "\n", "\u{4}"] {
        let run = on_terminal(&place, "extract d.udf --to out", typed);
        assert_eq!(run.code, 1, "{}", run.out);
        assert!(run.out.contains("nothing was written"), "{}", run.out);
        assert_eq!(place.bytes("out/a"), b"old");
        assert!(!place.path("out/b").exists());
    }
}

#[test]
fn what_is_replaced_is_asked_for_only_where_it_matters() {
    let place = in_the_way();
    let run = on_terminal(&place, "extract d.udf --to out --yes", "");
    assert!(run.code == 0 && !run.out.contains("Replace?"), "{}", run.out);
    let run = on_terminal(&place, "extract d.udf --to elsewhere", "");
    assert!(run.code == 0 && !run.out.contains("Replace?"), "{}", run.out);
    // A directory never makes way, so there is no question.
    place.file("third/a/inside", "");
    let run = on_terminal(&place, "extract d.udf --to third", "y\n");
    assert!(run.code == 1 && !run.out.contains("Replace?"), "{}", run.out);
    assert!(
        run.out.contains("a directory of this name exists already"),
        "{}",
        run.out
    );
}

#[test]
fn without_a_terminal_nothing_is_replaced_and_the_way_to_do_it_is_said() {
    let place = in_the_way();
    let run = place.run("extract d.udf --to out");
    assert_eq!(run.code, 1, "{}", run.out);
    assert!(
        run.err.contains("nothing was written") && run.err.contains("--yes"),
        "{}",
        run.err
    );
    assert_eq!(place.bytes("out/a"), b"old");
    assert!(!place.path("out/b").exists());
}
