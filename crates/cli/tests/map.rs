//! What each block of a disc is, through the program: text, JSON, SVG and page.

mod common;

use std::fs;

use common::{Place, noise};
use serde_json::Value;

/// Names that are markup, scripts, and characters that move or reorder text.
const HOSTILE: [&str; 7] = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "\"'><img src=x onerror=alert(2)>",
    "]]>&lt;&amp;<svg onload=alert(3)>",
    "javascript:alert(4)//\u{2028}\u{2029}",
    "\u{202e}fdp.exe",
    "\u{1b}[2J\u{7}",
];

/// A closed session and an open one; `/b` is superseded.
fn disc() -> Place {
    let place = Place::new();
    place.file("a", noise(300_000, 1));
    place.file("b", noise(200_000, 2));
    place.ok("format d.udf --medium dvd+r --capacity 60M --label Map");
    place.ok("add d.udf a b");
    place.ok("rm d.udf /b");
    place.ok("close d.udf");
    place.ok("add d.udf b --into /later");
    place
}

/// A disc with hostile names and a hostile label.
fn hostile() -> Place {
    let place = Place::new();
    place.ok("format d.udf --medium bd-r --capacity 60M");
    for (at, name) in HOSTILE.iter().enumerate() {
        let folder = place.file(&format!("from/{at}/file"), noise(5000, 3));
        let target = folder
            .parent()
            .expect("a folder")
            .join(name.replace('/', "\u{2215}"));
        fs::rename(&folder, target).expect("a name");
    }
    place.ok("add d.udf from");
    place.ok("rm d.udf /from/0 -r");
    let label = "--label=</title><script>alert(5)</script>";
    place.ok("format e.udf --medium bd-r --capacity 60M");
    place.ok(&format!("format l.udf --medium bd-r --capacity 60M {label}"));
    place
}

fn blocks(map: &Value, kind: &str) -> u64 {
    map["kinds"][kind].as_u64().unwrap_or(0)
}

#[test]
fn the_text_has_a_line_for_each_session_and_a_legend() {
    let place = disc();
    let text = place.ok("map d.udf");
    let line = |start: &str| text.lines().find(|line| line.starts_with(start));
    assert!(text.starts_with("'Map', UDF 2.01, DVD+R: 30720 blocks"), "{text}");
    assert!(
        line("session 1 closed").is_some_and(|line| line.contains("DDD")),
        "{text}"
    );
    assert!(line("session 2 open").is_some(), "{text}");
    assert!(
        line("not recorded").is_some_and(|line| line.ends_with('k')),
        "{text}"
    );
    assert!(
        line("  s superseded").is_some() && line("  D data of files").is_some(),
        "{text}"
    );
    assert!(!text.contains('\x1b'), "no colour but on a terminal");
}

#[test]
fn the_json_has_runs_that_add_up() {
    let place = disc();
    let map = place.json("map d.udf");
    let runs = map["runs"].as_array().expect("runs");
    let mut at = 0;
    for run in runs {
        assert_eq!(run["start"].as_u64(), Some(at));
        at += run["blocks"].as_u64().expect("blocks");
    }
    assert_eq!(map["blocks"].as_u64(), Some(at));
    let kinds = map["kinds"].as_object().expect("kinds").values();
    assert_eq!(kinds.filter_map(Value::as_u64).sum::<u64>(), at);
    let with = |path: &str, kind: &str| {
        let found = runs.iter().find(|run| run["path"] == path && run["kind"] == kind);
        found.map(|run| {
            (
                run["blocks"].as_u64(),
                run["generation"].as_u64(),
                run["was"].clone(),
            )
        })
    };
    assert_eq!(with("/a", "data"), Some((Some(147), Some(2), Value::Null)));
    assert_eq!(with("/b", "superseded"), Some((Some(98), Some(2), "data".into())));
    assert_eq!(with("/later/b", "data"), Some((Some(98), Some(4), Value::Null)));
    assert_eq!(map["generations"].as_array().map(Vec::len), Some(4));
    assert_eq!(map["contents"]["digest"].as_str().map(str::len), Some(64));
}

#[test]
fn an_earlier_generation_has_its_own_map() {
    let place = disc();
    let map = place.json("map d.udf --at 2");
    assert_eq!(blocks(&map, "data"), 147 + 98);
    assert_eq!(
        blocks(&map, "superseded"),
        3,
        "the empty root, its VAT and the ICB"
    );
}

