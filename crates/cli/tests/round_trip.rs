//! Files come back from a disc as they were.

mod common;

use std::fs::{self, File, FileTimes, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::process::Command;
use std::time::{Duration, SystemTime};

use common::{Place, is_root, listing, noise};

/// Every kind of node, with different attributes.
fn tree() -> Place {
    let place = Place::new();
    place.file("tree/empty", "");
    place.file("tree/small", "in its own ICB");
    place.file("tree/border", noise(2048, 1));
    place.file("tree/sub/deep/large", noise(3_000_001, 2));
    place.file("tree/ünï-字-𝄞", "name");
    place.file("tree/line\nbreak", "name");
    let path = |name: &str| place.path(&format!("tree/{name}"));
    fs::hard_link(path("small"), path("sub/second")).expect("a link");
    symlink("../sub/./x", path("relative")).expect("a link");
    symlink("/nowhere/at all", path("absolute")).expect("a link");
    let sparse = File::create(path("sparse")).expect("a file");
    sparse.set_len(50 << 20).expect("a hole");
    std::os::unix::fs::FileExt::write_all_at(&sparse, &noise(5000, 3), 20 << 20).expect("data");
    drop(UnixListener::bind(path("socket")).expect("a socket"));
    let mknod = |arguments: &[&str]| {
        let status = Command::new("mknod")
            .args(arguments)
            .current_dir(place.path("tree"))
            .status();
        assert!(status.is_ok_and(|status| status.success()), "mknod {arguments:?}");
    };
    mknod(&["pipe", "p"]);
    if is_root(&place) {
        mknod(&["char", "c", "5", "300"]);
        mknod(&["block", "b", "259", "1048575"]);
        let chown = Command::new("chown")
            .args(["-h", "1234:70000"])
            .args([path("small"), path("relative")])
            .status();
        assert!(chown.is_ok_and(|status| status.success()));
    }
    fs::set_permissions(path("small"), Permissions::from_mode(0o4751)).expect("a mode");
    fs::set_permissions(path("sub/deep"), Permissions::from_mode(0o2700)).expect("a mode");
    fs::set_permissions(path("empty"), Permissions::from_mode(0o0400)).expect("a mode");
    let old = SystemTime::UNIX_EPOCH + Duration::new(86_400, 123_456_000);
    let times = FileTimes::new().set_accessed(old).set_modified(old);
    File::options()
        .read(true)
        .open(path("border"))
        .and_then(|file| file.set_times(times))
        .expect("times");
    File::open(path("sub"))
        .and_then(|directory| directory.set_times(times))
        .expect("times");
    place
}

#[test]
fn every_kind_of_node_comes_back_with_its_attributes() {
    for revision in ["1.50", "2.01", "2.60"] {
        let place = tree();
        place.ok(&format!(
            "burn tree --to d.udf --medium bd-r --capacity 200M --udf {revision} --finalize"
        ));
        place.ok("extract d.udf --to out");
        assert_eq!(
            listing(&place.path("out/tree")),
            listing(&place.path("tree")),
            "UDF {revision}"
        );
        let blocks = |name: &str| {
            std::os::unix::fs::MetadataExt::blocks(&fs::metadata(place.path(name)).expect("a file"))
        };
        assert!(
            blocks("out/tree/sparse") <= blocks("tree/sparse") + 16,
            "the holes are kept"
        );
    }
}

#[test]
fn the_contents_of_a_directory_are_added_to_the_target_itself() {
    let place = tree();
    place.ok("burn tree/. --to d.udf --medium dvd-r --capacity 200M --into /a/b");
    place.ok("extract d.udf /a/b/. --to out");
    assert_eq!(listing(&place.path("out")), listing(&place.path("tree")));
    let mode = |name: &str| {
        fs::metadata(place.path(name))
            .map(|status| status.permissions().mode())
            .ok()
    };
    assert_eq!(mode("out"), mode("tree"));
    place.ok("extract d.udf /a/b/small a/b/sub --to some");
    assert_eq!(
        listing(&place.path("some/sub")).len(),
        listing(&place.path("tree/sub")).len()
    );
}

#[test]
fn existing_files_are_refused_and_replaced_only_on_request() {
    let place = Place::new();
    place.file("tree/a", "new");
    place.file("tree/sub/b", "new");
    place.ok("burn tree/. --to d.udf --medium dvd-r --capacity 100M");
    place.file("out/sub/b", "old");
    place.file("out/other", "stays");
    let refused = place.failure("extract d.udf --to out");
    assert_eq!(
        refused["refused"],
        serde_json::json!([{"path": "/sub/b", "reason": "exists already"}])
    );
    assert!(!place.path("out/a").exists());
    place.ok("extract d.udf --to out --force");
    assert_eq!(
        (place.bytes("out/sub/b"), place.bytes("out/other")),
        (b"new".to_vec(), b"stays".to_vec())
    );
}

#[test]
fn a_directory_and_a_file_never_replace_each_other() {
    let place = Place::new();
    place.file("tree/a", "file");
    place.file("tree/b/c", "in a directory");
    place.ok("burn tree/. --to d.udf --medium dvd-r --capacity 100M");
    place.file("out/a/inside", "");
    place.file("out/b", "");
    let refused = place.failure("extract d.udf --to out --force");
    assert_eq!(refused["refused"].as_array().map(Vec::len), Some(2), "{refused}");
}

#[test]
fn no_link_below_the_target_is_followed() {
    let place = Place::new();
    place.file("tree/dir/file", "from the disc");
    place.ok("burn tree/. --to d.udf --medium dvd-r --capacity 100M");
    fs::create_dir_all(place.path("outside")).expect("a directory");
    fs::create_dir_all(place.path("out")).expect("a directory");
    symlink("../outside", place.path("out/dir")).expect("a link");
    assert_eq!(place.failure("extract d.udf --to out --force")["kind"], "exists");
    assert!(!place.path("outside/file").exists());
    place.file("outside/precious", "kept");
    symlink("../outside/precious", place.path("out/link")).expect("a link");
    fs::remove_file(place.path("out/dir")).expect("the link goes");
    place.file("link", "replaced");
    place.ok("add d.udf link");
    place.ok("extract d.udf --to out --force");
    assert_eq!(place.bytes("outside/precious"), b"kept");
    assert_eq!(place.bytes("out/link"), b"replaced");
}

#[test]
fn excluded_files_are_left_out() {
    let place = Place::new();
    for name in [
        "p/a.o",
        "p/a.c",
        "p/target/x",
        "p/docs/deep/y",
        "p/docs/z",
        "p/src/target",
    ] {
        place.file(name, "");
    }
    place.ok("format d.udf --medium dvd-r --capacity 100M");
    let arguments = [
        "add",
        "d.udf",
        "p",
        "--exclude",
        "*.o",
        "--exclude",
        "target",
        "--exclude",
        "p/docs/**/y",
    ];
    assert_eq!(place.run_words(&arguments).code, 0);
    assert_eq!(
        place.names("d.udf"),
        ["/p", "/p/a.c", "/p/docs", "/p/docs/deep", "/p/docs/z", "/p/src"]
    );
}
