//! Discs made with --rom: other readers see each closed state, and the program reports which.

mod common;

use std::fs;
use std::os::unix::fs::FileExt;

use common::{Place, noise};
use emulator::{Behaviour, Medium, Recorder};

const MEDIA: [&str; 4] = ["cd-r", "dvd-r", "dvd+r", "bd-r"];

fn disc(medium: &str) -> Place {
    let place = Place::new();
    place.file("first.txt", "first");
    place.file("second.bin", noise(100_000, 1));
    place.ok(&format!(
        "format d.udf --medium {medium} --capacity 100M --rom bridge"
    ));
    place
}

fn readers(place: &Place) -> String {
    let info = place.ok("info d.udf");
    let line = info.lines().find(|line| line.starts_with("readers"));
    line.expect("a line about readers").to_owned()
}

#[test]
fn the_rom_view_shows_the_state_of_the_last_closing() {
    for medium in MEDIA {
        let place = disc(medium);
        place.ok("add d.udf first.txt");
        let open = place.failure("ls d.udf --rom-view");
        assert_eq!(open["exit_code"], 1, "{medium}: {open}");
        place.ok("close d.udf");
        assert_eq!(place.ok("ls d.udf --rom-view"), "first.txt\n", "{medium}");
        place.ok("add d.udf second.bin");
        assert_eq!(place.ok("ls d.udf --rom-view"), "first.txt\n", "{medium}");
        assert_eq!(place.ok("ls d.udf"), "first.txt\nsecond.bin\n", "{medium}");
        place.ok("close d.udf --finalize --yes");
        assert_eq!(
            place.ok("ls d.udf --rom-view"),
            "first.txt\nsecond.bin\n",
            "{medium}"
        );
        assert_eq!(place.ok("cat d.udf /first.txt --rom-view"), "first");
        place.ok("extract d.udf --to out --rom-view");
        assert_eq!(
            std::fs::read(place.path("out/second.bin")).expect("a file"),
            noise(100_000, 1)
        );
    }
}

#[test]
fn info_reports_who_opens_the_disc() {
    let place = disc("dvd+r");
    assert!(readers(&place).contains("once the session is closed"));
    place.ok("add d.udf first.txt");
    place.ok("close d.udf");
    assert!(readers(&place).contains("any reader of UDF or ISO 9660, as session 1 was closed"));
    place.ok("add d.udf second.bin");
    assert!(readers(&place).contains("what is newer once this session is closed"));
    let rom = &place.json("info d.udf")["volume"]["rom"];
    assert_eq!(rom["session"], 1);
    assert_eq!(rom["open"], 2);
}

#[test]
fn info_reports_how_linux_mounts_an_open_session() {
    for (medium, rom, first, later) in [
        ("dvd+r", "bridge", "novrs", ",novrs"),
        ("dvd+r", "udf", "", ""),
        ("dvd-r", "udf", "", ""),
        ("bd-r", "udf", "", ""),
        ("cd-r", "udf", "novrs", ",novrs"),
    ] {
        let place = Place::new();
        place.file("a", "a");
        place.file("b", "b");
        place.ok(&format!(
            "format d.udf --medium {medium} --capacity 100M --rom {rom}"
        ));
        let options = || place.json("info d.udf")["volume"]["rom"]["linux_options_for_open"].clone();
        assert_eq!(options(), first, "{medium} {rom}");
        place.ok("add d.udf a");
        place.ok("close d.udf");
        assert!(options().is_null(), "{medium} {rom}");
        place.ok("add d.udf b");
        let sessions = place.json("info d.udf")["sessions"].clone();
        let start = &sessions[1]["start"];
        assert_eq!(options(), format!("session={start}{later}"), "{medium} {rom}");
        assert!(readers(&place).ends_with(&format!("-o session={start}{later}`")));
    }
}

#[test]
fn burn_makes_a_disc_for_every_reader_in_one_line() {
    let place = Place::new();
    place.file("tree/a", "a");
    place.file("tree/below/b", noise(3000, 2));
    place.ok("burn tree --to d.udf --medium bd-r --capacity 100M --rom udf --finalize");
    assert_eq!(place.ok("ls -R d.udf --rom-view"), place.ok("ls -R d.udf"));
    assert!(readers(&place).contains("any reader of UDF, as"));
}

