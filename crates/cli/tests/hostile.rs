//! Discs made to do harm.

mod common;

use std::cell::Cell;
use std::fs;

use common::Place;
use ecma167::BLOCK_SIZE;
use ecma167::file::{FileEntry, FileIdentifier};
use ecma167::general::TagVersion;
use ecma167::osta::{Revision, cs0};

/// Changes file identifier descriptors in directories embedded in their ICB, without changing their length,
/// and corrects every checksum.
fn edit(place: &Place, change: impl Fn(&mut FileIdentifier)) {
    let mut image = place.bytes("d.udf");
    for block in image.chunks_exact_mut(BLOCK_SIZE) {
        let Ok(mut entry) = FileEntry::decode(block, None) else {
            continue;
        };
        let body = &mut entry.allocation_descriptors;
        let mut at = 0;
        while let Ok((mut identifier, length)) = FileIdentifier::decode(&body[at..], None) {
            change(&mut identifier);
            let encoded = identifier
                .encode(version(), tag_location(&body[at..]))
                .expect("a name");
            body[at..at + length].copy_from_slice(&encoded);
            at += length;
        }
        if at > 0 {
            let encoded = entry
                .encode(version(), tag_location(block))
                .expect("as long as before");
            block.copy_from_slice(&encoded);
        }
    }
    fs::write(place.path("d.udf"), image).expect("the image is written");
}

fn version() -> TagVersion {
    TagVersion::of(Revision::V2_01)
}

/// The location in a descriptor tag (`ECMA-167 3/7.2.8`).
fn tag_location(descriptor: &[u8]) -> u32 {
    u32::from_le_bytes([descriptor[12], descriptor[13], descriptor[14], descriptor[15]])
}

/// Renames a file to a name of the same length.
fn rename(place: &Place, from: &str, to: &str) {
    let [from, to] = [from, to].map(|name| cs0::encode(name).expect("a name"));
    assert_eq!(from.len(), to.len());
    edit(place, |identifier| {
        if identifier.identifier == from {
            to.clone_into(&mut identifier.identifier);
        }
    });
}

#[test]
fn a_link_with_the_name_of_a_directory_leads_nowhere() {
    let place = Place::new();
    fs::create_dir(place.path("outside")).expect("a directory");
    fs::create_dir(place.path("tree")).expect("a directory");
    std::os::unix::fs::symlink(place.path("outside"), place.path("tree/aa")).expect("a link");
    place.file("tree/bb/evil", "harm");
    place.ok("burn tree/. --to d.udf --medium dvd-r --capacity 100M");
    rename(&place, "bb", "aa");
    for force in ["", " --force"] {
        let run = place.run(&format!("extract d.udf --to out{force}"));
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        assert_eq!(place.bytes("out/aa~2/evil"), b"harm");
        assert!(
            fs::read_dir(place.path("outside"))
                .expect("a directory")
                .next()
                .is_none()
        );
        assert!(place.path("out/aa").is_symlink());
    }
}

#[test]
fn a_name_that_leads_up_stays_below_the_target() {
    let place = Place::new();
    place.file("tree/xx-xx-evil", "harm");
    place.file("tree/zz", "harmless");
    place.ok("burn tree/. --to d.udf --medium dvd-r --capacity 100M");
    rename(&place, "xx-xx-evil", "../../evil");
    rename(&place, "zz", "..");
    place.ok("extract d.udf --to deep/down/out");
    assert!(!place.path("deep/evil").exists() && !place.path("evil").exists());
    let names: Vec<_> = fs::read_dir(place.path("deep/down/out"))
        .expect("a directory")
        .collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

/// A disc of `/tree` with `sub`, which is `tree` again, and a file after it.
fn holding_itself() -> Place {
    let place = Place::new();
    place.file("tree/sub/file", "");
    place.file("tree/zz", "");
    place.ok("burn tree --to d.udf --medium dvd-r --capacity 100M");
    let tree = Cell::new(None);
    edit(&place, |identifier| {
        if identifier.name().as_deref() == Ok("tree") {
            tree.set(Some(identifier.icb));
        }
    });
    edit(&place, |identifier| {
        if identifier.name().as_deref() == Ok("sub") {
            identifier.icb = tree.get().expect("the directory");
        }
    });
    place
}

#[test]
fn files_after_a_skipped_directory_are_copied_to_their_place() {
    let place = holding_itself();
    let run = place.run("extract d.udf --to out");
    assert_eq!(run.code, 5, "{}", run.err);
    assert!(place.path("out/tree/zz").is_file());
    assert!(!place.path("out/tree/sub/zz").exists());
}

#[test]
fn a_directory_that_holds_itself_is_listed_once() {
    let place = holding_itself();
    let run = place.run("ls -R d.udf");
    assert_eq!(
        (run.code, run.out.as_str()),
        (5, "/tree\n/tree/sub\n/tree/zz\n"),
        "{}",
        run.err
    );
    let run = place.run("extract d.udf --to out");
    assert_eq!(run.code, 5, "{}", run.err);
    let run = place.run("rm -r d.udf /tree");
    assert_ne!(run.code, 0, "{}", run.out);
}

/// The files beside the disc: extraction must add none.
fn beside(place: &Place) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(place.path("."))
        .expect("a directory")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| !name.starts_with("d.udf"))
        .collect();
    names.sort();
    names
}

