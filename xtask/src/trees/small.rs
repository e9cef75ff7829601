//! A small tree with every kind of node.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{FileExt, PermissionsExt, lchown, symlink};
use std::path::Path;

use anyhow::{Context, Result};
use rustix::fs::{AtFlags, CWD, FileType, Mode, Timespec, Timestamps, makedev, mknodat, utimensat};

use super::Contents;

/// Sizes at the limits of what fits into an ICB (1832 bytes in an extended file entry, 1872 in a file entry),
/// of blocks, and of the units of CD, DVD and BD.
const SIZES: &[u64] = &[
    0, 1, 1831, 1832, 1833, 1871, 1872, 1873, 2047, 2048, 2049, 4096, 32_768, 32_769, 65_536, 65_537, 300_001,
];

/// Seconds and nanoseconds since 1970: before it, at it, a leap day, beyond 32 bits of either sign.
const TIMES: &[(i64, i64)] = &[
    (0, 0),
    (-1, 999_999_999),
    (-1_000_000_000, 1000),
    (951_827_696, 123_456_789),
    (2_147_483_648, 1000),
    (4_294_967_296, 999_999_000),
    (13_000_000_000, 500_000_000),
];

/// Creates the tree at `top`, which must not exist. Needs root, for owners and devices.
pub fn every_kind(top: &Path) -> Result<()> {
    fs::create_dir(top)?;
    sizes(&top.join("sizes"))?;
    holes(&top.join("holes"))?;
    links(&top.join("links"))?;
    special(&top.join("special"))?;
    attributes(&top.join("attributes"))?;
    names(&top.join("names"))?;
    let mut deep = top.join("deep");
    for level in 0..20 {
        deep.push(format!("level {level}"));
    }
    fs::create_dir_all(&deep)?;
    fs::write(deep.join("bottom"), "found")?;
    fs::create_dir(top.join("empty directory"))?;
    // A separate time for every node that has none yet, so that no two can be confused.
    spread_times(top)
}

/// A later commit, to be merged over [`every_kind`]: files that replace others, and new ones.
pub fn second_round(top: &Path) -> Result<()> {
    let mut contents = Contents::new(2);
    fs::create_dir_all(top.join("sizes"))?;
    fs::create_dir_all(top.join("new"))?;
    for (name, size) in [("1", 5000), ("2049", 10), ("300001", 0), ("further", 70_000)] {
        contents.write(&top.join("sizes").join(name), size)?;
    }
    for number in 0..40 {
        let size = contents.below(9000);
        contents.write(&top.join("new").join(format!("file {number}")), size)?;
    }
    spread_times(top)
}

/// Only files and directories, with plain names and fewer than 100 nodes: what the most limited reader can
/// handle.
pub fn plain(top: &Path) -> Result<()> {
    fs::create_dir_all(top.join("directory/below/further"))?;
    sizes(&top.join("sizes"))?;
    let mut contents = Contents::new(3);
    for (number, folder) in ["directory", "directory/below", "directory/below/further"]
        .into_iter()
        .enumerate()
    {
        for file in 0..10 {
            let size = contents.below(20_000);
            contents.write(&top.join(folder).join(format!("file-{number}-{file}")), size)?;
        }
    }
    spread_times(top)
}

/// Nodes that readers of files and directories treat differently, and nodes that a plain volume leaves out.
pub fn for_readers(top: &Path) -> Result<()> {
    let mut contents = Contents::new(16);
    for folder in ["sizes", "many", "holes", "links", "empty", "names", "attributes"] {
        fs::create_dir_all(top.join(folder))?;
    }
    for size in [0, 1, 2047, 2048, 2049, 65_537, 100_000] {
        contents.write(&top.join("sizes").join(size.to_string()), size)?;
    }
    contents.write(&top.join("large"), 5_000_001)?;
    for number in 0..300 {
        contents.write(&top.join("many").join(format!("file-{number:03}")), number)?;
    }
    let mut deep = top.to_owned();
    for level in 1..=12 {
        deep.push(format!("level-{level}"));
    }
    fs::create_dir_all(&deep)?;
    contents.write(&deep.join("bottom"), 3000)?;
    for name in [
        "Größe",
        "日本語",
        "Привет мир",
        &"n".repeat(120),
        &"m".repeat(200),
    ] {
        contents.write(&top.join("names").join(name), 700)?;
    }
    let between = File::create(top.join("holes/between-data"))?;
    between.write_all_at(&contents.bytes(4096), 0)?;
    between.write_all_at(&contents.bytes(10_000), 300_000)?;
    let links = top.join("links");
    contents.write(&links.join("one"), 5000)?;
    fs::hard_link(links.join("one"), links.join("two"))?;
    symlink("one", links.join("symbolic"))?;
    mknodat(
        CWD,
        links.join("fifo"),
        FileType::Fifo,
        Mode::from_raw_mode(0o640),
        0,
    )?;
    for (mode, owner) in [(0o400, 1), (0o755, 1000), (0o4711, 70_000)] {
        let path = top.join("attributes").join(format!("mode-{mode:o}"));
        contents.write(&path, 100)?;
        lchown(&path, Some(owner), Some(owner + 1))?;
        fs::set_permissions(&path, Permissions::from_mode(mode))?;
    }
    spread_times(top)
}

/// The second session for those readers.
pub fn second_for_readers(top: &Path) -> Result<()> {
    let mut contents = Contents::new(17);
    fs::create_dir_all(top.join("below"))?;
    contents.write(&top.join("added"), 70_000)?;
    contents.write(&top.join("below/further"), 10)?;
    spread_times(top)
}

