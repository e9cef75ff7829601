//! The life of a disc, from blank to finalized.

mod common;

use common::{Place, noise};

#[test]
fn a_disc_is_filled_in_rounds_closed_continued_and_finalized() {
    let place = Place::new();
    place.file("one/a.txt", "first");
    place.file("two/b.bin", noise(100_000, 1));
    place.ok("format d.udf --medium dvd+r --capacity 40M --label Life");
    place.ok("add d.udf one");
    place.ok("add d.udf two/. --into /deep/down");
    assert_eq!(
        place.names("d.udf"),
        ["/deep", "/deep/down", "/deep/down/b.bin", "/one", "/one/a.txt"]
    );

    let closed = place.json("close d.udf");
    assert_eq!(closed["finalized"], false);
    let info = place.json("info d.udf");
    assert_eq!(info["sessions"][0]["state"], "closed");
    assert_eq!(info["sessions"][0]["last_recorded"], closed["vat_icb"]);
    assert_eq!(info["sessions"][1]["state"], "empty");
    assert!(place.ok("close d.udf").contains("no session is open"));

    place.ok("add d.udf two --into /later");
    let info = place.json("info d.udf");
    assert_eq!(info["sessions"][1]["state"], "open");
    assert!(info["volume"]["generation"].as_u64() > Some(3), "{info}");
    assert_eq!(place.json("close d.udf --finalize")["finalized"], true);
    assert_eq!(place.json("info d.udf")["medium"]["status"], "finalized");
    assert_eq!(
        place.ok("cat d.udf /later/two/b.bin /one/a.txt").len(),
        lossy_len(&noise(100_000, 1)) + 5
    );
}

fn lossy_len(bytes: &[u8]) -> usize {
    String::from_utf8_lossy(bytes).len()
}

#[test]
fn every_medium_takes_the_main_job_in_one_line() {
    for medium in [
        "cd-r-74", "cd-r", "dvd-r", "dvd-r-dl", "dvd+r", "dvd+r-dl", "bd-r", "bd-r-dl", "bd-r-tl", "bd-r-ql",
    ] {
        let place = Place::new();
        place.file("tree/small", medium);
        place.file("tree/sub/large", noise(50_000, 7));
        place.ok(&format!("burn tree --to d.udf --medium {medium} --finalize"));
        let info = place.json("info d.udf");
        assert_eq!(info["medium"]["status"], "finalized", "{medium}");
        assert_eq!(info["volume"]["clean"], true, "{medium}");
        assert_eq!(info["volume"]["label"], "d");
        let expected = if medium.starts_with("bd") { "2.50" } else { "2.01" };
        assert_eq!(info["volume"]["udf_revision"], expected);
        place.ok("extract d.udf --to out");
        assert_eq!(place.bytes("out/tree/sub/large"), noise(50_000, 7), "{medium}");
    }
}

#[test]
fn burning_again_adds_to_the_disc() {
    let place = Place::new();
    place.file("a", "1");
    place.file("b", "2");
    place.ok("burn a --to d.udf --medium dvd-r --capacity 100M --udf 1.50 --label Twice --close");
    let again = place.json("burn b --to d.udf");
    assert!(again["formatted"].is_null() && again["closed"].is_null());
    assert_eq!(place.names("d.udf"), ["/a", "/b"]);
    assert_eq!(place.failure("burn b --to d.udf --label Other")["kind"], "usage");
}

#[test]
fn a_blank_disc_has_no_volume_yet() {
    let place = Place::new();
    place.file("keep", "");
    assert_eq!(place.failure("add d.udf keep")["kind"], "io");
    place.ok("format d.udf --medium cd-r --capacity 20M");
    assert_eq!(place.failure("format d.udf")["kind"], "not-blank");
}

#[test]
fn an_image_of_another_program_is_read_and_with_its_medium_continued() {
    let place = Place::new();
    place.file("a", "1");
    place.ok("burn a --to d.udf --medium dvd-r --capacity 100M");
    std::fs::remove_file(place.path("d.udf.oncefs")).expect("the side file goes");

    assert_eq!(place.names("d.udf"), ["/a"]);
    let info = place.json("info d.udf");
    assert!(info["medium"]["profile"].is_null());
    assert_eq!(info["volume"]["label"], "d");
    let refused = place.failure("add d.udf a");
    assert_eq!(
        (&refused["kind"], &refused["exit_code"]),
        (&"read-only".into(), &4.into())
    );
    assert!(
        refused["hint"]
            .as_str()
            .is_some_and(|hint| hint.contains("--medium"))
    );
    let status = place.run("fsctl d.udf make-media-compatible");
    assert_eq!(
        (status.code, status.out.as_str()),
        (
            4,
            "STATUS_MEDIA_WRITE_PROTECTED (0xc00000a2), Win32 ERROR_WRITE_PROTECT (19)\n"
        )
    );

    place.ok("mkdir d.udf /b --medium dvd-r --capacity 100M");
    place.ok("close d.udf");
    assert_eq!(place.names("d.udf"), ["/a", "/b"]);
    assert_eq!(place.json("info d.udf")["sessions"][0]["state"], "closed");
}

#[test]
fn the_control_code_closes_and_finalizes() {
    let place = Place::new();
    place.file("a", "1");
    place.ok("burn a --to d.udf --medium bd-r --capacity 100M");
    assert_eq!(
        place.ok("fsctl d.udf make-media-compatible"),
        "STATUS_SUCCESS (0x00000000), Win32 ERROR_SUCCESS (0)\n"
    );
    let answer = place.json("fsctl d.udf make-media-compatible --close-disc");
    assert_eq!(
        (&answer["value"], &answer["control_code"]),
        (&0.into(), &0x98130.into())
    );
    let again = place.run("fsctl d.udf make-media-compatible --close-disc");
    assert_eq!(
        (again.code, again.out.as_str()),
        (
            4,
            "STATUS_MEDIA_WRITE_PROTECTED (0xc00000a2), Win32 ERROR_WRITE_PROTECT (19)\n"
        )
    );
}

#[test]
fn a_single_session_medium_reports_that_closing_finalizes_it() {
    let place = Place::new();
    place.file("a", "1");
    place.ok("burn a --to d.udf --medium dvd-r-dl --capacity 100M");
    assert!(
        place.json("info d.udf")["plan"]
            .as_str()
            .is_some_and(|plan| plan.contains("closing finalizes"))
    );
    let run = place.run("close d.udf");
    assert!(
        run.err.contains("single session") && run.out.contains("finalized"),
        "{}{}",
        run.err,
        run.out
    );
}
