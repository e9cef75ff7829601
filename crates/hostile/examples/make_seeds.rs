//! Writes initial inputs into a folder: every base unchanged, and the directories and nodes in the bases.

use std::fs;
use std::path::{Path, PathBuf};

use ecma167::general::{Tag, TagIdentifier};
use hostile::bases::{self, Base};

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).expect("the folder of the corpus"));
    for (number, base) in (0_u8..).zip(bases::all()) {
        for target in ["recognition", "vat", "check", "mount"] {
            put(&folder, target, base.name, &[number, 0])?;
        }
        directories(&folder, base)?;
        nodes(&folder, base)?;
        if let Some(side) = base.side {
            put(
                &folder,
                "commands",
                base.name,
                &[&[0xE0], side.as_bytes()].concat(),
            )?;
        }
    }
    side_files(&folder)
}

/// Lives of an image and its side file on each kind of medium: operations of the target by number.
fn side_files(folder: &Path) -> std::io::Result<()> {
    let two_commits: &[u8] = &[0, 0, 31, 9, 19, 0, 0, 0, 31, 9, 15];
    let lives: [(&str, &[u8]); 8] = [
        ("kept", &[27, 0, 0, 15, 9, 15, 29, 14, 5, 0]),
        ("older", &[20, 0, 27, 29, 28, 0, 0, 7, 9]),
        ("killed", &[27, 0, 0, 40, 16, 27, 0, 0, 3, 9, 14, 70, 0]),
        ("torn", &[27, 0, 0, 40, 16, 26, 77, 3, 27, 0, 0, 3, 9]),
        (
            "cut-at-side-file",
            &[27, 17, 3, 0, 0, 31, 27, 17, 8, 0, 0, 31, 9, 27],
        ),
        ("adopted", &[31, 30, 0, 0, 31, 9, 15, 27]),
        (
            "sessions",
            &[27, 12, 0, 255, 12, 1, 1, 0, 0, 31, 9, 20, 0, 27, 28, 0, 0, 31, 9],
        ),
        (
            "replaced",
            &[27, 0, 0, 31, 22, 0xC0, 9, 15, 27, 25, 20, 0, 27, 28, 24, 3, 9, 27],
        ),
    ];
    for medium in [1, 2, 4, 6] {
        for (name, life) in lives {
            let input = [&[medium], two_commits, life].concat();
            put(folder, "side_files", &format!("{name}-{medium}"), &input)?;
        }
        let reserved: &[u8] = &[
            medium, 13, 40, 0, 0, 0, 15, 0, 1, 7, 9, 19, 1, 0, 1, 15, 16, 20, 1, 27,
        ];
        put(folder, "side_files", &format!("reserved-{medium}"), reserved)?;
    }
    Ok(())
}

/// The flags that a target knows, then bytes.
fn directories(folder: &Path, base: &Base) -> std::io::Result<()> {
    for (number, run) in base.directories.iter().enumerate().take(3) {
        let stream: Vec<u8> = run.iter().take(2).flat_map(|at| base.image.block(*at)).collect();
        let used = stream
            .iter()
            .rposition(|byte| *byte != 0)
            .map_or(0, |last| last + 1);
        for flags in [0, 8, 16, 4 | 8 | 16] {
            let name = format!("{}-{number}-{flags}", base.name);
            put(
                folder,
                "directory",
                &name,
                &[
                    &[flags],
                    &stream[..used.min(if flags & 4 != 0 { 700 } else { 3000 })],
                ]
                .concat(),
            )?;
        }
    }
    Ok(())
}

/// Each kind of node once, followed by the allocation extent descriptors of the base.
fn nodes(folder: &Path, base: &Base) -> std::io::Result<()> {
    let tagged = |wanted: TagIdentifier| {
        let blocks = base.image.blocks.values();
        blocks.filter(move |block| Tag::peek(&block[..]).is_some_and(|tag| tag.identifier() == wanted))
    };
    let entries = tagged(TagIdentifier::FILE_ENTRY).chain(tagged(TagIdentifier::EXTENDED_FILE_ENTRY));
    let mut kinds = Vec::new();
    for entry in entries {
        let kind = (entry[27], entry[34] & 7);
        if kinds.contains(&kind) {
            continue;
        }
        kinds.push(kind);
        let mut bytes = vec![8 | if kind.0 == 4 { 4 } else { 0 }];
        bytes.extend(with_length(&entry[..]));
        for extent in tagged(TagIdentifier::ALLOCATION_EXTENT_DESCRIPTOR).take(2) {
            bytes.extend(with_length(&extent[..]));
        }
        put(
            folder,
            "node",
            &format!("{}-{}-{}", base.name, kind.0, kind.1),
            &bytes,
        )?;
    }
    Ok(())
}

fn with_length(block: &[u8]) -> Vec<u8> {
    let used = block
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    let length = u16::try_from(used).unwrap_or_default();
    [&length.to_le_bytes()[..], &block[..used]].concat()
}

fn put(folder: &Path, target: &str, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let folder = folder.join(target);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(name), bytes)
}
