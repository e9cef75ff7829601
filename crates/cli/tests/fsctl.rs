//! The control codes from the command line.

mod common;

use common::Place;
use serde_json::{Value, json};

fn disc() -> Place {
    let place = Place::new();
    place.file("tree/a", "1");
    place.ok("burn tree --to d.udf --medium dvd+r --capacity 40M --label Codes");
    place
}

/// Sends a code that must be refused; returns what was printed.
fn refused(place: &Place, line: &str) -> Value {
    let run = place.run(&format!("--json fsctl {line}"));
    assert_ne!(run.code, 0, "oncefs fsctl {line}\n{}", run.out);
    let answer: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}{}", run.out, run.err));
    assert_eq!(answer["information"], 0);
    answer
}

fn status_of(answer: &Value) -> (&str, u64, &str, u64) {
    let text = |key: &str| answer[key].as_str().unwrap_or_default();
    let number = |key: &str| answer[key].as_u64().unwrap_or_default();
    (
        text("status"),
        number("value"),
        text("win32_error"),
        number("win32_value"),
    )
}

const INVALID_DEVICE_REQUEST: (&str, u64, &str, u64) = (
    "STATUS_INVALID_DEVICE_REQUEST",
    0xC000_0010,
    "ERROR_INVALID_FUNCTION",
    1,
);
const INVALID_PARAMETER: (&str, u64, &str, u64) = (
    "STATUS_INVALID_PARAMETER",
    0xC000_000D,
    "ERROR_INVALID_PARAMETER",
    87,
);
const ACCESS_DENIED: (&str, u64, &str, u64) = ("STATUS_ACCESS_DENIED", 0xC000_0022, "ERROR_ACCESS_DENIED", 5);

#[test]
fn the_volume_reports_what_its_structures_say() {
    let place = disc();
    let answer = place.json("fsctl d.udf query-on-disk-volume-info");
    assert_eq!(answer["name"], "FSCTL_QUERY_ON_DISK_VOLUME_INFO");
    assert_eq!(
        (&answer["step"], &answer["information"]),
        (&"control".into(), &336.into())
    );
    let output = &answer["output"];
    assert_eq!(
        (&output["fs_format_name"], &output["fs_format_maj_version"]),
        (&"UDF".into(), &2.into())
    );
    assert_eq!(output["fs_format_min_version"], 1);
    assert_eq!(
        (&output["file_count"], &output["directory_count"]),
        (&1.into(), &2.into())
    );
    for key in ["format_time", "last_update_time"] {
        let time = output[key].as_str().unwrap_or_default();
        assert!(time.len() == 27 && time.ends_with('Z'), "{output}");
    }
    assert_eq!(output["formatting_implementation_info"], "*oncefs");
    let text = place.ok("fsctl d.udf query-on-disk-volume-info");
    assert!(
        text.contains("format         UDF 2.01\n") && text.contains("files          1\n"),
        "{text}"
    );
}

#[test]
fn a_volume_that_does_not_count_its_files_reports_it() {
    let place = Place::new();
    place.ok("format d.udf --medium cd-r --capacity 40M --udf 1.50");
    let answer = place.json("fsctl d.udf query-on-disk-volume-info");
    assert_eq!(
        (
            &answer["output"]["file_count"],
            &answer["output"]["directory_count"]
        ),
        (&Value::Null, &Value::Null)
    );
    assert!(
        place
            .ok("fsctl d.udf query-on-disk-volume-info")
            .contains("files          unknown\n")
    );
}

#[test]
fn software_replaces_no_blocks() {
    let place = disc();
    let answer = place.json("fsctl d.udf query-sparing-info");
    let expected = json!({
        "sparing_unit_bytes": 32768,
        "software_sparing": false,
        "total_spare_blocks": 0,
        "free_spare_blocks": 0,
    });
    assert_eq!(answer["output"], expected);
    assert!(
        place
            .ok("fsctl d.udf query-sparing-info")
            .contains("sparing by     no software\n")
    );
}

#[test]
fn software_manages_no_defects() {
    let place = disc();
    for line in [
        "d.udf set-defect-management",
        "d.udf set-defect-management --disable",
        "d.udf set-defect-management --disable --file /tree/a",
    ] {
        assert_eq!(
            status_of(&refused(&place, line)),
            INVALID_DEVICE_REQUEST,
            "{line}"
        );
    }
}