#[test]
fn a_disc_without_a_plain_volume_has_no_rom_view() {
    let place = Place::new();
    place.file("a", "a");
    place.ok("burn a --to d.udf --medium dvd+r --capacity 60M --rom no --finalize");
    assert_eq!(place.run("ls d.udf --rom-view").code, 1);
    assert!(place.json("info d.udf")["volume"]["rom"].is_null());
}

#[test]
fn a_link_too_long_for_rock_ridge_keeps_no_disc_from_closing() {
    let place = Place::new();
    place.file("tree/a", "a");
    let target = "far/".repeat(500);
    std::os::unix::fs::symlink(&target, place.path("tree/link")).expect("a link");
    place.ok("burn tree --to d.udf --medium dvd+r --capacity 100M --rom bridge --finalize");
    assert_eq!(place.ok("ls d.udf /tree --rom-view"), "a\n");
    assert_eq!(place.ok("ls d.udf /tree"), "a\nlink\n");
}

#[test]
fn a_burn_that_closes_a_new_disc_records_a_plain_volume_by_default() {
    let place = Place::new();
    place.file("tree/a", "a");
    place.file("tree/below/b", noise(3000, 2));
    place.ok("burn tree --to d.udf --medium dvd+r --capacity 100M --close");
    assert_eq!(place.ok("ls -R d.udf --rom-view"), place.ok("ls -R d.udf"));
    place.ok("check d.udf");
    place.ok("burn tree --to open.udf --medium dvd+r --capacity 100M");
    assert!(place.json("info open.udf")["volume"]["rom"].is_null());
    // A medium without room for it is burned without.
    place.file("large", noise(9_000_000, 3));
    place.ok("burn large --to small.udf --medium dvd+r --capacity 11M --close");
    assert!(place.json("info small.udf")["volume"]["rom"].is_null());
}

#[test]
fn burn_reports_why_a_disc_gets_no_plain_volume() {
    let place = Place::new();
    place.file("large", noise(9_000_000, 3));
    let small = place.run("burn large --to small.udf --medium dvd+r --capacity 11M --close");
    assert!(
        small.err.contains("because the medium has no room for one"),
        "{}",
        small.err
    );
    let behaviour = Behaviour {
        reserve_track: false,
        ..Behaviour::default()
    };
    Recorder::create(&place.path("d.udf"), Medium::DvdPlusR, Some(30_000), behaviour).expect("a disc");
    let refused = place.run("burn large --to d.udf --close");
    assert!(
        refused
            .err
            .contains("because the drive reserves no track for one"),
        "{}",
        refused.err
    );
}

#[test]
fn a_disc_without_a_plain_volume_gets_one_in_another_session() {
    let place = Place::new();
    place.file("tree/a", "a");
    place.file("tree/below/b", noise(3000, 2));
    for medium in ["cd-r", "dvd-r", "dvd+r", "bd-r"] {
        let capacity = if medium == "cd-r" { "" } else { "--capacity 200M" };
        place.ok(&format!(
            "burn tree --to {medium}.udf --medium {medium} {capacity} --rom no --close"
        ));
        let closed = place.json(&format!("close {medium}.udf --rom bridge --finalize --yes"));
        assert_eq!(closed["plain_volume"], "recorded");
        assert_eq!(
            place.ok(&format!("ls -R {medium}.udf --rom-view")),
            place.ok(&format!("ls -R {medium}.udf"))
        );
        place.ok(&format!("check {medium}.udf --data"));
    }
}

#[test]
fn closing_without_a_plain_volume_on_request_is_a_success() {
    let place = Place::new();
    place.file("tree/a", "a");
    place.ok("format d.udf --medium bd-r --capacity 200M --rom bridge");
    place.ok("add d.udf tree");
    assert_eq!(place.json("close d.udf --rom no")["plain_volume"], "not wanted");
    place.ok("check d.udf");
    let refused = place.run("close d.udf --rom udf --finalize --yes");
    assert_eq!(refused.code, 1, "{}", refused.err);
}

#[test]
fn what_readers_without_vat_do_not_see_is_reported_twice() {
    let place = Place::new();
    place.file("tree/a", "a");
    place.file(&format!("tree/{}", "x".repeat(70)), "b");
    place.file(&format!("tree/{}", "y".repeat(200)), "c");
    std::os::unix::fs::symlink("a", place.path("tree/link")).expect("a link");
    let burned = place.run("burn tree --to d.udf --medium dvd+r --capacity 100M --close --json");
    let said = "1 link or special file left out of UDF (`format` and `burn` keep it with --rom-links), 1 name cut in UDF, 2 names changed in Joliet, 1 name changed in Rock Ridge";
    assert!(burned.err.contains(said), "{}", burned.err);
    let closed: serde_json::Value = serde_json::from_str(&burned.out).expect("JSON");
    assert_eq!(closed["closed"]["not_shown"]["names_changed_in_joliet"], 2);
    // A burn refused before the first block reports it too.
    let refused = place.run("burn tree --to d.udf --medium dvd+r --rom bridge --close");
    assert_eq!(refused.code, 2, "{}", refused.err);
}

