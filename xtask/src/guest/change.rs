//! What the kernel does to a volume that it may write: everything that leaves traces in directories, nodes
//! and space.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use anyhow::{Context, Result};
use rustix::fs::{CWD, FileType, Mode, makedev, mknodat};

use crate::trees::{self, Contents};

/// Names in a directory, most of which are removed again.
const NAMES: usize = 130;
const KEPT: usize = 5;

/// Creates the tree of volumes of other programs in `top`.
pub fn fill(top: &Path) -> Result<()> {
    trees::plain(top).context("cannot make a tree")
}

/// Creates files below `top`, then changes, renames and removes some.
pub fn change(top: &Path) -> Result<()> {
    let every = top.join("every");
    // Linux creates no devices with large numbers on UDF: those that it can create come below.
    trees::plain(&every).context("cannot make a tree")?;
    let many = top.join("many");
    fs::create_dir(&many)?;
    for number in 0..NAMES {
        let name = format!("a file with a name of some length, number {number}");
        fs::write(many.join(name), vec![1; 40 * number])?;
    }
    for number in KEPT..NAMES {
        fs::remove_file(many.join(format!("a file with a name of some length, number {number}")))?;
    }
    let file = |name: &str| many.join(name);
    Contents::new(7).write(&file("large"), 300_000)?;
    Contents::new(8).write(&file("replaced"), 5000)?;
    fs::rename(
        file("replaced"),
        file("a file with a name of some length, number 0"),
    )?;
    fs::rename(file("large"), every.join("moved"))?;
    fs::hard_link(every.join("moved"), file("hard link"))?;
    symlink("../every/moved", file("symbolic link"))?;
    for (name, kind) in [
        ("pipe", FileType::Fifo),
        ("socket", FileType::Socket),
        ("tty", FileType::CharacterDevice),
    ] {
        mknodat(CWD, file(name), kind, Mode::RUSR, makedev(4, 64))?;
    }
    fs::remove_dir_all(every.join("directory/below"))?;
    fs::rename(every.join("sizes"), top.join("renamed"))?;
    let mut appended = OpenOptions::new().append(true).open(top.join("renamed/4096"))?;
    appended.write_all(&[9; 3000])?;
    File::options()
        .write(true)
        .open(top.join("renamed/32769"))?
        .set_len(1000)?;
    // A hole after the existing bytes.
    let sparse = File::create(file("sparse"))?;
    sparse.set_len(100_000)?;
    fs::set_permissions(file("sparse"), Permissions::from_mode(0o640))?;
    Ok(())
}
