//! The past of a disc, through the program.

mod common;

use std::fs;
use std::os::unix::fs::FileExt;

use common::Place;
use serde_json::Value;

/// A disc with four generations: empty; `/a` and `/b`; `/b` changed, `/a` moved; `/c` instead of `/b`.
fn with_past() -> Place {
    let place = Place::new();
    place.file("a", "first");
    place.file("b", "second");
    place.ok("format disc.udf --medium dvd+r --capacity 60M --label Past");
    place.ok("add disc.udf a b");
    place.file("b", "second, longer");
    place.ok("add disc.udf b");
    place.ok("mv disc.udf /a /moved");
    place.ok("rm disc.udf /b");
    place
}

fn numbers(log: &Value, key: &str) -> Vec<u64> {
    let log = log.as_array().expect("an array");
    log.iter()
        .map(|one| one.pointer(key).and_then(Value::as_u64).expect("a number"))
        .collect()
}

/// What changed in each generation, such as `added /a`.
fn changes(log: &Value) -> Vec<Vec<String>> {
    let of = |one: &Value| -> Vec<String> {
        let changes = one["changes"].as_array().expect("changes").iter();
        let mut changes: Vec<_> = changes
            .map(|change| {
                let word = |key: &str| change[key].as_str().unwrap_or_default().to_owned();
                format!("{} {}", word("change"), word("path"))
            })
            .collect();
        changes.sort();
        changes
    };
    log.as_array().expect("an array").iter().map(of).collect()
}

#[test]
fn the_log_has_each_commit_with_what_it_changed() {
    let place = with_past();
    let log = place.json("log --stat disc.udf");
    assert_eq!(numbers(&log, "/number"), [1, 2, 3, 4, 5]);
    assert_eq!(numbers(&log, "/added/bytes"), [0, 11, 0, 0, 0]);
    assert_eq!(numbers(&log, "/changed_bytes_before"), [0, 0, 6, 0, 0]);
    assert_eq!(numbers(&log, "/removed/bytes"), [0, 0, 0, 0, 14]);
    let expected = [
        vec![],
        vec!["added /a", "added /b"],
        vec!["changed /b"],
        vec!["renamed /moved"],
        vec!["removed /b"],
    ];
    assert_eq!(changes(&log), expected);
    assert_eq!(log[3]["changes"][0]["from"], "/a");
}

#[test]
fn the_log_for_people_has_a_line_for_each_generation() {
    let place = with_past();
    let log = place.ok("history disc.udf");
    assert_eq!(log.lines().count(), 5);
    let last = log.lines().last().unwrap_or_default();
    assert!(
        last.contains("+0 ~0 -1 files  -14 bytes") && last.ends_with("'Past'"),
        "{last}"
    );
    let stat = place.ok("log --stat disc.udf");
    assert!(stat.contains("  > /a -> /moved\n"), "{stat}");
}

#[test]
fn a_generation_is_shown_by_number_time_and_block() {
    let place = with_past();
    let log = place.json("log disc.udf");
    let (time, block) = (log[1]["time"].as_str().expect("a time"), &log[1]["block"]);
    for at in ["2".to_owned(), time.to_owned(), format!("block:{block}")] {
        assert_eq!(place.ok(&format!("cat disc.udf /b --at {at}")), "second");
        assert_eq!(place.ok(&format!("ls disc.udf --at {at}")), "a\nb\n");
    }
    place.ok("extract disc.udf --to then --at 3");
    assert_eq!(place.bytes("then/b"), b"second, longer");
}

#[test]
fn info_and_check_show_an_earlier_generation() {
    let place = with_past();
    let info = place.json("info disc.udf --at 3");
    assert_eq!(
        (&info["volume"]["generation"], &info["volume"]["files"]),
        (&3.into(), &2.into())
    );
    let check = place.json("check disc.udf --at 3");
    assert_eq!(
        (&check["errors"], &check["volume"]["generations"]),
        (&0.into(), &3.into())
    );
}

#[test]
fn the_newest_generation_is_shown_as_without_the_option() {
    let place = with_past();
    assert_eq!(place.ok("ls disc.udf -lR --at 5"), place.ok("ls disc.udf -lR"));
    assert_eq!(
        place.ok("info disc.udf --at 2199-01-01"),
        place.ok("info disc.udf")
    );
}

