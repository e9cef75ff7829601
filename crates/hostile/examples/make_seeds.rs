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
    containers(&folder)?;
    side_files(&folder)
}

/// Pieces of an image: a table or a sheet, and the anchor of a volume where it leads.
fn containers(folder: &Path) -> std::io::Result<()> {
    const BLOCK: usize = 2048;
    let half = |number: usize| u16::try_from(number).unwrap_or_default().to_le_bytes();
    // An anchor at a byte, which states a location, and its sequence with the partition.
    let anchor = |at: usize, location: usize, sequence_at: usize, sequence: usize, start: usize| {
        let mut piece = vec![0xFF];
        for number in [at / 16, location, sequence, start, sequence_at / 16] {
            piece.extend(half(number));
        }
        piece
    };
    let piece =
        |place: u8, bytes: &[u8]| [&[place, u8::try_from(bytes.len()).unwrap_or_default()], bytes].concat();
    let offset_of = |base: usize| anchor(base + 256 * BLOCK, 256, base + 32 * BLOCK, 32, 260);
    let at_sector = |sector: u8| 12 + sector;
    let entry = |kind: u8, start: u32, blocks: u32| {
        [
            &[0, 0, 0, 0, kind, 0, 0, 0][..],
            &start.to_le_bytes(),
            &blocks.to_le_bytes(),
        ]
        .concat()
    };
    let signature = piece(2, &[0x55, 0xAA]);
    let sync = [&[0][..], &[0xFF; 10], &[0, 0, 2, 0, 1]].concat();
    let mut gpt = b"EFI PART".to_vec();
    gpt.resize(92, 0);
    (gpt[24], gpt[72], gpt[80], gpt[84]) = (1, 2, 4, 128);
    let mut partition = vec![1; 16];
    partition.resize(128, 0);
    (partition[32], partition[41]) = (64, 9);
    let mut map = b"PM\0\0\0\0\0\x01\0\0\0\x40\0\0\x09\0".to_vec();
    map.resize(80, 0);
    let cue = b"FILE \"a\\b\" BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:00\nTRACK 02 MODE1/2352\nINDEX 00 00:02:00\nINDEX 01 00:02:10";
    let ccd = b"[CloneCD]\n[Entry 0]\nSession=1\nPoint=0xa2\nPLBA=400\n[Entry 1]\nSession=1\nPoint=1\nControl=0x04\nPLBA=0";
    let nero = [
        &b"ETNF\0\0\0\x14\0\0\0\0\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0"[..],
        b"NERO\0\x10\0\0",
    ]
    .concat();
    let mut alcohol = b"MEDIA DESCRIPTOR\x01\x03".to_vec();
    alcohol.resize(250, 0);
    for (at, byte) in [
        (20, 1),
        (80, 88),
        (98, 1),
        (108, 112),
        (112, 0xAA),
        (116, 1),
        (124, 192),
        (129, 8),
        (196, 99),
    ] {
        alcohol[at] = byte;
    }
    let seeds: [(&str, Vec<Vec<u8>>); 12] = [
        ("plain", vec![offset_of(0)]),
        ("shifted", vec![anchor(256 * BLOCK, 5256, 32 * BLOCK, 5032, 5260)]),
        (
            "needs-more",
            vec![anchor(256 * BLOCK, 5256, 32 * BLOCK, 5032, 300)],
        ),
        ("offset", vec![piece(0, b"x"), offset_of(1008)]),
        (
            "raw",
            vec![
                piece(0, &sync),
                piece(8, b"\x01CD001\x01"),
                anchor(256 * 2352 + 16, 256, 32 * 2352 + 16, 32, 260),
            ],
        ),
        (
            "mbr",
            vec![
                piece(1, &entry(7, 64, 999)),
                signature.clone(),
                offset_of(64 * 512),
            ],
        ),
        ("chain", vec![piece(1, &entry(5, 0, 999)), signature]),
        (
            "gpt",
            vec![
                piece(at_sector(1), &gpt),
                piece(at_sector(2), &partition),
                offset_of(64 * 512),
            ],
        ),
        ("apple", vec![piece(at_sector(1), &map), offset_of(64 * 512)]),
        ("cue", vec![piece(0xFD, cue)]),
        ("ccd", vec![piece(0xFD, ccd)]),
        ("mds", vec![piece(0xFD, &alcohol)]),
    ];
    for (name, pieces) in seeds {
        put(folder, "containers", name, &[&[3][..], &pieces.concat()].concat())?;
    }
    put(
        folder,
        "containers",
        "nrg",
        &[&[0][..], &piece(0xFE, &nero)].concat(),
    )
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