#[test]
fn the_volume_is_locked_dismounted_and_found_mounted() {
    let place = disc();
    for word in ["lock-volume", "dismount-volume", "is-volume-mounted"] {
        assert_eq!(place.json(&format!("fsctl d.udf {word}"))["value"], 0, "{word}");
    }
    let answer = refused(&place, "d.udf unlock-volume");
    assert_eq!(
        status_of(&answer),
        ("STATUS_NOT_LOCKED", 0xC000_002A, "ERROR_NOT_LOCKED", 158)
    );
}

#[test]
fn a_handle_on_a_file_or_directory_closes_no_session() {
    let place = disc();
    for path in ["/", "/tree", "tree/a"] {
        let answer = refused(&place, &format!("d.udf make-media-compatible --on {path}"));
        assert_eq!(status_of(&answer), INVALID_PARAMETER, "{path}");
    }
    assert_eq!(place.json("info d.udf")["sessions"][0]["state"], "open");
}

#[test]
fn a_handle_without_write_access_closes_no_session() {
    let place = disc();
    let answer = refused(&place, "d.udf make-media-compatible --read-only");
    assert_eq!(status_of(&answer), ACCESS_DENIED);
    assert_eq!(
        place.json("fsctl d.udf is-volume-mounted --read-only")["value"],
        0
    );
}

#[test]
fn a_handle_that_does_not_open_says_why() {
    let place = disc();
    let answer = refused(&place, "d.udf is-volume-mounted --on /tree/gone");
    assert_eq!(answer["step"], "open");
    assert_eq!(status_of(&answer).0, "STATUS_OBJECT_NAME_NOT_FOUND");
    let run = place.run("fsctl gone.udf is-volume-mounted");
    assert_eq!(
        (run.code, run.out.as_str()),
        (
            1,
            "the handle was not opened: STATUS_OBJECT_NAME_NOT_FOUND (0xc0000034), Win32 ERROR_FILE_NOT_FOUND (2)\n"
        )
    );
    assert!(
        run.err.contains("gone.udf: no such image or device"),
        "{}",
        run.err
    );
}

#[test]
fn any_code_is_sent_by_its_number() {
    let place = disc();
    let answer = place.json("fsctl d.udf --code 0x00090138");
    assert_eq!(answer["information"], 16);
    assert_eq!(answer["output_hex"], "00800000000000000000000000000000");
    let short = refused(&place, "d.udf --code 0x0009013c --output 335");
    assert_eq!(status_of(&short).0, "STATUS_BUFFER_TOO_SMALL");
    for neighbour in ["0x00098131", "0x0009C130", "0x00090130", "0"] {
        let answer = refused(&place, &format!("d.udf --code {neighbour}"));
        assert_eq!(status_of(&answer), INVALID_DEVICE_REQUEST, "{neighbour}");
        assert_eq!(answer["name"], Value::Null);
    }
    let nothing = refused(&place, "d.udf --code 0x00098130");
    assert_eq!(status_of(&nothing), INVALID_PARAMETER);
    let text = place.ok("fsctl d.udf --code 0x00098130 --input 00ff");
    assert_eq!(
        text,
        "STATUS_SUCCESS (0x00000000), Win32 ERROR_SUCCESS (0)\ninformation 0\n"
    );
    assert_eq!(place.json("info d.udf")["sessions"][0]["state"], "closed");
    assert_eq!(place.json("info d.udf")["medium"]["status"], "appendable");
}

#[test]
fn exactly_one_control_code_is_required() {
    let place = disc();
    for line in [
        "fsctl d.udf",
        "fsctl d.udf --code 0x98130 lock-volume",
        "fsctl d.udf --code 0x98130 --input 0",
        "fsctl d.udf --input 00 lock-volume",
    ] {
        assert_eq!(place.run(line).code, 2, "oncefs {line}");
    }
}

#[test]
fn a_file_without_udf_knows_no_control_code() {
    let place = Place::new();
    place.file("other.img", vec![0; 1 << 20]);
    for word in ["make-media-compatible", "query-sparing-info", "lock-volume"] {
        let answer = refused(&place, &format!("other.img {word}"));
        assert_eq!(status_of(&answer), INVALID_DEVICE_REQUEST, "{word}");
    }
}
