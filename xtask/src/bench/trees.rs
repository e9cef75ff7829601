//! The trees of the contests. Names are short, so that no peer pays for names that its ISO 9660 side must
//! shorten.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use anyhow::Result;

use crate::trees::Contents;

/// 20,000 files of 0 to 16 KiB in 400 directories.
pub fn small(top: &Path) -> Result<()> {
    let mut contents = Contents::new(20_000);
    for directory in 0..400 {
        let folder = top.join(format!("d{directory:03}"));
        fs::create_dir_all(&folder)?;
        for file in 0..50 {
            let size = contents.below(16_385);
            contents.write(&folder.join(format!("f{file:02}.dat")), size)?;
        }
    }
    Ok(())
}

/// Four files of 512 MiB.
pub fn large(top: &Path) -> Result<()> {
    fs::create_dir(top)?;
    let piece = Contents::new(512).bytes(1 << 20);
    for number in 0..4_u8 {
        let mut file = File::create(top.join(format!("large{number}.dat")))?;
        for turn in 0..512 {
            let (end, start) = piece.split_at(turn * 2048);
            file.write_all(start)?;
            file.write_all(end)?;
        }
    }
    Ok(())
}

/// Empty files, `each` in each of `directories` directories; directly in the top if that is one.
pub fn names(top: &Path, directories: u32, each: u32) -> Result<()> {
    for directory in 0..directories {
        let folder = match directories {
            1 => top.to_owned(),
            _ => top.join(format!("d{directory:04}")),
        };
        fs::create_dir_all(&folder)?;
        for number in 0..each {
            File::create(folder.join(format!("n{number:07}")))?;
        }
    }
    Ok(())
}
