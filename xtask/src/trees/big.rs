//! Trees that are each large in one way.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;

use anyhow::Result;
use xshell::{Shell, cmd};

use super::Contents;

/// This repository's own source, as committed.
pub fn repository(shell: &Shell, top: &Path) -> Result<()> {
    fs::create_dir(top)?;
    let archive = top.with_extension("tar");
    cmd!(shell, "git archive --format=tar --output={archive} HEAD")
        .quiet()
        .run()?;
    cmd!(shell, "tar -C {top} -xf {archive}").quiet().run()?;
    fs::remove_file(archive)?;
    Ok(())
}

/// 20,000 files of 0 to 16 KiB in 400 directories.
pub fn small_files(top: &Path) -> Result<()> {
    let mut contents = Contents::new(20_000);
    for directory in 0..400 {
        let folder = top.join(format!("directory {directory}"));
        fs::create_dir_all(&folder)?;
        for file in 0..50 {
            let size = contents.below(16_385);
            contents.write(&folder.join(format!("file {file}")), size)?;
        }
    }
    Ok(())
}

/// One directory of 50,000 names.
pub fn many_names(top: &Path) -> Result<()> {
    fs::create_dir(top)?;
    for number in 0..50_000 {
        let contents = format!("{number}\n").repeat(number % 7);
        fs::write(top.join(format!("name {number:05}")), contents)?;
    }
    Ok(())
}

/// A file of 5 GiB that is mostly a hole.
pub fn sparse_file(top: &Path) -> Result<()> {
    fs::create_dir(top)?;
    let mut contents = Contents::new(5);
    let sparse = File::create(top.join("sparse"))?;
    for gibibyte in 0..5_u64 {
        sparse.write_all_at(&contents.bytes(100_000), (gibibyte << 30) + (gibibyte << 24))?;
    }
    Ok(sparse.set_len(5 << 30)?)
}

/// A file of 1.5 GiB without holes: more than one extent can have.
pub fn large_file(top: &Path) -> Result<()> {
    fs::create_dir(top)?;
    Contents::new(6).write(&top.join("large"), 3 << 29)
}
