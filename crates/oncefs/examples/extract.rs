//! Copies a directory from a disc to the host, or a file with its named streams:
//! `cargo run -p oncefs --example extract -- DISC PATH TO`

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use oncefs::Volume;

fn main() -> ExitCode {
    let Err(error) = run() else {
        return ExitCode::SUCCESS;
    };
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let reason = cause.to_string();
        // Most messages have that of their cause.
        if !message.contains(&reason) {
            message = format!("{message}: {reason}");
        }
        source = cause.source();
    }
    eprintln!("{message}");
    ExitCode::FAILURE
}

fn run() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [disc, path, to] = words.as_slice() else {
        return Err("extract DISC PATH TO".into());
    };
    let volume = oncefs::open(disc)?;
    if volume.metadata(path)?.is_dir() {
        volume.extract_dir_all(path, to)?;
    } else {
        extract_file(&volume, path, Path::new(to))?;
    }
    if !volume.is_newest() {
        return Err("files may be missing: a later state of the volume cannot be read".into());
    }
    Ok(())
}

/// Copies a file, and each of its streams to `FILE:STREAM` next to it.
fn extract_file(volume: &Volume, path: &str, to: &Path) -> Result<(), Box<dyn Error>> {
    let mut file = volume.open(path)?;
    let host = fs::File::create_new(to)?;
    file.copy_to_file(&host)?;
    if let Some(modified) = file.metadata().modified() {
        host.set_modified(modified)?;
    }
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