#[test]
fn a_generation_that_does_not_exist_is_not_found() {
    let place = with_past();
    for at in ["0", "6", "1999-12-31", "block:7"] {
        let failure = place.failure(&format!("ls disc.udf --at {at}"));
        assert_eq!(
            (&failure["kind"], &failure["exit_code"]),
            (&"not-found".into(), &1.into()),
            "{at}"
        );
        assert!(
            failure["hint"]
                .as_str()
                .is_some_and(|hint| hint.contains("oncefs log")),
            "{failure}"
        );
    }
}

#[test]
fn an_earlier_generation_is_not_recorded_on() {
    let place = with_past();
    for line in [
        "add disc.udf a --at 2",
        "close disc.udf --at 2",
        "ls disc.udf --at 2 --session 1",
    ] {
        assert_eq!(place.run(line).code, 2, "{line}");
    }
    assert_eq!(place.run("ls disc.udf --at tomorrow").code, 2);
}

#[test]
fn a_difference_has_exit_code_1_and_none_has_0() {
    let place = with_past();
    let equal = place.run("diff disc.udf 2 2");
    assert_eq!((equal.code, equal.out.as_str()), (0, ""));
    let run = place.run("diff disc.udf 2 5");
    assert_eq!((run.code, run.err.as_str()), (1, ""));
    let mut lines: Vec<_> = run.out.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["- /b", "> /a -> /moved"]);
    let back = place.run("diff disc.udf 5 2");
    let mut lines: Vec<_> = back.out.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["+ /b", "> /moved -> /a"]);
}

#[test]
fn a_comparison_that_fails_has_another_exit_code_than_a_difference() {
    let place = with_past();
    for line in [
        "diff disc.udf 2 9",
        "diff disc.udf absent",
        "diff absent.udf 1 2",
        "diff disc.udf x 2",
    ] {
        assert_eq!(place.run(line).code, 2, "{line}");
    }
}

#[test]
fn a_disc_is_compared_with_a_folder() {
    let place = with_past();
    place.ok("extract disc.udf --to folder --at 3");
    assert_eq!(place.run("diff disc.udf folder --at 3 --times").code, 0);
    place.file("folder/a", "FIRST");
    place.file("folder/more/file", "more");
    fs::remove_file(place.path("folder/b")).expect("the file is removed");
    let run = place.run("diff disc.udf folder --at 3");
    assert_eq!((run.code, run.out.as_str()), (1, "~ /a\n- /b\n+ /more/\n"));
}

#[test]
fn a_folder_is_compared_with_a_directory_of_the_disc() {
    let place = Place::new();
    place.file("photos/a", "first");
    place.file("photos/b", "second");
    place.ok("format disc.udf --medium dvd+r --capacity 60M");
    place.ok("add disc.udf photos");
    assert_eq!(place.run("diff disc.udf photos --in /photos").code, 0);
    place.file("photos/b", "SECOND");
    let run = place.run("diff disc.udf photos --in photos/");
    assert_eq!((run.code, run.out.as_str()), (1, "~ /photos/b\n"));
    assert_eq!(place.run("diff disc.udf photos --in /absent").code, 2);
    assert_eq!(place.run("diff disc.udf photos --in /photos/a").code, 2);
}

#[test]
fn times_differ_only_on_request() {
    let place = with_past();
    place.ok("extract disc.udf --to folder");
    let file = fs::File::options()
        .write(true)
        .open(place.path("folder/moved"))
        .expect("the file");
    file.set_modified(std::time::UNIX_EPOCH).expect("the time is set");
    assert_eq!(place.run("diff disc.udf folder").code, 0);
    let run = place.run("diff disc.udf folder --times");
    assert_eq!((run.code, run.out.as_str()), (1, "~ /moved\n"));
}

