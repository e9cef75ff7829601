//! The map against a plain list of bytes, and its text.

use mapfile::{Map, ParseError, Status};
use proptest::prelude::*;

/// Bytes of the maps that are compared byte by byte.
const LENGTH: usize = 60;

fn status() -> impl Strategy<Value = Status> {
    prop::sample::select(&Status::ALL[..])
}

proptest! {
    #[test]
    fn a_map_has_the_status_that_was_set_last(
        changes in prop::collection::vec((0..80_u64, 0..80_u64, status()), 0..30),
    ) {
        let mut map = Map::of_length(LENGTH as u64);
        let mut model = [Status::NonTried; LENGTH];
        for (start, end, status) in changes {
            map.set(start..end, status);
            for (at, byte) in (0..).zip(&mut model) {
                if (start..end).contains(&at) {
                    *byte = status;
                }
            }
        }
        let found: Vec<Status> = (0..LENGTH as u64).map(|at| map.status(at)).collect();
        prop_assert_eq!(&found[..], &model[..]);
        let mut end = 0;
        let mut before = None;
        for area in map.areas() {
            prop_assert_eq!(area.bytes.start, end);
            prop_assert!(!area.bytes.is_empty());
            prop_assert_ne!(before, Some(area.status));
            (end, before) = (area.bytes.end, Some(area.status));
        }
        prop_assert_eq!(end, LENGTH as u64);
        let again: Map = map.to_string().parse().expect("a map");
        prop_assert_eq!(again, map);
    }

    #[test]
    fn the_areas_in_a_part_cover_that_part(start in 0..LENGTH as u64, length in 0..80_u64, bad in 0..60_u64) {
        let mut map = Map::of_length(LENGTH as u64);
        map.set(bad..bad + 7, Status::Bad);
        let end = start + length;
        let covered: u64 = map.areas_in(start..end).map(|area| area.bytes.end - area.bytes.start).sum();
        prop_assert_eq!(covered, end.min(LENGTH as u64) - start.min(end));
    }

    #[test]
    fn no_text_makes_it_panic(text in "[0-9x?*/+#\\- \nA-G]{0,200}") {
        let _ = text.parse::<Map>();
    }
}

#[test]
fn a_map_file_of_ddrescue_is_read() {
    let text = "# Mapfile. Created by GNU ddrescue version 1.27\n\
        # Command line: ddrescue -n /dev/sr0 image map\n\
        # current_pos  current_status  current_pass\n\
        0x00120000     ?               1\n\
        #      pos        size  status\n\
        0x00000000  0x00117000  +\n\
        0x00117000  0x00000200  -\n\
        0x00117200  4096  /\n";
    let map: Map = text.parse().expect("a map");
    assert_eq!(map.bytes(Status::Finished), 0x11_7000);
    assert_eq!(map.bytes(Status::NonScraped), 4096);
    assert_eq!(map.status(0x11_7000), Status::Bad);
    assert_eq!(map.length(), 0x11_8200);
    assert_eq!(map.comments()[1], "Command line: ddrescue -n /dev/sr0 image map");
}

#[test]
fn a_text_that_is_no_map_names_its_line() {
    let line = |text: &str| match text.parse::<Map>() {
        Err(ParseError::Line { line, .. } | ParseError::Order { line }) => line,
        other => panic!("{other:?}"),
    };
    assert_eq!(line("hello"), 1);
    assert_eq!(line("0 +\n0 5 x\n"), 2);
    assert_eq!(line("# a\n0 + 1\n0 5 +\n4 5 -\n"), 4);
    assert_eq!(line("0 + 1\n0xFFFFFFFFFFFFFFFF 5 +\n"), 2);
    assert_eq!("# only a comment".parse::<Map>(), Err(ParseError::NoStatus));
}

#[test]
fn a_map_grows_with_what_was_not_tried() {
    let mut map = Map::of_length(10);
    map.set(0..10, Status::Finished);
    map.extend_to(15);
    map.extend_to(5);
    assert_eq!((map.length(), map.bytes(Status::NonTried)), (15, 5));
}