#[test]
fn the_other_volume_has_a_map_too() {
    let place = Place::new();
    place.file("a", noise(300_000, 1));
    place.ok("burn a --to d.udf --medium dvd+r --capacity 60M --close");
    let map = place.json("map d.udf --rom-view");
    assert_eq!(blocks(&map, "data"), 147);
    assert_eq!(map["generations"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_check_adds_its_findings() {
    let place = disc();
    let mut image = place.bytes("d.udf");
    // The second copy of the descriptors.
    image[48 * 2048 + 20] ^= 1;
    place.file("d.udf", image);
    let map = place.json("map d.udf --check");
    let findings = map["findings"].as_array().expect("findings");
    assert!(findings.iter().any(|one| one["block"] == 48), "{findings:?}");
    let text = place.ok("map d.udf --check");
    assert!(text.contains("error: "), "{text}");
}

#[test]
fn a_map_of_ddrescue_shows_the_files_that_it_hits() {
    let place = disc();
    // What ddrescue makes has no side file.
    let image = place.bytes("d.udf");
    let length = image.len();
    place.file("copy.udf", image);
    let map = place.json("map copy.udf");
    let runs = map["runs"].as_array().expect("runs");
    let data = runs
        .iter()
        .find(|run| run["path"] == "/a" && run["kind"] == "data");
    let start = data.and_then(|run| run["start"].as_u64()).expect("the file") + 3;
    let (bad, size, after) = (start * 2048, 4096, start * 2048 + 4096);
    let rest = length as u64 - after;
    place.file(
        "d.map",
        format!("0x0 ? 1\n0x0 {bad:#x} +\n{bad:#x} {size:#x} -\n{after:#x} {rest:#x} +\n"),
    );
    let map = place.json("map copy.udf --mapfile d.map");
    assert_eq!(blocks(&map, "unreadable"), 2);
    let runs = map["runs"].as_array().expect("runs");
    let unreadable = runs
        .iter()
        .find(|run| run["kind"] == "unreadable")
        .expect("a run");
    assert_eq!(
        (unreadable["start"].as_u64(), &unreadable["path"]),
        (Some(start), &"/a".into())
    );
    assert_eq!(place.run("map copy.udf --mapfile none.map").code, 1);
}

#[test]
fn an_unreadable_node_has_the_name_of_its_file() {
    let place = Place::new();
    place.file("a", noise(300_000, 1));
    place.file("sub/b", noise(200_000, 2));
    place.ok("burn a sub --to d.udf --medium dvd+r --capacity 60M");
    let image = place.bytes("d.udf");
    place.file("copy.udf", &image);
    let whole = place.json("map copy.udf");
    let runs = whole["runs"].as_array().expect("runs");
    for (path, kind) in [("/sub/b", "node"), ("/sub", "directory")] {
        let run = runs.iter().find(|run| run["path"] == path && run["kind"] == kind);
        let block = run.and_then(|run| run["start"].as_u64()).expect("a node");
        let (bad, after) = (block * 2048, block * 2048 + 2048);
        let rest = image.len() as u64 - after;
        place.file(
            "d.map",
            format!("0x0 ? 1\n0x0 {bad:#x} +\n{bad:#x} 0x800 -\n{after:#x} {rest:#x} +\n"),
        );
        let run = place.run("map copy.udf --mapfile d.map --json");
        assert_eq!(run.code, 5, "{path}: {}", run.err);
        let map: Value = serde_json::from_str(&run.out).expect("JSON");
        let runs = map["runs"].as_array().expect("runs");
        let bad = runs
            .iter()
            .find(|run| run["kind"] == "unreadable")
            .expect("a run");
        assert_eq!((&bad["start"], &bad["path"]), (&block.into(), &path.into()));
    }
}

#[test]
fn two_outputs_never_go_to_one_file() {
    let place = disc();
    place.file("old", "old");
    for line in [
        "map d.udf --svg old --html old",
        "map d.udf --svg new --html ./new",
        "map d.udf --svg new --trace new",
        "map d.udf --svg - --html -",
    ] {
        let run = place.run(line);
        assert_eq!(run.code, 2, "{line}: {}", run.err);
        assert_eq!(
            (place.bytes("old").as_slice(), place.path("new").exists()),
            (&b"old"[..], false)
        );
    }
}

#[test]
fn a_link_that_leads_nowhere_is_not_replaced() {
    let place = disc();
    std::os::unix::fs::symlink("nowhere", place.path("link")).expect("a link");
    assert_eq!(place.run("map d.udf --html link").code, 2);
    assert!(place.path("link").is_symlink());
}

#[test]
fn a_picture_can_go_to_standard_output() {
    let place = disc();
    let svg = place.ok("map d.udf --svg -");
    assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"));
    assert!(!place.path("-").exists());
}

#[test]
fn no_picture_replaces_the_image_or_its_side_file() {
    let place = disc();
    let before = (place.bytes("d.udf"), place.bytes("d.udf.oncefs"));
    for line in [
        "map d.udf --svg d.udf",
        "map d.udf --html d.udf.oncefs",
        "map d.udf --svg .",
    ] {
        assert_eq!(place.run(line).code, 2, "{line}");
    }
    assert!((place.bytes("d.udf"), place.bytes("d.udf.oncefs")) == before);
}

#[test]
fn a_picture_replaces_an_older_one() {
    let place = disc();
    place.file("d.svg", "old");
    place.ok("map d.udf --svg d.svg");
    let svg = String::from_utf8(place.bytes("d.svg")).expect("text");
    assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"));
    let left = fs::read_dir(place.path(".")).expect("a folder").flatten();
    let left: Vec<_> = left.map(|entry| entry.file_name()).collect();
    assert!(
        !left
            .iter()
            .any(|name| name.to_string_lossy().starts_with(".oncefs-map")),
        "{left:?}"
    );
}

/// Every tag of a text in XML or HTML: what follows `<` up to a space or `>`.
fn tags(text: &str) -> Vec<&str> {
    let after = text.split('<').skip(1);
    after
        .map(|rest| rest.split([' ', '>', '\n']).next().unwrap_or_default())
        .collect()
}

#[test]
fn hostile_names_are_text_in_a_picture() {
    let place = hostile();
    for disc in ["d.udf", "l.udf"] {
        place.ok(&format!("map {disc} --svg d.svg"));
        let svg = String::from_utf8(place.bytes("d.svg")).expect("text");
        let known = [
            "svg", "title", "desc", "style", "rect", "text", "g", "path", "circle",
        ];
        for tag in tags(&svg) {
            assert!(known.contains(&tag.trim_start_matches('/')), "{disc}: <{tag}>");
        }
        let hidden = |character: char| character.is_control() && character != '\n' || character == '\u{202e}';
        assert!(!svg.contains(hidden), "{disc}");
    }
}

/// The text between two others.
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = text.split_once(start).unwrap_or_default();
    rest.split_once(end).unwrap_or_default().0
}

#[test]
fn hostile_names_are_text_in_a_page() {
    let place = hostile();
    for disc in ["d.udf", "l.udf"] {
        place.ok(&format!("map {disc} --html d.html"));
        let page = String::from_utf8(place.bytes("d.html")).expect("text");
        assert_eq!(page.matches("<script").count(), 2, "{disc}");
        assert_eq!(page.matches("</script").count(), 2, "{disc}");
        assert_eq!(page.matches("<!--").count(), 0, "{disc}");
        for tag in ["img", "iframe", "object", "base"] {
            assert!(!tags(&page).contains(&tag), "{disc}: <{tag}>");
        }
        let json = between(&page, "id=\"data\">", "</script>");
        assert!(!json.contains(['<', '>', '&', '\u{2028}', '\u{2029}']), "{disc}");
        let data: Value = serde_json::from_str(json).expect("JSON");
        if disc == "d.udf" {
            let names = data["owners"]["n"].as_array().expect("names");
            assert!(names.iter().any(|name| name == HOSTILE[1]), "{names:?}");
            assert!(names.iter().any(|name| name == "\\u{202e}fdp.exe"), "{names:?}");
        }
    }
}

#[test]
fn the_policy_of_a_page_has_the_hash_of_its_script() {
    use sha2::Digest;
    let place = disc();
    place.ok("map d.udf --html d.html");
    let page = String::from_utf8(place.bytes("d.html")).expect("text");
    let policy = between(&page, "http-equiv=\"Content-Security-Policy\" content=\"", "\"");
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    for (start, end, directive) in [
        ("<script>", "</script>", "script-src"),
        ("<style>", "</style>", "style-src"),
    ] {
        let digest = sha2::Sha256::digest(between(&page, start, end));
        let stated = between(policy, &format!("{directive} 'sha256-"), "'");
        let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let bits: String = stated
            .trim_end_matches('=')
            .chars()
            .map(|digit| format!("{:06b}", digits.find(digit).expect("a digit of base 64")))
            .collect();
        let expected: String = digest.iter().map(|byte| format!("{byte:08b}")).collect();
        assert_eq!(bits[..256], expected, "{directive}");
    }
}

#[test]
fn a_page_without_its_script_has_the_tables_and_the_card() {
    let place = disc();
    place.ok("map d.udf --html d.html");
    let page = String::from_utf8(place.bytes("d.html")).expect("text");
    let html = page.split("<script").next().unwrap_or_default();
    for id in [
        "generations",
        "sessions",
        "readers",
        "findings",
        "unreadable",
        "largest",
        "card",
    ] {
        assert!(html.contains(&format!("<section id=\"{id}\"")), "{id}");
    }
    assert!(html.contains("<tr data-era=\"4\">") && !html.contains("<tr data-era=\"5\">"));
    assert!(html.contains(">/later<"), "a directory in a table");
}
