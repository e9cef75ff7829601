//! A mount goes as deep as a disc: deeper than the longest path of the system and of UDF.

mod common;

use std::fs;

use common::deep::{clear, deep, depth};
use common::mountable::Mountable;

/// Nested directories, with paths of several times 4,095 bytes.
const LEVELS: usize = 5_000;

#[test]
fn a_deep_tree_is_read_on_a_mount() {
    let Some(place) = Mountable::new() else { return };
    deep(&place, "t", LEVELS, "d");
    place.ok("format d.udf --medium bd-r --capacity 300M");
    place.ok("add d.udf t --deep");
    for options in ["", "--read-only"] {
        place.ok(&format!("mount d.udf m {options}"));
        assert_eq!(depth(&place, "m/t", "d"), (LEVELS, "leaf".into()), "{options}");
        place.ok("unmount m");
    }
    clear(&place, "t", "d");
}

#[test]
fn a_deep_tree_made_on_a_mount_is_listed_checked_and_removed() {
    let Some(place) = Mountable::new() else { return };
    place.ok("format d.udf --medium bd-r --capacity 300M");
    place.ok("mount d.udf m");
    deep(&place, "m/t", LEVELS, "d");
    assert_eq!(depth(&place, "m/t", "d"), (LEVELS, "leaf".into()));
    place.ok("unmount m");
    assert_eq!(place.ok("ls -R d.udf").lines().count(), 2 * LEVELS + 2);
    place.ok("extract d.udf --to out");
    assert_eq!(depth(&place, "out/t", "d"), (LEVELS, "leaf".into()));
    let judged = place.json("check d.udf");
    assert_eq!(judged["errors"], 0);
    assert!(
        judged["kinds"]["PathLength"].as_u64() > Some(0),
        "{}",
        judged["kinds"]
    );
    place.ok("mount d.udf m");
    clear(&place, "m/t", "d");
    place.ok("unmount m");
    assert!(place.names("d.udf").is_empty());
    clear(&place, "out", "d");
}

#[test]
fn check_warns_of_a_path_of_1024_bytes_and_not_of_1023() {
    let Some(place) = Mountable::new() else { return };
    place.ok("format d.udf --medium dvd+r --capacity 100M");
    let warned = || {
        let judged = place.json("check d.udf");
        assert_eq!(judged["errors"], 0);
        judged["kinds"]["PathLength"].as_u64().unwrap_or(0)
    };
    // Four names of 200 bytes and one of 218, each with the byte of its separator.
    let directory = format!("m/{}", ["n".repeat(200).as_str(); 4].join("/"));
    place.ok("mount d.udf m");
    fs::create_dir_all(place.path(&directory)).expect("directories");
    fs::write(place.path(&directory).join("f".repeat(218)), "fits").expect("a file");
    place.ok("unmount m");
    assert_eq!(warned(), 0);
    place.ok("mount d.udf m");
    fs::write(place.path(&directory).join("g".repeat(219)), "does not").expect("a file");
    place.ok("unmount m");
    assert_eq!(warned(), 1);
}

#[test]
fn a_full_directory_is_moved_down_and_up_on_a_mount() {
    let Some(place) = Mountable::new() else { return };
    place.ok("format d.udf --medium dvd+r --capacity 100M");
    place.ok("mount d.udf m");
    deep(&place, "m/t", 600, "d");
    fs::create_dir_all(place.path("m/a/b/c")).expect("directories");
    fs::rename(place.path("m/t"), place.path("m/a/b/c/t")).expect("it moves");
    assert_eq!(depth(&place, "m/a/b/c/t", "d"), (600, "leaf".into()));
    let into_itself = fs::rename(place.path("m/a"), place.path("m/a/b/c/t/d/d/d/a"));
    assert!(into_itself.is_err_and(|error| error.raw_os_error() == Some(22)));
    fs::rename(place.path("m/a/b/c/t/d"), place.path("m/up")).expect("it moves");
    assert_eq!(depth(&place, "m/up", "d"), (599, "leaf".into()));
    place.ok("unmount m");
    assert_eq!(place.json("check d.udf")["errors"], 0);
}
