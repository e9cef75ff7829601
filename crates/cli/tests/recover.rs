//! Discs after an interruption: what `oncefs recover` shows, and what it records.

mod common;

use std::fs;
use std::os::unix::fs::FileExt;

use common::{Place, noise};
use serde_json::Value;

const MEDIA: [&str; 5] = ["cd-r", "dvd-r", "dvd-r-dl", "dvd+r", "bd-r"];

const FILES: u32 = 48;

/// A disc with `/first`, and a tree of small files to add.
fn disc(medium: &str) -> Place {
    let place = Place::new();
    place.file("first", noise(40_000, 1));
    // Their entries fill more than a unit of writing.
    for number in 0..FILES {
        let length = 3_000 * (number as usize % 8) + 1;
        place.file(&format!("t/{number}"), noise(length, number + 10));
    }
    place.ok(&format!("format d.udf --medium {medium} --capacity 30000b"));
    place.ok("add d.udf first");
    place
}

/// Adds the tree, with a power cut after this many blocks. Returns whether it was cut.
fn cut_after(place: &Place, blocks: u32) -> bool {
    place.file("faults", format!("cut after {blocks} blocks keep all\n"));
    place.run("add d.udf t --faults faults").code != 0
}

/// Cuts ever later until whole files are left without a name.
fn cut_after_entries(place: &Place) -> Value {
    for name in ["d.udf", "d.udf.oncefs"] {
        fs::copy(place.path(name), place.path(&format!("whole-{name}"))).expect("a copy");
    }
    // The data takes more than that.
    let mut blocks = 200;
    while cut_after(place, blocks) {
        let found = place.json("recover d.udf");
        if found["after"]["whole_files"].as_u64() > Some(0) {
            return found;
        }
        for name in ["d.udf", "d.udf.oncefs"] {
            fs::copy(place.path(&format!("whole-{name}")), place.path(name)).expect("a copy");
        }
        blocks += 8;
    }
    panic!("no cut left a whole file");
}

fn both(place: &Place) -> (Vec<u8>, Vec<u8>) {
    (place.bytes("d.udf"), place.bytes("d.udf.oncefs"))
}

fn require_sound(place: &Place, what: &str) {
    let checked = place.json("check d.udf --data");
    assert_eq!(checked["errors"], 0, "{what}: {checked}");
}

#[test]
fn recover_alone_changes_no_byte_and_names_the_newest_generation() {
    for medium in MEDIA {
        let place = disc(medium);
        assert!(cut_after(&place, 100));
        let before = both(&place);
        let found = place.json("recover d.udf");
        let shown = place.ok("recover d.udf");
        assert!(both(&place) == before, "{medium}");
        let newest = place.json("log d.udf");
        let newest = newest
            .as_array()
            .and_then(|log| log.last())
            .expect("a generation");
        assert_eq!(found["generation"], newest["number"], "{medium}");
        assert_eq!(found["vat_icb"], newest["block"], "{medium}");
        assert_eq!(found["interrupted"], true, "{medium}");
        let after = found["after"]["without_entry"].as_u64();
        assert!(after > Some(0), "{medium}: {found}");
        assert!(shown.contains("with data without an entry"), "{medium}: {shown}");
    }
}

#[test]
fn a_sound_disc_has_nothing_to_recover() {
    let place = disc("dvd+r");
    let found = place.json("recover d.udf");
    assert_eq!(
        (&found["interrupted"], &found["after"]),
        (&false.into(), &Value::Null)
    );
    assert!(place.ok("recover d.udf").contains("nothing follows it"));
    let before = both(&place);
    place.ok("recover d.udf --write");
    assert!(both(&place) == before);
}

