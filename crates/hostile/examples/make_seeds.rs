//! Writes inputs to begin with into a folder: every base as it is, and the directories and nodes that stand in them.

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
    Ok(())
}

/// At most the flags that a target knows, then bytes.
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

/// Each kind of node once, with the allocation extent descriptors of the base behind it.
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
