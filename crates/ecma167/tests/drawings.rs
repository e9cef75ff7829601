//! The byte maps of the page on the format: fields follow each other without gaps, and each map ends where it
//! says. Sizes that the structures here declare are those of the page.

use std::path::Path;

use ecma167::general::Tag;
use ecma167::volume::{
    AnchorVolumeDescriptorPointer, ImplementationUseVolumeDescriptor, PartitionDescriptor,
    PrimaryVolumeDescriptor, TerminatingDescriptor,
};

/// A map drawn line by line: the offsets of its columns, and the length of each field.
#[derive(Debug)]
struct Map {
    title: String,
    fields: Vec<(Vec<Option<u64>>, Option<u64>)>,
    ends: Option<u64>,
}

fn maps(page: &str) -> Vec<Map> {
    let mut maps: Vec<Map> = Vec::new();
    for line in page.lines() {
        if let Some((_, title)) = line.split_once("+-- ") {
            let title = title.trim_end_matches('+').trim_end_matches('-').trim();
            maps.push(Map {
                title: title.to_owned(),
                fields: Vec::new(),
                ends: None,
            });
            continue;
        }
        let Some(map) = maps.last_mut() else { continue };
        if let Some((end, rest)) = line.split_once("+---") {
            if rest.trim_end_matches(['-', '+']).is_empty() {
                map.ends = map.ends.or(end.trim().parse().ok());
            }
            continue;
        }
        let Some((offsets, field)) = line.split_once('|') else {
            continue;
        };
        let mut words = field.split_whitespace();
        let (length, next) = (words.next().unwrap_or_default(), words.next());
        let is_counted = offsets.contains('n') || next == Some("n");
        let offsets: Vec<Option<u64>> = offsets.split_whitespace().map(|one| one.parse().ok()).collect();
        if is_counted {
            map.fields.push((vec![None], None));
        } else if offsets.iter().any(Option::is_some)
            && (length.parse::<u64>().is_ok() || length.starts_with("L_"))
        {
            map.fields.push((offsets, length.parse().ok()));
        }
    }
    maps.retain(|map| map.fields.len() > 1);
    maps
}

fn page() -> Option<String> {
    // A published package has no page.
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/understanding/format.md");
    std::fs::read_to_string(path).ok()
}

#[test]
fn fields_of_a_drawing_follow_each_other_to_its_end() {
    let Some(page) = page() else { return };
    let maps = maps(&page);
    assert!(maps.len() > 20, "{} maps", maps.len());
    for map in &maps {
        let columns = map.fields[0].0.len();
        for column in 0..columns {
            // A drawing of a part begins inside its structure.
            let mut end = map.fields[0].0[column];
            for (offsets, length) in &map.fields {
                let Some(offset) = offsets.get(column).copied().flatten() else {
                    end = end.filter(|_| length.is_some());
                    continue;
                };
                // After a field of variable length the offset is unknown.
                if let Some(end) = end {
                    assert_eq!(offset, end, "{}: {offsets:?}", map.title);
                }
                end = length.map(|length| offset + length);
            }
            if let (Some(said), Some(end)) = (map.ends, end) {
                assert_eq!(end, said, "{}", map.title);
            }
        }
    }
}

#[test]
fn drawings_are_as_long_as_the_structures() {
    let Some(page) = page() else { return };
    let maps = maps(&page);
    let sizes = [
        (
            "anchor volume descriptor pointer",
            size_of::<AnchorVolumeDescriptorPointer>(),
        ),
        ("primary volume descriptor", size_of::<PrimaryVolumeDescriptor>()),
        (
            "implementation use volume descriptor",
            size_of::<ImplementationUseVolumeDescriptor>(),
        ),
        ("partition descriptor", size_of::<PartitionDescriptor>()),
        ("terminating descriptor", size_of::<TerminatingDescriptor>()),
    ];
    for (title, size) in sizes {
        let map = maps.iter().find(|map| map.title.starts_with(title));
        let ends = map.and_then(|map| map.ends);
        assert_eq!(ends, Some(size as u64), "{title}");
        let tag = map.and_then(|map| map.fields[0].1);
        assert_eq!(tag, Some(size_of::<Tag>() as u64), "{title}");
    }
}