#[test]
fn the_control_closes_a_recovered_disc_and_one_that_needs_it() {
    for medium in MEDIA {
        for recovers in [false, true] {
            let place = disc(medium);
            assert!(cut_after(&place, 100));
            if recovers {
                let recovered = place.json("recover d.udf --write");
                assert_eq!(recovered["interrupted"], true, "{medium}");
                assert_eq!(place.json("recover d.udf")["interrupted"], false, "{medium}");
            }
            let answer = place.ok("fsctl d.udf make-media-compatible");
            assert!(answer.contains("STATUS_SUCCESS"), "{medium}: {answer}");
            assert_eq!(place.json("info d.udf")["sessions"][0]["state"], "closed");
            assert_eq!(place.names("d.udf"), ["/first"], "{medium}");
            require_sound(&place, medium);
        }
    }
}

#[test]
fn whole_files_get_names_in_lost_and_found() {
    for medium in MEDIA {
        let place = disc(medium);
        let found = cut_after_entries(&place);
        let named = place.json("recover d.udf --lost-and-found");
        let files = &named["lost_and_found"]["files"];
        assert_eq!(files, &found["after"]["whole_files"], "{medium}");
        require_sound(&place, medium);
        // The directories were recorded before their files.
        assert_eq!(&named["lost_and_found"]["with_own_name"], files, "{medium}");
        place.ok("extract d.udf /lost+found/t --to out");
        let own: Vec<_> = place.names("d.udf");
        let own: Vec<_> = own
            .iter()
            .filter_map(|path| path.strip_prefix("/lost+found/t/"))
            .collect();
        assert_eq!(Some(own.len() as u64), files.as_u64(), "{medium}");
        for name in own {
            assert!(
                place.bytes(&format!("out/t/{name}")) == place.bytes(&format!("t/{name}")),
                "{medium}: {name}"
            );
        }
        place.ok("add d.udf t");
        place.ok("close d.udf");
        require_sound(&place, medium);
    }
}

#[test]
fn new_directories_below_existing_ones_are_made_again_in_lost_and_found() {
    let place = disc("cd-r");
    place.file("old/kept", "kept");
    place.ok("add d.udf old");
    fs::create_dir_all(place.path("old/new/empty")).expect("a directory");
    for number in 0..FILES {
        place.file(&format!("old/new/{number}"), noise(3000, number));
    }
    fs::hard_link(place.path("old/new/7"), place.path("old/second")).expect("a link");
    for name in ["d.udf", "d.udf.oncefs"] {
        fs::copy(place.path(name), place.path(&format!("whole-{name}"))).expect("a copy");
    }
    // The last block of a commit is its VAT ICB.
    for blocks in (100..400).rev() {
        for name in ["d.udf", "d.udf.oncefs"] {
            fs::copy(place.path(&format!("whole-{name}")), place.path(name)).expect("a copy");
        }
        place.file("faults", format!("cut after {blocks} blocks keep all\n"));
        let cut = place.run("add d.udf old --faults faults");
        if cut.code != 0 && place.json("recover d.udf")["interrupted"] == true {
            break;
        }
    }
    let named = place.json("recover d.udf --lost-and-found");
    assert_eq!(named["lost_and_found"]["directories"], 2, "{named}");
    assert!(
        named["lost_and_found"]["with_own_name"].as_u64() > Some(20),
        "{named}"
    );
    let names = place.names("d.udf");
    for path in [
        "/lost+found/old/new/empty",
        "/lost+found/old/new/7",
        "/lost+found/old/second",
        "/old/kept",
    ] {
        assert!(names.contains(&path.to_owned()), "{path}: {names:?}");
    }
    let links = place.json("ls d.udf -d /lost+found/old/second")[0]["nlink"].clone();
    assert_eq!(links, 2);
    require_sound(&place, "cd-r");
}

#[test]
fn an_image_without_its_side_file_is_no_interrupted_closing() {
    for rom in ["bridge", "udf"] {
        for medium in MEDIA {
            let place = disc(medium);
            fs::remove_file(place.path("d.udf")).expect("an image");
            fs::remove_file(place.path("d.udf.oncefs")).expect("a side file");
            place.ok(&format!(
                "format d.udf --medium {medium} --capacity 30000b --rom {rom}"
            ));
            place.ok("add d.udf first");
            let found = cut_after_entries(&place);
            fs::remove_file(place.path("d.udf.oncefs")).expect("a side file");
            let named = place.json(&format!(
                "recover d.udf --lost-and-found --medium {medium} --capacity 30000b"
            ));
            let what = format!("{medium} {rom}: {named}");
            assert_eq!(named["closed"], false, "{what}");
            assert_eq!(
                named["lost_and_found"]["files"], found["after"]["whole_files"],
                "{what}"
            );
            require_sound(&place, &what);
        }
    }
}

