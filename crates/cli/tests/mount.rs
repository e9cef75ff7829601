//! `oncefs mount` and `oncefs unmount` for a user.

mod common;

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::mountable::Mountable;
use common::{noise, small_blocks};

/// A disc with one file, and a directory to mount it at; `None` if this system does not allow FUSE mounts.
fn place() -> Option<Mountable> {
    let place = Mountable::new()?;
    place.file("first", "1");
    place.ok("burn first --to d.udf --medium dvd+r --capacity 60M --label Mounted");
    Some(place)
}

#[test]
fn files_written_to_a_mount_are_on_the_disc_after_unmounting() {
    let Some(place) = place() else { return };
    let up = place.json("mount d.udf m");
    assert_eq!((&up["label"], &up["writable"]), (&"Mounted".into(), &true.into()));
    assert_eq!(fs::read(place.path("m/first")).expect("a file"), b"1");
    fs::create_dir(place.path("m/directory")).expect("a directory");
    let bytes = noise(3_000_000, 1);
    fs::write(place.path("m/directory/large"), &bytes).expect("a file");
    let down = place.json("unmount m");
    assert_eq!(down["disc"], up["disc"]);
    assert_eq!(place.names("d.udf"), ["/directory", "/directory/large", "/first"]);
    let run = Command::new(env!("CARGO_BIN_EXE_oncefs"))
        .args(["cat", "d.udf", "/directory/large"])
        .current_dir(place.path(""))
        .output()
        .expect("the program runs");
    assert_eq!(run.stdout, bytes);
    assert_eq!(place.json("check d.udf")["errors"], 0);
}

#[test]
fn the_hint_says_where_a_disc_in_use_is_mounted() {
    let Some(place) = place() else { return };
    place.ok("mount d.udf m");
    let failure = place.failure("add d.udf first");
    assert_eq!(failure["kind"], "in-use");
    let hint = failure["hint"].as_str().expect("a hint");
    let mountpoint = fs::canonicalize(place.path("m")).expect("a path");
    assert!(hint.contains(mountpoint.to_str().expect("UTF-8")), "{hint}");
    let failure = place.failure("mount d.udf m");
    assert_eq!(failure["kind"], "in-use");
    place.ok("unmount m");
    let failure = place.failure("unmount m");
    assert!(
        failure["message"]
            .as_str()
            .expect("words")
            .contains("no volume is mounted here")
    );
}

#[test]
fn closing_a_mounted_session_reports_what_readers_do_not_see() {
    let Some(place) = Mountable::new() else { return };
    place.ok("format d.udf --medium dvd+r --capacity 60M --rom bridge");
    place.ok("mount d.udf m");
    std::os::unix::fs::symlink("nowhere", place.path("m/link")).expect("a link");
    fs::write(place.path(&format!("m/{}", "n".repeat(100))), "1").expect("a file");
    let closed = place.json("close m");
    assert_eq!(closed["plain_volume"], "recorded");
    assert_eq!(closed["not_shown"]["links_and_special_files"], 1, "{closed}");
    assert_eq!(closed["not_shown"]["names_changed_in_joliet"], 1, "{closed}");
    fs::write(place.path("m/more"), "2").expect("a file");
    let words = place.ok("close m");
    assert!(
        words.contains("1 link or special file left out of UDF"),
        "{words}"
    );
    place.ok("unmount m");
}