#[test]
fn a_second_close_says_how_to_record_a_missing_plain_volume() {
    let place = disc("dvd+r");
    place.ok("add d.udf first.txt");
    place.ok("close d.udf --rom no");
    let again = place.run("close d.udf");
    assert!(again.out.contains("nothing to close"), "{}", again.out);
    assert!(
        again.err.contains("`oncefs close DISC --rom bridge` records it"),
        "{}",
        again.err
    );
    place.ok("close d.udf --rom bridge");
    assert_eq!(place.ok("ls d.udf --rom-view"), "first.txt\n");
    let last = place.run("close d.udf");
    assert!(
        last.out.contains("nothing to close") && last.err.is_empty(),
        "{}",
        last.err
    );
}

#[test]
fn finalizing_a_state_without_its_plain_volume_must_be_asked_for() {
    let place = disc("bd-r");
    place.ok("add d.udf first.txt");
    place.ok("close d.udf --rom no");
    let refused = place.run("close d.udf --finalize --yes");
    assert_eq!(refused.code, 2, "{}", refused.err);
    assert!(
        refused
            .err
            .contains("`oncefs close DISC --finalize --rom bridge` records it"),
        "{}",
        refused.err
    );
    assert_eq!(place.json("info d.udf")["medium"]["status"], "appendable");
    let last = place.run("close d.udf --finalize --rom no --yes");
    assert_eq!(last.code, 0, "{}", last.err);
    assert!(
        last.err.contains("the last session has no plain volume"),
        "{}",
        last.err
    );
}

#[test]
fn info_names_the_readers_of_a_state_closed_without_a_plain_volume() {
    let place = disc("dvd+r");
    place.ok("add d.udf first.txt");
    place.ok("close d.udf");
    place.ok("add d.udf second.bin");
    place.ok("close d.udf --rom no");
    assert!(readers(&place).contains("those with VAT; any reader of UDF or ISO 9660, as session 1"));
    place.file("third", "third");
    place.ok("add d.udf third");
    assert!(
        readers(&place).contains("as session 1 was closed"),
        "{}",
        readers(&place)
    );
    assert_eq!(place.json("info d.udf")["volume"]["rom"]["session"], 1);
}

#[test]
fn info_says_if_only_readers_that_follow_sessions_open_the_disc() {
    let place = Place::new();
    place.file("first.txt", "first");
    place.ok("burn first.txt --to d.udf --medium dvd+r --capacity 100M --rom no");
    assert!(readers(&place).contains("those with VAT"));
    place.ok("close d.udf --rom bridge");
    let readers = readers(&place);
    assert!(readers.contains("as session 2 was closed"), "{readers}");
    assert!(
        readers.contains("others, such as 7-Zip, find no volume"),
        "{readers}"
    );
}

#[test]
fn a_burn_on_a_disc_made_without_rom_says_who_will_open_it() {
    let place = Place::new();
    place.file("a", "a");
    place.file("b", "b");
    place.ok("burn a --to d.udf --medium bd-r --capacity 100M --rom no");
    let burned = place.run("burn b --to d.udf --close");
    assert_eq!(burned.code, 0, "{}", burned.err);
    assert!(
        burned.err.contains("only readers with VAT support will open it"),
        "{}",
        burned.err
    );
}

#[test]
fn a_plain_volume_without_room_for_its_session_costs_no_block() {
    let place = Place::new();
    place.file("big", noise(38 << 20, 3));
    place.ok("format d.udf --medium bd-r --capacity 42M");
    place.ok("add d.udf big");
    let free = place.json("info d.udf")["medium"]["free_blocks"].clone();
    assert_eq!(place.run("close d.udf --rom bridge").code, 3);
    assert_eq!(place.json("info d.udf")["medium"]["free_blocks"], free);
}

