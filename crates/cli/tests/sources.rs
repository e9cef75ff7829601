//! Which sources become files on the disc, and which do not.

mod common;

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{FileTypeExt, symlink};
use std::process::{Command, Stdio};

use common::{Place, Run, noise};

fn disc() -> Place {
    let place = Place::new();
    place.ok("format d.udf --medium dvd+r --capacity 100M");
    place
}

fn refusals(place: &Place, line: &str) -> Vec<String> {
    let before = place.bytes("d.udf");
    let failure = place.failure(line);
    assert_eq!(failure["kind"], "refused", "{failure}");
    assert!(place.bytes("d.udf") == before, "nothing is recorded");
    let refused = failure["refused"].as_array().expect("an array");
    let text = |entry: &serde_json::Value| {
        format!(
            "{}: {}",
            entry["path"].as_str().unwrap_or_default(),
            entry["reason"].as_str().unwrap_or_default()
        )
    };
    refused.iter().map(text).collect()
}

#[test]
fn two_sources_of_one_name_are_refused() {
    let place = disc();
    place.file("a/x", "1");
    place.file("b/x", "2");
    place.file("b/y", "3");
    assert_eq!(
        refusals(&place, "add d.udf a/x b/x"),
        ["b/x: a/x gets the same name on the disc"]
    );
    assert_eq!(
        refusals(&place, "add d.udf a/. b/."),
        ["b/./x: a/./x gets the same name on the disc"]
    );
    assert_eq!(refusals(&place, "add d.udf a/x a/x").len(), 1);
    assert_eq!(refusals(&place, "add d.udf b/. a/x").len(), 1);
    place.ok("add d.udf a/. b/. --exclude /x");
    assert_eq!(place.names("d.udf"), ["/y"]);
}

#[test]
fn directories_of_one_name_are_merged_if_their_files_differ() {
    let place = disc();
    place.file("a/t/one", "1");
    place.file("a/t/deep/x", "1");
    place.file("b/t/two", "2");
    place.file("b/t/deep/y", "2");
    place.ok("add d.udf a/t b/t");
    assert_eq!(
        place.names("d.udf"),
        ["/t", "/t/deep", "/t/deep/x", "/t/deep/y", "/t/one", "/t/two"]
    );
    place.file("b/t/deep/x", "other");
    assert_eq!(
        refusals(&place, "add d.udf a/t b/t"),
        ["b/t/deep/x: a/t/deep/x gets the same name on the disc"]
    );
    place.file("a/t/other/file", "");
    place.file("b/t/other", "");
    assert_eq!(refusals(&place, "add d.udf a/t b/t").len(), 2);
}

#[test]
fn image_side_file_and_trace_are_left_out_with_a_note() {
    let place = Place::new();
    place.file("t/file", "text");
    let run = place.run("burn t --to t/d.udf --medium dvd+r --capacity 100M --trace t/trace");
    assert_eq!(run.code, 0, "{}", run.err);
    for own in ["t/d.udf", "t/d.udf.oncefs", "t/trace"] {
        assert!(
            run.err
                .contains(&format!("{own}: left out, it belongs to the disc")),
            "{}",
            run.err
        );
    }
    assert_eq!(place.names("t/d.udf"), ["/t", "/t/file"]);
    place.file("t/more", "text");
    fs::hard_link(place.path("t/d.udf"), place.path("t/same")).expect("a link");
    place.ok("add t/d.udf t --trace t/trace");
    assert_eq!(place.names("t/d.udf"), ["/t", "/t/file", "/t/more"]);
    assert!(place.ok("check t/d.udf").contains("0 errors"));
}

#[test]
fn standard_input_becomes_a_file() {
    let place = disc();
    let bytes = noise(3_000_001, 1);
    for (source, name) in [("-", "one"), ("/dev/stdin", "two"), ("/dev/fd/0", "three")] {
        let mut command = place.command(&["add", "d.udf", source, "--name", name]);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("it runs");
        let mut input = child.stdin.take().expect("a pipe");
        // In pieces that do not end at a block boundary.
        for piece in bytes.chunks(70_001) {
            input.write_all(piece).expect("it is read");
        }
        drop(input);
        assert!(child.wait().is_ok_and(|status| status.success()));
        place.ok(&format!("extract d.udf /{name} --to out"));
        assert!(place.bytes(&format!("out/{name}")) == bytes, "{source}");
    }
    assert!(place.ok("check d.udf").contains("0 errors, 0 warnings"));
    let (plain, from_input) = (place.json("ls d.udf /two"), place.json("ls d.udf /one"));
    assert_eq!(plain[0]["type"], "file");
    assert_eq!(from_input[0]["mode"], 0o644);
}