#[test]
fn a_session_is_closed_and_a_disc_finalized_while_mounted() {
    let Some(place) = place() else { return };
    place.ok("mount d.udf m");
    fs::write(place.path("m/second"), "2").expect("a file");
    let closed = place.json("close m");
    assert_eq!(closed["finalized"], false);
    assert!(closed["vat_icb"].is_u64() && closed["blocks_recorded"].as_u64() > Some(256));
    fs::write(place.path("m/third"), "3").expect("a file");
    let answer = place.json("fsctl m query-on-disk-volume-info");
    assert_eq!(answer["status"], "STATUS_SUCCESS");
    let refused = place.run("fsctl m make-media-compatible --on third");
    assert_eq!(refused.code, 1);
    assert!(
        refused.out.contains("STATUS_INVALID_PARAMETER"),
        "{}",
        refused.out
    );
    assert_eq!(
        place.failure("fsctl m is-volume-mounted --read-only")["kind"],
        "usage"
    );
    assert_eq!(place.json("close m --finalize")["finalized"], true);
    assert!(fs::write(place.path("m/fourth"), "4").is_err());
    assert_eq!(place.run("close m").code, 4);
    place.ok("unmount m");
    assert_eq!(place.names("d.udf"), ["/first", "/second", "/third"]);
    assert_eq!(place.json("info d.udf")["medium"]["status"], "finalized");
    let up = place.run("mount d.udf m");
    assert!(
        up.out.contains("for reading") && up.err.contains("takes no changes"),
        "{}{}",
        up.out,
        up.err
    );
    place.ok("unmount m");
}

#[test]
fn a_read_only_mount_leaves_the_disc_as_it_is() {
    let Some(place) = place() else { return };
    let before = (place.bytes("d.udf"), place.bytes("d.udf.oncefs"));
    let up = place.json("mount d.udf m --read-only");
    assert_eq!(up["writable"], false);
    let error = fs::write(place.path("m/second"), "2").expect_err("nothing is taken");
    assert_eq!(error.kind(), std::io::ErrorKind::ReadOnlyFilesystem);
    assert_eq!(place.names("d.udf"), ["/first"]);
    place.ok("unmount m");
    assert!((place.bytes("d.udf"), place.bytes("d.udf.oncefs")) == before);
}

#[test]
fn a_disc_that_cannot_be_mounted_fails_at_once_with_its_exit_code() {
    let Some(place) = place() else { return };
    assert_eq!(place.failure("mount nothing.udf m")["kind"], "io");
    assert_eq!(place.failure("mount d.udf nowhere")["kind"], "io");
    place.file("garbage", noise(1 << 20, 3));
    let failure = place.failure("mount garbage m");
    assert_eq!(failure["exit_code"], 1, "{failure}");
    assert_eq!(
        place.failure("mount d.udf m --commit-after soon")["kind"],
        "usage"
    );
    assert_eq!(place.names("d.udf"), ["/first"]);
}

#[test]
fn a_signal_commits_and_unmounts_a_foreground_mount() {
    let Some(place) = place() else { return };
    for signal in ["-INT", "-TERM", "-HUP"] {
        let child = foreground(&place, &[]);
        fs::write(place.path("m").join(&signal[1..]), "x").expect("a file");
        end(child, signal);
    }
    assert_eq!(place.names("d.udf"), ["/HUP", "/INT", "/TERM", "/first"]);
}

#[test]
fn a_commit_lost_to_a_failed_drive_is_reported_and_earlier_ones_stay() {
    let Some(place) = place() else { return };
    place.file("faults", "fail 3/0C/00 at WRITE(10) 3\n");
    let child = foreground(&place, &["--faults", "faults"]);
    let second = fs::File::create(place.path("m/second")).expect("a file");
    second.sync_all().expect("a commit");
    let error = fs::write(place.path("m/large"), noise(8 << 20, 4)).expect_err("the drive fails");
    // The failed write may be the second part of one reported as shorter; the next write fails too.
    assert!([Some(5), Some(30)].contains(&error.raw_os_error()), "{error}");
    drop(second);
    let failure = place.failure("unmount m");
    let words = failure["message"].as_str().expect("words");
    assert!(words.contains("cannot be committed"), "{words}");
    assert!(place.path("m/first").exists());
    place.ok("unmount m --discard");
    let output = child.wait_with_output().expect("the program ends");
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(words.contains("WRITE(10) failed at block"), "{words}");
    assert_eq!(output.status.code(), Some(4), "{words}");
    assert_eq!(place.names("d.udf"), ["/first", "/second"]);
    place.ok("mount d.udf m");
    fs::write(place.path("m/third"), "3").expect("the next mount goes on");
    place.ok("unmount m");
    assert_eq!(place.names("d.udf"), ["/first", "/second", "/third"]);
}