#[test]
fn names_that_no_host_allows_are_reported_and_the_others_copied() {
    for odd in ["a/b", "a\0b", "...", "/..", "../"] {
        let place = Place::new();
        place.file("tree/xxx", "odd");
        place.file("tree/fine", "fine");
        place.ok("burn tree/. --to d.udf --medium dvd-r --capacity 100M");
        rename(&place, "xxx", odd);
        let list = place.run("ls -R d.udf");
        assert!(!list.out.contains('\0'), "{odd:?}: {}", list.out);
        place.run("extract d.udf --to out");
        assert_eq!(place.bytes("out/fine"), b"fine", "{odd:?}");
        assert_eq!(beside(&place), ["out", "tree"], "{odd:?}");
        assert!(
            fs::read_dir(place.path("out")).expect("a directory").count() <= 2,
            "{odd:?}"
        );
    }
}

#[test]
fn an_empty_name_and_dots_are_not_files() {
    for odd in ["", ".", ".."] {
        let place = Place::new();
        // Of the same length, including the padding of its descriptor.
        let name = "x".repeat(odd.len().max(1));
        place.file(&format!("tree/{name}"), "odd");
        place.file("tree/fine", "fine");
        place.ok("burn tree/. --to d.udf --medium dvd-r --capacity 100M");
        let old = cs0::encode(&name).expect("a name");
        edit(&place, |identifier| {
            if identifier.identifier == old {
                let new = if odd.is_empty() {
                    Vec::new()
                } else {
                    cs0::encode(odd).expect("a name")
                };
                identifier.identifier = new;
            }
        });
        let run = place.run("extract d.udf --to out");
        assert_eq!(place.bytes("out/fine"), b"fine", "{odd:?}: {}", run.err);
        assert_eq!(beside(&place), ["out", "tree"], "{odd:?}");
    }
}

#[test]
fn two_entries_with_one_name_are_copied_by_two_names() {
    let place = Place::new();
    place.file("tree/aa", "first");
    place.file("tree/bb", "second");
    place.ok("burn tree/. --to d.udf --medium dvd-r --capacity 100M");
    rename(&place, "bb", "aa");
    assert_eq!(place.run("ls d.udf").out, "aa\naa~2\n");
    let run = place.run("extract d.udf --to out");
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(place.bytes("out/aa"), b"first");
    assert_eq!(place.bytes("out/aa~2"), b"second");
    assert_eq!(place.bytes("tree/bb"), b"second");
}

#[test]
fn of_two_entries_with_one_name_each_changes_alone() {
    for (remove, left, text) in [("aa", "aa~2\n", b"second".as_slice()), ("aa~2", "aa\n", b"first")] {
        let place = Place::new();
        place.file("tree/aa", "first");
        place.file("tree/bb", "second");
        place.ok("burn tree/. --to d.udf --medium dvd-r --capacity 100M --close");
        rename(&place, "bb", "aa");
        place.ok(&format!("rm d.udf /{remove} --accept-image"));
        assert_eq!(place.run("ls d.udf").out, left);
        place.ok("extract d.udf --to out");
        assert_eq!(place.bytes(&format!("out/{}", left.trim())), text);
    }
}

#[test]
fn a_second_name_gets_its_own_bytes_if_the_first_is_taken() {
    let place = Place::new();
    place.file("tree/aa", "somebody else's");
    place.file("tree/bb", "linked");
    fs::hard_link(place.path("tree/bb"), place.path("tree/cc")).expect("a link");
    place.ok("burn tree/. --to d.udf --medium dvd-r --capacity 100M");
    rename(&place, "bb", "aa");
    for yes in ["", " --yes"] {
        let target = format!("out{}", yes.len());
        place.run(&format!("extract d.udf --to {target}{yes}"));
        assert_eq!(place.bytes(&format!("{target}/cc")), b"linked", "{yes:?}");
    }
}