#[test]
fn an_endless_source_is_left_out_when_the_medium_is_full() {
    let place = Place::new();
    place.file("small", "text");
    place.ok("format d.udf --medium dvd+r --capacity 20M");
    let line = format!(
        "yes | {} add d.udf - small --name endless",
        env!("CARGO_BIN_EXE_oncefs")
    );
    let mut bash = Command::new("timeout");
    let run = bash
        .args(["60", "bash", "-c", &line])
        .current_dir(place.path("."))
        .output();
    let run = Run::of(run.expect("bash runs"));
    assert_eq!(run.code, 3, "{}", run.err);
    assert!(
        run.err.contains("  -: the medium has no room for it"),
        "{}",
        run.err
    );
    assert_eq!(place.names("d.udf"), ["/small"]);
    assert!(place.ok("check d.udf").contains("0 errors, 0 warnings"));
}

#[test]
fn a_descriptor_from_a_shell_becomes_a_file() {
    let place = disc();
    let line = format!(
        "{} add d.udf <(echo one) <(echo two) --name a --name b",
        env!("CARGO_BIN_EXE_oncefs")
    );
    let mut bash = Command::new("bash");
    let run = bash.args(["-c", &line]).current_dir(place.path(".")).output();
    let run = Run::of(run.expect("bash runs"));
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(
        (place.ok("cat d.udf /a"), place.ok("cat d.udf /b")),
        ("one\n".into(), "two\n".into())
    );
}

#[test]
fn a_descriptor_without_a_name_is_a_usage_error() {
    let place = disc();
    for line in [
        "add d.udf -",
        "add d.udf /dev/stdin",
        "add d.udf d.udf --name x",
        "add d.udf - --name a/b",
    ] {
        assert_eq!(place.failure(line)["kind"], "usage", "{line}");
    }
}

#[test]
fn a_pipe_in_a_tree_stays_a_pipe_and_is_never_opened() {
    let place = disc();
    place.file("t/a", "");
    let pipe = place.path("t/pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .is_ok_and(|status| status.success())
    );
    let path = pipe.clone();
    let writer = std::thread::spawn(move || File::options().write(true).open(path));
    place.ok("add d.udf t");
    std::thread::sleep(std::time::Duration::from_millis(50));
    assert!(!writer.is_finished(), "it was opened");
    drop(File::open(&pipe).expect("the pipe opens"));
    writer.join().expect("the writer").expect("the pipe opens");
    place.ok("extract d.udf --to out");
    let kind = place
        .path("out/t/pipe")
        .symlink_metadata()
        .expect("a pipe")
        .file_type();
    assert!(kind.is_fifo());
}

#[test]
fn files_without_a_size_are_read_to_their_end() {
    let place = disc();
    place.ok("add d.udf /proc/self/status /proc/cpuinfo /proc/version");
    let version = fs::read_to_string("/proc/version").expect("a kernel");
    assert_eq!(place.ok("cat d.udf /version"), version);
    assert!(place.ok("cat d.udf /status").starts_with("Name:\toncefs"));
    assert!(!place.ok("cat d.udf /cpuinfo").is_empty());
    // The stated size is wrong.
    for name in ["enabled", "defrag", "shmem_enabled", "use_zero_page"] {
        // The host creates the file at the first access: it is as new as a file being written.
        let stated = format!("/sys/kernel/mm/transparent_hugepage/{name}");
        if !std::path::Path::new(&stated).exists() {
            continue;
        }
        place.ok(&format!("add d.udf {stated}"));
        let text = fs::read_to_string(stated).expect("it is there");
        assert_eq!(place.ok(&format!("cat d.udf /{name}")), text);
    }
    assert!(place.ok("check d.udf").contains("0 errors, 0 warnings"));
}

