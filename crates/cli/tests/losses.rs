//! Discs with an unreadable block: what is left is shown, what is lost is reported.

mod common;

use common::{Place, Run, noise};

/// A disc with a file in each of two commits, and the block of its VAT ICB.
fn two_generations(place: &Place) -> u64 {
    place.file("old", b"old");
    place.file("new", b"new");
    place.ok("format disc.udf --medium bd-r --capacity 100M");
    place.ok("add disc.udf old");
    place.ok("add disc.udf new");
    let info: serde_json::Value = serde_json::from_str(&place.ok("--json info disc.udf")).unwrap();
    assert_eq!(info["losses"], serde_json::json!([]));
    info["volume"]["vat_icb"].as_u64().unwrap()
}

/// Runs the program with a drive that cannot read these blocks.
fn without(place: &Place, blocks: std::ops::Range<u64>, line: &str) -> Run {
    place.file("faults", format!("unreadable {}..{}", blocks.start, blocks.end));
    place.run(&format!("--faults faults {line}"))
}

#[test]
fn a_lost_copy_of_two_is_a_warning_and_the_command_succeeds() {
    let place = Place::new();
    two_generations(&place);
    let run = without(&place, 33..34, "ls disc.udf");
    assert_eq!((run.code, run.out.as_str()), (0, "old\nnew\n"), "{}", run.err);
    assert!(
        run.err.contains("warning: main volume descriptor sequence") && run.err.contains("logical sector 33"),
        "{}",
        run.err
    );
    let info = without(&place, 33..34, "--json info disc.udf");
    assert_eq!(info.code, 0);
    let info: serde_json::Value = serde_json::from_str(&info.out).unwrap();
    let loss = &info["losses"][0];
    assert_eq!(
        (&loss["structure"], &loss["sector"], &loss["hides_generation"]),
        (&"main-sequence".into(), &33.into(), &false.into())
    );
}

#[test]
fn an_earlier_state_has_exit_code_5_and_takes_changes_only_on_request() {
    let place = Place::new();
    let vat_icb = two_generations(&place);
    let lost = vat_icb + 1 - 32..vat_icb + 1;
    let run = without(&place, lost.clone(), "ls disc.udf");
    assert_eq!((run.code, run.out.as_str()), (5, "old\n"), "{}", run.err);
    assert!(run.err.contains("EARLIER STATE"), "{}", run.err);
    assert!(!run.err.contains("more was recorded"), "{}", run.err);
    let run = without(&place, lost.clone(), "cat disc.udf /old");
    assert_eq!((run.code, run.out.as_str()), (5, "old"));
    assert_eq!(without(&place, lost.clone(), "info disc.udf").code, 5);
    place.file("more", b"more");
    for line in ["add disc.udf more", "rm disc.udf /old", "close disc.udf"] {
        let run = without(&place, lost.clone(), line);
        assert_eq!(run.code, 5, "{line}: {}", run.err);
        assert!(run.err.contains("--accept-losses"), "{line}: {}", run.err);
    }
    assert_eq!(place.ok("ls disc.udf"), "old\nnew\n");
    let run = without(&place, lost.clone(), "add disc.udf more --accept-losses");
    assert_eq!(run.code, 0, "{}", run.err);
    let run = without(&place, lost, "ls disc.udf");
    assert_eq!((run.code, run.out.as_str()), (0, "old\nmore\n"), "{}", run.err);
}

#[test]
fn a_disc_whose_newest_state_is_lost_is_closed_on_request() {
    for close in ["close disc.udf", "fsctl disc.udf make-media-compatible"] {
        let place = Place::new();
        let vat_icb = two_generations(&place);
        let lost = vat_icb + 1 - 32..vat_icb + 1;
        assert_eq!(without(&place, lost.clone(), close).code, 5, "{close}");
        let run = without(&place, lost.clone(), &format!("{close} --accept-losses"));
        assert_eq!(run.code, 0, "{close}: {}", run.err);
        assert!(run.err.contains("EARLIER STATE"), "{close}: {}", run.err);
        let run = without(&place, lost, "ls disc.udf");
        assert_eq!((run.code, run.out.as_str()), (0, "old\n"), "{close}: {}", run.err);
    }
}