#[test]
fn one_command_recovers_names_files_and_closes() {
    for medium in MEDIA {
        let place = disc(medium);
        cut_after_entries(&place);
        let done = place.json("recover d.udf --lost-and-found --close");
        assert!(done["lost_and_found"]["files"].as_u64() > Some(0), "{medium}");
        assert!(done["closing"]["vat_icb"].is_u64(), "{medium}");
        assert_eq!(place.json("info d.udf")["sessions"][0]["state"], "closed");
        require_sound(&place, medium);
    }
}

#[test]
fn lost_and_found_is_not_made_for_nothing() {
    let place = disc("dvd+r");
    assert!(cut_after(&place, 100));
    let done = place.json("recover d.udf --lost-and-found");
    assert_eq!(
        (&done["interrupted"], &done["lost_and_found"]["files"]),
        (&true.into(), &0.into())
    );
    assert_eq!(place.names("d.udf"), ["/first"]);
}

#[test]
fn a_recovery_that_is_interrupted_gives_up_no_file() {
    for medium in ["cd-r", "dvd+r", "bd-r"] {
        let place = disc(medium);
        let files = cut_after_entries(&place)["after"]["whole_files"].clone();
        for name in ["d.udf", "d.udf.oncefs"] {
            fs::copy(place.path(name), place.path(&format!("cut-{name}"))).expect("a copy");
        }
        for blocks in [1, 8, 16, 17, 24, 32, 33, 48, 64] {
            for name in ["d.udf", "d.udf.oncefs"] {
                fs::copy(place.path(&format!("cut-{name}")), place.path(name)).expect("a copy");
            }
            place.file("faults", format!("cut after {blocks} blocks keep all\n"));
            let first = place.run("recover d.udf --lost-and-found --faults faults");
            if first.code == 0 {
                break;
            }
            // The names may be on the disc already, without the last VAT ICB.
            place.json("recover d.udf --lost-and-found");
            let listed = place.json("ls -R d.udf /lost+found");
            let is_file = |entry: &&Value| entry["type"] == "file";
            let named = listed.as_array().expect("a list").iter().filter(is_file).count();
            assert!(
                Some(named as u64) >= files.as_u64(),
                "{medium}, {blocks} blocks: {named} of {files}"
            );
            require_sound(&place, medium);
        }
    }
}

#[test]
fn a_file_in_the_place_of_lost_and_found_stays() {
    let place = disc("dvd+r");
    place.file("lost+found", "mine");
    place.ok("add d.udf lost+found");
    cut_after_entries(&place);
    let named = place.json("recover d.udf --lost-and-found");
    assert_eq!(named["lost_and_found"]["directory"], "lost+found~2", "{named}");
    assert_eq!(place.ok("cat d.udf /lost+found"), "mine");
    let below = |path: &String| path.starts_with("/lost+found~2/t/");
    let files = place.names("d.udf").iter().filter(|path| below(path)).count();
    assert_eq!(named["lost_and_found"]["files"], files);
    require_sound(&place, "afterwards");
}

#[test]
fn an_image_without_its_side_file_is_recovered_with_a_stated_medium() {
    let place = disc("dvd+r");
    assert!(cut_after(&place, 100));
    fs::remove_file(place.path("d.udf.oncefs")).expect("it is removed");
    let before = place.bytes("d.udf");
    let found = place.json("recover d.udf --medium dvd+r");
    assert_eq!(
        (&found["interrupted"], &found["generation"]),
        (&true.into(), &2.into())
    );
    assert!(place.bytes("d.udf") == before && !place.path("d.udf.oncefs").exists());
    place.ok("recover d.udf --medium dvd+r --write");
    require_sound(&place, "recovered");
    assert_eq!(place.names("d.udf"), ["/first"]);
}