#[test]
fn names_that_readers_change_are_foreseen() {
    let place = Place::new();
    place.file("tree/a:b", "a");
    place.file("tree/plain.txt", "b");
    let burned = place.run("burn tree --to d.udf --medium dvd+r --capacity 100M --close");
    assert!(burned.err.contains("1 name changed in Joliet"), "{}", burned.err);
    assert!(
        burned.err.contains("changed for some readers: "),
        "{}",
        burned.err
    );
    assert!(burned.err.contains("tree/a:b"), "{}", burned.err);
}

#[test]
fn burn_completes_a_format_that_ended_before_its_first_block() {
    for medium in [Medium::CdR80, Medium::DvdR, Medium::DvdPlusR, Medium::BdR] {
        let place = Place::new();
        place.file("tree/file", "a");
        Recorder::create(&place.path("d.udf"), medium, Some(60_000), Behaviour::default()).expect("a disc");
        place.file("faults", "kill before WRITE(10) 1\n");
        let format = place.run("format d.udf --rom bridge --faults faults");
        assert_ne!(format.code, 0, "{medium}");
        let burned = place.run("burn tree --to d.udf --close");
        assert_eq!(burned.code, 0, "{medium}: {}{}", burned.out, burned.err);
        assert!(burned.out.contains("session closed"), "{medium}: {}", burned.out);
        assert_eq!(
            place.json("info d.udf")["volume"]["rom"]["session"],
            1,
            "{medium}"
        );
    }
}

#[test]
fn what_burn_foresees_is_what_closing_reports() {
    let place = Place::new();
    for name in ["case", "Case", "CASE", "other", "a:b", "A:b", &"long".repeat(40)] {
        place.file(&format!("tree/{name}"), name);
    }
    for (name, length) in [("short holes", 1 << 20), ("long holes", 100 << 20)] {
        let file = std::fs::File::create(place.path(&format!("tree/{name}"))).unwrap();
        file.set_len(length).unwrap();
    }
    let burned = place.run("burn tree --to d.udf --medium dvd+r --capacity 300M --close");
    assert_eq!(burned.code, 0, "{}", burned.err);
    let note = "readers without VAT see it differently: ";
    let line = |text: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once(note));
        lines.next().map(|(_, what)| what.to_owned())
    };
    assert_eq!(line(&burned.err), line(&burned.out));
    assert!(
        line(&burned.out).unwrap().contains("1 file with holes"),
        "{}",
        burned.out
    );
}

#[test]
fn an_interrupted_closing_is_reported_before_more_is_added() {
    let place = disc("dvd+r");
    place.ok("add d.udf first.txt");
    place.file("faults", "cut after 300 blocks keep all\n");
    assert_eq!(place.run("close d.udf --faults faults").code, 1);
    let info = place.ok("info d.udf");
    assert!(info.contains("the last closing was interrupted"), "{info}");
    let added = place.run("add d.udf second.bin");
    assert!(added.err.contains("it is completed first"), "{}", added.err);
}

#[test]
fn recover_says_if_the_closing_it_completes_has_no_plain_volume() {
    let place = disc("cd-r");
    place.ok("add d.udf first.txt");
    // The links after the cut lie on the recognition sequence.
    place.file("faults", "cut after 40 blocks keep all\n");
    assert_eq!(place.run("close d.udf --faults faults").code, 1);
    let recovered = place.run("recover d.udf --write");
    assert!(recovered.out.contains("completed"), "{}", recovered.out);
    assert!(
        recovered
            .err
            .contains("`oncefs close DISC --rom bridge` records it"),
        "{}",
        recovered.err
    );
}

#[test]
fn an_image_of_two_sessions_without_its_side_file_is_complete() {
    for (medium, kind) in [("bd-r", "bridge"), ("dvd+r", "udf"), ("cd-r", "bridge")] {
        let place = Place::new();
        place.file("a", "a");
        place.file("b", noise(9000, 1));
        place.ok(&format!(
            "burn a --to d.udf --medium {medium} --rom {kind} --close"
        ));
        place.ok("burn b --to d.udf --close");
        let image = place.bytes("d.udf");
        place.file("bare.udf", &image);
        let listed = place.run("ls bare.udf");
        assert_eq!(
            (listed.code, listed.out.as_str()),
            (0, "a\nb\n"),
            "{medium}: {}",
            listed.err
        );
        assert!(
            place.ok("info bare.udf").contains("state       clean"),
            "{medium}"
        );
    }
}