#[test]
fn a_file_whose_node_is_lost_is_named_and_the_others_are_read() {
    let place = Place::new();
    for name in ["a", "b", "c"] {
        place.file(&format!("tree/sub/{name}"), name);
    }
    place.ok("burn tree --to disc.udf --medium dvd+r --capacity 100M");
    let info: serde_json::Value = serde_json::from_str(&place.ok("--json info disc.udf")).unwrap();
    let end = info["volume"]["vat_icb"].as_u64().unwrap();
    // Find the node of /tree/sub/b by losing blocks.
    let lists = |block: &u64| without(&place, *block..*block + 1, "ls disc.udf -lR");
    let run = (288..end)
        .map(|block| (block, lists(&block)))
        .find(|(_, run)| run.err.contains("/tree/sub/b: "));
    let (block, run) = run.unwrap();
    assert_eq!(run.code, 5);
    let names: Vec<_> = run
        .out
        .lines()
        .filter_map(|line| line.split(' ').next_back())
        .collect();
    assert_eq!(names, ["/tree", "/tree/sub", "/tree/sub/a", "/tree/sub/c"]);
    assert!(
        run.err.contains(&format!("block {block} cannot be read")),
        "{}",
        run.err
    );
    // Its name is in the directory, which can be read.
    let run = without(&place, block..block + 1, "ls disc.udf -R");
    assert_eq!(run.out.lines().nth(3), Some("/tree/sub/b"), "{}", run.err);
    let run = without(&place, block..block + 1, "extract disc.udf --to out");
    assert_eq!(run.code, 5);
    assert!(run.err.contains("/tree/sub/b: "), "{}", run.err);
    assert!(place.path("out/tree/sub/a").exists() && place.path("out/tree/sub/c").exists());
    assert!(!place.path("out/tree/sub/b").exists());
}

#[test]
fn a_file_with_an_unreadable_block_leaves_no_partial_copy() {
    let place = Place::new();
    let large = noise(3 << 20, 1);
    for name in ["a", "b", "c"] {
        place.file(&format!("tree/{name}"), &large);
    }
    place.ok("burn tree --to disc.udf --medium dvd+r --capacity 100M");
    let image = place.bytes("disc.udf");
    let bodies = image
        .chunks(2048)
        .enumerate()
        .filter(|(_, block)| *block == &large[..2048]);
    let starts: Vec<_> = bodies.map(|(block, _)| block as u64).collect();
    let lost = starts[1] + 1000;
    let run = without(&place, lost..lost + 1, "extract disc.udf --to out");
    assert_eq!(run.code, 5);
    assert!(
        run.err.contains("/tree/b: ") && run.err.contains(&format!("block {lost} cannot be read")),
        "{}",
        run.err
    );
    assert!(!place.path("out/tree/b").exists());
    for name in ["a", "c"] {
        assert!(place.bytes(&format!("out/tree/{name}")) == large, "{name}");
    }
}

#[test]
fn an_image_cut_short_shows_an_older_state_but_not_as_a_success() {
    let place = Place::new();
    place.file("tree/file", noise(1 << 20, 1));
    place.ok("burn tree --to disc.udf --medium bd-r --capacity 100M --finalize");
    let whole = place.run("ls disc.udf");
    assert_eq!((whole.code, whole.err.as_str()), (0, ""));
    let image = place.bytes("disc.udf");
    place.file("part.udf", &image[..image.len() / 2]);
    let part = place.run("ls part.udf");
    assert_eq!((part.code, part.out.as_str()), (5, ""), "{}", part.err);
    assert!(
        part.err
            .contains("blocks after the state that is shown belong to a later one"),
        "{}",
        part.err
    );
    for command in ["info part.udf", "extract part.udf --to out", "check part.udf"] {
        assert_eq!(place.run(command).code, 5, "{command}");
    }
}