#[test]
fn a_link_to_anywhere_is_made_but_never_followed() {
    let place = Place::new();
    place.file("outside/secret", "secret");
    fs::create_dir(place.path("tree")).expect("a directory");
    for (name, target) in [
        ("a", "../outside"),
        ("b", "/"),
        ("c", "../outside/secret"),
        ("d", "a/../../outside"),
    ] {
        std::os::unix::fs::symlink(target, place.path("tree").join(name)).expect("a link");
    }
    place.file("tree/file", "new");
    place.ok("burn tree/. --to d.udf --medium dvd-r --capacity 100M");
    // Where a file of the disc goes, the host has a link to a file that must not change.
    fs::create_dir(place.path("out")).expect("a directory");
    std::os::unix::fs::symlink(place.path("outside/secret"), place.path("out/file")).expect("a link");
    let run = place.run("extract d.udf --to out");
    assert_eq!(run.code, 1, "{}", run.out);
    place.ok("extract d.udf --to out --yes");
    assert_eq!(place.bytes("outside/secret"), b"secret");
    assert_eq!(
        fs::read_dir(place.path("outside")).expect("a directory").count(),
        1
    );
    assert!(!place.path("out/file").is_symlink());
    assert_eq!(place.bytes("out/file"), b"new");
}

#[test]
fn a_program_of_a_disc_gets_no_rights_but_those_of_its_caller() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    if !common::is_root(&place) {
        return;
    }
    let program = place.file("tree/program", "x");
    std::os::unix::fs::chown(&program, Some(65_534), Some(65_534)).expect("an owner");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o4755)).expect("a mode");
    place.ok("burn tree/. --to d.udf --medium dvd-r --capacity 100M");
    let whole: fs::Permissions = PermissionsExt::from_mode(0o777);
    for path in [".", "d.udf", "d.udf.oncefs"] {
        fs::set_permissions(place.path(path), whole.clone()).expect("a mode");
    }
    let words = ["extract", "d.udf", "--to", "out"];
    let mut command = place.command(&words);
    std::os::unix::process::CommandExt::uid(&mut command, 65_534);
    std::os::unix::process::CommandExt::gid(&mut command, 65_534);
    let run = common::Run::of(command.output().expect("the program runs"));
    assert_eq!(run.code, 0, "{}", run.err);
    let mode = |path: &str| {
        fs::metadata(place.path(path))
            .expect("a file")
            .permissions()
            .mode()
            & 0o7777
    };
    assert_eq!(mode("out/program"), 0o755, "as its owner");
    place.ok("extract d.udf --to as-root");
    assert_eq!(mode("as-root/program"), 0o4755, "as root");
}

#[test]
fn a_name_with_terminal_controls_is_shown_escaped() {
    let place = Place::new();
    place.file("tree/xxxxxx", "odd");
    place.ok("burn tree/. --to d.udf --medium dvd-r --capacity 100M");
    rename(&place, "xxxxxx", "\x1b[2J\n\r");
    place.file("out/\x1b[2J\n\r", "old");
    for line in ["ls -R d.udf", "extract d.udf --to out", "cat d.udf /nothing"] {
        let run = place.run(line);
        assert!(
            !run.out.contains('\x1b') && !run.err.contains('\x1b'),
            "{line}: {}{}",
            run.out,
            run.err
        );
    }
}

#[test]
fn swapping_directories_for_links_moves_nothing_out_of_the_target() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let place = Place::new();
    for number in 0..150 {
        place.file(&format!("tree/sub/inner/{number}"), "harm");
    }
    place.ok("burn tree/. --to d.udf --medium dvd-r --capacity 100M");
    fs::create_dir_all(place.path("outside/inner")).expect("a directory");
    fs::create_dir_all(place.path("out/sub/inner")).expect("a directory");
    std::os::unix::fs::symlink(place.path("outside"), place.path("out/link")).expect("a link");
    let done = AtomicBool::new(false);
    let (sub, link) = (place.path("out/sub"), place.path("out/link"));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let exchange = rustix::fs::RenameFlags::EXCHANGE;
            while !done.load(Ordering::Relaxed) {
                let _ = rustix::fs::renameat_with(rustix::fs::CWD, &sub, rustix::fs::CWD, &link, exchange);
            }
        });
        for _ in 0..8 {
            place.run("extract d.udf --to out --yes");
        }
        done.store(true, Ordering::Relaxed);
    });
    let outside = walkdir::WalkDir::new(place.path("outside")).into_iter().count();
    assert_eq!(outside, 2, "the directory and the one in it");
}
