//! Images that are longer or shorter than their volume.

mod common;

use common::{Place, noise};

const BLOCK: usize = 2048;

/// A place with a finalized disc, `disc.udf`, made with this kind of plain volume.
fn finalized(rom: &str) -> Place {
    let place = Place::new();
    place.file("tree/a", noise(40_000, 1));
    place.ok(&format!(
        "burn tree --to disc.udf --medium cd-r --rom {rom} --finalize"
    ));
    place
}

/// Fails unless the volume is read as complete, with these words about what follows it.
fn is_complete(place: &Place, image: &str, words: &str) {
    let run = place.run(&format!("info {image}"));
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    let state = format!("state       complete; {words}\n");
    assert!(run.out.contains(&state), "{}", run.out);
    let run = place.run(&format!("ls {image} -R"));
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert_eq!(place.names(image), place.names("disc.udf"));
    let run = place.run(&format!("check {image}"));
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("0 errors"), "{}", run.out);
}

#[test]
fn zeros_after_a_finished_volume_are_padding() {
    for rom in ["no", "bridge"] {
        let place = finalized(rom);
        place.file(
            "long.img",
            [&place.bytes("disc.udf")[..], &[0; 150 * BLOCK]].concat(),
        );
        let words = "150 blocks after the volume do not belong to it: all zero, padding";
        is_complete(&place, "long.img", words);
        let info = place.json("info long.img");
        assert_eq!(info["image"]["blocks_after_volume"], 150);
        assert_eq!(info["volume"]["clean"], true);
    }
}

#[test]
fn error_correction_data_after_a_volume_is_named() {
    for rom in ["no", "bridge"] {
        let place = finalized(rom);
        let mut data = b"*dvdisaster*RS02".to_vec();
        data.resize(BLOCK, 0);
        data.extend(noise(900 * BLOCK, 3));
        place.file("ecc.img", [&place.bytes("disc.udf")[..], &data].concat());
        let words = "901 blocks after the volume do not belong to it: error correction data of dvdisaster";
        is_complete(&place, "ecc.img", words);
    }
}

#[test]
fn anything_after_a_closed_session_does_not_belong_to_it() {
    for rom in ["no", "bridge"] {
        let place = finalized(rom);
        let data = noise(2_000_000, 3);
        place.file("more.img", [&place.bytes("disc.udf")[..], &data].concat());
        let words = "976 blocks after the volume do not belong to it: something else";
        is_complete(&place, "more.img", words);
    }
}

#[test]
fn padding_after_a_volume_without_a_vat_is_named() {
    let place = Place::with_base("genisoimage");
    let image = place.bytes("disc.udf");
    let before = place.json("info disc.udf")["image"]["blocks_after_volume"].as_u64();
    let blocks = before.unwrap_or(0) + 33;
    place.file("long.img", [&image[..], &[0; 33 * BLOCK]].concat());
    let words = format!("{blocks} blocks after the volume do not belong to it: all zero, padding");
    is_complete(&place, "long.img", &words);
}

#[test]
fn an_image_shorter_than_its_volume_says_how_much_is_missing() {
    let place = Place::with_base("genisoimage");
    let image = place.bytes("disc.udf");
    place.file("short.img", &image[..300 * BLOCK]);
    let run = place.run("info short.img");
    let words = "state       cut short: the image ends at block 300, and ";
    assert!(run.out.contains(words), "{}{}", run.out, run.err);
    for command in ["ls", "check"] {
        let run = place.run(&format!("{command} short.img"));
        let words = "short.img: the image ends at block 300, and ";
        assert!(run.err.contains(words), "{}{}", run.out, run.err);
        assert!(
            run.err.contains(" blocks of the volume are missing"),
            "{}",
            run.err
        );
    }
}

#[test]
fn zeros_after_an_open_session_may_be_a_later_state() {
    let place = Place::new();
    place.file("one/a", noise(30_000, 1));
    place.file("two/b", vec![0; 700_000]);
    place.ok("format disc.udf --medium dvd+r --rom udf");
    place.ok("add disc.udf one");
    let end = place.bytes("disc.udf").len();
    place.ok("add disc.udf two");
    place.file("part.udf", &place.bytes("disc.udf")[..end + 5 * BLOCK]);
    let run = place.run("info part.udf");
    let words =
        "state       complete; 5 blocks after it are all zero: padding, or the start of a later state\n";
    assert!(run.out.contains(words), "{}{}", run.out, run.err);
}

#[test]
fn data_after_an_open_session_may_be_a_later_state() {
    let place = Place::new();
    place.file("tree/a", noise(1 << 20, 1));
    place.ok("burn tree --to disc.udf --medium bd-r --capacity 100M --finalize");
    let image = place.bytes("disc.udf");
    place.file("part.udf", &image[..image.len() / 2]);
    let info = place.run("info part.udf").out;
    assert!(!info.contains("do not belong to it"), "{info}");
    assert!(!info.contains("the next recording repairs it"), "{info}");
}