fn sizes(folder: &Path) -> Result<()> {
    fs::create_dir(folder)?;
    let mut contents = Contents::new(1);
    SIZES
        .iter()
        .try_for_each(|size| contents.write(&folder.join(size.to_string()), *size))
}

fn holes(folder: &Path) -> Result<()> {
    fs::create_dir(folder)?;
    let mut contents = Contents::new(5);
    let between = File::create(folder.join("between data"))?;
    between.write_all_at(&contents.bytes(4096), 0)?;
    between.write_all_at(&contents.bytes(10_000), 1 << 20)?;
    let after = File::create(folder.join("after data"))?;
    after.write_all_at(&contents.bytes(4096), 0)?;
    after.set_len(400_000)?;
    let before = File::create(folder.join("before data"))?;
    before.write_all_at(&contents.bytes(100), 200_000)?;
    File::create(folder.join("nothing else"))?.set_len(123_457)?;
    Ok(())
}

fn links(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder.join("below"))?;
    fs::write(folder.join("one"), "a file of three names")?;
    fs::hard_link(folder.join("one"), folder.join("two"))?;
    fs::hard_link(folder.join("one"), folder.join("below/three"))?;
    let long = "a long way/".repeat(30);
    for (name, target) in [
        ("relative", "one"),
        ("upwards", "../../elsewhere"),
        ("absolute", "/etc/hostname"),
        ("here", "./below/three"),
        ("to a directory", "below"),
        ("dangling", "no such file"),
        ("unicode", "Ελληνικά/日本語/🎉"),
        ("long", long.trim_end_matches('/')),
    ] {
        symlink(target, folder.join(name))?;
    }
    Ok(())
}

fn special(folder: &Path) -> Result<()> {
    fs::create_dir(folder)?;
    let mode = Mode::from_raw_mode(0o640);
    for (name, kind, device) in [
        ("fifo", FileType::Fifo, 0),
        ("socket", FileType::Socket, 0),
        ("character device", FileType::CharacterDevice, makedev(5, 1)),
        ("block device", FileType::BlockDevice, makedev(8, 17)),
        (
            "device with large numbers",
            FileType::BlockDevice,
            makedev(259, 70_000),
        ),
    ] {
        mknodat(CWD, folder.join(name), kind, mode, device)
            .with_context(|| format!("cannot make the {name} (are you root?)"))?;
    }
    Ok(())
}

fn attributes(folder: &Path) -> Result<()> {
    fs::create_dir(folder)?;
    for mode in [0o000, 0o400, 0o644, 0o777, 0o4755, 0o2755, 0o6711, 0o1644] {
        let path = folder.join(format!("mode {mode:04o}"));
        fs::write(&path, "")?;
        fs::set_permissions(&path, Permissions::from_mode(mode))?;
    }
    for mode in [0o700, 0o1777, 0o2775] {
        let path = folder.join(format!("directory {mode:04o}"));
        fs::create_dir(&path)?;
        fs::set_permissions(&path, Permissions::from_mode(mode))?;
    }
    for (uid, gid) in [
        (1, 2),
        (1000, 100),
        (65_534, 65_534),
        (2_000_000_000, 4_000_000_000),
    ] {
        let path = folder.join(format!("owner {uid} {gid}"));
        fs::write(&path, "")?;
        lchown(&path, Some(uid), Some(gid))?;
    }
    for (seconds, nanoseconds) in TIMES {
        let path = folder.join(format!("time {seconds}"));
        fs::write(&path, "")?;
        set_time(&path, *seconds, *nanoseconds)?;
    }
    Ok(())
}

fn names(folder: &Path) -> Result<()> {
    fs::create_dir(folder)?;
    for name in [
        "Größe",
        "naïve café ÿ",
        "Ελληνικά",
        "日本語",
        "🎉🎈 beyond the basic plane",
        "e\u{301} decomposed",
        "\u{e9} composed",
        " leading space",
        "trailing dot.",
        "trailing space ",
        ".hidden",
        "...",
        "back\\slash \"quoted\" <a|b> *?:",
        "a new\nline and a \ttab",
        &"n".repeat(254),
        &"я".repeat(127),
        &"語".repeat(84),
        &"🎉".repeat(63),
    ] {
        fs::write(folder.join(name), name).with_context(|| format!("cannot make {name:?}"))?;
    }
    Ok(())
}

/// Sets another time, in the past, on every node below `top` that has a time of this run.
fn spread_times(top: &Path) -> Result<()> {
    for (number, found) in (0_i64..).zip(
        walkdir::WalkDir::new(top)
            .contents_first(true)
            .sort_by_file_name(),
    ) {
        let found = found?;
        let named = found.file_name().to_string_lossy().starts_with("time ");
        if !named {
            set_time(
                found.path(),
                1_600_000_000 + number * 86_399,
                (number * 1_234_567) % 1_000_000_000,
            )?;
        }
    }
    Ok(())
}

fn set_time(path: &Path, tv_sec: i64, tv_nsec: i64) -> Result<()> {
    let time = Timespec { tv_sec, tv_nsec };
    let times = Timestamps {
        last_access: time,
        last_modification: time,
    };
    utimensat(CWD, path, &times, AtFlags::SYMLINK_NOFOLLOW)
        .with_context(|| format!("cannot set the time of {}", path.display()))
}