#[test]
fn a_broken_chain_is_completed_and_ends_with_exit_code_5() {
    let place = with_past();
    let log = place.json("log disc.udf");
    let lost = log[2]["block"].as_u64().expect("a block");
    fs::copy(place.path("disc.udf"), place.path("copy.udf")).expect("a copy");
    let image = fs::File::options()
        .read(true)
        .write(true)
        .open(place.path("copy.udf"))
        .expect("the copy");
    // The VAT ICB, and its copies before it.
    let mut block = [0; 2048];
    for at in (0..=lost).rev() {
        image.read_exact_at(&mut block, at * 2048).expect("a block");
        if block[27] != 248 {
            break;
        }
        image
            .write_all_at(&[0; 2048], at * 2048)
            .expect("it is overwritten");
    }
    let run = place.run("--json log copy.udf --stat");
    assert_eq!(run.code, 5, "{}", run.err);
    let broken: Value = serde_json::from_str(&run.out).expect("an array");
    let links: Vec<_> = broken
        .as_array()
        .expect("an array")
        .iter()
        .map(|one| &one["link"])
        .collect();
    assert_eq!(links, ["first", "chained", "broken", "chained"]);
    assert_eq!(changes(&broken)[2], ["changed /b", "renamed /moved"]);
    assert!(run.err.contains("cannot be read"), "{}", run.err);
}

#[test]
fn a_lost_vat_icb_with_a_copy_breaks_no_chain() {
    let place = with_past();
    let log = place.json("log disc.udf");
    let lost = log[2]["block"].as_u64().expect("a block");
    let image = fs::File::options().write(true).open(place.path("disc.udf"));
    let image = image.expect("the image");
    image
        .write_all_at(&[0; 2048], lost * 2048)
        .expect("it is overwritten");
    fs::remove_file(place.path("disc.udf.oncefs")).expect("a side file");
    let after = place.json("log disc.udf");
    assert_eq!(numbers(&after, "/number"), [1, 2, 3, 4, 5]);
    assert_eq!(after[2]["block"].as_u64(), Some(lost - 1));
    assert_eq!(after[3]["link"], "chained");
}

#[test]
fn info_and_the_log_number_the_generations_of_a_broken_chain_alike() {
    let place = with_past();
    let log = place.json("log disc.udf");
    let lost = log[2]["block"].as_u64().expect("a block");
    let image = fs::File::options().write(true).open(place.path("disc.udf"));
    let image = image.expect("the image");
    for at in lost - 15..=lost {
        image
            .write_all_at(&[0; 2048], at * 2048)
            .expect("it is overwritten");
    }
    fs::remove_file(place.path("disc.udf.oncefs")).expect("a side file");
    let run = place.run("--json log disc.udf");
    let log: Value = serde_json::from_str(&run.out).expect("an array");
    assert_eq!(log.as_array().map(Vec::len), Some(4));
    assert_eq!(place.json("info disc.udf")["volume"]["generation"], 4);
}

#[test]
fn info_has_the_time_of_the_generation_it_shows() {
    let place = with_past();
    let log = place.json("log disc.udf");
    let info = place.json("info disc.udf --at 2");
    assert_eq!(info["volume"]["recorded"], log[1]["time"]);
    assert!(info["volume"]["formatted"].is_string(), "{info}");
    assert_ne!(info["volume"]["volume_set"], "");
    assert_eq!(info["volume"]["blocks_after"], 0);
}

#[test]
fn the_log_changes_no_byte_of_the_image_and_its_side_file() {
    let place = with_past();
    let both = || (place.bytes("disc.udf"), place.bytes("disc.udf.oncefs"));
    let before = both();
    place.ok("log --stat disc.udf");
    place.ok("ls -R disc.udf --at 2");
    place.run("diff disc.udf 1 5");
    assert!(both() == before);
}

#[test]
fn each_session_has_its_generations() {
    let place = with_past();
    place.ok("close disc.udf");
    place.file("d", "later");
    place.ok("add disc.udf d");
    let log = place.json("log --stat disc.udf");
    let sessions = numbers(&log, "/session");
    assert_eq!(sessions.first().zip(sessions.last()), Some((&1, &2)));
    assert_eq!(changes(&log).last(), Some(&vec!["added /d".to_owned()]));
    assert_eq!(place.names("disc.udf --at 2"), ["/a", "/b"]);
}