#[test]
fn names_that_windows_cannot_open_are_noted() {
    let place = disc();
    for name in ["A", "a", "bad?name", "CON", "fine"] {
        place.file(&format!("t/{name}"), "");
    }
    let refused = refusals(&place, "add d.udf t --windows-names refuse");
    let paths: Vec<_> = refused
        .iter()
        .filter_map(|line| line.split(": ").next())
        .collect();
    assert_eq!(paths, ["t/CON", "t/a", "t/bad?name"]);
    let run = place.run("add d.udf t");
    assert_eq!(run.code, 0, "{}", run.err);
    let words = "3 names that Windows cannot open, the first is t/CON: ";
    assert!(run.err.contains(words), "{}", run.err);
    assert!(place.run("add d.udf t --windows-names keep").err.is_empty());
    // Names on the disc count, except those that are replaced.
    place.file("FINE", "");
    place.file("other/fine", "");
    assert!(
        place
            .run("add d.udf FINE --into /t")
            .err
            .contains("1 name that Windows")
    );
    assert!(
        place
            .run("add d.udf other/. --into /t --windows-names refuse")
            .code
            == 0
    );
}

#[test]
fn names_from_the_command_line_are_checked_like_those_of_files() {
    let place = disc();
    place.file("fine", "");
    let refused = "--windows-names refuse";
    for (line, name) in [
        (format!("add d.udf - --name CON {refused}"), "-"),
        (format!("add d.udf fine --into /a/PRN/b {refused}"), "PRN"),
    ] {
        let reasons = refusals(&place, &line);
        assert!(
            reasons
                .iter()
                .any(|reason| reason.starts_with(&format!("{name}: Windows"))),
            "{line}: {reasons:?}"
        );
    }
    let into = format!("/{}", ["n".repeat(250).as_str(); 4].join("/"));
    let reasons = refusals(
        &place,
        &format!("add d.udf - --name {} --into {into}", "f".repeat(30)),
    );
    assert!(reasons[0].contains("UDF allows 1,023"), "{reasons:?}");
}

#[test]
fn extended_attributes_are_reported_as_not_recorded() {
    let place = disc();
    let path = place.file("t/marked", "text");
    let set = rustix::fs::setxattr(&path, "user.comment", b"mine", rustix::fs::XattrFlags::empty());
    if set.is_err() {
        // The file system has none.
        return;
    }
    let run = place.run("add d.udf t");
    assert_eq!(run.code, 0, "{}", run.err);
    let words = "1 file has extended attributes or access control lists, which are not recorded; the first is t/marked (user.comment)";
    assert!(run.err.contains(words), "{}", run.err);
}

#[test]
fn attributes_of_empty_files_are_reported_wherever_they_are() {
    let place = disc();
    for name in ["t/empty", "u/v/empty", "empty"] {
        let path = place.file(name, "");
        let set = rustix::fs::setxattr(&path, "user.comment", b"mine", rustix::fs::XattrFlags::empty());
        if set.is_err() {
            // The file system has none.
            return;
        }
        place.file(&format!("{name}.without"), "");
    }
    place.file("other", "text");
    let run = place.run("add d.udf t u/v empty empty.without u/../other");
    assert_eq!(run.code, 0, "{}", run.err);
    let words = "3 files have extended attributes or access control lists, which are not recorded; the first is t/empty (user.comment)";
    assert!(run.err.contains(words), "{}", run.err);
    let names = [
        "/empty",
        "/empty.without",
        "/other",
        "/t",
        "/t/empty",
        "/t/empty.without",
        "/v",
        "/v/empty",
        "/v/empty.without",
    ];
    assert_eq!(place.names("d.udf"), names);
}

#[test]
fn a_directory_that_cannot_be_listed_is_left_out_and_named() {
    let place = disc();
    place.file("t/a", "");
    place.file("t/secret/b", "");
    place.file("t/z", "");
    if common::is_root(&place) {
        // Root may read everything: a link in place of the directory is just another kind of file.
        symlink("/nowhere", place.path("t/link")).expect("a link");
        place.ok("add d.udf t");
        return;
    }
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(place.path("t/secret"), fs::Permissions::from_mode(0o000)).expect("a mode");
    let run = place.run("add d.udf t");
    fs::set_permissions(place.path("t/secret"), fs::Permissions::from_mode(0o700)).expect("a mode");
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.err.contains("  t/secret: Permission denied"), "{}", run.err);
    assert_eq!(place.names("d.udf"), ["/t", "/t/a", "/t/z"]);
}