#[test]
fn a_burn_keeps_links_in_the_plain_volume_that_it_makes_by_default() {
    let place = Place::new();
    place.file("tree/a", "a");
    std::os::unix::fs::symlink("a", place.path("tree/link")).expect("a link");
    place.ok("burn tree/. --to d.udf --medium dvd+r --capacity 60M --close --rom-links");
    assert_eq!(place.ok("ls d.udf --rom-view"), "a\nlink\n");
    let run = place.run("format n.udf --medium dvd+r --capacity 60M --rom-links");
    assert_eq!(run.code, 2, "{}", run.err);
    assert!(!place.path("n.udf").exists());
}

#[test]
fn a_plain_volume_moved_to_session_2_is_said_to_be_there() {
    for finalize in ["", "--finalize --yes"] {
        let place = Place::new();
        place.file("a", "a");
        place.file("faults", "fail 3/0C/00 at written block 16\n");
        place.ok("format d.udf --medium dvd+r --capacity 100M --rom bridge");
        place.ok("add d.udf a");
        let closed = place.json(&format!("--faults faults close d.udf {finalize}"));
        assert_eq!(
            (&closed["session"], &closed["plain_volume"]),
            (&2.into(), &"recorded".into())
        );
        let readers = readers(&place);
        assert!(readers.contains("as session 2 was closed"), "{readers}");
        assert!(
            readers.contains("others, such as 7-Zip, find no volume"),
            "{readers}"
        );
        assert_eq!(
            place.json("info d.udf")["volume"]["rom"]["is_in_first_session"],
            false
        );
    }
}

#[test]
fn closing_says_that_a_plain_volume_moved_to_session_2() {
    let place = Place::new();
    place.file("a", "a");
    place.file("faults", "fail 3/0C/00 at written block 16\n");
    place.ok("format d.udf --medium bd-r --capacity 100M --rom bridge");
    place.ok("add d.udf a");
    let closed = place.ok("--faults faults close d.udf");
    assert!(closed.contains("readers that follow no sessions"), "{closed}");
}

#[test]
fn a_disc_finalized_without_a_plain_volume_gets_no_advice_to_close_it() {
    for (medium, finalize) in [("dvd+r", "--finalize --yes"), ("dvd-r-dl", "")] {
        let place = Place::new();
        place.file("a", "a");
        place.file("faults", "fail 3/0C/00 at written block 16\n");
        place.ok(&format!(
            "format d.udf --medium {medium} --capacity 60M --rom bridge"
        ));
        place.ok("add d.udf a");
        let run = place.run(&format!("--faults faults close d.udf {finalize}"));
        assert_eq!(run.code, 1, "{medium}: {}", run.err);
        assert!(
            run.err.contains("finalized, but without a plain volume"),
            "{}",
            run.err
        );
        assert!(!run.err.contains("oncefs close"), "{}", run.err);
    }
}

#[test]
fn closing_a_later_session_says_who_does_not_show_it() {
    let place = Place::new();
    place.file("a", "a");
    place.file("b", "b");
    place.ok("format d.udf --medium dvd+r --rom bridge");
    place.ok("add d.udf a");
    assert!(!place.ok("close d.udf").contains("follow no sessions"));
    place.ok("add d.udf b");
    assert!(
        place
            .ok("close d.udf")
            .contains("readers that follow no sessions")
    );
}

/// The last block of an image with a primary volume descriptor: of the reserve sequence of its plain volume.
fn reserve_sequence(place: &Place, name: &str) -> usize {
    let image = place.bytes(name);
    let blocks = image.chunks_exact(2048).enumerate();
    let is_primary = |(number, block): &(usize, &[u8])| {
        let at = u32::from_le_bytes([block[12], block[13], block[14], block[15]]);
        block[..2] == [1, 0] && usize::try_from(at).is_ok_and(|at| at == *number)
    };
    blocks
        .filter(is_primary)
        .map(|(number, _)| number)
        .next_back()
        .expect("a descriptor")
}

/// The first block with the entry of a regular file of so many bytes.
fn entry_of(place: &Place, disc: &str, bytes: u64) -> usize {
    let image = place.bytes(disc);
    let is_entry = |block: &[u8]| {
        let length = u64::from_le_bytes(block[56..64].try_into().expect("8 bytes"));
        matches!(block[..2], [5, 1] | [10, 1]) && block[27] == 5 && length == bytes
    };
    image.chunks_exact(2048).position(is_entry).expect("an entry")
}

