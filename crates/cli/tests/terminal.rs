//! Questions on a terminal: the test makes both ends of a pseudo-terminal, and the program runs on the one
//! that looks like a screen.

mod common;

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use common::{Place, Run, noise};
use rustix::fs::OFlags;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// Both ends of a pseudo-terminal: the user's, and the one that looks like a screen.
fn terminal() -> (File, File) {
    let user = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&user).expect("a terminal");
    unlockpt(&user).expect("a terminal");
    let name = ptsname(&user, Vec::new()).expect("a terminal");
    let mut options = OpenOptions::new();
    options
        .read(true)
        .write(true)
        .custom_flags(OFlags::NOCTTY.bits().cast_signed());
    let screen = options.open(name.to_str().expect("a path")).expect("a terminal");
    (File::from(user), screen)
}

/// Runs a line on a terminal with `typed` as input; the screen is both `out` and `err`.
fn on_terminal(place: &Place, line: &str, typed: &str) -> Run {
    let (mut user, screen) = terminal();
    let copy = || Stdio::from(screen.try_clone().expect("a file"));
    let words: Vec<_> = line.split_whitespace().collect();
    let mut command = place.command(&words);
    command.stdin(copy()).stdout(copy()).stderr(copy());
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
fn finalizing_shows_how_much_is_lost_and_continues_on_yes() {
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
fn finalizing_leaves_the_disc_unchanged_on_any_other_answer() {
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
fn nothing_is_asked_with_yes_or_without_finalizing() {
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
    // A refused command asks nothing.
    let run = on_terminal(&place, "close d.udf --finalize", "");
    assert!(run.code == 4 && !run.out.contains("Finalize?"), "{}", run.out);
}

#[test]
fn closing_a_single_session_medium_asks_however_it_is_done() {
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
fn replacing_files_lists_them_and_continues_on_yes() {
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
fn nothing_is_replaced_or_written_on_any_other_answer() {
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
fn replacing_asks_only_if_it_matters() {
    let place = in_the_way();
    let run = on_terminal(&place, "extract d.udf --to out --yes", "");
    assert!(run.code == 0 && !run.out.contains("Replace?"), "{}", run.out);
    let run = on_terminal(&place, "extract d.udf --to elsewhere", "");
    assert!(run.code == 0 && !run.out.contains("Replace?"), "{}", run.out);
    // A directory is never replaced, so there is no question.
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
fn without_a_terminal_nothing_is_replaced_and_a_hint_says_how() {
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

/// What the interrupt key sends.
const CONTROL_C: &str = "\u{3}";

/// The program on a terminal of its own, in the middle of a recording.
struct Interrupted {
    child: std::process::Child,
    user: File,
    shown: Receiver<Vec<u8>>,
    screen: String,
}

impl Interrupted {
    /// Adds a tree until the drive is busy for a while, and presses the key.
    fn start(place: &Place, options: &str) -> Self {
        let (user, screen) = terminal();
        let _ = std::fs::remove_file(place.path("trace"));
        place.file("faults", "busy 12 at WRITE(10) 20\nbusy 12 at WRITE(10) 45\n");
        let copy = || Stdio::from(screen.try_clone().expect("a file"));
        let line = format!("add d.udf t --trace trace --faults faults {options}");
        // The leader of a session gets the first terminal it opens, and the signals of its keys.
        let mut command = Command::new("setsid");
        command
            .arg("-c")
            .arg(env!("CARGO_BIN_EXE_oncefs"))
            .args(line.split_whitespace());
        command.current_dir(place.path("."));
        let child = command.stdin(copy()).stdout(copy()).stderr(copy()).spawn();
        let child = child.expect("the program runs");
        drop((command, screen));
        let (send, shown) = channel();
        let mut reading = user.try_clone().expect("a file");
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            // The end of a terminal reads as an error.
            while let Ok(got @ 1..) = reading.read(&mut buffer) {
                if send.send(buffer[..got].to_vec()).is_err() {
                    break;
                }
            }
        });
        let mut interrupted = Self {
            child,
            user,
            shown,
            screen: String::new(),
        };
        interrupted.press_at_write(place, 20);
        interrupted
    }

    fn press_at_write(&mut self, place: &Place, number: usize) {
        let met = || {
            let trace = std::fs::read_to_string(place.path("trace")).unwrap_or_default();
            trace.lines().filter(|line| line.contains("WRITE(10)")).count()
        };
        while met() < number {
            let ended = self.child.try_wait().expect("a process");
            assert!(ended.is_none(), "the program goes on: {ended:?} {}", self.screen);
            thread::sleep(Duration::from_millis(1));
        }
        self.type_in(CONTROL_C);
    }

    fn type_in(&mut self, typed: &str) {
        self.user.write_all(typed.as_bytes()).expect("typing");
    }

    /// Waits until it has asked this often.
    fn is_asked(&mut self, times: usize) {
        let start = Instant::now();
        while self.screen.matches("[C]ommit, [g]o on or [a]bandon?").count() < times {
            assert!(start.elapsed() < Duration::from_secs(60), "{}", self.screen);
            if let Ok(shown) = self.shown.recv_timeout(Duration::from_millis(100)) {
                self.screen += &String::from_utf8_lossy(&shown);
            }
        }
    }

    /// Its exit code, and all that it has shown.
    fn finish(mut self) -> Run {
        while let Ok(shown) = self.shown.recv() {
            self.screen += &String::from_utf8_lossy(&shown);
        }
        let code = self.child.wait().expect("it ends").code().unwrap_or(-1);
        Run {
            code,
            out: self.screen.clone(),
            err: self.screen,
        }
    }
}

/// A disc, and a tree of files of a megabyte that are not on it.
fn tree() -> Place {
    let place = Place::new();
    for number in 0..FILES {
        place.file(&format!("t/{number:02}"), noise(1 << 20, number));
    }
    place.ok("format d.udf --medium dvd+r --capacity 300M --label Asked");
    place
}

const FILES: u32 = 40;

/// The number of files on the disc, each of which is complete.
fn whole(place: &Place) -> u32 {
    place.ok("extract d.udf --to out --yes");
    let is_there = |number: &u32| place.path(&format!("out/t/{number:02}")).exists();
    let there: Vec<_> = (0..FILES).filter(is_there).collect();
    for number in &there {
        assert!(
            place.bytes(&format!("out/t/{number:02}")) == noise(1 << 20, *number),
            "{number}"
        );
    }
    place.ok("check d.udf");
    u32::try_from(there.len()).expect("a number")
}

#[test]
fn an_interrupt_asks_and_commits_complete_files_by_default() {
    for typed in ["c\n", "\n", "\u{4}"] {
        let place = tree();
        let mut run = Interrupted::start(&place, "");
        run.is_asked(1);
        run.type_in(typed);
        let run = run.finish();
        assert_eq!(run.code, 1, "{}", run.out);
        let count = whole(&place);
        assert!((1..FILES).contains(&count), "{count}");
        assert!(
            run.out.contains(&format!("Stopped: {count} files are whole")),
            "{}",
            run.out
        );
        assert!(
            run.out.contains(&format!("volume 'Asked' with {count} files")),
            "{}",
            run.out
        );
        assert!(run.out.contains("used up: "), "{}", run.out);
    }
}

#[test]
fn an_unintended_interrupt_lets_the_recording_continue_and_ask_again() {
    let place = tree();
    let mut run = Interrupted::start(&place, "");
    run.is_asked(1);
    run.type_in("g\n");
    // The commands that found the drive busy count.
    run.press_at_write(&place, 45);
    run.is_asked(2);
    run.type_in("g\n");
    let run = run.finish();
    assert_eq!(run.code, 0, "{}", run.out);
    assert_eq!(whole(&place), FILES);
}

#[test]
fn abandoning_or_another_interrupt_leaves_nothing() {
    for typed in ["a\n", CONTROL_C] {
        let place = tree();
        let mut run = Interrupted::start(&place, "");
        run.is_asked(1);
        run.type_in(typed);
        let run = run.finish();
        assert_eq!(run.code, 1, "{}", run.out);
        assert!(
            run.out.contains("volume 'Asked' as it was before this command"),
            "{}",
            run.out
        );
        assert!(place.names("d.udf").is_empty());
    }
}

#[test]
fn an_interrupt_asks_nothing_with_all_or_nothing() {
    let place = tree();
    let run = Interrupted::start(&place, "--all-or-nothing").finish();
    assert_eq!(run.code, 1, "{}", run.out);
    assert!(!run.out.contains("Stopped"), "{}", run.out);
    assert!(place.names("d.udf").is_empty());
}

#[test]
fn a_map_is_coloured_on_a_terminal_unless_no_color_is_set() {
    let place = disc();
    let coloured = on_terminal(&place, "map d.udf", "");
    assert!(coloured.out.contains("\x1b[38;5;"), "{}", coloured.out);
    let plain: String = place.ok("map d.udf");
    assert!(!plain.contains('\x1b'), "{plain}");
}
