//! The form of the output.

mod common;

use std::process::Stdio;

use common::{Place, noise};
use serde_json::Value;

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = value
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    keys
}

#[test]
fn info_has_medium_sessions_and_volume() {
    let place = Place::new();
    place.file("a", noise(10_000, 1));
    place.ok("burn a --to d.udf --medium dvd-r --capacity 100M --label Shape");
    let info = place.json("info d.udf");
    for key in [
        "capacity_blocks",
        "free_blocks",
        "next_writable_address",
        "profile",
        "status",
        "write_unit_blocks",
    ] {
        assert!(keys(&info["medium"]).contains(&key), "{key}");
    }
    assert_eq!(
        keys(&info["sessions"][0]),
        ["last_recorded", "number", "start", "state"]
    );
    assert_eq!(
        keys(&info["volume"]),
        [
            "blocks_after",
            "clean",
            "directories",
            "files",
            "flags",
            "flags_value",
            "formatted",
            "generation",
            "has_vat",
            "label",
            "recorded",
            "rom",
            "root_attributes",
            "system_streams",
            "udf_revision",
            "vat_icb",
            "volume_set"
        ]
    );
    assert_eq!(
        keys(&info["space"]),
        [
            "dead_blocks",
            "free_blocks",
            "kept_back_blocks",
            "unreadable_nodes",
            "used_blocks"
        ]
    );
    assert_eq!(info["medium"]["status"], "appendable");
    assert_eq!(info["medium"]["write_unit_blocks"], 16);
    assert_eq!(info["volume"]["label"], "Shape");
    assert_eq!(info["volume"]["vat_icb"], info["sessions"][0]["last_recorded"]);
    assert_eq!(info["volume"]["flags_value"], 0x0050_0007);
    assert!(place.ok("info d.udf").contains("volume      'Shape', UDF 2.01"));
}

#[test]
fn info_says_what_is_used_dead_kept_back_and_free() {
    let place = Place::new();
    place.file("a", noise(1 << 20, 1));
    for rom in ["bridge", "no"] {
        place.ok(&format!(
            "format {rom}.udf --medium bd-r --capacity 100M --rom {rom}"
        ));
        let added = place.json(&format!("add {rom}.udf a"));
        let space = || place.json(&format!("info {rom}.udf"))["space"].clone();
        assert_eq!(space()["free_blocks"], added["free_blocks"], "{rom}");
        // File set, root, node, data, VAT and VAT ICB.
        assert_eq!(space()["used_blocks"], 5 + 512, "{rom}");
        place.ok(&format!("rm {rom}.udf a"));
        let after = space();
        assert_eq!(after["used_blocks"], 4, "{rom}");
        assert!(
            after["dead_blocks"].as_u64().is_some_and(|dead| dead > 513),
            "{after}"
        );
        assert!(
            after["kept_back_blocks"].as_u64().is_some_and(|kept| kept > 256),
            "{after}"
        );
        let text = place.ok(&format!("info {rom}.udf"));
        for line in ["\nused ", "\ndead ", "\nroom "] {
            assert!(text.contains(line), "{text}");
        }
    }
    place.ok("close no.udf --finalize --yes");
    let space = place.json("info no.udf")["space"].clone();
    assert!(
        space["kept_back_blocks"].is_null() && space["free_blocks"].is_null(),
        "{space}"
    );
}