#[test]
fn a_medium_that_is_known_is_not_stated() {
    let place = disc("dvd+r");
    for line in [
        "recover d.udf --medium bd-r",
        "recover d.udf --write --medium bd-r",
    ] {
        assert_eq!(place.failure(line)["exit_code"], 2, "{line}");
    }
}

#[test]
fn an_interrupted_closing_is_named_and_completed() {
    let place = Place::new();
    place.file("first", noise(40_000, 1));
    place.ok("format d.udf --medium dvd+r --capacity 30000b --rom bridge");
    place.ok("add d.udf first");
    place.file("faults", "cut after 300 blocks keep all\n");
    assert_eq!(place.run("close d.udf --faults faults").code, 1);
    let before = both(&place);
    let found = place.json("recover d.udf");
    assert_eq!(
        (&found["closing_interrupted"], &found["after"]),
        (&true.into(), &Value::Null)
    );
    assert!(place.ok("recover d.udf").contains("a closing was interrupted"));
    assert!(both(&place) == before);
    let done = place.json("recover d.udf --lost-and-found");
    assert_eq!(
        (&done["closed"], &done["lost_and_found"]["files"]),
        (&true.into(), &0.into())
    );
    assert_eq!(place.names("d.udf"), ["/first"]);
    require_sound(&place, "completed");
}

#[test]
fn a_generation_that_may_be_lost_ends_with_exit_code_5() {
    let place = disc("dvd+r");
    place.file("second", "2");
    place.ok("add d.udf second");
    let newest = place.json("log d.udf")[2]["block"].as_u64().expect("a block");
    // Its VAT ICBs are there, and damaged.
    fs::remove_file(place.path("d.udf.oncefs")).expect("it is removed");
    let image = fs::File::options()
        .read(true)
        .write(true)
        .open(place.path("d.udf"));
    let image = image.expect("the image");
    let mut block = [0; 2048];
    for at in (0..=newest).rev() {
        image.read_exact_at(&mut block, at * 2048).expect("a block");
        if block[27] != 248 {
            break;
        }
        image
            .write_all_at(&[0xFF], at * 2048 + 100)
            .expect("it is overwritten");
    }
    let run = place.run("recover d.udf");
    assert_eq!(run.code, 5, "{}", run.err);
    assert!(
        run.out.contains("the newest whole generation is 2"),
        "{}",
        run.out
    );
    let accepted = place.run("recover d.udf --accept-losses");
    assert_eq!(accepted.code, 0, "{}", accepted.err);
}

#[test]
fn a_disc_without_a_whole_generation_fails() {
    let place = Place::new();
    place.file("noise", noise(1 << 20, 5));
    assert_eq!(place.failure("recover noise")["kind"], "no-volume");
}

#[test]
fn a_format_that_was_cut_has_no_generation() {
    let place = Place::new();
    place.ok("format d.udf --medium dvd+r --capacity 30000b");
    for blocks in [18, 100, 260] {
        let cut = &place.bytes("d.udf")[..blocks * 2048];
        place.file("cut.udf", cut);
        let failure = place.failure("recover cut.udf");
        assert_eq!(failure["exit_code"], 5, "{blocks}: {failure}");
        assert!(place.bytes("cut.udf") == cut, "{blocks}");
    }
}

#[test]
fn what_gives_up_files_of_an_interruption_says_so() {
    const WORDS: &str = "the last recording was interrupted";
    for line in ["add d.udf first", "rm d.udf /first", "close d.udf"] {
        let place = disc("dvd+r");
        cut_after_entries(&place);
        assert!(place.run(line).err.contains(WORDS), "{line}");
    }
    let place = disc("dvd+r");
    cut_after_entries(&place);
    assert!(!place.run("recover d.udf --lost-and-found").err.contains(WORDS));
    assert!(!place.run("close d.udf").err.contains(WORDS));
}
