//! Making, moving, linking and removing names.

mod common;

use common::Place;

fn disc() -> Place {
    let place = Place::new();
    place.file("dir/a", "aaa");
    place.file("dir/sub/b", "bbb");
    place.ok("burn dir --to d.udf --medium dvd+r --capacity 100M");
    place
}

#[test]
fn directories_are_made_with_their_parents_on_request() {
    let place = disc();
    assert_eq!(place.failure("mkdir d.udf /x/y")["kind"], "not-found");
    assert_eq!(place.failure("mkdir d.udf /dir")["kind"], "exists");
    place.ok("mkdir d.udf -p /x/y dir");
    assert_eq!(
        place.names("d.udf"),
        ["/dir", "/dir/a", "/dir/sub", "/dir/sub/b", "/x", "/x/y"]
    );
}

#[test]
fn a_change_that_fails_halfway_changes_nothing() {
    let place = disc();
    let failure = place.failure("mkdir d.udf /new /dir");
    assert!(
        failure["state"]
            .as_str()
            .is_some_and(|state| state.contains("as it was before")),
        "{failure}"
    );
    assert_eq!(place.names("d.udf"), ["/dir", "/dir/a", "/dir/sub", "/dir/sub/b"]);
    assert_eq!(place.json("info d.udf")["volume"]["clean"], true);
}

#[test]
fn files_move_to_a_name_or_into_a_directory() {
    let place = disc();
    place.ok("mv d.udf /dir/a /dir/c");
    place.ok("mv d.udf /dir/c /dir/sub /");
    assert_eq!(place.names("d.udf"), ["/c", "/dir", "/sub", "/sub/b"]);
    place.ok("mv d.udf /c /sub/b");
    assert_eq!(place.ok("cat d.udf /sub/b"), "aaa");
    assert_eq!(place.run("mv d.udf /sub /sub/b").code, 1);
    assert_eq!(place.run("mv d.udf /sub /sub/inner").code, 1);
}

#[test]
fn links_are_hard_or_symbolic() {
    let place = disc();
    place.ok("ln d.udf /dir/a /hard");
    place.ok("ln d.udf -s ../x/./y /dir");
    let list = place.json("ls -R d.udf");
    let list = list.as_array().expect("an array");
    let find = |path: &str| list.iter().find(|file| file["path"] == path).expect("a file");
    assert_eq!(
        (&find("/hard")["nlink"], &find("/dir/a")["nlink"]),
        (&2.into(), &2.into())
    );
    assert_eq!(
        (&find("/dir/y")["type"], &find("/dir/y")["target"]),
        (&"symlink".into(), &"../x/./y".into())
    );
    place.ok("rm d.udf /dir/a");
    assert_eq!(place.ok("cat d.udf /hard"), "aaa");
}

#[test]
fn directories_are_removed_only_on_request() {
    let place = disc();
    let refused = place.failure("rm d.udf /dir");
    assert!(refused["hint"].as_str().is_some_and(|hint| hint.contains("-r")));
    place.ok("rm d.udf -r /dir");
    assert!(place.names("d.udf").is_empty());
    let info = place.json("info d.udf");
    assert_eq!(
        (&info["volume"]["files"], &info["volume"]["directories"]),
        (&0.into(), &1.into())
    );
    assert_eq!(place.run("rm d.udf -r /").code, 1);
}

#[test]
fn adding_merges_directories_and_replaces_files() {
    let place = disc();
    place.file("dir/a", "new and longer");
    place.file("dir/more", "more");
    place.ok("ln d.udf /dir/a /old");
    place.ok("add d.udf dir --exclude b");
    assert_eq!(place.ok("cat d.udf /dir/a /old"), "new and longeraaa");
    assert_eq!(
        place.names("d.udf"),
        ["/dir", "/dir/a", "/dir/more", "/dir/sub", "/dir/sub/b", "/old"]
    );
}