#[test]
fn listings_are_arrays_with_every_attribute() {
    let place = Place::new();
    place.file("tree/file", "12345");
    std::os::unix::fs::symlink("file", place.path("tree/link")).expect("a link");
    place.ok("burn tree --to d.udf --medium dvd-r --capacity 100M");
    let list = place.json("ls -R d.udf");
    assert_eq!(list.as_array().map(Vec::len), Some(3));
    let (file, link) = (&list[1], &list[2]);
    assert_eq!(
        keys(file),
        ["gid", "mode", "mtime", "nlink", "path", "size", "type", "uid"]
    );
    assert_eq!(
        (&file["path"], &file["type"], &file["size"]),
        (&"/tree/file".into(), &"file".into(), &5.into())
    );
    assert!(file["mode"].is_u64());
    let mtime = file["mtime"].as_str().expect("a time");
    assert!(mtime.len() == 27 && mtime.ends_with('Z'), "{mtime}");
    assert_eq!(
        (&link["type"], &link["target"]),
        (&"symlink".into(), &"file".into())
    );
    assert_eq!(place.json("ls d.udf -d / /tree")[0]["path"], "/");
    assert_eq!(place.json("ls d.udf /tree/file")[0]["path"], "/tree/file");
}

#[test]
fn a_long_listing_looks_like_that_of_the_host() {
    let place = Place::new();
    let path = place.file("f", "12345");
    std::os::unix::fs::symlink("f", place.path("l")).expect("a link");
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o640)).expect("a mode");
    place.ok("burn f l --to d.udf --medium dvd-r --capacity 100M");
    let text = place.ok("ls -l d.udf");
    let lines: Vec<_> = text.lines().collect();
    assert!(
        lines[0].starts_with("-rw-r-----   1 ") && lines[0].ends_with("Z f"),
        "{text}"
    );
    assert!(
        lines[1].starts_with("lrwxrwxrwx") && lines[1].ends_with(" l -> f"),
        "{text}"
    );
}

#[test]
fn names_cannot_move_the_cursor_of_a_terminal() {
    let place = Place::new();
    place.file("a\x1b[2Jb", "");
    place.ok("format d.udf --medium dvd-r --capacity 100M");
    assert_eq!(place.run_words(&["add", "d.udf", "a\x1b[2Jb"]).code, 0);
    assert_eq!(place.ok("ls d.udf"), "a\\u{1b}[2Jb\n");
}

#[test]
fn a_closed_pipe_is_not_a_failure() {
    let place = Place::new();
    place.file("large", noise(3_000_000, 4));
    place.ok("burn large --to d.udf --medium dvd-r --capacity 100M");
    let mut child = place
        .command(&["cat", "d.udf", "/large"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
}

#[test]
fn every_command_of_the_drive_is_traced() {
    let place = Place::new();
    place.ok("format d.udf --medium dvd-r --capacity 100M --trace trace");
    let trace = String::from_utf8(place.bytes("trace")).expect("text");
    assert!(trace.lines().any(|line| line.contains("WRITE(10)")), "{trace}");
    assert!(
        trace.lines().any(|line| line.contains("SYNCHRONIZE CACHE")),
        "{trace}"
    );
}

#[test]
fn completions_and_manual_pages_are_generated() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            place.ok(&format!("completions {shell}")).contains("finalize"),
            "{shell}"
        );
    }
    assert!(place.ok("man").contains(".TH oncefs"));
    place.ok("man --out pages");
    assert!(String::from_utf8_lossy(&place.bytes("pages/oncefs-burn.1")).contains("finalize"));
}

#[test]
fn the_state_of_the_disc_is_reported_if_standard_output_fails() {
    let place = Place::new();
    place.file("a", "text");
    place.ok("format d.udf --medium dvd+r --capacity 100M");
    for line in ["add d.udf a", "burn a --to new.udf --medium cd-r", "close d.udf"] {
        let words: Vec<_> = line.split(' ').collect();
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .expect("a device");
        let run = place
            .command(&words)
            .stdout(full)
            .stderr(std::process::Stdio::piped())
            .output();
        let run = common::Run::of(run.expect("the program runs"));
        assert_eq!(run.code, 1, "{line}: {}", run.err);
        assert!(
            run.err.contains("standard output: No space left"),
            "{line}: {}",
            run.err
        );
        assert!(
            run.err.contains("on the disc: everything requested: "),
            "{line}: {}",
            run.err
        );
    }
    assert_eq!(place.names("d.udf"), ["/a"]);
    assert_eq!(place.names("new.udf"), ["/a"]);
}
