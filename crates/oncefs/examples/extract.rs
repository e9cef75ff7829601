//! Copies a file or a tree from a disc to the host, with its symbolic links and named streams:
//! `cargo run -p oncefs --example extract -- DISC PATH TO`

use std::error::Error;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use oncefs::{FileType, Metadata, Volume};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [disc, path, to] = words.as_slice() else {
        return Err("extract DISC PATH TO".into());
    };
    let volume = oncefs::open(disc)?;
    let mut directories = Vec::new();
    let mut waiting = vec![(path.clone(), PathBuf::from(to))];
    while let Some((from, to)) = waiting.pop() {
        let metadata = volume.metadata(&from)?;
        // Only new paths are created, so a disc that names an entry twice cannot write through a link.
        match metadata.file_type() {
            FileType::Directory => {
                fs::create_dir(&to)?;
                for entry in volume.read_dir(&from)? {
                    let entry = entry?;
                    waiting.push((entry.path().to_owned(), to.join(entry.file_name())));
                }
                directories.push((to, metadata));
            }
            FileType::File => extract_file(&volume, &from, &to)?,
            FileType::SymbolicLink => symlink(volume.read_link(&from)?, &to)?,
            _ => eprintln!("{from}: left out"),
        }
    }
    // Last, because creating an entry in a directory changes the times of the directory.
    for (to, metadata) in directories.iter().rev() {
        set_attributes(&fs::File::open(to)?, metadata)?;
    }
    Ok(())
}

/// Copies a file, and each of its streams to `FILE:STREAM` next to it.
fn extract_file(volume: &Volume, path: &str, to: &Path) -> Result<(), Box<dyn Error>> {
    let mut file = volume.open(path)?;
    let host = fs::File::create_new(to)?;
    file.copy_to_file(&host)?;
    set_attributes(&host, file.metadata())?;
    for stream in volume.streams(path)? {
        let stream = stream?;
        if !stream.is_metadata() {
            let beside = format!("{}:{}", to.display(), stream.file_name());
            let host = fs::File::create_new(beside)?;
            volume
                .open_stream(path, stream.file_name())?
                .copy_to_file(&host)?;
        }
    }
    Ok(())
}

/// Sets permissions and modification time of a file or directory of the host.
fn set_attributes(host: &fs::File, metadata: &Metadata) -> std::io::Result<()> {
    host.set_permissions(Permissions::from_mode(metadata.mode() & 0o777))?;
    match metadata.modified() {
        Some(modified) => host.set_modified(modified),
        None => Ok(()),
    }
}