#[test]
fn a_write_error_in_a_later_reserve_sequence_hides_nothing() {
    for medium in MEDIA {
        for rom in ["bridge", "udf"] {
            let place = Place::new();
            place.file("a", "a");
            place.file("b", "b");
            place.ok(&format!(
                "burn a --to d.udf --medium {medium} --rom {rom} --close"
            ));
            place.ok("add d.udf b");
            let (image, side) = (place.bytes("d.udf"), place.bytes("d.udf.oncefs"));
            place.ok("close d.udf");
            let reserve = reserve_sequence(&place, "d.udf");
            for failed in reserve..reserve + 6 {
                place.file("d.udf", &image);
                place.file("d.udf.oncefs", &side);
                place.file("faults", format!("fail 3/0C/00 at written block {failed}"));
                place.ok("--faults faults close d.udf");
                place.file("bare.udf", place.bytes("d.udf"));
                let listed = place.run("ls bare.udf");
                let what = format!("{medium} {rom}, block {}: {}", failed - reserve, listed.err);
                assert_eq!((listed.code, listed.out.as_str()), (0, "a\nb\n"), "{what}");
            }
        }
    }
}

#[test]
fn a_closed_disc_whose_first_anchor_is_unreadable_is_not_interrupted() {
    for medium in MEDIA {
        let place = disc(medium);
        place.ok("add d.udf first.txt");
        place.ok("close d.udf");
        place.file("faults", "unreadable 256..257");
        let info = place.ok("--faults faults info d.udf");
        assert!(info.contains("state       clean"), "{medium}: {info}");
        let entry = entry_of(&place, "d.udf", 5);
        place.file(
            "faults",
            format!("unreadable 256..257\nunreadable {entry}..{}", entry + 1),
        );
        let before = place.bytes("d.udf");
        let closed = place.run("--faults faults close d.udf");
        assert_eq!(place.bytes("d.udf"), before, "{medium}: {}", closed.err);
    }
}

#[test]
fn a_disc_gets_no_session_for_a_plain_volume_that_cannot_be_read() {
    for medium in MEDIA {
        let place = Place::new();
        place.file("a", "first");
        place.ok(&format!("burn a --to d.udf --medium {medium} --rom no --close"));
        let before = place.bytes("d.udf");
        let entry = entry_of(&place, "d.udf", 5);
        place.file("faults", format!("unreadable {entry}..{}", entry + 1));
        let closed = place.run("--faults faults close d.udf --rom bridge");
        assert_ne!(closed.code, 0, "{medium}");
        assert_eq!(place.bytes("d.udf"), before, "{medium}: {}", closed.err);
    }
}

#[test]
fn finalizing_begins_no_session_without_its_plain_volume() {
    for medium in ["cd-r", "dvd-r"] {
        let place = disc(medium);
        place.ok("add d.udf first.txt");
        place.ok("close d.udf");
        let entry = entry_of(&place, "d.udf", 5);
        place.file("faults", format!("unreadable {entry}..{}", entry + 1));
        let before = place.bytes("d.udf");
        let refused = place.run("--faults faults close d.udf --finalize --yes");
        assert_eq!(refused.code, 5, "{medium}");
        assert!(
            refused.err.contains("no further session begins"),
            "{}",
            refused.err
        );
        assert_eq!(place.bytes("d.udf"), before, "{medium}: {}", refused.err);
        let asked = place.run("--faults faults close d.udf --finalize --yes --rom no");
        assert_eq!(asked.code, 0, "{medium}: {}", asked.err);
    }
}

#[test]
fn files_without_room_for_their_plain_volume_are_left_out() {
    let place = Place::new();
    for number in 0..58 {
        let path = format!("s/{number}");
        place.file(&path, "");
        let file = fs::File::options()
            .write(true)
            .open(place.path(&path))
            .expect("a file");
        for run in 0..48 {
            file.write_all_at(&[7; 4096], run * 65_536)
                .expect("it is written");
        }
    }
    place.ok("format d.udf --medium bd-r --capacity 8000b --rom bridge");
    let added = place.run("add d.udf s");
    assert_eq!(added.code, 3, "{}", added.err);
    assert!(
        added.err.contains("everything else is on the disc"),
        "{}",
        added.err
    );
    assert!(added.err.contains("to another disc"), "{}", added.err);
    place.ok("close d.udf");
    place.ok("check d.udf");
    let count = |line: &str| place.json(line).as_array().expect("a list").len();
    let shown = count("ls d.udf -R");
    assert!(shown > 20, "{shown}");
    assert_eq!(count("ls d.udf -R --rom-view"), shown);
}