#[test]
fn of_a_block_in_which_an_image_ends_everything_is_read() {
    let place = Place::with_base("genisoimage");
    let path = "/directory/inner/other file";
    let cat = |words: &[&str]| {
        let output = place.command(&[&["cat"], words].concat()).output();
        let output = output.expect("the program");
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), output.stdout, words)
    };
    let image = place.bytes("disc.udf");
    let (_, content, _) = cat(&["disc.udf", path]);
    let start = image.chunks(2048).position(|block| block == &content[..2048]);
    let there = content.len() / 2 + 1;
    let end = start.expect("its data") * 2048 + there;
    assert!(!end.is_multiple_of(2048));
    place.file("part.udf", &image[..end]);
    let (code, read, _) = cat(&["part.udf", path]);
    assert!(code == Some(5) && read == content[..there]);
    let (code, filled, words) = cat(&["part.udf", path, "--fill"]);
    let missing = format!("bytes {there} to {} are missing", content.len() - 1);
    assert!(code == Some(5) && words.contains(&missing), "{words}");
    let mut expected = content;
    expected[there..].fill(0);
    assert!(filled == expected);
    let run = place.run_words(&["extract", "part.udf", path, "--to", "out", "--fill"]);
    assert!(run.code == 5 && run.err.contains(&missing), "{}", run.err);
    assert!(place.bytes("out/other file") == expected);
}

/// A disc with `/z` of 100 blocks, of which two are unreadable, and what `/z` has with zeros in their place.
fn with_two_bad_blocks(place: &Place) -> Vec<u8> {
    let mut content = noise(100 * 2048, 5);
    place.file("z", content.clone());
    place.ok("burn z --to d.udf --medium dvd+r --capacity 60M --rom no --finalize");
    let disc = place.bytes("d.udf");
    let find = |from: usize| {
        let block = &content[from * 2048..(from + 1) * 2048];
        let found = disc.chunks(2048).position(|found| found == block);
        found.expect("the block is on the disc")
    };
    let bad = [10, 50].map(|number| (number, find(number)));
    let faults = bad
        .map(|(_, block)| format!("unreadable {block}..{}\n", block + 1))
        .concat();
    place.file("faults", faults);
    for (number, _) in bad {
        content[number * 2048..(number + 1) * 2048].fill(0);
    }
    content
}

#[test]
fn cat_writes_everything_before_an_unreadable_block() {
    let place = Place::new();
    let content = with_two_bad_blocks(&place);
    let cat = ["cat", "d.udf", "/z", "--faults", "faults"];
    let output = place.command(&cat).output().expect("the program");
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(5), "{err}");
    assert!(
        output.stdout == content[..10 * 2048],
        "{} bytes",
        output.stdout.len()
    );
    assert!(err.contains("--fill"), "{err}");
}

#[test]
fn cat_fills_what_is_unreadable_and_lists_it() {
    let place = Place::new();
    let content = with_two_bad_blocks(&place);
    let cat = ["cat", "d.udf", "/z", "--fill", "--faults", "faults"];
    let output = place.command(&cat).output().expect("the program");
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(5), "{err}");
    assert!(output.stdout == content, "{} bytes", output.stdout.len());
    assert!(err.contains("4096 bytes cannot be read"), "{err}");
    assert!(err.contains("bytes 20480 to 22527 are missing"), "{err}");
}

#[test]
fn extract_keeps_a_damaged_file_only_with_zeros_in_it() {
    let place = Place::new();
    let content = with_two_bad_blocks(&place);
    let refused = place.run("extract d.udf --to out --faults faults");
    assert_eq!(refused.code, 5, "{}", refused.err);
    assert!(refused.err.contains("--fill"), "{}", refused.err);
    assert!(!place.path("out/z").exists());
    let filled = place.run("extract d.udf --to out --fill --faults faults");
    assert_eq!(filled.code, 5, "{}", filled.err);
    assert!(
        filled.err.contains("bytes 102400 to 104447 are missing"),
        "{}",
        filled.err
    );
    assert!(place.bytes("out/z") == content);
}