#[test]
fn a_file_with_an_unreadable_block_does_not_pass_for_a_shorter_one() {
    let Some(place) = place() else { return };
    let content = noise(100 * 2048, 5);
    place.file("z", content.clone());
    place.ok("burn z --to z.udf --medium dvd+r --capacity 60M --rom no --finalize");
    // The second half of a page, so that the page has something to show.
    let block = &content[51 * 2048..52 * 2048];
    let bad = place.bytes("z.udf").chunks(2048).position(|found| found == block);
    let bad = bad.expect("the block is on the disc");
    place.file("faults", format!("unreadable {bad}..{}\n", bad + 1));
    place.ok("mount z.udf m --faults faults");
    let mut file = fs::File::open(place.path("m/z")).expect("a file");
    let mut bytes = Vec::new();
    let error = file.read_to_end(&mut bytes).expect_err("a block is lost");
    assert!(bytes == content[..50 * 2048], "{} bytes", bytes.len());
    assert_eq!(error.raw_os_error(), Some(rustix::io::Errno::IO.raw_os_error()));
    let length = fs::metadata(place.path("m/z")).expect("a file").len();
    assert_eq!(length, content.len() as u64);
    drop(file);
    place.ok("unmount m");
}

#[test]
fn a_mount_without_anybody_listening_ends_like_any_other() {
    let Some(place) = place() else { return };
    place.file("faults", "fail 3/0C/00 at WRITE(10) 3\n");
    let mut child = foreground(&place, &["--faults", "faults"]);
    drop(child.stderr.take());
    fs::write(place.path("m/large"), noise(8 << 20, 4)).expect_err("the drive fails");
    assert_eq!(fs::read(place.path("m/first")).expect("it is served"), b"1");
    place.ok("unmount m --discard");
    let started = Instant::now();
    while child.try_wait().expect("a child").is_none() {
        if started.elapsed() > Duration::from_secs(60) {
            child.kill().expect("a child");
            panic!("it has not ended");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn unmounting_one_of_two_mounts_on_a_directory_ends_the_upper_one() {
    let Some(place) = place() else { return };
    place.file("upper", "2");
    place.ok("burn upper --to upper.udf --medium bd-r --capacity 60M");
    place.ok("mount d.udf m");
    place.ok("mount upper.udf m");
    assert!(place.path("m/upper").exists());
    place.ok("unmount m");
    // Its program has ended and did not unmount the other one.
    let started = Instant::now();
    while place.run("add upper.udf first").code != 0 {
        assert!(started.elapsed() < Duration::from_secs(60));
    }
    std::thread::sleep(Duration::from_millis(200));
    assert!(place.path("m/first").exists());
    place.ok("unmount m");
    assert!(!place.path("m/first").exists());
}

/// Mounts the disc in the foreground, and returns once it is mounted.
fn foreground(place: &Mountable, more: &[&str]) -> Child {
    let words = ["mount", "d.udf", "m", "--foreground"];
    let child = place
        .command(&[&words, more].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let started = Instant::now();
    while !place.path("m/first").exists() {
        assert!(started.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(10));
    }
    child
}

fn end(child: Child, signal: &str) {
    let kill = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status();
    assert!(kill.is_ok_and(|status| status.success()));
    let output = child.wait_with_output().expect("the program ends");
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && words.contains("committed"), "{words}");
}

#[test]
fn the_first_change_of_a_mount_recovers_an_interrupted_recording() {
    let Some(place) = place() else { return };
    place.file("large", noise(8 << 20, 2));
    place.file("faults", "cut after 2000 blocks keep 1\n");
    let cut = place.run("add d.udf large --faults faults");
    assert_ne!(cut.code, 0);
    let before = (place.bytes("d.udf"), place.bytes("d.udf.oncefs"));
    place.ok("mount d.udf m");
    place.ok("unmount m");
    assert!((place.bytes("d.udf"), place.bytes("d.udf.oncefs")) == before);
    place.ok("mount d.udf m");
    fs::write(place.path("m/second"), "2").expect("a file");
    place.ok("unmount m");
    let again = place.run("ls d.udf");
    assert_eq!((again.code, again.err.as_str()), (0, ""));
    assert_eq!(place.names("d.udf"), ["/first", "/second"]);
}

#[test]
fn a_mount_over_the_directory_of_its_image_commits_and_ends() {
    let Some(place) = place() else { return };
    fs::create_dir(place.path("own")).expect("a directory");
    for name in ["d.udf", "d.udf.oncefs"] {
        fs::rename(place.path(name), place.path("own").join(name)).expect("it moves");
    }
    place.ok("mount own/d.udf own");
    let file = fs::File::create(place.path("own/new")).expect("a file");
    file.sync_all().expect("a commit");
    drop(file);
    place.ok("unmount own");
    assert_eq!(place.names("own/d.udf"), ["/first", "/new"]);
}

#[test]
fn writes_are_not_acknowledged_after_the_image_was_replaced() {
    let Some(place) = place() else { return };
    place.file("second", "2");
    for name in ["d.udf", "d.udf.oncefs"] {
        let newer = name.replace("d.udf", "newer.udf");
        fs::copy(place.path(name), place.path(&newer)).expect("a copy");
    }
    place.ok("add newer.udf second");
    place.ok("mount d.udf m");
    fs::write(place.path("m/lost"), noise(100_000, 5)).expect("it is taken");
    for name in ["d.udf", "d.udf.oncefs"] {
        let newer = place.path(&name.replace("d.udf", "newer.udf"));
        fs::rename(newer, place.path(name)).expect("it moves");
    }
    let newer = (place.bytes("d.udf"), place.bytes("d.udf.oncefs"));
    let lost = fs::File::open(place.path("m/lost")).expect("a file");
    let refused = lost.sync_all().expect_err("it cannot last");
    assert_eq!(refused.raw_os_error(), Some(rustix::io::Errno::IO.raw_os_error()));
    drop(lost);
    let end = place.run("unmount m");
    assert_ne!(end.code, 0, "{}{}", end.out, end.err);
    let end = place.run("unmount m --discard");
    assert_eq!(end.code, 0, "{}", end.err);
    assert!((place.bytes("d.udf"), place.bytes("d.udf.oncefs")) == newer);
    assert_eq!(place.names("d.udf"), ["/first", "/second"]);
    assert_eq!(place.json("check d.udf --data")["errors"], 0);
}

#[test]
fn a_failed_commit_reports_the_bytes_of_the_medium_it_used_up() {
    let Some(place) = place() else { return };
    place.file("faults", "fail 3/0C/00 from WRITE(10) 2\n");
    let child = foreground(&place, &["--faults", "faults"]);
    // The first command takes most of it; the rest fails at the end.
    let _ = fs::write(place.path("m/large"), noise(1 << 20, 4));
    let kill = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(kill.is_ok_and(|status| status.success()));
    let output = child.wait_with_output().expect("the program ends");
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{words}");
    let bytes = words
        .lines()
        .find_map(|line| line.strip_prefix("used up: ")?.split(" bytes").next());
    let bytes: u64 = bytes.expect(&words).replace(',', "").parse().expect("a number");
    assert!((1 << 19..3 << 20).contains(&bytes), "{words}");
    assert!(
        words.contains("on the disc: the volume as it was at the last commit"),
        "{words}"
    );
    assert!(words.contains("the uncommitted changes used up"), "{words}");
    assert_eq!(place.names("d.udf"), ["/first"]);
}

#[test]
fn a_failed_close_on_a_mount_reports_the_bytes_it_used_up() {
    let Some(place) = place() else { return };
    place.file("faults", "fail 3/0C/00 from CLOSE TRACK/SESSION 1\n");
    for line in ["close m", "fsctl m make-media-compatible"] {
        let child = foreground(&place, &["--faults", "faults"]);
        fs::write(place.path("m/second"), line).expect("a file");
        let failure = place.failure(line);
        // The end of session data, up to its VAT ICB.
        assert!(
            failure["used_bytes"].as_u64() >= Some(257 * 2048),
            "{line}: {failure}"
        );
        place.run("unmount m --discard");
        drop(child.wait_with_output().expect("the program ends"));
    }
    assert_eq!(place.names("d.udf"), ["/first", "/second"]);
}

/// An image of a finalized disc that is cut short, so that it has the newest state only in part, and the last
/// block of the state before.
fn cut_image() -> Option<Mountable> {
    let place = Mountable::new()?;
    place.file("tree/file", noise(1 << 20, 1));
    place.ok("burn tree --to whole.udf --medium bd-r --capacity 100M --finalize");
    let image = place.bytes("whole.udf");
    place.file("d.udf", &image[..image.len() / 2]);
    Some(place)
}

#[test]
fn a_cut_image_is_not_mounted_as_if_it_were_the_newest_state() {
    let Some(place) = cut_image() else { return };
    for line in ["mount d.udf m", "mount d.udf m --read-only"] {
        let run = place.run(line);
        assert_eq!(run.code, 5, "{line}: {}{}", run.out, run.err);
        assert!(run.err.contains("--accept-losses"), "{line}: {}", run.err);
        let words = "blocks after the state that is shown belong to a later one";
        assert!(run.err.contains(words), "{line}: {}", run.err);
    }
    let failure = place.failure("mount d.udf m");
    assert_eq!(failure["kind"], "generation-lost");
    assert!(!place.path("m/file").exists());
}

#[test]
fn the_earlier_state_of_a_cut_image_is_mounted_if_that_is_accepted() {
    let Some(place) = cut_image() else { return };
    for line in ["mount d.udf m", "mount d.udf m --read-only"] {
        let up = place.json(&format!("{line} --accept-losses"));
        assert_eq!(up["writable"], false, "{line}");
        assert_eq!(fs::read_dir(place.path("m")).expect("a directory").count(), 0);
        place.ok("unmount m");
    }
}

#[test]
fn the_state_of_a_cut_image_that_the_user_chooses_is_mounted() {
    let Some(place) = cut_image() else { return };
    let blocks = place.bytes("d.udf").len() / 2048;
    let line = format!("mount d.udf m --read-only --last-block {}", blocks - 1);
    assert_eq!(place.json(&line)["writable"], false);
    place.ok("unmount m");
}

#[test]
fn a_mount_has_the_block_size_of_its_volume() {
    let Some(place) = Mountable::new() else { return };
    let small = small_blocks::volume();
    place.file("small.udf", &small);
    place.ok("burn small.udf --to usual.udf --medium dvd+r --capacity 60M");
    let shown = |disc: &str, name: &str| {
        place.ok(&format!("mount {disc} m --read-only"));
        let file = fs::metadata(place.path(&format!("m/{name}"))).expect("a file");
        let space = rustix::fs::statvfs(place.path("m")).expect("the space");
        place.ok("unmount m");
        assert_eq!(space.f_bsize, space.f_frsize);
        (file.blksize(), file.blocks(), space.f_frsize, space.f_blocks)
    };
    let sectors = small.len() as u64 / 2048 * 4;
    assert_eq!(shown("small.udf", "end"), (512, 1, 512, sectors));
    let (size, blocks, unit, _) = shown("usual.udf", "small.udf");
    assert_eq!((size, unit), (2048, 2048));
    assert_eq!(blocks, small.len().div_ceil(2048) as u64 * 4);
}

/// A disc with four generations: empty; `/a` and `/link`; `/a` changed; `/a` removed, and `/folder/b`.
fn with_past() -> Option<Mountable> {
    let place = Mountable::new()?;
    place.ok("format d.udf --medium dvd+r --capacity 60M --label Past");
    place.file("a", "first");
    std::os::unix::fs::symlink("a", place.path("link")).expect("a link");
    place.ok("add d.udf a link");
    place.file("a", "second, longer");
    place.ok("add d.udf a");
    fs::create_dir(place.path("folder")).expect("a directory");
    place.file("folder/b", "new");
    place.ok("rm d.udf /a");
    place.ok("add d.udf folder");
    Some(place)
}

/// The names in a directory of the mount, sorted.
fn listed(place: &Mountable, path: &str) -> Vec<String> {
    let entries = fs::read_dir(place.path(path)).expect("a directory");
    let mut names: Vec<String> = entries
        .map(|entry| {
            let name = entry.expect("an entry").file_name();
            name.into_string().expect("UTF-8")
        })
        .collect();
    names.sort();
    names
}

#[test]
fn a_generation_is_mounted_as_the_disc_was() {
    let Some(place) = with_past() else { return };
    let before = fs::read(place.path("d.udf")).expect("an image");
    place.ok("mount d.udf m --read-only --at 3");
    assert_eq!(listed(&place, "m"), ["a", "link"]);
    assert_eq!(fs::read(place.path("m/a")).expect("a file"), b"second, longer");
    place.ok("unmount m");
    assert_eq!(fs::read(place.path("d.udf")).expect("an image"), before);
}

#[test]
fn each_generation_is_in_the_mount_and_no_listing_shows_it() {
    let Some(place) = with_past() else { return };
    let before = fs::read(place.path("d.udf")).expect("an image");
    let up = place.json("mount d.udf m --read-only --past");
    assert_eq!(up["generations"], 5);
    assert_eq!(listed(&place, "m"), ["folder", "link"]);
    assert_eq!(listed(&place, "m/.oncefs"), ["at"]);
    assert_eq!(listed(&place, "m/.oncefs/at"), ["1", "2", "3", "4", "5"]);
    assert_eq!(listed(&place, "m/.oncefs/at/1"), [""; 0]);
    assert_eq!(listed(&place, "m/.oncefs/at/2"), ["a", "link"]);
    assert_eq!(listed(&place, "m/.oncefs/at/5/folder"), ["b"]);
    for (path, bytes) in [
        ("m/.oncefs/at/2/a", "first"),
        ("m/.oncefs/at/3/a", "second, longer"),
        ("m/.oncefs/at/2/link", "first"),
        ("m/.oncefs/at/5/folder/b", "new"),
        ("m/folder/b", "new"),
    ] {
        let read = fs::read(place.path(path)).expect("a file");
        assert_eq!(String::from_utf8_lossy(&read), bytes, "{path}");
    }
    for absent in [
        "m/.oncefs/at/0",
        "m/.oncefs/at/02",
        "m/.oncefs/at/6",
        "m/.oncefs/at/4/a",
    ] {
        let error = fs::metadata(place.path(absent)).expect_err(absent);
        assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{absent}");
    }
    place.ok("unmount m");
    assert_eq!(fs::read(place.path("d.udf")).expect("an image"), before);
}

#[test]
fn nodes_of_two_generations_at_one_address_have_two_numbers() {
    let Some(place) = with_past() else { return };
    place.ok("mount d.udf m --read-only --past");
    let mut numbers: Vec<u64> = ["m", "m/folder/b", "m/link", "m/.oncefs", "m/.oncefs/at"]
        .into_iter()
        .map(str::to_owned)
        .chain((2..=5).flat_map(|number| {
            let of = |name: &str| format!("m/.oncefs/at/{number}/{name}");
            [of(""), of("link")]
        }))
        .map(|path| fs::symlink_metadata(place.path(&path)).expect("a node").ino())
        .collect();
    let all = numbers.len();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), all);
    place.ok("unmount m");
}

#[test]
fn nothing_in_a_generation_changes_on_a_mount_for_changes() {
    let Some(place) = with_past() else { return };
    place.ok("mount d.udf m --past");
    let refused: [(&str, std::io::Result<()>); 8] = [
        ("write", fs::write(place.path("m/.oncefs/at/2/a"), "x")),
        ("make", fs::write(place.path("m/.oncefs/at/2/new"), "x")),
        ("make beside", fs::write(place.path("m/.oncefs/at/9"), "x")),
        ("remove", fs::remove_file(place.path("m/.oncefs/at/2/a"))),
        ("remove all", fs::remove_dir(place.path("m/.oncefs"))),
        (
            "move out",
            fs::rename(place.path("m/.oncefs/at/2/a"), place.path("m/a")),
        ),
        (
            "move over",
            fs::rename(place.path("m/folder"), place.path("m/.oncefs")),
        ),
        (
            "link",
            fs::hard_link(place.path("m/.oncefs/at/2/a"), place.path("m/a")),
        ),
    ];
    for (what, result) in refused {
        let error = result.expect_err(what);
        assert_eq!(
            error.kind(),
            std::io::ErrorKind::ReadOnlyFilesystem,
            "{what}: {error}"
        );
    }
    place.ok("unmount m");
    assert_eq!(place.names("d.udf"), ["/folder", "/folder/b", "/link"]);
}

#[test]
fn a_mount_for_changes_shows_the_generations_that_it_commits() {
    let Some(place) = with_past() else { return };
    place.ok("mount d.udf m --past --commit-after never");
    assert_eq!(
        fs::read(place.path("m/.oncefs/at/2/a")).expect("a file"),
        b"first"
    );
    fs::write(place.path("m/a"), "third").expect("a file");
    assert_eq!(listed(&place, "m/.oncefs/at").len(), 5);
    fs::File::open(place.path("m/a"))
        .and_then(|file| file.sync_all())
        .expect("a commit");
    fs::write(place.path("m/a"), "not committed").expect("a file");
    assert_eq!(listed(&place, "m/.oncefs/at").len(), 6);
    assert_eq!(
        fs::read(place.path("m/.oncefs/at/6/a")).expect("a file"),
        b"third"
    );
    assert_eq!(
        fs::read(place.path("m/.oncefs/at/2/a")).expect("a file"),
        b"first"
    );
    assert_eq!(fs::read(place.path("m/a")).expect("a file"), b"not committed");
    place.ok("unmount m");
    assert_eq!(place.json("check d.udf")["errors"], 0);
    assert_eq!(place.ok("cat d.udf /a"), "not committed");
}

#[test]
fn a_directory_of_the_volume_takes_precedence_over_the_generations() {
    let Some(place) = place() else { return };
    fs::create_dir(place.path(".oncefs")).expect("a directory");
    place.file(".oncefs/own", "mine");
    place.ok("add d.udf .oncefs");
    let words = place.run("mount d.udf m --read-only --past").err;
    assert!(words.contains("has its own '.oncefs'"), "{words}");
    assert_eq!(listed(&place, "m"), [".oncefs", "first"]);
    assert_eq!(listed(&place, "m/.oncefs"), ["own"]);
    place.ok("unmount m");
}

#[test]
fn a_mount_without_past_has_no_generations() {
    let Some(place) = place() else { return };
    place.ok("mount d.udf m --read-only");
    assert!(fs::metadata(place.path("m/.oncefs")).is_err());
    place.ok("unmount m");
}