#[test]
fn a_session_that_cannot_be_read_is_neither_passed_over_nor_recorded_over() {
    for medium in ["cd-r", "dvd-r", "dvd+r", "bd-r"] {
        for rom in ["", " --rom bridge"] {
            for is_closed in [true, false] {
                let place = Place::new();
                place.file("a", "a");
                place.file("b", noise(300 * 2048, 2));
                place.ok(&format!("format d.udf --medium {medium}{rom}"));
                place.ok("add d.udf a");
                place.ok("close d.udf");
                place.ok("add d.udf b");
                if is_closed {
                    place.ok("close d.udf");
                }
                let session = place.json("info d.udf")["sessions"][1].clone();
                let block = |key: &str| session[key].as_u64().expect("a block");
                let (start, end) = (block("start"), block("last_recorded") + 1);
                let before = place.bytes("d.udf");
                for from in [start, start + 33, start + 244, end - 1] {
                    let what = format!("{medium}{rom}, closed {is_closed}, {from} to {end} of {start}");
                    place.file("faults", format!("unreadable {from}..{end}"));
                    let run = place.run("--faults faults ls d.udf");
                    if !run.out.contains('b') {
                        assert_eq!(run.code, 5, "{what}: {}", run.err);
                        let run = place.run("--faults faults add d.udf a --into /again");
                        assert_eq!(run.code, 5, "{what}: {}", run.err);
                        let run = place.run("--faults faults close d.udf");
                        assert_eq!(run.code, 5, "{what}: {}", run.err);
                    }
                }
                assert!(place.bytes("d.udf") == before, "{medium}{rom}");
            }
        }
    }
}

#[test]
fn the_end_of_a_plain_volume_hides_no_later_state() {
    let place = Place::new();
    place.file("a", noise(20 * 2048, 1));
    place.ok("burn a --to d.udf --medium dvd+r --capacity 60M --finalize");
    let info = place.json("info d.udf");
    let (icb, last) = (
        info["volume"]["vat_icb"].as_u64().expect("a block"),
        info["sessions"][0]["last_recorded"].as_u64().expect("a block"),
    );
    for blocks in [icb + 17..last + 1, icb + 40..icb + 80, last..last + 1] {
        let run = without(&place, blocks.clone(), "ls d.udf");
        assert_eq!(
            (run.code, run.out.as_str()),
            (0, "a\n"),
            "{blocks:?}: {}",
            run.err
        );
    }
}

#[test]
fn a_plain_volume_is_named_if_the_newest_state_is_lost() {
    let place = Place::new();
    place.file("a", "a");
    place.ok("burn a --to d.udf --medium dvd+r --capacity 60M --finalize");
    let icb = place.json("info d.udf")["volume"]["vat_icb"]
        .as_u64()
        .expect("a block");
    let run = without(&place, icb - 9..icb + 1, "ls d.udf");
    assert_eq!(run.code, 5, "{}", run.err);
    assert!(run.err.contains("--rom-view"), "{}", run.err);
    assert!(!run.err.contains("oncefs add"), "{}", run.err);
    let run = without(&place, icb - 9..icb + 1, "ls d.udf --rom-view");
    assert_eq!((run.code, run.out.as_str()), (0, "a\n"), "{}", run.err);
}

#[test]
fn a_disc_with_files_is_not_formatted_again_because_its_anchor_is_lost() {
    for medium in ["cd-r", "dvd-r", "dvd+r", "bd-r"] {
        for (rom, anchor) in [("", 256), (" --rom bridge", 512)] {
            let place = Place::new();
            place.file("a", "a");
            place.ok(&format!("format d.udf --medium {medium}{rom}"));
            place.ok("add d.udf a");
            let before = place.bytes("d.udf");
            let run = without(&place, anchor..anchor + 1, &format!("format d.udf{rom}"));
            assert_ne!(run.code, 0, "{medium}{rom}: {}", run.out);
            assert!(place.bytes("d.udf") == before, "{medium}{rom}");
        }
    }
}
